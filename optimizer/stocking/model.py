"""What stock targets are computed from: places in a tree, parts, and what is asked for where.

Each place orders every piece that it hands out from its parent at once, one for one; the root gets pieces from outside.
A failed piece is repaired at the place above, or its own, that has the part's repair depth, and where it failed if that
place is higher up. Any number is repaired at a time. What is asked for meanwhile waits and is served in turn.

Times are days, money is in one currency of the caller's choice, quantities are whole pieces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

UNLIMITED = 10**9
"""The number of pieces that stands for no limit."""


class Budget(StrEnum):
    """The money that a part is bought from: capital for what is repaired, operating for what is used up."""

    CAPITAL = "capital"
    OPERATING = "operating"


def _require(ok: bool, line: object, rule: str) -> None:
    if not ok:
        raise ValueError(f"{line}: {rule}")


def is_whole(pieces: float) -> bool:
    """Return whether a number of pieces is a whole one."""
    return math.isfinite(pieces) and pieces == math.floor(pieces)


def _is_time(days: float | None) -> bool:
    return days is None or 0 < days < math.inf


_TIME_RULE = (
    "{} must be more than 0 days and finite; a time of 0 in data is one that nobody knows: give None, "
    "and the scenario a time to assume"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place that may hold stock; `transit_days` pass from its parent to it (None: unknown), if it has one.

    Raises ValueError for a time of 0, a negative or non-finite one.
    """

    code: str
    parent: str | None = None
    transit_days: float | None = None

    def __post_init__(self) -> None:
        _require(_is_time(self.transit_days), f"place {self.code}", _TIME_RULE.format("transit_days"))


@dataclass(frozen=True, slots=True)
class Repair:
    """How failed pieces become good again: at places of this depth (root 0), `turn_around_days` after the failure.

    The time counts from the failure to the good piece on the shelf, the way to the shop included; None: unknown. The
    condemned share cannot be repaired: it is bought anew by the root. Raises ValueError for bad numbers.
    """

    turn_around_days: float | None
    depth: int = 0
    condemned_share: float = 0.0

    def __post_init__(self) -> None:
        _require(_is_time(self.turn_around_days), self, _TIME_RULE.format("turn_around_days"))
        _require(self.depth >= 0, self, "depth counts from the root, 0 or more")
        _require(0 <= self.condemned_share <= 1, self, "condemned_share must lie between 0 and 1")


@dataclass(frozen=True, slots=True)
class Part:
    """A part number with its price; `repair` None where it is used up.

    `lead_days` pass from an order of the root to its arrival there (None: unknown; not asked where nothing is bought).
    The root orders `order_quantity` pieces at a time. `dispersion` is the mean square of the pieces asked for at once
    over their mean (1 for single pieces), which is variance over mean of the demand. Raises ValueError for bad numbers.
    """

    number: str
    price: float
    lead_days: float | None = None
    repair: Repair | None = None
    order_quantity: int = 1
    dispersion: float = 1.0

    def __post_init__(self) -> None:
        name = f"part {self.number}"
        _require(0 < self.price < math.inf, name, f"price must be more than 0 and finite, not {self.price}")
        _require(_is_time(self.lead_days), name, _TIME_RULE.format("lead_days"))
        _require(
            1 <= self.order_quantity <= UNLIMITED, name, f"order_quantity must be 1 or more, not {self.order_quantity}"
        )
        _require(1 <= self.dispersion < math.inf, name, f"dispersion must be 1 or more, not {self.dispersion}")

    @property
    def budget(self) -> Budget:
        """The budget that pieces of it are bought from."""
        return Budget.OPERATING if self.repair is None else Budget.CAPITAL


@dataclass(frozen=True, slots=True)
class Line:
    """A part at a place: pieces asked for a day by those whom the place serves itself, and what a waiting one weighs.

    The target lies between `least` and `most`; `most` 0 has the place hand on what it asks for and hold nothing.
    """

    part: str
    place: str
    rate_per_day: float = 0.0
    weight: float = 1.0
    least: int = 0
    most: int = UNLIMITED
    owned: int = 0


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines as columns; parts and places by index, in the order of the scenario."""

    part: NDArray[np.int64]
    place: NDArray[np.int64]
    rate_per_day: NDArray[np.float64]
    weight: NDArray[np.float64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    owned: NDArray[np.int64]

    @classmethod
    def of(cls, lines: Iterable[Line], parts: Iterable[Part], places: Iterable[Place]) -> Lines:
        """Return lines as columns. Raises ValueError for a part or place that is not there or no whole piece."""
        part_at = {part.number: index for index, part in enumerate(parts)}
        place_at = {place.code: index for index, place in enumerate(places)}
        given = list(lines)
        for line in given:
            _require(line.part in part_at, line, "there is no such part; add it, or leave the line out")
            _require(line.place in place_at, line, "there is no such place; add it, or leave the line out")
            for name, pieces in (("least", line.least), ("most", line.most), ("owned", line.owned)):
                _require(is_whole(pieces), f"part {line.part} at {line.place}", f"{name} must be whole, not {pieces}")
        return cls(
            np.array([part_at[line.part] for line in given], np.int64),
            np.array([place_at[line.place] for line in given], np.int64),
            np.array([line.rate_per_day for line in given], np.float64),
            np.array([line.weight for line in given], np.float64),
            np.array([line.least for line in given], np.int64),
            np.array([line.most for line in given], np.int64),
            np.array([line.owned for line in given], np.int64),
        )


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Pieces in repair beyond what repair rates and turn-around times make of them, as columns by part and place.

    `mean` adds to the mean of the pieces due there, `variance` to their variance. Indices as in `Lines`.
    """

    part: NDArray[np.int64]
    place: NDArray[np.int64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    def joined(self, other: HeldUp | None) -> HeldUp:
        """Return both together."""
        if other is None:
            return self
        return HeldUp(
            np.concatenate([self.part, other.part]),
            np.concatenate([self.place, other.place]),
            np.concatenate([self.mean, other.mean]),
            np.concatenate([self.variance, other.variance]),
        )


@dataclass(frozen=True, slots=True)
class Assumption:
    """A time that nobody knows, and the days that stand for it; `of` names the part or place."""

    of: str
    field: str
    days: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A network and what is asked of it; `assumed_days` stand for each time that is unknown, and the result says so.

    Places above one with a line may hold the part as well. Raises ValueError, naming part or place and what to do, for
    places that are no tree of one root, no part at all, names given twice, a part without a line, two lines of a part
    at a place, numbers that are negative or none at all, and unknown times with nothing to assume.
    """

    places: tuple[Place, ...]
    parts: tuple[Part, ...]
    lines: Lines
    assumed_days: float | None = None
    held_up: HeldUp | None = None

    def __post_init__(self) -> None:
        _require(_is_time(self.assumed_days), "the scenario", _TIME_RULE.format("assumed_days"))
        _require(bool(self.parts), "the scenario", "has no part; give it those that are to be held")
        _unique("place", [place.code for place in self.places])
        _unique("part", [part.number for part in self.parts])
        _one_tree(self.places)
        self._sound_lines()
        if self.assumed_days is None and (unknown := self._unknown()):
            of, field = unknown[0]
            raise ValueError(
                f"{of}: {field} is unknown ({len(unknown)} such times in all); give it, or the scenario assumed_days"
            )

    @classmethod
    def of(
        cls,
        places: Iterable[Place],
        parts: Iterable[Part],
        lines: Iterable[Line],
        *,
        assumed_days: float | None = None,
    ) -> Scenario:
        """Return a scenario of lines one by one."""
        places, parts = tuple(places), tuple(parts)
        return cls(places, parts, Lines.of(lines, parts, places), assumed_days)

    def assumptions(self) -> tuple[Assumption, ...]:
        """Return every time that is assumed."""
        days = self.assumed_days
        return () if days is None else tuple(Assumption(of, field, days) for of, field in self._unknown())

    def name(self, line: int) -> str:
        """Return how a line is called in a message."""
        return f"part {self.parts[self.lines.part[line]].number} at {self.places[self.lines.place[line]].code}"

    def _unknown(self) -> list[tuple[str, str]]:
        found = [
            (f"place {place.code}", "transit_days")
            for place in self.places
            if place.parent is not None and place.transit_days is None
        ]
        for part in self.parts:
            name, repair = f"part {part.number}", part.repair
            if part.lead_days is None and (repair is None or repair.condemned_share > 0):
                found.append((name, "lead_days"))
            if repair is not None and repair.turn_around_days is None:
                found.append((name, "turn_around_days"))
        return found

    def _sound_lines(self) -> None:
        lines = self.lines
        for column, among in ((lines.part, self.parts), (lines.place, self.places)):
            if column.size and (column.min() < 0 or column.max() >= len(among)):
                raise ValueError(f"a line has index {column.min()} or {column.max()}: there are {len(among)}")
        for name in ("least", "most", "owned"):
            if getattr(lines, name).dtype.kind not in "iu":
                raise ValueError(f"lines: {name} must be whole numbers, not {getattr(lines, name).dtype}")
        without = np.setdiff1d(np.arange(len(self.parts)), lines.part)
        if without.size:
            raise ValueError(
                f"part {self.parts[without[0]].number} has no line ({without.size} such parts in all): say where it is "
                "asked for, or leave it out"
            )
        rules = (
            (np.isfinite(lines.rate_per_day) & (lines.rate_per_day >= 0), "rate_per_day must be 0 or more and finite"),
            (np.isfinite(lines.weight) & (lines.weight >= 0), "weight must be 0 or more and finite"),
            (lines.least >= 0, "least must be 0 or more"),
            ((lines.owned >= 0) & (lines.owned <= UNLIMITED), f"owned must lie between 0 and {UNLIMITED:,}"),
            (lines.most >= lines.least, "most must not be below least"),
        )
        for kept, rule in rules:
            wrong = np.flatnonzero(~kept)
            if wrong.size:
                raise ValueError(f"{self.name(wrong[0])}: {rule} ({wrong.size} such lines in all)")
        keys = lines.part * len(self.places) + lines.place
        order = np.argsort(keys, kind="stable")
        twice = np.flatnonzero(np.diff(keys[order]) == 0)
        if twice.size:
            raise ValueError(f"{self.name(order[twice[0]])} is given twice: add the lines up")


def _unique(kind: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        _require(name not in seen, f"{kind} {name}", "is given twice")
        seen.add(name)


def _one_tree(places: tuple[Place, ...]) -> None:
    codes = {place.code for place in places}
    for place in places:
        if place.parent is not None and place.parent not in codes:
            raise ValueError(f"place {place.code} is cut off: its parent {place.parent} is no place; add it")
    try:
        TopologicalSorter({place.code: [place.parent] for place in places if place.parent}).prepare()
    except CycleError as error:
        raise ValueError(f"supply runs in a circle: {', '.join(error.args[1])}; take one parent out") from None
    roots = [place.code for place in places if place.parent is None]
    if len(roots) != 1:
        raise ValueError(
            f"one place gets pieces from outside, not {len(roots)} ({', '.join(roots[:5])}): "
            "name the parents of the others"
        )
