"""Places that help each other: what waits when who has nothing is served from the shelf of a neighbour.

An overflow correction of an evaluation: a group of places has one shelf, from which its demand is served at once, or
after the way sideways. Exact where that way takes no time and each piece may be lent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.evaluate import Method
from optimizer.stocking.kernel.counts import left, served_at_once
from optimizer.stocking.tree import parts_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.model import Scenario
    from optimizer.stocking.tree import Tree


@dataclass(frozen=True, slots=True)
class Pool:
    """Places of one parent that lend each other pieces, which takes so many days. Raises ValueError for bad numbers."""

    name: str
    places: tuple[str, ...]
    days: float = 0.0

    def __post_init__(self) -> None:
        if len(set(self.places)) < max(2, len(self.places)):
            raise ValueError(f"pool {self.name}: name two places or more, each once")
        if not 0 <= self.days < math.inf:
            raise ValueError(f"pool {self.name}: the way sideways must take 0 days or more, not {self.days}")


@dataclass(frozen=True, slots=True)
class Pooled:
    """A part in a pool: what waits without help and with it, the share served from any shelf, pieces lent a day."""

    part: str
    pool: str
    alone: float
    backorders: float
    fill: float
    lent_per_day: float
    weighted: float


def pooled(scenario: Scenario, evaluation: Evaluation, pools: Iterable[Pool]) -> tuple[Pooled, ...]:
    """Return what waits of each part in each pool where two places or more of it keep the part.

    The number due to a pool has the sum of the means; to the sum of the variances come p q (V - E) twice for each two
    places, of what waits at their parent with shares p and q. What one lends waits for the way sideways. Never more
    waits than without help. Raises ValueError for places of several parents, with places below, or in two pools, and
    for an evaluation that is not by two moments.
    """
    if evaluation.method is not Method.NEGATIVE_BINOMIAL:
        raise ValueError(f"pools are reckoned by two moments, not {evaluation.method}")
    tree, told = tree_of(scenario), []
    place_at = {place.code: index for index, place in enumerate(scenario.places)}
    seen: set[str] = set()
    for pool in pools:
        _sound(scenario, pool, place_at, seen)
        members = np.array([place_at[code] for code in pool.places], np.int64)
        node = np.flatnonzero(np.isin(tree.place, members))
        part = parts_of(tree)[node]
        several = np.flatnonzero(np.bincount(part, minlength=len(scenario.parts)) > 1).tolist()
        told += [_pooled(scenario, tree, evaluation, pool, one, node[part == one]) for one in several]
    return tuple(told)


def _sound(scenario: Scenario, pool: Pool, place_at: dict[str, int], seen: set[str]) -> None:
    parents = set()
    above = {place.parent for place in scenario.places}
    for code in pool.places:
        if code not in place_at:
            raise ValueError(f"pool {pool.name}: there is no place {code}; leave it out")
        if code in seen:
            raise ValueError(f"place {code} is in two pools: join them")
        if code in above:
            raise ValueError(f"pool {pool.name}: {code} has places below; only the lowest help each other")
        seen.add(code)
        parents.add(scenario.places[place_at[code]].parent)
    if len(parents) > 1 or None in parents:
        raise ValueError(f"pool {pool.name}: its places have not one parent")


def _pooled(scenario: Scenario, tree: Tree, evaluation: Evaluation, pool: Pool, part: int, node: np.ndarray) -> Pooled:
    above, share, rate = int(tree.up[node[0]]), tree.share[node], tree.rate[node]
    wait, spread = float(evaluation.backorders[above]), float(evaluation.backorders_variance[above])
    mean = float(evaluation.due_mean[node].sum())
    stock, batch = int(evaluation.stock[node].sum()), float(tree.dispersion[part])
    together = float(share.sum() ** 2 - (share**2).sum()) * (spread - wait * batch)
    variance = float(evaluation.due_variance[node].sum()) + together
    short, fill = left(mean, max(variance, 0.0), stock)[0], served_at_once(mean, max(variance, 0.0), stock, batch)
    asked = float(rate.sum())
    local = float(rate @ evaluation.fill[node])
    lent = max(0.0, asked * fill - local)
    alone = float(evaluation.backorders[node].sum())
    waiting = min(alone, short + lent * pool.days)
    weight = float(tree.weight[node] @ rate) / asked if asked > 0 else 0.0
    return Pooled(
        scenario.parts[part].number,
        pool.name,
        alone,
        waiting,
        max(fill, local / asked) if asked else 1.0,
        lent,
        weight * waiting,
    )
