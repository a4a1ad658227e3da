"""Parts that expire, as a plan sees them: no place is to hold more than it is likely to use before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from inventory.planning.stock_plans.stated import Note, Stated, Why
from optimizer.stocking.shelf_life import capped


def with_shelf_lives(stated: Stated) -> Stated:
    """Return what is asked for with places holding no more of a part than they use in its shelf life, and notes of it.

    A note is of the places that are planned, whether or not they would hold as much. Places above that hold none so far
    get a line, to be capped as well.
    """
    shelves = {item.number: float(item.shelf_life_days) for item in stated.items if item.shelf_life_days}
    if not shelves:
        return stated
    scenario, caps = capped(stated.scenario, shelves)
    opened = {site.code for site, is_open in zip(stated.sites, stated.open.tolist(), strict=True) if is_open}
    counts = Counter(cap.part for cap in caps if cap.place in opened)
    more = scenario.lines.part.size - stated.before.size
    notes = [
        Note(Why.SHELF_LIFE, item.id, None, counts[item.number], shelves[item.number])
        for item in stated.items
        if counts[item.number]
    ]
    return replace(
        stated,
        scenario=scenario,
        before=np.concatenate([stated.before, np.zeros(more, np.int64)]),
        notes=(*stated.notes, *notes),
    )
