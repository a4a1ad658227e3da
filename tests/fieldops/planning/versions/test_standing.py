"""Who may not take a seat any more is told with every reason, in as many statements however many people there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.versions.standing import unseated
from fieldops.workforce.kinds import Seat
from fieldops.workforce.schemas import Duty, NewTechnician
from fieldops.workforce.service import add_technicians
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.statements import statements
from tests.worlds import TINY_DATE, load_tiny


def test_thirty_people_are_judged_in_as_many_statements_as_three(engine: Engine) -> None:
    load_tiny(engine)
    duty = Duty(work_date=TINY_DATE, starts=time(8), ends=time(18))
    people = [
        NewTechnician(
            code=f"X-{number:02d}",
            name="Nobody",
            base="VTE",
            time_zone="Asia/Vientiane",
            cost_per_h=Decimal(20),
            currency="USD",
            shifts=(duty,),
        )
        for number in range(30)
    ]
    with writing(engine, SYSTEM) as session:
        add_technicians(session, SYSTEM, people)
    start = datetime(2026, 3, 2, 2, tzinfo=UTC)
    costs = dict.fromkeys(("labour_cost", "travel_cost", "lateness_cost"), Decimal(0))
    one = AssignmentLine(
        job="J-1",
        position=0,
        seat=Seat.MECHANIC,
        technician="X-00",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        parts_ready_at=None,
        travel_s=0,
        currency="USD",
        held=False,
        **costs,
    )
    counts = []
    for count in (3, 30):
        lines = [replace(one, technician=f"X-{number:02d}") for number in range(count)]
        with reading(engine, SYSTEM) as session, statements(engine) as seen:
            told = list(unseated(session, TINY_DATE, lines))
        assert len(told) == count
        assert all("not free or not permitted" not in text for _about, text in told)
        counts.append(len(seen))
    assert counts[0] == counts[1]
