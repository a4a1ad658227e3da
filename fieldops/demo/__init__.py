"""The demo network: a fictional maker's fleet at real airports, generated from a seed."""
