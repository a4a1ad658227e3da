"""What time it is in a demonstration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.installation import DEMO_BEGAN, DEMO_DATE, DEMO_DAYS, begin_demo, demo_time, fact, set_fact

LATE = datetime(2026, 11, 29, 23, 58, tzinfo=UTC)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(minutes=st.lists(st.integers(0, DEMO_DAYS * 1440), min_size=2, max_size=6).map(sorted))
def test_a_demonstrations_clock_begins_on_its_day_and_never_runs_back(engine: Engine, minutes: list[int]) -> None:
    with writing(engine, SYSTEM) as session:
        set_fact(session, DEMO_DATE, "2026-03-02")
        set_fact(session, DEMO_BEGAN, "")
        begin_demo(session, LATE)
        assert demo_time(session, lambda: LATE) == datetime(2026, 3, 2, 23, 58, tzinfo=UTC)
        told = [demo_time(session, lambda at=at: LATE + timedelta(minutes=at)) for at in minutes]  # type: ignore[misc]
        assert [one - told[0] for one in told] == [timedelta(minutes=at - minutes[0]) for at in minutes]


def test_a_demonstration_that_is_opened_much_later_begins_its_first_day_again(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        set_fact(session, DEMO_DATE, "2026-03-02")
        begin_demo(session, LATE)
        soon, later = LATE + timedelta(days=1), LATE + timedelta(days=40)
        begin_demo(session, soon)
        assert demo_time(session, lambda: soon) == datetime(2026, 3, 3, 23, 58, tzinfo=UTC)
        begin_demo(session, later)
        assert demo_time(session, lambda: later).date().isoformat() == "2026-03-02"


def test_other_databases_have_the_clock_on_the_wall(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        begin_demo(session, LATE)
        assert fact(session, DEMO_BEGAN) is None
        assert demo_time(session, lambda: LATE) == LATE
