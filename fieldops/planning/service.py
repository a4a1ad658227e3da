"""The use case of the product: one plan of technicians, stock and money.

Read a snapshot, solve outside any transaction, then write everything in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops import __version__
from fieldops.dispatch.service import keep_assignments, require_unchanged
from fieldops.finance.budgets.queries import line_missing, lines_on
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import Override, PlanRef, announce
from fieldops.planning.costing import with_holds
from fieldops.planning.desk.queries import changed_jobs
from fieldops.planning.document import plan_document
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.queries import in_force, rows_marks
from fieldops.planning.schemas import Cause, DayPlanOut
from fieldops.planning.snapshot import MEDIAN, Snapshot, take_snapshot
from fieldops.planning.solving import OnIncumbent, Report, Solved, solve_snapshot
from fieldops.planning.telling import telling_whose_work_changes
from fieldops.planning.travelling import ways_asked
from fieldops.planning.versions.basis import Basis, basis_of
from fieldops.planning.versions.entering import enter, entering_of
from fieldops.planning.versions.standing import short_of
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from inventory.kernel.installation import DEMO_DATE, demo_time, fact
from inventory.kernel.numbering import next_number
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.models import Tier
from inventory.network.queries import sites
from inventory.network.service import lock_regions
from inventory.planning.service import keep_orders
from optimizer.run import Limit, ShouldStop, never_stop


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to plan: the day, one region or all, the work limit, the money that may be reserved at most.

    Jobs with a task are to last as long as `percentile` of a hundred stay below.

    A plan of dispatch may `freeze` what begins within so long, be kept only `if_changed`, and tell what it is
    `caused_by`.

    `id` makes the request safe to repeat: the plan of that key is made once, and told again.
    """

    plan_date: date
    region: str | None = None
    limit: Limit | None = None
    seed: int = 0
    cap: Decimal | None = None
    percentile: int = MEDIAN
    override: Override | None = None
    freeze: timedelta | None = None
    if_changed: bool = False
    caused_by: tuple[Cause, ...] = ()
    id: UUID | None = None


def make_day_plan(
    engine: Engine,
    actor: Actor,
    request: PlanRequest,
    *,
    clock: Clock,
    should_stop: ShouldStop = never_stop,
    report: Report = lambda _stage, _done, _total: None,
    incumbent: OnIncumbent = lambda _found: None,
) -> DayPlanOut:
    """Make the plan of a day and put it in force: it replaces the plans in force in its regions.

    What fits the budget is reserved, the rest is kept as held. Raises DomainError and changes nothing when the plan
    cannot be made or is stopped, and Forbidden for a region that is not the actor's.
    """
    actor.require_planning(request.region)
    # Plans of all regions share the central depot: what others claim of it is read for the product, told to nobody.
    with reading(engine, SYSTEM) as session:
        if request.id is not None and (made := session.get(DayPlan, request.id)) is not None:
            return DayPlanOut.model_validate(made.document)
        snapshot = take_snapshot(session, request.plan_date, request.region, percentile=request.percentile)
        base = in_force(session, snapshot.regions)
        marks = rows_marks(session, base)
        require_lines(session, snapshot)
    solved = solve_as_asked(engine, snapshot, request, clock, should_stop, report, incumbent)
    with writing(engine, actor, clock=clock) as session:
        lock_regions(session)
        with telling_whose_work_changes(session, actor, solved.snapshot.regions, demo_time(session, clock)):
            _require_base(session, base, marks)
            return _put_in_force(session, actor, request, solved, clock)


def solve_as_asked(
    engine: Engine,
    snapshot: Snapshot,
    request: PlanRequest,
    clock: Clock,
    should_stop: ShouldStop,
    report: Report,
    incumbent: OnIncumbent,
) -> Solved:
    """Solve what was read for a request, outside any transaction, with the ways that are not known asked for before."""
    return solve_snapshot(
        replace(snapshot, ways=ways_asked(engine, snapshot.ways, clock, should_stop)),
        limit=request.limit,
        seed=request.seed,
        should_stop=should_stop,
        report=report,
        incumbent=incumbent,
    )


def _require_base(session: Session, base: Mapping[str, UUID], marks: Mapping[str, str]) -> None:
    """Refuse to take the place of a plan that was changed at the desk while the new one was made without that."""
    now = in_force(session, base)
    marks_now = rows_marks(session, now)
    for region, plan in now.items():
        same = base[region] == plan
        if marks_now[region] != marks[region] if same else changed_jobs(session, plan, [region]):
            raise Conflict(
                _("The plan in force in {region} was changed while the plan was made; make the plan again").format(
                    region=region
                ),
                code="plan_stale",
            )


def _put_in_force(session: Session, actor: Actor, request: PlanRequest, solved: Solved, clock: Clock) -> DayPlanOut:
    """Write the plan; the caller has locked the regions, then come job, budget line, number."""
    now = clock()
    snapshot = solved.snapshot
    planned = {line.job for line in solved.assignments}
    require_unchanged(session, {job.number: job.version for job in snapshot.jobs if job.number in planned})
    basis = basis_of(solved, solved.assignments, solved.orders)
    for part, place in short_of(session, basis.pieces, snapshot.regions):
        raise Conflict(
            _("Stock of {part} at {place} was taken while the plan was made; make the plan again").format(
                part=part, place=place
            ),
            code="plan_stale",
        )
    plan_id = request.id or uuid7()
    before = in_force(session, snapshot.regions)
    entering = entering_of(plan_id, snapshot.plan_date, snapshot.regions, basis)
    (held,) = enter(session, actor, [entering], now, override=request.override, cap=request.cap)
    assignments, orders = with_holds(solved.assignments, solved.orders, held)
    keep_assignments(session, plan_id, assignments)
    keep_orders(session, plan_id, orders)
    plan = PlanRef(plan_id, f"P-{next_number(session, 'plan'):06d}")
    announce(session, plan, now)
    document = plan_document(session, plan, solved, assignments, orders, request.percentile)
    keep_plan(session, actor, plan_id, request, snapshot, document, basis, now)
    for code in snapshot.regions:
        entry = {"plan_id": plan_id, "region": code, "base_id": before.get(code), "status": PlanStatus.CURRENT}
        session.add(PlanRegion(**entry, published_by=actor.id, published_at=now))
        emit(session, "plan.in_force", {"plan": plan.number, "region": code}, now, audience=code)
    session.flush()
    return document


def keep_plan(
    session: Session,
    actor: Actor,
    key: UUID,
    request: PlanRequest,
    snapshot: Snapshot,
    document: DayPlanOut,
    basis: Basis,
    now: datetime,
) -> None:
    """Keep a plan as it is told, with what it stands on."""
    session.add(
        DayPlan(
            id=key,
            number=document.plan,
            kind=document.kind,
            plan_date=snapshot.plan_date,
            seed=request.seed,
            plan_hash=document.plan_hash,
            input_hash=snapshot.fingerprint(),
            version=__version__,
            document=document.model_dump(mode="json"),
            basis=basis.model_dump(mode="json"),
            made_by=actor.id,
            made_at=now,
        )
    )
    session.flush()


def require_lines(session: Session, snapshot: Snapshot) -> None:
    """Refuse before the long work when a line is missing that the plan may need."""
    region_of = {code: site.region for code, site in snapshot.sites.items()}
    working = {region_of[job.place] for job in snapshot.jobs}
    receiving = {region_of[place] for _part, place, _quantity in snapshot.targets} | {
        region_of[job.place] for job in snapshot.jobs if job.parts
    }
    needed = [(region, category) for region in working for category in (Category.LABOUR, Category.TRAVEL)]
    needed += [(region, category) for region in receiving for category in (Category.FREIGHT, Category.EXPEDITE)]
    if snapshot.targets:
        needed.append((snapshot.central.region, Category.PARTS))
    lines = lines_on(session, snapshot.plan_date, snapshot.regions)
    for region, category in sorted(needed):
        if region in snapshot.regions and (region, category) not in lines:
            raise line_missing(region, category, snapshot.plan_date)


def plan_date_of(engine: Engine, clock: Clock) -> date:
    """Return the date that a plan is for when none is named, as `plan_date_in` does, from a session of its own."""
    with reading(engine, SYSTEM) as session:
        return plan_date_in(session, clock)


def plan_date_in(session: Session, clock: Clock) -> date:
    """Return the date that a plan is for when none is named: today at the central depot, or the demonstration's day."""
    demo_date = fact(session, DEMO_DATE)
    central = [site for site in sites(session) if site.tier is Tier.CENTRAL]
    if demo_date:
        return date.fromisoformat(demo_date)
    return clock().astimezone(ZoneInfo(central[0].time_zone) if central else UTC).date()
