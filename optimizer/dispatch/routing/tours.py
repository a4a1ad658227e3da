"""Tours as the routing library found them: which nodes in which order, within which spans, with which breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from optimizer.dispatch.building.spans import Span
from optimizer.dispatch.plan import StopKind, Taken
from optimizer.dispatch.routing.stated import Statement, Vehicle, keeps
from optimizer.dispatch.technicians import Break


@dataclass(frozen=True, slots=True)
class Rest:
    """A break, where it is taken: on the way to the stop of that index (the number of stops: on the way back).

    `early`: before leaving; else after arriving.
    """

    pause: Break
    gap: int
    early: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A tour without its times: nodes in order and when each may begin; a depot comes before them.

    `by_then` and `not_before`: it is back by then, or leaves no sooner, so that breaks not taken are not due.
    """

    vehicle: int
    nodes: tuple[int, ...]
    spans: tuple[Span, ...]
    rests: tuple[Rest, ...] = ()
    not_before: float = 0.0
    by_then: float = float("inf")

    def without(self, gone: Sequence[int]) -> Draft:
        """Return the tour without some nodes; breaks stay in their order."""
        keep = [index for index, node in enumerate(self.nodes) if node not in gone]
        new = {old: sum(index < old for index in keep) for old in range(len(self.nodes) + 1)}
        rests = tuple(replace(rest, gap=new[rest.gap]) for rest in self.rests)
        return replace(
            self,
            nodes=tuple(self.nodes[index] for index in keep),
            spans=tuple(self.spans[index] for index in keep),
            rests=rests,
        )


@dataclass(frozen=True, slots=True)
class Call:
    """A stop to be timed."""

    kind: StopKind
    name: str
    place: int
    length_s: float
    span: Span
    op: int = -1
    seat: int = 0
    parts: tuple[Taken, ...] = ()


def calls(stated: Statement, draft: Draft) -> list[Call]:
    """Return the stops of a tour in order, breaks among them."""
    vehicle = stated.vehicles[draft.vehicle]
    stops = [_call(stated, vehicle, draft, index) for index in range(len(draft.nodes))]
    tour, depot, found = vehicle.tour, vehicle.depot, list[Call]()
    if depot is not None:
        window = (depot.window.from_s, depot.window.until_s)
        found.append(Call(StopKind.DEPOT, depot.code, depot.place, depot.handling_s, window))
    for gap in range(len(stops) + 1):
        there = stops[gap].place if gap < len(stops) else tour.to_place
        here = found[-1].place if found else tour.from_place
        for rest in draft.rests:
            if rest.gap == gap:
                span = (rest.pause.earliest_s, rest.pause.latest_s)
                place = here if rest.early else there
                found.append(Call(StopKind.BREAK, "", place, rest.pause.duration_s, span))
        found += stops[gap : gap + 1]
    return found


def _call(stated: Statement, vehicle: Vehicle, draft: Draft, index: int) -> Call:
    node = stated.nodes[draft.nodes[index]]
    op, length_s = stated.ops[node.op], stated.length_s(node.op, draft.vehicle)
    if op.appointment is not None:
        return Call(StopKind.APPOINTMENT, op.appointment.name, op.place, length_s, draft.spans[index], node.op)
    number = stated.problem.jobs[op.job].number
    parts = tuple(_taken(stated, vehicle, draft.nodes[index])) if op.seat == 0 else ()
    return Call(StopKind.JOB, number, op.place, length_s, draft.spans[index], node.op, op.seat, parts)


def _taken(stated: Statement, vehicle: Vehicle, number: int) -> Iterator[Taken]:
    node = stated.nodes[number]
    needs = stated.problem.jobs[stated.ops[node.op].job].parts
    for need, (part, delivered) in zip(needs, node.mode.choices, strict=False):
        source = vehicle.depot.code if keeps(vehicle.depot, part) else "kit"
        yield Taken(part, need.quantity, "delivered" if delivered else source)
