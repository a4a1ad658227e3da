"""The loop around rounds that raises what a group's lines weigh until its floor is met, and bends what is not straight.

For any prices of money, multipliers of floors and slopes of the goal a round gives a bound; those are sought for which
money is just spent and floors that cost something are just met. What a floor lacks depends on what its lines weigh
beside the price of money, what is spent on that price: each follows what it exceeds by what the last rounds told. A
network of many parts is searched with some of them first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.aim import SOUND, Aim
from optimizer.stocking.evaluate import valued
from optimizer.stocking.plan import WayOut
from optimizer.stocking.polish import Moves
from optimizer.stocking.rounds import settled
from optimizer.stocking.secant import Secant
from optimizer.stocking.told import reached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.case import Case
    from optimizer.stocking.model import Budget
    from optimizer.stocking.plan import Reached
    from optimizer.stocking.rounds import Ask, Round

    Floats = NDArray[np.float64]

SAMPLED = 2_000
"""How many parts are searched first, where there are at least twice as many."""
ROUNDS, ROUNDS_OF_ALL, ROUNDS_OF_MONEY = 40, 8, 10
"""How many rounds there are at most: of few or of some parts, of all of many, and of few with their money."""
STILL, GAINED = 4, 5e-4
"""The rounds in which the bound must rise by this share, for more to follow."""
CLOSE = 1e-6
"""The gap with which the search is content."""
CLOSE_TO_MONEY = 1e-3
"""The same where the money is sought that would do."""
NEAR = 0.1
"""What a floor may lack too much and money exceed, as a share, for single pieces to be moved."""
RAISED = 0.01
"""The logarithm of how much more the lines of floors weigh that are not met, money being spent; then twice that."""
STEPS = 4
"""How often single pieces are moved after a round, at most."""
TINY = float(np.finfo(float).tiny)


class Loop:
    """The search for prices and multipliers of one network: the best stock that meets all, the nearest, and the bound.

    Without the `goal` money has the price 1, any of it may be spent, and the least is sought.
    """

    def __init__(self, case: Case, aim: Aim, ask: Ask, *, goal: bool = True) -> None:
        self.case, self.aim, self.ask, self.goal = case, aim, ask, goal
        floors = aim.lacks.limit.size
        self.limit = np.maximum(aim.lacks.limit, TINY)
        self.multipliers, self.unit = np.zeros(floors), np.zeros(floors)
        self.last: Round | None = None
        self.slopes = aim.begun() if goal else np.zeros(0)
        self.prices: Mapping[Budget, float] = dict.fromkeys(case.parts, 1.0)
        self.floors, self.budgets = Secant(floors), Secant(len(case.parts))
        self.first: Round | None = None
        self.points: Mapping[Budget, tuple[tuple[float, float], ...]] = {}
        self.best: Round | None = None
        self.nearest: Round | None = None
        self.excess = math.inf
        self.ended = False
        self.at_best = self.multipliers
        self.bound = 0.0 if goal else -math.inf
        self.worst = math.inf

    def begin(self) -> None:
        """Run a round without floors, which spends the money."""
        self.first = told = settled(self.case, self.aim, self.slopes, self.multipliers, self.ask)
        self.ended = not told.whole
        self.points = told.points
        self.prices = {budget: max(price, TINY) for budget, price in told.prices.items()}
        self.bound = max(self.bound, told.bound)
        self.keep(told)
        if self.aim.plain:
            return
        # what a floor's lines weigh by themselves is the unit of its multiplier
        wait, miss = self.aim.weights(self.slopes, np.zeros(self.limit.size))
        weighs = told.evaluation.own_backorders * wait
        if miss is not None:
            weighs = weighs + miss * (1.0 - told.evaluation.fill)
        lacks = self.aim.lacks
        mine = np.bincount(lacks.floor, weighs[lacks.node], self.limit.size)
        least = 1e-6 * float(weighs.sum()) / max(1, self.limit.size)
        self.unit = np.maximum(mine, least) / np.maximum(told.lack, TINY)
        # no stock leaves more than none: a bound above that proves that none meets all floors
        self.worst = math.fsum(self.aim.objective(valued(self.case.tree, self.case.tree.least))) * (1.0 + CLOSE)
        self._step(told)

    def run(self, rounds: int, *, polished: bool) -> None:
        """Run rounds at prices until the gap is closed, the floors are proven to be too much or work is ended."""
        bounds = []
        for _ in range(rounds):
            bounds.append(self.bound)
            still = len(bounds) > STILL and self.bound - bounds[-STILL - 1] <= GAINED * abs(self.bound)
            if still or self.done or self.bound > self.worst or not self._round(self.prices, polished=polished):
                return
            if self.last is not None:
                self._step(self.last)

    def finish(self, rounds: int) -> None:
        """Run rounds that spend the money, with floors raised that are not met, whether or not all can be."""
        for number in range(rounds):
            if self.done or not self._round(None if self.goal else self.prices, polished=True) or self.last is None:
                return
            unmet = self.last.lack > self.limit * (1.0 + SOUND)
            if not unmet.any():
                return
            raised = np.where(unmet, RAISED * 2.0**number, 0.0)
            self.multipliers = (self.unit + self.multipliers) * np.exp(raised) - self.unit

    def _round(self, prices: Mapping[Budget, float] | None, *, polished: bool) -> bool:
        """Run a round; return False where work was ended."""
        told = settled(self.case, self.aim, self.slopes, self.multipliers, self.ask, prices=prices, goal=self.goal)
        self.ended = not told.whole
        if self.ended:
            return False
        self.bound = max(self.bound, told.bound)
        self.keep(told)
        if polished and self._exceeds(told) < NEAR:
            self._polish(told)
        self.last = told
        return True

    @property
    def found(self) -> Round:
        """The best stock that meets all floors, or what comes nearest to that."""
        found = self.best or self.nearest
        if found is None:
            raise ValueError("nothing was searched yet")
        return found

    @property
    def done(self) -> bool:
        """True where nothing better can be found, or next to nothing."""
        if self.best is None:
            return False
        straight = self.best is self.first and not self.slopes.size
        close = CLOSE if self.goal else CLOSE_TO_MONEY
        return straight or self._value(self.best) - self.bound <= close * self._value(self.best)

    def told(self) -> tuple[Reached, ...]:
        """Return what each floor reaches."""
        if self.first is None:
            return ()
        return reached(self.case, self.aim.lacks, self.first, self.found, self.at_best, self.found.prices)

    def slopes_at(self, told: Round) -> Floats:
        """Return the slopes of the goal at a round."""
        if not self.slopes.size or self.aim.seats is None:
            return self.slopes
        return self.aim.seats.slopes(self.aim.seats.empty(told.evaluation.own_backorders))

    def _value(self, told: Round) -> float:
        return told.objective if self.goal else math.fsum(told.costs)

    def _paid(self, told: Round) -> Floats:
        """Return the share of each budget that is spent, beyond what must be."""
        if not self.goal:
            return np.zeros(len(self.case.parts))
        shares = []
        for budget, mine in self.case.parts.items():
            money, cost = told.money[budget], math.fsum(told.costs[mine])
            spent, dust = cost - (self.case.money[budget] - money), 1e-9 * float(self.case.price[mine].min())
            shares.append((max(spent, 0.0) + dust) / (money + dust))
        return np.array(shares)

    def _exceeds(self, told: Round) -> float:
        """Return the share by which the worst floor or budget is exceeded."""
        lack = float((told.lack / self.limit).max(initial=0.0))
        return max(lack, float(self._paid(told).max())) - 1.0

    def keep(self, told: Round) -> bool:
        """Keep a round if it is the best or the nearest so far that can be paid; return whether it is."""
        if float(self._paid(told).max()) - 1.0 > SOUND:
            return False
        lack, better = float((told.lack / self.limit).max(initial=0.0)) - 1.0, False
        if lack <= SOUND and (self.best is None or self._value(told) < self._value(self.best)):
            self.best, self.nearest, better = told, None, True
        if self.best is None and lack < self.excess:
            self.nearest, self.excess, better = told, lack, True
        if better:
            self.at_best = self.multipliers
        return better

    def _step(self, told: Round) -> None:
        """Choose the prices, multipliers and slopes of the next round."""
        price = np.array(list(self.prices.values()))
        strength = np.log(np.maximum(self.unit + self.multipliers, TINY)) - np.log(price).mean()
        after = strength + self.floors.change(strength, np.log(np.maximum(told.lack, TINY) / self.limit))
        if self.goal:
            change = self.budgets.change(np.log(price), np.log(np.maximum(self._paid(told), TINY)))
            price = np.maximum(price * np.exp(change), TINY)
            self.prices = dict(zip(self.prices, price.tolist(), strict=True))
        raised = np.exp(np.minimum(after + np.log(price).mean(), 600.0))
        self.multipliers = np.maximum(raised - self.unit, 0.0)
        if self.slopes.size:
            self.slopes = (self.slopes + self.slopes_at(told)) / 2

    def _polish(self, told: Round) -> None:
        """Move single pieces, as long as that is of use."""
        for _ in range(STEPS):
            weights = self.aim.weights(self.slopes_at(told), np.zeros(self.limit.size), goal=self.goal)
            moves = Moves(self.case, self.aim.lacks, told.evaluation, weights, self.multipliers, told.prices)
            stock = moves.made()
            if stock is None:
                return
            evaluation = valued(self.case.tree, stock)
            told = told._replace(
                evaluation=evaluation,
                goal=self.aim.objective(evaluation),
                costs=self.case.costs(stock),
                lack=self.aim.lacks.of(evaluation),
                proven=False,
            )
            if not self.keep(told):
                return

    def follow(self, other: Loop) -> None:
        """Go on where the search with some parts ended."""
        self.multipliers, self.prices = other.multipliers, other.prices
        # the powers that the last rounds of a sample told are of its single pieces
        self.floors, self.budgets = Secant(self.limit.size), Secant(len(self.case.parts))
        if self.first is not None:
            self.slopes = self.slopes_at(self.first)

    def some(self) -> Loop:
        """Return a search with some parts, for what these had of the money and lacked of the floors at first."""
        case, first = self.case, self.first
        if first is None:
            raise ValueError("a first round of all parts is needed")
        chosen = np.linspace(0, case.price.size - 1, SAMPLED).astype(np.int64)
        money = {budget: float(first.costs[np.intersect1d(mine, chosen)].sum()) for budget, mine in case.parts.items()}
        small = case.some(chosen, money)
        aim = self.aim.some(small.tree, chosen, self.aim.lacks.limit)
        kept = np.zeros(case.price.size, np.bool_)
        kept[chosen] = True
        stock = first.evaluation.stock[np.repeat(kept, np.diff(case.tree.at))]
        lack = aim.lacks.of(valued(small.tree, stock))
        share = np.divide(lack, first.lack, out=np.full(lack.size, SAMPLED / case.price.size), where=first.lack > 0)
        lacks = aim.lacks._replace(limit=self.aim.lacks.limit * share)
        return Loop(small, Aim(aim.goal, aim.tree, lacks, aim.seats), self.ask)


def searched(case: Case, aim: Aim, ask: Ask) -> Loop:
    """Return the search of a whole network."""
    loop = Loop(case, aim, ask)
    loop.begin()
    if aim.plain or loop.first is None or not loop.first.whole:
        return loop
    many = case.price.size >= 2 * SAMPLED
    if many and not loop.done:
        some = loop.some()
        some.begin()
        some.run(ROUNDS, polished=False)
        loop.follow(some)
    loop.run(ROUNDS_OF_ALL if many else ROUNDS, polished=True)
    loop.finish(1 if many or loop.bound > loop.worst else ROUNDS_OF_MONEY)
    return loop


def way_out(loop: Loop) -> WayOut | None:
    """Return money for which all floors are met, after a search that did not meet them.

    None where work was ended, no money was found to do, or it is there, so that the search has found a stock after all.
    """
    first = loop.first
    if first is None or loop.ended:
        return None
    case = loop.case._replace(money=dict.fromkeys(loop.case.money, math.inf))
    cheapest = Loop(case, loop.aim, loop.ask, goal=False)
    price = math.exp(np.log(list(loop.prices.values())).mean())
    cheapest.multipliers = np.maximum((loop.unit + loop.multipliers) / price, TINY)
    cheapest.run(ROUNDS_OF_ALL if case.price.size >= 2 * SAMPLED else ROUNDS, polished=True)
    if cheapest.best is None:
        cheapest.finish(ROUNDS_OF_MONEY)
    if cheapest.best is None or loop.keep(cheapest.best._replace(money=first.money)):
        return None
    costs = cheapest.best.costs
    return WayOut({budget: math.fsum(costs[mine]) for budget, mine in case.parts.items()}, cheapest.bound)
