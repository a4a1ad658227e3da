"""Assemblies of parts: the repair of a unit waits for the parts that go into it.

VARI-METRIC (C. C. Sherbrooke, Operations Research 34, 1986): of the backorders of a part where a unit is repaired, each
is the unit's with its share of the demand for the part; the units that it holds up are more pieces in repair, with the
mean p E and the variance p² V + p (1 - p) E of that thinning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.model import UNLIMITED, HeldUp, Lines
from optimizer.stocking.tree import nodes_of, parts_of, repairs_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.model import Scenario

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A repair of `unit` needs `part` with this chance. Raises ValueError for a chance outside 0 to 1."""

    unit: str
    part: str
    chance: float

    def __post_init__(self) -> None:
        if not 0 < self.chance <= 1:
            raise ValueError(f"repair of {self.unit}: the chance that {self.part} is needed must lie between 0 and 1")


@dataclass(frozen=True, slots=True)
class Needs:
    """What repairs of units ask for: by entry the unit, the part, the place, and pieces of the part a day."""

    unit: Ints
    part: Ints
    place: Ints
    rate: Floats

    def joined(self, other: Needs) -> Needs:
        """Return both together."""
        return Needs(
            np.concatenate([self.unit, other.unit]),
            np.concatenate([self.part, other.part]),
            np.concatenate([self.place, other.place]),
            np.concatenate([self.rate, other.rate]),
        )


def needed(scenario: Scenario, assemblies: Sequence[Assembly]) -> tuple[Scenario, Needs]:
    """Return a scenario in which repairs ask for parts where they are done, and what they ask for.

    Parts of parts are asked for by the repairs of those. A waiting part weighs what the unit weighs at its heaviest
    line; that is added to lines there are as a mean by rate. Raises ValueError for a part that is not there, a pair
    told twice, an assembly of itself (through others), a unit that is not repaired.
    """
    part_at = {part.number: index for index, part in enumerate(scenario.parts)}
    pairs = [(one.unit, one.part) for one in assemblies]
    for unit, part in pairs:
        for number in (unit, part):
            if number not in part_at:
                raise ValueError(f"repair of {unit}: there is no part {number}; leave it out")
        if scenario.parts[part_at[unit]].repair is None:
            raise ValueError(f"repair of {unit}: it is not repaired, so that it needs no {part}")
    if len(set(pairs)) < len(pairs):
        raise ValueError("an assembly is told twice: add the chances up")
    graph: dict[str, set[str]] = {}
    for unit, part in pairs:
        graph.setdefault(part, set()).add(unit)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = ", ".join(error.args[1])
        raise ValueError(f"assemblies run in a circle: {circle}; take one out") from None
    told = Needs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    for unit in order:
        for one in assemblies:
            if one.unit == unit:
                scenario, more = _asked(scenario, part_at[unit], part_at[one.part], one.chance)
                told = told.joined(more)
    return scenario, told


def _asked(scenario: Scenario, unit: int, part: int, chance: float) -> tuple[Scenario, Needs]:
    tree = tree_of(scenario)
    nodes = slice(int(tree.at[unit]), int(tree.at[unit + 1]))
    rate = repairs_of(scenario, tree)[nodes] * chance
    here = np.flatnonzero(rate > 0)
    place, rate = tree.place[nodes][here].astype(np.int64), rate[here]
    weight = float(tree.weight[nodes].max())
    needs = Needs(np.full(place.size, unit), np.full(place.size, part), place, rate)
    return replace(scenario, lines=_added(scenario.lines, part, place, rate, weight)), needs


def _added(lines: Lines, part: int, place: Ints, rate: Floats, weight: float) -> Lines:
    at = {int(lines.place[line]): line for line in np.flatnonzero(lines.part == part).tolist()}
    rates, weights = lines.rate_per_day.copy(), lines.weight.copy()
    new = []
    for index, (where, more) in enumerate(zip(place.tolist(), rate.tolist(), strict=True)):
        line = at.get(where)
        if line is None:
            new.append(index)
            continue
        weights[line] = (weights[line] * rates[line] + weight * more) / (rates[line] + more)
        rates[line] += more
    none = np.zeros(len(new), np.int64)
    return Lines(
        np.concatenate([lines.part, none + part]),
        np.concatenate([lines.place, place[new]]),
        np.concatenate([rates, rate[new]]),
        np.concatenate([weights, np.full(len(new), weight)]),
        np.concatenate([lines.least, none]),
        np.concatenate([lines.most, none + UNLIMITED]),
        np.concatenate([lines.owned, none]),
    )


def delayed(scenario: Scenario, needs: Needs, evaluation: Evaluation) -> Scenario:
    """Return a scenario in which repairs wait for parts as they do with the stock that was evaluated.

    `scenario` and `needs` are what `needed` returns; the evaluation is of that scenario, or of one delayed before, so
    that delays of assemblies within assemblies come in one level at a time. Raises ValueError for another evaluation.
    """
    tree = tree_of(scenario)
    if evaluation.part.size != tree.place.size:
        raise ValueError("the evaluation is of another scenario: evaluate the one that repairs ask for parts in")
    node = nodes_of(tree, needs.part, needs.place)
    share = needs.rate / tree.rate[node]
    waiting, spread = evaluation.backorders[node], evaluation.backorders_variance[node]
    dispersion = tree.dispersion[parts_of(tree)[node]]
    mean = share * waiting
    # what the mean adds to the variance is reckoned with the dispersion of the unit
    variance = share**2 * spread + share * (1.0 - share) * waiting * dispersion
    beyond = variance - mean * tree.dispersion[needs.unit]
    return replace(scenario, held_up=HeldUp(needs.unit, needs.place, mean, beyond).joined(scenario.held_up))
