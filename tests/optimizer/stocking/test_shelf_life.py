"""Parts that expire are held no more than they are used for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optimizer.run import Limit
from optimizer.stocking.model import Budget, Line, Part, Place, Scenario
from optimizer.stocking.plan import Problem
from optimizer.stocking.shelf_life import capped
from optimizer.stocking.solve import solve

PLACES = [Place("C"), Place("R", "C", 2.0), Place("A", "R", 1.0), Place("B", "R", 1.0)]


def seals(dispersion: float = 1.0, **changes: int) -> Scenario:
    """Return seals at two places of a region, and bolts, which never expire."""
    parts = [Part("SEAL", 1.0, 90.0, dispersion=dispersion), Part("BOLT", 1.0, 90.0)]
    lines = [Line("SEAL", "A", 0.02, **changes), Line("SEAL", "B", 0.01), Line("BOLT", "A", 0.02)]
    return Scenario.of(PLACES, parts, lines)


def below(mean: float, dispersion: float, most: int) -> float:
    """Return the chance that no more are used: of a Poisson or a negative binomial number."""
    if dispersion == 1:
        return sum(math.exp(-mean) * mean**x / math.factorial(x) for x in range(most + 1))
    shape = mean / (dispersion - 1)
    counts = [math.gamma(shape + x) / math.gamma(shape) / math.factorial(x) for x in range(most + 1)]
    return math.pow(dispersion, -shape) * sum(one * (1 - 1 / dispersion) ** x for x, one in enumerate(counts))


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_a_cap_is_the_quantile_of_use(dispersion: float) -> None:
    scenario, caps = capped(seals(dispersion), {"SEAL": 180.0})
    known = {"A": 3.6, "B": 1.8, "R": 5.4, "C": 5.4}

    assert {cap.place for cap in caps} == set(known)
    for cap in caps:
        mean = known[cap.place]
        assert below(mean, dispersion, cap.most) >= 0.8
        assert cap.most == 0 or below(mean, dispersion, cap.most - 1) < 0.8
    assert scenario.lines.most[2] == 10**9
    assert scenario.lines.rate_per_day.sum() == pytest.approx(0.05)


def test_targets_keep_to_it_however_much_money_there_is() -> None:
    scenario, caps = capped(seals(), {"SEAL": 60.0})
    plan = solve(Problem(scenario, {Budget.OPERATING: 1e6}), limit=Limit(iterations=10**6))
    most = {(cap.part, cap.place): cap.most for cap in caps}
    held = dict(
        zip(
            [(scenario.parts[part].number, scenario.places[place].code) for part, place in _pairs(plan.evaluation)],
            plan.evaluation.stock.tolist(),
            strict=True,
        )
    )
    for key, pieces in most.items():
        assert held[key] <= pieces
    free = solve(Problem(seals(), {Budget.OPERATING: 1e6}), limit=Limit(iterations=10**6))
    assert free.evaluation.stock.sum() > plan.evaluation.stock.sum()


def _pairs(evaluation: object) -> list[tuple[int, int]]:
    return list(zip(evaluation.part.tolist(), evaluation.place.tolist(), strict=True))  # type: ignore[attr-defined]


def test_bounds_of_a_line_are_kept() -> None:
    scenario, caps = capped(seals(least=7, most=8), {"SEAL": 180.0})

    assert scenario.lines.most[0] == 7
    tight, caps = capped(seals(most=2), {"SEAL": 1800.0})
    assert tight.lines.most[0] == 2
    assert "A" not in {cap.place for cap in caps}
    nothing, caps = capped(Scenario.of(PLACES, [Part("X", 1.0, 9.0)], [Line("X", "A", 0.0)]), {"X": 9.0})
    assert [cap.most for cap in caps] == [0, 0, 0]
    assert np.all(nothing.lines.most == 0)


def test_shelf_lives_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="shelf life of part X: there is no such part"):
        capped(seals(), {"X": 9.0})
    with pytest.raises(ValueError, match="shelf life of part SEAL must be more than 0 days"):
        capped(seals(), {"SEAL": 0.0})
