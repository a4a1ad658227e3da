"""Protocols of the outside world, on their own message types; knows neither our tables nor our services."""
