"""Wrong requests: one clear line as problem details, and nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fieldops.app import bodies
from tests.fieldops.app.bodies import budget_line, job, lane, limits, move, part, place, technician, without
from tests.fieldops.app.conftest import Api

HELD = {"code": "B1", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}
TARGET = {"part": "LAMP-1", "place": "VTE", "quantity": "9"}
ANOTHER_ID = "01900000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "named"),
    [
        ("/stock/moves", [move(part="NO-SUCH")], 422, "unknown_part", "NO-SUCH"),
        ("/stock/moves", [move(destination="NOWHERE")], 422, "unknown_place", "NOWHERE"),
        ("/stock/moves", [move(quantity="-1")], 422, "invalid_request", "body.0.quantity"),
        ("/stock/moves", [move(quantity="0")], 422, "invalid_request", "body.0.quantity"),
        ("/stock/moves", [move(quantity="0.0000001")], 422, "invalid_request", "body.0.quantity"),
        ("/stock/moves", [move(), move()], 422, "move_twice", "twice"),
        ("/stock/moves", [move(quantity="41")], 409, "too_little_stock", "41"),
        ("/stock/moves", [move(), move(move_id=ANOTHER_ID, part="NO-SUCH")], 422, "unknown_part", "NO-SUCH"),
        ("/stock/moves", [move(), move(move_id=ANOTHER_ID, quantity="39")], 409, "too_little_stock", "XIY"),
        ("/stock/moves", [move(destination="XIY")], 422, "same_place", "XIY"),
        ("/stock/moves", [], 422, "invalid_request", "body"),
        ("/stock/moves", move(), 422, "invalid_request", "body"),
        ("/stock/moves", [move(colour="red")], 422, "invalid_request", "body.0.colour"),
        ("/regions", [{"code": "EU", "name": "Europe"}, {"code": "CN", "name": "China"}], 409, "code_exists", "CN"),
        ("/regions", {"code": "EU", "name": "Europe"}, 422, "invalid_request", "body"),
        ("/places", [place(), place(code="LPQ", region="MOON")], 422, "unknown_region", "MOON"),
        ("/places", [without(place(), "time_zone")], 422, "invalid_request", "body.0: time_zone is missing"),
        ("/lanes", [lane(), lane(destination="NOWHERE")], 422, "unknown_place", "NOWHERE"),
        ("/lanes", [lane(), lane(mode="aog")], 409, "lane_exists", "aog"),
        ("/parts", [part(), part(part_number="PUMP-1")], 409, "part_exists", "PUMP-1"),
        ("/parts", [part(weight_kg="-1")], 422, "invalid_request", "body.0.weight_kg"),
        ("/qualifications", [{"code": "C", "name": "Cabin"}, {"code": "B1", "name": "Line"}], 409, "code_exists", "B1"),
        ("/qualifications", [{"code": "B 3", "name": "Avionics"}], 422, "invalid_request", "body.0.code"),
        ("/stock/targets", [TARGET, TARGET | {"part": "NO-SUCH"}], 422, "unknown_part", "NO-SUCH"),
        ("/stock/targets", [TARGET | {"quantity": "-1"}], 422, "invalid_request", "body.0.quantity"),
        ("/budgets", [budget_line(), budget_line(period_start="2026-03-31")], 409, "budget_exists", "2026-03-31"),
        ("/budgets", [budget_line(period_end="2026-04-01")], 422, "invalid_request", "ends before it begins"),
        ("/stock/targets", [TARGET] * 1_001, 422, "invalid_request", "1000"),
        ("/jobs", job(place="NOWHERE"), 422, "unknown_place", "NOWHERE"),
        ("/jobs", job(parts=[{"part": "NO-SUCH", "quantity": "1"}]), 422, "unknown_part", "NO-SUCH"),
        ("/jobs", job(parts=[{"part": "LAMP-1", "quantity": "-1"}]), 422, "invalid_request", "body.parts.0.quantity"),
        ("/jobs", job(qualifications=["PILOT"]), 422, "unknown_qualification", "PILOT"),
        ("/jobs", job(window_end="2026-03-02T08:00:00Z"), 422, "invalid_request", "ends before it starts"),
        ("/jobs", job(window_start="2026-03-03T08:00:00"), 422, "invalid_request", "body.window_start"),
        ("/jobs", job(number="J-1"), 409, "job_exists", "J-1"),
        ("/jobs", job(delay_cost_per_h="1e400"), 422, "invalid_request", "body.delay_cost_per_h"),
        ("/technicians", without(technician(), "time_zone"), 422, "invalid_request", "body.time_zone"),
        ("/technicians", technician(time_zone="Mars/Olympus"), 422, "invalid_request", "Mars/Olympus"),
        ("/technicians", technician(base="NOWHERE"), 422, "unknown_place", "NOWHERE"),
        ("/technicians", technician(qualifications=[HELD | {"code": "PILOT"}]), 422, "unknown_qualification", "PILOT"),
        ("/technicians", technician(code="T-1"), 409, "code_exists", "T-1"),
        ("/technicians", technician(cost_per_h="-1"), 422, "invalid_request", "body.cost_per_h"),
        ("/plans/day", {"region": "MOON"}, 404, "unknown_region", "MOON"),
        ("/plans/day", {"iterations": 5, "seconds": 5}, 422, "invalid_request", "not both"),
        ("/plans/day", {"seed": 2**70}, 422, "invalid_request", "body.seed"),
        ("/plans/day", {"date": "2027-01-01"}, 422, "no_budget_line", "2027-01-01"),
        ("/plans/day", {"aog_override": {"user": "chief"}}, 422, "invalid_request", "body.aog_override.reason"),
    ],
)
def test_a_wrong_request_is_refused_in_one_clear_line(
    tiny: Api, path: str, body: Any, status: int, code: str, named: str
) -> None:
    before = tiny.content()
    answer = tiny.post(path, body)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in problem["detail"]
    assert "\n" not in problem["detail"]
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert tiny.content() == before


def test_a_move_is_posted_once(api: Api) -> None:
    assert api.post("/stock/moves", [bodies.move()]).status_code == 201
    before = api.content()
    again = api.post("/stock/moves", [bodies.move(move_id=ANOTHER_ID), bodies.move()])
    assert (again.status_code, again.json()["code"]) == (409, "move_posted")
    assert api.content() == before


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (limits(limits={"finance": "-1"}), "body.limits.finance"),
        (limits(limits={}), "body.limits"),
        (limits(limits={"Big Boss": "1"}), "Big Boss"),
        (limits(currency="dollars"), "body.currency"),
    ],
)
def test_wrong_approval_limits_change_nothing(tiny: Api, body: Any, named: str) -> None:
    answer = tiny.http.put("/api/v1/budgets/approval-limits", json=body, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert named in answer.json()["detail"]


def test_what_is_wrong_with_the_whole_body_is_said_without_its_path(tiny: Api) -> None:
    whole = tiny.post("/plans/day", {"iterations": 5, "seconds": 5}).json()
    assert not whole["detail"].startswith("body")
    assert whole["errors"] == [{"field": "body", "detail": whole["detail"]}]
    assert tiny.http.post("/api/v1/jobs").json()["detail"].startswith("body: ")


def test_every_wrong_field_is_named(tiny: Api) -> None:
    answer = tiny.post("/jobs", job(duration_min=0, priority="SOON"))
    assert {one["field"] for one in answer.json()["errors"]} == {"body.duration_min", "body.priority"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/places?region=MOON", 422, "unknown_region"),
        ("/technicians?region=MOON", 422, "unknown_region"),
        ("/jobs?region=MOON", 422, "unknown_region"),
        ("/budgets?region=MOON", 422, "unknown_region"),
        ("/stock/balances?place=NOWHERE", 422, "unknown_place"),
        ("/stock/balances?part=NO-SUCH", 422, "unknown_part"),
        ("/parts?ata=3", 422, "invalid_request"),
        ("/jobs?priority=SOON", 422, "invalid_request"),
        ("/jobs?limit=0", 422, "invalid_request"),
        ("/jobs?limit=201", 422, "invalid_request"),
        ("/budgets?date=yesterday", 422, "invalid_request"),
        ("/plans/P-000001", 404, "unknown_plan"),
        ("/plans/P-000001/explain?job=J-1", 404, "unknown_plan"),
        ("/plans/P-000001/explain?part=LAMP-1", 404, "unknown_plan"),
        ("/plans/P-000001/explain", 422, "job_or_part"),
        ("/plans/P-000001/explain?job=J-1&part=LAMP-1", 422, "job_or_part"),
        ("/nothing", 404, "not_found"),
    ],
)
def test_a_wrong_question_is_refused_too(tiny: Api, path: str, status: int, code: str) -> None:
    answer = tiny.http.get(f"/api/v1{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_possible_names_those_that_are(tiny: Api) -> None:
    answer = tiny.http.delete("/api/v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"seed": ' + b"9" * 5_000 + b"}"])
def test_what_is_no_json_is_refused(tiny: Api, body: bytes) -> None:
    answer = tiny.http.post("/api/v1/plans/day", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_of_another_page_is_no_request(tiny: Api) -> None:
    answer = tiny.http.post("/api/v1/jobs", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 422
