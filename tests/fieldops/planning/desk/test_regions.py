"""An area that spans two regions: each pays for its own jobs, and nobody hears of the other's."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from fieldops.checking import check_ledgers
from fieldops.finance.budgets.models import BudgetLine, Earmark
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.planning.desk.schemas import MovedJob, OptionOut, PriceOut
from fieldops.workforce.roster.schemas import NewSecondment
from fieldops.workforce.roster.service import add_secondments
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.network.models import Place, Region
from inventory.network.schemas import NewRegion
from inventory.network.service import add_regions
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.fieldops.planning.desk import served
from tests.fieldops.planning.desk.served import MONDAY, job, served_plan
from tests.worlds import LOADED_AT, load_tiny


def load_two_regions(engine: Engine) -> None:
    """Load the small world, with UTH in a region of its own."""
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code="ESA", name="East of South-East Asia")])
        session.flush()
        place = session.scalars(select(Place).where(Place.code == "UTH")).one()
        place.region_id = session.scalars(select(Region.id).where(Region.code == "ESA")).one()
        week = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(days=7)}
        loan = NewSecondment(technician="T-2", region="ESA", reason="UTH is near", **week)
        add_secondments(session, SYSTEM, [loan])
        lines = [
            NewBudgetLine(
                region="ESA",
                category=category,
                period_start=date(2026, 1, 1),
                period_end=date(2026, 4, 1),
                currency="USD",
                budget=Decimal(50_000),
            )
            for category in (Category.LABOUR, Category.TRAVEL, Category.FREIGHT, Category.EXPEDITE)
        ]
        open_lines(session, SYSTEM, lines, LOADED_AT)


def test_each_region_pays_for_its_own_jobs(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "load_tiny", load_two_regions)
    regions = [("region", "SEA"), ("region", "ESA")]
    with served_plan(any_engine) as desk:
        desk.tokens["both"] = issue_token(any_engine, "both", roles=["regional_manager"], memberships=regions, now=NOW)
        desk.add(job("A-7", place="UTH", window_start=MONDAY + timedelta(days=1)))
        desk.send("/jobs/A-1/recommendations", {"others": ["A-7"]}, expect=404)
        told = desk.send("/jobs/A-1/recommendations", {"others": ["A-7"]}, who="both")
        assert {one["job"] for one in told["options"][0]["budget"]} >= {"A-1", "A-7"}
        desk.take(told, who="office", expect=403)
        assert desk.crew("A-1") == []
        desk.take(told, who="both")
        with reading(any_engine, SYSTEM) as session:
            query = select(Earmark.document, Region.code).join(BudgetLine, BudgetLine.id == Earmark.line_id)
            query = query.join(Region, Region.id == BudgetLine.region_id)
            paid = session.execute(query.where(Earmark.document.in_(("A-1", "A-7")), Earmark.amount > 0)).all()
        assert set(map(tuple, paid)) == {("A-1", "SEA"), ("A-7", "ESA")}
        assert check_ledgers(any_engine).sound


def test_of_a_job_of_another_region_nothing_is_told_but_that_there_is_one() -> None:
    mine, other = (
        MovedJob(job=number, technicians_before=["T-1"], start_before=NOW, technicians=["T-2"], start=NOW)
        for number in ("J-1", "J-2")
    )
    cost = PriceOut(currency="USD", total=Decimal(1), by_term={})
    told = OptionOut(option=1, seats=[], displaced=[mine], moved=[other], cost=cost, budget=[])
    cut = told.without({"J-2"}, ["ESA"])
    assert (cut.displaced, cut.other_regions) == ([mine], ["ESA"])
    assert cut.moved[0].model_dump(exclude={"job"}) == {
        "technicians_before": [],
        "start_before": None,
        "technicians": [],
        "start": None,
    }
    assert "J-2" not in cut.model_dump_json()
