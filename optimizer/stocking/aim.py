"""What is aimed at, by node: weights of what waits and of what is not served at once, and what floors lack."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.stocking.evaluate import valued
from optimizer.stocking.goals import Goal, Measure
from optimizer.stocking.model import UNLIMITED
from optimizer.stocking.tree import nodes_of, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.goals import Fleets, Floors
    from optimizer.stocking.model import Scenario
    from optimizer.stocking.plan import Problem
    from optimizer.stocking.tree import Tree

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

STEEP = 20.0
"""How much a waiting piece weighs at most, where a fleet has next to no aircraft left: the goal goes on straight."""

SOUND = 1e-9
"""What a floor may lack beyond its limit, as a share, for what the machine rounds."""


class Lacks(NamedTuple):
    """Floors: what each may lack, and by entry its node, its floor and what that counts of what the node lacks.

    A node lacks backorders, or (`missed`) pieces that are not served at once.
    """

    names: tuple[str, ...]
    limit: Floats
    missed: NDArray[np.bool_]  # by floor
    node: Ints
    floor: Ints
    counts: Floats

    def of(self, evaluation: Evaluation) -> Floats:
        """Return what each floor lacks."""
        lack = np.where(self.missed[self.floor], 1.0 - evaluation.fill[self.node], evaluation.own_backorders[self.node])
        return summed(self.floor, lack * self.counts, self.limit.size)

    def reached(self, evaluation: Evaluation) -> tuple[list[float], list[bool]]:
        """Return what each floor reaches in its own measure, and whether that is enough."""
        lack, asked = self.of(evaluation), summed(self.floor, self.counts, self.limit.size)
        missed = np.divide(lack, asked, out=np.zeros(asked.size), where=asked > 0)
        values: list[float] = np.where(self.missed, 1.0 - missed, lack).tolist()
        met: list[bool] = (lack <= self.limit * (1.0 + SOUND)).tolist()
        return values, met


class Seats(NamedTuple):
    """Pairs of a part and a fleet: its seats in all aircraft, its aircraft; by entry its node, pair and share of it."""

    part: Ints
    fleet: Ints
    seats: Floats
    aircraft: Floats
    node: Ints
    pair: Ints
    share: Floats

    def empty(self, own_backorders: Floats) -> Floats:
        """Return the share of the seats of each pair that is empty."""
        return np.bincount(self.pair, own_backorders[self.node] * self.share, self.seats.size) / self.seats

    def lost(self, empty: Floats) -> Floats:
        """Return the aircraft that each pair keeps on the ground: - N z log(1 - empty) / z, straight where steep."""
        last = 1.0 - 1.0 / STEEP
        within = np.minimum(empty, last)
        return self.seats * (-np.log1p(-within) + STEEP * (empty - within))

    def slopes(self, empty: Floats) -> Floats:
        """Return how much one more backorder of each pair weighs."""
        slope: Floats = np.minimum(STEEP, 1.0 / np.maximum(1.0 - empty, 1.0 / STEEP))
        return slope

    def under(self, slopes: Floats) -> float:
        """Return by how much the sum of slopes times backorders lies above what is lost, at most."""
        empty = 1.0 - 1.0 / slopes
        return float((slopes * self.seats * empty - self.lost(empty)).sum())


class Aim:
    """The goal of a problem and its floors, for one tree."""

    def __init__(self, goal: Goal, tree: Tree, lacks: Lacks, seats: Seats | None) -> None:
        self.goal, self.tree, self.lacks, self.seats = goal, tree, lacks, seats

    @property
    def plain(self) -> bool:
        """True where one round of weights says all."""
        return self.goal is not Goal.AVAILABILITY and not self.lacks.limit.size

    def begun(self) -> Floats:
        """Return slopes of a goal that is not straight, to begin with."""
        return np.ones(self.seats.seats.size if self.seats and self.goal is Goal.AVAILABILITY else 0)

    def weights(self, slopes: Floats, multipliers: Floats, *, goal: bool = True) -> tuple[Floats, Floats | None]:
        """Return by node the weight of a backorder, and of not serving at once (None: nowhere); without the goal?"""
        tree, lacks = self.tree, self.lacks
        wait = tree.weight if goal and self.goal is Goal.WAITING else np.zeros(tree.weight.size)
        miss = tree.weight * tree.own if goal and self.goal is Goal.FILL else None
        if goal and self.goal is Goal.AVAILABILITY and self.seats is not None:
            seats = self.seats
            wait = summed(seats.node, slopes[seats.pair] * seats.share, wait.size)
        raised = lacks.counts * multipliers[lacks.floor]
        missed = lacks.missed[lacks.floor]
        if (raised[~missed] > 0).any():
            wait = wait + np.bincount(lacks.node[~missed], raised[~missed], wait.size)
        if (raised[missed] > 0).any():
            more = summed(lacks.node[missed], raised[missed], wait.size)
            miss = more if miss is None else miss + more
        return wait, miss

    def objective(self, evaluation: Evaluation) -> Floats:
        """Return the goal by part."""
        tree = self.tree
        if self.goal is Goal.AVAILABILITY and self.seats is not None:
            lost = self.seats.lost(self.seats.empty(evaluation.own_backorders))
            return summed(self.seats.part, lost, tree.at.size - 1)
        lack = evaluation.own_backorders if self.goal is Goal.WAITING else tree.own * (1.0 - evaluation.fill)
        by_part: Floats = np.add.reduceat(tree.weight * lack, tree.at[:-1])
        return by_part

    def some(self, tree: Tree, chosen: Ints, limit: Floats) -> Aim:
        """Return the aim for some parts, whose tree this is, with other limits of the floors."""
        counts = np.diff(self.tree.at)
        kept = np.zeros(counts.size, np.bool_)
        kept[chosen] = True
        stays = np.repeat(kept, counts)
        moved = np.cumsum(stays) - 1
        here = stays[self.lacks.node]
        lacks = self.lacks._replace(
            limit=limit,
            node=moved[self.lacks.node[here]],
            floor=self.lacks.floor[here],
            counts=self.lacks.counts[here],
        )
        seats = self.seats
        if seats is not None:
            mine, entry = kept[seats.part], stays[seats.node]
            part_at, pair_at = np.cumsum(kept) - 1, np.cumsum(mine) - 1
            seats = Seats(
                part_at[seats.part[mine]],
                seats.fleet[mine],
                seats.seats[mine],
                seats.aircraft[mine],
                moved[seats.node[entry]],
                pair_at[seats.pair[entry]],
                seats.share[entry],
            )
        return Aim(self.goal, tree, lacks, seats)


def aim_of(problem: Problem, tree: Tree) -> Aim:
    """Return what a problem aims at."""
    scenario = problem.scenario
    return Aim(
        problem.goal,
        tree,
        lacks_of(scenario, tree, problem.floors),
        None if problem.fleets is None else seats_of(scenario, tree, problem.fleets),
    )


def lacks_of(scenario: Scenario, tree: Tree, floors: Floors | None) -> Lacks:
    """Return floors by node."""
    none = np.zeros(0, np.int64)
    if floors is None:
        return Lacks((), np.zeros(0), np.zeros(0, np.bool_), none, none, np.zeros(0))
    lines = scenario.lines
    node = nodes_of(tree, lines.part[floors.line], lines.place[floors.line])
    told = floors.floors
    missed = np.array([one.measure is Measure.FILL for one in told])
    weighted = np.array([one.measure is Measure.WEIGHTED for one in told])
    rate, weight = lines.rate_per_day[floors.line], lines.weight[floors.line]
    kinds = [missed[floors.floor], weighted[floors.floor]]
    counts = floors.share * np.select(kinds, [rate, weight], 1.0)
    asked = np.bincount(floors.floor, counts, len(told))
    limit = np.array([one.limit for one in told])
    limit = np.where(missed, (1.0 - limit) * asked, limit)
    return Lacks(tuple(one.name for one in told), limit, missed, node, floors.floor, counts)


def reachable(tree: Tree, lacks: Lacks) -> None:
    """Raise ValueError for a floor that no money meets, since its lines may hold too little."""
    node = np.flatnonzero(tree.most < UNLIMITED)
    if not node.size or not lacks.limit.size:
        return
    # each by itself, with nothing waited for above
    alone = tree._replace(
        at=np.arange(node.size + 1),
        place=tree.place[node],
        up=np.full(node.size, -1),
        share=tree.share[node],
        own=tree.own[node],
        rate=tree.rate[node],
        due=tree.due[node],
        extra=tree.extra[node] if tree.extra.size else tree.extra,
        weight=tree.weight[node],
        dispersion=tree.dispersion[parts_of(tree)[node]],
        quantity=np.where(tree.up[node] < 0, tree.quantity[parts_of(tree)[node]], 1),
    )
    told = valued(alone, tree.most[node])
    least = np.zeros((2, tree.place.size))
    least[0, node], least[1, node] = told.own_backorders, 1.0 - told.fill
    least_of = least[lacks.missed[lacks.floor].astype(np.int64), lacks.node]
    lack = np.bincount(lacks.floor, least_of * lacks.counts, lacks.limit.size)
    wrong = np.flatnonzero(lack > lacks.limit * (1 + 1e-9))
    if wrong.size:
        floor = int(wrong[0])
        far = lack[floor]
        if lacks.missed[floor]:
            far = 1.0 - far / lacks.counts[lacks.floor == floor].sum()
        raise ValueError(
            f"floor {lacks.names[floor]}: no money meets it, since its lines may hold too little: {far:.6g} is "
            f"the best ({wrong.size} such floors in all); lower it, or raise `most`"
        )


def seats_of(scenario: Scenario, tree: Tree, fleets: Fleets) -> Seats:
    """Return seats of parts in fleets. Raises ValueError where lines of a pair differ in the quantity per aircraft."""
    lines, count = scenario.lines, len(fleets.fleets)
    part = lines.part[fleets.line]
    keys, first, pair = np.unique(part * count + fleets.fleet, return_index=True, return_inverse=True)
    differ = np.flatnonzero(fleets.quantity != fleets.quantity[first][pair])
    if differ.size:
        number, fleet = scenario.parts[part[differ[0]]].number, fleets.fleets[fleets.fleet[differ[0]]].name
        raise ValueError(f"part {number} in fleet {fleet}: its lines differ in the quantity per aircraft")
    aircraft = np.array([one.aircraft for one in fleets.fleets])[keys % count]
    node = nodes_of(tree, part, lines.place[fleets.line])
    seats = aircraft * fleets.quantity[first]
    return Seats(keys // count, keys % count, seats, aircraft, node, pair, fleets.share)


def summed(at: Ints, values: Floats, count: int) -> Floats:
    """Return the sum of the values at each index."""
    told: Floats = np.bincount(at, values, count).astype(np.float64)
    return told


def waiting_of(tree: Tree, evaluation: Evaluation, wait: Floats, miss: Floats | None) -> Floats:
    """Return by part what these weights make of a stock."""
    told = evaluation.own_backorders * wait
    if miss is not None:
        told = told + miss * (1.0 - evaluation.fill)
    by_part: Floats = np.add.reduceat(told, tree.at[:-1])
    return by_part
