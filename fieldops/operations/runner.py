"""Runs what is scheduled: each run is a child process of this program, so that no plan can harm the server."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC
from threading import Lock
from uuid import UUID

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from fieldops.operations.rules import cron_trigger
from fieldops.operations.schemas import SCHEDULABLE
from fieldops.operations.service import all_schedules, record_end, record_start
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing

_MISFIRE_S = 3600
"""A run that is late by more than this, because the machine slept, is left out."""
_TERMINATE_S = 5
"""How long a child may take to end by itself."""

_log = structlog.get_logger()


class Runner:
    """Fires the schedules of the database's table as it stands at `start`, until `stop`."""

    def __init__(self, engine: Engine, database_url: str, clock: Clock) -> None:
        self._engine = engine
        self._environment = os.environ | {"FIELDOPS_DATABASE_URL": database_url}
        self._clock = clock
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._children: set[subprocess.Popen[str]] = set()
        self._lock = Lock()
        self._stopping = False

    def start(self) -> None:
        """Take up the enabled schedules; one that cannot be followed is logged and left out."""
        with reading(self._engine) as session:
            schedules = [one for one in all_schedules(session) if one.enabled]
        for one in schedules:
            if tuple(one.arguments[:2]) not in SCHEDULABLE:
                _log.warning("schedule left out", schedule=one.name, why="its command may not be scheduled")
                continue
            try:
                trigger = cron_trigger(one.cron, one.time_zone)
            except (ValueError, LookupError) as wrong:
                _log.warning("schedule left out", schedule=one.name, cron=one.cron, why=str(wrong))
                continue
            self._scheduler.add_job(
                self.fire,
                trigger,
                args=[one.id, one.name, one.arguments],
                id=one.name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=_MISFIRE_S,
            )
        self._scheduler.start()

    def due(self) -> list[str]:
        """Return the names of the schedules that were taken up, in alphabetical order."""
        return sorted(job.id for job in self._scheduler.get_jobs())

    def fire(self, schedule_id: UUID, name: str, arguments: list[str]) -> None:
        """Run a schedule's command to its end, and record when it started and how it ended."""
        with writing(self._engine) as session:
            record_start(session, schedule_id, self._clock())
        with self._lock:
            if self._stopping:
                return
            # no shell, and only the commands of SCHEDULABLE
            child = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "fieldops", *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._children.add(child)
        _log.info("schedule started", schedule=name, process=child.pid)
        _stdout, said = child.communicate()
        with self._lock:
            self._children.discard(child)
        with writing(self._engine) as session:
            record_end(session, schedule_id, child.returncode)
        lines = said.strip().splitlines()
        _log.info("schedule ended", schedule=name, status=child.returncode, said=lines[-1] if lines else "")

    def stop(self) -> None:
        """End what runs, and fire no more."""
        with self._lock:
            self._stopping = True
            children = list(self._children)
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(_TERMINATE_S)
            except subprocess.TimeoutExpired:
                child.kill()
        self._scheduler.shutdown(wait=True)
