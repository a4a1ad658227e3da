"""Currencies and the dated rates between them."""
