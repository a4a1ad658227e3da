"""What is simulated: a scenario with its stock, and what the models of stock targets do not know of the world."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.tree import mends_at, repairs_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.model import Part, Scenario
    from optimizer.stocking.tree import Tree

WARM = 5
"""Times the longest way of a piece (repair or lead time, then down to the last place) that the warm-up takes."""


class Batches(StrEnum):
    """How the number of pieces that are asked for at once is distributed, from `dispersion` on.

    `logarithmic`: demand over any time is negative binomial, as models of two moments have it. `geometric`: larger
    batches are likelier to be of middling size.
    """

    LOGARITHMIC = "logarithmic"
    GEOMETRIC = "geometric"


@dataclass(frozen=True, slots=True)
class RepairQueue:
    """The servers that repair at a place, each one piece at a time for its whole turn-around time, first come first.

    `parts` names those it is for; empty: all that are repaired there. Parts of one shop wait for each other.
    """

    place: str
    servers: int
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Places that help each other: who has no piece for a customer gets one from beside, `transit_days` later.

    The one that has most on the shelf gives it, and the failed piece is its own from then on: it has it repaired, or
    orders another.
    """

    places: tuple[str, ...]
    transit_days: float


@dataclass(frozen=True, slots=True)
class World:
    """What only the simulation knows; by default what the exact model takes for granted.

    Variations are standard deviations over means: 0 for times that are always the same, 1 for exponential ones, Gamma
    in any case. Where no shop is named, any number is repaired at a time.
    """

    shops: tuple[RepairQueue, ...] = ()
    pools: tuple[Neighbours, ...] = ()
    batches: Batches = Batches.LOGARITHMIC
    turn_around_variation: float = 0.0
    transit_variation: float = 0.0
    lead_variation: float = 0.0

    def __post_init__(self) -> None:
        for name in ("turn_around_variation", "transit_variation", "lead_variation"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} must be 0 or more and finite, not {value}")
        for shop in self.shops:
            if shop.servers < 1:
                raise ValueError(f"shop at {shop.place}: servers must be 1 or more; leave the shop out if it is ample")
        for pool in self.pools:
            if not 0 < pool.transit_days < math.inf:
                raise ValueError(f"pool of {', '.join(pool.places)}: transit_days must be more than 0 and finite")
        _once("place", (place for pool in self.pools for place in pool.places), "is in two pools: join them")


@dataclass(frozen=True, slots=True)
class Problem:
    """A stock to be simulated: pieces by node, as `Evaluation.stock` has them, and the days that are measured.

    These follow on `warm_up_days`, by default five times the longest way of a piece and the time in which the queue of
    the busiest shop forgets how it began. Raises ValueError for bad numbers,
    for names that are not there, and for a shop that has more work than its servers can do.
    """

    scenario: Scenario
    stock: NDArray[np.int64]
    days: float
    world: World = field(default_factory=World)
    warm_up_days: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.days < math.inf:
            raise ValueError(f"days must be more than 0 and finite, not {self.days}")
        if self.warm_up_days is not None and not 0 <= self.warm_up_days < math.inf:
            raise ValueError(f"warm_up_days must be 0 or more and finite, not {self.warm_up_days}")
        tree = tree_of(self.scenario)
        if self.stock.shape != tree.place.shape:
            raise ValueError(f"stock has {self.stock.size} entries for {tree.place.size} places of parts")
        if not np.issubdtype(self.stock.dtype, np.integer) or self.stock.min(initial=0) < 0:
            raise ValueError("stock must be whole pieces, 0 or more")
        codes = {place.code for place in self.scenario.places}
        for pool in self.world.pools:
            for code in pool.places:
                if code not in codes:
                    raise ValueError(f"a pool names {code}, where there is no such place")
        _able(self, tree)

    @property
    def warm_up(self) -> float:
        """The days before anything is measured."""
        if self.warm_up_days is not None:
            return self.warm_up_days
        return WARM * (longest_way(self.scenario) + _longest_queue(self, tree_of(self.scenario)))


def _once(kind: str, names: Iterable[str], rule: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} {name} {rule}")
        seen.add(name)


def turn_around(scenario: Scenario, part: Part) -> float:
    """Return the mean days of a repair, 0 for what is used up."""
    return 0.0 if part.repair is None else part.repair.turn_around_days or scenario.assumed_days or 0.0


def ways(scenario: Scenario) -> list[float]:
    """Return the mean days from the parent of each place, 0 for the root."""
    unknown = scenario.assumed_days or 0.0
    return [0.0 if place.parent is None else place.transit_days or unknown for place in scenario.places]


def longest_way(scenario: Scenario) -> float:
    """Return the most days, in the mean, from an order of the root or a failure until a piece is where it is needed."""
    parent = {place.code: place.parent for place in scenario.places}
    days = dict(zip(parent, ways(scenario), strict=True))

    def down(code: str | None) -> float:
        total = 0.0
        while code is not None:
            total, code = total + days[code], parent[code]
        return total

    unknown = scenario.assumed_days or 0.0
    begins = [max(part.lead_days or unknown, turn_around(scenario, part)) for part in scenario.parts]
    return max(begins, default=0.0) + max(down(code) for code in parent)


def shops_of(problem: Problem, tree: Tree) -> NDArray[np.int64]:
    """Return by node the index of the shop that repairs there, -1 where any number is repaired at a time.

    Raises ValueError for a shop without work or for an unknown part or place, and where two are for one part.
    """
    scenario = problem.scenario
    here = mends_at(scenario, tree)
    parts = {part.number: index for index, part in enumerate(scenario.parts)}
    places = {place.code: index for index, place in enumerate(scenario.places)}
    of_node = np.repeat(np.arange(len(scenario.parts)), np.diff(tree.at))
    told = np.full(tree.place.size, -1, np.int64)
    for index, shop in enumerate(problem.world.shops):
        name = f"shop at {shop.place}"
        if shop.place not in places:
            raise ValueError(f"{name}: there is no such place")
        mine = here & (tree.place == places[shop.place])
        if shop.parts:
            _known(name, shop.parts, parts)
            mine &= np.isin(of_node, [parts[number] for number in shop.parts])
        if not mine.any():
            raise ValueError(f"{name}: no part of it is repaired there; leave it out, or mend `depth` of the repair")
        if (told[mine] >= 0).any():
            twice = scenario.parts[of_node[np.flatnonzero(mine & (told >= 0))[0]]].number
            raise ValueError(f"{name}: part {twice} has another shop there; name the parts of each")
        told[mine] = index
    return told


def _known(name: str, numbers: tuple[str, ...], parts: Mapping[str, int]) -> None:
    for number in numbers:
        if number not in parts:
            raise ValueError(f"{name}: there is no part {number}")


def _loads(problem: Problem, tree: Tree) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by shop the repairs that begin in a day, and the servers that are in use in the mean."""
    scenario = problem.scenario
    shop = shops_of(problem, tree)
    mine = shop >= 0
    repairs = repairs_of(scenario, tree)
    turn = np.repeat([turn_around(scenario, part) for part in scenario.parts], np.diff(tree.at))
    shops = len(problem.world.shops)
    rate, busy = (np.bincount(shop[mine], one[mine], minlength=shops) for one in (repairs, repairs * turn))
    return rate.astype(np.float64), busy.astype(np.float64)


def _longest_queue(problem: Problem, tree: Tree) -> float:
    """Return the days in which the slowest queue comes by 1 / e nearer to its mean.

    As for M/M/1 of the same capacity and load r: the time of a repair by server over (1 - √r)².
    """
    rate, busy = _loads(problem, tree)
    days = [
        work / pieces / one.servers / (1.0 - math.sqrt(work / one.servers)) ** 2
        for one, pieces, work in zip(problem.world.shops, rate.tolist(), busy.tolist(), strict=True)
    ]
    return max(days, default=0.0)


def _able(problem: Problem, tree: Tree) -> None:
    for one, work in zip(problem.world.shops, _loads(problem, tree)[1].tolist(), strict=True):
        if work >= one.servers:
            raise ValueError(
                f"shop at {one.place}: its {one.servers} servers have the work of {work:.2f}, and the queue would grow "
                f"for ever; give it {math.floor(work) + 1} servers or more"
            )
