"""Every bad input is refused and named, or what stands for it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from optimizer.stocking.evaluate import evaluate
from optimizer.stocking.model import Assumption, Line, Part, Place, Repair, Scenario

PLACES = (Place("C"), Place("F", "C", 2.0))
PUMP = Part("PUMP", 100.0, 30.0)


def scenario(*lines: Line, places: tuple[Place, ...] = PLACES, parts: tuple[Part, ...] = (PUMP,)) -> Scenario:
    """Return a scenario of one part at a place, unless told otherwise."""
    return Scenario.of(places, parts, lines or [Line("PUMP", "F", 0.1)])


def with_least(least: np.ndarray) -> Scenario:
    """Return a scenario whose line must hold so much."""
    told = scenario()
    return replace(told, lines=replace(told.lines, least=least))


@pytest.mark.parametrize(
    ("build", "culprit"),
    [
        (lambda: Place("F", "C", 0.0), "place F: transit_days.*nobody knows: give None"),
        (lambda: Place("F", "C", -1.0), "place F: transit_days"),
        (lambda: Place("F", "C", float("nan")), "place F: transit_days"),
        (lambda: Part("PUMP", 0.0, 1.0), "part PUMP: price"),
        (lambda: Part("PUMP", float("inf"), 1.0), "part PUMP: price"),
        (lambda: Part("PUMP", 1.0, 0.0), "part PUMP: lead_days.*nobody knows"),
        (lambda: Part("PUMP", 1.0, float("nan")), "part PUMP: lead_days"),
        (lambda: Part("PUMP", 1.0, 1.0, order_quantity=0), "part PUMP: order_quantity"),
        (lambda: Part("PUMP", 1.0, 1.0, dispersion=0.9), "part PUMP: dispersion"),
        (lambda: Repair(0.0), "turn_around_days.*nobody knows"),
        (lambda: Repair(1.0, -1), "depth"),
        (lambda: Repair(1.0, 0, 1.1), "condemned_share"),
        (lambda: Repair(1.0, 0, float("nan")), "condemned_share"),
        (lambda: scenario(Line("PUMP", "F", -0.1)), "part PUMP at F: rate_per_day.*1 such"),
        (lambda: scenario(Line("PUMP", "F", float("nan"))), "part PUMP at F: rate_per_day"),
        (lambda: scenario(Line("PUMP", "F", 0.1, float("nan"))), "part PUMP at F: weight"),
        (lambda: scenario(Line("PUMP", "F", 0.1, -1.0)), "part PUMP at F: weight"),
        (lambda: scenario(Line("PUMP", "F", 0.1, least=-1)), "part PUMP at F: least"),
        (lambda: scenario(Line("PUMP", "F", 0.1, least=2, most=1)), "part PUMP at F: most must not be below least"),
        (lambda: scenario(Line("PUMP", "F", 0.1, owned=-1)), "part PUMP at F: owned"),
        (lambda: scenario(Line("PUMP", "F", 0.1, owned=2 * 10**9)), "part PUMP at F: owned must lie between 0 and"),
        (lambda: scenario(Line("PUMP", "F", 0.1, least=1.5)), "part PUMP at F: least must be whole, not 1.5"),  # type: ignore[arg-type]
        (lambda: scenario(Line("PUMP", "F", 0.1, most=float("inf"))), "part PUMP at F: most must be whole"),  # type: ignore[arg-type]
        (lambda: scenario(Line("PUMP", "F", 0.1, owned=1.9)), "part PUMP at F: owned must be whole, not 1.9"),  # type: ignore[arg-type]
        (lambda: with_least(np.array([1.5])), "lines: least must be whole numbers, not float64"),
        (lambda: evaluate(scenario(), {("PUMP", "F"): 1.5}), "stock must be a whole number, 0 or more, not 1.5"),  # type: ignore[dict-item]
        (lambda: evaluate(scenario(), {("PUMP", "F"): float("nan")}), "stock must be a whole number, .* not nan"),  # type: ignore[dict-item]
        (lambda: scenario(Line("PUMP", "X", 0.1)), "place='X'.*no such place"),
        (lambda: scenario(Line("FAN", "F", 0.1)), "part='FAN'.*no such part"),
        (lambda: scenario(Line("PUMP", "F", 0.1), Line("PUMP", "F", 0.2)), "part PUMP at F is given twice"),
        (lambda: scenario(parts=(PUMP, PUMP)), "part PUMP: is given twice"),
        (lambda: scenario(parts=(PUMP, Part("FAN", 1.0, 1.0))), "part FAN has no line.*1 such.*leave it out"),
        (lambda: Scenario.of(PLACES, (), ()), "the scenario: has no part"),
        (lambda: scenario(places=(*PLACES, Place("F", "C", 1.0))), "place F: is given twice"),
        (lambda: scenario(places=(*PLACES, Place("G", "X", 1.0))), "place G is cut off: its parent X"),
        (lambda: scenario(places=(*PLACES, Place("D"))), r"not 2 \(C, D\): name the parents"),
        (
            lambda: scenario(places=(*PLACES, Place("G", "H", 1.0), Place("H", "G", 1.0))),
            "runs in a circle: (G, H, G|H, G, H)",
        ),
        (lambda: scenario(places=(Place("F", "F", 1.0),)), "runs in a circle: F, F"),
        (lambda: scenario(places=(Place("C"), Place("F", "C"))), r"place F: transit_days is unknown \(1 such"),
        (lambda: scenario(parts=(Part("PUMP", 1.0),)), "part PUMP: lead_days is unknown"),
        (lambda: scenario(parts=(Part("PUMP", 1.0, repair=Repair(None)),)), "part PUMP: turn_around_days is unknown"),
        (
            lambda: scenario(parts=(Part("PUMP", 1.0, repair=Repair(9.0, condemned_share=0.1)),)),
            "part PUMP: lead_days is unknown",
        ),
        (
            lambda: Scenario.of(PLACES, [PUMP], [Line("PUMP", "F")], assumed_days=0.0),
            "assumed_days must be more than 0",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(build: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        build()


def test_what_is_assumed_is_told() -> None:
    parts = (Part("PUMP", 1.0), Part("FAN", 1.0, repair=Repair(None)), Part("TYRE", 1.0, 5.0))
    lines = [Line(part.number, "F", 0.1) for part in parts]
    made = Scenario.of((Place("C"), Place("F", "C")), parts, lines, assumed_days=21.0)

    assert made.assumptions() == (
        Assumption("place F", "transit_days", 21.0),
        Assumption("part PUMP", "lead_days", 21.0),
        Assumption("part FAN", "turn_around_days", 21.0),
    )
    assert scenario().assumptions() == ()
