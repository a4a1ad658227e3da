"""Order quantities: the least that a year costs, in whole packs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.run import Limit
from optimizer.stocking.check import check
from optimizer.stocking.evaluate import evaluate
from optimizer.stocking.model import Budget, Line, Part, Place, Repair, Scenario
from optimizer.stocking.orders import Terms, ordered
from optimizer.stocking.plan import Problem
from optimizer.stocking.solve import solve

PLACES = [Place("C"), Place("A", "C", 2.0)]


def tyres(yearly: float, price: float = 1.0, repair: Repair | None = None) -> Scenario:
    """Return a tyre that is asked for at a place and at the root."""
    lines = [Line("TYRE", "A", yearly / 730), Line("TYRE", "C", yearly / 730)]
    return Scenario.of(PLACES, [Part("TYRE", price, 30.0, repair)], lines)


def test_the_quantity_of_harris() -> None:
    """D = 1,200, K = 100, h = 24: the root of 2 D K / h is 100."""
    scenario, (told,) = ordered(tyres(1200.0, 24.0), {"TYRE": Terms(100.0, 1.0)})

    assert told.quantity == scenario.parts[0].order_quantity == 100
    assert told.orders_a_year == pytest.approx(12.0)
    assert told.ordering_cost == pytest.approx(1200.0)
    assert told.holding_cost == pytest.approx(99 / 2 * 24)


@settings(max_examples=60, deadline=None)
@given(
    yearly=st.floats(0.0, 5_000),
    cost=st.floats(0.0, 500),
    rate=st.floats(0.05, 0.5),
    price=st.floats(1, 300),
    minimum=st.integers(1, 60),
    pack=st.integers(1, 25),
)
def test_no_whole_number_of_packs_costs_less(
    yearly: float, cost: float, rate: float, price: float, minimum: int, pack: int
) -> None:
    _, (told,) = ordered(tyres(yearly, price), {"TYRE": Terms(cost, rate, minimum, pack)})
    known = min(
        yearly / quantity * cost + (quantity - 1) / 2 * rate * price
        for quantity in range(pack, 4_000 + minimum, pack)
        if quantity >= minimum
    )

    assert told.quantity % pack == 0
    assert told.quantity >= minimum
    assert told.ordering_cost + told.holding_cost <= known * (1 + 1e-9)


def test_of_what_is_repaired_the_root_buys_what_is_condemned() -> None:
    repair = Repair(20.0, 0, 0.25)
    _, (told,) = ordered(tyres(1200.0, 24.0, repair), {"TYRE": Terms(100.0, 1.0)})

    assert told.quantity == 50
    assert told.orders_a_year == pytest.approx(6.0)


def test_targets_of_what_is_ordered_in_large_numbers_are_sound() -> None:
    scenario, (told,) = ordered(tyres(3_000.0), {"TYRE": Terms(40.0, 0.2)})
    problem = Problem(scenario, {Budget.OPERATING: 400.0})
    plan = solve(problem, limit=Limit(iterations=10**6))

    assert told.quantity > 1_000
    assert check(problem, plan) == []
    # the position is uniform over the quantity, so that as many pieces less are needed
    assert evaluate(scenario, {}).weighted < evaluate(tyres(3_000.0), {}).weighted


@pytest.mark.parametrize(
    ("terms", "culprit"),
    [
        ((-1.0, 0.2), "order cost must be 0 or more"),
        ((1.0, 0.0), "holding rate must be more than 0"),
        ((1.0, 0.2, 0), "minimum and pack must be 1 or more"),
        ((1.0, 0.2, 1, 0), "minimum and pack must be 1 or more"),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: tuple[float, ...], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        Terms(*terms)  # type: ignore[arg-type]


def test_terms_of_no_part_are_refused() -> None:
    with pytest.raises(ValueError, match="terms of part X: there is no such part"):
        ordered(tyres(1.0), {"X": Terms(1.0, 0.2)})
