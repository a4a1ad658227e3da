"""Reads of what waiting weighs."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from inventory.catalogue.models import MelCategory
from inventory.planning.weights.models import NO_CATEGORY, StockingWeight
from inventory.planning.weights.schemas import WeightOut


def weight_page(session: Session, *, after: tuple[str, str] = ("", ""), limit: int) -> list[WeightOut]:
    """Return up to `limit` weights after an essentiality and MEL category, in that order."""
    key = (StockingWeight.essentiality, StockingWeight.mel_category)
    query = select(StockingWeight).where(tuple_(*key) > tuple_(*after)).order_by(*key).limit(limit)
    return [
        WeightOut(
            essentiality=one.essentiality,
            mel_category=None if one.mel_category == NO_CATEGORY else MelCategory(one.mel_category),
            interval_days=one.interval_days,
            consequence=one.consequence,
            least=one.least,
            authority=one.authority,
            edition=one.edition,
            source=one.source,
        )
        for one in session.scalars(query)
    ]


def weight_key(one: WeightOut) -> tuple[str, str]:
    """Return what a weight is found again by."""
    return one.essentiality, one.mel_category or NO_CATEGORY
