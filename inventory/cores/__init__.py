"""Units removed from aircraft, until it is settled whose they are."""
