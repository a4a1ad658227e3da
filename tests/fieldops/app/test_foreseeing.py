"""What a step of a plan would do, over HTTP: told before it is done, and nothing of it kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from inventory.kernel.actor import SYSTEM
from optimizer.run import Limit
from tests.conftest import NOW
from tests.fieldops.app.conftest import Api
from tests.fieldops.app.test_versions import changed, etag, in_force, proposed
from tests.worlds import TINY_DATE


def foreseen(api: Api, number: str, step: str) -> Any:
    before = api.content()
    answer = api.post(f"/plans/{number}/check", {"step": step})
    assert answer.status_code == 200, answer.text
    assert api.content() == before, "nothing is kept"
    return answer.json()


def test_what_would_be_held_and_reserved_is_told_and_comes_true(api: Api) -> None:
    first = api.have_plan()["plan"]
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20), cap=Decimal(100))
    second = make_dispatch_plan(api.engine, SYSTEM, request, clock=lambda: NOW).plan
    told = foreseen(api, second, "publish")
    assert told["held"]
    assert told["lines"]
    assert (told["possible"], told["in_force"]) == (True, {"CN": second, "SEA": second})
    published = changed(api, second, "publish", etag(api, second))
    assert published.status_code == 200, published.text
    plan = api.get(f"/plans/{second}")
    assert told["held"] == plan["budget"]["held"]
    now = {(one["region"], one["category"]): one for one in plan["budget"]["lines"]}
    for line in told["lines"]:
        assert Decimal(now[line["region"], line["category"]]["reserved"]) == Decimal(line["reserved"])
    back = foreseen(api, second, "undo")
    assert (back["possible"], back["in_force"]) == (True, {"CN": first, "SEA": first})


def test_all_that_stands_against_it_is_named(api: Api) -> None:
    api.have_plan()
    second = proposed(api)
    job = api.http.get("/api/v1/jobs/J-2")
    api.http.patch("/api/v1/jobs/J-2", json={"title": "More to do"}, headers={"If-Match": job.headers["etag"]})
    told = foreseen(api, second, "publish")
    assert (told["possible"], told["code"]) == (False, "plan_conflicts")
    assert [one["what"] for one in told["obstacles"]] == ["job.J-2"]
    assert foreseen(api, second, "withdraw")["possible"]
    assert foreseen(api, second, "undo")["code"] == "plan_not_in_force"
    assert in_force(api)[second] == []


def test_a_dispatcher_of_one_region_cannot_look_at_a_step_of_two(api: Api) -> None:
    api.have_plan()
    second = proposed(api)
    own = proposed(api, "SEA")
    with api.user("noi", "dispatcher", "SEA") as noi:
        assert noi.post(f"/plans/{second}/check", {"step": "publish"}).status_code == 403
        told = noi.post(f"/plans/{own}/check", {"step": "publish"}).json()
        assert told["in_force"] == {"SEA": own}
