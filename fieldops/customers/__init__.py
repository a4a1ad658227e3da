"""Operators of aircraft: the customers."""
