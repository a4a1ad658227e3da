"""Time is passed in: a Clock returns the present instant, aware and in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the machine's present instant in UTC."""
    return datetime.now(UTC)
