"""What the day plan asks of the dispatch engine, and what its answer costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.schemas import SeatNeed
from fieldops.dispatch.service import add_jobs
from fieldops.planning import solving
from fieldops.planning.problems import HORIZON_S, area_problem
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.snapshot import Snapshot, take_snapshot
from fieldops.planning.solving import solve_snapshot
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from optimizer.dispatch.plan import StopKind
from optimizer.dispatch.prepare import is_prepared, prepare
from optimizer.run import Limit
from tests.conftest import NOW
from tests.hangar import MORNING, brake_job, load_hangar
from tests.worlds import TINY_DATE, load_tiny

LIMIT = Limit(iterations=50)


def snapshot_of(engine: Engine, region: str | None = None) -> Snapshot:
    """The data of a plan of the small world's day."""
    with reading(engine, SYSTEM) as session:
        return take_snapshot(session, TINY_DATE, region)


def both_sides(engine: Engine, **second: Any) -> Snapshot:
    """The snapshot with the brakes of both sides of a tail to be replaced by mechanics."""
    load_hangar(engine)
    seats = (SeatNeed(seat=Seat.MECHANIC, qualifications=("B1",)),)
    left, right = (
        brake_job(number, seats=seats, parts=(), tools=(), **changes)
        for number, changes in (("H-1", {}), ("H-2", {"system": "RH", **second}))
    )
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, [left, right])
    return snapshot_of(engine, "SEA")


def test_nobody_is_sent_to_a_critical_task_on_both_systems_in_one_visit(engine: Engine) -> None:
    snapshot = both_sides(engine)
    area = area_problem(snapshot, "SEA", {})
    assert (area.problem.together, area.apart) == ((), (("H-1", "H-2"),))
    solved = solve_snapshot(snapshot, limit=LIMIT, seed=0)
    sent = {(one.job, one.seat): one.technician for one in solved.assignments}
    assert sent["H-1", Seat.MECHANIC] != sent["H-2", Seat.MECHANIC]
    for seat in (Seat.INDEPENDENT_INSPECTOR, Seat.RELEASE_SIGNATORY):
        assert sent["H-1", seat] == sent["H-2", seat]  # of whom there is one


def test_where_nobody_signs_the_engine_itself_keeps_the_two_apart(engine: Engine) -> None:
    snapshot = both_sides(engine)
    plain = replace(snapshot, jobs=[replace(job, seats=job.seats[:1]) for job in snapshot.jobs])
    area = area_problem(plain, "SEA", {})
    assert [{pair.first, pair.second} for pair in area.problem.together] == [{"H-1", "H-2"}]
    assert area.apart == ()


@pytest.mark.parametrize(
    "second", [{"system": "LH"}, {"tail": "RDPL-2"}, {"task": None, "system": None, "duration_min": 60}]
)
def test_other_work_may_fall_to_one_person(engine: Engine, second: dict[str, Any]) -> None:
    area = area_problem(both_sides(engine, **second), "SEA", {})
    assert (area.problem.together, area.apart) == ((), ())


def test_what_can_only_be_two_visits_may_fall_to_one_person(engine: Engine) -> None:
    later = MORNING + timedelta(days=2)
    snapshot = both_sides(engine, window_start=later, window_end=later + timedelta(hours=2), due_at=later)
    area = area_problem(snapshot, "SEA", {})
    assert (area.problem.together, area.apart) == ((), ())


def test_who_may_be_sent_further_than_a_shift_reaches_stays_out_and_comes_home(engine: Engine) -> None:
    """Nobody drives from Xi'an to Tianjin for three hours of work and back within ten; to Udon Thani it is near."""
    load_tiny(engine)
    people = {one.code: one for name in ("CN", "SEA") for one in _people(snapshot_of(engine), name)}
    assert {code: one.away for code, one in people.items()} == {"T-1": False, "T-2": False, "T-3": False}
    snapshot = snapshot_of(engine)
    far = replace(snapshot, jobs=[replace(job, duration_s=8 * 3600) for job in snapshot.jobs])
    far.permitted["J-4"] = {Seat.MECHANIC: {"T-1": far.permitted["J-2"][Seat.MECHANIC]["T-1"]}}
    (one,) = _people(far, "CN")
    assert one.away
    assert one.shifts[-1].start_s == HORIZON_S
    assert all(shift.end_s <= HORIZON_S for shift in one.shifts[:-1])


def _people(snapshot: Snapshot, area: str) -> Any:
    return area_problem(snapshot, area, {}).problem.technicians


def test_jobs_end_within_the_plans_days(engine: Engine) -> None:
    load_tiny(engine)
    snapshot = snapshot_of(engine)
    late = replace(
        snapshot, jobs=[replace(job, window_end=job.window_end + timedelta(days=90)) for job in snapshot.jobs]
    )
    for area in ("CN", "SEA"):
        for job in area_problem(late, area, {}).problem.jobs:
            assert job.windows[-1].until_s + job.duration_s <= HORIZON_S
            (seat,) = job.seats
            assert all(span.until_s <= HORIZON_S for spans in (seat.permitted or {}).values() for span in spans)


def test_the_jobs_pay_for_all_of_the_tours(engine: Engine) -> None:
    load_tiny(engine)
    solved = solve_snapshot(snapshot_of(engine), limit=LIMIT, seed=0)
    terms = {"labour": "labour_cost", "travel": "travel_cost", "lateness": "lateness_cost"}
    for term, name in terms.items():
        priced = sum(plan.cost_by_term[term] for _area, plan in solved.areas)
        paid = sum((getattr(line, name) for line in solved.assignments), Decimal(0))
        assert float(paid) == pytest.approx(priced, abs=0.01 * len(solved.assignments))
    others = {term for _area, plan in solved.areas for term, money in plan.cost_by_term.items() if money} - terms.keys()
    assert others <= {"unserved"}
    stops = [stop for _area, plan in solved.areas for route in plan.routes for stop in route.stops]
    assert {stop.kind for stop in stops} == {StopKind.JOB}


def test_who_waits_for_the_compiler_is_told_why_and_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load_tiny(engine)
    prepared: list[bool] = []
    monkeypatch.setattr(solving, "is_prepared", lambda: bool(prepared))
    monkeypatch.setattr(solving, "prepare", lambda: prepared.append(True))
    stages: list[str] = []
    for _time in range(2):
        make_day_plan(
            engine,
            SYSTEM,
            PlanRequest(TINY_DATE, limit=LIMIT),
            clock=lambda: NOW,
            report=lambda stage, done, _total: stages.append(stage) if not done else None,
        )
    assert prepared == [True]
    assert [stage for stage in stages if stage.startswith("Preparing the planner, once")] == stages[:1]


def test_once_prepared_it_is_prepared() -> None:
    prepare()
    assert is_prepared()
