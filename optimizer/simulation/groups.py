"""A problem taken apart: parts that share a shop together, every other part alone, each as arrays for the kernel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.simulation.kernel.replication import Net
from optimizer.simulation.model import Batches, shops_of, turn_around, ways
from optimizer.stocking.tree import mends_at, tree_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.simulation.model import Problem
    from optimizer.stocking.tree import Tree

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MODULI = np.array([2147483562, 2147483398], np.int64)
"""A state of the generator lies from 1 to these."""
STREAMS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Parts for one call of the kernel; `nodes` and `shops` are theirs in the whole problem, `work` removals a day."""

    parts: tuple[str, ...]
    nodes: Ints
    shops: Ints
    work: float
    net: Net

    def streams(self, seed: int, replication: int) -> Ints:
        """Return the random streams of its parts: the same for a part whatever else is simulated."""
        told = np.empty((len(self.parts), STREAMS, MODULI.size), np.int64)
        for index, number in enumerate(self.parts):
            key = f"{seed}/{replication}/{number}".encode()
            digest = hashlib.blake2b(key, digest_size=8 * STREAMS * MODULI.size).digest()
            told[index] = (np.frombuffer(digest, "<u8").reshape(STREAMS, -1) >> 1).astype(np.int64) % MODULI + 1
        return told


def groups_of(problem: Problem) -> list[Group]:
    """Return the groups of a problem."""
    return _Whole(problem, tree_of(problem.scenario)).groups()


class _Whole:
    """All parts and nodes, from which groups are cut."""

    def __init__(self, problem: Problem, tree: Tree) -> None:
        scenario, world = problem.scenario, problem.world
        self.problem, self.tree = problem, tree
        self.mends = mends_at(scenario, tree)
        self.shop = shops_of(problem, tree)
        places = {place.code: index for index, place in enumerate(scenario.places)}
        pool, sideways = np.full(len(places), -1, np.int64), np.zeros(len(places))
        for index, one in enumerate(world.pools):
            members = [places[code] for code in one.places]
            pool[members], sideways[members] = index, one.transit_days
        self.pool, self.sideways = pool[tree.place], sideways[tree.place]
        self.days = np.array(ways(scenario))[tree.place]
        roots = tree.at[:-1]
        self.days[roots] = [part.lead_days or scenario.assumed_days or 0.0 for part in scenario.parts]
        self.rate = np.add.reduceat(tree.own, roots)
        shape = [world.turn_around_variation, world.transit_variation, world.lead_variation]
        self.shapes = np.array([1.0 / one**2 if one > 0 else 0.0 for one in shape])
        self.geometric = world.batches is Batches.GEOMETRIC
        self.tail, self.size = _batches(tree.dispersion, self.geometric)

    def groups(self) -> list[Group]:
        """Return parts that share a shop together, in the order of their first part."""
        first: dict[int, int] = {}
        leader = list(range(self.tree.at.size - 1))

        def lead(part: int) -> int:
            while leader[part] != part:
                leader[part] = leader[leader[part]]
                part = leader[part]
            return part

        of_node = np.repeat(np.arange(len(leader)), np.diff(self.tree.at))
        for part, shop in zip(of_node[self.shop >= 0].tolist(), self.shop[self.shop >= 0].tolist(), strict=True):
            one, two = sorted((lead(first.setdefault(shop, part)), lead(part)))
            leader[two] = one
        together: dict[int, list[int]] = {}
        for part in range(len(leader)):
            together.setdefault(lead(part), []).append(part)
        return [self._group(np.array(parts)) for parts in together.values()]

    def _group(self, parts: Ints) -> Group:
        tree, scenario = self.tree, self.problem.scenario
        counts = np.diff(tree.at)[parts]
        nodes = np.concatenate([np.arange(tree.at[part], tree.at[part + 1]) for part in parts])
        at = np.concatenate(([0], np.cumsum(counts)))
        # nodes of a part keep their distances
        moved = np.repeat(tree.at[parts] - at[:-1], counts)
        up = np.where(tree.up[nodes] < 0, -1, tree.up[nodes] - moved)
        shops, shop = np.unique(self.shop[nodes], return_inverse=True)
        if shops[0] < 0:
            shops, shop = shops[1:], shop - 1
        upto = np.concatenate([_upto(tree.own[tree.at[part] : tree.at[part + 1]]) for part in parts])
        repairs = [scenario.parts[part].repair for part in parts]
        net = Net(
            at,
            np.repeat(np.arange(parts.size), counts),
            up,
            self.mends[nodes],
            shop.astype(np.int64),
            np.array([self.problem.world.shops[one].servers for one in shops], np.int64),
            self.pool[nodes],
            self.sideways[nodes],
            self.days[nodes],
            self.problem.stock[nodes].astype(np.int64),
            upto,
            self.rate[parts] / self.size[parts],
            self.tail[parts],
            np.array([0.0 if one is None else 1.0 - one.condemned_share for one in repairs]),
            np.array([turn_around(scenario, scenario.parts[part]) for part in parts]),
            tree.quantity[parts],
            self.shapes,
            self.geometric,
            int(tree.depth[nodes].max()) + 1,
        )
        numbers = tuple(scenario.parts[part].number for part in parts)
        return Group(numbers, nodes, shops.astype(np.int64), float(self.rate[parts].sum()), net)


def _upto(own: Floats) -> Floats:
    """Return the shares of the removals at each node and all before it."""
    told = np.cumsum(own)
    return told / told[-1] if told[-1] > 0 else np.ones(own.size)


def _batches(dispersion: Floats, geometric: bool) -> tuple[Floats, Floats]:
    """Return what the batch sizes are drawn by, and their mean.

    The mean square over the mean is (1 + q) / (1 - q) for geometric sizes, 1 / (1 - q) for logarithmic ones.
    """
    over = dispersion - 1.0
    if geometric:
        tail = over / (dispersion + 1.0)
        return tail, 1.0 / (1.0 - tail)
    tail = over / dispersion
    size = np.ones(tail.size)
    some = tail > 0
    size[some] = tail[some] / ((1.0 - tail[some]) * -np.log1p(-tail[some]))
    return tail, size
