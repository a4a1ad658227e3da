"""The day as parallel arrays: what moves, what it serves, and what the moves share.

A move takes pieces of one supply to one need. Each piece costs `cost`; each piece of a need that nobody serves costs
its `penalty`. A *shared* thing has a capacity, of which a piece of a move uses `use_amount`, and a `fixed` cost that is
due once as soon as any piece uses it: a truck has a capacity in kg, central handling one in pieces, an expedite budget
one in money, a lane a fixed cost too. With x the pieces of each move, u the pieces unmet, y the lanes that run:

    min  sum c x + sum p u + sum f y
    s.t. sum x <= supply,  sum x + u = need,  sum a x <= capacity y,  x <= most y  on lanes with a fixed cost
         u of all needs of a kit 0, or no piece for any of them; pieces for the needs of an urgency >= its floor

x and u whole, y 0 or 1. Without shared things and kits each part is a min-cost flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PIECES_MAX = 10**6
MONEY_MAX = 1e9
SLACK = 1e-7
"""What sums of amounts may pass a capacity by, as a share of it: rounding."""


@dataclass(frozen=True)
class Core:
    """Supplies (S), needs (N), moves (M), shared things (R) and their uses (U), each as parallel arrays.

    `each` is the most pieces of a move, whatever its supply holds and its need wants. `urgency` orders needs for the
    rule of thumb and for reports: 0 is an aircraft on ground, 1 critical; `floor` is the least that the needs of each
    urgency get together. `kit` numbers the needs that are served together or not at all, -1 for none.
    Raises ValueError, naming the first entry that is wrong.
    """

    supply_each: Ints
    supply_part: Ints
    need_each: Ints
    need_part: Ints
    penalty: Floats
    urgency: Ints
    kit: Ints
    floor: Ints
    supply: Ints
    need: Ints
    cost: Floats
    each: Ints
    capacity: Floats
    fixed: Floats
    use_move: Ints
    use_shared: Ints
    use_amount: Floats

    def __post_init__(self) -> None:
        _same("supplies", self.supply_each, self.supply_part)
        _same("needs", self.need_each, self.need_part, self.penalty, self.urgency, self.kit)
        _same("moves", self.supply, self.need, self.cost, self.each)
        _same("shared", self.capacity, self.fixed)
        _same("uses", self.use_move, self.use_shared, self.use_amount)
        _within("supply_each", self.supply_each, 0, PIECES_MAX)
        _within("need_each", self.need_each, 0, PIECES_MAX)
        _within("urgency", self.urgency, 0, self.floor.size - 1)
        _within("penalty", self.penalty, 0, MONEY_MAX)
        _within("cost", self.cost, -MONEY_MAX, MONEY_MAX)
        _within("each", self.each, 0, PIECES_MAX)
        _within("capacity", self.capacity, 0, np.inf)
        _within("fixed", self.fixed, 0, MONEY_MAX)
        _within("use_amount", self.use_amount, 0, MONEY_MAX)
        _within("supply", self.supply, 0, self.supply_each.size - 1)
        _within("need", self.need, 0, self.need_each.size - 1)
        _within("use_move", self.use_move, 0, self.supply.size - 1)
        _within("use_shared", self.use_shared, 0, self.capacity.size - 1)
        if wrong := np.flatnonzero(self.supply_part[self.supply] != self.need_part[self.need]).tolist():
            raise ValueError(f"move {wrong[0]} brings another part than its need wants")
        if np.unique(self.use_move * max(self.capacity.size, 1) + self.use_shared).size < self.use_move.size:
            raise ValueError("a move uses the same thing twice: add the amounts up")

    @cached_property
    def gain(self) -> Floats:
        """What a piece of each move saves: the penalty of its need less its cost."""
        return self.penalty[self.need] - self.cost

    @cached_property
    def most(self) -> Ints:
        """The most pieces that are of use: 0 where a move saves nothing, unless a kit or floor asks for it."""
        pieces = np.minimum(self.supply_each[self.supply], self.need_each[self.need])
        pieces = np.minimum(pieces, self.each)
        must = (self.kit[self.need] >= 0) | (self.floor[self.urgency[self.need]] > 0)
        return np.where((self.gain > 0) | must, pieces, 0)

    @cached_property
    def lanes(self) -> Ints:
        """The shared things that have a fixed cost."""
        return np.flatnonzero(self.fixed > 0)

    @cached_property
    def separable(self) -> bool:
        """Whether every part can be planned for itself."""
        return (
            not self.lanes.size and not (self.kit >= 0).any() and not np.isfinite(self.capacity[self.use_shared]).any()
        )

    def used(self, pieces: Ints | Floats) -> Floats:
        """Return how much of each shared thing the moves use."""
        weights = self.use_amount * pieces[self.use_move]
        return np.bincount(self.use_shared, weights=weights, minlength=self.capacity.size).astype(np.float64)

    def unmet(self, pieces: Ints) -> Ints:
        """Return the pieces that each need lacks."""
        return self.need_each - _count(self.need, pieces, self.need_each.size)

    def drawn(self, pieces: Ints) -> Ints:
        """Return the pieces that are taken of each supply."""
        return _count(self.supply, pieces, self.supply_each.size)

    def served(self, pieces: Ints) -> Ints:
        """Return the pieces that the needs of each urgency get."""
        return _count(self.urgency[self.need], pieces, self.floor.size)

    def running(self, pieces: Ints) -> Ints:
        """Return the lanes with a fixed cost that carry anything."""
        carries = np.zeros(self.capacity.size, np.bool_)
        carries[self.use_shared[pieces[self.use_move] > 0]] = True
        return self.lanes[carries[self.lanes]]

    def price(self, pieces: Ints) -> float:
        """Return what the moves, the needs left unmet and the lanes cost together."""
        moved = float(self.cost @ pieces) + float(self.penalty @ self.unmet(pieces))
        return moved + float(self.fixed[self.running(pieces)].sum())


def _count(index: Ints, pieces: Ints, size: int) -> Ints:
    return np.rint(np.bincount(index, weights=pieces, minlength=size)).astype(np.int64)


def _same(name: str, *arrays: Ints | Floats) -> None:
    if len({array.shape for array in arrays}) > 1:
        raise ValueError(f"{name}: arrays of different lengths")


def _within(name: str, array: Ints | Floats, low: float, high: float) -> None:
    if wrong := np.flatnonzero(~((array >= low) & (array <= high))).tolist():
        raise ValueError(f"{name} {wrong[0]} is {array[wrong[0]]}: not between {low:g} and {high:g}")
