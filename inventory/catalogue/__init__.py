"""Part numbers and what is known of each."""
