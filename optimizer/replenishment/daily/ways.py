"""Which ways lead from a supply to a need, and which rule bars each of them.

Codes of what bars, all of them hard: `hold`, `unserviceable`, `owner`, `expired` (before it is used), `goods`
(dangerous goods data do not allow the mode), `closed` (a control hold on a lane), `cut_off` (none is left to go with),
`too_late`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from optimizer.replenishment.daily.model import From, Urgency

if TYPE_CHECKING:
    from optimizer.replenishment.daily.model import Lane, Mode, Need, Problem, Supply


class Way(NamedTuple):
    """A way of pieces: over `lanes` (none: they stay), when, what a piece costs, and the rule that bars it."""

    lanes: tuple[int, ...]
    departs_s: int
    arrives_s: int
    freight: float
    price: float
    lateness: float
    barred: str | None

    @property
    def cost(self) -> float:
        """What a piece costs in all."""
        return self.freight + self.price + self.lateness


class _Route(NamedTuple):
    """What is the same for every piece on a route."""

    lanes: tuple[int, ...]
    cost_per_piece: float
    cost_per_kg: float
    modes: frozenset[Mode]
    closed: bool


class Ways:
    """The ways of a problem. `bad` lines (`route 3`) are not used."""

    def __init__(self, problem: Problem, bad: set[str]) -> None:
        self.problem = problem
        self.routes: defaultdict[tuple[int, int], list[_Route]] = defaultdict(list)
        for number, route in enumerate(problem.routes):
            if f"route {number}" not in bad:
                lanes = [problem.lanes[lane] for lane in route]
                told = _Route(
                    route,
                    sum(lane.cost_per_piece for lane in lanes),
                    sum(lane.cost_per_kg for lane in lanes),
                    frozenset(lane.mode for lane in lanes),
                    any(lane.closed for lane in lanes),
                )
                self.routes[lanes[0].origin, lanes[-1].destination].append(told)
        self.timed: dict[tuple[tuple[int, ...], int], tuple[int, int] | None] = {}

    def between(self, supply: Supply, need: Need) -> list[Way]:
        """Return every way from the supply to the need, barred ones too."""
        if supply.place == need.place:
            now = supply.available_s, supply.available_s
            return [self._way(supply, need, (), now, 0.0, self._held(supply, need))]
        routes = self.routes.get((supply.place, need.place))
        if routes is None or need.urgency is Urgency.EXCESS:
            return []
        barred = self._held(supply, need)
        part = self.problem.parts[supply.part]
        found = []
        for route in routes:
            over = barred
            if over is None and route.closed:
                over = "closed"
            if over is None and not route.modes <= part.modes:
                over = "goods"
            at = self._at(route.lanes, supply.available_s)
            freight = route.cost_per_piece + route.cost_per_kg * part.kg
            found.append(self._way(supply, need, route.lanes, at, freight, over))
        return found

    def _way(
        self,
        supply: Supply,
        need: Need,
        lanes: tuple[int, ...],
        at: tuple[int, int] | None,
        freight: float,
        barred: str | None,
    ) -> Way:
        if at is None:
            return Way(lanes, 0, 0, freight, supply.unit_cost, 0.0, barred or "cut_off")
        departs_s, arrives_s = at
        if barred is None and arrives_s > need.latest_s:
            barred = "too_late"
        if barred is None and supply.expires_s is not None and supply.expires_s <= max(arrives_s, need.due_s):
            barred = "expired"
        lateness = max(arrives_s - need.due_s, 0) / 3600 * need.late_cost_per_h
        return Way(lanes, departs_s, arrives_s, freight, supply.unit_cost, lateness, barred)

    def _held(self, supply: Supply, need: Need) -> str | None:
        if supply.hold is not None:
            return "hold"
        if not supply.serviceable and supply.source is not From.REPAIR and need.urgency is not Urgency.EXCESS:
            return "unserviceable"
        return None if supply.owner is None or supply.owner in need.owners else "owner"

    def _at(self, route: tuple[int, ...], ready_s: int) -> tuple[int, int] | None:
        """Return when pieces leave and arrive; None where they miss the last cut-off."""
        key = route, ready_s
        if key not in self.timed:
            self.timed[key] = _timed([self.problem.lanes[number] for number in route], ready_s)
        return self.timed[key]


def _timed(lanes: list[Lane], ready_s: int) -> tuple[int, int] | None:
    departs_s, at_s = None, ready_s
    for lane in lanes:
        if lane.cut_offs_s:
            later = [moment for moment in sorted(lane.cut_offs_s) if moment >= at_s]
            if not later:
                return None
            at_s = later[0]
        departs_s = at_s if departs_s is None else departs_s
        at_s += sum(lane.legs.values())
    return departs_s or 0, at_s
