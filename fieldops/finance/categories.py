"""What money is spent for: the words that costs and budgets share."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What the money is for."""

    LABOUR = "labour"
    TRAVEL = "travel"
    FREIGHT = "freight"
    EXPEDITE = "expedite"
    PARTS = "parts"
    TRAINING = "training"
    CAPITAL = "capital"


class Nature(StrEnum):
    """Whether money is an expense of the period or buys an asset: two budgets that never pay for each other."""

    OPERATING = "operating"
    CAPITAL = "capital"


def nature_of(category: Category) -> Nature:
    """Return the budget that a category is paid from."""
    return Nature.CAPITAL if category is Category.CAPITAL else Nature.OPERATING
