"""A job whose time in the plan has passed and that nobody has begun is asked about, and moved, as any other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from fieldops.dispatch.crew.engagements import OVERTIME
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.fieldops.planning.desk.served import MONDAY, job, served_plan


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


def test_nobody_is_offered_before_the_work_that_goes_on_past_its_told_end(any_engine: Engine) -> None:
    with served_plan(any_engine) as desk:
        desk.take(desk.ask())
        with reading(desk.engine, SYSTEM) as session:
            query = select(Assignment.ends_at).join(Job, Job.id == Assignment.job_id).where(Job.number == "A-1")
            ended = session.scalars(query).one()
        ((busy, _start),) = desk.crew("A-1")
        desk.clock.now = ended + timedelta(minutes=20)
        desk.add(job("A-2", window_end=MONDAY + timedelta(days=1)))

        def soonest() -> timedelta:
            options = desk.ask("A-2", most=10)["options"]
            starts = [one["seats"][0]["start"] for one in options if one["seats"][0]["technician"] == busy]
            return datetime.fromisoformat(min(starts)) - desk.clock.now

        assert soonest() < OVERTIME
        with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
            session.execute(update(Job).where(Job.number == "A-1").values(state=JobState.ON_SITE))
        desk.add(job("A-3"))  # something happens, so that the plan is taken up anew
        assert soonest() >= OVERTIME
