"""Budgets: checked and reserved before money is spent."""
