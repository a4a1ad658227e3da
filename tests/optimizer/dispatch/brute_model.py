"""All plans of a tiny problem as one CP-SAT model, for `brute`, which tells its limits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from ortools.sat.python import cp_model

from optimizer.dispatch.jobs import Job, PinKind
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import StopKind, Taken
from optimizer.dispatch.technicians import Technician
from tests.optimizer.dispatch.brute_parts import Leg, Literal, Node, Tour, left_out, united, whole

SCALE = 3600 * 16
"""Money is counted in this part of one, so that a rate per hour makes a whole number each second."""

MANDATORY = 2**45
BEGUN = (PinKind.STARTED, PinKind.DONE)


class Model:
    """All plans of a tiny problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.cost: list[Any] = []
        self.spent: dict[str, list[Any]] = defaultdict(list)
        ends = [shift.end_s + shift.overtime_s for person in problem.technicians for shift in person.shifts]
        told = [job.running.start_s for job in problem.jobs if job.running is not None]
        self.horizon_s = whole(max(ends + told, default=0))
        self.done = {job.number: self.flag() for job in problem.jobs}
        self.starts = {(job.number, k): self.time() for job in problem.jobs for k in range(len(job.seats))}
        self.ends = {key: self.time() for key in self.starts}
        self.job_end = {job.number: self.time() for job in problem.jobs}
        self.choices: dict[tuple[str, int], list[tuple[Literal, Taken]]] = {}
        self.tours = [
            self.tour(person, number) for person in problem.technicians for number in range(len(person.shifts))
        ]
        for job in problem.jobs:
            self.job(job)
            self.supplies(job)
        self.relations()
        self.shared()
        self.worst = self.time()
        self.charge(self.worst, problem.worst_lateness_per_h / 3600)
        for job in problem.jobs:
            self.money(job)
        for region, budget in problem.budgets.items():
            self.model.add(sum(self.spent[region]) <= math.floor(budget * SCALE + 1e-6))

    def flag(self) -> Literal:
        """Return a new Boolean."""
        return self.model.new_bool_var("")

    def time(self) -> Any:
        """Return a new time within the horizon."""
        return self.model.new_int_var(0, self.horizon_s, "")

    def when(self, *given: Literal) -> Any:
        """Return a function that adds a constraint which holds only where all of `given` are true."""
        return lambda constraint: self.model.add(constraint).only_enforce_if(list(given))

    def excess(self, expression: Any, *given: Literal) -> Any:
        """Return what an expression is above 0, where all of `given` are true (else 0, if it is charged for)."""
        above = self.time()
        self.when(*given)(above >= expression)
        return above

    def charge(self, quantity: Any, price: float, region: str | None = None) -> None:
        """Add a quantity at a price to the objective, and to what a region spends."""
        self.cost.append(quantity * round(price * SCALE))
        if region is not None:
            self.spent[region].append(self.cost[-1])

    def tour(self, person: Technician, number: int) -> Tour:
        """Model one shift: its stops, its ways, its times, and what it costs by itself."""
        shift = person.shifts[number]
        latest_s = shift.end_s + shift.overtime_s
        for later in person.shifts[number + 1 : number + 2]:
            latest_s = max(shift.end_s, min(latest_s, later.start_s - person.rest_s))
        first_s, last_s = whole(shift.start_s), whole(latest_s)
        departs, returns = (self.model.new_int_var(first_s, last_s, "") for _ in range(2))
        tour = Tour(person, number, shift, last_s, self.flag(), departs, returns, [], [])
        self.when(~tour.used)(departs == first_s)
        self.when(~tour.used)(returns == first_s)
        self.seats(tour)
        self.stops(tour)
        self.breaks(tour)
        self.ways(tour)
        self.head(tour)
        self.pay(tour)
        return tour

    def node(self, tour: Tour, kind: StopKind, name: str, place: int, duration_s: float, start: Any) -> Node:
        """Add a stop to those that a tour may make."""
        at = self.model.new_int_var(0, 24, "")
        node = Node(kind, name, place, whole(duration_s), start, self.flag(), at)
        tour.nodes.append(node)
        return node

    def seats(self, tour: Tour) -> None:
        """Add the seats of all jobs, with who may take them when, and the load."""
        person = tour.person
        for job in self.problem.jobs:
            begun = job.pin is not None and job.pin.kind in BEGUN
            for k, seat in enumerate(job.seats):
                own_s = job.duration_s if seat.duration_s is None else seat.duration_s
                duration_s = own_s * person.proficiency.get(job.kind, 1)
                node = self.node(tour, StopKind.JOB, job.number, job.place, duration_s, self.starts[job.number, k])
                node.seat = k
                self.when(node.used)(self.ends[job.number, k] == node.start + node.duration_s)
                spans = [person.qualifications.get(code, ()) for code in seat.qualifications]
                spans += [seat.permitted.get(person.code, ())] if seat.permitted is not None else []
                for allowed in spans if not begun else []:
                    self.within(node, united(allowed))
                if person.code in job.forbidden and not begun:
                    self.model.add(node.used == 0)
        if math.isfinite(person.capacity):
            loads = [whole(job.load) * tour.seat(job).used for job in self.problem.jobs]
            self.model.add(sum(loads) <= math.floor(person.capacity))

    def within(self, node: Node, spans: Sequence[tuple[float, float]]) -> None:
        """Let a stop take place only within one of the spans."""
        chosen = [self.flag() for _ in spans]
        self.model.add_bool_or([*chosen, ~node.used])
        for flag, (from_s, until_s) in zip(chosen, spans, strict=True):
            self.when(flag, node.used)(node.start >= math.ceil(max(from_s, 0)))
            if until_s < self.horizon_s:
                self.when(flag, node.used)(node.start + node.duration_s <= math.floor(until_s))

    def stops(self, tour: Tour) -> None:
        """Add depots, one at most, and the appointments that meet the shift, all of them."""
        depots = []
        for depot in self.problem.depots:
            node = self.node(tour, StopKind.DEPOT, depot.code, depot.place, depot.handling_s, self.time())
            self.when(node.used)(node.start >= math.ceil(depot.window.from_s))
            if depot.window.until_s < self.horizon_s:
                self.when(node.used)(node.start <= math.floor(depot.window.until_s))
            depots.append(node.used)
        self.model.add(sum(depots) <= 1)
        for date in tour.person.appointments:
            until_s = date.start_s + date.duration_s
            if tour.shift.start_s <= date.start_s and until_s <= tour.last_s:
                start = self.model.new_constant(whole(date.start_s))
                node = self.node(tour, StopKind.APPOINTMENT, date.name, date.place, date.duration_s, start)
                self.model.add(node.used == 1)
            elif tour.shift.start_s < until_s and date.start_s < tour.last_s:
                self.model.add_bool_or([])  # it cannot be kept

    def breaks(self, tour: Tour) -> None:
        """Add each break at every place; it is taken at one of them where it is due."""
        for rest in tour.shift.breaks:
            if rest.latest_s >= self.horizon_s:
                continue
            left, later, due = self.flag(), self.flag(), self.flag()
            self.when(left)(tour.departs < whole(rest.latest_s))
            self.when(~left)(tour.departs >= whole(rest.latest_s))
            self.when(later)(tour.returns > whole(rest.latest_s))
            self.when(~later)(tour.returns <= whole(rest.latest_s))
            self.model.add_bool_and([left, later, tour.used]).only_enforce_if(due)
            self.model.add_bool_or([~left, ~later, ~tour.used, due])
            start = self.model.new_int_var(math.ceil(rest.earliest_s), whole(rest.latest_s), "")
            copies = []
            for place in range(len(self.problem.places)):
                node = self.node(tour, StopKind.BREAK, "", place, rest.duration_s, start)
                node.rest = rest
                copies.append(node.used)
            self.model.add(sum(copies) == due)

    def ways(self, tour: Tour) -> None:
        """Tie the stops of a tour together: one circle through those that are made, each reached in time."""
        nodes: list[Node | None] = [None, *tour.nodes]
        arcs = [(0, 0, ~tour.used)] + [(i, i, ~node.used) for i, node in enumerate(nodes) if node is not None]
        for i, before in enumerate(nodes):
            for j, after in enumerate(nodes):
                if i == j:
                    continue
                legs = list(self.legs(tour, before, after))
                arcs += [(i, j, leg.used) for leg in legs]
                tour.legs += legs
        self.model.add_circuit(arcs)
        # follows from the ways; said once more because it makes the proof short
        busy = [leg.used * leg.seconds for leg in tour.legs] + [node.used * node.duration_s for node in tour.nodes]
        self.model.add(tour.returns - tour.departs >= sum(busy))
        # a tour for nothing saves nothing, so it need not be tried
        aims = [node.used for node in tour.nodes if node.kind in (StopKind.JOB, StopKind.APPOINTMENT)]
        self.model.add_bool_or([*aims, ~tour.used])
        for node in tour.nodes:
            if node.kind is StopKind.BREAK:
                here = [leg.used for leg in tour.legs if self.stays(tour, leg, node)]
                self.model.add_bool_or([*here, ~node.used])

    def stays(self, tour: Tour, leg: Leg, node: Node) -> bool:
        """Say whether a way to or from a break does not leave its place."""
        return node in (leg.before, leg.after) and self.places(tour, leg.before, leg.after) == (node.place, node.place)

    def places(self, tour: Tour, before: Node | None, after: Node | None) -> tuple[int, int]:
        """Return from where to where a way leads."""
        return (
            tour.shift.start_place if before is None else before.place,
            tour.shift.end_place if after is None else after.place,
        )

    def legs(self, tour: Tour, before: Node | None, after: Node | None) -> Iterator[Leg]:
        """Yield the ways between two stops, by own mode and by each flight, with their times."""
        origin, destination = self.places(tour, before, after)
        travel = self.problem.travel[tour.person.mode]
        seconds = whole(float(travel.seconds[origin, destination]))
        free = tour.departs if before is None else before.start + before.duration_s
        begins = tour.returns if after is None else after.start
        own = Leg(before, after, None, self.flag(), seconds, float(travel.cost[origin, destination]))
        if after is None:
            self.when(own.used)(begins == free + seconds)
        else:
            self.when(own.used)(begins >= free + seconds)
        found = [own]
        for number, flight in enumerate(self.problem.flights):
            if tour.person.flies and (flight.origin, flight.destination) == (origin, destination):
                leaves_s, lands_s = whole(flight.departs_s), whole(flight.arrives_s)
                leg = Leg(before, after, number, self.flag(), lands_s - leaves_s, flight.cost)
                self.when(leg.used)(free <= leaves_s)
                self.when(leg.used)(begins == lands_s if after is None else begins >= lands_s)
                found.append(leg)
        for leg in found:
            if before is not None and after is not None:
                self.when(leg.used)(after.at >= before.at + 1)
            yield leg

    def head(self, tour: Tour) -> None:
        """Keep the jobs pinned in order at the head of a tour, in the order of their pins."""
        jobs = {job.number: job for job in self.problem.jobs}
        work = [node for node in tour.nodes if node.kind is StopKind.JOB]
        for node in work:
            pin = jobs[node.name].pin
            if pin is None or pin.start_s is None or pin.kind is PinKind.ASSIGNED:
                continue
            for other in work:
                told = jobs[other.name].pin
                free = told is None or told.start_s is None or told.kind is PinKind.ASSIGNED
                if free or (told is not None and told.start_s is not None and told.start_s > pin.start_s):
                    self.when(node.used, other.used)(node.at < other.at)

    def pay(self, tour: Tour) -> None:
        """Charge labour, fairness, overtime, nights, call-out and travel."""
        pay, region = tour.person.pay, tour.person.region
        for rate in (pay.per_h, pay.fairness_per_h):
            self.charge(tour.returns - tour.departs, rate / 3600)
            for node in tour.nodes:
                if node.rest is not None and not node.rest.paid:
                    self.charge(node.used, -rate * node.duration_s / 3600)
        for band in pay.overtime:
            beyond_s = whole(tour.shift.end_s + band.after_s)
            self.charge(self.excess(tour.returns - beyond_s), band.per_h / 3600, region)
        for night in pay.nights:
            since, until = self.time(), self.time()
            self.model.add_max_equality(since, [tour.departs, whole(min(night.from_s, self.horizon_s))])
            self.model.add_min_equality(until, [tour.returns, whole(min(night.until_s, self.horizon_s))])
            self.charge(self.excess(until - since), pay.night_per_h / 3600, region)
        if pay.call_out:
            called = self.flag()
            for node in tour.nodes:
                if node.kind is StopKind.JOB:
                    self.model.add_implication(node.used, called)
            self.charge(called, pay.call_out, region)
        for leg in tour.legs:
            self.charge(leg.used, leg.cost, region)

    def job(self, job: Job) -> None:
        """Give each seat of a job that is done one technician, another for each, and the times that it may have."""
        done, start = self.done[job.number], self.starts[job.number, 0]
        for k, seat in enumerate(job.seats):
            self.model.add(sum(tour.seat(job, k).used for tour in self.tours) == done)
            self.when(~done)(self.ends[job.number, k] == 0)
            own = self.starts[job.number, k]
            self.when(done)(own >= start + math.ceil(seat.after_min_s))
            if seat.after_max_s < self.horizon_s:
                self.when(done)(own <= start + math.floor(seat.after_max_s))
        self.model.add_max_equality(self.job_end[job.number], [self.ends[job.number, k] for k in range(len(job.seats))])
        for person in self.problem.technicians:
            self.model.add(sum(self.takes(job, person)) <= 1)
        if job.pin is not None:
            self.model.add(done == 1)
            for k, code in enumerate(job.pin.technicians):
                self.model.add(sum(tour.seat(job, k).used for tour in self.tours if tour.person.code == code) == 1)
        if job.pin is not None and job.pin.kind in BEGUN and job.pin.start_s is not None:
            self.model.add(start == whole(job.pin.start_s))
            return
        self.when(done)(start >= math.ceil(job.release_s))
        chosen = [self.flag() for _ in job.windows]
        self.model.add_bool_or([*chosen, ~done])
        for flag, window in zip(chosen, job.windows, strict=True):
            self.when(flag, done)(start >= math.ceil(window.from_s))
            if window.until_s < self.horizon_s:
                self.when(flag, done)(start <= math.floor(window.until_s))

    def takes(self, job: Job, person: Technician) -> list[Literal]:
        """Return the flags of a technician's taking any seat of a job."""
        own = [tour for tour in self.tours if tour.person is person]
        return [tour.seat(job, k).used for tour in own for k in range(len(job.seats))]

    def supplies(self, job: Job) -> None:
        """Choose part and source for each need, and see that the tools are there."""
        done = self.done[job.number]
        for i, need in enumerate(job.parts):
            options: list[tuple[Literal, Taken]] = []
            self.choices[job.number, i] = options
            if need.ready_s is not None:
                flag = self.flag()
                self.when(flag)(self.starts[job.number, 0] >= math.ceil(need.ready_s))
                options.append((flag, Taken(need.parts[0], need.quantity, "delivered")))
            for part in need.parts if need.carried else ():
                flag = self.flag()
                options.append((flag, Taken(part, need.quantity, "kit")))
                for depot in self.problem.depots:
                    flag = self.flag()
                    options.append((flag, Taken(part, need.quantity, depot.code)))
                    for tour in self.tours:
                        self.after_depot(tour, tour.seat(job), depot.code, flag)
            self.model.add(sum(flag for flag, _ in options) == done)
            for flag, taken in options:
                if taken.part != need.parts[0]:
                    self.charge(flag, need.alternate_cost)
        for tour in self.tours:
            for tool in job.tools - tour.person.tools:
                found = []
                for depot in self.problem.depots:
                    if tool in depot.tools:
                        found.append(self.flag())
                        self.after_depot(tour, tour.seat(job), depot.code, found[-1])
                self.model.add_bool_or([*found, ~tour.seat(job).used])

    def after_depot(self, tour: Tour, node: Node, code: str, flag: Literal) -> None:
        """Require a stop at the depot before the node, where the flag is set and the tour has the node."""
        stop = next(one for one in tour.nodes if one.kind is StopKind.DEPOT and one.name == code)
        self.model.add_bool_and([stop.used]).only_enforce_if([flag, node.used])
        self.when(flag, node.used)(stop.at < node.at)

    def relations(self) -> None:
        """Keep precedence, and jobs with the same or with different technicians."""
        jobs = {job.number: job for job in self.problem.jobs}
        for tie in self.problem.precedence:
            after = self.done[tie.after]
            self.model.add_implication(after, self.done[tie.before])
            since = self.starts[tie.before, 0] if tie.from_start else self.job_end[tie.before]
            self.when(after)(self.starts[tie.after, 0] >= since + math.ceil(tie.gap_min_s))
            if tie.gap_max_s < self.horizon_s:
                self.when(after)(self.starts[tie.after, 0] <= since + math.floor(tie.gap_max_s))
        for pair in self.problem.together:
            both = []
            for person in self.problem.technicians:
                first, second = (sum(self.takes(jobs[number], person)) for number in (pair.first, pair.second))
                if pair.same:
                    both.append(self.flag())
                    self.when(both[-1])(first >= 1)
                    self.when(both[-1])(second >= 1)
                else:
                    self.model.add(first + second <= 1)
            if pair.same:
                self.model.add_bool_or([*both, ~self.done[pair.first], ~self.done[pair.second]])

    def shared(self) -> None:
        """Keep within kits, stock, shared tools and changes of the running plan."""
        for person in self.problem.technicians:
            self.stock("kit", person.parts, person)
        for depot in self.problem.depots:
            self.stock(depot.code, depot.stock, None)
        for tool, number in self.problem.shared_tools.items():
            users = [job for job in self.problem.jobs if tool in job.shared_tools]
            holds = [self.flag() for _ in self.tours]
            for tour, held in zip(self.tours, holds, strict=True):
                for job in users:
                    self.model.add_implication(tour.seat(job).used, held)
            for tour in self.tours:
                now_s = tour.shift.start_s
                at_once = [
                    held
                    for other, held in zip(self.tours, holds, strict=True)
                    if other.shift.start_s <= now_s < other.shift.end_s
                ]
                self.model.add(sum(at_once) <= number)
        if self.problem.change.changes_max is not None:
            changes = [one for job in self.problem.jobs for one in self.changes(job)]
            self.model.add(sum(changes) <= self.problem.change.changes_max)

    def stock(self, source: str, held: Any, person: Technician | None) -> None:
        """Take from a kit (of a technician) or a depot no more than it holds."""
        taken: dict[str, list[Any]] = defaultdict(list)
        jobs = {job.number: job for job in self.problem.jobs}
        for (number, _), options in self.choices.items():
            for flag, one in options:
                if one.source != source:
                    continue
                used = flag
                if person is not None:
                    used = self.flag()
                    for tour in self.tours:
                        if tour.person is person:
                            self.when(flag, tour.seat(jobs[number]).used)(used == 1)
                taken[one.part].append(used * whole(one.quantity))
        for part, quantities in taken.items():
            if math.isfinite(held.get(part, 0)):
                self.model.add(sum(quantities) <= math.floor(held.get(part, 0)))

    def changes(self, job: Job) -> list[Any]:
        """Return for each seat of a job 1 where it is done by another technician than the running plan says."""
        if job.running is None:
            return []
        return [
            self.done[job.number] - sum(tour.seat(job, k).used for tour in self.tours if tour.person.code == told)
            for k, told in enumerate(job.running.technicians)
        ]

    def money(self, job: Job) -> None:
        """Charge what depends on a job: left out, late, unpreferred, its unit's return, its change."""
        done, end = self.done[job.number], self.job_end[job.number]
        self.charge(1 - done, left_out(job).cost)
        if job.mandatory:
            self.cost.append((1 - done) * MANDATORY)
        if math.isfinite(job.due_s):
            for band in job.lateness:
                self.charge(self.excess(end - whole(job.due_s + band.after_s), done), band.per_h / 3600)
            self.when(done)(self.worst >= end - whole(job.due_s))
        for tour in self.tours:
            for k in range(len(job.seats)):
                if job.preferred and tour.person.code not in job.preferred:
                    self.charge(tour.seat(job, k).used, job.unpreferred_cost)
            if job.removed is not None and tour.shift.end_place == job.removed.place:
                self.charge(tour.seat(job).used, -job.removed.saving)
        if job.running is not None:
            change, start = self.problem.change, self.starts[job.number, 0]
            near = 1.0
            if change.near_s > 0:
                near += min(max(1 - (job.running.start_s - self.problem.now_s) / change.near_s, 0), 1)
            for seat in self.changes(job):
                self.charge(seat, near * change.technician)
            moved, told_s = self.time(), whole(job.running.start_s)
            self.when(done)(moved >= start - told_s)
            self.when(done)(moved >= told_s - start)
            self.charge(moved, near * change.per_h / 3600)
