"""Help between regions: what others could lend, and the grants that it needs."""
