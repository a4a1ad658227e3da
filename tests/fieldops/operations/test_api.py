"""Operations and schedules as clients meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, select

from fieldops.operations.ends import End
from fieldops.operations.lifecycle import Told, claim, finish, keep
from inventory.kernel.actor import NETWORK, SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.kernel.operations import OperationState, Schedule, Urgency, submit
from tests.conftest import NOW
from tests.faults.working import as_submitted
from tests.fieldops.operations.conftest import As

RIGHTS = frozenset({"operations.read", "operations.run", "plan.make", "schedules.write"})
OVERRIDE = {"aog_override": {"user": "system", "reason": "an aircraft is grounded"}}
MORNING: dict[str, Any] = {"name": "morning", "kind": "plan.day", "cron": "0 5 * * *", "time_zone": "Asia/Shanghai"}


def of_region(*regions: str, rights: frozenset[str] = RIGHTS) -> Actor:
    """Return somebody of some regions."""
    return Actor(f"of-{'-'.join(regions)}", permissions=rights, scope=Scope(regions=frozenset(regions)))


def _submitted(engine: Engine, actor: Actor, region: str, minutes: int = 0) -> str:
    with writing(engine, actor) as session:
        at = NOW + timedelta(minutes=minutes)
        return str(submit(session, actor, "plan.day", {}, at, region=region).id)


def _code(answer: httpx.Response) -> tuple[int, str]:
    return (answer.status_code, answer.json()["code"])


def test_an_operation_is_told_from_its_submission_to_its_end(engine: Engine, client_of: As) -> None:
    client = client_of()
    key = _submitted(engine, of_region("CN"), "CN")
    answer = client.get(f"/operations/{key}")
    assert (answer.json()["state"], answer.headers["retry-after"]) == ("queued", "1")
    claimed = claim(engine, "w", ["plan.day"], Urgency.NETWORK, lambda: NOW, as_submitted)
    assert claimed is not None
    keep(engine, "w", claimed.id, Told("Allocating parts", 3, 7, {"objective": 5}), lambda: NOW, tell=False)
    told = client.get(f"/operations/{key}").json()
    assert (told["state"], told["stage"], told["done"], told["total"]) == ("running", "Allocating parts", 3, 7)
    assert told["incumbent"] == {"objective": 5}
    end = End(OperationState.TIMED_OUT, code="timed_out", values={"limit_s": 9})
    finish(engine, "w", claimed.id, Told("Allocating parts", 3, 7), end, lambda: NOW)
    answer = client.get(f"/operations/{key}")
    told = answer.json()
    assert (told["state"], told["code"], told["incumbent"]) == ("timed_out", "timed_out", {"objective": 5})
    assert "longer than 9 seconds" in told["text"]
    assert "retry-after" not in answer.headers


def test_operations_are_listed_newest_first_by_pages_and_filters(engine: Engine, client_of: As) -> None:
    keys = [_submitted(engine, of_region("CN"), "CN", minute) for minute in range(3)]
    client = client_of()
    first = client.get("/operations", params={"limit": 2}).json()
    rest = client.get("/operations", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == keys[::-1]
    assert rest["next"] is None
    for query, count in (
        ({"state": "queued"}, 3),
        ({"state": "done"}, 0),
        ({"kind": "plan.day"}, 3),
        ({"kind": "x"}, 0),
    ):
        assert len(client.get("/operations", params=query).json()["items"]) == count
    assert client.get("/operations", params={"cursor": "x"}).status_code == 422


def test_an_operation_of_another_region_does_not_exist(engine: Engine, client_of: As) -> None:
    key = _submitted(engine, of_region("CN"), "CN")
    stranger, colleague = client_of(of_region("SEA")), client_of(of_region("CN"))
    assert _code(stranger.get(f"/operations/{key}")) == (404, "unknown_operation")
    assert _code(stranger.post(f"/operations/{key}/cancel")) == (404, "unknown_operation")
    assert stranger.get("/operations").json()["items"] == []
    assert colleague.get(f"/operations/{key}").status_code == 200
    assert _code(colleague.get(f"/operations/{uuid4()}")) == (404, "unknown_operation")


def test_who_only_reads_a_region_for_a_time_cancels_nothing_there(engine: Engine, client_of: As) -> None:
    key = _submitted(engine, of_region("CN"), "CN")
    scope = Scope(regions=frozenset({"SEA"}), granted=frozenset({"CN"}))
    guest = client_of(Actor("guest", permissions=RIGHTS, scope=scope))
    assert guest.get(f"/operations/{key}").status_code == 200
    assert _code(guest.post(f"/operations/{key}/cancel")) == (403, "outside_region")


def test_what_waits_is_cancelled_at_once_what_runs_is_asked_to_stop(engine: Engine, client_of: As) -> None:
    client = client_of()
    running = _submitted(engine, of_region("CN"), "CN")
    claim(engine, "w", ["plan.day"], Urgency.NETWORK, lambda: NOW, as_submitted)
    waiting = _submitted(engine, of_region("CN"), "CN", 1)
    for _time in range(2):
        answer = client.post(f"/operations/{waiting}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    answer = client.post(f"/operations/{running}/cancel")
    assert (answer.json()["state"], answer.json()["cancel_requested"]) == ("running", True)
    finish(engine, "w", UUID(running), Told(), End(OperationState.DONE, result={}), lambda: NOW)
    assert _code(client.post(f"/operations/{running}/cancel")) == (409, "operation_ended")


def test_a_schedule_is_added_changed_and_switched_off(client_of: As) -> None:
    client = client_of()
    added = client.post("/schedules", json=MORNING)
    assert (added.status_code, added.headers["etag"], added.json()["last_run"]) == (201, '"1"', None)
    assert _code(client.post("/schedules", json=MORNING)) == (409, "schedule_exists")
    change = {"enabled": False, "cron": "30 4 * * 1-5"}
    assert _code(client.patch("/schedules/morning", json=change)) == (428, "version_required")
    changed = client.patch("/schedules/morning", json=change, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert _code(client.patch("/schedules/morning", json=change, headers={"If-Match": '"1"'})) == (412, "stale")
    told = client.get("/schedules/morning")
    assert told.headers["etag"] == '"2"'
    assert (told.json()["enabled"], told.json()["cron"], told.json()["time_zone"]) == (
        False,
        "30 4 * * 1-5",
        "Asia/Shanghai",
    )
    assert client.get("/schedules").json()["items"] == [told.json()]
    assert _code(client.get("/schedules/evening")) == (404, "unknown_schedule")


@pytest.mark.parametrize(
    ("wrong", "status", "code", "detail"),
    [
        ({"kind": "shell"}, 422, "unknown_kind", "plan.day"),
        ({"parameters": {"seed": -1}}, 422, "wrong_parameters", "parameters.seed"),
        ({"parameters": {"iterations": 5, "seconds": 5}}, 422, "wrong_parameters", "not both"),
        ({"parameters": OVERRIDE}, 422, "no_override_in_schedule", "leave aog_override out"),
        ({"cron": "0 5 * *"}, 422, "invalid_request", "five fields"),
        ({"cron": "0 5 * * 9"}, 422, "invalid_request", "no weekday"),
        ({"time_zone": "Beijing"}, 422, "invalid_request", "IANA"),
        ({"name": "every morning"}, 422, "invalid_request", "name"),
        ({"shell": True}, 422, "invalid_request", "shell"),
    ],
)
def test_a_senseless_schedule_is_refused(
    client_of: As, wrong: dict[str, Any], status: int, code: str, detail: str
) -> None:
    answer = client_of().post("/schedules", json=MORNING | wrong)
    assert _code(answer) == (status, code)
    assert detail in answer.json()["detail"]


def test_schedules_concern_the_network_and_only_its_staff_sees_them(client_of: As) -> None:
    of_cn = MORNING | {"parameters": {"region": "CN"}}
    client_of().post("/schedules", json=of_cn)
    regional = client_of(of_region("CN"))
    assert regional.get("/schedules").json()["items"] == []
    assert regional.get("/schedules/morning").status_code == 404
    assert _code(regional.post("/schedules", json=of_cn | {"name": "mine"})) == (403, "outside_region")
    change = regional.patch("/schedules/morning", json={"enabled": False}, headers={"If-Match": '"1"'})
    assert change.status_code == 404
    assert regional.post("/schedules/morning/run").status_code == 404
    reader = client_of(
        Actor("reader", permissions=frozenset({"operations.read", "schedules.write"}), scope=Scope(None))
    )
    assert _code(reader.post("/schedules/morning/run")) == (403, "not_permitted")


def test_a_schedule_is_run_now_and_its_history_is_kept(client_of: As) -> None:
    client = client_of()
    client.post("/schedules", json=MORNING | {"parameters": {"seed": 3}})
    answer = client.post("/schedules/morning/run")
    operation = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/operations/{operation['id']}")
    assert client.get(f"/operations/{operation['id']}").json()["parameters"] == {"seed": 3}
    assert _code(client.post("/schedules/morning/run")) == (409, "already_run")
    (run,) = client.get("/schedules/morning/runs").json()["items"]
    assert (run["operation"], run["manual"], run["state"]) == (operation["id"], True, "queued")
    assert client.get("/schedules/morning").json()["last_run"] == run
    assert client.get("/schedules").json()["items"][0]["last_run"] == run


def test_no_change_brings_an_override_into_a_schedule(client_of: As) -> None:
    client = client_of()
    client.post("/schedules", json=MORNING)
    change = client.patch("/schedules/morning", json={"parameters": OVERRIDE}, headers={"If-Match": '"1"'})
    assert _code(change) == (422, "no_override_in_schedule")
    assert client.get("/schedules/morning").json()["parameters"] == {}


def test_an_override_from_before_is_not_run_by_hand_either(engine: Engine, client_of: As) -> None:
    client = client_of()
    client.post("/schedules", json=MORNING)
    with writing(engine, SYSTEM) as session:
        session.scalars(select(Schedule)).one().parameters = OVERRIDE
    assert _code(client.post("/schedules/morning/run")) == (422, "no_override_in_schedule")


def test_a_schedule_belongs_to_whoever_made_or_changed_it_last(client_of: As) -> None:
    first, second = (client_of(Actor(name, permissions=RIGHTS, scope=NETWORK)) for name in ("lin", "mei"))
    assert first.post("/schedules", json=MORNING).json()["owner"] == "lin"
    change = second.patch("/schedules/morning", json={"cron": "0 6 * * *"}, headers={"If-Match": '"1"'})
    assert change.json()["owner"] == "mei"


def test_a_schedule_is_run_now_for_its_region_and_at_its_pace(engine: Engine, client_of: As) -> None:
    client = client_of()
    client.post("/schedules", json=MORNING | {"parameters": {"region": "CN"}})
    assert client.post("/schedules/morning/run").json()["region"] == "CN"
    for _number in range(5):
        _submitted(engine, SYSTEM, "CN")
    assert _code(client.post("/schedules/morning/run")) == (429, "too_many_submissions")
