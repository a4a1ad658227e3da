"""Evaluators against known values, and what holds for any stock."""

from __future__ import annotations

import csv
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.stocking.evaluate import Method, evaluate
from optimizer.stocking.kernel.counts import left
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario
from tests.optimizer.stocking.worlds import THREE, TWO, Three, Two, kth, lindo, published, scenarios, three, two

CLOSE = 1e-6
DAYS = ("central_TAT_days", "transit_region", "transit_fsl")
MODELS = pytest.mark.parametrize("method", Method)


def floats(told: str) -> tuple[float, ...]:
    """Return numbers with spaces between them."""
    return tuple(map(float, told.split()))


def of_two(case: Two) -> None:
    """Check all three models and the ready rates of a depot with its bases."""
    scenario, stock = two(case)
    for method, known in zip(Method, case.values, strict=True):
        assert evaluate(scenario, stock, method).weighted == pytest.approx(known, abs=CLOSE)
    assert evaluate(scenario, stock, Method.EXACT).fill[1:] == pytest.approx(case.ready, abs=CLOSE)


def of_three(case: Three) -> None:
    """Check all three models at a forward place."""
    scenario, stock = three(case)
    for method, known in zip(Method, case.values, strict=True):
        told = evaluate(scenario, stock, method)
        assert told.method is method
        assert told.backorders[-1] == pytest.approx(known, abs=CLOSE)
    assert told.fill[-1] == pytest.approx(case.ready, abs=CLOSE)


@pytest.mark.parametrize("case", TWO)
def test_two_echelons_have_their_known_values(case: Two) -> None:
    of_two(case)


@pytest.mark.parametrize("case", THREE)
def test_three_echelons_have_their_known_values(case: Three) -> None:
    of_three(case)


@pytest.mark.slow
def test_two_echelons_have_all_published_values() -> None:
    for path in sorted(published().glob("exact_two_echelon_*.csv")):
        for row in csv.DictReader(path.read_text().splitlines()):
            rates, transits, ready = (floats(row[key]) for key in ("lam", "transit", "ready_exact_by_base"))
            values = (float(row["EBO_METRIC"]), float(row["EBO_VARI"]), float(row["EBO_exact"]))
            bases = tuple(map(int, row["s"].split()))
            of_two(Two(float(row["depot_TAT"]), int(row["s0"]), rates, transits, bases, values, ready))


@pytest.mark.slow
def test_three_echelons_have_all_published_values() -> None:
    for path in sorted(published().glob("exact_three_echelon_*.csv")):
        for row in csv.DictReader(path.read_text().splitlines()):
            rate, days, region, forward = (float(row[key]) for key in ("lam_per_fsl_per_day", *DAYS))
            stock = (int(row["s_central"]), int(row["s_region"]), int(row["s_fsl"]))
            values = (float(row["EBO_fsl_METRIC"]), float(row["EBO_fsl_VARI"]), float(row["EBO_fsl_exact"]))
            shape = (int(row["regions"]), int(row["fsl_per_region"]))
            of_three(Three(*shape, rate, days, region, forward, stock, values, float(row["ready_rate_exact"])))


@pytest.mark.parametrize(
    ("depot", "bases", "known"),
    [
        (2, 1, (0.44046, 0.51926, 0.52953)),
        (2, 2, (0.09662, 0.16032, 0.15981)),
        (0, 1, (1.60379, 1.60379, 1.60379)),
    ],
)
def test_the_sample_of_lindo(depot: int, bases: int, known: tuple[float, ...]) -> None:
    stock = {("P", "D"): depot, ("P", "A"): bases, ("P", "B"): bases}
    told = [evaluate(lindo(), stock, method) for method in Method]

    assert [one.weighted for one in told] == pytest.approx(known, abs=5e-6)
    at_depot = {0: 2.8, 2: 1.09189}[depot]
    assert [one.backorders[0] for one in told] == pytest.approx([at_depot] * 3, abs=5e-6)


@MODELS
def test_one_base_of_single_pieces_is_poisson_in_every_model(method: Method) -> None:
    stock = dict(zip([(f"LRU{index}", "BASE") for index in range(1, 10)], (1, 2, 2, 2, 1, 2, 3, 1, 1), strict=True))

    assert evaluate(kth(), stock, method).weighted == pytest.approx(0.63192, abs=5e-6)


@MODELS
@settings(max_examples=30, deadline=None)
@given(scenario=scenarios())
def test_without_stock_all_that_is_due_is_waited_for(method: Method, scenario: Scenario) -> None:
    scenario = replace(scenario, parts=tuple(replace(part, order_quantity=1) for part in scenario.parts))
    told = evaluate(scenario, {}, method)

    assert told.backorders == pytest.approx(told.due_mean)
    assert told.fill == pytest.approx(np.zeros(told.fill.size))
    if method is not Method.METRIC:
        assert told.backorders_variance == pytest.approx(told.due_variance, rel=1e-6)


@MODELS
@settings(max_examples=40, deadline=None)
@given(scenario=scenarios(batches=True), seed=st.integers(0, 9999))
def test_more_stock_never_leaves_more_waiting(method: Method, scenario: Scenario, seed: int) -> None:
    if method is Method.EXACT:
        scenario = replace(scenario, parts=tuple(replace(part, dispersion=1.0) for part in scenario.parts))
    rng = random.Random(seed)
    bare = evaluate(scenario, {}, method)
    nodes = [
        (scenario.parts[part].number, scenario.places[place].code)
        for part, place in zip(bare.part, bare.place, strict=True)
    ]
    stock = {node: rng.randrange(4) for node in nodes}
    more = stock | {(node := rng.choice(nodes)): stock[node] + 1}
    before, after = evaluate(scenario, stock, method), evaluate(scenario, more, method)
    at = nodes.index(node)

    assert (after.fill[at], after.backorders[at]) >= (before.fill[at], 0)
    assert after.backorders[at] <= before.backorders[at] + 1e-12
    # two moments may rise a little far below the place where a piece was added, where almost nothing waits
    slack = 1e-9 if method is not Method.NEGATIVE_BINOMIAL else 1e-3 * bare.weighted
    assert after.weighted <= before.weighted + slack


@settings(max_examples=30, deadline=None)
@given(scenario=scenarios())
def test_without_stock_one_waits_for_the_whole_way(scenario: Scenario) -> None:
    """Little: what waits is the rate times the time from the order of the root to the arrival."""
    scenario = replace(scenario, parts=tuple(replace(part, repair=None, order_quantity=1) for part in scenario.parts))
    told = evaluate(scenario, {}, Method.EXACT)
    place_at = {place.code: place for place in scenario.places}
    lines = scenario.lines
    waiting = dict(zip(zip(told.part.tolist(), told.place.tolist(), strict=True), told.own_backorders, strict=True))
    for part, index, rate in zip(lines.part.tolist(), lines.place.tolist(), lines.rate_per_day, strict=True):
        days, place = scenario.parts[part].lead_days, scenario.places[index]
        while days is not None and place.parent is not None:
            days, place = days + (place.transit_days or 0), place_at[place.parent]
        assert waiting[part, index] == pytest.approx(rate * days)


@MODELS
def test_what_is_not_served_sums_up_to_what_is_due(method: Method) -> None:
    """Each piece of stock serves at once the share that the one before did not: over all of them, the mean due."""
    scenario = Scenario.of([Place("A")], [Part("P", 1.0, 20.0)], [Line("P", "A", 0.2)])
    fills = [evaluate(scenario, {("P", "A"): stock}, method).fill[0] for stock in range(1, 40)]

    assert sum(1 - fill for fill in fills) == pytest.approx(4.0)


def test_only_the_mean_of_a_repair_time_matters() -> None:
    """Palm: half repaired in 30 days and half bought in 10 are 20 days of repair; so are exponential times."""
    rate, stock = 0.2, 5
    mixed = Part("P", 1.0, 10.0, Repair(30.0, condemned_share=0.5))
    plain = Part("P", 1.0, repair=Repair(20.0))
    told = [
        evaluate(Scenario.of([Place("A")], [part], [Line("P", "A", rate)]), {("P", "A"): stock}, Method.EXACT)
        for part in (mixed, plain)
    ]
    assert told[0].weighted == pytest.approx(told[1].weighted, abs=1e-12)

    rng = np.random.default_rng(7)
    days = 400_000
    failed = np.sort(rng.uniform(0, days, rng.poisson(rate * days)))
    good = np.sort(failed + rng.exponential(20.0, failed.size))
    seen = np.arange(500, days, 250)
    due = np.searchsorted(failed, seen) - np.searchsorted(good, seen)
    waiting = np.maximum(due - stock, 0)
    assert abs(waiting.mean() - told[1].weighted) < 3 * waiting.std() / np.sqrt(seen.size)
    # Little: what waits is the rate times how long; the piece that serves one is the next one good
    waits = np.maximum(good[: failed.size - stock] - failed[stock:], 0)
    assert rate * waits.mean() == pytest.approx(waiting.mean(), rel=0.1)


def test_a_part_is_repaired_as_high_up_as_it_says() -> None:
    places = [Place("C"), Place("R", "C", 3.0), Place("F", "R", 1.0)]

    def due(depth: int, condemned: float = 0.0) -> list[float]:
        part = Part("P", 1.0, 50.0, Repair(10.0, depth, condemned))
        told = evaluate(Scenario.of(places, [part], [Line("P", "F", 0.1)]), {}, Method.EXACT)
        return [float(one) for one in told.due_mean]

    assert due(0) == pytest.approx([1.0, 1.3, 1.4])
    assert due(1) == pytest.approx([0.0, 1.0, 1.1])
    assert due(2) == pytest.approx([0.0, 0.0, 1.0])
    assert due(9) == pytest.approx([0.0, 0.0, 1.0])
    # a fifth is bought by the root instead: 0.02 a day, 50 days, then on its way
    assert due(2, 0.2) == pytest.approx([1.0, 1.06, 1.08 + 0.8])


def test_an_order_of_several_pieces_is_the_mean_of_its_positions() -> None:
    def left(stock: int, quantity: int, method: Method) -> float:
        part = Part("P", 1.0, 30.0, order_quantity=quantity)
        scenario = Scenario.of([Place("C")], [part], [Line("P", "C", 0.1)])
        return evaluate(scenario, {("P", "C"): stock}, method).weighted

    for method in Method:
        singles = [left(stock, 1, method) for stock in range(2, 6)]
        assert left(2, 4, method) == pytest.approx(sum(singles) / 4)


def test_batches_spread_what_waits_and_lower_what_is_served() -> None:
    places = [Place("C"), Place("A", "C", 2.0), Place("B", "C", 2.0)]
    stock = {("P", "C"): 3, ("P", "A"): 2, ("P", "B"): 2}

    def told(dispersion: float) -> tuple[float, float]:
        part = Part("P", 1.0, 14.0, dispersion=dispersion)
        lines = [Line("P", "A", 0.1), Line("P", "B", 0.1)]
        one = evaluate(Scenario.of(places, [part], lines), stock)
        return one.weighted, float(one.fill[1])

    waiting, fill = zip(*(told(dispersion) for dispersion in (1.0, 2.0, 3.0)), strict=True)
    assert sorted(waiting) == list(waiting)
    assert sorted(fill, reverse=True) == list(fill)


def test_large_numbers_are_no_matter() -> None:
    """Begun below the mean, where the chances are no machine numbers yet."""
    part = Part("P", 1.0, 30.0)
    scenario = Scenario.of([Place("C")], [part], [Line("P", "C", 100.0)])
    for method in Method:
        told = evaluate(scenario, {("P", "C"): 3000}, method)
        # a Poisson number of mean 3,000 is almost normal: sd / sqrt(2 pi), and a little more than half are below
        assert told.weighted == pytest.approx(np.sqrt(3000 / (2 * np.pi)), rel=1e-3)
        assert told.fill[0] == pytest.approx(0.5, abs=0.01)


def test_stock_where_nothing_is_asked_for_is_refused() -> None:
    scenario = Scenario.of([Place("C"), Place("F", "C", 1.0)], [Part("P", 1.0, 9.0)], [Line("P", "C", 1.0)])
    with pytest.raises(ValueError, match="part P at F: no line"):
        evaluate(scenario, {("P", "F"): 1})
    with pytest.raises(ValueError, match="part Q at C: no line"):
        evaluate(scenario, {("Q", "C"): 1})
    with pytest.raises(ValueError, match="part P at C: stock must be a whole number, 0 or more, not -1"):
        evaluate(scenario, {("P", "C"): -1})


def test_the_exact_model_refuses_batches() -> None:
    scenario = Scenario.of([Place("C")], [Part("P", 1.0, 9.0, dispersion=2.0)], [Line("P", "C", 1.0)])
    with pytest.raises(ValueError, match=r"part P is asked for in batches \(dispersion 2\).*use negative_binomial"):
        evaluate(scenario, {}, Method.EXACT)


def beyond(mean: float, excess: float, stock: int) -> tuple[float, float]:
    """Return what is beyond a stock and the chance of fewer: of a sum of all chances, each from the one before."""
    shape, tail = (1.0 / excess * mean, excess / (1.0 + excess)) if excess else (0.0, 0.0)
    log, logs = (-shape * math.log1p(excess) if excess else -mean), []
    for x in range(int(mean + 40 * math.sqrt(mean * (1 + excess))) + 60):
        logs.append(log)
        log += math.log((shape + x) * tail if excess else mean) - math.log(x + 1)
    chances = [math.exp(one) for one in logs]
    return math.fsum((x - stock) * one for x, one in enumerate(chances) if x > stock), math.fsum(chances[:stock])


@pytest.mark.parametrize("mean", [5.0, 620.0, 1_000.0, 5_000.0, 20_000.0])
@pytest.mark.parametrize("excess", [0.0, 2e-10, 1e-9, 1e-7, 1e-5, 1e-3, 0.1, 1.0, 40.0])
def test_numbers_of_pieces_are_sound_however_near_to_poisson(mean: float, excess: float) -> None:
    """A variance just above the mean makes gamma functions of a very large shape, which must not cancel."""
    for deviations in (-2.0, 0.0, 2.0):
        stock = int(mean + deviations * math.sqrt(mean * (1 + excess)))
        short, _, fewer, _ = left(mean, mean * (1 + excess), max(0, stock))
        known = beyond(mean, excess, max(0, stock))
        assert short == pytest.approx(known[0], rel=1e-5, abs=1e-6)
        assert fewer == pytest.approx(known[1], rel=1e-6, abs=1e-8)
