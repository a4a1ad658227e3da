"""Loads a demo world into an empty database, through the same use cases as anybody's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.demo import rights
from fieldops.demo.control import load_control
from fieldops.demo.crew import field_day
from fieldops.demo.load_duties import load_bookings, load_duties
from fieldops.demo.load_people import load_fleet, load_people
from fieldops.demo.papers import BY_LOT
from fieldops.demo.rows import DocumentRow, JobRow, PartRow, PieceRow, ReliabilityRow
from fieldops.demo.world import World
from fieldops.dispatch.schemas import NewJob, PartNeed
from fieldops.dispatch.service import add_jobs
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.operations.schemas import NewSchedule
from fieldops.operations.service import add_schedules
from inventory.catalogue.link_schemas import NewInterchange
from inventory.catalogue.link_service import add_interchanges
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict
from inventory.kernel.installation import DEMO_DATE, begin_demo, set_fact
from inventory.kernel.texts import gettext as _
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Place, Tier
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_lanes, add_places, add_regions
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from inventory.traceability.condition import Condition
from inventory.traceability.paper_schemas import NewDocument
from inventory.traceability.paper_service import add_documents
from inventory.traceability.rule_schemas import NewRule
from inventory.traceability.rule_service import add_rules
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots

ADJUSTMENT = "ADJUSTMENT"
"""Virtual place that opening stock comes from."""

_MORNING_PLAN = NewSchedule(
    name="day-plan", kind="plan.day", cron="0 5 * * *", time_zone="Asia/Shanghai", enabled=False
)
_ROWS_AT_ONCE = 20_000

Report = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""

Row = TypeVar("Row")


def load_world(engine: Engine, world: World, now: datetime, report: Report) -> None:
    """Load the world in one transaction; raises Conflict when the database holds places already."""
    with writing(engine, SYSTEM) as session:
        if session.scalar(select(func.count()).select_from(Place)):
            raise Conflict(_("The database holds data already; the demonstration needs an empty one"), code="not_empty")
        _load_network(session, world)
        add_operators(session, SYSTEM, [NewOperator(**asdict(row)) for row in world.operators])
        load_people(session, world)
        load_duties(session, world)
        load_fleet(session, world, now)
        load_bookings(session, world)
        _load_stock(session, world, now, report)
        for jobs in _portions(world.jobs, _("Loading jobs"), report):
            add_jobs(session, SYSTEM, [_job(row, world.currency) for row in jobs])
        _load_money(session, world, now)
        add_schedules(session, SYSTEM, [_MORNING_PLAN], now)
        set_fact(session, DEMO_DATE, world.start.isoformat())
        begin_demo(session, now)


def _load_network(session: Session, world: World) -> None:
    add_regions(session, SYSTEM, [NewRegion(code=row.code, name=row.name) for row in world.regions])
    places = [NewPlace.model_validate(asdict(row)) for row in world.places]
    names = {
        Tier.ADJUSTMENT: _("Stock adjustments"),
        Tier.SUPPLIER: _("Suppliers"),
        Tier.CUSTOMER: _("Customers"),
        Tier.REPAIR_SHOP: _("Repair shops"),
        Tier.IN_TRANSIT: _("On its way"),
        Tier.SCRAP: _("Scrap"),
    }
    places += [NewPlace(code=tier.upper(), name=name, tier=tier) for tier, name in names.items()]
    add_places(session, SYSTEM, places)
    lanes = [asdict(row) | {"dg_allowed": row.dg_allowed, "currency": world.currency} for row in world.lanes]
    add_lanes(session, SYSTEM, [NewLane.model_validate(lane) for lane in lanes])


def _load_stock(session: Session, world: World, now: datetime, report: Report) -> None:
    for parts in _portions(world.parts, _("Loading parts"), report):
        add_parts(session, SYSTEM, [_part(row, world.currency) for row in parts])
    for some in _portions(world.reliability, _("Loading reliability"), report):
        set_reliability(session, SYSTEM, [_reliability(row) for row in some])
    for targets in _portions(world.targets, _("Loading stock targets"), report):
        set_targets(
            session,
            SYSTEM,
            [NewTarget(part=row.part_number, place=row.place, quantity=Decimal(row.quantity)) for row in targets],
        )
    add_interchanges(session, SYSTEM, [NewInterchange.model_validate(asdict(row)) for row in world.interchanges])
    numbered = {(row.part_number, row.number): row for row in world.pieces if row.number}
    for rows in _portions(list(numbered.values()), _("Loading serial and lot numbers"), report):
        add_lots(session, SYSTEM, [_lot(row) for row in rows])
    for documents in _portions(world.documents, _("Loading release documents"), report):
        add_documents(session, SYSTEM, [_document(row) for row in documents], now)
    add_rules(session, SYSTEM, [NewRule.model_validate(one) for one in rights.acceptance_rules(world.scale)])
    first_issue = datetime.combine(field_day(world.start), time(), UTC)
    for pieces in _portions(world.pieces, _("Posting opening stock"), report):
        post(
            session,
            SYSTEM,
            [
                NewMove(
                    part=row.part_number,
                    origin=ADJUSTMENT,
                    destination=row.place,
                    condition=Condition(row.condition),
                    lot=row.number,
                    quantity=Decimal(row.quantity),
                    document="OPENING",
                    moved_at=min(now, first_issue - timedelta(days=1)),
                )
                for row in pieces
            ],
            now,
        )


def _reliability(row: ReliabilityRow) -> NewReliability:
    fits = [{"aircraft_type": kind, "quantity": pieces} for kind, pieces in row.fits]
    return NewReliability.model_validate(asdict(row) | {"fits": fits})


def _lot(row: PieceRow) -> NewLot:
    return NewLot.model_validate(
        {"part": row.part_number, "number": row.number, "kind": row.kind, "made_on": row.made_on}
    )


def _document(row: DocumentRow) -> NewDocument:
    told = asdict(row)
    lots = [{"part": told.pop("part_number"), "number": told.pop("number")}]
    return NewDocument.model_validate(told | {"lots": lots})


def _load_money(session: Session, world: World, now: datetime) -> None:
    load_control(session, world.start, [row.code for row in world.regions], world.currency, now)
    open_lines(
        session,
        SYSTEM,
        [
            NewBudgetLine(
                region=row.region,
                category=Category(row.category),
                period_start=row.period_start,
                period_end=row.period_end,
                currency=row.currency,
                budget=row.amount,
                committed=row.committed,
                actual=row.spent,
            )
            for row in world.budgets
        ],
        now,
    )


def _part(row: PartRow, currency: str) -> NewPart:
    fields = {name: getattr(row, name) for name in NewPart.model_fields if hasattr(row, name)}
    tracking = "lot" if row.part_class in BY_LOT else None
    return NewPart.model_validate({**fields, "currency": currency, "tracking": tracking})


def _job(row: JobRow, currency: str) -> NewJob:
    fields = {name: getattr(row, name) for name in NewJob.model_fields if hasattr(row, name)}
    parts = tuple(PartNeed(part=number, quantity=Decimal(quantity)) for number, quantity in row.parts)
    return NewJob.model_validate({**fields, "currency": currency, "parts": parts})


def _portions(rows: Sequence[Row], stage: str, report: Report) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        report(stage, start, len(rows))
        yield rows[start : start + _ROWS_AT_ONCE]
    report(stage, len(rows), len(rows))
