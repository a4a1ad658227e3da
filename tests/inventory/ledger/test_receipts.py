"""What comes from outside waits for its inspection; what is followed by number moves with its number."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from inventory.ledger.queries import balance_page, move_page, serviceable_stock
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post, reverse
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace
from inventory.network.service import add_places
from inventory.traceability.condition import Hold
from inventory.traceability.models import LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.ledger.stock import sold
from tests.worlds import load_tiny

KEEPER = Actor(id="keeper", permissions=frozenset({"stock.sell"}))
INSPECTION = frozenset({Hold.RECEIVING, Hold.QUARANTINE, Hold.SUSPECTED_UNAPPROVED})


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with a supplier and a repair shop."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        outside = (Tier.SUPPLIER, Tier.REPAIR_SHOP, Tier.SCRAP)
        add_places(session, SYSTEM, [NewPlace(code=tier.upper(), name=tier, tier=tier) for tier in outside])
    return any_engine


def sent(origin: str, destination: str, **told: Any) -> NewMove:
    """A move of two lamps, unless told otherwise."""
    whole = {"part": "LAMP-1", "origin": origin, "destination": destination, "quantity": 2, "document": "TEST"}
    return NewMove.model_validate(whole | sold(destination) | told)


def _post(engine: Engine, *moves: NewMove, lifting: frozenset[Hold] = frozenset()) -> None:
    with writing(engine, SYSTEM) as session:
        post(session, KEEPER, moves, NOW, lifting=lifting)


def _refused(engine: Engine, *moves: NewMove) -> DomainError:
    with pytest.raises((Conflict, Invalid)) as refusal:
        _post(engine, *moves)
    return refusal.value


def _holds(engine: Engine, place: str) -> set[Hold]:
    with reading(engine, SYSTEM) as session:
        return {one.hold for _key, one in balance_page(session, limit=99, place=place, part="LAMP-1")}


@pytest.mark.parametrize("origin", ["SUPPLIER", "REPAIR_SHOP", "CUSTOMER"])
def test_a_receipt_waits_for_its_inspection(world: Engine, origin: str) -> None:
    _post(world, sent(origin, "UTH"))
    assert _holds(world, "UTH") == {Hold.RECEIVING}
    with reading(world, SYSTEM) as session:
        assert not any(place == "UTH" for _part, place, _quantity in serviceable_stock(session))
    assert _refused(world, sent("UTH", "CUSTOMER")).code == "too_little_stock"
    assert _refused(world, sent("UTH", "CUSTOMER", hold="receiving")).code == "on_hold"
    _post(world, sent("UTH", "UTH", hold="receiving", to_hold="none"), lifting=INSPECTION)
    assert _holds(world, "UTH") == {Hold.NONE}


def test_a_receipt_cannot_pass_by_the_inspection(world: Engine) -> None:
    assert _refused(world, sent("SUPPLIER", "UTH", to_hold="none")).code == "receipt_needs_inspection"
    _post(world, sent("SUPPLIER", "UTH", to_hold="customs"), sent("ADJUSTMENT", "TSN"))
    assert (_holds(world, "UTH"), _holds(world, "TSN")) == ({Hold.CUSTOMS}, {Hold.NONE})


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("receiving", "none", False),
        ("receiving", "customs", False),
        ("receiving", "quarantine", True),
        ("receiving", "suspected_unapproved", True),
        ("quarantine", "none", False),
        ("quarantine", "receiving", False),
        ("quarantine", "suspected_unapproved", True),
        ("suspected_unapproved", "quarantine", False),
        ("suspected_unapproved", "none", False),
        ("customs", "none", True),
        ("dispute", "customs", True),
        ("none", "suspected_unapproved", True),
    ],
)
def test_a_move_may_make_a_hold_stricter_and_not_lift_it(world: Engine, before: str, after: str, allowed: bool) -> None:
    _post(world, sent("ADJUSTMENT", "UTH", to_hold=before))
    change = sent("UTH", "UTH", hold=before, to_hold=after)
    if allowed:
        _post(world, change)
    else:
        assert _refused(world, change).code == "hold_needs_inspection"
        _post(world, change, lifting=INSPECTION)
    assert _holds(world, "UTH") == {Hold(after)}


def test_a_hold_is_not_lifted_by_taking_back_the_move_that_set_it(world: Engine) -> None:
    freeze = sent("XIY", "XIY", to_hold="suspected_unapproved")
    _post(world, freeze)
    with pytest.raises(Conflict) as refusal, writing(world, SYSTEM) as session:
        reverse(session, KEEPER, [freeze.move_id], "CORRECTION", NOW)
    assert refusal.value.code == "hold_needs_inspection"


@pytest.mark.parametrize("numbered", [True, False])
def test_held_stock_does_not_come_back_free_by_way_of_another_place(world: Engine, numbered: bool) -> None:
    piece: dict[str, object] = {"part": "BRAKE-1", "lot": "SN-1", "quantity": 1} if numbered else {}
    if numbered:
        with writing(world, SYSTEM) as session:
            add_lots(session, SYSTEM, [NewLot(part="BRAKE-1", number="SN-1", kind=LotKind.SERIAL)])
    for away in ("ADJUSTMENT", "SCRAP"):
        _post(world, sent("ADJUSTMENT", "UTH", to_hold="quarantine", **piece))
        _post(world, sent("UTH", away, hold="quarantine", **piece))
        for hold in ("none", "customs"):
            refused = _refused(world, sent(away, "UTH", to_hold=hold, **piece))
            assert (refused.code, refused.field) == ("hold_needs_inspection", "hold")
        _post(world, sent(away, "UTH", hold="quarantine", **piece))
        # both ways at once
        down, up = sent("UTH", away, hold="quarantine", **piece), sent(away, "UTH", **piece)
        assert _refused(world, down, up).code == ("serial_twice" if numbered else "hold_needs_inspection")
        _post(world, sent("UTH", "UTH", hold="quarantine", to_hold="none", **piece), lifting=INSPECTION)
        _post(world, sent("UTH", away, **piece), sent(away, "TSN", **piece))
        _post(world, sent("TSN", "ADJUSTMENT", **piece))


def test_what_was_lost_on_hold_is_scrapped_before_more_is_found(world: Engine) -> None:
    _post(world, sent("ADJUSTMENT", "UTH", to_hold="quarantine"))
    _post(world, sent("UTH", "ADJUSTMENT", hold="quarantine"))
    _post(world, sent("ADJUSTMENT", "TSN"))  # another shelf has nothing to do with it
    assert _refused(world, sent("ADJUSTMENT", "UTH")).code == "hold_needs_inspection"
    _post(world, sent("ADJUSTMENT", "SCRAP", hold="quarantine"))
    _post(world, sent("ADJUSTMENT", "UTH"))
    assert _holds(world, "UTH") == {Hold.NONE}


def test_what_came_from_outside_is_inspected_after_customs_too(world: Engine) -> None:
    _post(world, sent("SUPPLIER", "UTH", to_hold="customs"))
    for after in ("none", "dispute"):
        assert _refused(world, sent("UTH", "UTH", hold="customs", to_hold=after)).code == "hold_needs_inspection"
    _post(world, sent("UTH", "TSN", hold="customs"))
    assert _refused(world, sent("TSN", "TSN", hold="customs", to_hold="none")).code == "hold_needs_inspection"
    _post(world, sent("TSN", "TSN", hold="customs", to_hold="receiving"))
    _post(world, sent("TSN", "TSN", hold="receiving", to_hold="none"), lifting=INSPECTION)
    assert _holds(world, "TSN") == {Hold.NONE}


def test_held_stock_goes_back_to_where_it_came_from(world: Engine) -> None:
    receipt = sent("SUPPLIER", "UTH")
    _post(world, receipt)
    with writing(world, SYSTEM) as session:
        reverse(session, KEEPER, [receipt.move_id], "CORRECTION", NOW)
    _post(world, sent("SUPPLIER", "UTH"))
    _post(world, sent("UTH", "SUPPLIER", hold="receiving"))
    assert _holds(world, "UTH") == set()


def test_a_part_followed_by_number_moves_with_its_number(world: Engine) -> None:
    brake = {"part": "BRAKE-1", "quantity": 1}
    assert _refused(world, sent("SUPPLIER", "UTH", **brake)).code == "number_needed"
    assert _refused(world, sent("XIY", "VTE", **brake)).code == "number_needed"
    with pytest.raises(Invalid, match="tracked by serial number, not by lot"), writing(world, SYSTEM) as session:
        add_lots(session, SYSTEM, [NewLot(part="BRAKE-1", number="BATCH", kind=LotKind.LOT)])
    _post(world, sent("XIY", "VTE", lot="SN-B1", **brake))


def test_only_a_receipt_of_our_own_has_a_cost_and_only_an_issue_an_aircraft(world: Engine) -> None:
    assert _refused(world, sent("XIY", "VTE", unit_cost=3)).code == "not_a_receipt"
    assert _refused(world, sent("SUPPLIER", "VTE", unit_cost=3, to_owner="pool:P")).code == "not_a_receipt"
    assert _refused(world, sent("XIY", "VTE", aircraft={"type": "MA60"})).code == "not_an_issue"


def test_an_issue_says_what_it_is_for(world: Engine) -> None:
    aircraft = {"type": "TP60", "registry_authority": "EASA"}
    for purpose in ({"without_aircraft": None}, {"aircraft": aircraft}):
        assert _refused(world, sent("XIY", "CUSTOMER", **purpose)).code == "aircraft_needed"
    assert _refused(world, sent("XIY", "VTE", without_aircraft="Sold")).code == "not_an_issue"
    unknown = sent("XIY", "CUSTOMER", without_aircraft=None, aircraft={"type": "TP60"})
    assert "registry is not known" in str(_refused(world, unknown))
    unnumbered = sent("XIY", "CUSTOMER", without_aircraft=None, aircraft=aircraft)
    assert "tracked by no number" in str(_refused(world, unnumbered))


def test_only_some_may_issue_for_no_aircraft(world: Engine) -> None:
    keeper = Actor(id="keeper", permissions=frozenset({"stock.move"}))
    with pytest.raises(Forbidden, match=r"stock\.sell"), writing(world, SYSTEM) as session:
        post(session, keeper, [sent("XIY", "CUSTOMER")], NOW)


def test_what_an_issue_was_for_is_kept(world: Engine) -> None:
    tool = {"part": "JACK-1", "without_aircraft": None, "quantity": 1}
    aircraft = {"type": "TP60", "serial": "0101", "registry_authority": "EASA", "modifications": ["M2", "M1"]}
    with writing(world, SYSTEM) as session:
        jack = {"part_number": "JACK-1", "manufacturer_code": "TEST0", "ata_chapter": "07", "description": "Jack"}
        told = {"part_class": "tool", "essentiality": "GO", "currency": "USD", "standard_cost": 9, "lead_time_days": 1}
        told |= {"weight_kg": 1, "usage_driver": "calendar", "tracking": "none"}
        add_parts(session, SYSTEM, [NewPart.model_validate(jack | told)])
    _post(world, sent("ADJUSTMENT", "XIY", part="JACK-1"))
    _post(world, sent("XIY", "CUSTOMER", **tool, aircraft=aircraft), sent("XIY", "CUSTOMER", part="LAMP-1"))
    with reading(world, SYSTEM) as session:
        judged, sale = move_page(session, limit=9, document="TEST", place="CUSTOMER")
    assert judged.aircraft is not None
    assert judged.aircraft.model_dump(exclude_none=True) == {**aircraft, "modifications": ("M1", "M2")}
    assert (judged.without_aircraft, sale.aircraft, sale.without_aircraft) == (None, None, "Sold")
