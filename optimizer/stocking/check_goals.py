"""Verify what a plan tells of its goal, floors and fleets, line by line in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.stocking.goals import Goal, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.goals import Fleets
    from optimizer.stocking.plan import Plan, Problem

CLOSE = 1e-6
"""What two ways to add up the same numbers may differ by, as a share."""
STEEP = 20.0
"""The weight of a backorder from which the goal of availability goes on straight."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the plan breaks (a stable code), and the part, place, budget, floor or fleet that breaks it."""

    code: str
    where: str


def goal_of(problem: Problem, evaluation: Evaluation) -> float:
    """Return what the goal comes to."""
    if problem.goal is Goal.AVAILABILITY:
        lost = []
        for (_, fleet), (waiting, quantity) in _waiting(problem, evaluation).items():
            seats = quantity * _fleets(problem).fleets[fleet].aircraft
            within = min(waiting / seats, 1 - 1 / STEEP)
            lost.append(seats * (STEEP * (waiting / seats - within) - math.log1p(-within)))
        return math.fsum(lost)
    lines, at = problem.scenario.lines, _by_place(evaluation)
    told = []
    for part, place, rate, weight in zip(
        lines.part.tolist(), lines.place.tolist(), lines.rate_per_day.tolist(), lines.weight.tolist(), strict=True
    ):
        own, fill = at.get((part, place), (0.0, 1.0))
        told.append(weight * (own if problem.goal is Goal.WAITING else rate * (1 - fill)))
    return math.fsum(told)


def weights_of(problem: Problem) -> Mapping[int, Mapping[int, tuple[float, float]]]:
    """Return by part and place what a waiting piece weighs in the goal, and the share that is not served at once."""
    lines = problem.scenario.lines
    told: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
    if problem.goal is Goal.AVAILABILITY:
        for line in _fleets(problem).line.tolist():
            told[int(lines.part[line])][int(lines.place[line])] = 1.0, 0.0
        return told
    for part, place, rate, weight in zip(
        lines.part.tolist(), lines.place.tolist(), lines.rate_per_day.tolist(), lines.weight.tolist(), strict=True
    ):
        told[part][place] = (weight, 0.0) if problem.goal is Goal.WAITING else (0.0, weight * rate)
    return told


def floors_and_fleets(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Yield floors and fleets of which the plan tells something else than its stock makes of them."""
    lines, at, asked = problem.scenario.lines, _by_place(plan.evaluation), problem.floors
    values: dict[int, list[tuple[float, float]]] = defaultdict(list)
    if asked is not None:
        for line, floor, share in zip(asked.line.tolist(), asked.floor.tolist(), asked.share.tolist(), strict=True):
            own, fill = at.get((int(lines.part[line]), int(lines.place[line])), (0.0, 1.0))
            measure = asked.floors[floor].measure
            if measure is Measure.FILL:
                values[floor].append((fill, share * float(lines.rate_per_day[line])))
            else:
                values[floor].append((own, share * (float(lines.weight[line]) if measure is Measure.WEIGHTED else 1.0)))
        for index, floor in enumerate(asked.floors):
            told = plan.floors[index]
            value = math.fsum(one * counts for one, counts in values[index])
            met = value <= floor.limit * (1 + CLOSE)
            if floor.measure is Measure.FILL:
                counted = math.fsum(counts for _, counts in values[index])
                value = value / counted if counted else 1.0  # where nothing is asked for, nothing is missed
                met = 1 - value <= (1 - floor.limit) * (1 + CLOSE)
            if (
                told.floor != floor.name
                or not math.isclose(told.value, value, rel_tol=CLOSE, abs_tol=CLOSE)
                or (told.met and not met)
            ):
                yield Violation("floor", floor.name)
    if problem.fleets is not None:
        flown: dict[int, float] = defaultdict(float)
        for (_, fleet), (waiting, quantity) in _waiting(problem, plan.evaluation).items():
            empty = min(1.0, waiting / (quantity * problem.fleets.fleets[fleet].aircraft))
            flown[fleet] += quantity * (math.log1p(-empty) if empty < 1 else -math.inf)
        for index, told_of in enumerate(plan.fleets):
            if not math.isclose(told_of.availability, math.exp(flown[index]), rel_tol=CLOSE, abs_tol=CLOSE):
                yield Violation("fleet", told_of.fleet)


def _by_place(evaluation: Evaluation) -> dict[tuple[int, int], tuple[float, float]]:
    pairs = zip(evaluation.own_backorders.tolist(), evaluation.fill.tolist(), strict=True)
    return dict(zip(zip(evaluation.part.tolist(), evaluation.place.tolist(), strict=True), pairs, strict=True))


def _fleets(problem: Problem) -> Fleets:
    if problem.fleets is None:
        raise ValueError("the goal is the availability of fleets, and there are none")
    return problem.fleets


def _waiting(problem: Problem, evaluation: Evaluation) -> dict[tuple[int, int], tuple[float, float]]:
    """Return by part and fleet what waits for it, and the quantity per aircraft."""
    fleets, lines, at = _fleets(problem), problem.scenario.lines, _by_place(evaluation)
    told: dict[tuple[int, int], tuple[float, float]] = {}
    for line, fleet, quantity, share in zip(
        fleets.line.tolist(), fleets.fleet.tolist(), fleets.quantity.tolist(), fleets.share.tolist(), strict=True
    ):
        part, place = int(lines.part[line]), int(lines.place[line])
        own = at.get((part, place), (0.0, 1.0))[0]
        told[part, fleet] = told.get((part, fleet), (0.0, quantity))[0] + share * own, quantity
    return told
