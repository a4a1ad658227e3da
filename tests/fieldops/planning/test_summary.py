"""The day plan on a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from sqlalchemy import Engine

from fieldops.dispatch.papers.words import seats
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.summary import ROWS_MAX, summary
from fieldops.planning.versions.making import make_dispatch_plan
from inventory.kernel.actor import SYSTEM
from optimizer.run import Limit
from tests.conftest import NOW
from tests.worlds import TINY_DATE, load_tiny


def _plan(engine: Engine) -> DayPlanOut:
    return make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)


def _printed(plan: DayPlanOut) -> str:
    with StringIO() as file:
        Console(file=file, width=120).print(summary(plan))
        return " ".join(file.getvalue().split())


def test_a_long_list_is_cut(engine: Engine) -> None:
    load_tiny(engine)
    plan = _plan(engine)
    (left,) = [one for one in plan.dispatch.unassigned if one.job == "J-4"]
    plan.dispatch.unassigned[:] = [left] * (ROWS_MAX + 1)
    assert "and 1 more; --json shows all" in _printed(plan)


def test_seats_of_one_kind_are_told_together() -> None:
    assert seats([]) == ""
    assert seats(["mechanic", "release_signatory", "mechanic"]) == "2 × Mechanic, Release signatory"


def test_a_proposal_tells_nothing_of_what_the_plan_in_force_reserves(engine: Engine) -> None:
    load_tiny(engine)
    assert "Budget lines that this plan draws on" in _printed(_plan(engine))
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    printed = _printed(make_dispatch_plan(engine, SYSTEM, request, clock=lambda: NOW))
    assert "Nothing is reserved for it yet" in printed
    assert "Budget lines" not in printed
