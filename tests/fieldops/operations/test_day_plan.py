"""The day plan as an operation: submitted over HTTP, made by a worker's child process, read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, func, select

from fieldops.operations.registry import Job
from fieldops.planning.models import DayPlan
from fieldops.planning.operation import plan_day
from fieldops.settings import Settings
from fieldops.work import all_kinds
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading
from inventory.kernel.errors import DomainError
from tests.faults.working import working
from tests.fieldops.operations.conftest import As

RIGHTS = frozenset({"operations.read", "plan.make", "plan.read"})
WHOLE = {"date": "2026-03-02", "iterations": 20}


def _of(*regions: str, rights: frozenset[str] = RIGHTS) -> Actor:
    return Actor("planner", permissions=rights, scope=Scope(regions=frozenset(regions)))


def _code(answer: httpx.Response) -> tuple[int, str]:
    return (answer.status_code, answer.json()["code"])


def _job(engine: Engine, told: list[Any] | None = None, **changes: Any) -> Job:
    seen = [] if told is None else told
    job = Job(
        id=uuid4(),
        database_url=engine.url.render_as_string(hide_password=False),
        actor=SYSTEM,
        parameters=WHOLE,
        report=lambda *_progress: None,
        incumbent=seen.append,
        should_stop=lambda: False,
    )
    return replace(job, **changes)


def test_a_plan_is_accepted_made_and_read(engine: Engine, client_of: As) -> None:
    client = client_of(_of("CN", rights=RIGHTS))
    answer = client.post("/plans/day", json=WHOLE)
    submitted = answer.json()
    assert (answer.status_code, submitted["state"], submitted["region"]) == (202, "queued", "CN")
    assert answer.headers["location"] == f"/api/v1/operations/{submitted['id']}"
    with working(engine, all_kinds(Settings())):
        told = submitted
        while told["ended_at"] is None:
            told = client.get(f"/operations/{submitted['id']}").json()
    assert (told["state"], told["text"]) == ("done", None)
    asked = {"date": "2026-03-02", "iterations": 20, "region": "CN", "seed": 0, "duration_percentile": 50}
    assert told["parameters"] == asked
    plan = client.get(f"/plans/{told['result']['plan']}").json()
    assert (plan["date"], plan["regions"]) == ("2026-03-02", ["CN"])
    assert told["result"]["summary"]["dispatch"]["assigned"] == plan["dispatch"]["assigned"]
    assert told["incumbent"]["areas"] == {"done": 1, "total": 1}
    assert {one["job"] for one in told["incumbent"]["assignments"]} == {
        one["job"] for one in plan["dispatch"]["assignments"]
    }
    with reading(engine, SYSTEM) as session:
        assert session.scalars(select(DayPlan.made_by)).all() == ["planner"]


@pytest.mark.parametrize(
    ("actor", "wishes", "status", "code"),
    [
        (_of("CN", "SEA"), {}, 403, "region_needed"),
        (_of(), {}, 403, "region_needed"),
        (_of("SEA"), {"region": "CN"}, 403, "outside_region"),
        (_of("SEA"), {"region": "MOON"}, 404, "unknown_region"),
        (_of("CN"), {"date": "2031-01-01"}, 422, "no_budget_line"),
        (_of("CN"), {"iterations": 5, "seconds": 5}, 422, "invalid_request"),
        (_of("CN"), {"aog_override": {"user": "chief", "reason": "grounded"}}, 403, "not_permitted"),
    ],
)
def test_what_cannot_be_planned_is_refused_before_anybody_waits(
    client_of: As, actor: Actor, wishes: dict[str, Any], status: int, code: str
) -> None:
    client = client_of(actor)
    assert _code(client.post("/plans/day", json=WHOLE | wishes)) == (status, code)
    assert client_of().get("/operations").json()["items"] == []


@pytest.mark.parametrize(
    ("actor", "wishes", "region", "urgency"),
    [
        (None, {}, "-", 30),
        (None, {"region": "SEA"}, "SEA", 10),
        (_of("CN", "SEA"), {"region": "SEA"}, "SEA", 10),
        (_of("SEA"), {}, "SEA", 10),
    ],
)
def test_a_plan_of_one_region_goes_before_one_of_the_network(
    client_of: As, actor: Actor | None, wishes: dict[str, Any], region: str, urgency: int
) -> None:
    told = client_of(actor).post("/plans/day", json=WHOLE | wishes).json()
    assert (told["region"], told["urgency"]) == (region, urgency)


def test_a_repeated_request_submits_one_plan(client_of: As) -> None:
    client = client_of()
    answers = [client.post("/plans/day", json=WHOLE, headers={"Idempotency-Key": "today"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(client.get("/operations").json()["items"]) == 1


def test_the_same_operation_run_again_makes_no_second_plan(engine: Engine, client_of: As) -> None:
    job = _job(engine)
    first = plan_day(job)
    assert plan_day(job) == first
    with reading(engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(DayPlan)) == 1
        assert session.scalars(select(DayPlan.id)).one() == job.id


def test_schedules_of_finished_areas_are_told_one_by_one(engine: Engine, client_of: As) -> None:
    told: list[dict[str, Any]] = []
    result = plan_day(_job(engine, told))
    finished = [one["areas"]["done"] for one in told]
    assert finished == sorted(finished)
    assert {0, 1, 2} == set(finished)
    assert all(one["areas"]["total"] == 2 for one in told)
    assert told[-1]["objective"] == pytest.approx(result["summary"]["dispatch"]["objective"])
    assert len(told[-1]["assignments"]) == result["summary"]["dispatch"]["assigned"]


def test_a_plan_that_is_to_stop_leaves_nothing(engine: Engine, client_of: As) -> None:
    with pytest.raises(DomainError) as stopped:
        plan_day(_job(engine, should_stop=lambda: True))
    assert stopped.value.code == "stopped"
    with reading(engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(DayPlan)) == 0
