"""What binds jobs to each other, in the model of the routing library: as constraints of its solver."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

from optimizer.dispatch.jobs import Pin, PinKind
from optimizer.dispatch.model import Precedence, Together
from optimizer.dispatch.routing.model import Model, down, steps, up


class Ties:
    """Adds crews, precedence, company, the fixed heads of tours, shared tools, the limit on changes, and budgets."""

    def __init__(self, model: Model) -> None:
        self.model, self.stated, self.problem = model, model.stated, model.problem
        self.solver, self.routing = model.solver, model.routing
        self.numbers = {job.number: index for index, job in enumerate(self.problem.jobs)}
        for number in range(len(self.problem.jobs)):
            self._crew(number)
        for tie in self.problem.precedence:
            self._precedence(tie)
        for pair in self.problem.together:
            self._together(pair)
        self._heads()
        self._shared_tools()
        self._changes()
        self._budgets()

    def active(self, op: int) -> Any:
        """Return 1 where an op is done, else 0."""
        return self.solver.Sum([self.routing.ActiveVar(at) for at in self._at(op)])

    def start(self, op: int) -> Any:
        """Return the tick at which an op begins, where it is done."""
        time, routing, at = self.model.time, self.routing, self._at(op)
        if len(at) == 1:
            return time.CumulVar(at[0])
        return self.solver.Sum([routing.ActiveVar(one) * time.CumulVar(one) for one in at])

    def by_vehicle(self, op: int, values: Sequence[int], none: int) -> Any:
        """Return the value that belongs to the vehicle which has an op, `none` where it is not done."""
        at = self._at(op)
        # each node that nobody has counts -1
        number = self.solver.Sum([self.routing.VehicleVar(one) for one in at]) + len(at)
        return self.solver.Element([none, *values], number.Var())

    def person(self, op: int) -> Any:
        """Return who does an op; below 0, and of nobody else, where it is not done."""
        return self.by_vehicle(op, [vehicle.tour.person for vehicle in self.model.vehicles], -1 - op)

    def end(self, op: int) -> Any:
        """Return the tick at which an op ends, where it is done."""
        lengths = [up(self.stated.length_s(op, number)) for number in range(len(self.model.vehicles))]
        return self.start(op) + (lengths[0] if len(set(lengths)) == 1 else self.by_vehicle(op, lengths, 0))

    def _at(self, op: int) -> list[int]:
        return [self.model.at[node] for node in self.stated.of_op[op]]

    def _after(self, op: int, earliest: Any) -> None:
        """Have an op begin no earlier, if it is done."""
        self.solver.Add(self.start(op) + (1 - self.active(op)) * (3 * self.model.horizon) >= earliest)

    def _before(self, op: int, latest: Any, far: int) -> None:
        """Have an op begin no later, if it is done."""
        self.solver.Add(self.start(op) <= latest + (1 - self.active(op)) * (3 * self.model.horizon + far))

    def _crew(self, number: int) -> None:
        ops = self.stated.job_ops(number)
        for op in ops[1:]:
            seat = self.problem.jobs[number].seats[self.stated.ops[op].seat]
            self.solver.Add(self.active(op) == self.active(ops[0]))
            self._after(op, self.start(ops[0]) + up(seat.after_min_s))
            if math.isfinite(seat.after_max_s):
                self._before(op, self.start(ops[0]) + down(seat.after_max_s), 0)
        for one, two in combinations(ops, 2):
            self.solver.Add(self.person(one) != self.person(two))

    def _precedence(self, tie: Precedence) -> None:
        before, after = (self.stated.job_ops(self.numbers[name]) for name in (tie.before, tie.after))
        if not after:
            return
        if not before:
            self.solver.Add(self.active(after[0]) == 0)
            return
        self.solver.Add(self.active(after[0]) <= self.active(before[0]))
        ends = [self.start(before[0])] if tie.from_start else [self.end(op) for op in before]
        for end in ends:
            self._after(after[0], end + up(tie.gap_min_s))
        if math.isfinite(tie.gap_max_s):
            last = ends[0] if len(ends) == 1 else self.solver.Max([end.Var() for end in ends])
            self._before(after[0], last + down(tie.gap_max_s), down(tie.gap_max_s))

    def _together(self, pair: Together) -> None:
        first, second = (self.stated.job_ops(self.numbers[name]) for name in (pair.first, pair.second))
        if not first or not second:
            return
        pairs = [(self.person(one), self.person(two)) for one, two in product(first, second)]
        if pair.same:
            shared = self.solver.Sum([one == two for one, two in pairs])
            self.solver.Add(shared >= self.active(first[0]) + self.active(second[0]) - 1)
        else:
            for one, two in pairs:
                self.solver.Add(one != two)

    def _heads(self) -> None:
        """Rank jobs within tours: those pinned in order come first."""
        heads = [(pin.start_s or 0.0, op) for op, pin in self._pins() if pin.kind is not PinKind.ASSIGNED]
        if not heads:
            return
        one_each = [int(self.stated.ops[node.op].appointment is None) for node in self.model.nodes]
        counts = self.routing.RegisterUnaryTransitVector([*one_each, *(0 for _ in self.model.ends)])
        self.routing.AddDimension(counts, 0, len(one_each), True, "rank")
        rank = self.routing.GetDimensionOrDie("rank")
        ordered = [op for _, op in sorted(heads)]
        tours = [vehicle.tour.person * len(self.model.vehicles) + vehicle.tour.shift for vehicle in self.model.vehicles]
        where = {op: self.by_vehicle(op, tours, -1 - op) for op in ordered}
        for index, op in enumerate(ordered):
            earlier = self.solver.Sum([where[op] == where[other] for other in ordered[:index]])
            for at in self._at(op):
                self.solver.Add(rank.CumulVar(at) * self.routing.ActiveVar(at) <= earlier)

    def _pins(self) -> Iterator[tuple[int, Pin]]:
        for number, job in enumerate(self.problem.jobs):
            if job.pin is not None:
                yield from ((op, job.pin) for op in self.stated.job_ops(number))

    def _shared_tools(self) -> None:
        """Let no more tours hold a shared tool at once than there are."""
        vehicles = self.model.vehicles
        for tool, count in sorted(self.problem.shared_tools.items()):
            jobs = [number for number, job in enumerate(self.problem.jobs) if tool in job.shared_tools]
            nodes = [at for number in jobs for op in self.stated.job_ops(number)[:1] for at in self._at(op)]
            if not nodes:
                continue
            holds = [
                self.solver.Max([self.solver.IsEqualCstVar(self.routing.VehicleVar(at), number) for at in nodes])
                for number in range(len(vehicles))
            ]
            for moment in sorted({vehicle.tour.start_s for vehicle in vehicles}):
                at_once = [
                    held
                    for held, vehicle in zip(holds, vehicles, strict=True)
                    if vehicle.tour.start_s <= moment < vehicle.tour.shifts[-1].end_s
                ]
                self.solver.Add(self.solver.Sum(at_once) <= count)

    def _changes(self) -> None:
        """Let no more seats than allowed get another technician."""
        most, changed = self.problem.change.changes_max, []
        for number, job in enumerate(self.problem.jobs):
            if most is None or job.running is None:
                continue
            for op, told in zip(self.stated.job_ops(number), job.running.technicians, strict=False):
                others = [int(vehicle.person.code != told) for vehicle in self.model.vehicles]
                changed.append(self.by_vehicle(op, others, 0))
        if changed:
            self.solver.Add(self.solver.Sum(changed) <= most)

    def _budgets(self) -> None:
        """Keep travel and call-outs of a region within its budget; overtime and nights are seen afterwards."""
        bound = {region: money for region, money in self.problem.budgets.items() if math.isfinite(money)}
        members: dict[str, list[int]] = defaultdict(list)
        for number, vehicle in enumerate(self.model.vehicles):
            if vehicle.person.region in bound:
                members[vehicle.person.region].append(number)
        if not members:
            return
        ways = [self.model.way_costs(number, ()) for number in range(len(self.model.vehicles))]
        self.routing.AddDimensionWithVehicleTransits(ways, 0, 2**52, True, "money")
        money = self.routing.GetDimensionOrDie("money")
        for region, numbers in members.items():
            spent = []
            for number in numbers:
                end, sent = money.CumulVar(self.routing.End(number)), self.routing.ActiveVehicleVar(number)
                spent.append((end + steps(self.model.sending(number))) * sent)
            self.solver.Add(self.solver.Sum(spent) <= steps(bound[region]) + 1)
