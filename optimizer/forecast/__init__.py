"""Forecasts: how many pieces of which part are asked for where, as a distribution over any lead time."""
