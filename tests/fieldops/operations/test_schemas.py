"""Nothing but the day plan can be scheduled, and only at times that can be followed."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fieldops.operations.schemas import NewSchedule

MORNING: dict[str, Any] = {
    "name": "morning",
    "arguments": ["plan", "day"],
    "cron": "0 5 * * *",
    "time_zone": "Asia/Shanghai",
}


@pytest.mark.parametrize("arguments", [["plan", "day"], ["plan", "day", "--region", "CN", "--seed", "7"]])
def test_the_day_plan_can_be_scheduled(arguments: list[str]) -> None:
    assert NewSchedule(**MORNING | {"arguments": arguments}).arguments == arguments


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["plan"],
        ["day", "plan"],
        ["plan day"],
        ["plan", "stock-targets"],
        ["--region", "CN", "plan", "day"],
        ["erp", "sync"],
        ["demo"],
        ["serve"],
        ["sh", "-c", "true"],
        [" plan", "day"],
    ],
)
def test_nothing_else_can_be_scheduled(arguments: list[str]) -> None:
    with pytest.raises(ValidationError, match="only “plan day” can be scheduled"):
        NewSchedule(**MORNING | {"arguments": arguments})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"cron": "0 5 * *"}, "give five fields"),
        ({"cron": "0 5 * * * *"}, "give five fields"),
        ({"cron": "60 5 * * *"}, "cron"),
        ({"cron": "0 five * * *"}, "cron"),
        ({"cron": ""}, "give five fields"),
        ({"cron": "0 5 * * " + ",".join(["1"] * 40)}, "cron"),
        ({"time_zone": "Beijing"}, "not an IANA time zone"),
        ({"name": "every morning"}, "name"),
        ({"shell": True}, "shell"),
    ],
)
def test_a_senseless_schedule_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        NewSchedule(**MORNING | wrong)
