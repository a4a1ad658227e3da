"""The pages around a plan: key figures, two plans, why, a file; and what another region sees of them."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from fieldops.planning.figures import figures
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import plan_by_number
from fieldops.planning.schemas import ReasonOut
from fieldops.planning.ways_out import way_out
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import Api
from tests.fieldops.app.test_pages import HTML, Outline, _page
from tests.fieldops.app.test_versions import proposed


def reason(code: str, misses_by: float | None = None, **values: Any) -> ReasonOut:
    return ReasonOut(code=code, text="", misses_by=misses_by, values=values)


def test_the_figures_of_the_regions_add_up_to_those_of_the_plan(api: Api) -> None:
    told_over_http = api.have_plan()
    with reading(api.engine, SYSTEM) as session:
        plan = plan_by_number(session, told_over_http["plan"])
        told = told_plan(session, plan)
        whole = figures(session, plan, told, told.regions)
        first, *rest = [figures(session, plan, told, [region]) for region in told.regions]
    for one in rest:
        first += one
    assert (first.jobs, first.served, first.late, first.terms) == (whole.jobs, whole.served, whole.late, whole.terms)
    assert first.duty_h == pytest.approx(whole.duty_h)
    assert set(whole.terms) == {"labour", "travel", "lateness", "freight", "purchase"}
    assert whole.served == told.dispatch.assigned
    assert whole.jobs == whole.served + len(told.dispatch.unassigned)
    assert whole.total == told.dispatch.cost.total + told.replenishment.cost.total
    assert whole.unserved >= 50_000 * len(told.dispatch.unassigned)


def test_the_way_out_takes_what_is_least_to_change() -> None:
    busy, longer = reason("technicians_busy", 30.0), reason("technicians_busy", 90.0)
    nobody = reason("no_qualified_technician", qualifications="B1")
    assert way_out([nobody, longer, busy]) == way_out([busy])
    assert "30 min" in way_out([busy])
    assert "B1" in way_out([nobody])
    assert "Plan again" in way_out([busy, reason("search_ended", 12.5)])
    assert way_out([reason("no_such_code")]) == ""


def test_two_plans_stand_beside_each_other(api: Api) -> None:
    first = api.have_plan()["plan"]
    assert api.post("/jobs", bodies.job(title="More to do")).status_code == 201
    second = proposed(api)
    page = _page(api, f"/plans/compare?plan={second}")
    assert f"{second} beside {first}" in page.text
    assert "More done" in page.text
    assert f"{first} beside {second}" in _page(api, f"/plans/compare?plan={first}&with={second}").text
    assert api.http.get(f"/plans/compare?plan={second}&with=P-9", headers=HTML).status_code == 404


def test_a_file_says_who_does_what_and_what_nobody_does(api: Api) -> None:
    told = api.have_plan()
    answer = api.http.get("/plans/P-000001/seats.csv", params={"region": ""})
    assert answer.headers["content-disposition"] == 'attachment; filename="P-000001.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    dispatch = told["dispatch"]
    assert [one["job"] for one in rows] == [one["job"] for one in dispatch["assignments"] + dispatch["unassigned"]]
    assert sum(Decimal(one["cost"] or 0) for one in rows) == sum(
        Decimal(one["cost"]) for one in dispatch["assignments"]
    )
    book = CalamineWorkbook.from_filelike(BytesIO(api.http.get("/plans/P-000001/seats.xlsx").content))
    assert len(book.get_sheet_by_index(0).to_python()) == len(rows) + 1
    assert api.http.get("/plans/P-000001/seats.pdf").status_code == 422


def test_why_knows_a_job_from_a_part(api: Api) -> None:
    api.have_plan()
    assert "The others for this seat" in _page(api, "/plans/P-000001/why?about=j-1").text
    assert "What moves, and why from there" in _page(api, "/plans/P-000001/why?about=LAMP-1").text
    assert api.http.get("/plans/P-000001/why?about=nothing", headers=HTML).status_code == 404


def test_another_region_sees_nothing_of_it(api: Api) -> None:
    api.have_plan()
    second = proposed(api)
    with api.user("mei", "dispatcher", "CN") as mei:
        for path in ("", "/seats.csv", "/why?about=J-1"):
            answer = mei.http.get(f"/plans/P-000001{path}", headers=HTML)
            assert "Brake seized" not in answer.text, path
        shown = Outline(mei.http.get(f"/plans/compare?plan={second}", headers=HTML).text)
        assert "J-1" not in shown.words
        assert "SEA" not in shown.words
