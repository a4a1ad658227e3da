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


def likely(mean: float, dispersion: float = 1.0) -> int:
    """Return the least number that is not exceeded with a chance of .8."""
    return next(most for most in range(1000) if below(mean, dispersion, most) >= 0.8)


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_a_cap_is_the_quantile_of_use(dispersion: float) -> None:
    scenario, caps = capped(seals(dispersion), {"SEAL": 180.0})
    at = {"A": likely(3.6, dispersion), "B": likely(1.8, dispersion)}

    # what the two may hold is more than both use together: nothing above them
    assert sum(at.values()) >= likely(5.4, dispersion)
    assert {cap.place: cap.most for cap in caps} == at | {"R": 0, "C": 0}
    assert scenario.lines.most[2] == 10**9
    assert scenario.lines.rate_per_day.sum() == pytest.approx(0.05)


def test_what_all_may_hold_is_what_all_use() -> None:
    """A place above holds what those below may not, and at least what its own customers use."""
    parts = [Part("SEAL", 1.0, 30.0)]
    places = [Place("C"), Place("A", "C", 5.0), Place("B", "C", 5.0)]

    def most(*lines: Line) -> dict[str, int]:
        return {cap.place: cap.most for cap in capped(Scenario.of(places, parts, lines), {"SEAL": 100.0})[1]}

    told = most(Line("SEAL", "A", 0.1), Line("SEAL", "B", 0.1))
    assert told == {"C": 0, "A": likely(10), "B": likely(10)}
    told = most(Line("SEAL", "A", 0.1, most=4), Line("SEAL", "B", 0.1, most=4))
    assert told == {"C": likely(20) - 8}
    told = most(Line("SEAL", "A", 0.1), Line("SEAL", "B", 0.1, most=0), Line("SEAL", "C", 0.05))
    assert told == {"C": likely(25) - likely(10), "A": likely(10)}
    told = most(Line("SEAL", "A", 0.1), Line("SEAL", "B", 0.1), Line("SEAL", "C", 0.01))
    assert told["C"] == likely(1)


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
