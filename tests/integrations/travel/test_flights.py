"""Timetables: when a flight leaves by the clock of its airport, and what is wrong with which line of a file."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.travel import FileFault, ScheduledFlight, flights_between, read_timetable
from integrations.travel import flights as timetables

HEADER = "origin,destination,days,departure,arrival,fare"


def timetable(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """A file of these lines."""
    path = folder / "flights.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def flown(path: Path, start: str, days: int) -> list[ScheduledFlight]:
    """What leaves within some days from midnight UTC on."""
    since = datetime.fromisoformat(start).replace(tzinfo=UTC)
    timetable = read_timetable(path)
    codes = {code for one in timetable for code in (one.origin, one.destination)}
    return flights_between(timetable, codes, since, since + timedelta(days=days))


def told(flights: list[ScheduledFlight]) -> list[tuple[str, str]]:
    """Departure and arrival of each."""
    return [(f"{one.departs:%m-%d %H:%M}", f"{one.arrives:%m-%d %H:%M}") for one in flights]


def test_times_are_by_the_clocks_of_both_airports(tmp_path: Path) -> None:
    path = timetable(tmp_path, "VTE,ICN,1357,23:40,06:20+1,310.50")
    (flight,) = flown(path, "2026-03-02", 2)
    assert (flight.origin, flight.destination, flight.fare) == ("VTE", "ICN", 310.5)
    assert told([flight]) == [("03-02 16:40", "03-02 21:20")]  # Vientiane is 7 hours ahead, Seoul 9


def test_times_in_utc(tmp_path: Path) -> None:
    path = timetable(tmp_path, "VTE,ICN,1,23:40Z,04:20Z+1,0")
    assert told(flown(path, "2026-03-02", 7)) == [("03-02 23:40", "03-03 04:20")]


@pytest.mark.parametrize(
    ("line", "start", "expected"),
    [
        # clocks in London go forward on 29 March, in New York on 8 March
        ("LHR,CDG,67,09:00,11:15,80", "2026-03-28", [("03-28 09:00", "03-28 10:15"), ("03-29 08:00", "03-29 09:15")]),
        ("JFK,LHR,67,18:00,06:00+1,80", "2026-03-07", [("03-07 23:00", "03-08 06:00"), ("03-08 22:00", "03-09 06:00")]),
        # 02:30 is skipped in New York on 8 March: an hour later; 01:30 comes twice on 1 November: the first
        ("JFK,BOS,7,02:30,04:00,80", "2026-03-08", [("03-08 07:30", "03-08 08:00")]),
        ("JFK,BOS,7,01:30,03:00,80", "2026-11-01", [("11-01 05:30", "11-01 08:00")]),
        # half an hour on Lord Howe on 4 October
        ("LDH,SYD,6,08:00,09:30,80", "2026-10-02", [("10-02 21:30", "10-02 23:30")]),
        ("LDH,SYD,1,08:00,09:30,80", "2026-10-04", [("10-04 21:00", "10-04 22:30")]),
    ],
)
def test_departures_keep_the_time_of_day_when_clocks_change(
    tmp_path: Path, line: str, start: str, expected: list[tuple[str, str]]
) -> None:
    assert told(flown(timetable(tmp_path, line), start, 2)) == expected


def test_a_season_and_the_airports_asked_for_bound_what_flies(tmp_path: Path) -> None:
    path = timetable(
        tmp_path,
        "VTE,BKK,1234567,08:00,09:05,90,2026-03-03,2026-03-04",
        "VTE,BKK,1234567,18:00,19:05,90,2026-03-06,",
        header=f"{HEADER},from,until",
    )
    assert [one[0] for one in told(flown(path, "2026-03-01", 7))] == [
        "03-03 01:00",
        "03-04 01:00",
        "03-06 11:00",
        "03-07 11:00",
    ]
    since = datetime(2026, 3, 1, tzinfo=UTC)
    assert flights_between(read_timetable(path), {"VTE"}, since, since + timedelta(days=7)) == []


@given(st.integers(0, 400 * 24), st.integers(0, 100), st.integers(0, 100))
def test_spans_next_to_each_other_hold_each_flight_once(first_h: int, hours: int, more: int) -> None:
    clock, zone = timetables.Clock, ZoneInfo("America/New_York")
    one = timetables.Departure(
        "JFK", "BOS", frozenset({1, 2, 4, 7}), clock(time(1, 30), zone), clock(time(3, 30), zone), 1.0
    )
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=first_h)
    middle, end = start + timedelta(hours=hours), start + timedelta(hours=hours + more)
    parts = [
        *flights_between([one], {"JFK", "BOS"}, start, middle),
        *flights_between([one], {"JFK", "BOS"}, middle, end),
    ]
    assert parts == flights_between([one], {"JFK", "BOS"}, start, end)
    assert all(start <= flight.departs < flight.arrives for flight in parts)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("XXXX,BKK,1,08:00,09:05,90", "XXXX is no IATA code of an airport"),
        ("VTE,VTE,1,08:00,09:05,90", "the flight from VTE goes nowhere else"),
        ("VTE,BKK,,08:00,09:05,90", "days must be digits from 1 for Monday to 7"),
        ("VTE,BKK,18,08:00,09:05,90", "days must be digits .*, not 18"),
        ("VTE,BKK,11,08:00,09:05,90", "days must be digits .*, not 11"),
        ("VTE,BKK,1,8:00,09:05,90", "departure must be a time as in 08:15.*, not 8:00"),
        ("VTE,BKK,1,24:00,09:05,90", "departure must be a time"),
        ("VTE,BKK,1,08:00+1,09:05,90", "departure 08:00\\+1 is on its own day"),
        ("VTE,BKK,1,08:00,09:05+3,90", "arrival must be a time"),
        ("VTE,BKK,1,08:00,07:00,90", "the flight would last -1 hours; correct a time"),
        ("VTE,BKK,1,08:00,09:05+1,90", r"the flight would last 25\.0833 hours"),
        ("VTE,BKK,1,08:00,09:05,-1", "fare must be a number of at least 0, not -1"),
        ("VTE,BKK,1,08:00,09:05,nan", "fare must be a number"),
        ("VTE,BKK,1,08:00,09:05,", "fare must be a number"),
        ("VTE,BKK,1,08:00,09:05", "there are 5 cells for 6 columns"),
        ('VTE,BKK,1,08:00,09:05,"90', "unexpected end of data"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    path = timetable(tmp_path, "VTE,BKK,1,08:00,09:05,90", "", line)
    with pytest.raises(FileFault, match=f"^line 4: .*{says}"):
        read_timetable(path)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("origin,destination,days,departure,arrival", "line 1: the column fare is missing"),
        (f"{HEADER},gate", "line 1: the column gate is not known"),
        (f"{HEADER},fare", "line 1: the column fare is there twice"),
        ("", "line 1: the column origin is missing"),
    ],
)
def test_wrong_columns_are_named(tmp_path: Path, header: str, says: str) -> None:
    with pytest.raises(FileFault, match=says):
        read_timetable(timetable(tmp_path, header=header))


def test_a_season_that_ends_before_it_begins(tmp_path: Path) -> None:
    header = f"{HEADER},from,until"
    for season, says in (
        ("2026-04-01,2026-03-01", "until 2026-03-01 is before from 2026-04-01"),
        ("soon,", "from must be a date as in 2026-03-29, not soon"),
        ("9999-12-31,9999-12-31", "line 2: "),
    ):
        with pytest.raises(FileFault, match=says):
            read_timetable(timetable(tmp_path, f"JFK,BOS,1,23:00,23:50,90,{season}", header=header))


def test_a_file_that_is_no_text_too_long_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flights.csv"
    with pytest.raises(FileFault, match=r"flights.csv cannot be read \(No such file"):
        read_timetable(path)
    path.write_bytes(HEADER.encode() + b"\nVTE,\xff")
    with pytest.raises(FileFault, match="line 2: this is not UTF-8 text"):
        read_timetable(path)
    monkeypatch.setattr("integrations.travel.faults.BYTES_MAX", 10)
    with pytest.raises(FileFault, match="is longer than"):
        read_timetable(path)
    monkeypatch.undo()
    monkeypatch.setattr(timetables, "ROWS_MAX", 1)
    with pytest.raises(FileFault, match="line 3: the file has more than 1 lines"):
        read_timetable(timetable(tmp_path, *["VTE,BKK,1,08:00,09:05,90"] * 2))


def test_a_byte_order_mark_is_nothing(tmp_path: Path) -> None:
    path = timetable(tmp_path, "vte, bkk ,1,08:00,09:05,90", header=f"\ufeff{HEADER.upper()}")
    assert [one.origin for one in read_timetable(path)] == ["VTE"]
