"""Interchange: one stock of a group, one way or both, and what goes in comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.run import Limit
from optimizer.stocking.interchange import Interchange, interchanged
from optimizer.stocking.model import Budget, HeldUp, Line, Part, Place, Repair, Scenario
from optimizer.stocking.plan import Plan, Problem
from optimizer.stocking.solve import solve
from tests.optimizer.stocking.worlds import scenarios

PLACES = [Place("C"), Place("A", "C", 2.0)]


def world(*, old: int = 0, new: int = 0, old_rate: float = 0.02, new_rate: float = 0.02) -> Scenario:
    """Return an old and a new part at one place, and one that is neither."""
    parts = [
        Part("OLD", 90.0, repair=Repair(40.0)),
        Part("NEW", 100.0, repair=Repair(40.0), dispersion=2.0),
        Part("BOLT", 1.0, 20.0),
    ]
    lines = [
        Line("OLD", "A", old_rate, 2.0, owned=old),
        Line("NEW", "A", new_rate, 1.0, owned=new, most=5),
        Line("BOLT", "A", 0.1),
    ]
    return Scenario.of(PLACES, parts, lines)


def bought(scenario: Scenario, money: float) -> Plan:
    """Return the plan for so much capital."""
    return solve(Problem(scenario, {Budget.CAPITAL: money, Budget.OPERATING: 0.0}), limit=Limit(iterations=10**6))


def test_a_group_is_one_part() -> None:
    scenario, rolled = interchanged(world(old=1, new=2), [Interchange("NEW", ("OLD",))])

    assert [part.number for part in scenario.parts] == ["NEW", "BOLT"]
    assert scenario.parts[0].dispersion == pytest.approx(1.5)
    lines = scenario.lines
    assert lines.rate_per_day.tolist() == pytest.approx([0.04, 0.1])
    assert lines.weight[0] == pytest.approx(1.5)
    assert lines.owned.tolist() == [3, 0]
    assert lines.most[0] == 10**9
    assert [(one.part, one.into, one.owned, one.kept_apart) for one in rolled] == [("OLD", "NEW", 1, 0)]


def test_one_stock_needs_fewer_pieces_than_two() -> None:
    apart = world()
    together, _ = interchanged(apart, [Interchange("NEW", ("OLD",))])

    assert bought(together, 400.0).objective < bought(apart, 400.0).objective


@pytest.mark.parametrize(
    ("old", "new", "counted"),
    [
        (1, 0, 1),  # 0.02 a day, 40 days: one in repair in the mean
        (5, 0, 1),
        (5, 3, 3),  # as many as the newest owned, the demand being the same
        (2, 9, 2),
    ],
)
def test_old_pieces_count_only_for_those_who_ask_for_them(old: int, new: int, counted: int) -> None:
    group = Interchange("NEW", ("OLD",), two_way=False)
    scenario, (rolled,) = interchanged(world(old=old, new=new), [group])

    assert scenario.lines.owned[0] == new + counted
    assert (rolled.owned, rolled.kept_apart) == (counted, old - counted)


def test_old_pieces_all_count_where_nobody_asks_for_the_new() -> None:
    group = Interchange("NEW", ("OLD",), two_way=False)
    scenario, (rolled,) = interchanged(world(old=7, new_rate=0.0), [group])

    assert scenario.lines.owned[0] == 7
    assert rolled.kept_apart == 0


@settings(max_examples=40, deadline=None)
@given(scenario=scenarios(parts=3, batches=True), two_way=st.booleans(), owned=st.integers(0, 5))
def test_what_goes_in_comes_out(scenario: Scenario, two_way: bool, owned: int) -> None:
    if len({part.budget for part in scenario.parts}) > 1 or len(scenario.parts) < 2:
        return
    lines = scenario.lines
    scenario = replace(scenario, lines=replace(lines, owned=np.full_like(lines.owned, owned)))
    group = Interchange("N0", tuple(part.number for part in scenario.parts[1:]), two_way)
    told, rolled = interchanged(scenario, [group])

    assert told.lines.rate_per_day.sum() == pytest.approx(lines.rate_per_day.sum())
    apart = sum(one.kept_apart for one in rolled)
    assert told.lines.owned.sum() + apart == scenario.lines.owned.sum()
    assert not (two_way and apart)
    for place in range(len(scenario.places)):
        before = lines.rate_per_day[lines.place == place].sum()
        assert told.lines.rate_per_day[told.lines.place == place].sum() == pytest.approx(before)
    weighted = told.lines.weight @ told.lines.rate_per_day
    assert weighted == pytest.approx(lines.weight @ lines.rate_per_day)


def stuck() -> Scenario:
    """Return a scenario in which pieces are held up."""
    return replace(world(), held_up=HeldUp(np.zeros(1, int), np.zeros(1, int), np.ones(1), np.ones(1)))


@pytest.mark.parametrize(
    ("make", "culprit"),
    [
        (lambda: Interchange("A", ()), "interchange of A: name other parts"),
        (lambda: Interchange("A", ("A",)), "interchange of A: name other parts"),
        (lambda: interchanged(world(), [Interchange("NEW", ("X",))]), "there is no part X"),
        (
            lambda: interchanged(world(), [Interchange("NEW", ("OLD",)), Interchange("OLD", ("NEW",))]),
            "part OLD is in two groups",
        ),
        (lambda: interchanged(world(), [Interchange("NEW", ("BOLT",))]), "NEW and BOLT do not interchange"),
        (lambda: interchanged(stuck(), [Interchange("NEW", ("OLD",))]), "interchange parts first"),
    ],
)
def test_groups_that_make_no_sense_are_refused(make: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        make()
