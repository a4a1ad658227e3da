"""Small replenishment problems: one to tell stories with, and random ones tiny enough to enumerate."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations
from typing import Any

from hypothesis import strategies as st

from optimizer.replenishment.model import Class, JobNeed, Need, Part, Problem, Route, Supply, TargetNeed
from optimizer.run import Limit

HOUR_S = 3600
DAY_S = 24 * HOUR_S
XIY, VTE, NBO = range(3)
EVERYTHING = Limit(iterations=1_000_000)

AIR = Route("air", 8 * HOUR_S, cost_per_piece=20.0, cost_per_kg=5.0)
SEA = Route("sea", 20 * DAY_S, cost_per_piece=2.0, cost_per_kg=0.5)
ROUTES = {
    (XIY, VTE): (AIR, SEA),
    (XIY, NBO): (replace(AIR, lead_s=48 * HOUR_S, cost_per_kg=15.0), SEA),
    (NBO, VTE): (replace(AIR, lead_s=60 * HOUR_S, cost_per_kg=25.0),),
}


def job(name: str = "J-1", place: int = VTE, **changes: Any) -> JobNeed:
    """A critical job that wants one pump in a day and is given up after a week."""
    usual = JobNeed(
        part=0,
        place=place,
        quantity_each=1,
        job=name,
        priority=Class.CRITICAL,
        due_s=DAY_S,
        latest_s=7 * DAY_S,
        lateness_cost_per_h=10.0,
        unmet_penalty=5_000.0,
    )
    return replace(usual, **changes)


def target(place: int = VTE, **changes: Any) -> TargetNeed:
    """A target of one pump within 30 days."""
    return replace(
        TargetNeed(part=0, place=place, quantity_each=1, unmet_penalty=300.0, latest_s=30 * DAY_S), **changes
    )


def world(**changes: Any) -> Problem:
    """Three places, one pump of 10 kg that costs 1,000 and takes 20 days to buy; nothing is there or wanted."""
    pump = Part("PUMP", unit_cost=1_000.0, weight_kg=10.0, purchase_lead_s=20 * DAY_S)
    usual = Problem(("XIY", "VTE", "NBO"), (pump,), ROUTES, supplies=(), job_needs=(), target_needs=(), central=XIY)
    return replace(usual, **changes)


def arrivals(problem: Problem, supply: Supply, need: Need) -> list[tuple[int, float]]:
    """When and at what freight a piece of the supply can be at the need's place."""
    if supply.place == need.place:
        return [(supply.available_s, 0.0)]
    weight_kg = problem.parts[need.part].weight_kg
    return [
        (supply.available_s + route.lead_s, route.cost_per_piece + route.cost_per_kg * weight_kg)
        for route in problem.routes.get((supply.place, need.place), ())
    ]


def price(problem: Problem, supply: Supply, need: Need) -> float | None:
    """What a piece of the supply costs for the need; None where it cannot be there in time, or is another job's."""
    if supply.job not in (None, need.job):
        return None
    return min(
        (
            freight + max(0, arrives_s - need.due_s) / HOUR_S * need.lateness_cost_per_h
            for arrives_s, freight in arrivals(problem, supply, need)
            if arrives_s <= need.latest_s
        ),
        default=None,
    )


def tiny_problem(seed: int) -> Problem:
    """One or two parts, three places, few pieces: small enough to try every plan; prices are exact in quarters."""
    rng = random.Random(seed)

    def quarters(most: int) -> float:
        return rng.randint(0, 4 * most) / 4

    def hours(most: int) -> int:
        return rng.randint(0, most) * HOUR_S

    numbers, places = range(rng.choice((1, 1, 2))), range(3)
    parts = tuple(
        Part(f"P{i}", quarters(30), rng.choice((0.5, 1.0, 4.0)), rng.choice((None, hours(12)))) for i in numbers
    )
    routes = {
        pair: tuple(Route(mode, hours(8), quarters(8), quarters(2)) for mode in rng.choice((["air"], ["air", "sea"])))
        for pair in permutations(places, 2)
        if rng.random() < 0.8
    }
    spots = [(part, place) for part in numbers for place in places]
    supplies = {
        (*rng.choice(spots), rng.choice((0, hours(8))), rng.choice((None, None, "J0", "J1"))): rng.randint(1, 2)
        for _ in range(rng.randint(0, 4))
    }
    targets = rng.sample(spots, rng.randint(0, 3))
    job_needs = []
    for i in range(rng.randint(0, 3)):
        due_s = hours(8)
        job_needs.append(
            JobNeed(
                *rng.choice(spots),
                quantity_each=rng.randint(1, 2),
                job=f"J{i}",
                priority=rng.choice(list(Class)),
                due_s=due_s,
                latest_s=due_s + hours(8),
                lateness_cost_per_h=quarters(3),
                unmet_penalty=quarters(40),
            )
        )
    return Problem(
        ("A", "B", "C"),
        parts,
        routes,
        tuple(Supply(part, place, pieces, at_s, job) for (part, place, at_s, job), pieces in supplies.items()),
        tuple(job_needs),
        tuple(TargetNeed(*spot, rng.randint(1, 2), quarters(40), hours(16)) for spot in targets),
        central=rng.choice(places),
    )


def tiny_problems() -> st.SearchStrategy[Problem]:
    """Random tiny problems; a failing test prints the problem, whose repr rebuilds it."""
    return st.integers(0, 2**32 - 1).map(tiny_problem)
