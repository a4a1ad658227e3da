"""What is simulated is what is known: exact values, formulas, laws that hold whatever the numbers."""

from __future__ import annotations

import csv
import math
import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stocking.answers import network
from optimizer.run import Limit, Progress
from optimizer.simulation.check import check
from optimizer.simulation.model import Batches, Neighbours, RepairQueue, World
from optimizer.simulation.simulate import simulate
from optimizer.stocking.evaluate import Method, evaluate
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario
from tests.optimizer.simulation.worlds import base, errors, exact, problem_of, region, seen
from tests.optimizer.stocking.worlds import THREE, TWO, Three, Two, lindo, published, scenarios, three, two

VARYING = World(turn_around_variation=1.0)


@pytest.mark.parametrize("case", TWO)
def test_two_echelons_are_within_three_standard_errors(case: Two) -> None:
    scenario, stock = two(case)
    told = seen(scenario, stock, 40_000.0)
    known = evaluate(scenario, stock, Method.EXACT)

    assert errors(told.weighted, known.weighted) < 3
    assert (errors(told.due, known.due_mean) < 3).all()
    assert (errors(told.fill, known.fill) < 3).all()


@pytest.mark.parametrize("case", THREE)
def test_three_echelons_are_within_three_standard_errors(case: Three) -> None:
    scenario, stock = three(case)
    told = seen(scenario, stock, 40_000.0)
    known = evaluate(scenario, stock, Method.EXACT)

    assert errors(told.weighted, known.weighted) < 3
    assert errors(told.backorders, known.backorders)[0] < 3


@pytest.mark.slow
@pytest.mark.parametrize("echelons", ["two", "three"])
def test_published_networks_are_within_three_standard_errors(echelons: str) -> None:
    """Every fifth row; of 40 values, one in ten such files may be beyond by chance."""
    beyond = []
    for path in sorted(published().glob(f"exact_{echelons}_echelon_*.csv")):
        for row in list(csv.DictReader(path.read_text().splitlines()))[::5]:
            scenario, stock = network(row)
            told = seen(scenario, stock, 20_000.0)
            if np.isfinite(error := errors(told.weighted, exact(scenario, stock))[0]) and error >= 3:
                beyond.append(row["case"])
    assert len(beyond) <= 1


@pytest.mark.parametrize(("depot", "bases"), [(0, 1), (2, 1), (2, 2)])
def test_the_sample_of_lindo(depot: int, bases: int) -> None:
    stock = {("P", "D"): depot, ("P", "A"): bases, ("P", "B"): bases}

    assert errors(seen(lindo(), stock, 40_000.0).weighted, exact(lindo(), stock)) < 3


@pytest.mark.parametrize("variation", [0.0, 0.4, 1.0, 1.5])
def test_only_the_mean_of_a_repair_time_matters(variation: float) -> None:
    """Palm: for any number of servers, deterministic, exponential and Gamma times leave the same waiting."""
    scenario, stock = two(TWO[5])
    told = seen(scenario, stock, 40_000.0, World(turn_around_variation=variation))

    assert errors(told.weighted, exact(scenario, stock)) < 3


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_logarithmic_batches_at_one_place_are_negative_binomial(dispersion: float) -> None:
    scenario, stock = base(dispersion=dispersion), {("PUMP", "A"): 6}
    told, known = seen(scenario, stock, 40_000.0), evaluate(scenario, stock)

    assert errors(told.weighted, known.weighted) < 3
    assert errors(told.fill, known.fill) < 3


def test_geometric_batches_at_one_place_are_a_compound_poisson_number() -> None:
    """Panjer: n p(n) is the sum of k events f(k) p(n - k), for 2 events of 2 pieces in the mean within the time."""
    events, tail, stock = 2.0, 0.5, 6
    size = [0.0] + [(1 - tail) * tail**k for k in range(99)]
    chance = [math.exp(-events)]
    for n in range(1, 99):
        chance.append(events / n * sum(k * size[k] * chance[n - k] for k in range(1, n + 1)))
    waiting = sum((n - stock) * one for n, one in enumerate(chance) if n > stock)
    told = seen(
        base(dispersion=(1 + tail) / (1 - tail)),
        {("PUMP", "A"): stock},
        40_000.0,
        World(batches=Batches.GEOMETRIC),
    )

    assert errors(told.weighted, waiting) < 3
    assert errors(told.due, 4.0) < 3


def test_whole_batches_wait_for_one_place() -> None:
    """The plan knows, and is near; were pieces to come one by one, half as many would wait."""
    scenario = region(dispersion=3.0)
    stock = {("PUMP", "C"): 2, ("PUMP", "F0"): 1, ("PUMP", "F1"): 1, ("PUMP", "F2"): 1}
    told = float(seen(scenario, stock, 60_000.0, World(batches=Batches.GEOMETRIC)).weighted.mean[0])
    single = replace(scenario, parts=(replace(scenario.parts[0], dispersion=1.0),))

    assert evaluate(single, stock).weighted < 0.5 * told
    assert evaluate(scenario, stock).weighted == pytest.approx(told, rel=0.15)


def erlang_c(servers: int, work: float) -> float:
    """Return the chance that all servers are busy."""
    terms = [work**count / math.factorial(count) for count in range(servers)]
    last = work**servers / math.factorial(servers) * servers / (servers - work)
    return last / (sum(terms) + last)


@pytest.mark.parametrize("servers", [1, 3, 5])
def test_a_shop_is_the_queue_of_erlang(servers: int) -> None:
    """M/M/c at 80 %: the queue, how long one waits in it, how busy the servers are, and what is due."""
    share = 0.8
    work = share * servers
    queue = erlang_c(servers, work) * share / (1 - share)
    world = replace(VARYING, shops=(RepairQueue("A", servers),))
    told = seen(base(rate=work / 20.0), {}, 60_000.0, world)

    assert errors(told.utilisation, share) < 3
    assert errors(told.queue, queue) < 3
    assert errors(told.queue_days, queue / (work / 20.0)) < 3
    assert errors(told.weighted, work + queue) < 3


def test_parts_of_a_shop_wait_for_each_other() -> None:
    """Two kinds of pumps in one shop are as many of one kind; in shops of their own each waits less than half of it."""
    parts = [Part(name, 1.0, repair=Repair(20.0)) for name in ("ONE", "TWO")]
    scenario = Scenario.of([Place("A")], parts, [Line("ONE", "A", 0.02), Line("TWO", "A", 0.02)])
    shared = seen(scenario, {}, 60_000.0, replace(VARYING, shops=(RepairQueue("A", 1),)))
    apart = seen(
        scenario, {}, 60_000.0, replace(VARYING, shops=(RepairQueue("A", 1, ("ONE",)), RepairQueue("A", 1, ("TWO",))))
    )

    assert errors(shared.utilisation, 0.8) < 3
    assert errors(shared.queue, 0.64 / 0.2) < 3
    assert (errors(apart.queue, 0.16 / 0.6) < 3).all()


def test_times_that_vary_leave_it_to_the_mean_what_is_due() -> None:
    scenario, stock = three(THREE[2])
    told = seen(
        scenario,
        stock,
        40_000.0,
        World(turn_around_variation=0.5, transit_variation=1.0, lead_variation=2.0),
    )

    assert errors(told.due, evaluate(scenario, stock, Method.EXACT).due_mean)[0] < 3


@pytest.mark.parametrize("quantity", [1, 4])
def test_orders_of_several_pieces_and_condemned_ones(quantity: int) -> None:
    repair = Repair(20.0, condemned_share=0.3)
    parts = [Part("PUMP", 1.0, 30.0, repair, quantity), Part("SEAL", 1.0, 30.0, order_quantity=quantity)]
    lines = [Line(part.number, code, 0.05) for part in parts for code in ("C", "F")]
    scenario = Scenario.of([Place("C"), Place("F", "C", 3.0)], parts, lines)
    stock = {("PUMP", "C"): 2, ("PUMP", "F"): 1, ("SEAL", "C"): 2, ("SEAL", "F"): 1}
    told, known = seen(scenario, stock, 60_000.0), evaluate(scenario, stock, Method.EXACT)

    assert (errors(told.backorders, known.backorders) < 3).all()
    assert (errors(told.due, known.due_mean) < 3).all()


@settings(max_examples=25, deadline=None)
@given(scenario=scenarios(batches=True), seed=st.integers(0, 9999))
def test_without_stock_all_that_is_due_is_waited_for(scenario: Scenario, seed: int) -> None:
    parts = tuple(replace(part, order_quantity=1) for part in scenario.parts)
    told = seen(replace(scenario, parts=parts), {}, 500.0, VARYING, replications=2, seed=seed)

    assert told.backorders.mean == pytest.approx(told.due.mean)
    assert np.nansum(told.fill.mean) == 0


@settings(max_examples=40, deadline=None)
@given(scenario=scenarios(batches=True), seed=st.integers(0, 9999), pieces=st.integers(0, 3), beside=st.booleans())
def test_the_books_of_any_network_add_up(scenario: Scenario, seed: int, pieces: int, beside: bool) -> None:
    bare = evaluate(scenario, {})
    codes = tuple(place.code for place in scenario.places)
    world = World(
        pools=(Neighbours(codes, 0.3),) if beside else (),
        batches=Batches.GEOMETRIC,
        turn_around_variation=1.0,
        transit_variation=0.5,
        lead_variation=0.1,
    )
    problem = replace(problem_of(scenario, {}, 400.0, world), stock=np.full(bare.stock.size, pieces))
    told = simulate(problem, limit=Limit(iterations=2), seed=seed)

    assert check(problem, told) == []


def test_what_is_not_served_sums_up_to_what_is_due() -> None:
    """Each piece of stock serves at once the share that the one before did not: over all of them, the mean due."""
    told = [seen(base(), {("PUMP", "A"): stock}, 10_000.0) for stock in range(1, 20)]
    known = 4.0 - sum(1 - float(one.fill.mean[0]) for one in told)

    assert abs(known) < 3 * float(told[0].due.half_width[0])


def test_more_stock_never_leaves_more_waiting() -> None:
    """The same random numbers, so that it holds without any interval."""
    waiting = [float(seen(base(), {("PUMP", "A"): stock}, 2_000.0).weighted.mean[0]) for stock in range(8)]

    assert waiting == sorted(waiting, reverse=True)


def test_who_waits_waits_for_as_long_as_little_says() -> None:
    scenario, stock = two(TWO[5])
    told, known = seen(scenario, stock, 40_000.0), evaluate(scenario, stock, Method.EXACT)
    rate = np.array([0.238458, 0.147111, 0.091347])

    assert (errors(told.wait_days, known.backorders / rate) < 3).all()


def test_places_that_help_each_other_have_less_waiting() -> None:
    scenario = region()
    stock = {("PUMP", "C"): 1, ("PUMP", "F0"): 1, ("PUMP", "F1"): 1, ("PUMP", "F2"): 1}
    alone = seen(scenario, stock, 60_000.0)
    helped = seen(scenario, stock, 60_000.0, World(pools=(Neighbours(("F0", "F1", "F2"), 0.25),)))
    two_of_three = seen(scenario, stock, 60_000.0, World(pools=(Neighbours(("F0", "F1"), 0.25),)))

    assert helped.weighted.mean[0] < 0.5 * alone.weighted.mean[0]
    assert (helped.borrowed.mean[1:] > 0.05).all()
    assert (helped.borrowed.mean + helped.fill.mean <= 1)[1:].all()
    # a third place that helps nobody is helped by nobody
    assert two_of_three.borrowed.mean[3] == 0
    assert two_of_three.borrowed.mean[1] > 0


def test_without_stock_beside_nobody_helps() -> None:
    scenario = region()
    stock = {("PUMP", "C"): 2}
    told = [
        seen(scenario, stock, 2_000.0, world)
        for world in (World(), World(pools=(Neighbours(("F0", "F1", "F2"), 0.25),)))
    ]

    assert np.array_equal(told[0].books, told[1].books)


def test_the_same_seed_gives_the_same_whatever_works_on_it() -> None:
    scenario = _many()
    problem = problem_of(scenario, {}, 3_000.0, replace(VARYING, shops=(RepairQueue("C", 9),)))
    limit = Limit(iterations=4)
    alone = simulate(problem, limit=limit, seed=5)
    for workers in (1, 2):
        with ThreadPoolExecutor(workers) as pool:
            told = simulate(problem, limit=limit, seed=5, executor=pool)
        assert np.array_equal(told.books, alone.books)
        assert np.array_equal(told.backorders.half_width, alone.backorders.half_width)
    assert not np.array_equal(simulate(problem, limit=limit, seed=6).books, alone.books)


def test_processes_do_as_well_as_threads() -> None:
    problem = problem_of(region(), {}, 500.0)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        told = simulate(problem, limit=Limit(iterations=2), seed=5, executor=pool)

    assert np.array_equal(told.books, simulate(problem, limit=Limit(iterations=2), seed=5).books)


def _many() -> Scenario:
    """Return more parts than are simulated in one job, of which only those above the places share a shop."""
    places = [Place("C"), Place("F", "C", 1.0)]
    parts = [Part(f"P{index}", 1.0, repair=Repair(4.0, depth=index % 2)) for index in range(24)]
    return Scenario.of(
        places, parts, [Line(part.number, "F", 0.9 if part.repair.depth else 0.15) for part in parts if part.repair]
    )


def test_a_part_is_drawn_the_same_whatever_else_is_simulated() -> None:
    scenario = _many()
    whole = simulate(problem_of(scenario, {}, 200.0), limit=Limit(iterations=2), seed=5)
    part = scenario.parts[7]
    alone = Scenario.of(scenario.places, [part], [Line(part.number, "F", 0.9)])
    told = simulate(
        replace(problem_of(alone, {}, 200.0), warm_up_days=whole.warm_up_days), limit=Limit(iterations=2), seed=5
    )

    assert np.array_equal(whole.books[whole.part == 7], told.books)


def test_an_early_end_tells_whole_replications() -> None:
    problem = problem_of(_many(), {}, 3_000.0)
    reports: list[Progress] = []
    told = simulate(
        problem, limit=Limit(iterations=9), seed=1, should_stop=lambda: len(reports) == 3, on_progress=reports.append
    )
    late = simulate(problem, limit=Limit(seconds=1e-9), seed=1)

    assert told.replications == len(reports) == 3
    assert reports[-1].objective == pytest.approx(told.weighted.mean[0])
    assert np.array_equal(told.books, simulate(problem, limit=Limit(iterations=3), seed=1).books)
    assert late.replications == 0
    assert np.isnan(late.backorders.mean).all()
    assert np.isinf(simulate(problem, limit=Limit(iterations=1), seed=1).backorders.half_width).all()


def test_by_the_clock_it_goes_on_until_then() -> None:
    told = simulate(problem_of(base(), {}, 100.0), limit=Limit(seconds=0.3), seed=1)

    assert told.replications > 2
    assert told.seconds < 5


def test_a_fault_of_a_worker_is_told() -> None:
    class Broken(ThreadPoolExecutor):
        def submit(self, *arguments: object, **named: object) -> Future[object]:  # type: ignore[override]
            future: Future[object] = Future()
            future.set_exception(OSError("gone"))
            return future

    with Broken(1) as pool, pytest.raises(OSError, match="gone"):
        simulate(problem_of(base(), {}, 100.0), limit=Limit(iterations=1), seed=1, executor=pool)
