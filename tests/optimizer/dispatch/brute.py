"""The cheapest plan of a tiny problem: every assignment, order, supply and time in whole seconds, proven by CP-SAT.

Written from the rules alone; shares no code with the engine. Times, quantities and rates per hour are whole numbers
here. Two limits: nobody is `away`; and a break is taken at the place of the stop before or after it. Where a budget
binds money that grows with time, fractions of a second could still save some.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ortools.sat.python import cp_model

from optimizer.dispatch.check import price
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, Route, Stop, StopKind
from optimizer.run import Status
from tests.optimizer.dispatch.brute_model import MANDATORY, SCALE, Model
from tests.optimizer.dispatch.brute_parts import Leg, Node, Tour, left_out


def best(problem: Problem) -> Plan | None:
    """Return a cheapest plan of those that leave out the fewest mandatory jobs; None if pins and dates allow no plan.

    Raises ValueError for whoever is away and for fractions.
    """
    if any(person.away for person in problem.technicians):
        raise ValueError("brute force knows nobody who is away")
    model = Model(problem)
    model.model.minimize(sum(model.cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model.model)
    if status == cp_model.INFEASIBLE:
        return None
    if status != cp_model.OPTIMAL:
        raise RuntimeError(f"brute force ended as {solver.status_name(status)}")
    return Reader(model, solver).plan()


class Reader:
    """Reads the plan off a solved model."""

    def __init__(self, model: Model, solver: cp_model.CpSolver) -> None:
        self.model = model
        self.problem = model.problem
        self.solver = solver

    def plan(self) -> Plan:
        """Return the plan, priced. Raises AssertionError if the model counted other money than the rules do."""
        routes = tuple(self.route(tour) for tour in self.model.tours if self.solver.boolean_value(tour.used))
        out = [job for job in self.problem.jobs if not self.solver.boolean_value(self.model.done[job.number])]
        failed = sum(job.mandatory for job in out)
        status = Status.INFEASIBLE if failed else Status.OPTIMAL
        plan = Plan(status, 0.0, None, None, 0.0, routes, tuple(map(left_out, out)))
        terms = price(self.problem, plan)
        cost = math.fsum(terms.values())
        counted = (self.solver.objective_value - failed * MANDATORY) / SCALE
        assert math.isclose(counted, cost, abs_tol=0.01), (counted, terms)
        return replace(plan, objective=cost, bound=cost, gap=0.0, cost_by_term=terms)

    def route(self, tour: Tour) -> Route:
        """Return one tour, from stop to stop."""
        after = {leg.before: leg for leg in tour.legs if self.solver.boolean_value(leg.used)}
        departs_s = self.second(tour.departs)
        leg, free_s, stops = after[None], departs_s, []
        while leg.after is not None:
            stops.append(self.stop(leg, leg.after, free_s))
            leg, free_s = after[leg.after], stops[-1].end_s
        back = (self.second(tour.returns), tuple(stops), float(leg.seconds), leg.cost, leg.flight)
        return Route(tour.person.code, tour.number, departs_s, *back)

    def stop(self, leg: Leg, node: Node, free_s: float) -> Stop:
        """Return a stop that is reached by a way from where one is free."""
        arrives_s = free_s + leg.seconds if leg.flight is None else self.problem.flights[leg.flight].arrives_s
        start_s = self.second(node.start)
        served = [options for (number, _), options in self.model.choices.items() if number == node.name]
        taken = [one for options in served for flag, one in options if self.solver.boolean_value(flag)]
        return Stop(
            node.kind,
            node.name,
            node.place,
            arrives_s,
            start_s,
            start_s + node.duration_s,
            float(leg.seconds),
            leg.cost,
            node.seat,
            leg.flight,
            tuple(taken) if node.kind is StopKind.JOB and not node.seat else (),
        )

    def second(self, time: cp_model.IntVar) -> float:
        """Return the value of a time."""
        return float(self.solver.value(time))
