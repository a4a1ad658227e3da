"""Use cases of receiving inspection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.inspection.models import Inspection
from inventory.inspection.schemas import NewInspection
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Forbidden
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import NO_LOT, OWN, StockBalance, StockMove, cell_key
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Place, Tier
from inventory.network.service import place_ids
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.judging import Stock, asks_for_papers, require_issuable
from inventory.traceability.kinds import PeriodStatus
from inventory.traceability.models import LifeLimit, Lot, LotKind, OperatorPeriod
from inventory.traceability.paper_schemas import NewPeriod, Numbered
from inventory.traceability.paper_service import add_periods
from inventory.traceability.queries import lots_by_number
from inventory.traceability.watch import papers_of


def inspect(session: Session, actor: Actor, new: NewInspection, now: datetime) -> Inspection:
    """Write down an inspection, and lift the hold of what is accepted, or quarantine it.

    Raises Invalid for an unknown part, place or number; Forbidden for who received or ordered it; Conflict where there
    is less in the hold, for good papers of which none is on file, and for the acceptance of what may be issued to
    nobody, saying by which rule.
    """
    part = part_ids(session, [new.part])[new.part]
    place = place_ids(session, [new.place])[new.place]
    lot = None if new.lot is None else lots_by_number(session, [Numbered(part=new.part, number=new.lot)])[0]
    cell = cell_key(part, place, new.condition, new.hold, new.owner, NO_LOT if lot is None else lot.id)
    receipts = _receipts(session, cell)
    _require_another(actor, new, receipts)
    condition = new.to_condition or new.condition
    accepted = new.checks.passed
    if new.checks.documents.passed and lot is not None:
        _require_papers(session, lot, now)
    if accepted:
        if lot is not None and new.owner == OWN:
            _keep_life(session, actor, new, lot, receipts, now)
        require_issuable(session, [Stock(part, condition, None if lot is None else lot.id)], None, now)
    elif new.to_condition is not None and new.hold is Hold.QUARANTINE:
        condition = new.condition
    inspection = Inspection(
        id=uuid7(),
        part_id=part,
        place_id=place,
        lot_id=None if lot is None else lot.id,
        accepted=accepted,
        checks=new.checks.model_dump(),
        to_condition=condition,
        inspector=actor.id,
        inspected_at=now,
        **new.model_dump(include={"condition", "hold", "owner", "quantity", "ordered_by", "document"}),
    )
    if accepted or new.hold is Hold.RECEIVING:
        inspection.move_id = _move(session, actor, new, condition, now)
    session.add(inspection)
    session.flush()
    return inspection


def _move(session: Session, actor: Actor, new: NewInspection, condition: Condition, now: datetime) -> UUID:
    move = NewMove(
        part=new.part,
        origin=new.place,
        destination=new.place,
        lot=new.lot,
        condition=new.condition,
        to_condition=condition,
        hold=new.hold,
        to_hold=Hold.NONE if new.checks.passed else Hold.QUARANTINE,
        owner=new.owner,
        quantity=new.quantity,
        document=new.document,
    )
    post(session, actor, [move], now, lifting=frozenset({new.hold}))
    return move.move_id


def _receipts(session: Session, cell: UUID) -> Sequence[StockMove]:
    """Return the moves that brought what lies in a cell, newest first: what came first is taken to have left first."""
    balance = session.get(StockBalance, cell)
    if balance is None:
        return []
    newer = func.sum(StockMove.quantity).over(order_by=StockMove.id.desc()) - StockMove.quantity
    summed = select(StockMove.id, newer.label("newer")).where(StockMove.to_cell == cell).subquery()
    moves = select(StockMove).join(summed, summed.c.id == StockMove.id).order_by(StockMove.id.desc())
    return session.scalars(moves.where(summed.c.newer < balance.quantity)).all()


def _require_another(actor: Actor, new: NewInspection, receipts: Sequence[StockMove]) -> None:
    """Raise Forbidden where the inspector brought the stock into the hold, or ordered it."""
    if actor.id == new.ordered_by or actor.id in {move.actor for move in receipts}:
        raise Forbidden(
            _("You ordered, received or quarantined this yourself; another inspector must look at it"),
            code="second_person_needed",
        )


def _require_papers(session: Session, lot: Lot, now: datetime) -> None:
    """Raise Conflict where the papers of a number were found good, and none of it is on file."""
    part = session.get_one(Part, lot.part_id)
    if asks_for_papers(session, part.part_class, now) and not papers_of(session, [lot.id])[lot.id]:
        raise Conflict(
            _("No document of {lot} of part {part} is on file; add its release document first").format(
                lot=lot.number, part=part.part_number
            ),
            code="document_missing",
            field="checks.documents",
        )


def _keep_life(
    session: Session, actor: Actor, new: NewInspection, lot: Lot, receipts: Sequence[StockMove], now: datetime
) -> None:
    """Let the life of a life-limited piece go on with us from the day on which it came.

    What was our own before ends where it last went to a customer, so that the time there is a gap until it is told.
    """
    limited = session.scalar(select(LifeLimit.id).where(LifeLimit.part_id == lot.part_id).limit(1))
    if lot.kind is not LotKind.SERIAL or limited is None or not receipts:
        return
    own = session.scalars(
        select(OperatorPeriod).where(
            OperatorPeriod.lot_id == lot.id, OperatorPeriod.operator == OWN, OperatorPeriod.ends_on.is_(None)
        )
    ).all()
    issued_on = _issued_on(session, lot)
    for before in own:
        if issued_on is None or issued_on < before.starts_on:
            return
        before.ends_on = issued_on
    session.flush()
    came_on = receipts[0].moved_at.astimezone(UTC).date()
    period = NewPeriod(
        part=new.part,
        number=lot.number,
        operator=OWN,
        starts_on=came_on,
        status=PeriodStatus.STORED,
        document=new.document,
    )
    add_periods(session, actor, [period], now)


def _issued_on(session: Session, lot: Lot) -> date | None:
    """Return the day on which a piece last went to a customer."""
    with unscoped(session):  # another region may have issued it
        issued = session.scalar(
            select(func.max(StockMove.moved_at))
            .join(Place, Place.id == StockMove.to_place_id)
            .where(StockMove.lot_id == lot.id, Place.tier == Tier.CUSTOMER)
        )
    return None if issued is None else issued.astimezone(UTC).date()
