"""Fires the schedules: APScheduler says when to look, the unique slot that each runs once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.operations.rules import cron_trigger, latest_slot
from fieldops.operations.service import region_of
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock
from inventory.kernel.engine import dialect_insert, reading, unit_of_work
from inventory.kernel.operations import Operation, Schedule, ScheduleRun, Urgency, submit

_log = structlog.get_logger()


def fire_due(session: Session, schedule: Schedule, now: datetime) -> Operation | None:
    """Submit the work of the latest slot that has come and did not run, for its owner; None where there is none.

    Slots missed before that one stay missed. Raises ValueError or LookupError for a schedule that cannot be followed.
    """
    ran = session.scalar(
        select(func.max(ScheduleRun.slot)).where(ScheduleRun.schedule_id == schedule.id, ScheduleRun.manual.is_(False))
    )
    after = max(ran, schedule.effective_from) if ran is not None else schedule.effective_from
    slot = latest_slot(schedule.cron, schedule.time_zone, after, now)
    if slot is None:
        return None
    run = (
        dialect_insert(session, ScheduleRun)
        .values(id=uuid7(), schedule_id=schedule.id, slot=slot, fired_at=now, manual=False)
        .on_conflict_do_nothing(index_elements=["schedule_id", "slot"])
        .returning(ScheduleRun.id)
    )
    run_id = session.scalar(run)
    if run_id is None:
        return None
    _log.info("schedule fired", schedule=schedule.name, slot=slot.isoformat())
    # as much as there is: what the owner may is looked up when a worker takes the operation
    owner = replace(SYSTEM, id=schedule.owner, origin=f"schedule {schedule.name}")
    return submit(
        session,
        owner,
        schedule.kind,
        schedule.parameters,
        now,
        region=region_of(schedule),
        urgency=Urgency.SCHEDULED,
        run_id=run_id,
    )


class Alarms:
    """Follows the schedules of the table while its worker leads."""

    def __init__(self, engine: Engine, clock: Clock, fired: Callable[[], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._fired = fired
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._scheduler.start()
        self._followed: dict[UUID, int] = {}

    def refresh(self) -> None:
        """Take up what was added or changed since, and what it missed; leave off what is gone or switched off."""
        with reading(self._engine, SYSTEM) as session:
            enabled = {one.id: one for one in session.scalars(select(Schedule).where(Schedule.enabled))}
        versions = {key: one.version for key, one in enabled.items()}
        for key in self._followed.keys() - versions.keys():
            self._leave(key)
        for key in [key for key, version in versions.items() if self._followed.get(key) != version]:
            self._follow(enabled[key])
        self._followed = versions

    def fire_all(self) -> None:
        """Look at every schedule that is followed, in case an alarm was missed."""
        for key in list(self._followed):
            self._fire(key)

    def stop(self) -> None:
        """Fire no more."""
        self._scheduler.shutdown(wait=True)

    def _leave(self, key: UUID) -> None:
        if self._scheduler.get_job(str(key)):
            self._scheduler.remove_job(str(key))

    def _follow(self, schedule: Schedule) -> None:
        self._leave(schedule.id)
        try:
            trigger = cron_trigger(schedule.cron, schedule.time_zone)
        except (ValueError, LookupError) as wrong:
            _log.warning("schedule left out", schedule=schedule.name, cron=schedule.cron, why=str(wrong))
            return
        self._scheduler.add_job(self._fire, trigger, args=[schedule.id], id=str(schedule.id))
        self._fire(schedule.id)

    def _fire(self, key: UUID) -> None:
        def fire(session: Session) -> Operation | None:
            schedule = session.get(Schedule, key)
            if schedule is None or not schedule.enabled or not self._scheduler.get_job(str(key)):
                return None
            return fire_due(session, schedule, self._clock())

        try:
            if unit_of_work(self._engine, SYSTEM, fire, clock=self._clock) is not None:
                self._fired()
        except SQLAlchemyError:
            raise
        except Exception:  # one schedule's fault must not keep the others from being fired
            _log.exception("schedule failed", schedule=str(key))
