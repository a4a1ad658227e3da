"""The day plan on a terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from sqlalchemy import Engine

from fieldops.dispatch.papers.words import seats
from fieldops.locale import catalogue
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.summary import ROWS_MAX, summary
from inventory.kernel.actor import SYSTEM
from inventory.kernel.texts import speaking
from optimizer.run import Limit
from tests.conftest import NOW
from tests.worlds import TINY_DATE, load_tiny, want_more_seats


def _plan(engine: Engine) -> DayPlanOut:
    return make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)


def _printed(plan: DayPlanOut) -> str:
    with StringIO() as file:
        Console(file=file, width=120).print(summary(plan))
        return " ".join(file.getvalue().split())


@pytest.mark.parametrize(
    ("tongue", "title", "left"),
    [
        ("en", "Seats that are left to be given by hand", "Mechanic, Release signatory"),
        ("zh_CN", "留待人工分配的席位", "维修人员, 放行人员"),
    ],
)
def test_the_seats_that_a_plan_leaves_to_people_are_told(engine: Engine, tongue: str, title: str, left: str) -> None:
    load_tiny(engine)
    want_more_seats(engine)
    plan = _plan(engine)
    (line,) = [one for one in plan.dispatch.assignments if one.by_hand]
    with speaking(catalogue(tongue)):
        printed = _printed(plan)
    assert title in printed
    assert f"{line.job} {line.technician} {left}" in printed


def test_a_plan_that_leaves_no_seat_has_no_table_of_them_and_a_long_one_is_cut(engine: Engine) -> None:
    load_tiny(engine)
    assert "by hand" not in _printed(_plan(engine))
    want_more_seats(engine)
    plan = _plan(engine)
    (line,) = [one for one in plan.dispatch.assignments if one.by_hand]
    plan.dispatch.assignments.extend([line] * ROWS_MAX)
    assert "and 1 more; --json shows all" in _printed(plan)


def test_seats_of_one_kind_are_told_together() -> None:
    assert seats([]) == ""
    assert seats(["mechanic", "release_signatory", "mechanic"]) == "2 × Mechanic, Release signatory"
