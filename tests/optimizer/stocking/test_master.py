"""The master of floors: known stock by part, what it is worth at any prices, and at which it is worth most."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.stocking.aim import aim_of
from optimizer.stocking.case import case_of
from optimizer.stocking.curves import Curve, Curves
from optimizer.stocking.evaluate import valued
from optimizer.stocking.goals import Floor, Floors, Measure
from optimizer.stocking.master import Master
from optimizer.stocking.model import Budget
from optimizer.stocking.plan import Problem
from optimizer.stocking.rounds import Round, settled
from tests.optimizer.stocking.test_solve import network


class World:
    """A network of so many parts, two budgets and floors of its two regions."""

    def __init__(self, parts: int) -> None:
        scenario = network(parts)
        first = [place.code[0] for place in scenario.places]
        group = np.array([{"R": 0, "S": 1}.get(one, -1) for one in first])[scenario.lines.place]
        floors = Floors.of([Floor("R", Measure.FILL, 0.58), Floor("S", Measure.WEIGHTED, 10.0)], group)
        money = 150.0 * parts
        problem = Problem(scenario, {Budget.CAPITAL: money, Budget.OPERATING: money / 2}, floors=floors)
        self.case = case_of(problem)
        self.aim = aim_of(problem, self.case.tree)
        self.master = Master(self.case, self.aim)

    def round(self, at: np.ndarray) -> Round:
        """Return a round at prices and multipliers."""
        prices = dict(zip(self.case.parts, at[:2].tolist(), strict=True))
        return settled(self.case, self.aim, self.aim.begun(), at[2:], ask, prices=prices)


def ask(curves: Curves, index: int, enough: float, near: float) -> Curve:
    """Return a curve."""
    return curves.of(index, enough, near)


POINTS = np.array([[1e-4, 1e-4, 0.0, 0.0], [3e-4, 2e-4, 30.0, 0.5], [2e-4, 4e-4, 80.0, 0.1], [5e-4, 5e-4, 10.0, 2.0]])


def test_known_stock_meets_the_bound_where_it_was_found_and_lies_above_it_elsewhere() -> None:
    world = World(90)
    told = [world.round(at) for at in POINTS]
    for one, at in zip(told, POINTS, strict=True):
        world.master.add(one, at)
    for one, at in zip(told, POINTS, strict=True):
        assert world.master.value(at)[0] == pytest.approx(one.bound, rel=1e-9)
    for at in np.exp((np.log(POINTS[1:] + 1e-3) + np.log(POINTS[[2, 3, 1]] + 1e-3)) / 2):
        assert world.master.value(at)[0] >= world.round(at).bound - 1e-9


def test_the_slope_is_what_prices_change() -> None:
    world = World(90)
    for at in POINTS:
        world.master.add(world.round(at), at)
    at = np.array([2.5e-4, 2.1e-4, 20.0, 0.3])
    value, slope, _ = world.master.value(at)
    for index, step in enumerate(1e-7 * at):
        moved = at.copy()
        moved[index] += step
        assert world.master.value(moved)[0] - value == pytest.approx(slope[index] * step, rel=1e-3, abs=1e-9)


def test_the_best_prices_are_those_at_which_no_others_nearby_are_worth_more() -> None:
    world, rng = World(90), np.random.default_rng(2)
    for at in POINTS:
        world.master.add(world.round(at), at)
    assert world.master.center is not None
    center, unit = world.master.center[1], np.array([1e-9, 1e-9, 1.0, 0.1])
    best = world.master.best(unit)
    most = world.master.value(best)[0]
    assert most >= world.master.value(center)[0]
    for _ in range(200):
        there = np.maximum((center + unit) * np.exp(rng.uniform(-1, 1, 4) * world.master.width) - unit, 0.0)
        assert world.master.value(there)[0] <= most * (1 + 1e-6)


def test_each_part_takes_the_best_stock_known() -> None:
    world = World(90)
    for at in POINTS:
        world.master.add(world.round(at), at)
    at = np.array([2.5e-4, 2.1e-4, 20.0, 0.3])
    stock = world.master.mixed(at)
    told = valued(world.case.tree, stock)
    value = (
        world.aim.objective(told).sum()
        + sum(price * world.case.costs(stock)[mine].sum() for price, mine in zip(at, world.master.parts, strict=False))
        + at[2:] @ world.aim.lacks.of(told)
        - at @ world.master.allowed
    )
    assert value == pytest.approx(world.master.value(at)[0], rel=1e-9)


def test_the_box_grows_with_success_and_shrinks_without() -> None:
    world = World(90)
    world.master.add(world.round(POINTS[0]), POINTS[0])
    before = world.master.width
    worse = POINTS[0] * 1e-3
    world.master.add(world.round(worse), worse)
    assert world.master.width < before
    assert world.master.center is not None
    assert (world.master.center[1] == POINTS[0]).all()
