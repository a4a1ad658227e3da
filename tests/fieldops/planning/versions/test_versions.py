"""Plans are made, kept, compared, published and undone; what does not hold is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from fieldops.checking import check_ledgers
from fieldops.dispatch.changing import change_job
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, JobKind, PlanAssignment
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.schemas import JobChange, NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.categories import Category
from fieldops.finance.control.models import BudgetOverride
from fieldops.finance.control.plans import Override
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import plan_by_number, plan_page, summary_of
from fieldops.planning.rules import PROPOSAL_VALID
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.planning.versions.queries import difference
from fieldops.planning.versions.service import publish, undo, withdraw
from fieldops.workforce.models import HeldQualification, Technician
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, Stale
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.priority import Priority
from inventory.ledger.models import StockBalance
from inventory.planning.queries import orders
from optimizer.run import Limit
from tests.conftest import NOW
from tests.worlds import TINY_DATE, load_tiny


def day(engine: Engine, region: str | None = None) -> str:
    request = PlanRequest(TINY_DATE, region=region, limit=Limit(iterations=20))
    return make_day_plan(engine, SYSTEM, request, clock=lambda: NOW).plan


def proposed(engine: Engine, region: str | None = None, actor: Actor = SYSTEM) -> str:
    request = PlanRequest(TINY_DATE, region=region, limit=Limit(iterations=20))
    return make_dispatch_plan(engine, actor, request, clock=lambda: NOW).plan


def published(engine: Engine, number: str, *, at: datetime = NOW, actor: Actor = SYSTEM) -> None:
    with writing(engine, actor, clock=lambda: at) as session:
        publish(session, actor, number)


def undone(engine: Engine, number: str, actor: Actor = SYSTEM) -> None:
    with writing(engine, actor, clock=lambda: NOW) as session:
        undo(session, actor, number)


def states(engine: Engine) -> dict[tuple[str, str], str]:
    """{(plan, region): what it is there}."""
    with reading(engine, SYSTEM) as session:
        return {
            (one.plan, state.region): state.status.value for one in plan_page(session, limit=99) for state in one.states
        }


def money(engine: Engine) -> dict[tuple[object, object], Decimal]:
    with reading(engine, SYSTEM) as session:
        return {(one.region_id, one.category): one.reserved for one in session.scalars(select(BudgetLine))}


def everything(engine: Engine) -> tuple[Any, ...]:
    """What a refused publication must leave as it is."""
    with reading(engine, SYSTEM) as session:
        held = session.execute(select(PlanAssignment.id, PlanAssignment.held).order_by(PlanAssignment.id)).all()
        events = session.scalars(select(OutboxEvent.key).order_by(OutboxEvent.key)).all()
    return (states(engine), money(engine), held, events)


def refused(engine: Engine, number: str, *, at: datetime = NOW) -> tuple[str, list[str]]:
    """The code of a refusal to publish and what it names, after a look that nothing was changed."""
    before = everything(engine)
    with pytest.raises(DomainError) as why:
        published(engine, number, at=at)
    assert everything(engine) == before
    return why.value.code, [about for about, _text in why.value.details]


def change(session: Session, number: str) -> None:
    job = session.scalars(select(Job).where(Job.number == number)).one()
    change_job(session, SYSTEM, number, JobChange(title="Another title"), job.version)


def test_a_version_is_kept_and_nothing_is_reserved_until_it_is_published(any_engine: Engine) -> None:
    load_tiny(any_engine)
    first = day(any_engine)
    reserved = money(any_engine)
    second = proposed(any_engine)
    assert money(any_engine) == reserved
    assert states(any_engine)[second, "SEA"] == "proposed"
    with reading(any_engine, SYSTEM) as session:
        found = difference(session, second, None)
        told = told_plan(session, plan_by_number(session, second))
        head = summary_of(session, plan_by_number(session, second))
    assert (found.before, found.jobs, found.cost) == ([first], [], found.cost_before)
    assert found.unchanged == told.dispatch.assigned
    assert told.dispatch.objective == pytest.approx(sum(told.dispatch.terms.values()))
    assert "plan_change" not in told.dispatch.terms
    assert (head.expires_at, head.states[0].supersedes) == (NOW + PROPOSAL_VALID, first)
    published(any_engine, second)
    assert states(any_engine) == {
        (first, "CN"): "superseded",
        (first, "SEA"): "superseded",
        (second, "CN"): "current",
        (second, "SEA"): "current",
    }
    assert money(any_engine) == reserved  # the orders of the plan before go on
    with reading(any_engine, SYSTEM) as session:
        plans = [plan_by_number(session, number) for number in (first, second)]
        moves = [
            {(one.part, one.origin, one.destination, one.quantity) for one in orders(session, plan.id)}
            for plan in plans
        ]
        held = [{(one.job, one.held) for one in assignments(session, plan.id)} for plan in plans]
        budgets = [told_plan(session, plan).budget for plan in plans]
        state = summary_of(session, plans[1]).states[0]
    assert moves[0] == moves[1]
    assert held[0] == held[1]
    assert budgets[0].lines == budgets[1].lines
    assert (state.published_by, state.published_at) == ("system", NOW)
    assert check_ledgers(any_engine).sound


def test_what_was_in_force_comes_back(any_engine: Engine) -> None:
    load_tiny(any_engine)
    first = day(any_engine)
    reserved = money(any_engine)
    second = proposed(any_engine)
    published(any_engine, second)
    undone(any_engine, second)
    assert {key: status for key, status in states(any_engine).items() if key[1] == "SEA"} == {
        (first, "SEA"): "current",
        (second, "SEA"): "withdrawn",
    }
    assert money(any_engine) == reserved
    assert check_ledgers(any_engine).sound
    for number, code in ((first, "no_plan_before"), (second, "plan_not_in_force")):
        with pytest.raises(Conflict) as why:
            undone(any_engine, number)
        assert why.value.code == code
    assert refused(any_engine, second) == ("plan_not_proposed", [])
    with reading(any_engine, SYSTEM) as session:
        kinds = session.scalars(select(OutboxEvent.kind).where(OutboxEvent.kind.startswith("plan."))).all()
    assert {kind: kinds.count(kind) for kind in kinds} == {"plan.in_force": 6, "plan.proposed": 2, "plan.withdrawn": 2}


def test_plans_of_two_regions_come_back_each_where_it_was(any_engine: Engine) -> None:
    load_tiny(any_engine)
    china, sea = day(any_engine, "CN"), day(any_engine, "SEA")
    reserved = money(any_engine)
    whole = proposed(any_engine)
    published(any_engine, whole)
    with reading(any_engine, SYSTEM) as session:
        assert difference(session, whole, sea).regions == ["SEA"]
        with pytest.raises(Invalid, match="share no region"):
            difference(session, china, sea)
    undone(any_engine, whole)
    assert {key for key, status in states(any_engine).items() if status == "current"} == {(china, "CN"), (sea, "SEA")}
    assert money(any_engine) == reserved
    assert check_ledgers(any_engine).sound


def test_what_does_not_hold_any_more_is_named_and_nothing_is_published(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    second = proposed(any_engine)
    with reading(any_engine, SYSTEM) as session:
        lines = assignments(session, plan_by_number(session, second).id)
    person = next(line.technician for line in lines if line.job != "J-2")
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        change(session, "J-2")
        who = select(Technician.id).where(Technician.code == person).scalar_subquery()
        lost = update(HeldQualification).where(HeldQualification.technician_id == who)
        session.execute(lost.values(valid_until=date(2026, 2, 1), valid_from=date(2026, 1, 1)))
        session.execute(update(StockBalance).where(~StockBalance.is_virtual).values(quantity=0))
        labour = update(BudgetLine).where(BudgetLine.category == Category.LABOUR)
        session.execute(labour.values(period_start=date(2031, 1, 1), period_end=date(2032, 1, 1)))
    code, named = refused(any_engine, second)
    assert code == "plan_conflicts"
    assert named[0] == "job.J-2"
    assert {f"technician.{person}", "budget_line.SEA.labour", "budget_line.CN.labour"} <= set(named)
    assert any(about.startswith("part.") for about in named)


def test_a_version_of_what_is_not_in_force_any_more_is_stale(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    second, third = proposed(any_engine), proposed(any_engine, "SEA")
    published(any_engine, third)
    assert refused(any_engine, second) == ("plan_base_stale", [])
    fourth = proposed(any_engine, "SEA")
    assert refused(any_engine, fourth, at=NOW + PROPOSAL_VALID) == ("plan_expired", [])


def test_what_has_been_dispatched_is_not_undone(any_engine: Engine) -> None:
    load_tiny(any_engine)
    day(any_engine)
    second = proposed(any_engine)
    published(any_engine, second)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Job).where(Job.number == "J-2").values(state=JobState.DISPATCHED))
    with pytest.raises(Conflict) as why:
        undone(any_engine, second)
    assert (why.value.code, [about for about, _text in why.value.details]) == ("plan_dispatched", ["job.J-2"])
    assert states(any_engine)[second, "CN"] == "current"


def test_a_budget_that_is_too_small_by_then_holds(any_engine: Engine) -> None:
    load_tiny(any_engine)
    second = proposed(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(BudgetLine).where(BudgetLine.category == Category.LABOUR).values(budget=Decimal(1)))
    published(any_engine, second)
    with reading(any_engine, SYSTEM) as session:
        plan = plan_by_number(session, second)
        told = told_plan(session, plan)
        held = {line.job for line in assignments(session, plan.id) if line.held}
    assert (
        held
        == {one.job for one in told.dispatch.assignments}
        == {one.job for one in told.dispatch.assignments if one.held}
    )
    assert held <= {one.document for one in told.budget.held}


def test_only_ones_own_regions_are_published_and_told(any_engine: Engine) -> None:
    load_tiny(any_engine)
    first = day(any_engine)
    manager = Actor("noi", scope=Scope(regions=frozenset({"SEA"})))
    own, whole = proposed(any_engine, "SEA", manager), proposed(any_engine)
    with pytest.raises(Forbidden):
        published(any_engine, whole, actor=manager)
    with pytest.raises(Forbidden):
        proposed(any_engine, "CN", manager)
    with reading(any_engine, manager) as session:
        told = difference(session, whole, first)
    assert told.regions == ["SEA"]
    assert told.unchanged == 3
    published(any_engine, own, actor=manager)
    assert {key for key, status in states(any_engine).items() if status == "current"} == {(first, "CN"), (own, "SEA")}
    with pytest.raises(Stale), writing(any_engine, manager, clock=lambda: NOW) as session:
        undo(session, manager, own, 1)
    undone(any_engine, own, manager)
    assert states(any_engine)[first, "SEA"] == "current"


def test_who_is_needed_elsewhere_is_replaced_and_the_others_keep_their_job(any_engine: Engine) -> None:
    load_tiny(any_engine)
    first = day(any_engine)
    with reading(any_engine, SYSTEM) as session:
        before = assignments(session, plan_by_number(session, first).id)
    lost = before[0].technician
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        who = select(Technician.id).where(Technician.code == lost).scalar_subquery()
        gone = update(HeldQualification).where(HeldQualification.technician_id == who)
        session.execute(gone.values(valid_until=date(2026, 2, 1), valid_from=date(2026, 1, 1)))
    second = proposed(any_engine)
    with reading(any_engine, SYSTEM) as session:
        told = difference(session, second, None)
    assert {one.job for one in told.jobs} == {line.job for line in before if line.technician == lost}
    for one in told.jobs:
        assert lost in {seat.technician for seat in one.crew_before}
        assert lost not in {seat.technician for seat in one.crew}
        assert one.crew or one.reasons
    assert told.as_text().startswith(f"Plan {second} beside {first}:")


def test_a_job_that_was_sent_off_is_not_left_out_by_the_next_plan(engine: Engine) -> None:
    load_tiny(engine)
    first = day(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        job = assignments(session, plan_by_number(session, first).id)[0].job
        session.execute(update(Job).where(Job.number == job).values(state=JobState.ON_SITE))
    second = proposed(engine)
    with reading(engine, SYSTEM) as session:
        told = difference(session, second, None)
    assert (told.left_out, job in {one.job for one in told.jobs}) == (0, False)
    assert told.cost.by_term["unserved"] == 0


def test_a_proposal_that_is_withdrawn_is_not_published(any_engine: Engine) -> None:
    load_tiny(any_engine)
    first = day(any_engine)
    second = proposed(any_engine)
    with pytest.raises(Stale), writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        withdraw(session, SYSTEM, second, 2)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        withdraw(session, SYSTEM, second, 1)
    assert {key[0]: status for key, status in states(any_engine).items()} == {first: "current", second: "withdrawn"}
    assert refused(any_engine, second) == ("plan_not_proposed", [])
    with pytest.raises(Conflict), writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        withdraw(session, SYSTEM, first)


def test_the_money_that_a_proposal_was_made_with_counts_when_it_is_published(any_engine: Engine) -> None:
    load_tiny(any_engine)

    def made(override: Override | None) -> str:
        request = PlanRequest(TINY_DATE, limit=Limit(iterations=20), cap=Decimal(0), override=override)
        return make_dispatch_plan(any_engine, SYSTEM, request, clock=lambda: NOW).plan

    def waiting(number: str) -> dict[str, bool]:
        with reading(any_engine, SYSTEM) as session:
            return {line.job: line.held for line in assignments(session, plan_by_number(session, number).id)}

    plain = made(None)
    published(any_engine, plain)
    assert all(waiting(plain).values())
    second = made(Override("chief", "aircraft on ground"))
    with pytest.raises(Forbidden):
        published(any_engine, second, actor=Actor("noi", permissions=frozenset({"plan.make"}), scope=SYSTEM.scope))
    published(any_engine, second)
    with reading(any_engine, SYSTEM) as session:
        aog = set(session.scalars(select(Job.number).where(Job.priority == Priority.AOG)))
        told = {(one.by, one.reason) for one in session.scalars(select(BudgetOverride))}
    assert {job for job, held in waiting(second).items() if not held} == aog & waiting(second).keys() != set()
    assert told == {("chief", "aircraft on ground")}


def test_of_two_jobs_that_pay_alike_the_planned_one_stays(engine: Engine) -> None:
    """Nobody has time for both of the twins: whichever the plan in force does, the next one does, too."""
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, [twin("J-8")])
    first = day(engine)
    with writing(engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, [twin("J-7"), twin("J-9")])
    second = proposed(engine)
    with reading(engine, SYSTEM) as session:
        found = difference(session, second, first)
        told = told_plan(session, plan_by_number(session, second)).dispatch
    assert found.jobs == []
    assert "plan_change" not in told.terms
    assert {"J-7", "J-9"} <= {one.job for one in told.unassigned}


def twin(number: str) -> NewJob:
    """Ten hours of work at Xi'an that has to begin with a certain shift, for which one may sign alone."""
    monday = datetime(2026, 3, 2, 0, tzinfo=UTC)
    return NewJob(
        number=number,
        work_order=f"W-{number}",
        title="Engine change",
        kind=JobKind.CHECK,
        priority=Priority.ROUTINE,
        place="XIY",
        duration_min=600,
        window_start=monday + timedelta(days=2),
        window_end=monday + timedelta(days=2, hours=1),
        due_at=monday + timedelta(days=3),
        delay_cost_per_h=Decimal(0),
        currency="USD",
        qualifications=("B1",),
    )


def test_a_plan_that_does_a_job_less_is_not_told_as_cheaper(engine: Engine) -> None:
    load_tiny(engine)
    first = day(engine)
    with writing(engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, [twin("J-8")])
    second = day(engine)
    with reading(engine, SYSTEM) as session:
        found = difference(session, first, second)
    (missed,) = [one for one in found.jobs if one.job == "J-8"]
    assert [reason.code for reason in missed.reasons] == ["not_looked_at"]
    assert found.cost.by_term["unserved"] == Decimal(50_000)
    assert found.cost_before.by_term["unserved"] == 0
    assert found.cost.total > found.cost_before.total
    assert "50,000.00 now" in found.as_text()
