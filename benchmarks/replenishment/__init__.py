"""Figures of daily replenishment."""
