"""Availability control: money is checked and held before it is spent."""
