"""Orders from the draft to the receipt, and each refusal on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select, update

from fieldops.checking import check_ledgers
from fieldops.finance.approvals.queries import approval_page
from fieldops.finance.approvals.service import approve
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.categories import Category
from inventory.availability.reservation_queries import reservation_page
from inventory.availability.service import reserve
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError, NotFound
from inventory.ledger.models import Reservation, ReservationState, Stage
from inventory.network.models import Place, Tier
from inventory.orders import releasing
from inventory.orders.proposals import draft_proposals
from inventory.orders.queries import Chosen, find_stock_orders, order_by_number, order_page
from inventory.orders.schemas import NewOrder
from inventory.planning.service import OrderLine, keep_orders
from tests.conftest import NOW
from tests.fieldops.finance.spending import line as budget_line
from tests.inventory.availability.keeping import wish
from tests.inventory.ledger.stock import balances
from tests.inventory.orders.world import (
    CN,
    SEA,
    SPEND,
    build,
    cancelled,
    changed,
    drafted,
    line,
    person,
    received,
    released,
    shipped,
    told,
    wanted,
)

DAY = timedelta(days=1)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with ways for orders."""
    build(any_engine)
    return any_engine


def refused(code: str) -> Any:
    """Expect a refusal."""
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def held(engine: Engine, part: str = "LAMP-1") -> dict[str, Decimal]:
    """Return {place: what it holds of a part}, of the places that orders go between."""
    with reading(engine, SYSTEM) as session:
        return {place: held for (what, place, _c), held in balances(session).items() if what == part}


def kept(engine: Engine, demand: str) -> list[tuple[str, Any]]:
    """Return (state, quantity) of what is kept for an order."""
    with reading(engine, SYSTEM) as session:
        return [(str(one.state), one.quantity) for one in reservation_page(session, demand=demand, limit=9)]


def test_a_transfer_from_its_draft_to_its_receipt(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH"), SEA)
    assert number == "TO-000001"
    assert released(world, number, SEA).state == "released"
    assert kept(world, number) == [("held", 2)]
    one = shipped(world, number, SEA, carrier="Lao Airlines", waybill="627-1")
    assert [one.state, one.carrier, one.shipped_by] == ["shipped", "Lao Airlines", "noi"]
    assert held(world) == {"XIY": 40, "VTE": 3, "TSN": 2, "TRANSIT": 2, "ADJUSTMENT": -47}
    assert kept(world, number) == [("fulfilled", 0)]
    part = received(world, number, SEA, lines=[{"line": 1, "quantity": 1, "inspect": True}])
    assert [part.state, part.lines[0].received] == ["shipped", 1]
    one = received(world, number, SEA)
    assert [one.state, one.lines[0].shipped, one.lines[0].received] == ["received", 2, 2]
    assert held(world)["UTH"] == 2
    with reading(world, SYSTEM) as session:
        assert [one.number for one in order_page(session, chosen=Chosen(place="UTH", part="LAMP-1"))] == [number]
        assert order_page(session, chosen=Chosen(place="XIY")) == order_page(session, chosen=Chosen(job="J-1")) == []
        assert find_stock_orders(session, "627", 5) == [(number, "VTE → UTH")]
    assert check_ledgers(world).sound


def test_a_numbered_piece_keeps_its_number(world: Engine) -> None:
    number = drafted(world, wanted("XIY", "VTE", lines=[line(part="BRAKE-1", quantity=1, lot="SN-B2")]))
    released(world, number)
    shipped(world, number)
    with refused("more_than_shipped"):
        received(world, number, lines=[{"line": 1, "quantity": 1, "lot": "SN-B1"}])
    (piece,) = received(world, number).lines[0].pieces
    assert [piece.lot, piece.received] == ["SN-B2", 1]
    assert held(world, "BRAKE-1")["VTE"] == 2


def test_freight_and_arrival_are_those_of_the_lane(world: Engine) -> None:
    one = told(world, drafted(world, wanted("XIY", "VTE", freight=None, departs_at=NOW.isoformat())))
    assert [one.freight, one.currency, one.region] == [Decimal("11.6"), "USD", "SEA"]
    assert one.arrives_at - one.departs_at == timedelta(hours=96)
    dearer = changed(world, one.number, mode="aog")
    assert [dearer.freight, dearer.arrives_at - dearer.departs_at] == [Decimal("13.6"), timedelta(hours=32)]
    more = changed(world, one.number, lines=[line(quantity=3), line(part="FILTER-1", quantity=1)])
    assert {each.part: each.quantity for each in more.lines} == {"LAMP-1": 3, "FILTER-1": 1}
    assert more.version > dearer.version
    assert changed(world, one.number, freight="7").freight == 7
    assert changed(world, one.number, priority="AOG").freight == 7
    with refused("not_a_purchase"):
        changed(world, one.number, lines=[line(cost=1)])


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (wanted("XIY", "XIY"), "same_place"),
        (wanted("XIY", "SHOP"), "wrong_end"),
        (wanted("MAKER", "XIY"), "wrong_end"),
        (wanted("VTE", "XIY", kind="purchase"), "wrong_end"),
        (wanted("XIY", "UTH"), "no_lane"),
        (wanted("XIY", "VTE", mode="sea"), "no_lane"),
        (wanted("XIY", "VTE", region="EU"), "wrong_payer"),
        (wanted("XIY", "VTE", part="NONE-1"), "unknown_part"),
        (wanted("XIY", "VTE", quantity="0.5"), "fractional_quantity"),
        (wanted("XIY", "VTE", part="BRAKE-1", quantity=10**11, freight=None), "freight_too_large"),
        (wanted("XIY", "VTE", departs_at="2199-12-31T00:00:00Z"), "wrong_period"),
        (wanted("XIY", "VTE", departs_at=NOW.isoformat(), arrives_at=(NOW - DAY).isoformat()), "wrong_period"),
    ],
)
def test_no_draft_that_makes_no_sense(world: Engine, order: NewOrder, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        drafted(world, order)
    assert refusal.value.code == code
    with reading(world, SYSTEM) as session:
        assert order_page(session) == []


@pytest.mark.parametrize(
    "more",
    [
        {"mode": None},
        {"lines": [line(), line()]},
        {"lines": [line(), line(lot="SN-1")]},
        {"lines": [line(cost=1)]},
        {"lines": [line(owner="customer:AIR-1")]},
    ],
)
def test_no_request_that_contradicts_itself(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        wanted("XIY", "VTE", **more)
    with pytest.raises(ValidationError):
        wanted(None, "VTE")


def test_what_vanished_since_the_draft_is_named(world: Engine) -> None:
    lines = [line(quantity=4), line(part="FILTER-1", quantity=11), line(part="BRAKE-1", quantity=1, lot="SN-B4")]
    number = drafted(world, wanted("XIY", "VTE", lines=lines))
    with pytest.raises(releasing.Vanished) as refusal:
        released(world, number)
    assert [about for about, _why in refusal.value.details] == ["FILTER-1", "BRAKE-1"]
    assert "10 are free, 11 are wanted" in refusal.value.message
    assert told(world, number).state == "draft"
    assert kept(world, number) == []


def test_stock_that_is_kept_for_others_is_not_sent(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH"))
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        reserve(session, SYSTEM, wish("LAMP-1", "VTE", 4), NOW)
    with refused("order_vanished"):
        released(world, number)


def test_a_lane_that_is_gone_is_named(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH"))
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        order_by_number(session, number).mode = "dhow"
    with pytest.raises(releasing.Vanished, match="LAMP-1 cannot go from VTE to UTH by dhow any more"):
        released(world, number)


def test_a_purchase_and_a_repair_stay_drafts(world: Engine) -> None:
    bought = drafted(world, wanted(None, "VTE", kind="purchase", mode=None, lines=[line(cost="90")]))
    mended = drafted(world, wanted("VTE", "SHOP", part="PUMP-1", quantity=1, kind="repair", mode=None))
    assert [bought, mended] == ["PO-000001", "RO-000001"]
    assert told(world, bought).arrives_at - told(world, bought).departs_at == 14 * DAY
    assert [told(world, mended).region, told(world, bought).region] == ["SEA", "SEA"]
    for number in (bought, mended):
        with refused("order_kind"):
            released(world, number)
        assert changed(world, number, freight="3").freight == 3
        assert cancelled(world, number).state == "cancelled"


def test_no_step_out_of_turn(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH"))
    for early in (shipped, received):
        with refused("order_state"):
            early(world, number)
    released(world, number)
    for late in (released, changed):
        with refused("order_state"):
            late(world, number)
    shipped(world, number)
    with refused("order_state"):
        cancelled(world, number)
    with refused("stale"), writing(world, SYSTEM, clock=lambda: NOW) as session:
        releasing.release(session, SYSTEM, SPEND, order_by_number(session, number), NOW, version=1)


def test_a_cancelled_order_keeps_neither_stock_nor_money(world: Engine) -> None:
    number = drafted(world, wanted("XIY", "TSN", freight="30"))
    released(world, number)
    assert budget_line(world, Category.FREIGHT, "CN").committed == 30
    cancelled(world, number, CN, "called off")
    assert kept(world, number) == [("released", 2)]
    assert budget_line(world, Category.FREIGHT, "CN").committed == 0
    assert [told(world, number).reason, told(world, number).cancelled_by] == ["called off", "chen"]


def test_money_that_needs_an_approval_leaves_a_draft(world: Engine) -> None:
    """The freight line of SEA holds 10."""
    number = drafted(world, wanted("VTE", "UTH", freight="12"), SEA)
    one = released(world, number, SEA)
    assert [one.state, one.approval] == ["draft", "AR-000001"]
    assert kept(world, number) == []
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        (request,) = approval_page(session)
        approve(session, SYSTEM, request.number, "fly", NOW, NOW.date(), version=request.version)
    one = released(world, number, SEA)
    assert [one.state, *kept(world, number)] == ["released", ("held", 2)]
    assert budget_line(world, Category.FREIGHT).committed == 12
    cancelled(world, number, SEA)
    assert budget_line(world, Category.FREIGHT).committed == 0


def test_a_change_withdraws_the_request_for_money(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH", freight="12"), SEA)
    released(world, number, SEA)
    assert changed(world, number, SEA, freight="8").approval is None
    with reading(world, SYSTEM) as session:
        assert [one.state for one in approval_page(session)] == ["withdrawn"]
    assert released(world, number, SEA).state == "released"
    assert budget_line(world, Category.FREIGHT).committed == 8


def test_a_shelf_is_its_own_regions(world: Engine) -> None:
    """SEA asks CN for lamps of Tianjin, and pays: CN releases and ships, SEA receives."""
    number = drafted(world, wanted("TSN", "VTE", freight="9"), SEA)
    with refused("outside_region"):
        released(world, number, SEA)
    assert released(world, number, CN).released_by == "chen"
    assert budget_line(world, Category.FREIGHT).committed == 9
    with refused("outside_region"):
        shipped(world, number, SEA)
    shipped(world, number, CN)
    with refused("outside_region"):
        received(world, number, CN)
    assert received(world, number, SEA).state == "received"
    assert held(world)["VTE"] == 7


def test_who_pays_has_agreed(world: Engine) -> None:
    """CN drafts what SEA shall pay; SEA agrees by changing it. What SEA has left is not told to CN."""
    number = drafted(world, wanted("TSN", "VTE", freight="9"), CN)
    with refused("payer_not_agreed"):
        released(world, number, CN)
    changed(world, number, SEA, priority="CRITICAL")
    assert released(world, number, CN).state == "released"
    cancelled(world, number, CN)
    assert budget_line(world, Category.FREIGHT).committed == 0


def test_what_a_region_cannot_pay_is_told_without_its_figures(world: Engine) -> None:
    number = drafted(world, wanted("TSN", "VTE", freight="9"), SEA)
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(BudgetLine).where(BudgetLine.category == Category.FREIGHT).values(frozen=True))
    with pytest.raises(DomainError) as refusal:
        released(world, number, CN)
    assert [refusal.value.code, "freight" in refusal.value.message] == ["payer_cannot_pay", False]
    assert kept(world, number) == []


def test_the_central_depot_serves_whom_it_goes_to(world: Engine) -> None:
    number = drafted(world, wanted("XIY", "VTE"), SEA)
    assert released(world, number, SEA).state == "released"
    with refused("outside_region"):
        shipped(world, number, SEA)
    elsewhere = drafted(world, wanted("XIY", "TSN"), CN)
    with pytest.raises(NotFound):
        released(world, elsewhere, SEA)
    with refused("outside_region"):
        drafted(world, wanted("XIY", "TSN"), SEA)
    with pytest.raises(NotFound):
        cancelled(world, number, person("elsewhere", "EU"))


def test_what_does_not_leave_is_free_again(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH", quantity=4))
    released(world, number)
    for wrong, code in (
        ({"line": 2, "quantity": 1}, "unknown_line"),
        ({"line": 1, "quantity": 5}, "more_than_ordered"),
    ):
        with refused(code):
            shipped(world, number, lines=[wrong])
    one = shipped(world, number, lines=[{"line": 1, "quantity": 3}])
    assert one.lines[0].shipped == 3
    assert kept(world, number) == [("released", 1)]
    assert received(world, number).lines[0].received == 3


def test_what_is_kept_no_more_is_taken_of_what_is_free(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH", quantity=4))
    released(world, number)
    later = NOW + 20 * DAY
    assert shipped(world, number, now=later).state == "shipped"
    assert kept(world, number) == [("expired", 4), ("fulfilled", 0)]


def test_what_is_packed_does_not_expire_before_it_leaves(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH", quantity=4))
    released(world, number)
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        session.scalars(select(Reservation).where(Reservation.demand == number)).one().stage = Stage.PACKED
    shipped(world, number, now=NOW + 20 * DAY)
    assert kept(world, number) == [(ReservationState.FULFILLED, 0)]


def test_what_never_comes_is_written_off_by_who_may(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH"))
    released(world, number)
    shipped(world, number)
    keeper = replace(SEA, permissions=frozenset({"stock.move"}))
    with refused("not_permitted"):
        received(world, number, keeper, short="lost")
    one = received(world, number, SEA, lines=[{"line": 1, "quantity": 1}], short="one was broken")
    assert [one.state, one.reason, one.lines[0].received, one.lines[0].lost] == ["received", "one was broken", 1, 1]
    assert held(world) == {"XIY": 40, "VTE": 3, "TSN": 2, "UTH": 1, "ADJUSTMENT": -46}


def test_nothing_ships_without_a_place_in_transit(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH"))
    released(world, number)
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Place).where(Place.code == "TRANSIT").values(tier=Tier.SCRAP))
    with refused("no_transit"):
        shipped(world, number)


def test_a_proposal_makes_one_order(world: Engine) -> None:
    plan = uuid4()
    common: dict[str, Any] = {"destination": "VTE", "quantity": Decimal(1), "currency": "USD", "held": False}
    common |= {"departs_at": NOW + DAY, "arrives_at": NOW + 4 * DAY, "purchase_cost": Decimal(0)}
    proposed = [
        OrderLine("R-000001", "LAMP-1", "XIY", mode="routine", freight_cost=Decimal(6), serves_job=None, **common),
        OrderLine("R-000002", "LAMP-1", "XIY", mode="aog", freight_cost=Decimal(7), serves_job="J-3", **common),
        OrderLine(
            "R-000003",
            "PUMP-1",
            None,
            mode="purchase",
            freight_cost=Decimal(0),
            serves_job=None,
            **common | {"purchase_cost": Decimal(9_500)},
        ),
    ]
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        keep_orders(session, plan, proposed)
    numbers = [one.number for one in proposed]
    for _time in range(2):
        with writing(world, SEA, clock=lambda: NOW) as session:
            made = [one.number for one in draft_proposals(session, SEA, plan, numbers, NOW)]
    assert made == ["TO-000001", "TO-000002", "PO-000001"]
    first, second, third = (told(world, number) for number in made)
    assert [first.freight, first.departs_at, first.proposal] == [6, NOW + DAY, "R-000001"]
    assert [second.freight, second.lines[0].serves_job] == [0, "J-3"]
    assert [third.kind, third.lines[0].cost] == ["purchase", 9_500]
    with refused("unknown_proposal"), writing(world, SEA, clock=lambda: NOW) as session:
        draft_proposals(session, SEA, plan, ["R-000009"], NOW)
