"""A plan taken up into the arrays of the kernel as it is: nothing added, nothing moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np

from optimizer.dispatch.building.state import Built, new_state
from optimizer.dispatch.jobs import PinKind
from optimizer.dispatch.kernel.arrays import Data, Ints, State
from optimizer.dispatch.kernel.box import boxed
from optimizer.dispatch.kernel.recreate import plan_cost
from optimizer.dispatch.kernel.start import put_stops, reckon
from optimizer.dispatch.kernel.supply import CHOSEN_MAX, SHIFT
from optimizer.dispatch.plan import Route, Stop, StopKind


class Numbers:
    """The numbers by which the arrays know stops of routes."""

    def __init__(self, one: Built) -> None:
        people = one.problem.technicians
        self.one = one
        self.ops = {(one.problem.jobs[op.job].number, op.seat): i for i, op in enumerate(one.ops) if not op.appointment}
        self.dates = {
            (people[op.person].code, op.appointment.name, op.appointment.start_s): index
            for index, op in enumerate(one.ops)
            if op.appointment is not None
        }
        self.depots = {depot.code: len(one.ops) + index for index, depot in enumerate(one.problem.depots)}

    def of(self, technician: str, stop: Stop) -> int | None:
        """Return the number of a stop; None for a break and for what the problem does not have."""
        if stop.kind is StopKind.JOB:
            return self.ops.get((stop.name, stop.seat))
        if stop.kind is StopKind.APPOINTMENT:
            return self.dates.get((technician, stop.name, stop.start_s))
        return self.depots.get(stop.name) if stop.kind is StopKind.DEPOT else None

    def supply(self, op: int, stop: Stop) -> int | None:
        """Return the supply (mode and what is from the kit) told at a stop; None if the problem does not have it."""
        told = tuple((taken.part, taken.source == "delivered") for taken in stop.parts)
        modes = self.one.supply.modes[op]
        found = next((index for index, mode in enumerate(modes) if mode.choices == told), None)
        if found is None:
            return None
        supply = int(self.one.data.modes_at[op]) + found
        carried = [taken for taken in stop.parts if taken.source != "delivered"]
        for index, taken in enumerate(carried[:CHOSEN_MAX]):
            supply |= (taken.source == "kit") << (SHIFT + index)
        return supply


class Held:
    """A plan in the arrays: `view` has the arrays that `state` refers to, both are changed by the kernel."""

    def __init__(self, one: Built, routes: Sequence[Route]) -> None:
        """Take up routes. Raises ValueError where they do not fit the problem."""
        self.begin(one)
        people = one.problem.technicians
        numbers = Numbers(one)
        given = {(route.technician, route.shift): route for route in routes}
        for number, tour in enumerate(one.tours):
            code = people[tour.person].code
            route = given.pop((code, tour.shift), None)
            stops = list(self.stops_of(numbers, route)) if route is not None else []
            self.put(number, np.array(stops, dtype=np.int64))
        if given:
            raise ValueError("the plan has tours that this problem does not have")
        self._keep_heads()
        self.reckon()

    def with_jobs(self, one: Built) -> Held:
        """Return the same plan in the arrays of the problem with more jobs (`extended`), all of them left out."""
        other, ops = copy(self), len(self.one.ops)
        other.begin(one)
        more, modes = len(one.ops) - ops, one.data.modes_at
        at = int(self.one.data.job_ops_at[len(self.one.problem.jobs)])
        new = np.arange(ops) + more * (np.arange(ops) >= at)
        other.view.mode_of[new] = self.view.mode_of - self.one.data.modes_at[:-1] + modes[:-1][new]
        stops = self.view.stops + more * (self.view.stops >= at)
        for number, count in enumerate(self.view.count.tolist()):
            other.put(number, stops[number, :count].copy())
        other.reckon()
        return other

    def begin(self, one: Built) -> None:
        """Begin with nothing planned."""
        self.one = one
        self.view = new_state(one, 0)
        self.data: Data = boxed(one.data)
        self.state: State = boxed(self.view)

    def put(self, number: int, stops: Ints) -> None:
        """Fill a tour. Raises ValueError if the stops do not fit."""
        if not put_stops(self.data, self.state, number, stops):
            tour = self.one.tours[number]
            code = self.one.problem.technicians[tour.person].code
            raise ValueError(f"the tour of technician {code} in shift {tour.shift} does not fit this problem")

    def reckon(self) -> None:
        """Reckon the whole once all tours are filled. Raises ValueError if they do not fit together."""
        if not reckon(self.data, self.state):
            raise ValueError("the tours of this plan do not fit together in this problem")
        plan_cost(self.data, self.state)

    def _keep_heads(self) -> None:
        """Let the fixed heads be those of the given routes, where appointments may lie otherwise among them."""
        self.one.data.tour_fixed[:] = 0
        for index, op in enumerate(self.one.ops):
            pin = None if op.appointment is not None else self.one.problem.jobs[op.job].pin
            tour = self.view.tour_of[index]
            if tour >= 0 and pin is not None and pin.kind is not PinKind.ASSIGNED:
                behind = self.view.place_in[index] + 1
                self.one.data.tour_fixed[tour] = max(self.one.data.tour_fixed[tour], behind)

    def stops_of(self, numbers: Numbers, route: Route) -> Iterator[int]:
        """Yield the numbers of the stops of a route. Raises ValueError for one that the problem does not have."""
        for stop in route.stops:
            number = numbers.of(route.technician, stop)
            if number is not None:
                if stop.kind is StopKind.JOB:
                    supply = numbers.supply(number, stop)
                    self.view.mode_of[number] = self.one.data.modes_at[number] if supply is None else supply
                yield number
            elif stop.kind is not StopKind.BREAK:
                raise ValueError(f"the tour of technician {route.technician} has {stop.name}, unknown to this problem")


def misfits(one: Built, routes: Sequence[Route]) -> list[tuple[str, int]]:
    """Return the tours, by technician and shift, that a problem has no room for; each is looked at by itself."""
    held = Held.__new__(Held)
    held.begin(one)
    people, numbers = one.problem.technicians, Numbers(one)
    tours = {(people[tour.person].code, tour.shift): number for number, tour in enumerate(one.tours)}
    found = []
    for route in routes:
        key = (route.technician, route.shift)
        try:
            held.put(tours[key], np.array(list(held.stops_of(numbers, route)), dtype=np.int64))
        except (KeyError, ValueError):
            found.append(key)
    return found
