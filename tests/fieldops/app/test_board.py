"""What the dispatch board is told: rows, bars, why jobs are left out, who may not take one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.models import JobKind
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.priority import Priority
from tests.fieldops.app.conftest import Api
from tests.statements import statements

WEEK = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z"}


@pytest.fixture
def planned(api: Api) -> Api:
    """The small world with its day planned."""
    api.have_plan()
    return api


def read(api: Api, **more: Any) -> dict[str, Any]:
    """The board of the week, its jobs and people with their names of values."""
    answer = api.http.get("/board.json", params=WEEK | more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def jobs(told: dict[str, Any], columns: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    """{number: job} of an answer."""
    found = {row[0]: dict(zip(columns["job"], row, strict=True)) for row in told["jobs"]}
    for one in found.values():
        one["bars"] = [dict(zip(columns["bar"], bar, strict=True)) for bar in one["bars"]]
    return found


def test_the_board_tells_who_does_what_when_and_what_nobody_does(planned: Api) -> None:
    told = read(planned)
    known = jobs(told, told["columns"])
    plan = planned.get("/plans/P-000001")["dispatch"]
    since = datetime.fromisoformat(told["since"])
    seats = {
        (number, bar["person"], since + timedelta(seconds=bar["start"]), since + timedelta(seconds=bar["end"]))
        for number, one in known.items()
        for bar in one["bars"]
    }
    assert seats == {
        (one["job"], one["technician"], *(datetime.fromisoformat(one[end]) for end in ("start", "end")))
        for one in plan["assignments"]
    }
    assert {number for number, one in known.items() if not one["bars"]} == {one["job"] for one in plan["unassigned"]}
    assert told["reasons"] == {one["job"]: [reason["text"] for reason in one["reasons"]] for one in plan["unassigned"]}
    assert known["J-1"]["priority"] == "AOG"
    assert known["J-1"]["version"] == 1
    assert [row[0] for row in told["people"]] == ["T-1", "T-2", "T-3"]
    first = dict(zip(told["columns"]["person"], told["people"][0], strict=True))
    assert first["duties"][0] == [0, 10 * 3600], "eight to eighteen in Xi'an"


def test_some_jobs_are_read_again_as_the_whole_board_tells_them(planned: Api) -> None:
    whole = read(planned)
    some = read(planned, job=["J-1", "J-4", "J-77"])
    assert some["jobs"] == [row for row in whole["jobs"] if row[0] in ("J-1", "J-4")]
    assert some["reasons"] == {"J-4": whole["reasons"]["J-4"]}


def test_each_region_sees_its_own_board(planned: Api) -> None:
    with planned.user("noi", "dispatcher", "SEA") as noi:
        told = read(noi)
        known = jobs(told, told["columns"])
        assert set(known) == {"J-1", "J-3", "J-5"}
        assert [row[0] for row in told["people"]] == ["T-2", "T-3"]
        assert "T-1" not in str(told)
        assert [one[0] for one in told["plans"]] == ["SEA"]
        assert read(noi, job="J-2")["jobs"] == []
        assert noi.http.get("/board/barred.json", params={"job": "J-2"}).status_code == 404
    told = read(planned, region="CN")
    assert set(jobs(told, told["columns"])) == {"J-2", "J-4"}


def test_who_has_a_seat_and_who_locked_it_is_told(planned: Api) -> None:
    headers = {"If-Match": '"1"'}
    assert planned.http.post("/api/v1/jobs/J-1/lock", json={}, headers=headers).status_code == 200
    told = read(planned, job="J-1")
    (job,) = jobs(told, read(planned)["columns"]).values()
    assert job["locked"] == "tester"
    assert job["version"] > 1
    assert [bar["given"] for bar in job["bars"]] == [1] * len(job["bars"])
    assert len(job["bars"]) == len(job["seats"])


def test_who_may_not_take_a_job_at_all_is_told_with_the_reason(planned: Api) -> None:
    assert planned.http.get("/board/barred.json", params={"job": "J-3"}).json() == {"mechanic": {}}
    told = planned.http.get("/board/barred.json", params={"job": "J-4"}).json()
    assert set(told["mechanic"]) == {"T-1"}
    assert "BORE" in told["mechanic"]["T-1"]


def test_the_board_takes_as_many_statements_for_many_jobs_as_for_few(planned: Api) -> None:
    def cost() -> int:
        with statements(planned.engine) as seen:
            read(planned)
        return len([one for one in seen if not one.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA"))])

    few = cost()
    many(planned.engine)
    assert cost() == few <= 24


def many(engine: Engine) -> None:
    """Let jobs come in that nobody has."""
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    new = [
        NewJob(
            number=f"N-{number}",
            work_order="W-N",
            title="Seat cover is torn",
            kind=JobKind.DEFECT,
            priority=Priority.ROUTINE,
            place="VTE",
            duration_min=60,
            window_start=monday,
            window_end=monday + timedelta(days=2),
            due_at=monday + timedelta(days=2),
            delay_cost_per_h=Decimal(1),
            currency="USD",
        )
        for number in range(60)
    ]
    with writing(engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, new)


@pytest.mark.parametrize("span", [{"from": WEEK["to"], "to": WEEK["from"]}, {"to": "2026-05-01T00:00:00Z"}])
def test_a_span_that_is_none_or_too_long_is_refused(planned: Api, span: dict[str, str]) -> None:
    assert planned.http.get("/board.json", params=WEEK | span).json()["code"] == "wrong_span"


def test_without_a_plan_the_page_says_how_to_get_one(tiny: Api) -> None:
    page = tiny.http.get("/board", headers={"accept": "text/html"})
    assert "fieldops plan day" in page.text
