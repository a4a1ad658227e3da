"""What events book of material: parts that are issued, units that are removed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid5

from fieldops.dispatch.execution.books import At, Books, customer_of
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.execution.schemas import IssuedPart, Removal
from inventory.catalogue.models import Part, Tracking
from inventory.catalogue.service import part_ids
from inventory.cores.schemas import NewRemoval
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN, StockMove
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.service import site_ids
from inventory.traceability.condition import Condition
from inventory.traceability.models import LotKind
from inventory.traceability.queries import known_lots
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots

CORE_DUE = timedelta(days=30)
"""When a removed unit is due where nobody says."""


def move_of(event: UUID, turn: int) -> UUID:
    """Return the id of the move that an event posts; after a reversal it is the next turn's."""
    return uuid5(event, "move" if turn == 1 else f"move/{turn}")


def turn_of(session: Session, event: UUID) -> tuple[int, bool]:
    """Return the turn, from 1, whose move an event posted last or posts next, and whether that stands."""
    turn = 1
    while session.scalar(select(StockMove.id).where(StockMove.reverses == move_of(event, turn))) is not None:
        turn += 1
    return turn, session.scalar(select(StockMove.id).where(StockMove.move_id == move_of(event, turn))) is not None


def debt_of(event: UUID, turn: int = 1) -> str:
    """Return the source of what is owed for the unit that an event tells of, in a turn."""
    return f"event/{event}" if turn == 1 else f"event/{event}/{turn}"


def issue(books: Books, event: JobEvent) -> None:
    """Issue a part from its kit or depot to the aircraft of the job, by whose rules it is judged."""
    told, at = IssuedPart.model_validate(event.told["issue"]), books.at[event.job_id]
    turn, stands = turn_of(books.session, event.id)
    if stands:
        return
    plane = at.for_aircraft
    move = NewMove(
        move_id=move_of(event.id, turn),
        origin=told.origin,
        destination=customer_of(books),
        document=at.job.number,
        aircraft=plane,
        without_aircraft=None if plane else _("job {job}, on no aircraft").format(job=at.job.number),
        moved_at=min(books.time_of(event), books.now),
        **told.model_dump(exclude={"origin"}),
    )
    post(books.session, books.actor, [move], books.now)


def receive_removed(books: Books, event: JobEvent) -> None:
    """Bring a removed unit onto the shelf, where it is known whose it is; a serial number that is new is added."""
    told, at = Removal.model_validate(event.told["removal"]), books.at[event.job_id]
    turn, stands = turn_of(books.session, event.id)
    if stands:
        return
    session = books.session
    part = session.scalars(select(Part).where(Part.id == part_ids(session, [told.part])[told.part])).one()
    if told.serial is not None and part.tracking is Tracking.SERIAL:
        with unscoped(session):
            known = known_lots(session, [(part.id, told.serial)])
        if not known:
            add_lots(session, books.actor, [NewLot(part=told.part, number=told.serial, kind=LotKind.SERIAL)])
    move = NewMove(
        move_id=move_of(event.id, turn),
        part=told.part,
        lot=told.serial if part.tracking is Tracking.SERIAL else None,
        origin=customer_of(books),
        destination=told.place or at.place,
        condition=Condition.AS_REMOVED,
        owner=_owner(told, at),
        quantity=Decimal(1),
        document=at.job.number,
        moved_at=min(books.time_of(event), books.now),
    )
    post(session, books.actor, [move], books.now)


def _owner(told: Removal, at: At) -> str:
    if told.owner is not None:
        return told.owner
    return OWN if at.operator is None else f"customer:{at.operator}"


def removal_of(books: Books, event: JobEvent) -> NewRemoval:
    """Return what is owed for the unit that an event tells of."""
    told, at = Removal.model_validate(event.told["removal"]), books.at[event.job_id]
    session = books.session
    place = at.job.place_id if told.place is None else site_ids(session, [told.place])[told.place]
    return NewRemoval(
        source=debt_of(event.id, turn_of(session, event.id)[0]),
        place_id=place,
        part_id=part_ids(session, [told.part])[told.part],
        serial=told.serial,
        owner=_owner(told, at),
        tail=None if at.aircraft is None else at.aircraft.registration,
        job=at.job.number,
        kind=told.kind,
        removed_at=books.time_of(event),
        reason=told.reason,
        position=told.position,
        tag=told.tag,
        value=told.value,
        currency=None if told.value is None else fact(session, CURRENCY) or at.job.currency,
        due_on=told.due_on or books.day_of(event) + CORE_DUE,
    )
