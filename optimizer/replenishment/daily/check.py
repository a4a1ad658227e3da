"""Verify and re-price a plan of a day; shares the problem's definition with the solver and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import fsum, isclose
from typing import TYPE_CHECKING

from optimizer.replenishment.check import Violation
from optimizer.replenishment.daily.model import From, Kind, Unit, Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.replenishment.daily.model import Move, Plan, Problem

ROUNDING = 1e-6


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every violation; an empty list says that each rule is kept, every piece is told and every cost is right.

    Codes of a move: `index`, `quantity`, `part`, `hold`, `unserviceable`, `owner`, `expired`, `goods`, `closed`,
    `route` (no chain from supply to need), `time` (leaves before it is ready or off a cut-off, or arrives at another
    moment), `late`, `price`. Of the plan: `released` (one of them is missing), `supply` and `need` (pieces in are not
    pieces out), `limit`, `lane`, `kit`, `lots` (a later expiring one goes first), `total`, `proof`. Linear time.
    """
    released = Counter((move.supply, move.need, move.lanes, move.each) for move in problem.released)
    stands = Counter((move.supply, move.need, move.lanes, move.each) for move in plan.moves if move.released)
    bad = {one.where for one in plan.faults}
    dropped = [n for n in range(len(problem.released)) if f"released {n}" in bad]
    for number in dropped:
        move = problem.released[number]
        released[move.supply, move.need, move.lanes, move.each] -= 1
    found = [Violation("released", f"supply {key[0]}") for key in (+released).keys() ^ (+stands).keys()]
    routes = set(problem.routes)
    for number, move in enumerate(plan.moves):
        found += [Violation(code, f"move {number}") for code in _faults(problem, move, routes)]
    return [
        *found,
        *_counts(problem, plan, bad),
        *_shared(problem, plan),
        *_lots(problem, plan),
        *_totals(problem, plan),
    ]


def _faults(problem: Problem, move: Move, routes: set[tuple[int, ...]]) -> Iterator[str]:
    if not (0 <= move.supply < len(problem.supplies) and 0 <= move.need < len(problem.needs)):
        yield "index"
        return
    if move.each < 1:
        yield "quantity"
    if move.released:
        return
    supply, need = problem.supplies[move.supply], problem.needs[move.need]
    part, lanes = problem.parts[supply.part], [problem.lanes[lane] for lane in move.lanes]
    at_s, leaves_s = supply.available_s, None
    for lane in lanes:
        if lane.cut_offs_s:
            at_s = min((moment for moment in lane.cut_offs_s if moment >= at_s), default=-1)
        leaves_s = at_s if leaves_s is None else leaves_s
        at_s += sum(lane.legs.values())
    ends = [supply.place, *(lane.destination for lane in lanes)]
    joined = all(lane.origin == end for lane, end in zip(lanes, ends, strict=False)) and ends[-1] == need.place
    freight = sum(lane.cost_per_piece + lane.cost_per_kg * part.kg for lane in lanes)
    late_h = max(0, move.arrives_s - need.due_s) / 3600
    prices = ((move.freight, freight), (move.price, supply.unit_cost), (move.lateness, late_h * need.late_cost_per_h))
    excess = need.urgency is Urgency.EXCESS
    rules = {
        "part": supply.part == need.part,
        "hold": supply.hold is None,
        "unserviceable": supply.serviceable or supply.source is From.REPAIR or excess,
        "owner": supply.owner is None or supply.owner in need.owners,
        "expired": supply.expires_s is None or supply.expires_s > max(move.arrives_s, need.due_s),
        "goods": all(lane.mode in part.modes for lane in lanes),
        "closed": not any(lane.closed for lane in lanes),
        "route": joined and not (excess and lanes) and (not lanes or move.lanes in routes),
        "time": move.arrives_s == at_s and (leaves_s is None or move.departs_s == leaves_s >= supply.available_s),
        "late": move.arrives_s <= need.latest_s,
        "price": all(isclose(told, move.each * each, rel_tol=1e-9, abs_tol=1e-6) for told, each in prices),
    }
    yield from (code for code, kept in rules.items() if not kept)


def _counts(problem: Problem, plan: Plan, bad: set[str]) -> Iterator[Violation]:
    out, into = Counter[int](), Counter[int]()
    for move in plan.moves:
        out[move.supply] += move.each
        into[move.need] += move.each
    short = {line.need: line.each for line in plan.unmet}
    kits: defaultdict[str, set[bool]] = defaultdict(set)
    for number, supply in enumerate(problem.supplies):
        held = 0 if f"supply {number}" in bad else supply.each
        if out[number] + plan.left.get(number, 0) != held or plan.left.get(number, 0) < 0:
            yield Violation("supply", f"supply {number}: {out[number]} go of {held}")
    for number, need in enumerate(problem.needs):
        wanted = 0 if f"need {number}" in bad else need.each
        told = short.get(number, wanted - into[number] if need.urgency is Urgency.EXCESS else 0)
        if into[number] + told != wanted or told < 0:
            yield Violation("need", f"need {number}: {into[number]} and {told} of {wanted}")
        if need.job is not None and not need.partial and wanted:
            kits[need.job] |= {into[number] == wanted} if into[number] in (0, wanted) else {True, False}
    started = {problem.needs[move.need].job for move in problem.released}
    yield from (Violation("kit", job) for job, states in kits.items() if len(states) > 1 and job not in started)


def _shared(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """What is released may pass a capacity that has shrunk since; nothing else may."""
    load, carried = _loads(problem, plan.moves)
    before, under_way = _loads(problem, [move for move in plan.moves if move.released])
    for number, limit in enumerate(problem.limits):
        if load[number] > max(limit.capacity, before[number]) * (1 + ROUNDING) + ROUNDING:
            yield Violation("limit", limit.name)
    for number, lane in enumerate(problem.lanes):
        room = float("inf") if lane.capacity_kg is None else max(lane.capacity_kg, under_way[number])
        if carried[number] > room * (1 + ROUNDING) + ROUNDING:
            yield Violation("lane", f"lane {number}")


def _loads(problem: Problem, moves: Sequence[Move]) -> tuple[list[float], list[float]]:
    load, carried = [0.0] * len(problem.limits), [0.0] * len(problem.lanes)
    for move in moves:
        supply = problem.supplies[move.supply]
        kg = problem.parts[supply.part].kg
        lines = [(supply.limits, supply.unit_cost)]
        for number in move.lanes:
            lane = problem.lanes[number]
            carried[number] += kg * move.each
            lines.append((lane.limits, lane.cost_per_piece + lane.cost_per_kg * kg))
        for limits, money in lines:
            for number in limits:
                unit = problem.limits[number].unit
                load[number] += move.each * (kg if unit is Unit.KG else money if unit is Unit.MONEY else 1)
    return load, carried


def _lots(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A piece left over must not expire before one of the same kind that went, where it could have gone as well."""
    last: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for move in plan.moves:
        supply = problem.supplies[move.supply]
        if supply.expires_s is not None and not move.released:
            used_s = max(move.arrives_s, problem.needs[move.need].due_s)
            last.setdefault(_alike(problem, move.supply), []).append((supply.expires_s, used_s))
    for number in plan.left:
        expires_s = problem.supplies[number].expires_s
        if expires_s is not None:
            moved = last.get(_alike(problem, number), [])
            if any(used_s < expires_s < other_s for other_s, used_s in moved):
                yield Violation("lots", f"supply {number}")


def _alike(problem: Problem, number: int) -> tuple[object, ...]:
    one = problem.supplies[number]
    at = (one.part, one.place, one.source, one.available_s, one.owner, one.unit_cost, one.limits)
    return (*at, one.hold, one.serviceable)


def _totals(problem: Problem, plan: Plan) -> Iterator[Violation]:
    made = [move for move in plan.moves if not move.released]
    running = {lane for move in plan.moves if move.released for lane in move.lanes}
    planned, again = Counter[tuple[int, int, tuple[int, ...]]](), Counter[tuple[int, int, tuple[int, ...]]]()
    bad = {one.where for one in plan.faults}
    for number, move in enumerate(problem.planned):
        if f"planned {number}" not in bad:
            planned[move.supply, move.need, move.lanes] += move.each
    for move in made:
        again[move.supply, move.need, move.lanes] += move.each
    gone = [(move.each, problem.needs[move.need].penalty) for move in made if move.kind is Kind.DISPOSE]
    sums = {
        "freight": fsum(move.freight for move in made),
        "lanes": fsum(problem.lanes[n].fixed_cost for n in {n for move in made for n in move.lanes} - running),
        "price": fsum(move.price for move in made),
        "lateness": fsum(move.lateness for move in made),
        "churn": problem.churn_cost * (planned - again).total(),
        "excess": -fsum(each * worth for each, worth in gone),
        "unmet": fsum(line.each * problem.needs[line.need].penalty for line in plan.unmet),
    }
    for term, amount in sums.items():
        if not isclose(plan.cost_by_term[term], amount, rel_tol=1e-9, abs_tol=1e-6):
            yield Violation("total", term)
    if not isclose(plan.objective, fsum(sums.values()), rel_tol=1e-9, abs_tol=1e-6):
        yield Violation("total", "objective")
    if plan.bound > plan.objective + 1e-6:
        yield Violation("proof", "bound")
