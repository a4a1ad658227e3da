"""Plan versions over HTTP: made, compared, published and undone, by two who race as well."""

from __future__ import annotations

from typing import Any

import httpx

from fieldops.checking import check_ledgers
from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from inventory.kernel.actor import SYSTEM
from optimizer.run import Limit
from tests.conftest import NOW
from tests.faults.working import until, working
from tests.fieldops.app.conftest import WHOLE, Api
from tests.rivals import at_once
from tests.worlds import TINY_DATE


def proposed(api: Api, region: str | None = None) -> str:
    """Make a version on the spot."""
    request = PlanRequest(TINY_DATE, region=region, limit=Limit(iterations=20))
    return make_dispatch_plan(api.engine, SYSTEM, request, clock=lambda: NOW).plan


def etag(api: Api, number: str) -> str:
    return api.http.get(f"/api/v1/plans/{number}").headers["etag"]


def changed(api: Api, number: str, what: str, tag: str) -> httpx.Response:
    return api.http.post(f"/api/v1/plans/{number}/{what}", headers={"If-Match": tag})


def in_force(api: Api, **query: Any) -> dict[str, list[str]]:
    return {one["plan"]: one["current_in"] for one in api.get("/plans", **query)["items"]}


def test_a_version_is_made_by_a_worker_compared_published_and_undone(api: Api) -> None:
    first = api.have_plan()["plan"]
    asked = api.post("/plans/dispatch", WHOLE)
    assert asked.status_code == 202, asked.text
    with working(api.engine, api.app.state.kinds):
        told = until(lambda: seen if (seen := api.get(f"/operations/{asked.json()['id']}"))["ended_at"] else None)
    assert (told["kind"], told["state"]) == ("plan.dispatch", "done"), told
    second = told["result"]["plan"]
    assert api.get(f"/plans/{second}")["kind"] == "dispatch"
    assert (in_force(api), in_force(api, region="SEA")) == ({second: [], first: ["CN", "SEA"]},) * 2
    difference = api.get(f"/plans/{second}/difference")
    assert (difference["before"], difference["jobs"]) == ([first], [])
    assert difference == api.get(f"/plans/{second}/difference", **{"with": first})
    seats = api.http.post(f"/api/v1/plans/{second}/assignments")
    assert (seats.status_code, seats.json()["code"]) == (409, "plan_not_in_force")
    assert api.http.post(f"/api/v1/plans/{second}/publish").status_code == 428
    published = changed(api, second, "publish", etag(api, second))
    assert published.status_code == 200, published.text
    assert published.headers["etag"] == etag(api, second)
    assert {one["supersedes"] for one in published.json()["states"]} == {first}
    assert in_force(api) == {second: ["CN", "SEA"], first: []}
    undone = changed(api, second, "undo", etag(api, second))
    assert {one["status"] for one in undone.json()["states"]} == {"withdrawn"}
    assert in_force(api) == {second: [], first: ["CN", "SEA"]}
    assert check_ledgers(api.engine).sound


def test_a_job_that_is_edited_meanwhile_is_named_and_nothing_is_published(api: Api) -> None:
    first = api.have_plan()["plan"]
    second = proposed(api)
    job = api.http.get("/api/v1/jobs/J-2")
    edited = api.http.patch("/api/v1/jobs/J-2", json={"title": "More to do"}, headers={"If-Match": job.headers["etag"]})
    assert edited.status_code == 200, edited.text
    before = api.content()
    answer = changed(api, second, "publish", etag(api, second))
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_conflicts")
    assert [one["field"] for one in answer.json()["errors"]] == ["job.J-2"]
    assert api.content() == before
    assert in_force(api) == {second: [], first: ["CN", "SEA"]}


def test_of_two_who_publish_at_once_one_wins(api: Api) -> None:
    api.have_plan()
    second, third = proposed(api), proposed(api)
    tags = {number: etag(api, number) for number in (second, third)}
    same = at_once(2, lambda _number: changed(api, second, "publish", tags[second]))
    assert sorted(one.status_code for one in same) == [200, 412]
    late = changed(api, third, "publish", tags[third])
    assert (late.status_code, late.json()["code"]) == (409, "plan_base_stale")
    assert in_force(api)[second] == ["CN", "SEA"]
