"""How long people travel between places, and where that is known from."""
