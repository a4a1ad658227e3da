"""Plans of stock targets as long work, with what is known of the fleet."""
