"""Time is passed in: a Clock returns the present instant, aware and in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

Clock = Callable[[], datetime]


CLOCK = "clock"
"""Name of the unit of work's clock in `Session.info`."""


def present(session: Session) -> datetime:
    """Return the present instant by the clock of a unit of work."""
    clock: Clock = session.info[CLOCK]
    return clock()


def system_clock() -> datetime:
    """Return the machine's present instant in UTC."""
    return datetime.now(UTC)
