"""Serial and lot numbers: at one place at most, never out of nothing, and what may not be issued."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from inventory.catalogue.link_schemas import NewInterchange
from inventory.catalogue.link_service import add_interchanges
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import move_page
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post, reverse
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace
from inventory.network.service import add_places
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.models import LotKind
from inventory.traceability.paper_service import add_documents
from inventory.traceability.queries import lot_page
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.ledger.stock import balances, sold
from tests.inventory.traceability.pieces import document
from tests.worlds import load_tiny

KEEPER = Actor(id="storekeeper", permissions=frozenset({"stock.sell"}))


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with two serial numbers of a pump and a lot of lamps, none of them received yet."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        virtual = [NewPlace(code=tier.upper(), name=tier, tier=tier) for tier in (Tier.SUPPLIER, Tier.SCRAP)]
        add_places(session, SYSTEM, virtual)
        add_lots(
            session,
            SYSTEM,
            [
                NewLot(part="PUMP-1", number="S1", kind=LotKind.SERIAL),
                NewLot(part="PUMP-1", number="S2", kind=LotKind.SERIAL),
                NewLot(part="LAMP-1", number="L1", kind=LotKind.LOT, expires_on=(NOW - timedelta(days=2)).date()),
            ],
        )
    return any_engine


def sent(origin: str, destination: str, lot: str = "S1", **told: Any) -> NewMove:
    """A move of a numbered piece."""
    part = "LAMP-1" if lot == "L1" else "PUMP-1"
    return NewMove.model_validate(
        {"part": part, "origin": origin, "destination": destination, "quantity": 1, "document": "TEST", "lot": lot}
        | sold(destination)
        | told
    )


def _post(engine: Engine, *moves: NewMove) -> None:
    with writing(engine, SYSTEM) as session:
        post(session, KEEPER, moves, NOW)


def _refused(engine: Engine, *moves: NewMove) -> DomainError:
    before = _everything(engine)
    with pytest.raises((Conflict, Invalid)) as refusal:
        _post(engine, *moves)
    assert _everything(engine) == before
    return refusal.value


def _everything(engine: Engine) -> object:
    with reading(engine, SYSTEM) as session:
        assert disagreements(session) == []
        return balances(session), lot_page(session, limit=100), move_page(session, limit=100)


def _place(engine: Engine, number: str = "S1") -> str | None:
    with reading(engine, SYSTEM) as session:
        [found] = lot_page(session, limit=9, number=number)
        return found.place


def test_a_serial_number_is_where_it_went_last(world: Engine) -> None:
    assert _place(world) is None
    _post(world, sent("ADJUSTMENT", "XIY"))
    _post(world, sent("XIY", "VTE"))
    assert _place(world) == "VTE"
    _post(world, sent("XIY", "CUSTOMER"), sent("VTE", "XIY"))
    assert _place(world) == "CUSTOMER"
    with reading(world, SYSTEM) as session:
        assert [(one.origin, one.destination) for one in move_page(session, limit=9, lot="S1")] == [
            ("ADJUSTMENT", "XIY"),
            ("XIY", "VTE"),
            ("XIY", "CUSTOMER"),
            ("VTE", "XIY"),
        ]


@pytest.mark.parametrize("origin", ["SUPPLIER", "ADJUSTMENT", "CUSTOMER"])
def test_a_serial_number_is_received_once(world: Engine, origin: str) -> None:
    _post(world, sent("ADJUSTMENT", "XIY"))
    refusal = _refused(world, sent(origin, "VTE"))
    assert (refusal.code, "is at XIY" in refusal.message) == ("serial_elsewhere", True)


def test_a_serial_number_leaves_only_from_where_it_is(world: Engine) -> None:
    assert "never received" in _refused(world, sent("XIY", "VTE")).message
    _post(world, sent("ADJUSTMENT", "XIY"), sent("ADJUSTMENT", "VTE", "S2"))
    assert _refused(world, sent("VTE", "UTH")).code == "serial_elsewhere"
    assert _refused(world, sent("XIY", "VTE"), sent("XIY", "UTH")).code == "serial_twice"


def test_a_serial_number_is_one_piece_and_known_and_of_its_part(world: Engine) -> None:
    assert _refused(world, sent("SUPPLIER", "XIY", quantity=2)).code == "serial_quantity"
    assert _refused(world, sent("SUPPLIER", "XIY", "S3")).code == "unknown_lot"
    assert _refused(world, sent("SUPPLIER", "XIY", part="LAMP-1")).code == "unknown_lot"


def test_a_piece_changes_its_condition_hold_and_owner_where_it_is(world: Engine) -> None:
    _post(world, sent("ADJUSTMENT", "XIY", condition="new", hold="customs", owner="customer:OP1"))
    _post(
        world,
        sent(
            "XIY",
            "XIY",
            condition="new",
            hold="customs",
            owner="customer:OP1",
            to_condition="inspected",
            to_hold="none",
            to_owner="own",
        ),
    )
    with reading(world, SYSTEM) as session:
        kept = move_page(session, limit=9, lot="S1")[-1]
        assert (kept.to_condition, kept.to_hold, kept.to_owner) == (Condition.INSPECTED, Hold.NONE, "own")
    assert _refused(world, sent("XIY", "XIY", condition="inspected")).code == "same_place"
    # with the hold that it has no more it is not there
    assert _refused(world, sent("XIY", "VTE", condition="new", hold="customs")).code == "too_little_stock"


def test_what_is_on_hold_or_has_expired_is_not_issued_but_may_be_moved(world: Engine) -> None:
    _post(world, sent("SUPPLIER", "XIY", hold="quarantine"), sent("ADJUSTMENT", "XIY", "L1", quantity=4))
    assert _refused(world, sent("XIY", "CUSTOMER", hold="quarantine")).code == "on_hold"
    assert _refused(world, sent("XIY", "CUSTOMER", hold="quarantine", to_hold="none")).code == "hold_needs_inspection"
    assert _refused(world, sent("XIY", "CUSTOMER", "L1")).code == "not_acceptable"
    _post(world, sent("XIY", "VTE", hold="quarantine"), sent("XIY", "SCRAP", "L1", quantity=3))
    _post(world, sent("ADJUSTMENT", "CUSTOMER", "L1", moved_at=(NOW - timedelta(days=3)).isoformat()))


def test_a_part_that_stands_in_for_another_needs_a_link_that_its_operator_accepted(world: Engine) -> None:
    _post(world, sent("ADJUSTMENT", "XIY", condition="overhauled"))
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        add_documents(session, SYSTEM, [document("PUMP-1/S1")], NOW)

    def issued(**told: Any) -> NewMove:
        plane = {"type": "TP60", "registry_authority": "EASA", "operator": told.pop("operator", "OP1")}
        purpose = {"aircraft": plane, "without_aircraft": None, "replaces": "BRAKE-1"}
        return sent("XIY", "CUSTOMER", condition="overhauled", **(purpose | told))

    assert _refused(world, issued()).code == "not_interchangeable"
    assert _refused(world, issued(replaces="NONE-1")).code == "unknown_part"
    unclear = _refused(world, issued(aircraft=None, without_aircraft="Sold"))
    assert (unclear.code, unclear.field) == ("not_an_issue", "replaces")
    with writing(world, SYSTEM) as session:
        accepted = {"needs_acceptance": True, "accepted_by": ["OP1"]}
        told = {"part": "BRAKE-1", "alternative": "PUMP-1", "kind": "one_way", "source": "SB 32-4", **accepted}
        add_interchanges(session, SYSTEM, [NewInterchange.model_validate(told)])
    assert _refused(world, issued(operator="OP2")).code == "not_interchangeable"
    _post(world, issued())
    with reading(world, SYSTEM) as session:
        last = move_page(session, limit=9, lot="S1")[-1]
    assert last.aircraft is not None
    assert (last.aircraft.operator, last.replaces) == ("OP1", "BRAKE-1")


def test_a_reversal_brings_a_serial_number_back(world: Engine) -> None:
    move = sent("ADJUSTMENT", "XIY")
    _post(world, move)
    onward = sent("XIY", "VTE")
    _post(world, onward)
    with writing(world, SYSTEM) as session:
        reverse(session, KEEPER, [onward.move_id], "CORRECTION", NOW)
    assert _place(world) == "XIY"


def test_a_number_is_added_once(world: Engine) -> None:
    with pytest.raises(Conflict, match="S1 of part PUMP-1 is known"), writing(world, SYSTEM) as session:
        add_lots(session, SYSTEM, [NewLot(part="PUMP-1", number="S1", kind=LotKind.SERIAL)])
    with pytest.raises(Conflict, match="S9"), writing(world, SYSTEM) as session:
        add_lots(session, SYSTEM, [NewLot(part="PUMP-1", number="S9", kind=LotKind.SERIAL)] * 2)
    with pytest.raises(ValidationError, match="expires before it was made"):
        NewLot(part="P", number="S", kind=LotKind.LOT, made_on=date(2026, 1, 2), expires_on=date(2026, 1, 1))


def test_a_unit_that_is_not_the_parts_own_is_refused(world: Engine) -> None:
    assert _refused(world, sent("SUPPLIER", "XIY", unit="KG")).code == "unit_mismatch"
    _post(world, sent("SUPPLIER", "XIY", unit="EA"))
