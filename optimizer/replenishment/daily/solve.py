"""Plan the replenishment of a day."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.replenishment.check import Violation
from optimizer.replenishment.daily.build import Built, build, proposed
from optimizer.replenishment.daily.explain import why_unmet
from optimizer.replenishment.daily.fair import evened
from optimizer.replenishment.daily.faults import faults
from optimizer.replenishment.daily.lots import first_expiring
from optimizer.replenishment.daily.model import Kind, Move, Plan, Proposal, Urgency, kind_of
from optimizer.replenishment.daily.search import search
from optimizer.replenishment.daily.state import State
from optimizer.run import Limit, OnProgress, ShouldStop, never_stop, no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.replenishment.daily.core import Ints
    from optimizer.replenishment.daily.model import Problem


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> Plan:
    """Return the moves of the day with their proof and their reasons; `limit.iterations` counts nodes, see `search`.

    AOG and critical needs get no fewer pieces than by the rule of thumb. What is wrong in the problem is left out and
    named in the plan.
    """
    started_s = time.monotonic()
    wrong = faults(problem)
    wrong += _released(problem, {one.where for one in wrong})
    bad = {one.where for one in wrong}
    problem = replace(
        problem,
        released=tuple(move for n, move in enumerate(problem.released) if f"released {n}" not in bad),
        planned=tuple(move for n, move in enumerate(problem.planned) if f"planned {n}" not in bad),
    )
    built = build(problem, bad)
    found = search(
        built.core,
        limit=limit,
        seed=seed,
        should_stop=should_stop,
        on_progress=on_progress,
        urgent_as_greedy=True,
    )
    moves = _moves(problem, built, first_expiring(problem, built, evened(problem, built, found.pieces)))
    state = State(problem, moves, bad)
    terms = _terms(problem, moves, state)
    objective = sum(terms.values())
    return Plan(
        status=found.status,
        objective=objective,
        bound=min(found.bound + built.offset, objective),
        avoidable_gap=found.avoidable_gap,
        seconds=time.monotonic() - started_s,
        moves=tuple(_credited(problem, moves, state)),
        proposals=tuple(_proposals(problem, moves)),
        left={number: each for number, each in enumerate(state.left) if each},
        unmet=tuple(why_unmet(state, built.ways)),
        cost_by_term=terms,
        faults=tuple(wrong),
    )


def _released(problem: Problem, bad: set[str]) -> list[Violation]:
    """Return moves of before that speak of what is not there, or of more than there is."""
    found = []
    left, lacking = [one.each for one in problem.supplies], [one.each for one in problem.needs]
    for name, moves in (("released", problem.released), ("planned", problem.planned)):
        for number, move in enumerate(moves):
            known = move.supply in range(len(left)) and move.need in range(len(lacking)) and move.each > 0
            known = known and all(lane in range(len(problem.lanes)) for lane in move.lanes)
            if not known or {f"supply {move.supply}", f"need {move.need}"} & bad:
                found.append(Violation("index", f"{name} {number}"))
            elif name == "released":
                left[move.supply] -= move.each
                lacking[move.need] -= move.each
                if left[move.supply] < 0 or lacking[move.need] < 0:
                    found.append(Violation("quantity", f"{name} {number}"))
    return found


def _moves(problem: Problem, built: Built, pieces: Ints) -> list[Move]:
    """Return the released moves and those that were found."""
    total: Counter[tuple[int, int, tuple[int, ...]]] = Counter()
    ways = {}
    for move in pieces.nonzero()[0].tolist():
        key = (*built.ends[move], built.chosen[move].lanes)
        total[key] += int(pieces[move])
        ways[key] = built.chosen[move]
    found = [replace(move, released=True) for move in problem.released]
    for key, each in total.items():
        supply, need, lanes = key
        way = ways[key]
        origin = problem.places[problem.supplies[supply].place]
        destination = problem.places[problem.needs[need].place]
        kind = kind_of(origin, destination) if lanes else Kind.STAY
        if problem.needs[need].urgency is Urgency.EXCESS:
            kind = Kind.DISPOSE
        found.append(
            Move(
                supply=supply,
                need=need,
                each=each,
                lanes=lanes,
                departs_s=way.departs_s,
                arrives_s=way.arrives_s,
                kind=kind,
                freight=each * way.freight,
                price=each * way.price,
                lateness=each * way.lateness,
                grant=origin.region if kind is Kind.OFFER else None,
            )
        )
    return found


def _terms(problem: Problem, moves: Sequence[Move], state: State) -> dict[str, float]:
    made = [move for move in moves if not move.released]
    again: Counter[tuple[int, int, tuple[int, ...]]] = Counter()
    for move in problem.planned:
        again[move.supply, move.need, move.lanes] += move.each
    dropped = sum(again.values())
    for move in made:
        dropped -= min(move.each, again[move.supply, move.need, move.lanes])
    running = {lane for move in moves if move.released for lane in move.lanes}
    opened = {lane for move in made for lane in move.lanes} - running
    short = [(each, problem.needs[need]) for need, each in enumerate(state.lacking) if each]
    gone = [(move.each, problem.needs[move.need]) for move in made if move.kind is Kind.DISPOSE]
    return {
        "freight": sum(move.freight for move in made),
        "lanes": sum(problem.lanes[lane].fixed_cost for lane in opened),
        "price": sum(move.price for move in made),
        "lateness": sum(move.lateness for move in made),
        "churn": problem.churn_cost * dropped,
        "excess": -sum(each * need.penalty for each, need in gone),
        "unmet": sum(each * need.penalty for each, need in short if need.urgency is not Urgency.EXCESS),
    }


def _credited(problem: Problem, moves: list[Move], state: State) -> list[Move]:
    """Credit each lender with the worth of the piece that it lacks most once it has lent."""
    worth: defaultdict[tuple[int, int], float] = defaultdict(float)
    for number, each in enumerate(state.lacking):
        need = problem.needs[number]
        if each and need.job is None and need.urgency is not Urgency.EXCESS:
            worth[need.part, need.place] = max(worth[need.part, need.place], need.penalty)
    found = []
    for move in moves:
        supply = problem.supplies[move.supply]
        credit = worth.get((supply.part, supply.place), 0.0) if move.kind is Kind.OFFER else 0.0
        found.append(replace(move, credit=credit))
    return found


def _proposals(problem: Problem, moves: list[Move]) -> list[Proposal]:
    """Return what to buy and what to repair, the piece that avoids most first."""
    each: Counter[int] = Counter()
    cost: defaultdict[int, float] = defaultdict(float)
    worth: defaultdict[int, float] = defaultdict(float)
    for move in moves:
        if proposed(problem.supplies[move.supply]) and not move.released:
            each[move.supply] += move.each
            cost[move.supply] += move.price
            worth[move.supply] += move.each * problem.needs[move.need].penalty - move.freight - move.lateness
    found = [Proposal(supply, count, cost[supply], worth[supply]) for supply, count in each.items()]
    return sorted(found, key=lambda one: (-one.worth / one.each, one.supply))
