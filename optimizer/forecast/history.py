"""Demand by part, place and period, with what is known of it.

A period is as long as the caller says, the same for all; the newest is the last. Quantities are whole pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 10**9
"""The largest number of pieces in a period that is taken for one."""


@dataclass(frozen=True, slots=True)
class Series:
    """Pieces of a part asked for at a place, period by period; None where nobody recorded it.

    `short` are the periods (0 the oldest) in which the place ran out, so that more may have been wanted than was asked
    for.
    """

    part: str
    place: str
    pieces: tuple[int | None, ...]
    short: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """Series as columns: a row for each part and place, a column for each period.

    Where `known` is false, nobody recorded the period and the number does not count. Where `short` is true, the place
    ran out. Raises ValueError, naming part and place, for a row without either, numbers that are none, negative or not
    whole, tables of different shapes, and a part and place given twice.
    """

    parts: tuple[str, ...]
    places: tuple[str, ...]
    pieces: NDArray[np.float64]
    known: NDArray[np.bool_]
    short: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shape = self.pieces.shape
        rows = (len(self.parts), len(self.places))
        if len(shape) != 2 or {shape, self.known.shape, self.short.shape} != {shape} or set(rows) != {shape[0]}:
            raise ValueError(
                f"tables of {shape}, {self.known.shape} and {self.short.shape} for {rows[0]} parts and {rows[1]} "
                "places: all must have a row for each part and place and a column for each period"
            )
        named_once(zip(self.parts, self.places, strict=True))
        rules = (
            (np.isfinite(self.pieces), "must be a number; mark a period that nobody recorded as not known"),
            (self.pieces >= 0, "must be 0 or more; book returns apart from demand"),
            (self.pieces <= MOST, f"must not be more than {MOST:,}; choose a larger unit"),
            (self.pieces == np.floor(self.pieces), "must be whole pieces; choose a smaller unit"),
        )
        for kept, rule in rules:
            wrong = np.argwhere(self.known & ~kept)
            if wrong.size:
                row, period = wrong[0]
                raise ValueError(
                    f"{self.name(row)}: {self.pieces[row, period]} in period {period} {rule} ({len(wrong)} in all)"
                )

    @classmethod
    def of(cls, series: Iterable[Series]) -> History:
        """Return series as columns. Raises ValueError for lengths that differ, and short periods that are not there."""
        given = list(series)
        periods = len(given[0].pieces) if given else 0
        for one in given:
            name = f"part {one.part} at {one.place}"
            if len(one.pieces) != periods:
                raise ValueError(
                    f"{name}: {len(one.pieces)} periods, others have {periods}; give None where nobody recorded it"
                )
            if any(not 0 <= period < periods for period in one.short):
                raise ValueError(f"{name}: short in periods {one.short}, but periods are 0 to {periods - 1}")
        pieces = np.array(
            [[math.nan if count is None else count for count in one.pieces] for one in given], np.float64
        ).reshape(len(given), periods)
        known = np.array([[count is not None for count in one.pieces] for one in given], np.bool_)
        short = np.zeros((len(given), periods), np.bool_)
        for row, one in enumerate(given):
            short[row, list(one.short)] = True
        return cls(
            tuple(one.part for one in given),
            tuple(one.place for one in given),
            pieces,
            known.reshape(len(given), periods),
            short,
        )

    @property
    def periods(self) -> int:
        """The number of periods."""
        return int(self.pieces.shape[1])

    def name(self, row: int) -> str:
        """Return how a row is called in a message."""
        return f"part {self.parts[row]} at {self.places[row]}"


def named(keys: Iterable[tuple[str, str]]) -> None:
    """Raise ValueError for a part without a place, or the other way round."""
    for part, place in keys:
        if not part.strip() or not place.strip():
            raise ValueError(f"part {part!r} at {place!r}: both must be named; leave out what belongs nowhere")


def named_once(keys: Iterable[tuple[str, str]]) -> None:
    """Raise ValueError for what `named` refuses, and for a part and place given twice."""
    given = list(keys)
    named(given)
    seen: set[tuple[str, str]] = set()
    for part, place in given:
        if (part, place) in seen:
            raise ValueError(f"part {part} at {place}: is given twice; add the numbers up")
        seen.add((part, place))
