from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from integrations.calendars.feed import Entry, feed

NOW = datetime(2026, 3, 1, 6, 0, 0, 123456, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
ENTRY = Entry(
    key=UUID(int=1),
    sequence=2,
    changed_at=NOW - timedelta(hours=3),
    starts_at=datetime(2026, 3, 2, 1, 30, tzinfo=ZoneInfo("Asia/Vientiane")),
    ends_at=datetime(2026, 3, 2, 5, 45, tzinfo=ZoneInfo("Asia/Vientiane")),
    summary="J-00042 · B-3726; brake, left",
    location="VTE · Vientiane Wattay",
    description="Part: 1 EA TH3241-00011-3\nTool: TW-150, 20–150 N·m; \\ 更换左主轮刹车装置 Nguyễn " * 5,
)


def events(*entries: Entry) -> list[Any]:
    return list(Calendar.from_ical(feed("Jobs", entries, NOW)).walk("VEVENT"))


def test_an_event_is_read_back_as_it_was() -> None:
    (event,) = events(ENTRY)
    assert event["UID"] == f"{UUID(int=1)}@fieldops"
    assert event["SEQUENCE"] == 2
    assert event["DTSTAMP"].dt == NOW.replace(microsecond=0)
    assert event["LAST-MODIFIED"].dt == ENTRY.changed_at.replace(microsecond=0)
    assert event["DTSTART"].dt == ENTRY.starts_at
    assert event["DTEND"].dt == ENTRY.ends_at
    assert [str(event[name]) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")] == [
        ENTRY.summary,
        ENTRY.location,
        ENTRY.description,
    ]
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert event.subcomponents == []


def test_the_calendar_says_what_it_is() -> None:
    calendar: Any = Calendar.from_ical(feed("Nguyễn · 工作", [], NOW))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert calendar["X-WR-CALNAME"] == calendar["NAME"] == "Nguyễn · 工作"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(minutes=15)


def test_lines_are_folded_and_end_as_the_standard_says() -> None:
    file = feed("Jobs", [ENTRY], NOW)
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert b"DTSTART:20260301T183000Z" in file


def test_a_withdrawn_event_stays_as_cancelled_under_its_key() -> None:
    (event,) = events(replace(ENTRY, withdrawn=True, sequence=3))
    assert event["UID"] == f"{UUID(int=1)}@fieldops"
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", 3)


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        (
            datetime(2026, 3, 29, 1, 0, tzinfo=PARIS),
            datetime(2026, 3, 29, 4, 0, tzinfo=PARIS),
            2,
        ),  # an hour is left out
        (datetime(2026, 10, 25, 1, 0, tzinfo=PARIS), datetime(2026, 10, 25, 4, 0, tzinfo=PARIS), 4),  # one comes twice
        (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS), datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1), 1),
        (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1), datetime(2026, 10, 25, 3, 0, tzinfo=PARIS), 0.5),
    ],
)
def test_an_event_over_a_change_of_the_clock_lasts_as_long_as_it_does(
    starts: datetime, ends: datetime, hours: float
) -> None:
    (event,) = events(replace(ENTRY, starts_at=starts, ends_at=ends))
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=hours)
    assert event["DTSTART"].dt.astimezone(PARIS).replace(tzinfo=None) == starts.replace(tzinfo=None, fold=0)
    assert event["DTSTART"].dt.astimezone(PARIS).fold == starts.fold


def test_events_stand_in_the_order_of_time_whatever_the_zone() -> None:
    kiritimati = ZoneInfo("Pacific/Kiritimati")
    later = replace(ENTRY, key=UUID(int=2), starts_at=datetime(2026, 3, 2, 9, 0, tzinfo=kiritimati))
    assert [event["UID"][-10] for event in events(later, ENTRY)] == ["1", "2"]
    assert feed("Jobs", [later, ENTRY], NOW) == feed("Jobs", [ENTRY, later], NOW)


def test_no_text_adds_a_line_of_its_own() -> None:
    evil = "a\r\nATTENDEE:mailto:x@example.org\rEND:VEVENT\x00\x07"
    (event,) = events(replace(ENTRY, summary=evil, location=evil, description=evil))
    assert "ATTENDEE" not in event
    assert str(event["SUMMARY"]) == "a\nATTENDEE:mailto:x@example.org\nEND:VEVENT"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": ENTRY.starts_at},
        {"starts_at": datetime(2026, 3, 1, 8, 0)},  # noqa: DTZ001
        {"sequence": -1},
    ],
)
def test_what_is_no_event_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"event|time zone|sequence"):
        replace(ENTRY, **wrong)


def test_a_key_comes_once_and_now_has_a_zone() -> None:
    with pytest.raises(ValueError, match="two entries"):
        feed("Jobs", [ENTRY, ENTRY], NOW)
    with pytest.raises(ValueError, match="time zone"):
        feed("Jobs", [], NOW.replace(tzinfo=None))
