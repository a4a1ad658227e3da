"""Tests of what the stock is worth."""
