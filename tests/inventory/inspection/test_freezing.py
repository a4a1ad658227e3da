"""A part that may be unapproved is frozen on every shelf at once, its way is told, and a second person releases it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.inspection.freezing import freeze, release
from inventory.inspection.history import history_page
from inventory.inspection.queries import evidence
from inventory.inspection.schemas import EvidenceOut
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading as reading_in
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.priority import Priority
from inventory.ledger.balances import keep
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, Stage, StockBalance
from inventory.ledger.proof import disagreements
from inventory.network.models import Place
from inventory.traceability.condition import Hold
from inventory.traceability.kinds import WatchKind
from inventory.traceability.paper_schemas import Numbered
from inventory.traceability.paper_service import add_documents
from inventory.traceability.queries import lots_by_number
from inventory.traceability.rule_schemas import NewEntry
from inventory.traceability.watch import entry_by_key
from tests.conftest import NOW
from tests.inventory.traceability.pieces import (
    IN_SEA,
    INSPECTOR,
    KEEPER,
    SECOND,
    document,
    load_pieces,
    move,
    posted,
)

CERTIFICATE = NewEntry(kind=WatchKind.CERTIFICATE, value="RX-1", reason="false signature", source="letter")


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """RX-1 is of DISK-1 S1 at TSN, S2 at a customer, and seals of L1 at TSN and UTH; L2 has other papers."""
    load_pieces(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        add_documents(session, SYSTEM, [document("S1", "S2", "SEAL-1/L1")], NOW)
    posted(
        any_engine,
        move("ADJUSTMENT", "TSN"),
        move("ADJUSTMENT", "TSN", "S2"),
        move("ADJUSTMENT", "TSN", "SEAL-1/L1", quantity=5),
        move("ADJUSTMENT", "UTH", "SEAL-1/L1", quantity=7),
        move("ADJUSTMENT", "UTH", "SEAL-1/L2", quantity=7),
    )
    posted(any_engine, move("TSN", "CUSTOMER", "S2", document="ISSUE-1"))
    return any_engine


def frozen(engine: Engine, entry: NewEntry = CERTIFICATE, actor: Actor = INSPECTOR) -> EvidenceOut:
    """Freeze."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        return freeze(session, actor, entry, NOW)


def released(engine: Engine, told: EvidenceOut, actor: Actor = SECOND) -> EvidenceOut:
    """Release a freeze."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        return release(session, actor, told.entry.id, "it is genuine", NOW)


def holds(engine: Engine) -> dict[tuple[str, str, str], int]:
    """Return {(place, number, hold): quantity} of all shelves."""
    with reading_in(engine, SYSTEM) as session:
        assert disagreements(session) == []
        rows = session.execute(
            select(Place.code, StockBalance)
            .join(Place, Place.id == StockBalance.place_id)
            .where(StockBalance.is_virtual.is_(False), StockBalance.quantity > 0)
        ).all()
        names = _names(session)
        return {(place, names[one.lot_id], str(one.hold)): int(one.quantity) for place, one in rows}


def _names(session: Session) -> dict[Any, str]:
    from inventory.traceability.models import Lot

    return {lot.id: lot.number for lot in session.scalars(select(Lot))}


def test_a_freeze_reaches_every_shelf_and_tells_where_the_rest_went(world: Engine) -> None:
    told = frozen(world)
    assert holds(world) == {
        ("TSN", "S1", "suspected_unapproved"): 1,
        ("TSN", "L1", "suspected_unapproved"): 5,
        ("UTH", "L1", "suspected_unapproved"): 7,
        ("UTH", "L2", "none"): 7,
    }
    assert [(one.lot, one.place, one.hold) for one in told.found] == [
        ("S1", "TSN", Hold.SUSPECTED_UNAPPROVED),
        ("L1", "TSN", Hold.SUSPECTED_UNAPPROVED),
        ("L1", "UTH", Hold.SUSPECTED_UNAPPROVED),
    ]
    assert [(one.lot, one.destination, one.document) for one in told.used] == [("S2", "CUSTOMER", "ISSUE-1")]
    assert (told.used[0].aircraft_type, told.used[0].without_aircraft) == (None, "Sold")
    assert told.documents == ["easa_form_1 RX-1, Shop GmbH (DE.145.1)"]
    with reading_in(world, SYSTEM) as session:
        (issued,) = lots_by_number(session, [Numbered(part="DISK-1", number="S2")])
        last = history_page(session, issued, limit=99)[-1]
        assert (last.told["destination"], last.told["without_aircraft"]) == ("CUSTOMER", "Sold")
        assert evidence(session, entry_by_key(session, told.entry.id)) == told
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "frozen"))
        assert (row.actor, row.subject_key) == ("inspector", str(told.entry.id))
        (event,) = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "stock.frozen"))
        assert event.payload["count"] == 3


@pytest.mark.parametrize("to_hold", [Hold.NONE, Hold.RECEIVING])
def test_no_move_lifts_a_freeze(world: Engine, to_hold: Hold) -> None:
    frozen(world)
    with pytest.raises(Conflict):
        posted(world, move("TSN", "TSN", hold="suspected_unapproved", to_hold=to_hold))
    with pytest.raises(Conflict):
        posted(world, move("TSN", "CUSTOMER", hold="suspected_unapproved"))


def test_a_second_person_releases_and_an_inspection_follows(world: Engine) -> None:
    told = frozen(world)
    with pytest.raises(Forbidden):
        released(world, told, INSPECTOR)
    after = released(world, told)
    assert (after.entry.closed_by, after.entry.closing_reason) == ("second", "it is genuine")
    assert {one.hold for one in after.found} == {Hold.RECEIVING}
    with pytest.raises(Conflict):
        released(world, told)


def test_what_another_entry_is_about_stays_frozen(world: Engine) -> None:
    told = frozen(world)
    frozen(world, NewEntry(kind=WatchKind.BATCH, value="l1", part="SEAL-1", reason="recall", source="letter"))
    released(world, told)
    assert holds(world) == {
        ("TSN", "S1", "receiving"): 1,
        ("TSN", "L1", "suspected_unapproved"): 5,
        ("UTH", "L1", "suspected_unapproved"): 7,
        ("UTH", "L2", "none"): 7,
    }


def test_reservations_of_what_is_frozen_end(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        seals = session.scalars(
            select(StockBalance).where(StockBalance.quantity == 7).order_by(StockBalance.lot_id)
        ).first()
        assert seals is not None
        for kind in ReservationKind:
            session.add(_reservation(seals, kind))
        keep(session, {seals.cell: Decimal(3)}, NOW)
    assert frozen(world).demands == ["J-hard", "J-soft"]
    with reading_in(world, SYSTEM) as session:
        ended = session.scalars(select(Reservation)).all()
        assert {(one.state, one.ended_by) for one in ended} == {(ReservationState.RELEASED, "inspector")}
        assert {one.reserved for one in session.scalars(select(StockBalance))} == {Decimal(0)}


def _reservation(of: StockBalance, kind: ReservationKind) -> Reservation:
    return Reservation(
        id=uuid7(),
        cell=of.cell,
        part_id=of.part_id,
        place_id=of.place_id,
        destination_id=of.place_id,
        quantity=Decimal(3),
        kind=kind,
        state=ReservationState.HELD,
        stage=Stage.RESERVED,
        demand=f"J-{kind}",
        priority=Priority.ROUTINE,
        reserved_by="dispatcher",
        reserved_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )


def test_wrong_freezes_are_refused(world: Engine) -> None:
    before = holds(world)

    def refused(entry: NewEntry, actor: Actor = INSPECTOR) -> type[DomainError]:
        with pytest.raises(DomainError) as refusal:
            frozen(world, entry, actor)
        assert holds(world) == before
        return type(refusal.value)

    assert refused(CERTIFICATE, IN_SEA) is Forbidden
    assert refused(CERTIFICATE.model_copy(update={"part": "NONE-1"})) is Invalid
    told = frozen(world, CERTIFICATE.model_copy(update={"value": "unheard of"}))
    assert (told.found, told.used, told.documents) == ([], [], [])
    assert refused(CERTIFICATE.model_copy(update={"value": "Unheard Of"})) is Conflict
    with pytest.raises(NotFound):
        released(world, told.model_copy(update={"entry": told.entry.model_copy(update={"id": uuid7()})}))
    with pytest.raises(Forbidden):
        released(world, told, IN_SEA)


def test_stock_that_arrives_later_meets_the_entry(world: Engine) -> None:
    frozen(world, NewEntry(kind=WatchKind.SERIAL, value="S9", reason="stolen", source="police"))
    posted(world, move("ADJUSTMENT", "TSN", "DISK-2/S9"))
    with pytest.raises(Conflict) as refusal:
        posted(world, move("TSN", "CUSTOMER", "DISK-2/S9"), actor=KEEPER)
    assert refusal.value.code == "not_acceptable"
