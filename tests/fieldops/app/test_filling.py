"""An empty database is filled over the API alone, and planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from fieldops.checking import check_ledgers
from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import Api, served

LIMITS = "/api/v1/budgets/approval-limits"


@pytest.fixture
def empty(any_engine: Engine) -> Iterator[Api]:
    """A served database with the schema and no data."""
    with served(any_engine) as api:
        yield api


def _add(api: Api, path: str, *items: Any) -> None:
    answer = api.post(path, list(items))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert [{name: one[name] for name in item} for item, one in zip(items, told, strict=True)] == list(items)


def test_an_empty_database_is_filled_over_the_api_and_planned(empty: Api) -> None:
    _add(empty, "/regions", {"code": "SEA", "name": "South-East Asia"})
    _add(
        empty,
        "/places",
        bodies.place(code="UTH", name="Udon Thani"),
        bodies.place(code="VTE", name="Vientiane", tier="central", parent=None),
        {"code": "ADJUSTMENT", "name": "Stock adjustments", "tier": "adjustment"},
    )
    _add(empty, "/lanes", bodies.lane(mode="aog", lead_h=4.0), bodies.lane(mode="routine", lead_h=12.0))
    _add(empty, "/parts", bodies.part(part_number="LAMP-1", part_class="expendable", weight_kg="0.2"))
    _add(empty, "/qualifications", {"code": "B1", "name": "Line release, mechanical"})
    _add(empty, "/stock/targets", {"part": "LAMP-1", "place": "UTH", "quantity": "2"})
    _add(empty, "/stock/moves", bodies.move(origin="ADJUSTMENT", quantity="5"))
    _add(
        empty,
        "/budgets",
        *(
            bodies.budget_line(category=category, period_start="2026-01-01")
            for category in ("labour", "travel", "freight", "expedite", "parts")
        ),
    )
    assert _set_limits(empty, 0, bodies.limits()).status_code == 200
    shifts = [{"work_date": f"2026-03-0{day}", "starts": "08:00", "ends": "18:00"} for day in (2, 3, 4)]
    assert empty.post("/technicians", bodies.technician(shifts=shifts)).status_code == 201
    assert empty.post("/jobs", bodies.job()).status_code == 201

    plan = empty.plan()
    assert [(one["job"], one["technician"]) for one in plan["dispatch"]["assignments"]] == [("J-9", "T-9")]
    (order,) = plan["replenishment"]["moves"]
    assert (order["part"], order["origin"], order["destination"]) == ("LAMP-1", "VTE", "UTH")
    assert check_ledgers(empty.engine).sound


def test_a_target_set_again_replaces_the_one_before(api: Api) -> None:
    lamps = {"part": "LAMP-1", "place": "UTH"}
    _add(api, "/stock/targets", lamps | {"quantity": "0"})
    held = {one["part"]: one["quantity"] for one in api.get("/stock/targets")["items"]}
    assert held == {"BRAKE-1": "2.000000", "FILTER-1": "2.000000", "LAMP-1": "0.000000"}


def _set_limits(api: Api, version: int, body: Any) -> httpx.Response:
    return api.http.put(LIMITS, json=body, headers={"If-Match": f'"{version}"'})


def test_approval_limits_are_set_again_role_by_role(empty: Api) -> None:
    nothing = empty.http.get(LIMITS)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_limits")
    first = _set_limits(
        empty, 0, bodies.limits(limits={"finance": "5", "regional_manager": "1", "administrator": None})
    )
    assert first.status_code == 200, first.text
    version = empty.http.get(LIMITS).headers["etag"]
    assert first.headers["etag"] == version
    answer = empty.http.put(LIMITS, json=bodies.limits(limits={"finance": None}), headers={"If-Match": version})
    assert answer.status_code == 200
    assert answer.headers["etag"] != version
    assert answer.json() == empty.http.get(LIMITS).json()
    assert answer.json() == {
        "currency": "USD",
        "limits": {"administrator": None, "finance": None, "regional_manager": "1.0000"},
        "by_category": {},
    }


def test_approval_limits_that_somebody_changed_meanwhile_are_not_overwritten(api: Api) -> None:
    version = api.http.get(LIMITS).headers["etag"]
    unseen = api.http.put(LIMITS, json=bodies.limits())
    assert (unseen.status_code, unseen.json()["code"]) == (428, "version_required")
    assert api.http.put(LIMITS, json=bodies.limits(), headers={"If-Match": version}).status_code == 200
    before = api.content()
    late = api.http.put(LIMITS, json=bodies.limits(limits={"finance": "1"}), headers={"If-Match": version})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert api.content() == before
