"""A job whose time in the plan has passed and that nobody has begun is asked about, and moved, as any other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.fieldops.planning.desk.served import MONDAY, served_plan


@pytest.mark.parametrize("hours", [2, 9])
def test_what_nobody_has_begun_in_time_is_moved_to_the_next_day(any_engine: Engine, hours: int) -> None:
    with served_plan(any_engine) as desk:
        line = min((one for one in desk.everything()[0] if one.position == 0), key=lambda one: one.ends_at)
        desk.clock.now = MONDAY + timedelta(hours=hours)
        tomorrow = {
            "start": (MONDAY + timedelta(days=1, hours=3)).isoformat(),
            "crew": [{"seat": line.seat, "technician": line.technician}],
        }
        told = desk.send(f"/jobs/{line.job}/check-move", tomorrow)
        assert told["possible"], told["rules"]
        desk.change(line.job, "move", tomorrow)
        assert [who for who, _start in desk.crew(line.job)] == [line.technician]
