"""What stock targets are to reach: what is least or most in the whole, floors of groups of lines, fleets that fly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from optimizer.stocking.model import Scenario


class Goal(StrEnum):
    """What is made the least for the money.

    `waiting`: weighted backorders. `availability`: the aircraft that miss a part, as the negative logarithm of each
    fleet's availability, times its aircraft. `fill`: weighted pieces a day that are not served at once.
    """

    WAITING = "waiting"
    AVAILABILITY = "availability"
    FILL = "fill"


class Measure(StrEnum):
    """What a floor is told in: the share of pieces served at once, or backorders, plain or times their weights."""

    FILL = "fill"
    WAITING = "waiting"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True)
class Floor:
    """What a group of lines must reach: at least that share served at once, or at most so many backorders.

    Raises ValueError for a share outside 0 to 1 and for backorders that are not more than 0.
    """

    name: str
    measure: Measure
    limit: float

    def __post_init__(self) -> None:
        if self.measure is Measure.FILL and not 0 <= self.limit < 1:
            raise ValueError(
                f"floor {self.name}: the share served at once must lie between 0 and 1 (1 excluded), not {self.limit}"
            )
        if self.measure is not Measure.FILL and not 0 < self.limit < math.inf:
            raise ValueError(f"floor {self.name}: backorders must be more than 0 and finite, not {self.limit}")


@dataclass(frozen=True, slots=True)
class Floors:
    """Floors and their lines, as columns: a line by index, the floor it counts for, and the share of it that does.

    A line may count for several floors. Raises ValueError for an index that is not there, a share outside 0 to 1, a
    name given twice and a floor without a line.
    """

    floors: tuple[Floor, ...]
    line: NDArray[np.int64]
    floor: NDArray[np.int64]
    share: NDArray[np.float64]

    def __post_init__(self) -> None:
        names = [floor.name for floor in self.floors]
        _sound("floor", names, self.floor, self.share)

    @classmethod
    def of(cls, floors: Iterable[Floor], group: NDArray[np.int64]) -> Floors:
        """Return floors of lines told by a column: the index of the floor that each line counts for, -1 for none."""
        line = np.flatnonzero(group >= 0)
        return cls(tuple(floors), line, group[line], np.ones(line.size))


@dataclass(frozen=True, slots=True)
class Fleet:
    """Aircraft of one kind and place. Raises ValueError for none at all."""

    name: str
    aircraft: float

    def __post_init__(self) -> None:
        if not 0 < self.aircraft < math.inf:
            raise ValueError(f"fleet {self.name}: aircraft must be more than 0 and finite, not {self.aircraft}")


@dataclass(frozen=True, slots=True)
class Fleets:
    """Fleets and the lines that serve them, as columns: a line, the fleet, the share of the line that is for it.

    `quantity` are the pieces of the part in each aircraft of the fleet. Raises ValueError as `Floors` does, and for a
    quantity that is not more than 0.
    """

    fleets: tuple[Fleet, ...]
    line: NDArray[np.int64]
    fleet: NDArray[np.int64]
    quantity: NDArray[np.float64]
    share: NDArray[np.float64]

    def __post_init__(self) -> None:
        _sound("fleet", [fleet.name for fleet in self.fleets], self.fleet, self.share)
        if not (self.quantity > 0).all():
            raise ValueError("fleets: the quantity per aircraft must be more than 0")


def _sound(kind: str, names: list[str], column: NDArray[np.int64], share: NDArray[np.float64]) -> None:
    if len(set(names)) < len(names):
        raise ValueError(
            f"a {kind} is given twice: {', '.join(sorted({one for one in names if names.count(one) > 1}))}"
        )
    if column.size and (column.min() < 0 or column.max() >= len(names)):
        raise ValueError(f"a line counts for {kind} {column.min()} or {column.max()}: there are {len(names)}")
    if not ((share > 0) & (share <= 1)).all():
        raise ValueError(f"the share of a line that counts for a {kind} must be more than 0 and at most 1")
    without = np.setdiff1d(np.arange(len(names)), column)
    if without.size:
        raise ValueError(f"{kind} {names[without[0]]} has no line; say which count for it, or leave it out")


def lines_are_there(scenario: Scenario, *columns: NDArray[np.int64]) -> None:
    """Raise ValueError where a line is told by an index that is not there."""
    count = scenario.lines.part.size
    for column in columns:
        if column.size and (column.min() < 0 or column.max() >= count):
            raise ValueError(f"a floor or fleet has line {column.min()} or {column.max()}: there are {count}")
