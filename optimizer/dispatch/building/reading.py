"""From tours of stops back to routes with times, parts and prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.dispatch.building.lost import why_lost
from optimizer.dispatch.building.state import Built
from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.stops import span_of
from optimizer.dispatch.kernel.supply import from_depot, mode_in
from optimizer.dispatch.kernel.walk import NEVER, ROUNDING_S, first_stop, next_stop, way_home
from optimizer.dispatch.plan import LeftOut, Missed, Route, Stop, StopKind, Taken
from optimizer.dispatch.pricing import cheapest_outcome


@dataclass(slots=True)
class _Clock:
    """How far a tour is written: free at a place since a time, with the next break."""

    place: int
    free_s: float
    rest: int


def routes_of(one: Built, data: Data, state: State, view: State) -> tuple[Route, ...]:
    """Return the routes of all tours that have stops. `view` holds the arrays that `state` refers to."""
    return tuple(route_of(one, data, state, view, tour) for tour in range(len(one.tours)) if view.count[tour])


def left_out_of(one: Built, view: State) -> tuple[LeftOut, ...]:
    """Return what becomes of the jobs that are in no tour: the least of what is possible."""
    found = []
    for number, job in enumerate(one.problem.jobs):
        if view.tour_of[one.data.job_ops_at[number]] >= 0:
            continue
        found.append(LeftOut(job.number, *cheapest_outcome(job), why_lost(one, number)))
    return tuple(found)


def missed_of(one: Built, view: State) -> tuple[Missed, ...]:
    """Return the appointments that are in no tour."""
    return tuple(
        Missed(
            one.problem.technicians[op.person].code, op.appointment.name, op.appointment.start_s, why_lost(one, op.job)
        )
        for index, op in enumerate(one.ops)
        if op.appointment is not None and view.tour_of[index] < 0
    )


def route_of(one: Built, data: Data, state: State, view: State, tour: int) -> Route:
    """Return the route of a tour that has stops."""
    own = one.tours[tour]
    stops = [int(stop) for stop in view.stops[tour, : view.count[tour]]]
    written = _tight_stops(one, data, state, view, tour, stops) if one.data.tight else None
    found, clock, departs = written or _walked_stops(one, data, state, view, tour, stops)
    returns, cost, pause_s, flight = way_home(data, tour, clock.free_s, clock.place, clock.rest)
    if pause_s >= 0:
        length = float(one.data.break_length_s[clock.rest])
        found.append(Stop(StopKind.BREAK, "", clock.place, clock.free_s, pause_s, pause_s + length, 0.0, 0.0))
    way = way_s(one, tour, clock.place, own.to_place, flight)
    return Route(
        one.problem.technicians[own.person].code,
        own.shift,
        departs,
        returns,
        tuple(found),
        way,
        cost,
        flight_index(one, flight),
    )


def _tight_stops(
    one: Built, data: Data, state: State, view: State, tour: int, stops: Sequence[int]
) -> tuple[list[Stop], _Clock, float]:
    """Write stops that leave as late as the earliest return allows, each as early as it then can."""
    clock = _Clock(one.tours[tour].from_place, float(view.departs_s[tour]), int(one.data.breaks_at[tour]))
    found: list[Stop] = []
    depot = ""
    for stop in stops:
        low, _, length = span_of(data, state, one.data.tour_row[tour], stop)
        place = _place(one, stop)
        way, cost = way_s(one, tour, clock.place, place, -1), _way_cost(one, tour, clock.place, place)
        arrives = clock.free_s + way
        begins = max(arrives, low)
        depot = _depot(one, stop) or depot
        found.append(_stop(one, data, view, stop, depot, (arrives, begins, begins + length, way, cost, None)))
        clock = _Clock(place, begins + length, clock.rest)
    return found, clock, float(view.departs_s[tour])


def _walked_stops(
    one: Built, data: Data, state: State, view: State, tour: int, stops: Sequence[int]
) -> tuple[list[Stop], _Clock, float]:
    """Write stops as the kernel walks them, with the breaks on the way."""
    row = one.data.tour_row[tour]
    clock = _Clock(one.tours[tour].from_place, one.tours[tour].start_s, int(one.data.breaks_at[tour]))
    found: list[Stop] = []
    departs, depot = clock.free_s, ""
    for index, stop in enumerate(stops):
        low, high, length = span_of(data, state, row, stop)
        if stop < len(one.ops):
            low = max(low, view.floor_s[stop])
        place = _place(one, stop)
        if index == 0:
            begins, ends, rest, departs, pause_s, cost, flight = first_stop(data, tour, stop, low, high, length)
            where = 1
            leaves = departs
        else:
            _, begins, ends, rest, cost, pause_s, where, flight = next_stop(
                data, tour, stop, clock.place, place, clock.free_s, clock.rest, low, high, length
            )
            leaves = clock.free_s
        if begins == NEVER:
            raise AssertionError(f"stop {stop} of tour {tour} does not fit any more")
        way = way_s(one, tour, clock.place, place, flight)
        number = flight_index(one, flight)
        pause = float(one.data.break_length_s[rest - 1]) if pause_s >= 0 else 0.0
        if pause_s >= 0 and where == 0:
            found.append(Stop(StopKind.BREAK, "", clock.place, leaves, pause_s, pause_s + pause, 0.0, 0.0))
            leaves = pause_s + pause
        arrives = _arrival(one, tour, leaves, way, flight)
        # who is back before a break is due just waited instead
        if pause_s >= 0 and where == 1 and one.data.break_until_s[rest - 1] < view.returns_s[tour]:
            found.append(Stop(StopKind.BREAK, "", place, arrives, pause_s, pause_s + pause, way, cost, flight=number))
            arrives, way, cost, number = pause_s + pause, 0.0, 0.0, None
        depot = _depot(one, stop) or depot
        found.append(_stop(one, data, view, stop, depot, (arrives, begins, ends, way, cost, number)))
        clock = _Clock(place, ends, rest)
    return found, clock, departs


def _stop(
    one: Built,
    data: Data,
    view: State,
    stop: int,
    depot: str,
    times: tuple[float, float, float, float, float, int | None],
) -> Stop:
    arrives, begins, ends, way, cost, flight = times
    place = _place(one, stop)
    if stop >= len(one.ops):
        return Stop(StopKind.DEPOT, _depot(one, stop), place, arrives, begins, ends, way, cost, flight=flight)
    op = one.ops[stop]
    if op.appointment is not None:
        name = op.appointment.name
        return Stop(StopKind.APPOINTMENT, name, place, arrives, begins, ends, way, cost, flight=flight)
    parts = tuple(taken_of(one, data, stop, int(view.mode_of[stop]), depot)) if op.seat == 0 else ()
    number = one.problem.jobs[op.job].number
    return Stop(StopKind.JOB, number, place, arrives, begins, ends, way, cost, op.seat, flight, parts)


def taken_of(one: Built, data: Data, op: int, supply: int, depot: str) -> Iterator[Taken]:
    """Return where the parts of an op come from: the depot that was visited (none: ""), the kit, or delivered."""
    job, mode = one.problem.jobs[one.ops[op].job], mode_in(supply)
    store = next((index for index, store in enumerate(one.problem.depots) if store.code == depot), -1)
    choices = one.supply.modes[op][mode - int(one.data.modes_at[op])].choices
    line = int(one.data.lines_at[mode])
    for need, (part, delivered) in zip(job.parts, choices, strict=False):
        source = "delivered" if delivered else depot if from_depot(data, supply, line, store) else "kit"
        line += not delivered
        yield Taken(part, need.quantity, source)


def _place(one: Built, stop: int) -> int:
    return one.ops[stop].place if stop < len(one.ops) else one.problem.depots[stop - len(one.ops)].place


def _depot(one: Built, stop: int) -> str:
    return one.problem.depots[stop - len(one.ops)].code if stop >= len(one.ops) else ""


def way_s(one: Built, tour: int, here: int, there: int, flight: int) -> float:
    """Return the seconds of a way, by a flight of the arrays or (-1) by one's own mode."""
    if flight >= 0:
        return float(one.data.flight_arrives_s[flight] - one.data.flight_departs_s[flight])
    return float(one.data.travel_s[one.data.tour_mode[tour], here, there])


def _way_cost(one: Built, tour: int, here: int, there: int) -> float:
    return float(one.data.travel_cost[one.data.tour_mode[tour], here, there])


def _arrival(one: Built, tour: int, leaves_s: float, way_s: float, flight: int) -> float:
    if flight >= 0:
        return float(one.data.flight_arrives_s[flight])
    left = way_s
    shifts = one.tours[tour].shifts if one.data.shifts_at[tour] < one.data.shifts_at[tour + 1] else ()
    for shift in shifts:
        begins = max(leaves_s, shift.start_s)
        room = shift.end_s - begins
        if room >= left - ROUNDING_S and room >= 0:
            return begins + left
        left -= max(room, 0.0)
    return leaves_s + left if not shifts else math.inf


def flight_index(one: Built, flight: int) -> int | None:
    """Return the number in the problem of a flight of the arrays."""
    if flight < 0:
        return None
    times = float(one.data.flight_departs_s[flight]), float(one.data.flight_arrives_s[flight])
    price = float(one.data.flight_cost[flight])
    pair = next(i for i in range(len(one.data.flights_at) - 1) if one.data.flights_at[i + 1] > flight)
    for index, known in enumerate(one.problem.flights):
        if (known.departs_s, known.arrives_s, known.cost) == (*times, price) and (
            one.data.flight_pair[known.origin, known.destination] == pair
        ):
            return index
    raise AssertionError("the arrays hold no other flights than the problem")
