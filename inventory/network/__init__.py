"""Regions, places and the lanes between them."""
