"""A disturbed morning through the API: somebody is ill, the plan is made anew, and who is affected sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select, update

from fieldops.events.models import MailOutbox
from fieldops.events.relay import relay
from fieldops.identity.models import User
from fieldops.notices.service import tell_by_mail
from fieldops.notices.work import SOON
from fieldops.planning.telling import KIND
from fieldops.workforce.models import Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.outbox import emit
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.fieldops.planning.desk.served import Served, served_plan
from tests.fieldops.planning.rolling.test_freezing import lines_of
from tests.fieldops.planning.rolling.test_rolling import MORNING, looked, operations, run
from tests.statements import statements

ROLLING = "/regions/SEA/rolling-plan"
ON = {"enabled": True, "mode": "apply", "freeze_minutes": 0, "iterations": 20}
PEOPLE = {"T-2": "somchai", "T-3": "nirina"}


@pytest.fixture
def world(engine: Engine) -> Iterator[Served]:
    """The plan of the small world, and logins of the technicians in SEA, who get mail."""
    with served_plan(engine) as found:
        for code, name in PEOPLE.items():
            issue_token(engine, name, roles=["technician"], memberships=[("region", "SEA")], now=NOW)
            with writing(engine, SYSTEM) as session:
                session.execute(update(Technician).where(Technician.code == code).values(user_name=name))
                language = "zh_CN" if code == "T-3" else "en"
                values = {"email": f"{name}@example.com", "language": language}
                session.execute(update(User).where(User.name == name).values(**values))
        with writing(engine, SYSTEM) as session:
            session.execute(update(User).where(User.name == "office").values(email="office@example.com"))
        yield found


def asked(world: Served, method: str, path: str, who: str = "office", **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.tokens[who]}"} | more.pop("headers", {})
    return world.client.request(method, path, headers=headers, **more)


def put(world: Served, body: dict[str, Any], tag: str | None = '"0"', who: str = "office") -> httpx.Response:
    return asked(world, "PUT", ROLLING, who, json=body, headers={} if tag is None else {"If-Match": tag})


def mails(engine: Engine) -> dict[str, str]:
    relay(engine)
    with writing(engine, SYSTEM) as session:
        tell_by_mail(session, MORNING, address="https://fieldops.example.com")
    with reading(engine, SYSTEM) as session:
        return {one.to: f"{one.subject}\n{one.text}" for one in session.scalars(select(MailOutbox))}


def diary(world: Served, code: str) -> str:
    answer = asked(world, "GET", f"/technicians/{code}/calendar.ics", params={"language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.text.replace("\r\n ", "")


def test_a_policy_is_set_by_those_of_the_region_within_its_bounds(world: Served) -> None:
    told = asked(world, "GET", ROLLING)
    assert (told.status_code, told.headers["etag"], told.json()["enabled"]) == (200, '"0"', False)
    assert put(world, ON, None).status_code == 428
    for wrong in (
        {"freeze_minutes": -1},
        {"freeze_minutes": 20_000},
        {"quiet_minutes": 1_441},
        {"changes_max": -1},
        {"iterations": 0},
        {"mode": "perhaps"},
        {"freeze": 1},
    ):
        assert put(world, ON | wrong).status_code == 422, wrong
    assert put(world, ON, who="china").status_code == 404
    assert put(world, ON).json() == told.json() | ON | {"version": 1}
    assert put(world, ON).status_code == 412
    assert asked(world, "GET", ROLLING, "china").status_code == 404
    assert asked(world, "GET", ROLLING.replace("SEA", "ELSEWHERE")).status_code == 404
    answer = asked(world, "POST", "/plans/dispatch", json={"rolling": True, "date": "2026-03-02"})
    assert answer.status_code == 202  # of the one region that is the manager's
    caused = {"caused_by": [{"number": 1, "kind": "job.added", "what": []}]}
    assert asked(world, "POST", "/plans/dispatch", json=caused).status_code == 422


@pytest.mark.parametrize("mode", ["apply", "propose"])
def test_an_illness_in_the_morning(world: Served, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    engine = world.engine
    assert "J-3" in diary(world, "T-2")
    assert "Planned\\; you have not been given it yet" in diary(world, "T-2")
    mails(engine)
    put(world, ON | {"mode": mode})
    world.clock.now = MORNING
    absence = {"technician": "T-2", "kind": "sickness"}
    absence |= {"starts_at": MORNING.isoformat(), "ends_at": (MORNING + timedelta(days=1)).isoformat()}
    added = asked(world, "POST", "/absences", json=[absence])
    assert added.status_code == 201, added.text
    before = {line.job: line for line in lines_of(engine, "P-000001")}
    assert looked(engine) == 1
    told = run(engine, operations(engine)[-1], monkeypatch)
    plan = asked(world, "GET", f"/plans/{told['plan']}").json()
    assert [(one["kind"], one["what"]) for one in plan["caused_by"]] == [("technician.changed", ["T-2"])]
    sent = mails(engine)
    if mode == "propose":
        assert told["ending"] == "proposed"
        assert f"Plan {told['plan']} of SEA waits" in sent["office@example.com"]
        assert "J-3: T-2" in sent["office@example.com"]
        answer = asked(world, "POST", f"/plans/{told['plan']}/publish", headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
        sent = mails(engine)
    after = {line.job: line for line in lines_of(engine, told["plan"])}
    assert (before["J-3"].technician, after["J-3"].technician) == ("T-2", "T-3")
    assert "J-3" not in diary(world, "T-2")
    assert "J-3" in diary(world, "T-3")
    assert "J-1" not in diary(world, after["J-1"].technician)  # it waits for an approval
    assert "Not yours any more" in sent["somchai@example.com"]
    assert "新派给您的" in sent["nirina@example.com"]
    assert mails(engine) == sent  # once


def _moved(engine: Engine, by: str, before: str, after: str) -> None:
    job: dict[str, Any] = {"job": "J-3"}
    for name, start in (("before", before), ("after", after)):
        job |= {name: {"start": start, "seats": ["mechanic"]}}
    with writing(engine, SYSTEM) as session:
        payload = {"technician": "T-2", "region": "SEA", "by": by, "jobs": [job]}
        emit(session, KIND, payload, MORNING, audience="SEA")


@pytest.mark.parametrize(
    ("by", "minutes", "days", "told"),
    [("office", 15, 1, True), ("office", 14, 1, False), ("somchai", 60, 1, False), ("office", 60, 8, False)],
)
def test_only_what_matters_is_told(world: Served, by: str, minutes: int, days: int, told: bool) -> None:
    with writing(world.engine, SYSTEM) as session:
        session.execute(update(User).where(User.name == "somchai").values(email=None))
    mails(world.engine)  # what went before goes to nobody
    with writing(world.engine, SYSTEM) as session:
        session.execute(update(User).where(User.name == "somchai").values(email="somchai@example.com"))
    start = MORNING + timedelta(days=days)
    assert (start < MORNING + SOON) == (days < 7)
    _moved(world.engine, by, start.isoformat(), (start + timedelta(minutes=minutes)).isoformat())
    assert ("somchai@example.com" in mails(world.engine)) == told


def test_there_and_back_is_not_told_and_no_more_is_asked_for_more_people(world: Served) -> None:
    start, later = MORNING + timedelta(days=1), MORNING + timedelta(days=2)
    mails(world.engine)
    with writing(world.engine, SYSTEM) as session:
        before = len(session.scalars(select(MailOutbox)).all())
    _moved(world.engine, "office", start.isoformat(), later.isoformat())
    _moved(world.engine, "office", later.isoformat(), start.isoformat())
    relay(world.engine)
    with statements(world.engine) as asked_for, writing(world.engine, SYSTEM) as session:
        tell_by_mail(session, MORNING, address="https://fieldops.example.com")
    assert len(asked_for) < 15
    with reading(world.engine, SYSTEM) as session:
        assert len(session.scalars(select(MailOutbox)).all()) == before
