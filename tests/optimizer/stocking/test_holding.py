"""Base stocks of published serial systems and of a depot with its bases."""

from __future__ import annotations

import itertools

import pytest

from optimizer.stocking.evaluate import Method
from optimizer.stocking.holding import cheapest, cost_of
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario
from tests.optimizer.stocking.worlds import kth, lindo


def serial(penalty: float) -> Scenario:
    """Return four stages in a row, each a quarter away, 16 pieces asked for (Shang & Song 2003, Table 1)."""
    places = [Place("4"), Place("3", "4", 0.25), Place("2", "3", 0.25), Place("1", "2", 0.25)]
    return Scenario.of(places, [Part("P", 1.0, 0.25)], [Line("P", "1", 16.0, penalty)])


EQUAL = {"4": 0.25, "3": 0.5, "2": 0.75, "1": 1.0}
LATE = {"4": 0.25, "3": 2.75, "2": 5.25, "1": 5.5}
ROWS = (
    (9.0, EQUAL, (8, 13, 18, 22), 12.688),
    (9.0, LATE, (9, 10, 13, 19), 53.008),
    (99.0, EQUAL, (11, 17, 22, 27), 16.206),
    (99.0, LATE, (11, 14, 18, 26), 74.564),
)


@pytest.mark.parametrize(("penalty", "holding", "echelons", "known"), ROWS)
def test_serial_systems_have_their_published_cost(
    penalty: float, holding: dict[str, float], echelons: tuple[int, ...], known: float
) -> None:
    """Rows 1, 9, 17 and 25; the published levels count all stock of a stage and below."""
    scenario = serial(penalty)
    levels = (echelons[0], *(high - low for low, high in itertools.pairwise(echelons)))
    published = cost_of(scenario, dict(zip("1234", levels, strict=True)), holding)
    best = cheapest(scenario, holding)

    assert published.total == pytest.approx(known, abs=5e-4)
    assert best.total == pytest.approx(known, abs=5e-4)
    assert best.on_the_way == pytest.approx(4 * sum(holding[stage] for stage in "432"))


@pytest.mark.parametrize("method", [Method.EXACT, Method.NEGATIVE_BINOMIAL])
def test_no_stock_of_a_depot_and_its_bases_costs_less(method: Method) -> None:
    """The sample of LINDO, every stock tried."""
    lines = [Line("P", code, 0.1, 9.0) for code in "AB"]
    scenario = Scenario.of(lindo().places, lindo().parts, lines)
    holding = {"D": 0.2, "A": 0.5, "B": 0.5}
    best = cheapest(scenario, holding, method)
    tried = [
        cost_of(scenario, dict(zip("DAB", stock, strict=True)), holding, method).total
        for stock in itertools.product(range(8), range(4), range(4))
    ]

    assert best.total == pytest.approx(min(tried))


def test_an_order_of_several_lies_on_the_shelf_longer() -> None:
    def held(quantity: int) -> float:
        part = Part("P", 1.0, 10.0, order_quantity=quantity)
        scenario = Scenario.of([Place("C")], [part], [Line("P", "C", 0.1)])
        return cost_of(scenario, {"C": 5}, {"C": 1.0}).on_shelf

    assert held(3) == pytest.approx(sum(5 + more - 1.0 for more in range(3)) / 3, abs=0.01)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="one part at a time, not 9"):
        cheapest(kth(), {"BASE": 1.0})
    with pytest.raises(ValueError, match="place 3: say what holding a piece costs"):
        cheapest(serial(9.0), {"4": 1.0})
    base = Scenario.of(
        [Place("C"), Place("A", "C", 1.0)], [Part("P", 1.0, repair=Repair(9.0, 1))], [Line("P", "A", 0.1)]
    )
    with pytest.raises(ValueError, match="repaired at the root, or bought"):
        cheapest(base, {"C": 1.0, "A": 1.0})
