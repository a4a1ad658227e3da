"""What does not fit any more where the plan puts it: it is named, and nothing is put over what stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.roster.schemas import NewAbsence
from fieldops.workforce.roster.service import add_absences
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from tests.fieldops.planning.desk.served import MONDAY, Served, job, served_plan


def _on(day: int, number: str, place: str) -> Any:
    begins = MONDAY + timedelta(days=day, hours=1)
    hours = {"window_start": begins, "window_end": begins + timedelta(hours=6), "due_at": begins + timedelta(hours=7)}
    return job(number, place=place, duration_min=180, **hours)


@pytest.fixture
def out(engine: Engine) -> Iterator[Served]:
    """A plan in force in which T-2 stays out over night and has something to do on each day."""
    far = job("A-9", place="UTH", duration_min=560, window_end=MONDAY + timedelta(days=6))
    with served_plan(engine, jobs=[far, _on(2, "B-2", "UTH"), _on(3, "B-3", "VTE")]) as made:
        yield made


def _rows(desk: Served) -> dict[str, Any]:
    return {line.job: line for line in desk.everything()[0]}


def _absent(desk: Served, line: Any) -> None:
    since = line.starts_at + timedelta(minutes=30)
    away = NewAbsence(
        technician=line.technician, kind=AbsenceKind.SICKNESS, starts_at=since, ends_at=since + timedelta(hours=1)
    )
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        add_absences(session, SYSTEM, [away])


def test_of_who_stays_out_over_night_what_an_absence_touches_is_unfit_and_nothing_later(out: Served) -> None:
    rows = _rows(out)
    touched = rows["B-2"]
    assert {rows[number].technician for number in ("A-9", "B-3")} == {touched.technician}
    _absent(out, touched)
    told = out.ask(most=10)
    assert told["unfit"] == ["B-2"]
    assert told["options"]
    mine = [line for line in rows.values() if line.technician == touched.technician and line.job != "B-2"]
    for option in told["options"]:
        gone = {one["job"] for one in (*option["moved"], *option["displaced"])}
        for seat in option["seats"]:
            start, end = (MONDAY.fromisoformat(seat[name]) for name in ("start", "end"))
            over = [one.job for one in mine if one.starts_at < end and start < one.ends_at and one.job not in gone]
            assert seat["technician"] != touched.technician or not over


def test_nobody_is_offered_over_another_row_of_the_plan_and_the_job_there_is_named(out: Served) -> None:
    row = _rows(out)["B-2"]
    headers = {"Authorization": f"Bearer {out.tokens['office']}", "If-Match": f'"{out.version("B-2")}"'}
    window = {"window_start": row.ends_at.isoformat(), "window_end": (row.ends_at + timedelta(days=1)).isoformat()}
    changed = out.client.patch("/jobs/B-2", json=window, headers=headers)
    assert changed.status_code == 200, changed.text
    hours = {"window_start": row.starts_at, "window_end": row.starts_at, "qualifications": ("B1",)}
    out.add(job("A-2", place="UTH", due_at=row.starts_at + timedelta(hours=4), **hours))
    told = out.ask("A-2", most=5)
    assert told["unfit"] == ["B-2"]
    assert row.technician not in {one["seats"][0]["technician"] for one in told["options"]}
    assert row.technician in {one["technician"] for one in told["refused"]}
    at = {"starts_at": row.starts_at.isoformat(), "ends_at": (row.starts_at + timedelta(minutes=30)).isoformat()}
    (slot,) = out.send("/jobs/A-2/appointments", {"windows": [at]})["appointments"]
    assert row.technician not in {one["technician"] for one in slot["seats"]}
