"""One search on one problem: a plan in the arrays of the kernel, made better in rounds that can be stopped and resumed.

What a way between two jobs costs on average, measured on the problem itself, sets the temperatures, so that money may
be in any unit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.dispatch.building.reading import left_out_of, missed_of, routes_of
from optimizer.dispatch.building.state import Built, new_state, total_left
from optimizer.dispatch.building.taking import Numbers
from optimizer.dispatch.check import check
from optimizer.dispatch.kernel.arrays import Ints
from optimizer.dispatch.kernel.box import boxed
from optimizer.dispatch.kernel.pool import Pool
from optimizer.dispatch.kernel.recreate import plan_cost
from optimizer.dispatch.kernel.search import rounds
from optimizer.dispatch.kernel.start import complete, put_stops, reckon
from optimizer.dispatch.master import combined, new_pool, thin_out
from optimizer.dispatch.plan import LeftOut, Missed, Plan, Route, StopKind
from optimizer.run import Status

WARM, COOL = 1.0, 0.03
"""First and last temperature, in ways between two jobs."""

WARM_AGAIN = 0.3
"""First temperature of a search that starts from a given plan."""

JOB_SHARE = 0.2
"""Where ways cost next to nothing, this share of what a job costs stands for them."""

REMOVED_MEAN = 10.0
"""So many jobs are taken out in a round on average."""

PAIRS = 2_000
FILLINGS_MAX = 20


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """A copy of the best plan of a search: its cost, what is mandatory and left out at `must_cost`, and its stops."""

    cost: float
    stops: Ints
    count: Ints
    modes: Ints


class Search:
    """A search; `best_cost` is the cost of the best plan so far, mandatory jobs that are left out at `must_cost`."""

    def __init__(self, one: Built, seed: int, start: Sequence[Route] = ()) -> None:
        self.one = one
        self.view = new_state(one, seed)
        self.data, self.state = boxed(one.data), boxed(self.view)
        self.seed = seed
        self.pool: Pool | None = None
        self.warm = WARM
        self._begin(start)
        self.best_stops, self.best_count = self.view.stops.copy(), self.view.count.copy()
        self.best_modes = self.view.mode_of.copy()
        self.best_cost = plan_cost(self.data, self.state)
        self.best = self._copied()
        self._fill()
        if start:
            self.warm = WARM_AGAIN
        self.scale = self._scale(seed)
        self.done = 0

    def _copied(self) -> Best:
        return Best(self.best_cost, self.best_stops.copy(), self.best_count.copy(), self.best_modes.copy())

    def _begin(self, start: Sequence[Route]) -> None:
        """Begin with what is fixed and all of given routes that the problem still allows, earlier starts first."""
        given, modes = self._given(start), self.view.mode_of.copy()
        numbers = {job.number: index for index, job in enumerate(self.one.problem.jobs)}
        done = (stop for route in start for stop in route.stops if stop.kind is StopKind.JOB)
        order = sorted((stop.start_s, numbers[stop.name]) for stop in done if stop.name in numbers)
        jobs = list(dict.fromkeys(job for _, job in order))
        kept: list[int] = []
        waiting = [jobs]
        while waiting:
            group = waiting.pop()
            if self._take(given, modes, {*kept, *group}):
                kept += group
            elif len(group) > 1:
                half = len(group) // 2
                waiting += [group[half:], group[:half]]
        if len(kept) < len(jobs):
            self._take(given, modes, set(kept))

    def _take(self, given: Mapping[int, Sequence[int]], modes: Ints, jobs: Collection[int]) -> bool:
        """Begin anew with what is fixed and what is given of some jobs; say whether that breaks no rule."""
        random = self.view.random.copy()
        for name, values in zip(self.view._fields, new_state(self.one, 0), strict=True):
            getattr(self.view, name)[...] = values
        self.view.random[...], self.view.mode_of[...] = random, modes
        ops = len(self.one.ops)
        for tour, first in enumerate(self.one.first):
            stops = [
                stop
                for stop in given.get(tour, first)
                if stop in first or stop >= ops or self.one.ops[stop].job in jobs
            ]
            while stops and stops[-1] >= ops and stops[-1] not in first:
                stops.pop()  # nobody needs anything from that depot any more
            if not put_stops(self.data, self.state, tour, np.array(stops, dtype=np.int64)):
                self._piecewise(tour, stops)
        return reckon(self.data, self.state) and (not given or self._is_sound())

    def _given(self, start: Sequence[Route]) -> dict[int, list[int]]:
        """Return the stops of given routes by tour: what is fixed first, what the problem no longer has left out."""
        problem, found = self.one.problem, dict[int, list[int]]()
        tours = {(problem.technicians[tour.person].code, tour.shift): n for n, tour in enumerate(self.one.tours)}
        numbers = Numbers(self.one)
        for route in start:
            tour = tours.get((route.technician, route.shift))
            if tour is None:
                continue
            stops: list[int] = []
            for stop in route.stops:
                index = numbers.of(route.technician, stop)
                if index is not None and self._may(index, tour):
                    stops.append(index)
                    first_seat = stop.kind is StopKind.JOB and stop.seat == 0
                    if first_seat and (told := numbers.supply(index, stop)) is not None:
                        self.view.mode_of[index] = told
            first, fixed = self.one.first[tour], self.one.data.tour_fixed[tour]
            if not set(first) <= set(stops) or tuple(stops[:fixed]) != first[:fixed]:
                stops = [*first, *(stop for stop in stops if stop not in first)]
            found[tour] = stops
        return self._complete_crews(found)

    def _is_sound(self) -> bool:
        """Say whether the checker passes the plan as it stands: what is given may be of another problem."""
        left = left_out_of(self.one, self.view)
        routes = routes_of(self.one, self.data, self.state, self.view)
        plan = Plan(Status.INFEASIBLE, 0.0, None, None, 0.0, routes, left, missed=missed_of(self.one, self.view))
        return {one.code for one in check(self.one.problem, plan)} <= {"total", "status"}

    def _may(self, stop: int, tour: int) -> bool:
        data = self.one.data
        if stop >= len(self.one.ops):
            return True
        if data.modes_at[stop] == data.modes_at[stop + 1]:
            return False  # its parts are nowhere
        return tour in data.op_tours[data.op_tours_at[stop] : data.op_tours_at[stop + 1]]

    def _complete_crews(self, given: Mapping[int, list[int]]) -> dict[int, list[int]]:
        """Return the tours without jobs of which a seat is missing."""
        planned = {stop for stops in given.values() for stop in stops}
        data = self.one.data

        def whole(stop: int) -> bool:
            if stop >= len(self.one.ops):
                return True
            job = self.one.ops[stop].job
            return all(op in planned for op in range(data.job_ops_at[job], data.job_ops_at[job + 1]))

        return {tour: [stop for stop in stops if whole(stop)] for tour, stops in given.items()}

    def _piecewise(self, tour: int, stops: Sequence[int]) -> None:
        """Put in as many stops as fit beside what is fixed; jobs of several seats are left to the search."""
        kept = list(self.one.first[tour])
        at = int(self.one.data.tour_fixed[tour])
        for stop in stops:
            if stop in kept:
                continue
            job = self.one.ops[stop].job if stop < len(self.one.ops) else -1
            crew = job >= 0 and self.one.data.job_ops_at[job + 1] - self.one.data.job_ops_at[job] > 1
            for position in range(at, len(kept) + 1) if not crew else ():
                tried = np.array([*kept[:position], stop, *kept[position:]], dtype=np.int64)
                if put_stops(self.data, self.state, tour, tried):
                    kept, at = tried.tolist(), position + 1
                    break
        put_stops(self.data, self.state, tour, np.array(kept, dtype=np.int64))

    def _fill(self) -> None:
        """Put in what is left out, in several orders as long as something mandatory is out."""
        for attempt in range(FILLINGS_MAX):
            cost = complete(self.data, self.state, 0 if attempt == 0 else -1)
            if cost < self.one.data.must_cost / 2 or self.view.left_count[0] == 0:
                break
        self._keep()

    def _keep(self) -> None:
        cost = plan_cost(self.data, self.state)
        if cost <= self.best_cost:
            self.best_cost = cost
            self.best_stops[...], self.best_count[...] = self.view.stops, self.view.count
            self.best_modes[...] = self.view.mode_of
            self.best = self._copied()

    def advance(self, number: int, progress: float) -> None:
        """Run so many rounds at the temperature that belongs to a share of the whole work done (0 to 1)."""
        temperature = self.scale * self.warm * (COOL / self.warm) ** progress
        self.pool = new_pool(self.one, self.seed) if self.pool is None else self.pool
        self.best_cost = rounds(
            self.data,
            self.state,
            self.pool,
            number,
            temperature,
            REMOVED_MEAN,
            self.best_cost,
            self.best_stops,
            self.best_count,
            self.best_modes,
        )
        self.done += number
        if self.best_cost < self.best.cost:
            self.best = self._copied()
        thin_out(self.pool)

    def forget(self) -> None:
        """Drop the tours that were kept to be combined: the work is done."""
        self.pool = None

    def combine(self, seconds: float | None) -> None:
        """Combine the tours of the plans so far anew; within so many seconds, or the same amount of work each time."""
        if self.pool is None:
            return
        at_hand = [
            (tour, self.best_stops[tour, : self.best_count[tour]]) for tour in np.flatnonzero(self.best_count).tolist()
        ]
        found = combined(self.one, self.pool, at_hand, seconds)
        if found is None:
            return
        stops, count, modes = np.full_like(self.best_stops, -1), np.zeros_like(self.best_count), self.best_modes.copy()
        for tour, own, how in zip(found.tours, found.stops, found.modes, strict=True):
            stops[tour, : own.size], count[tour] = own, own.size
            modes[own[how >= 0]] = how[how >= 0]
        before = self.best_cost
        self.restore(stops, count, modes)
        if self.best_cost >= before:
            self.restore()

    def _scale(self, seed: int) -> float:
        """Return what a way between two random jobs costs on average, in money and working time."""
        data = self.one.data
        if not data.op_place.size or not data.tour_rate.size:
            return 0.0
        places = np.random.default_rng(seed).choice(data.op_place, size=(2, PAIRS))
        way = data.travel_cost[0][places[0], places[1]] + data.tour_rate.mean() * data.travel_s[0][places[0], places[1]]
        planned = max(1, len(data.job_leave) - int(self.view.left_count[0]))
        each = (self.objective() - data.job_leave[self.view.left[: self.view.left_count[0]]].sum()) / planned
        return float(max(way.mean(), JOB_SHARE * each))

    def restore(self, stops: Ints | None = None, count: Ints | None = None, modes: Ints | None = None) -> None:
        """Go back to the best plan, or to one that another search on the same arrays has found."""
        stops = self.best_stops if stops is None else stops
        count = self.best_count if count is None else count
        modes = self.best_modes if modes is None else modes
        for tour in range(len(self.one.tours)):
            put_stops(self.data, self.state, tour, np.array([], dtype=np.int64))
        self.view.tour_of[...] = -1
        self.view.mode_of[...] = modes
        self.view.floor_s[...] = 0.0
        self._leave_all()
        for tour in range(len(self.one.tours)):
            put_stops(self.data, self.state, tour, stops[tour, : count[tour]].copy())
        reckon(self.data, self.state)
        self._keep()

    def _leave_all(self) -> None:
        jobs = len(self.view.left)
        self.view.left[...] = np.arange(jobs)
        self.view.left_place[...] = np.arange(jobs)
        self.view.left_count[0] = jobs
        self.view.total[:] = total_left(self.one.data)

    def objective(self) -> float:
        """Return the cost of the best plan so far, in money."""
        must = self.one.data.must_cost
        return self.best.cost - must * round(self.best.cost / must)

    def read(self) -> tuple[tuple[Route, ...], tuple[LeftOut, ...], tuple[Missed, ...]]:
        """Return the best plan's routes, the jobs that it leaves out, and the appointments that it misses.

        It may be asked while the search runs.
        """
        best, view = self.best, new_state(self.one, self.seed)
        state = boxed(view)
        view.mode_of[...] = best.modes
        for tour in range(len(self.one.tours)):
            put_stops(self.data, state, tour, best.stops[tour, : best.count[tour]].copy())
        reckon(self.data, state)
        return routes_of(self.one, self.data, state, view), left_out_of(self.one, view), missed_of(self.one, view)
