"""Places that help each other have one shelf."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.stocking.evaluate import Method, evaluate
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario
from optimizer.stocking.pooling import Pool, pooled

PLACES = [Place("C"), Place("R", "C", 3.0), Place("A", "R", 1.0), Place("B", "R", 1.0), Place("X", "R", 9.0)]


def region(*, central: int = 0, rate: float = 0.05) -> tuple[Scenario, dict[tuple[str, str], int]]:
    """Return a region with two near places and a far one."""
    parts = [Part("P", 1.0, repair=Repair(20.0)), Part("Q", 1.0, 9.0)]
    lines = [Line("P", "A", rate, 2.0), Line("P", "B", rate, 4.0), Line("P", "X", rate), Line("Q", "A", 0.1)]
    return Scenario.of(PLACES, parts, lines), {("P", "C"): central, ("P", "A"): 1, ("P", "B"): 2}


@pytest.mark.parametrize("central", [0, 3])
def test_a_pool_is_one_place(central: int) -> None:
    """Two places a day away are one with both demands a day away, whatever waits above."""
    scenario, stock = region(central=central)
    told = evaluate(scenario, stock)
    (found,) = pooled(scenario, told, [Pool("AB", ("A", "B"))])
    one = Scenario.of(
        [*PLACES[:2], Place("AB", "R", 1.0), PLACES[4]],
        [Part("P", 1.0, repair=Repair(20.0))],
        [Line("P", "AB", 0.1), Line("P", "X", 0.05)],
    )
    known = evaluate(one, {("P", "C"): central, ("P", "AB"): 3})

    assert found.part == "P"
    assert found.backorders == pytest.approx(known.backorders[2])
    assert found.fill == pytest.approx(known.fill[2])
    assert found.alone == pytest.approx(told.backorders[[2, 3]].sum())
    assert found.backorders < found.alone
    assert found.weighted == pytest.approx(3.0 * found.backorders)


@pytest.mark.parametrize("dispersion", [1.0, 3.0, 8.0])
def test_a_pool_is_one_place_for_batches_too(dispersion: float) -> None:
    """A batch is served as far as the shelf goes, from one shelf as from another."""
    part = Part("P", 10.0, 20.0, dispersion=dispersion)
    apart = Scenario.of(
        [Place("C"), Place("A", "C", 5.0), Place("B", "C", 5.0)], [part], [Line("P", "A", 0.2), Line("P", "B", 0.2)]
    )
    one = Scenario.of([Place("C"), Place("A", "C", 5.0)], [part], [Line("P", "A", 0.4)])
    told = evaluate(apart, {("P", "C"): 60, ("P", "A"): 3, ("P", "B"): 3})
    (found,) = pooled(apart, told, [Pool("AB", ("A", "B"))])
    known = evaluate(one, {("P", "C"): 60, ("P", "A"): 6})

    assert found.fill == pytest.approx(known.fill[1], rel=1e-9)
    assert found.lent_per_day == pytest.approx(0.4 * (known.fill[1] - told.fill[1]))


def test_a_simulation_of_places_that_lend_at_once_sees_the_same() -> None:
    """Orders of either come back after two days; whoever has a piece serves."""
    parts = [Part("P", 1.0, 2.0)]
    places = [Place("C"), Place("A", "C", 3.0), Place("B", "C", 3.0)]
    scenario = Scenario.of(places, parts, [Line("P", "A", 0.2), Line("P", "B", 0.1)])
    stock = {("P", "A"): 1, ("P", "B"): 1}
    (found,) = pooled(scenario, evaluate(scenario, stock), [Pool("AB", ("A", "B"))])

    rng = np.random.default_rng(5)
    days = 300_000.0
    asked = np.sort(rng.uniform(0, days, rng.poisson(0.3 * days)))
    seen = np.arange(100.0, days, 10.0)
    # each is replaced five days after it was asked for, by way of the centre
    due = np.searchsorted(asked, seen) - np.searchsorted(asked + 5.0, seen)
    assert found.backorders == pytest.approx(np.maximum(due - 2, 0).mean(), rel=0.03)
    assert found.fill == pytest.approx((due < 2).mean(), rel=0.03)


def test_the_way_sideways_is_waited_for() -> None:
    scenario, stock = region(central=5)
    told = evaluate(scenario, stock)
    at_once, later, late = (pooled(scenario, told, [Pool("AB", ("A", "B"), days)])[0] for days in (0.0, 0.5, 99.0))

    assert later.backorders == pytest.approx(at_once.backorders + 0.5 * at_once.lent_per_day)
    assert late.backorders == late.alone


def reckoned(*pools: Pool, method: Method = Method.NEGATIVE_BINOMIAL) -> object:
    """Return what pools of the region come to."""
    scenario, stock = region()
    return pooled(scenario, evaluate(scenario, stock, method), pools)


@pytest.mark.parametrize(
    ("make", "culprit"),
    [
        (lambda: Pool("P", ("A",)), "pool P: name two places or more"),
        (lambda: Pool("P", ("A", "A")), "pool P: name two places or more"),
        (lambda: Pool("P", ("A", "B"), -1.0), "pool P: the way sideways"),
        (lambda: reckoned(Pool("P", ("A", "Z"))), "pool P: there is no place Z"),
        (lambda: reckoned(Pool("P", ("A", "B")), Pool("Q", ("B", "X"))), "place B is in two pools"),
        (lambda: reckoned(Pool("P", ("A", "R"))), "pool P: R has places below"),
        (lambda: reckoned(Pool("P", ("A", "B")), method=Method.EXACT), "by two moments, not exact"),
    ],
)
def test_pools_that_make_no_sense_are_refused(make: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        make()
