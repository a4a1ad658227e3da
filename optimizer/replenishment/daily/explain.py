"""Why a need stays unmet and how it could be met, and why a move draws on its supply and not on another.

Codes beside those that bar a way (see `ways`); `misses_by` in the unit given, `price` of the values is the money that a
piece would cost this way, `place` the supply's:

- `no_stock` (pieces): nobody holds, awaits, could buy or repair a piece.
- `no_lane` (None): pieces lie at `place`, but no route leads from there.
- `uneconomic` (money): a piece costs this much more than its penalty.
- `full` (the unit of `limit`): this much more of `limit` would be needed.
- `lane_cost` (money): `lane` would have to run, which costs this much more than the pieces save.
- `scarce` (money): all pieces go to others; the least that one of them (`holder`, a job or a target) loses without.
- `kit` (pieces): pieces are there, but another part of the job's kit is not.
- `next_best` (money): free pieces of another supply or way cost this much more than the move's.
- `not_found` (money): it could be served and save this much: the search ended before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.replenishment.daily.build import kits
from optimizer.replenishment.daily.model import Unmet, Urgency
from optimizer.run import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.daily.model import Need, Plan, Problem
    from optimizer.replenishment.daily.state import State
    from optimizer.replenishment.daily.ways import Way, Ways

NO_WAY_OUT = {"no_stock", "no_lane", "closed", "too_late", "expired", "goods", "cut_off", "unserviceable"}
"""Codes that no money and no decision of the day mends."""


@dataclass(frozen=True, slots=True)
class MoveExplanation:
    """What a move serves, what it costs, the penalty that it avoids, and what speaks against the other ways."""

    need: Need
    cost: float
    penalty_avoided: float
    others: tuple[Reason, ...]


def why_unmet(state: State, ways: Ways) -> Iterator[Unmet]:
    """Yield every need that lacks pieces, with the cheapest way of each kind that would have served it."""
    kit = kits(state.problem, state.bad)
    for number, each in enumerate(state.lacking):
        need = state.problem.needs[number]
        if not each or need.urgency is Urgency.EXCESS:
            continue
        reasons = _best(_reasons(state, ways, number, kit[number] >= 0))
        if not reasons:
            reasons = [_nothing(state, ways, need, each)]
        outs = [one for one in reasons if one.code not in NO_WAY_OUT]
        way_out = min(outs, key=lambda one: float(one.values["price"]), default=None)
        yield Unmet(number, each, tuple(reasons), way_out)


def _nothing(state: State, ways: Ways, need: Need, each: int) -> Reason:
    """Return why there is no other way at all: nobody has another piece, or none can come from where they lie."""
    away = None
    for number in state.of_part[need.part]:
        supply = state.problem.supplies[number]
        if supply.each and not ways.between(supply, need):
            away = away or Reason("no_lane", None, {"place": state.problem.places[supply.place].code})
    return away or Reason("no_stock", each)


def explain_move(problem: Problem, plan: Plan, index: int) -> MoveExplanation:
    """Explain `plan.moves[index]`. Reads the whole plan once. Raises IndexError on an unknown index."""
    from optimizer.replenishment.daily.state import State
    from optimizer.replenishment.daily.ways import Ways

    move = plan.moves[index]
    need = problem.needs[move.need]
    bad = {one.where for one in plan.faults}
    state, ways = State(problem, plan.moves, bad), Ways(problem, bad)
    cost = move.freight + move.price + move.lateness
    others: list[Reason] = []
    for number in state.of_part[need.part]:
        for way in ways.between(problem.supplies[number], need):
            if (number, way.lanes) == (move.supply, move.lanes):
                continue
            reason = _reason(state, number, move.need, way, own=number == move.supply)
            if reason is not None and reason.code in ("not_found", "uneconomic", "lane_cost"):
                reason = Reason("next_best", float(reason.values["price"]) - cost / move.each, reason.values)
            if reason is not None:
                others.append(reason)
    return MoveExplanation(need, cost, move.each * need.penalty, tuple(_best(iter(others))))


def _best(reasons: Iterator[Reason]) -> list[Reason]:
    """Return the cheapest reason of each code, the cheapest first."""
    found: dict[str, Reason] = {}
    for reason in reasons:
        known = found.get(reason.code)
        if known is None or float(reason.values["price"]) < float(known.values["price"]):
            found[reason.code] = reason
    return sorted(found.values(), key=lambda one: (float(one.values["price"]), one.code))


def _reasons(state: State, ways: Ways, number: int, in_kit: bool) -> Iterator[Reason]:
    need = state.problem.needs[number]
    for supply in state.of_part[need.part]:
        if state.problem.supplies[supply].each:
            for way in ways.between(state.problem.supplies[supply], need):
                reason = _reason(state, supply, number, way, in_kit=in_kit)
                if reason is not None:
                    yield reason


def _reason(
    state: State, supply: int, number: int, way: Way, *, in_kit: bool = False, own: bool = False
) -> Reason | None:
    """Return why the need is not served this way; None where the pieces are the need's already."""
    problem, need = state.problem, state.problem.needs[number]
    held = problem.supplies[supply]
    values: dict[str, str | int | float] = {"place": problem.places[held.place].code, "price": way.cost}
    if way.barred is not None:
        late_min = max(way.arrives_s - need.latest_s, 0) / 60 if way.barred == "too_late" else None
        if held.hold is not None:
            values["hold"] = held.hold
        return Reason(way.barred, late_min, values | {"arrives_s": way.arrives_s})
    values["arrives_s"] = way.arrives_s
    if state.left[supply] <= 0 and not own:
        return _scarce(state, supply, number, way, values)
    if short := state.short(supply, way.lanes):
        tightest = max(short, key=lambda room: room.amount - room.left)
        return Reason("full", tightest.amount - tightest.left, values | {"limit": tightest.name})
    if in_kit:
        return Reason("kit", state.lacking[number], values)
    if way.cost >= need.penalty:
        return Reason("uneconomic", way.cost - need.penalty, values)
    fees = {lane: problem.lanes[lane].fixed_cost for lane in way.lanes if lane not in state.runs}
    pieces = max(min(state.left[supply], state.lacking[number]), 1)
    saved = (need.penalty - way.cost) * pieces
    if sum(fees.values()) >= saved > 0:
        lane = max(fees, key=lambda one: fees[one])
        values |= {"lane": state.lane_name(lane), "price": way.cost + sum(fees.values()) / pieces}
        return Reason("lane_cost", sum(fees.values()) - saved, values)
    return Reason("not_found", need.penalty - way.cost, values)


def _scarce(state: State, supply: int, number: int, way: Way, values: dict[str, str | int | float]) -> Reason | None:
    others = [move for move in state.takers[supply] if move.need != number]
    if not others:
        return None
    weakest = min(others, key=lambda move: state.problem.needs[move.need].penalty)
    loses = state.problem.needs[weakest.need]
    values["price"] = way.cost + loses.penalty
    values["holder"] = loses.job or f"target at {state.problem.places[loses.place].code}"
    return Reason("scarce", loses.penalty, values)
