"""From the day as people know it to parallel arrays."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.replenishment.daily.core import PIECES_MAX, Core
from optimizer.replenishment.daily.model import From, Unit, Urgency
from optimizer.replenishment.daily.ways import Way, Ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.daily.model import Problem, Supply

URGENCIES = len(Urgency)


@dataclass(frozen=True)
class Built:
    """The arrays: supplies and needs by the problem's numbers, moves by `ends` and `ways`; `again` ones are of before.

    The cost of the arrays is that of the problem less `offset`: what it costs to make no planned move again, less the
    worth of all excess.
    """

    core: Core
    ways: Ways
    ends: list[tuple[int, int]]
    chosen: list[Way]
    again: list[bool]
    offset: float


def build(problem: Problem, bad: set[str]) -> Built:
    """Return the arrays of what is left once bad lines are out and released moves are made. Linear in the ways."""
    ways = Ways(problem, bad)
    shared = _Shared(problem)
    ends: list[tuple[int, int]] = []
    chosen: list[Way] = []
    again: list[bool] = []
    cost: list[float] = []
    each: list[int] = []
    planned: Counter[tuple[int, int, tuple[int, ...]]] = Counter()
    for move in problem.planned:
        planned[move.supply, move.need, move.lanes] += move.each
    for supply, need, way in _possible(problem, ways, bad):
        kept = planned[supply, need, way.lanes]
        for most, credit in ((PIECES_MAX, 0.0), (kept, problem.churn_cost)):
            if most and (credit or most == PIECES_MAX):
                shared.add(len(ends), way, problem.supplies[supply])
                ends.append((supply, need))
                chosen.append(way)
                again.append(most != PIECES_MAX)
                cost.append(way.cost - credit)
                each.append(most)
    core = _core(problem, bad, ends, cost, each, shared)
    excess = float((core.penalty * core.need_each)[core.urgency == Urgency.EXCESS].sum())
    return Built(core, ways, ends, chosen, again, problem.churn_cost * sum(planned.values()) - excess)


def _possible(problem: Problem, ways: Ways, bad: set[str]) -> Iterator[tuple[int, int, Way]]:
    """Yield supply, need and way of every move that no rule bars."""
    of_part: defaultdict[int, list[int]] = defaultdict(list)
    for number, supply in enumerate(problem.supplies):
        if f"supply {number}" not in bad and f"part {supply.part}" not in bad:
            of_part[supply.part].append(number)
    for number, need in enumerate(problem.needs):
        if f"need {number}" not in bad:
            for holder in of_part[need.part]:
                for way in ways.between(problem.supplies[holder], need):
                    if way.barred is None:
                        yield holder, number, way


class _Shared:
    """Limits first, then lanes that carry so much only or cost something by themselves; less what is released."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        lanes = [n for n, lane in enumerate(problem.lanes) if lane.fixed_cost > 0 or lane.capacity_kg is not None]
        self.of_lane = {lane: len(problem.limits) + index for index, lane in enumerate(lanes)}
        self.capacity = [max(limit.capacity, 0.0) for limit in problem.limits]
        self.fixed = [0.0] * len(self.capacity)
        for number in lanes:
            lane = problem.lanes[number]
            self.capacity.append(float("inf") if lane.capacity_kg is None else max(lane.capacity_kg, 0.0))
            self.fixed.append(max(lane.fixed_cost, 0.0))
        self.uses: list[tuple[int, int, float]] = []
        self.linear: dict[tuple[object, ...], list[tuple[int, float, float]]] = {}
        for move in problem.released:
            for shared, amount in self._amounts(move.lanes, problem.supplies[move.supply]):
                self.capacity[shared] = max(self.capacity[shared] - amount * move.each, 0.0)
                self.fixed[shared] = 0.0

    def add(self, move: int, way: Way, supply: Supply) -> None:
        """Note what a piece of the move uses."""
        self.uses += [(move, shared, amount) for shared, amount in self._amounts(way.lanes, supply)]

    def _amounts(self, lanes: tuple[int, ...], supply: Supply) -> list[tuple[int, float]]:
        key = (lanes, supply.limits, supply.unit_cost) if supply.limits else (lanes,)
        if key not in self.linear:
            self.linear[key] = self._linear(lanes, supply)
        kg = self.problem.parts[supply.part].kg
        return [(shared, each + per_kg * kg) for shared, each, per_kg in self.linear[key]]

    def _linear(self, lanes: tuple[int, ...], supply: Supply) -> list[tuple[int, float, float]]:
        """Return what a piece uses of each shared thing: so much, and so much more a kg."""
        total: defaultdict[int, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        lines = [(supply.limits, supply.unit_cost, 0.0)]
        for number in lanes:
            lane = self.problem.lanes[number]
            lines.append((lane.limits, lane.cost_per_piece, lane.cost_per_kg))
            if number in self.of_lane:
                total[self.of_lane[number]] = (0.0, 1.0)
        for limits, money, money_per_kg in lines:
            for limit in limits:
                unit = self.problem.limits[limit].unit
                each = {Unit.KG: (0.0, 1.0), Unit.PIECES: (1.0, 0.0), Unit.MONEY: (money, money_per_kg)}[unit]
                total[limit] = (total[limit][0] + each[0], total[limit][1] + each[1])
        return [(shared, *amounts) for shared, amounts in total.items()]


def _core(
    problem: Problem, bad: set[str], ends: list[tuple[int, int]], cost: list[float], each: list[int], shared: _Shared
) -> Core:
    sent = Counter[int]()
    met = Counter[int]()
    for move in problem.released:
        sent[move.supply] += move.each
        met[move.need] += move.each
    held = [0 if f"supply {n}" in bad else max(s.each - sent[n], 0) for n, s in enumerate(problem.supplies)]
    wanted = [0 if f"need {n}" in bad else max(need.each - met[n], 0) for n, need in enumerate(problem.needs)]
    penalty = [0.0 if f"need {n}" in bad else need.penalty for n, need in enumerate(problem.needs)]
    pairs = np.array(ends, np.int64).reshape(-1, 2)
    uses = np.array(shared.uses, np.float64).reshape(-1, 3)
    return Core(
        supply_each=np.array(held, np.int64),
        supply_part=np.array([supply.part for supply in problem.supplies], np.int64),
        need_each=np.array(wanted, np.int64),
        need_part=np.array([need.part for need in problem.needs], np.int64),
        penalty=np.array(penalty, np.float64),
        urgency=np.array([need.urgency for need in problem.needs], np.int64),
        kit=np.array(kits(problem, bad), np.int64),
        floor=np.zeros(URGENCIES, np.int64),
        supply=pairs[:, 0].copy(),
        need=pairs[:, 1].copy(),
        cost=np.array(cost, np.float64),
        each=np.array(each, np.int64),
        capacity=np.array(shared.capacity, np.float64),
        fixed=np.array(shared.fixed, np.float64),
        use_move=uses[:, 0].astype(np.int64),
        use_shared=uses[:, 1].astype(np.int64),
        use_amount=uses[:, 2].copy(),
    )


def kits(problem: Problem, bad: set[str]) -> list[int]:
    """Return for each need the number of its kit, -1 where pieces of it may come alone."""
    of_job: defaultdict[str, list[int]] = defaultdict(list)
    for number, need in enumerate(problem.needs):
        if need.job is not None and not need.partial and f"need {number}" not in bad:
            of_job[need.job].append(number)
    found = [-1] * len(problem.needs)
    for kit, needs in enumerate(of_job.values()):
        if sum(problem.needs[number].each for number in needs) > 1:
            for number in needs:
                found[number] = kit
    return found


def proposed(supply: Supply) -> bool:
    """Tell whether pieces of the supply are only there once somebody decides so."""
    return supply.source in (From.PURCHASE, From.REPAIR)
