"""Reads of repair benches."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from inventory.network.models import Place
from inventory.planning.benches.models import EVERY_CHAPTER, RepairBench
from inventory.planning.benches.schemas import BenchesOut


def bench_page(session: Session, *, after: tuple[str, str] = ("", ""), limit: int) -> list[BenchesOut]:
    """Return up to `limit` rows after a place and chapter, in that order."""
    key = (Place.code, RepairBench.chapter)
    query = (
        select(RepairBench, Place.code)
        .join(Place, Place.id == RepairBench.place_id)
        .where(tuple_(*key) > tuple_(*after))
        .order_by(*key)
        .limit(limit)
    )
    return [
        BenchesOut(
            place=code,
            chapter=None if one.chapter == EVERY_CHAPTER else one.chapter,
            benches=one.benches,
            source=one.source,
        )
        for one, code in session.execute(query)
    ]


def bench_key(one: BenchesOut) -> tuple[str, str]:
    """Return what a row is found again by."""
    return one.place, one.chapter or EVERY_CHAPTER
