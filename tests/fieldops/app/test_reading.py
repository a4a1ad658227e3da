"""The lists of the API: what is in them, how they are filtered and paged."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.schemas import NewJob
from fieldops.operations.schemas import NewSchedule
from fieldops.operations.service import add_schedules
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from tests.conftest import NOW
from tests.fieldops.app.conftest import Api, served
from tests.worlds import load_tiny


@pytest.mark.parametrize(
    ("path", "query", "name", "expected"),
    [
        ("/regions", {}, "code", ["CN", "SEA"]),
        ("/places", {}, "code", ["ADJUSTMENT", "CUSTOMER", "TSN", "UTH", "VTE", "XIY"]),
        ("/places", {"region": "SEA"}, "code", ["UTH", "VTE"]),
        ("/lanes", {}, "mode", ["aog", "routine"] * 3),
        ("/lanes", {}, "origin", ["VTE", "VTE", "XIY", "XIY", "XIY", "XIY"]),
        ("/stock/targets", {}, "part", ["BRAKE-1", "FILTER-1", "LAMP-1"]),
        ("/parts", {}, "part_number", ["BRAKE-1", "FILTER-1", "LAMP-1", "PUMP-1"]),
        ("/parts", {"ata": ["32", "29"]}, "part_number", ["BRAKE-1", "PUMP-1"]),
        ("/stock/balances", {"place": "VTE"}, "part", ["BRAKE-1", "LAMP-1"]),
        ("/stock/balances", {"part": "BRAKE-1"}, "place", ["VTE", "XIY", "XIY", "XIY"]),
        ("/qualifications", {}, "code", ["B1", "B2", "BORE"]),
        ("/technicians", {}, "code", ["T-1", "T-2", "T-3"]),
        ("/technicians", {"region": "SEA"}, "code", ["T-2", "T-3"]),
        ("/jobs", {}, "number", ["J-1", "J-2", "J-3", "J-4", "J-5"]),
        ("/jobs", {"region": "SEA"}, "number", ["J-1", "J-3", "J-5"]),
        ("/jobs", {"region": "SEA", "priority": "AOG"}, "number", ["J-1"]),
        ("/budgets", {"region": "SEA"}, "category", ["expedite", "freight", "labour", "parts", "travel"]),
        ("/budgets", {"category": "freight", "date": "2026-03-31"}, "region", ["CN", "SEA"]),
        ("/budgets", {"date": "2026-04-01"}, "region", []),
        ("/budgets/holds", {}, "document", []),
        ("/plans", {}, "plan", []),
        ("/schedules", {}, "name", []),
    ],
)
def test_a_list_holds_what_it_says(tiny: Api, path: str, query: dict[str, Any], name: str, expected: list[str]) -> None:
    page = tiny.get(path, **query)
    assert [item[name] for item in page["items"]] == expected
    assert page["next"] is None


def test_amounts_and_quantities_are_exact_text(tiny: Api) -> None:
    (line,) = tiny.get("/budgets", region="SEA", category="freight")["items"]
    assert (line["budget"], line["available"]) == ("10.0000", "10.0000")
    (balance,) = tiny.get("/stock/balances", place="VTE", part="LAMP-1")["items"]
    assert balance["quantity"] == "5.000000"


def test_a_lane_and_the_approval_limits_read_as_they_were_given(tiny: Api) -> None:
    (lane, *_rest) = tiny.get("/lanes")["items"]
    assert lane == {
        "origin": "VTE",
        "destination": "UTH",
        "mode": "aog",
        "lead_h": 4.0,
        "cost_per_kg": "9.0000",
        "cost_per_piece": "5.0000",
        "currency": "USD",
        "dg_allowed": "none",
        "max_weight_kg": None,
        "active": True,
        "legs": [],
    }
    assert tiny.get("/budgets/approval-limits") == {
        "currency": "USD",
        "limits": {"administrator": None, "finance": "100000.0000", "regional_manager": "20000.0000"},
        "by_category": {},
    }


def test_instants_carry_their_offset_and_names_their_script(tiny: Api) -> None:
    assert tiny.get("/jobs", priority="AOG")["items"][0]["window_start"] == "2026-03-02T00:00:00Z"
    assert tiny.get("/technicians", region="CN")["items"][0]["name"] == "李芳"


LISTS = ["/places", "/lanes", "/parts", "/stock/targets", "/stock/balances", "/jobs", "/budgets", "/technicians"]


def _page_by_page(api: Api, path: str, limit: int) -> list[Any]:
    found: list[Any] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = api.get(path, **query)
        found += page["items"]
        if page["next"] is None:
            return found
        assert len(page["items"]) == limit
        query["cursor"] = page["next"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_pages_of_a_list_together_are_the_list(tiny: Api, path: str, limit: int) -> None:
    assert _page_by_page(tiny, path, limit) == tiny.get(path)["items"]


@pytest.mark.postgres
def test_the_pages_of_every_list_together_are_the_list_on_postgresql(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    with served(postgres_engine) as api:
        for path in LISTS:
            whole = api.get(path)["items"]
            assert len(whole) > 2
            assert _page_by_page(api, path, 2) == whole
        for path in ("/plans", "/budgets/holds", "/schedules"):
            assert api.get(path) == {"items": [], "next": None}


def test_what_is_added_before_the_cursor_neither_repeats_nor_hides_an_item(api: Api) -> None:
    first = api.get("/jobs", limit=2)
    twin = api.get("/jobs", limit=1)["items"][0]
    body = {name: value for name, value in twin.items() if name in NewJob.model_fields} | {"number": "J-0"}
    assert api.post("/jobs", body).status_code == 201
    second = api.get("/jobs", limit=200, cursor=first["next"])
    assert [one["number"] for one in first["items"] + second["items"]] == ["J-1", "J-2", "J-3", "J-4", "J-5"]


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "bm90IGpzb24=", "WzFd", "WyJhIiwiYiJd", ""])
def test_a_cursor_of_another_list_or_of_nobody_is_refused(tiny: Api, cursor: str) -> None:
    answer = tiny.http.get("/api/v1/jobs", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_cursor")


def test_schedules_are_listed_even_when_they_cannot_be_followed(api: Api) -> None:
    plan = NewSchedule(name="morning", kind="plan.day", cron="0 5 * * 1-5", time_zone="Asia/Shanghai")
    with writing(api.engine, SYSTEM) as session:
        add_schedules(session, SYSTEM, [plan, plan.model_copy(update={"name": "odd", "cron": "at dawn"})], NOW)
    morning, odd = api.get("/schedules")["items"]
    assert (morning["cron"], morning["last_run"], odd["cron"]) == ("0 5 * * 1-5", None, "at dawn")
