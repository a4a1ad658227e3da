"""Parts that replace each other: new numbers of old parts, and makes that fit as well."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from numpy.random import Generator

from fieldops.demo.rows import InterchangeRow, PartRow

SHARE = 0.06
"""Parts that have an alternative of their own chapter, class and aircraft."""
KINDS, KIND_SHARES = ("two_way", "one_way", "supersedes"), (0.5, 0.25, 0.25)
SINCE_DAYS = (60, 1_500)


def build_interchanges(rng: Generator, start: date, parts: tuple[PartRow, ...]) -> tuple[InterchangeRow, ...]:
    """Return links between neighbours among the parts of one chapter, class, aircraft and unit."""
    alike: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for part in parts:
        key = (part.ata_chapter, part.part_class, part.aircraft_types, part.unit, part.un_number)
        alike[key].append(part.part_number)
    pairs = [pair for numbers in alike.values() for pair in zip(numbers[::2], numbers[1::2], strict=False)]
    chosen = sorted(rng.permutation(len(pairs))[: round(SHARE * len(parts))].tolist())
    rows = []
    for at, pair in enumerate(chosen):
        one, other = pairs[pair]
        kind = KINDS[int(rng.choice(len(KINDS), p=KIND_SHARES))]
        since = start - timedelta(days=int(rng.integers(*SINCE_DAYS)))
        rows.append(InterchangeRow(one, other, kind, f"SB-{since.year}-{at + 1:03d}", since))
    return tuple(rows)
