"""A small network to tell stories with, and random days in it."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from optimizer.replenishment.daily.check import check
from optimizer.replenishment.daily.model import (
    EVERY_MODE,
    UNKNOWN_GOODS,
    From,
    Lane,
    Limit,
    Mode,
    Move,
    Need,
    Part,
    Place,
    Plan,
    Problem,
    Supply,
    Tier,
    Unit,
    Urgency,
)
from optimizer.replenishment.daily.solve import solve
from tests.optimizer.replenishment.daily.cores import EVERYTHING

H = 3600
XIY, VTE, LPQ, PKZ, SUB, NBO = range(6)
TRUCK, FORWARD, EXPEDITE, LATERAL, AFRICA, BACK, TO_LPQ, FROM_LPQ = range(8)
EXPEDITES, HANDLING = range(2)

PLACES = (
    Place("XIY", "CN", Tier.CENTRAL),
    Place("VTE", "SEA", Tier.REGION),
    Place("LPQ", "SEA", Tier.CENTRE),
    Place("PKZ", "SEA", Tier.OUTLET),
    Place("SUB", "SEA", Tier.OUTLET),
    Place("NBO", "EAF", Tier.REGION),
)
LANES = (
    Lane(XIY, VTE, Mode.CARGO, {"pack": 2 * H, "clearance": 10 * H, "transport": 8 * H}, 5.0, 1.0, limits=(HANDLING,)),
    Lane(VTE, PKZ, Mode.ROAD, {"transport": 6 * H}, 2.0),
    Lane(XIY, PKZ, Mode.PASSENGER, {"clearance": 4 * H, "transport": 8 * H}, 40.0, limits=(EXPEDITES, HANDLING)),
    Lane(SUB, PKZ, Mode.ROAD, {"transport": 8 * H}, 10.0),
    Lane(NBO, VTE, Mode.CARGO, {"clearance": 40 * H, "transport": 20 * H}, 30.0),
    Lane(PKZ, VTE, Mode.ROAD, {"transport": 6 * H}, 2.0),
    Lane(VTE, LPQ, Mode.ROAD, {"transport": 3 * H}, 1.0),
    Lane(LPQ, PKZ, Mode.ROAD, {"transport": 3 * H}, 1.5),
)
ROUTES = (*((number,) for number in range(len(LANES))), (TRUCK, FORWARD), (TO_LPQ, FROM_LPQ), (AFRICA, FORWARD))


def job(name: str = "J-1", **changes: Any) -> Need:
    """One pump for an aircraft on ground at PKZ, wanted in a day, useless after a week."""
    usual = Need(0, PKZ, 1, 2000.0, Urgency.AOG, name, due_s=24 * H, latest_s=168 * H, late_cost_per_h=10.0)
    return replace(usual, **changes)


def target(place: int = PKZ, **changes: Any) -> Need:
    """One pump on the shelf, worth 60."""
    return replace(Need(0, place, 1, 60.0), **changes)


def stock(place: int = XIY, **changes: Any) -> Supply:
    """One pump on the shelf."""
    return replace(Supply(0, place, 1), **changes)


def lane(number: int, **changes: Any) -> tuple[Lane, ...]:
    """The lanes, one of them changed."""
    return (*LANES[:number], replace(LANES[number], **changes), *LANES[number + 1 :])


def world(*lines: Supply | Need, **changes: Any) -> Problem:
    """The network with some supplies and needs: pumps of 10 kg, wheels of 40 kg."""
    usual = Problem(
        parts=(Part("PUMP", 10.0), Part("WHEEL", 40.0)),
        places=PLACES,
        lanes=LANES,
        routes=ROUTES,
        limits=(Limit("expedites", Unit.MONEY, 1000.0), Limit("handling", Unit.PIECES, 100.0)),
        supplies=tuple(line for line in lines if isinstance(line, Supply)),
        needs=tuple(line for line in lines if isinstance(line, Need)),
    )
    return replace(usual, **changes)


def planned(problem: Problem) -> Plan:
    """Solve, and have the plan checked."""
    plan = solve(problem, limit=EVERYTHING)
    assert check(problem, plan) == []
    return plan


def told(plan: Plan) -> list[tuple[int, int, int, str]]:
    """Supply, need, pieces and kind of each move."""
    return sorted((move.supply, move.need, move.each, str(move.kind)) for move in plan.moves)


@st.composite
def days(draw: st.DrawFn) -> Problem:
    """A random day with lots, holds, owners, kits, purchases, cut-offs, limits, released and planned moves."""
    dice = random.Random(draw(st.integers(0, 2**32 - 1)))
    supplies = [
        Supply(
            part=dice.randint(0, 1),
            place=dice.randint(0, 5),
            each=dice.randint(0, 3),
            source=dice.choice((From.STOCK, From.STOCK, From.DUE, From.PURCHASE, From.REPAIR)),
            available_s=dice.choice((0, 0, 5 * H)),
            lot=dice.choice((None, "A", "B")),
            serviceable=dice.random() < 0.9,
            owner=dice.choice((None, None, None, "LAO")),
            hold=dice.choice((None, None, None, None, "customs")),
            expires_s=dice.choice((None, 30 * H, 300 * H)),
            unit_cost=dice.choice((0.0, 0.0, 50.0)),
            limits=dice.choice(((), (HANDLING,))),
        )
        for _ in range(dice.randint(0, 7))
    ]
    needs = [
        Need(
            part=dice.randint(0, 1),
            place=dice.randint(0, 5),
            each=dice.randint(0, 2),
            penalty=float(dice.choice((5, 60, 300, 2000))),
            urgency=dice.choice(tuple(Urgency)[:4]),
            job=dice.choice((None, "J-1", "J-2")),
            due_s=dice.choice((0, 24 * H)),
            latest_s=dice.choice((-1, 30 * H, 10**9)),
            late_cost_per_h=dice.choice((0.0, 2.0)),
            partial=False,
            owners=dice.choice((frozenset(), frozenset({"LAO"}))),
        )
        for _ in range(dice.randint(0, 6))
    ]
    needs += [Need(dice.randint(0, 1), dice.randint(0, 5), 2, 7.0, Urgency.EXCESS) for _ in range(dice.randint(0, 2))]
    lanes = tuple(
        replace(
            one,
            fixed_cost=dice.choice((0.0, 15.0)),
            capacity_kg=dice.choice((None, 25.0, 90.0)),
            cut_offs_s=dice.choice(((), (0,), (4 * H, 28 * H))),
            closed=dice.choice((None, None, None, "embargo")),
        )
        for one in LANES
    )
    limits = (Limit("expedites", Unit.MONEY, dice.choice((-1.0, 50.0))), Limit("handling", Unit.PIECES, 3.0))
    parts = (Part("PUMP", 10.0), Part("WHEEL", 40.0, dice.choice((EVERY_MODE, UNKNOWN_GOODS))))
    problem = world(*supplies, *needs, parts=parts, lanes=lanes, limits=limits, churn_cost=dice.choice((0.0, 3.0)))
    if dice.random() < 0.5:
        return problem
    before: tuple[Move, ...] = solve(problem, limit=EVERYTHING).moves
    kept = dice.randint(0, len(before))
    alone = [move for move in before[:kept] if problem.needs[move.need].job is None]
    return replace(problem, released=tuple(alone), planned=before[kept:])
