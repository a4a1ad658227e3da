"""Calendars of technicians, through the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import Engine, select

from fieldops.dispatch.diaries.queries import Turn
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.identity.calendars import open_calendar
from fieldops.identity.models import CalendarSecret, User
from fieldops.identity.queries import user_row
from fieldops.identity.sessions import open_session
from fieldops.identity.tokens import csrf_of, digest
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.served_hangar import Hangar, event, served_hangar
from tests.statements import statements


@pytest.fixture
def hangar(engine: Engine) -> Iterator[Hangar]:
    """A job that is planned, and the mechanic on it."""
    with served_hangar(engine) as made:
        for person, seat in (("MECH", "mechanic"), ("SIGN", "release_signatory"), ("INSP", "independent_inspector")):
            made.seat(person, seat)
        yield made


def events(answer: httpx.Response) -> list[tuple[str, str, int]]:
    """Return (summary, status, sequence) of the entries of a calendar."""
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    return [(str(one["summary"]), str(one["status"]), int(str(one["sequence"]))) for one in found]


def of_mechanic(hangar: Hangar) -> list[tuple[str, str, int]]:
    """Return the entries of the mechanic."""
    return events(hangar.fetch("office", "GET", "/technicians/MECH/calendar.ics"))


def in_person(hangar: Hangar, engine: Engine, name: str) -> dict[str, str]:
    """Sign somebody in, and return the headers of the browser."""
    with writing(engine, SYSTEM, clock=hangar.clock) as session:
        secret = open_session(session, user_row(session, name).id, name, hangar.clock(), by="tests")
    return {"Cookie": f"fieldops_session={secret}", "X-CSRF-Token": csrf_of(secret)}


def subscribed(hangar: Hangar, path: str, **headers: str) -> httpx.Response:
    """Read a calendar as a telephone does."""
    return httpx.get(str(hangar.client.base_url.join("/")) + path, headers=headers, timeout=60)


def test_a_calendar_has_what_somebody_sits_on(hangar: Hangar) -> None:
    answer = hangar.fetch("office", "GET", "/technicians/MECH/calendar.ics", params={"language": "en"})
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (str(entry["summary"]), str(entry["status"])) == ("H-1 · RDPL-1 · Main wheel brake worn", "CONFIRMED")
    assert "Part: 1 EA BRAKE-1" in str(entry["description"])
    assert "Work only to AMM 32-41-10 rev. 17" in str(entry["description"])
    assert str(entry["location"]).startswith("VTE · ")
    assert events(hangar.fetch("office", "GET", "/technicians/LEARN/calendar.ics")) == []


def test_a_job_that_is_declined_is_struck_out(hangar: Hangar) -> None:
    hangar.send("office", "POST", "/jobs/H-1/dispatch", version=hangar.version())
    ((_summary, status, first),) = of_mechanic(hangar)
    assert status == "CONFIRMED"
    hangar.tell("mech", event("decline", -60, reason="ill"))
    ((_summary, status, second),) = of_mechanic(hangar)
    assert (status, second > first) == ("CANCELLED", True)


def test_a_job_that_is_recalled_is_struck_out_until_it_is_sent_again(hangar: Hangar) -> None:
    hangar.send("office", "POST", "/jobs/H-1/dispatch", version=hangar.version())
    ((_summary, _status, first),) = of_mechanic(hangar)
    recall = {"kind": "recall", "reason": "no aircraft"}
    hangar.clock.now = hangar.clock.now.replace(minute=10)
    hangar.send("office", "POST", "/jobs/H-1/steps", version=hangar.version(), json=recall)
    ((_summary, status, second),) = of_mechanic(hangar)
    assert (status, second > first) == ("CANCELLED", True)
    hangar.clock.now = hangar.clock.now.replace(minute=20)
    hangar.send("office", "POST", "/jobs/H-1/dispatch", version=hangar.version())
    ((_summary, status, third),) = of_mechanic(hangar)
    assert (status, third > second) == ("CONFIRMED", True)


def test_a_seat_that_is_taken_away_is_struck_out(hangar: Hangar) -> None:
    ((_summary, _status, first),) = of_mechanic(hangar)
    seats = hangar.send("office", "GET", "/jobs/H-1/crew")["assignments"]
    mine = next(one["id"] for one in seats if one["seat"] == "mechanic")
    hangar.fetch("office", "DELETE", f"/jobs/H-1/crew/{mine}", version=hangar.version())
    ((_summary, status, second),) = of_mechanic(hangar)
    assert (status, second > first) == ("CANCELLED", True)


def test_what_has_not_changed_is_not_sent_again(hangar: Hangar) -> None:
    path = "/technicians/MECH/calendar.ics"
    first = hangar.fetch("office", "GET", path)
    hangar.clock.now = hangar.clock.now.replace(minute=30)
    again = hangar.fetch("office", "GET", path, 304, headers={"If-None-Match": first.headers["ETag"]})
    assert again.content == b""
    other = hangar.fetch("office", "GET", path, headers={"If-None-Match": '"other"'})
    assert other.headers["ETag"] == first.headers["ETag"]
    hangar.send("office", "POST", "/jobs/H-1/dispatch", version=hangar.version())
    changed = hangar.fetch("office", "GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_calendars_of_other_regions_are_not_there(hangar: Hangar) -> None:
    assert hangar.send("china", "GET", "/technicians/MECH/calendar.ics", 404)["code"] == "unknown_technician"


def test_a_calendar_takes_a_fixed_number_of_queries(hangar: Hangar, engine: Engine) -> None:
    hangar.fetch("office", "GET", "/technicians/LEARN/calendar.ics")
    with statements(engine) as seen:
        hangar.fetch("office", "GET", "/technicians/MECH/calendar.ics")
    assert len(seen) <= 12


def test_a_telephone_reads_its_owners_calendar_without_a_login(hangar: Hangar, engine: Engine) -> None:
    browser = in_person(hangar, engine, "mech")
    made = hangar.client.post("/me/calendar", headers=browser)
    assert made.status_code == 201, made.text
    path = "calendars/" + made.json()["address"].rpartition("/")[2]
    answer = subscribed(hangar, path)
    assert [one[0] for one in events(answer)] == ["H-1 · RDPL-1 · Main wheel brake worn"]
    assert subscribed(hangar, path, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    with reading(engine, SYSTEM) as session:
        kept = session.scalars(select(CalendarSecret.digest)).all()
    secret = path.removeprefix("calendars/").removesuffix(".ics")
    assert kept == [digest(secret)]

    second = hangar.client.post("/me/calendar", headers=browser).json()["address"].rpartition("/")[2]
    assert subscribed(hangar, path).status_code == 404
    assert subscribed(hangar, f"calendars/{second}").status_code == 200
    assert hangar.client.delete("/me/calendar", headers=browser).status_code == 204
    gone = subscribed(hangar, f"calendars/{second}", Accept="application/json")
    assert (gone.status_code, hangar.client.delete("/me/calendar", headers=browser).status_code) == (404, 204)


def test_a_token_of_the_api_makes_no_address(hangar: Hangar) -> None:
    assert hangar.send("mech", "POST", "/me/calendar", 403)["code"] == "sign_in_required"


def test_an_address_opens_nothing_else_and_ends_with_its_owner(hangar: Hangar, engine: Engine) -> None:
    with writing(engine, SYSTEM, clock=hangar.clock) as session:
        secret = open_calendar(session, "mech", hangar.clock())
        money = open_calendar(session, "money", hangar.clock())
    assert hangar.client.get("/me/jobs", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert subscribed(hangar, f"calendars/{money}.ics").status_code in (200, 404)
    assert subscribed(hangar, "calendars/guessed.ics").status_code == 404
    with writing(engine, SYSTEM, clock=hangar.clock) as session:
        session.scalars(select(User).where(User.name == "mech")).one().enabled = False
    assert subscribed(hangar, f"calendars/{secret}.ics").status_code == 404


def test_only_a_cancelled_job_that_is_closed_is_struck_out(hangar: Hangar) -> None:
    hangar.send(
        "office", "POST", "/jobs/H-1/steps", version=hangar.version(), json={"kind": "cancel", "reason": "sold"}
    )
    ((_summary, status, _first),) = of_mechanic(hangar)
    assert status == "CANCELLED"


def test_a_cancelled_job_leaves_a_done_one_stays() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    sent = Turn(now, now, None)
    assert [sent.leaves(state) for state in (JobState.PLANNED, JobState.DONE, JobState.CLOSED)] == [True, False, False]
    assert Turn(now, now, now).leaves(JobState.CLOSED)
