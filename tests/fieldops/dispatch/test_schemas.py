"""What is refused of a job before the database is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from fieldops.dispatch.schemas import NewJob

JOB: dict[str, Any] = {
    "number": "J-1",
    "work_order": "W-1",
    "title": "Brake seized",
    "kind": "aog",
    "priority": "AOG",
    "place": "UTH",
    "duration_min": 180,
    "window_start": "2026-03-02T08:00:00+07:00",
    "window_end": "2026-03-02T10:00:00+07:00",
    "due_at": "2026-03-02T04:00:00Z",
    "delay_cost_per_h": "800",
    "currency": "USD",
    "qualifications": ("B1", "B2"),
    "parts": ({"part": "BRAKE-1", "quantity": 1}, {"part": "LAMP-1", "quantity": "0.5"}),
}


def test_a_sensible_job_is_taken() -> None:
    job = NewJob(**JOB)
    assert job.window_start == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert [need.part for need in job.parts] == ["BRAKE-1", "LAMP-1"]


def test_a_window_may_be_one_instant() -> None:
    NewJob(**JOB | {"window_end": JOB["window_start"]})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"window_end": "2026-03-02T07:59:59+07:00"}, "the window of job J-1 ends before it starts"),
        ({"window_end": "9999-12-31T23:59:59-12:00"}, "out of reach"),
        ({"title": "a\x00b"}, "title"),
        ({"duration_min": 0}, "duration_min"),
        ({"duration_min": -5}, "duration_min"),
        ({"duration_min": 24 * 60 + 1}, "duration_min"),
        ({"window_start": "2026-03-02T08:00:00"}, "window_start"),
        ({"due_at": "2026-03-02"}, "due_at"),
        ({"delay_cost_per_h": "-1"}, "delay_cost_per_h"),
        ({"delay_cost_per_h": "0.00001"}, "delay_cost_per_h"),
        ({"currency": "$"}, "currency"),
        ({"priority": "URGENT"}, "priority"),
        ({"kind": "AOG"}, "kind"),
        ({"place": " "}, "place"),
        ({"number": "J 1"}, "number"),
        ({"title": ""}, "title"),
        ({"qualifications": ("B1", "B2", " B1")}, "names a qualification twice"),
        ({"parts": ({"part": "A", "quantity": 1}, {"part": "A", "quantity": 2})}, "a part is named twice"),
        ({"parts": ({"part": "A", "quantity": 0},)}, "quantity"),
        ({"parts": ({"part": "A", "quantity": -1},)}, "quantity"),
        ({"parts": ({"part": "A", "quantity": "0.0000001"},)}, "quantity"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_senseless_job_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        NewJob(**JOB | wrong)
