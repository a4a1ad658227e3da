"""Which ways lead from a supply to a need, and which rule bars each of them.

Codes of what bars, all of them hard: `hold`, `unserviceable`, `owner`, `expired` (before it is used), `goods`
(dangerous goods data do not allow the mode), `closed` (a control hold on a lane), `cut_off` (none is left to go with),
`too_late`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from optimizer.replenishment.daily.model import From, Problem, Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.daily.model import Lane, Need, Supply


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


class Ways:
    """The ways of a problem. `bad` lines (`part 3`) are not used."""

    def __init__(self, problem: Problem, bad: set[str]) -> None:
        self.problem = problem
        self.routes: defaultdict[tuple[int, int], list[tuple[int, ...]]] = defaultdict(list)
        for number, route in enumerate(problem.routes):
            if f"route {number}" not in bad:
                ends = problem.lanes[route[0]].origin, problem.lanes[route[-1]].destination
                self.routes[ends].append(route)
        self.timed: dict[tuple[tuple[int, ...], int], tuple[int, int] | None] = {}

    def between(self, supply: Supply, need: Need) -> Iterator[Way]:
        """Yield every way from the supply to the need, barred ones too."""
        barred = self._held(supply, need)
        if supply.place == need.place:
            yield self._way(supply, need, (), supply.available_s, supply.available_s, 0.0, barred)
            return
        if need.urgency is Urgency.EXCESS:
            return
        part = self.problem.parts[supply.part]
        for route in self.routes[supply.place, need.place]:
            lanes = [self.problem.lanes[number] for number in route]
            freight = sum(lane.cost_per_piece + lane.cost_per_kg * part.kg for lane in lanes)
            over = barred
            if over is None and any(lane.closed for lane in lanes):
                over = "closed"
            if over is None and any(lane.mode not in part.modes for lane in lanes):
                over = "goods"
            at = self._at(route, supply.available_s)
            if at is None:
                yield Way(route, 0, 0, freight, supply.unit_cost, 0.0, over or "cut_off")
            else:
                yield self._way(supply, need, route, *at, freight, over)

    def _way(
        self,
        supply: Supply,
        need: Need,
        route: tuple[int, ...],
        departs_s: int,
        arrives_s: int,
        freight: float,
        barred: str | None,
    ) -> Way:
        if barred is None and arrives_s > need.latest_s:
            barred = "too_late"
        used_s = max(arrives_s, need.due_s)
        if barred is None and supply.expires_s is not None and supply.expires_s <= used_s:
            barred = "expired"
        lateness = max(arrives_s - need.due_s, 0) / 3600 * need.late_cost_per_h
        return Way(route, departs_s, arrives_s, freight, supply.unit_cost, lateness, barred)

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
