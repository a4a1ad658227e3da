"""Plans of stock targets: made, compared, changed by hand, accepted and taken back."""
