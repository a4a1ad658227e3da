"""Verify a simulation: pieces in are pieces out, and what waits is what was waited; shares no more than the problem."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.simulation.kernel import replication as kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from optimizer.simulation.model import Problem
    from optimizer.simulation.simulate import Simulation

CLOSE = 1e-7
"""What two ways to add up the same days may differ by, as a share."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that does not hold (a stable code), and the part and place, or the part, where it does not."""

    code: str
    where: str


def check(problem: Problem, simulation: Simulation) -> list[Violation]:
    """Return every violation; an empty list says that the books of a simulation add up.

    Codes: `shelf` (begun with + arrived - handed out is not what is left), `queue` (asked for - handed out is not what
    waits), `due` (placed - arrived is not what is due), `position` (shelf + due - waiting is not the stock), `orders`
    (asked for at a place is not what was removed there and ordered below), `pieces` (what failed is neither in repair
    nor lost), `little` (pieces waiting × days is not the sum of the days that each waited), `range` (a share that is
    none). Counts are exact; they are sums over the replications, for which the laws hold as they do for each.
    """
    books = simulation.books
    columns = {name: books[:, getattr(kernel, name)] for name in _COUNTS}
    asked, handed, placed = columns["DEMANDED"], columns["HANDED"], columns["PLACED"]
    left, waiting, due = columns["LEFT"], columns["OPEN"], columns["OWED"]
    given = handed + columns["LENT"]
    laws = {
        "shelf": (columns["BEGUN"] + columns["ARRIVED"] - given, left),
        "queue": (asked - handed, waiting),
        "due": (placed - columns["ARRIVED"], due),
        "position": (left + due - waiting + columns["LOOSE"], _positions(problem, simulation)),
        "orders": (columns["REMOVED"] + _ordered_below(problem, simulation), asked),
    }
    found = [
        Violation(code, _name(problem, simulation, node))
        for code, (one, other) in laws.items()
        for node in np.flatnonzero(one != other).tolist()
    ]
    return [*found, *_pieces(problem, simulation), *_days(problem, simulation)]


_COUNTS = ("REMOVED", "DEMANDED", "HANDED", "LENT", "PLACED", "ARRIVED", "BEGUN", "LEFT", "OPEN", "OWED", "LOOSE")


def _name(problem: Problem, simulation: Simulation, node: int) -> str:
    scenario = problem.scenario
    return f"part {scenario.parts[simulation.part[node]].number} at {scenario.places[simulation.place[node]].code}"


def _roots(problem: Problem, simulation: Simulation) -> NDArray[np.bool_]:
    return np.array([problem.scenario.places[place].parent is None for place in simulation.place.tolist()])


def _positions(problem: Problem, simulation: Simulation) -> NDArray[np.float64]:
    """Return the stock of all replications, and at the root what an order of several has it begin with beyond."""
    quantity = np.array([problem.scenario.parts[part].order_quantity for part in simulation.part.tolist()])
    beyond = np.where(_roots(problem, simulation), quantity - 1, 0)
    return simulation.replications * (problem.stock + beyond).astype(np.float64)


def _ordered_below(problem: Problem, simulation: Simulation) -> NDArray[np.float64]:
    """Return by node what places below have ordered: what came to be due there other than by repair or from beside."""
    places = problem.scenario.places
    at = {place.code: index for index, place in enumerate(places)}
    keys = zip(simulation.part.tolist(), simulation.place.tolist(), strict=True)
    node_at = {key: node for node, key in enumerate(keys)}
    told = np.zeros(simulation.place.size)
    books = simulation.books
    orders = books[:, kernel.PLACED] - books[:, kernel.MENDING] - books[:, kernel.AIDED]
    for (part, place), node in node_at.items():
        parent = places[place].parent
        if parent is not None:
            told[node_at[part, at[parent]]] += orders[node]
    return told


def _pieces(problem: Problem, simulation: Simulation) -> Iterator[Violation]:
    books = simulation.books
    totals: dict[int, float] = defaultdict(float)
    removed: dict[int, float] = defaultdict(float)
    root = _roots(problem, simulation)
    for node, part in enumerate(simulation.part.tolist()):
        one = books[node]
        removed[part] += one[kernel.REMOVED] - one[kernel.FAILED]
        totals[part] += one[kernel.REMOVED] - one[kernel.MENDING] - one[kernel.LOST]
        if one[kernel.LOST] and not root[node]:
            yield Violation("pieces", _name(problem, simulation, node))
    for part, total in totals.items():
        if total or removed[part]:
            yield Violation("pieces", f"part {problem.scenario.parts[part].number}")


def _days(problem: Problem, simulation: Simulation) -> Iterator[Violation]:
    books = simulation.books
    waited = books[:, kernel.WAITED] + books[:, kernel.CARRIED]
    for node in np.flatnonzero(~np.isclose(books[:, kernel.WAITING], waited, rtol=CLOSE, atol=CLOSE)).tolist():
        yield Violation("little", _name(problem, simulation, node))
    for one in (simulation.fill.mean, simulation.borrowed.mean):
        for node in np.flatnonzero((one < 0) | (one > 1)).tolist():
            yield Violation("range", _name(problem, simulation, node))
    for shop in np.flatnonzero((simulation.utilisation.mean < 0) | (simulation.utilisation.mean > 1 + CLOSE)).tolist():
        yield Violation("range", f"shop at {problem.world.shops[shop].place}")
