"""A plan is put in force only on the data that it was made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.changing import change_job
from fieldops.dispatch.models import Job, JobStatus
from fieldops.dispatch.schemas import JobChange
from fieldops.planning.models import DayPlan
from fieldops.planning.service import PlanRequest, make_day_plan
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from optimizer.run import Limit
from tests.conftest import NOW
from tests.worlds import TINY_DATE, load_tiny


def later(session: Session) -> None:
    """Move a job's window by two months."""
    job = session.scalars(select(Job).where(Job.number == "J-2")).one()
    moved = {name: getattr(job, name) + timedelta(days=60) for name in ("window_start", "window_end", "due_at")}
    change_job(session, SYSTEM, "J-2", JobChange(**moved), job.version)


def closed(session: Session) -> None:
    """Close a job."""
    job = session.scalars(select(Job).where(Job.number == "J-2")).one()
    change_job(session, SYSTEM, "J-2", JobChange(status=JobStatus.CLOSED), job.version)


@pytest.mark.parametrize("change", [later, closed])
def test_a_job_that_changes_under_the_plan_stops_it(any_engine: Engine, change: Callable[[Session], None]) -> None:
    load_tiny(any_engine)
    changed: list[str] = []

    def meanwhile(stage: str, _done: int, _total: int) -> None:
        if not changed:
            changed.append(stage)
            with writing(any_engine, SYSTEM) as session:
                change(session)

    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    with pytest.raises(Conflict, match="J-2 was changed, closed or removed") as refused:
        make_day_plan(any_engine, SYSTEM, request, clock=lambda: NOW, report=meanwhile)
    assert refused.value.code == "plan_stale"
    with reading(any_engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(DayPlan)) == 0
    assert make_day_plan(any_engine, SYSTEM, request, clock=lambda: NOW).plan == "P-000001"
