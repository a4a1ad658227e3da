"""How many pieces a place can repair at a time."""
