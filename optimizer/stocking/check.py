"""Verify and re-price stock targets; shares the problem's definition with the solver and nothing else."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from optimizer.stocking.check_goals import Violation, floors_and_fleets, goal_of, weights_of
from optimizer.stocking.goals import Goal
from optimizer.stocking.model import Budget

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from optimizer.stocking.model import Part, Scenario
    from optimizer.stocking.plan import Plan, Problem

CLOSE = 1e-6
"""What two ways to add up the same chances may differ by, as a share."""
MONEY = 1e-9
FAR = 40
"""How many standard deviations from the mean nothing is."""


def check(problem: Problem, plan: Plan, kept: Collection[str] = ()) -> list[Violation]:
    """Return every violation; an empty list says that the targets may be and are rightly valued.

    Codes: `node` (a part at a place where nothing asks for it, there or below, or twice), `missing` (a line without a
    target), `bounds` (less than the least of a line or more than its most), `waiting` (other backorders than the
    two-moment model has, or another share served at once), `money` (a budget is exceeded or its spending wrong),
    `surplus` (wrong, or one more of it would help for nothing; not of the parts whose targets are `kept` as they were),
    `total`, `proof` (bound, gap and status do not fit), `floor` and `fleet` (they reach something else than is told).
    That no targets are better is not checked. O(places × stock) for each part, that for each place where there is
    surplus, in plain Python.
    """
    told: dict[int, dict[int, int]] = defaultdict(dict)
    evaluation = plan.evaluation
    found: list[Violation] = []
    for part, place, pieces in zip(
        evaluation.part.tolist(), evaluation.place.tolist(), evaluation.stock.tolist(), strict=True
    ):
        if place in told[part]:
            found.append(Violation("node", _name(problem.scenario, part, place)))
        told[part][place] = pieces
    found += _bounds(problem.scenario, told)
    found += _waiting(problem.scenario, plan, told)
    found += _money(problem, plan, told)
    found += _idle(problem, plan, told, kept)
    found += _totals(problem, plan)
    found += floors_and_fleets(problem, plan)
    return found


def _name(scenario: Scenario, part: int, place: int) -> str:
    return f"part {scenario.parts[part].number} at {scenario.places[place].code}"


def _bounds(scenario: Scenario, told: Mapping[int, Mapping[int, int]]) -> Iterator[Violation]:
    lines = scenario.lines
    for part, place, least, most in zip(
        lines.part.tolist(), lines.place.tolist(), lines.least.tolist(), lines.most.tolist(), strict=True
    ):
        pieces = told[part].get(place)
        if pieces is None:
            yield Violation("missing", _name(scenario, part, place))
        elif not least <= pieces <= most:
            yield Violation("bounds", _name(scenario, part, place))
    for part, held in told.items():
        for place, pieces in held.items():
            if pieces < 0:
                yield Violation("bounds", _name(scenario, part, place))


def _asked(scenario: Scenario) -> Mapping[int, Mapping[int, float]]:
    """Return by part and place what is asked for a day."""
    lines = scenario.lines
    asked: dict[int, dict[int, float]] = defaultdict(dict)
    for part, place, rate in zip(lines.part.tolist(), lines.place.tolist(), lines.rate_per_day.tolist(), strict=True):
        asked[part][place] = rate
    return asked


def _waiting(scenario: Scenario, plan: Plan, told: Mapping[int, Mapping[int, int]]) -> Iterator[Violation]:
    evaluation, asked = plan.evaluation, _asked(scenario)
    waiting = {part: _Flow(scenario, part, asked[part]).waiting(held) for part, held in told.items()}
    for part, place, own, fill in zip(
        evaluation.part.tolist(),
        evaluation.place.tolist(),
        evaluation.own_backorders.tolist(),
        evaluation.fill.tolist(),
        strict=True,
    ):
        if place not in waiting[part]:
            yield Violation("node", _name(scenario, part, place))
            continue
        known = waiting[part][place]
        if not all(math.isclose(*pair, rel_tol=CLOSE, abs_tol=CLOSE) for pair in zip(known, (own, fill), strict=True)):
            yield Violation("waiting", _name(scenario, part, place))


class _Flow:
    """One part: what is asked for and ordered where, from the leaves up, then what waits, from the root down."""

    def __init__(self, scenario: Scenario, part: int, asked: Mapping[int, float]) -> None:
        self.scenario, self.part, self.asked = scenario, scenario.parts[part], asked
        at = {place.code: index for index, place in enumerate(scenario.places)}
        self.children: dict[int, set[int]] = defaultdict(set)
        self.above: dict[int, int] = {}
        for index in asked:
            here = index
            while (parent := scenario.places[here].parent) is not None:
                self.above[here] = at[parent]
                self.children[at[parent]].add(here)
                here = at[parent]
            self.root = here
        self.held_up: dict[int, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        if (stuck := scenario.held_up) is not None:
            for one in (stuck.part == part).nonzero()[0].tolist():
                mean, variance = self.held_up[int(stuck.place[one])]
                self.held_up[int(stuck.place[one])] = (
                    mean + float(stuck.mean[one]),
                    variance + float(stuck.variance[one]),
                )
        self.rate: dict[int, float] = {}
        self.orders: dict[int, float] = {}
        self.repairs: dict[int, float] = {}
        self._up(self.root, 0)

    def _up(self, place: int, depth: int) -> float:
        """Fill rates; return the failed pieces that are sent up."""
        sent = [self._up(child, depth + 1) for child in sorted(self.children[place])]
        own = self.asked.get(place, 0.0)
        self.rate[place] = own + math.fsum(self.orders[child] for child in self.children[place])
        failed, repair = own + math.fsum(sent), self.part.repair
        here = repair is not None and depth <= repair.depth
        self.repairs[place] = failed * (1 - repair.condemned_share) if repair is not None and here else 0.0
        self.orders[place] = self.rate[place] - self.repairs[place]
        return 0.0 if here else failed

    def waiting(self, held: Mapping[int, int]) -> dict[int, tuple[float, float]]:
        """Return by place the mean backorders of those whom it serves itself, and the share served at once."""
        own: dict[int, tuple[float, float]] = {}
        todo = [(self.root, 0.0, 0.0)]
        while todo:
            place, above, spread = todo.pop()
            mean = self._due(place)
            variance = mean * self.part.dispersion + self.held_up[place][1]
            asked = self.rate[self.above[place]] if place != self.root else 0.0
            share = self.orders[place] / asked if asked else 0.0
            mean += share * above
            variance += share**2 * spread + share * (1 - share) * above * self.part.dispersion
            quantity = self.part.order_quantity if place == self.root else 1
            some = [_beyond(mean, variance, held.get(place, 0) + more) for more in range(quantity)]
            short = math.fsum(one for one, _ in some) / quantity
            square = math.fsum(two for _, two in some) / quantity
            mine = short * self.asked.get(place, 0.0) / self.rate[place] if self.rate[place] else 0.0
            levels = [held.get(place, 0) + more for more in range(quantity)]
            served = math.fsum(_served(mean, variance, level, self.part.dispersion) for level in levels)
            own[place] = mine, served / quantity
            todo += [(child, short, square - short**2) for child in self.children[place]]
        return own

    def _due(self, place: int) -> float:
        unknown, where, part = self.scenario.assumed_days or 0.0, self.scenario.places[place], self.part
        way = part.lead_days if where.parent is None else where.transit_days
        turn = part.repair.turn_around_days if part.repair is not None else None
        moving = self.orders[place] * (way or unknown) + self.repairs[place] * (turn or unknown)
        return moving + self.held_up[place][0]


def _chances(mean: float, variance: float, count: int) -> list[float]:
    """Return the chances of 0, 1 ... pieces."""
    if mean <= 0:
        return [1.0, *[0.0] * (count - 1)][:count]
    over = variance - mean
    poisson = over <= 1e-9 * mean
    shape, tail = (0.0, 0.0) if poisson else (mean * mean / over, over / variance)
    # logarithms, one from the one before: gamma functions of a large shape would cancel
    log, told = -mean if poisson else shape * math.log1p(-tail), []
    for x in range(count):
        told.append(math.exp(log))
        log += math.log(mean if poisson else (shape + x) * tail) - math.log(x + 1)
    return told


def _beyond(mean: float, variance: float, stock: int) -> tuple[float, float]:
    """Return mean and mean square of what goes beyond a stock: of all, less what stays below."""
    if mean <= 0:
        return 0.0, 0.0
    chances = _chances(mean, variance, stock)
    if stock > mean + 3 * math.sqrt(variance):  # so little is beyond that the rest would cancel
        beyond = _chances(mean, variance, stock + FAR + int(FAR * math.sqrt(variance)))[stock:]
        short = math.fsum(x * one for x, one in enumerate(beyond))
        return short, math.fsum(x * x * one for x, one in enumerate(beyond))
    short = mean - stock + math.fsum((stock - x) * one for x, one in enumerate(chances))
    square = variance + (mean - stock) ** 2 - math.fsum((stock - x) ** 2 * one for x, one in enumerate(chances))
    short = max(0.0, short)
    return short, max(short, square)


def _served(mean: float, variance: float, stock: int, dispersion: float) -> float:
    """Return the share of pieces served at once: of a logarithmic batch as many as are on the shelf."""
    chances = _chances(mean, variance, stock)
    if dispersion <= 1 + 1e-12:
        return math.fsum(chances)
    theta = 1 - 1 / dispersion
    scale = -1 / math.log1p(-theta)
    sizes = [scale * theta**size / size for size in range(1, stock + 1)]
    mean_size = scale * theta / (1 - theta)
    of_shelf = [
        math.fsum(min(size, shelf) * one for size, one in enumerate(sizes, 1)) + shelf * (1 - math.fsum(sizes))
        for shelf in range(stock + 1)
    ]
    return math.fsum(one * of_shelf[stock - x] for x, one in enumerate(chances)) / mean_size


def _money(problem: Problem, plan: Plan, told: Mapping[int, Mapping[int, int]]) -> Iterator[Violation]:
    lines, parts = problem.scenario.lines, problem.scenario.parts
    owned: dict[int, int] = defaultdict(int)
    for part, pieces in zip(lines.part.tolist(), lines.owned.tolist(), strict=True):
        owned[part] += pieces
    spent: dict[Budget, list[float]] = {budget: [] for budget in Budget}
    for index, part in enumerate(parts):
        more = sum(told[index].values()) - owned[index]
        spent[part.budget].append(_price(part, more, problem.resale_share))
        if plan.surplus[index] != max(0, -more):
            yield Violation("surplus", f"part {part.number}")
    for budget, costs in spent.items():
        if not costs:
            continue
        total, spending = math.fsum(costs), plan.spending[budget]
        slack = MONEY * math.fsum(map(abs, costs)) + MONEY
        if abs(total - spending.spent) > slack or total > problem.budgets[budget] + slack:
            yield Violation("money", budget)


def _idle(
    problem: Problem, plan: Plan, told: Mapping[int, Mapping[int, int]], kept: Collection[str]
) -> Iterator[Violation]:
    """Yield parts of which owned pieces lie in no target, bring no money, and would help somewhere."""
    if problem.resale_share > 0:
        return
    scenario, asked, weight = problem.scenario, _asked(problem.scenario), weights_of(problem)
    lines = scenario.lines
    keys = zip(lines.part.tolist(), lines.place.tolist(), strict=True)
    most = dict(zip(keys, lines.most.tolist(), strict=True))
    for index in plan.surplus.nonzero()[0].tolist():
        if index not in told or scenario.parts[index].number in kept:
            continue
        flow, held = _Flow(scenario, index, asked[index]), told[index]

        def left(stock: Mapping[int, int], flow: _Flow = flow, index: int = index) -> float:
            known = flow.waiting(stock)
            return math.fsum(
                wait * known[place][0] + miss * (1 - known[place][1])
                for place, (wait, miss) in weight[index].items()
                if place in known
            )

        now, scale = left(held), math.fsum(map(math.fsum, weight[index].values()))
        free = [place for place, pieces in held.items() if pieces < most.get((index, place), math.inf)]
        if any(now - left({**held, place: held[place] + 1}) > CLOSE * scale for place in free):
            yield Violation("surplus", f"part {scenario.parts[index].number}")


def _price(part: Part, more: int, resale_share: float) -> float:
    return part.price * (more if more > 0 else more * resale_share)


def _totals(problem: Problem, plan: Plan) -> Iterator[Violation]:
    total = math.fsum(one.objective for one in plan.spending.values())
    known = goal_of(problem, plan.evaluation)
    if not (
        math.isclose(plan.objective, known, rel_tol=CLOSE, abs_tol=CLOSE)
        and math.isclose(plan.objective, total, rel_tol=MONEY)
        and (problem.goal is not Goal.WAITING or math.isclose(plan.evaluation.weighted, known, rel_tol=CLOSE))
    ):
        yield Violation("total", "objective")
    gap = (plan.objective - plan.bound) / plan.objective if plan.objective > 0 else 0.0
    proven = plan.status != "optimal" or gap == 0
    met = all(one.met for one in plan.floors) == (plan.status in {"optimal", "feasible"})
    if gap < 0 or not math.isclose(gap, plan.gap, rel_tol=MONEY, abs_tol=MONEY) or not proven or not met:
        yield Violation("proof", plan.status)
