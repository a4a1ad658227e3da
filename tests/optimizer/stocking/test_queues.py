"""Busy shops against M/M/c by formula, and what they leave waiting."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from optimizer.run import Limit
from optimizer.stocking.check import check
from optimizer.stocking.evaluate import Method, evaluate
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Problem
from optimizer.stocking.queues import Shop, queue, queued
from optimizer.stocking.solve import solve


def in_shop(rate: float, days: float, benches: int) -> np.ndarray:
    """Return the chances of 0, 1 ... pieces in M/M/c, by its balance."""
    told = [1.0]
    for number in range(1, 4000):
        told.append(told[-1] * rate * days / min(number, benches))
    return np.array(told) / math.fsum(told)


@pytest.mark.parametrize(("rate", "benches"), [(0.9, 1), (0.5, 1), (2.4, 3), (9.0, 10), (0.75, 1), (27.0, 30)])
def test_moments_are_those_of_m_m_c(rate: float, benches: int) -> None:
    chances, told = in_shop(rate, 1.0, benches), queue(rate, 1.0, benches)
    numbers = np.arange(chances.size)
    mean = float(chances @ numbers)

    assert told.mean == pytest.approx(mean, rel=1e-9)
    assert told.waiting == pytest.approx(float(chances @ np.maximum(numbers - benches, 0)), rel=1e-9)
    assert told.variance == pytest.approx(float(chances @ numbers**2) - mean**2, rel=1e-8)


def test_one_bench_waits_as_pollaczek_and_khinchine_say() -> None:
    for variation in (0.0, 0.5, 1.0, 2.0):
        told = queue(0.8, 1.0, 1, work=variation**2)
        assert told.waiting == pytest.approx(0.8**2 * (1 + variation**2) / (2 * (1 - 0.8)))


def alone(rate: float, *numbers: str, days: float = 1.0) -> Scenario:
    """Return a place that repairs what fails there, each part at the same rate."""
    parts = [Part(number, 10.0, repair=Repair(days)) for number in numbers]
    return Scenario.of([Place("A")], parts, [Line(number, "A", rate) for number in numbers])


@pytest.mark.parametrize(("rate", "benches"), [(0.8, 1), (2.7, 3), (9.0, 10)])
@pytest.mark.parametrize("stock", [0, 2, 6, 15])
def test_backorders_are_near_those_of_m_m_c(rate: float, benches: int, stock: int) -> None:
    """Two moments of the true number; the shape is geometric, not negative binomial."""
    scenario, loads = queued(alone(rate, "P"), [Shop("S", "A", {"P": 1.0}, benches)])
    told = evaluate(scenario, {("P", "A"): stock})
    chances = in_shop(rate, 1.0, benches)
    known = float(chances @ np.maximum(np.arange(chances.size) - stock, 0))

    assert loads[0].utilisation == pytest.approx(rate / benches)
    assert told.due_mean[0] == pytest.approx(float(chances @ np.arange(chances.size)))
    assert told.weighted == pytest.approx(known, rel=0.08, abs=1e-6)
    plain = evaluate(alone(rate, "P"), {("P", "A"): stock})
    assert told.weighted > plain.weighted * (1.2 if stock else 1.1)


def test_parts_of_a_shop_share_what_waits() -> None:
    one, _ = queued(alone(0.8, "P"), [Shop("S", "A", {"P": 1.0})])
    two, loads = queued(alone(0.4, "P", "Q"), [Shop("S", "A", {"P": 1.0, "Q": 1.0})])
    whole, halves = evaluate(one, {}), evaluate(two, {})

    assert halves.due_mean.sum() == pytest.approx(whole.due_mean[0])
    # thinned: p squared of the variance and p (1 - p) of the mean
    assert halves.due_variance[0] == pytest.approx(whole.due_variance[0] / 4 + whole.due_mean[0] / 4)
    assert loads[0].wait_days == pytest.approx(0.8 / 0.2)


def test_waiting_begins_with_the_first_piece_and_has_no_step() -> None:
    """For M/M/1 of any load: no share of the bench in use makes others wait at once."""
    for load in (0.01, 0.3, 0.5, 0.69, 0.7, 0.7000001, 0.71, 0.9):
        scenario, loads = queued(alone(load, "P"), [Shop("S", "A", {"P": 1.0})])
        told = evaluate(scenario, {})

        assert loads[0].utilisation == pytest.approx(load)
        assert loads[0].wait_days == pytest.approx(load / (1 - load))
        assert told.due_mean[0] == pytest.approx(load / (1 - load))
        assert told.due_variance[0] == pytest.approx(load / (1 - load) ** 2)


@pytest.mark.parametrize("load", [0.01, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("benches", [1, 4])
def test_what_is_due_never_varies_less_than_poisson(load: float, benches: int) -> None:
    shop = Shop("S", "A", {"P": 1.0}, benches, variation=0.0)
    told = evaluate(queued(alone(load * benches, "P"), [shop])[0], {})

    assert told.due_variance[0] >= load * benches


def test_targets_grow_where_a_shop_is_busy() -> None:
    places = [Place("C"), Place("A", "C", 2.0), Place("B", "C", 3.0)]
    parts = [Part(f"N{index}", 100.0, 30.0, Repair(12.0, 0, 0.1)) for index in range(4)]
    lines = [Line(part.number, code, 0.02 * (1 + index)) for index, part in enumerate(parts) for code in "AB"]
    scenario = Scenario.of(places, parts, lines)
    work = {part.number: 5.0 for part in parts}
    busy, (load,) = queued(scenario, [Shop("S", "C", work, 2, 0.5)])
    assert load.utilisation == pytest.approx(0.9)
    plans = []
    for one in (scenario, busy):
        problem = Problem(one, {Budget.CAPITAL: 2_000.0})
        plans.append(solve(problem, limit=Limit(iterations=10**6)))
        assert check(problem, plans[-1]) == []
    plain, queue_ = plans
    assert queue_.objective > 1.5 * plain.objective
    stale = evaluate(
        busy,
        {
            (scenario.parts[part].number, scenario.places[place].code): pieces
            for part, place, pieces in zip(
                plain.evaluation.part, plain.evaluation.place, plain.evaluation.stock.tolist(), strict=True
            )
        },
    )
    assert queue_.objective < stale.weighted


@pytest.mark.parametrize(
    ("make", "culprit"),
    [
        (lambda: Shop("S", "A", {}), "shop S: say which parts"),
        (lambda: Shop("S", "A", {"P": 1.0}, 0), "shop S: benches must be 1 or more"),
        (lambda: Shop("S", "A", {"P": 0.0}), "shop S: work must be more than 0 days"),
        (lambda: Shop("S", "A", {"P": 1.0}, 1, -1.0), "shop S: variation must be 0 or more"),
        (
            lambda: queued(alone(1.0, "P"), [Shop("S", "A", {"P": 1.0})]),
            "has work for 1 benches .* 0 are missing",
        ),
        (lambda: queued(alone(2.5, "P"), [Shop("S", "A", {"P": 1.0}, 2)]), "2.5 benches .* has 2: 0.5 are missing"),
        (lambda: queued(alone(1.0, "P"), [Shop("S", "B", {"P": 0.1})]), "part P is not kept at B"),
        (lambda: queued(alone(1.0, "P"), [Shop("S", "A", {"Q": 0.1})]), "part Q is not kept at A"),
        (
            lambda: queued(
                Scenario.of([Place("A")], [Part("P", 1.0, 9.0)], [Line("P", "A", 1.0)]), [Shop("S", "A", {"P": 0.1})]
            ),
            "part P is not repaired at A",
        ),
        (
            lambda: queued(alone(0.8, "P", "Q"), [Shop("S", "A", {"Q": 0.1}), Shop("T", "A", {"P": 0.1, "Q": 0.1})]),
            "part Q is repaired at A by shop S and by shop T: .* one shop",
        ),
        (
            lambda: evaluate(queued(alone(0.9, "P"), [Shop("S", "A", {"P": 1.0})])[0], {}, Method.EXACT),
            "held up in repair: the exact model",
        ),
    ],
)
def test_shops_that_make_no_sense_are_refused(make: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        make()
