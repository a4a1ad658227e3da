"""How fast the pages are in a browser."""
