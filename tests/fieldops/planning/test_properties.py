"""What holds of every day plan, on random networks."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fieldops.checking import check_ledgers
from fieldops.dispatch.models import JobKind
from fieldops.dispatch.schemas import NewJob, PartNeed
from fieldops.dispatch.service import add_jobs
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.control.plans import Override
from fieldops.planning.queries import claimed_elsewhere
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import sqlite_url
from fieldops.workforce.rules import shift_span
from fieldops.workforce.schemas import Duty, NewTechnician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.priority import Priority
from inventory.ledger.models import StockBalance
from inventory.ledger.queries import serviceable_stock
from optimizer.run import Limit
from tests.conftest import NOW
from tests.fieldops.planning.random_worlds import MONDAY, RandomWorld, load_random
from tests.worlds import load_tiny

RANKS = {"AOG": 0, "CRITICAL": 1, "ROUTINE": 2}


@contextmanager
def _random_database(template: Path, seed: int) -> Iterator[tuple[Engine, RandomWorld]]:
    """A database of its own for each example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.db"
        shutil.copyfile(template, file)
        engine = open_engine(sqlite_url(file))
        try:
            yield engine, load_random(engine, seed)
        finally:
            engine.dispose()


def _plan(engine: Engine, override: Override | None = None, cap: Decimal | None = None) -> DayPlanOut:
    request = PlanRequest(MONDAY, limit=Limit(iterations=5), override=override, cap=cap)
    return make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)


examples = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(min_value=0, max_value=10**6)


@examples
@given(seed=seeds)
def test_every_assignment_is_allowed(migrated_file: Path, seed: int) -> None:
    with _random_database(migrated_file, seed) as (engine, world):
        plan = _plan(engine)
    ends: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in plan.dispatch.assignments:
        job, technician = world.jobs[one.job], world.technicians[one.technician]
        zone = ZoneInfo(technician.time_zone)
        held = {held.code: held for held in technician.qualifications}
        for code in job.qualifications:
            for instant in (one.start, one.end - timedelta(seconds=1)):
                assert held[code].valid_from <= instant.astimezone(zone).date() <= held[code].valid_until
        assert world.regions[technician.base] == world.regions[job.place]
        assert job.window_start <= one.start <= job.window_end
        assert one.end - one.start == timedelta(minutes=job.duration_min)
        ends[one.technician].append((one.start, one.end))
    for spans in ends.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(spans)))
    planned = {one.job for one in plan.dispatch.assignments} | {one.job for one in plan.dispatch.unassigned}
    assert plan.dispatch.assigned + len(plan.dispatch.unassigned) == len(planned)
    assert all(one.reasons and all(reason.text for reason in one.reasons) for one in plan.dispatch.unassigned)


@examples
@given(seed=seeds)
def test_parts_are_there_before_the_job_and_no_stock_is_promised_twice(migrated_file: Path, seed: int) -> None:
    with _random_database(migrated_file, seed) as (engine, world):
        plan = _plan(engine)
        with reading(engine, SYSTEM) as session:
            balances = list(session.scalars(select(StockBalance)))
        assert all(one.quantity >= 0 for one in balances if not one.is_virtual)
        assert check_ledgers(engine).sound
    starts = {one.job: one.start for one in plan.dispatch.assignments}
    for move in plan.replenishment.moves:
        if move.job is not None:
            assert move.arrives <= starts[move.job]
        if move.origin is not None:
            same = world.regions[move.origin] == world.regions[move.destination]
            assert same or move.origin == "HUB0"
    sent: dict[tuple[str, str], int] = defaultdict(int)
    for move in plan.replenishment.moves:
        if move.origin is not None:
            sent[move.part, move.origin] += move.quantity
    held = _stock(migrated_file, seed)
    assert all(quantity <= held[cell] for cell, quantity in sent.items())


def _stock(template: Path, seed: int) -> dict[tuple[str, str], Decimal]:
    with _random_database(template, seed) as (engine, _), reading(engine, SYSTEM) as session:
        return defaultdict(Decimal, {(part, place): quantity for part, place, quantity in serviceable_stock(session)})


@examples
@given(seed=seeds, overridden=st.booleans(), cap=st.none() | st.integers(0, 3_000).map(Decimal))
def test_no_line_is_exceeded_without_an_override(
    migrated_file: Path, seed: int, overridden: bool, cap: Decimal | None
) -> None:
    override = Override("Chief of operations", "aircraft on ground") if overridden else None
    with _random_database(migrated_file, seed) as (engine, _):
        plan = _plan(engine, override, cap)
        with reading(engine, SYSTEM) as session:
            lines = list(session.scalars(select(BudgetLine)))
        assert check_ledgers(engine).sound
    for line in lines:
        assert line.available >= -line.overridden
        assert override is not None or line.overridden == 0
    beyond_lines = sum(line.overridden for line in lines)
    recorded = sum(one.amount for one in plan.budget.overrides)
    assert recorded == beyond_lines if cap is None else recorded >= beyond_lines
    assert all((one.by, one.reason) == ("Chief of operations", "aircraft on ground") for one in plan.budget.overrides)
    if override is not None:
        assert not any(held.priority == "AOG" for held in plan.budget.held)
    elif cap is not None:
        assert sum(line.reserved for line in lines) <= cap
    for held in plan.budget.held:
        assert held.shortfall == held.amount - held.available > 0


@examples
@given(seed=seeds)
def test_the_same_seed_gives_the_same_plan(migrated_file: Path, seed: int) -> None:
    with _random_database(migrated_file, seed) as (engine, _):
        first, second = _plan(engine), _plan(engine)
    assert first.plan_hash == second.plan_hash
    assert first.deterministic
    assert first.budget.lines == second.budget.lines
    assert (first.plan, second.plan) == ("P-000001", "P-000002")


@examples
@given(seed=seeds)
def test_a_reason_for_missing_parts_or_people_is_true(migrated_file: Path, seed: int) -> None:
    with _random_database(migrated_file, seed) as (engine, world):
        plan = _plan(engine)
    for one in plan.dispatch.unassigned:
        job = world.jobs[one.job]
        told = {reason.code: reason.values or {} for reason in one.reasons}
        nearby = [
            person for person in world.technicians.values() if world.regions[person.base] == world.regions[job.place]
        ]
        if "window_lapsed" in told:
            assert job.window_end < datetime.combine(MONDAY, time(), world.zones[job.place])
            continue
        assert ("no_technician" in told) == (not nearby)
        able = [p for p in nearby if set(job.qualifications) <= {held.code for held in p.qualifications}]
        if nearby:
            assert told.get("no_qualified_technician", {}).get("people", 0) == len(nearby) - len(able)
        if "outside_shifts" in told:
            idle = [p for p in able if not any(_fits(job, p, shift) for shift in p.shifts)]
            assert int(told["outside_shifts"]["people"]) <= len(idle)
        if told.keys() & {"parts_unavailable", "parts_late", "no_stock", "scarce", "no_route", "too_late"}:
            assert job.parts


def _fits(job: Any, person: NewTechnician, shift: Duty) -> bool:
    """Whether the job can lie within this one shift, its window and the week."""
    zone, duration = ZoneInfo(person.time_zone), timedelta(minutes=job.duration_min)
    starts, ends = shift_span(shift.work_date, shift.starts, shift.ends, zone)
    week = (datetime.combine(MONDAY + timedelta(days=days), time(), zone) for days in (0, 7))
    first, last = max(starts, job.window_start, next(week)), min(ends, job.window_end + duration, next(week))
    return bool(last - first >= duration)


def test_a_job_that_cannot_be_done_keeps_no_part_from_one_that_can(engine: Engine) -> None:
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        add_jobs(
            session,
            SYSTEM,
            [
                NewJob(
                    number=number,
                    work_order="W-9",
                    title="Pump of the other system",
                    kind=JobKind.DEFECT,
                    priority=Priority.CRITICAL,
                    place="VTE",
                    duration_min=60,
                    window_start=datetime(2026, 3, 2, tzinfo=UTC),
                    window_end=datetime(2026, 3, 8, tzinfo=UTC),
                    due_at=datetime(2026, 3, 2, 3, tzinfo=UTC),
                    delay_cost_per_h=Decimal(150),
                    currency="USD",
                    qualifications=qualifications,
                    parts=tuple(PartNeed(part=part, quantity=Decimal(quantity)) for part, quantity in parts),
                )
                for number, qualifications, parts in (
                    ("J-8", ("BORE",), (("PUMP-1", 1),)),
                    ("J-9", ("B1",), (("PUMP-1", 1), ("BRAKE-1", 50))),
                )
            ],
        )
    plan = make_day_plan(engine, SYSTEM, PlanRequest(MONDAY, limit=Limit(iterations=50)), clock=lambda: NOW)
    assert "J-5" in {one.job for one in plan.dispatch.assignments}
    reasons = {one.job: {reason.code for reason in one.reasons} for one in plan.dispatch.unassigned}
    assert reasons["J-8"] == {"no_qualified_technician"}
    assert "no_stock" in reasons["J-9"] or "scarce" in reasons["J-9"]


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_after_the_work_names_what_was_missed_and_one_before_it_is_empty(migrated_file: Path, seed: int) -> None:
    with _random_database(migrated_file, seed) as (engine, world):
        later, earlier = (
            make_day_plan(engine, SYSTEM, PlanRequest(day, limit=Limit(iterations=5)), clock=lambda: NOW).dispatch
            for day in (MONDAY + timedelta(days=20), MONDAY - timedelta(days=20))
        )
    assert {one.job for one in later.unassigned} == set(world.jobs)
    assert {reason.code for one in later.unassigned for reason in one.reasons} <= {"window_lapsed"}
    assert (later.assigned, earlier.assigned, earlier.unassigned) == (0, 0, [])


@examples
@given(seed=seeds)
def test_two_regions_do_not_count_on_the_same_piece(migrated_file: Path, seed: int) -> None:
    with _random_database(migrated_file, seed) as (engine, world):
        _plan(engine)
        for region in sorted(set(world.regions.values())):
            request = PlanRequest(MONDAY, region=region, limit=Limit(iterations=5))
            make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)
        with reading(engine, SYSTEM) as session:
            claimed = claimed_elsewhere(session, regions=[])
            stock = {(part, place): quantity for part, place, quantity in serviceable_stock(session)}
    assert all(quantity <= stock[cell] for cell, quantity in claimed.items())
