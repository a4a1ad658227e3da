"""What makes no sense is refused by name, with what to do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optimizer.simulation.model import Neighbours, Problem, RepairQueue, World
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario
from tests.optimizer.simulation.worlds import base, problem_of, region


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"days": 0.0}, "days must be more than 0 and finite, not 0"),
        ({"days": math.nan}, "days must be more than 0"),
        ({"warm_up_days": -1.0}, "warm_up_days must be 0 or more and finite, not -1"),
        ({"stock": np.array([1])}, "stock has 1 entries for 4 places of parts"),
        ({"stock": np.array([1, 0, -1, 0])}, "stock must be whole pieces, 0 or more"),
        ({"stock": np.array([1.5, 0, 1, 0])}, "stock must be whole pieces"),
        ({"world": World(pools=(Neighbours(("F0", "F9"), 1.0),))}, "a pool names F9, where there is no such place"),
        ({"world": World(shops=(RepairQueue("X", 2),))}, "shop at X: there is no such place"),
        ({"world": World(shops=(RepairQueue("C", 2, ("TYRE",)),))}, "shop at C: there is no part TYRE"),
        ({"world": World(shops=(RepairQueue("F0", 2),))}, "shop at F0: no part of it is repaired there"),
        (
            {"world": World(shops=(RepairQueue("C", 2), RepairQueue("C", 3, ("PUMP",))))},
            "shop at C: part PUMP has another shop there; name the parts of each",
        ),
        (
            {"world": World(shops=(RepairQueue("C", 1),))},
            "shop at C: its 1 servers have the work of 1.80, and the queue would grow for ever; give it 2 servers",
        ),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(changes: dict[str, object], culprit: str) -> None:
    sound: dict[str, object] = {"scenario": region(), "stock": np.zeros(4, np.int64), "days": 10.0}
    with pytest.raises(ValueError, match=culprit):
        Problem(**(sound | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"transit_variation": -0.1}, "transit_variation must be 0 or more and finite, not -0.1"),
        ({"turn_around_variation": math.inf}, "turn_around_variation must be 0 or more and finite"),
        ({"lead_variation": math.nan}, "lead_variation must be 0 or more and finite"),
        ({"shops": (RepairQueue("C", 0),)}, "shop at C: servers must be 1 or more; leave the shop out if it is ample"),
        ({"pools": (Neighbours(("A", "B"), 0.0),)}, "pool of A, B: transit_days must be more than 0 and finite"),
        ({"pools": (Neighbours(("A", "B"), 1.0), Neighbours(("B", "C"), 1.0))}, "place B is in two pools: join them"),
    ],
)
def test_a_world_that_makes_no_sense_is_refused(changes: dict[str, object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        World(**changes)  # type: ignore[arg-type]


def test_the_warm_up_is_five_of_the_longest_ways() -> None:
    places = [Place("C"), Place("R", "C"), Place("F", "R", 2.0)]
    part = Part("P", 1.0, 40.0, Repair(None, condemned_share=0.5))
    scenario = Scenario.of(places, [part], [Line("P", "F", 0.1)], assumed_days=3.0)

    assert problem_of(scenario, {}, 1.0).warm_up == 5 * (40 + 3 + 2)
    assert problem_of(base(days=20.0), {}, 1.0).warm_up == 100


def test_condemned_pieces_take_no_server() -> None:
    part = Part("P", 1.0, 40.0, Repair(20.0, condemned_share=0.5))
    scenario = Scenario.of([Place("C")], [part], [Line("P", "C", 0.09)])

    assert problem_of(scenario, {}, 1.0, World(shops=(RepairQueue("C", 1),))).world.shops[0].servers == 1


def test_a_busy_shop_lengthens_the_warm_up() -> None:
    """M/M/1 of 10 days a repair and load .9 forgets its beginning by 1 / e in 10 / (1 - √.9)² days."""
    busy = problem_of(base(0.09, 10.0), {}, 1.0, World(shops=(RepairQueue("A", 1),)))
    assert busy.warm_up == pytest.approx(5 * (10 + 10 / (1 - math.sqrt(0.9)) ** 2))
    assert problem_of(base(0.09, 10.0), {}, 1.0, World(shops=(RepairQueue("A", 9),))).warm_up < busy.warm_up / 10
