"""A process that fires one schedule slot after the other: `python -m tests.faults.racer DATABASE_URL COUNT`.

It says “ready”, waits for a line on its input, and tells each slot that it has passed and whether it leads. The first
that is started leads.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.operations.firing import fire_due
from fieldops.operations.leading import leadership
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine, unit_of_work
from inventory.kernel.operations import Operation, Schedule

START = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    """Race."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    engine = open_engine(sys.argv[1])
    leads = leadership(engine, str(os.getpid()), system_clock)
    leads.held()
    _say("ready")
    sys.stdin.readline()
    for minute in range(1, int(sys.argv[2]) + 1):
        now = START + timedelta(minutes=minute)

        def fire(session: Session, now: datetime = now) -> Operation | None:
            return fire_due(session, session.scalars(select(Schedule)).one(), now)

        unit_of_work(engine, SYSTEM, fire)
        _say(f"{minute} {'leads' if leads.held() else 'follows'}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
