"""Stock targets planned as an operation, over HTTP and by command, and what their pages show."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from html import unescape
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner

from fieldops.cli import app
from fieldops.operations.registry import Job
from fieldops.planning.stock_targets.operation import plan_stock_targets
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading
from inventory.kernel.errors import DomainError
from inventory.planning.stock_plans.models import TargetPlan
from tests.faults.working import until, working
from tests.fieldops.app.conftest import Api, served
from tests.planned import SEA, load_planned, make

PLANS = "/api/v1/stock/target-plans"


@pytest.fixture
def api(engine: Engine) -> Iterator[Api]:
    """The world that can be planned, served."""
    load_planned(engine)
    with served(engine) as api:
        yield api


@contextmanager
def manager(api: Api) -> Iterator[httpx.Client]:
    """The manager of SEA."""
    with api.user("office", "regional_manager", "SEA") as one:
        yield one.http


def job_of(engine: Engine, actor: Actor = SYSTEM, **changes: Any) -> Job:
    told: dict[str, Any] = {
        "id": uuid4(),
        "database_url": engine.url.render_as_string(hide_password=False),
        "actor": actor,
        "parameters": {"budget": "40000.00"},
        "report": lambda *_progress: None,
        "incumbent": lambda _found: None,
        "should_stop": lambda: False,
    }
    return Job(**told | changes)


def test_a_manager_has_her_region_planned_looks_accepts_and_takes_back(api: Api) -> None:
    with manager(api) as http:
        asked = http.post(PLANS, json={"budget": "30000.00"})
        assert (asked.status_code, asked.json()["region"]) == (202, "SEA")
        with working(api.engine, api.app.state.kinds):
            told = until(lambda: seen if (seen := api.get(f"/operations/{asked.json()['id']}"))["ended_at"] else None)
        assert told["state"] == "done", told
        number = told["result"]["plan"]
        work = api.http.get(f"/operations/{asked.json()['id']}", headers={"accept": "text/html"}).text
        assert f'href="/target-plans/{number}"' in work
        plan = http.get(f"{PLANS}/{number}")
        assert (plan.json()["region"], plan.json()["state"]) == ("SEA", "proposed")
        assert [one["number"] for one in http.get(PLANS).json()["items"]] == [number]
        lines = http.get(f"{PLANS}/{number}/lines", params={"state": "open"}).json()["items"]
        assert {one["region"] for one in lines} == {"SEA"}
        curve = http.get(f"{PLANS}/{number}/curve").json()["curves"][0]
        assert [one["weighted"] for one in curve["points"]] == sorted(
            (one["weighted"] for one in curve["points"]), reverse=True
        )
        asked = http.post(f"{PLANS}/{number}/simulate", json={"count": 2, "replications": 3})
        assert (asked.status_code, asked.json()["kind"]) == (202, "plan.simulate-targets")
        with working(api.engine, api.app.state.kinds):
            told = until(lambda: seen if (seen := api.get(f"/operations/{asked.json()['id']}"))["ended_at"] else None)
        assert (told["state"], told["result"]["plan"]) == ("done", number)
        assert http.get(f"{PLANS}/{number}").json()["simulation"]["replications"] == 3
        page = api.http.get(f"/target-plans/{number}", headers={"accept": "text/html"}).text
        assert 'id="simulation"' in page
        assert "±" in page
        foreseen = http.post(f"{PLANS}/{number}/accept/check", json={}).json()
        assert http.post(f"{PLANS}/{number}/accept", json={}).status_code == 428
        assert http.post(f"{PLANS}/{number}/accept", json={}, headers={"If-Match": '"9"'}).status_code == 412
        done = http.post(f"{PLANS}/{number}/accept", json={}, headers={"If-Match": plan.headers["ETag"]})
        assert done.json() == foreseen
        targets = {(one["part"], one["place"]): one["quantity"] for one in api.get("/stock/targets")["items"]}
        assert all(targets[one["part"], one["place"]] == one["decided"] for one in lines)
        (accepted,) = http.get(f"{PLANS}/{number}/acceptances").json()["items"]
        back = http.post(f"/api/v1/stock/target-acceptances/{accepted['id']}/undo", json={"reason": "wrong"})
        assert (back.status_code, back.json()["reverses"]) == (201, accepted["id"])
        assert http.get(f"{PLANS}/{number}").json()["state"] == "proposed"


def test_who_plans_what_is_decided_before_anybody_waits(api: Api) -> None:
    with manager(api) as http:
        refused = http.post(PLANS, json={"budget": "1", "region": "CN"})
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_region")
        assert http.post(PLANS, json={"budget": "-1"}).status_code == 422
    with api.user("keeper", "storekeeper", "SEA") as keeper:
        assert keeper.http.post(PLANS, json={"budget": "1"}).status_code == 403
        assert keeper.http.get(PLANS).status_code == 200
    assert api.post("/stock/target-plans", {"budget": "1", "region": "NONE"}).status_code == 422


def test_the_same_operation_run_again_makes_no_second_plan(engine: Engine) -> None:
    load_planned(engine)
    job = job_of(engine)
    assert plan_stock_targets(job) == plan_stock_targets(job)
    with reading(engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(TargetPlan)) == 1


def test_a_plan_that_is_to_stop_leaves_nothing(engine: Engine) -> None:
    load_planned(engine)
    with pytest.raises(DomainError) as stopped:
        plan_stock_targets(job_of(engine, should_stop=lambda: True))
    assert stopped.value.code == "stopped"
    with reading(engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(TargetPlan)) == 0


def test_the_command_prints_one_object(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load_planned(engine)
    monkeypatch.setattr("fieldops.commands.stock_targets.ready_engine", lambda: engine)
    told = ["plan", "stock-targets", "--budget", "500", "--capital-budget", "20000"]
    done = CliRunner().invoke(app, [*told, "--region", "SEA", "--json"])
    plan = json.loads(done.stdout)
    assert (plan["plan"], plan["region"], plan["deterministic"]) == ("T-000001", "SEA", True)
    assert {one["budget"] for one in plan["spending"]} == {"capital", "operating"}
    assert plan["lines"] == plan["planned"] + sum(
        one["lines"] for one in plan["notes"] if not one["reason"].startswith("assumed")
    )
    done = CliRunner().invoke(app, [*told, "--simulate", "2", "--json"])
    plan = json.loads(done.stdout)
    assert len(plan["simulation"]["parts"]) == 2
    assert "± " in CliRunner().invoke(app, [*told, "--simulate", "2"]).stdout
    done = CliRunner().invoke(app, [*told, "--keep-below", "1000000000"])
    assert done.exit_code == 0
    assert "T-000004" in done.stdout
    assert "Stays: the change is not worth it: " in done.stdout
    done = CliRunner().invoke(app, [*told, "--iterations", "1"])
    assert (done.exit_code, "ended the search early" in done.stderr) == (0, True)
    done = CliRunner().invoke(app, [*told, "--floor", "SEA::0.2", "--floor", ":no_go:0.999999", "--goal", "fill"])
    assert "MA60 at VTE: " in done.stdout
    assert "floor SEA::0.2" in done.stdout
    assert "capital: " in done.stdout.split("floor :NO_GO")[1]
    assert "gap to the best" in done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ["--budget", "much"],
        ["--budget", "1", "--keep-below", "much"],
        ["--budget", "1", "--floor", "SEA:0.9"],
        ["--budget", "1", "--goal", "happiness"],
        ["--budget", "1", "--floor", "SEA:MAYBE:0.9"],
        ["--budget", "1", "--time-limit", "3", "--iterations", "3"],
        [],
    ],
)
def test_what_the_command_cannot_take_is_said_plainly(wrong: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldops.commands.stock_targets.ready_engine", lambda: None)
    assert CliRunner().invoke(app, ["plan", "stock-targets", *wrong]).exit_code == 2


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_pages_tell_of_a_plan_its_curve_and_its_lines(api: Api, language: str) -> None:
    whole, own = make(api.engine).number, make(api.engine, SEA, region="SEA").number
    headers = {"accept": "text/html", "accept-language": language}
    listed = api.http.get("/target-plans", headers=headers)
    assert listed.status_code == 200
    assert whole in listed.text
    page = api.http.get(f"/target-plans/{whole}", headers=headers)
    assert page.status_code == 200, page.text
    assert f'data-chart="/target-plans/{whole}/curve.svg"' in page.text
    assert ("Money against waiting" if language == "en" else "资金与等待") in page.text
    assert "BRAKE-1" in page.text
    drawn = api.http.get(f"/target-plans/{whole}/curve.svg", headers=headers)
    assert (drawn.headers["content-type"], 'role="img"' in drawn.text) == ("image/svg+xml", True)
    live = api.http.get(f"/target-plans/{whole}/curve.svg", headers={"accept": "application/json"})
    assert len(live.json()["spec"]["layer"]) == 3
    compared = api.http.get(f"/target-plans/{whole}/compare", params={"with": own}, headers=headers)
    assert compared.status_code == 200
    assert own in compared.text
    with manager(api) as http:
        seen = http.get(f"/target-plans/{whole}", params={"state": ""}, headers=headers).text
        assert "TSN" not in seen
        assert "data-chart" not in seen
        assert "data-chart" in http.get(f"/target-plans/{own}", headers=headers).text


def test_the_page_tells_of_floors_and_takes_no_plan_whole_that_misses_them(api: Api) -> None:
    headers = {"accept": "text/html"}
    met = make(api.engine, floors=[{"region": "SEA", "share": "0.1"}])
    missed = make(api.engine, budget="0", floors=[{"essentiality": "NO_GO", "share": "0.999"}])
    page = api.http.get(f"/target-plans/{met.number}", headers=headers).text
    assert "At least" in page
    assert "Miss no part" in page
    assert "data-accept=" in page
    page = api.http.get(f"/target-plans/{missed.number}", headers=headers).text
    assert "would meet all floors" in page
    assert "data-accept=" not in page
    assert "data-accept-chosen=" in page
    refused = api.http.post(f"{PLANS}/{missed.number}/accept/check", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "floors_not_met")


@pytest.mark.parametrize("order", ["saves", "part"])
def test_the_page_goes_through_all_lines_in_either_order(api: Api, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldops.web.pages.target_plans.ROWS_MAX", 3)
    number = make(api.engine).number
    lines = api.get(f"/stock/target-plans/{number}/lines")["items"]
    wanted = [(one["part"], one["place"]) for one in lines]
    if order == "saves":
        wanted = [(one["part"], one["place"]) for one in sorted(lines, key=lambda one: -one["saves"])]
    seen, path = [], f"/target-plans/{number}?state=&order={order}"
    while path:
        page = api.http.get(path, headers={"accept": "text/html"}).text
        seen += re.findall(r'aria-label="Choose (\S+) at (\S+)"', page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(more[1]).partition("#")[0] if more else ""
    assert seen == [cell for cell in wanted if cell in seen]
    assert len(seen) == len({*seen}) == make(api.engine).changing


def test_the_lines_are_given_as_a_file(api: Api) -> None:
    number = make(api.engine).number
    file = api.http.get(f"/target-plans/{number}/lines.csv", params={"place": "VTE"})
    rows = list(csv.DictReader(StringIO(file.text.removeprefix("\ufeff"))))
    assert {row["place"] for row in rows} == {"VTE"}
    asked = {"place": "VTE"}
    lines = api.get(f"/stock/target-plans/{number}/lines", **asked)["items"]
    assert [(row["part"], Decimal(row["after"])) for row in rows] == [
        (one["part"], Decimal(one["after"])) for one in lines
    ]


def test_the_page_of_a_part_tells_how_long_stock_and_target_last(api: Api) -> None:
    headers = {"accept": "text/html"}
    assert "Days of cover" not in api.http.get("/parts/LAMP-1", headers=headers).text
    number = make(api.engine).number
    page = api.http.get("/parts/LAMP-1", headers=headers).text
    assert "Days of cover" in page
    (line,) = api.get(f"/stock/target-plans/{number}/lines", part="LAMP-1", place="UTH")["items"]
    assert f"<div>{4 / line['per_day']:.0f}</div>" in page  # the target of four
