"""What orders bring counts as due where it goes, once: beside what plans propose, in promises and in targets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from fieldops.planning.models import DayPlan
from fieldops.planning.queries import claims_elsewhere
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.snapshot import take_snapshot
from fieldops.planning.stock_picture import MICRO, dues, standings
from inventory.availability.queries import availability
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.network.queries import shelves
from inventory.orders.due import expected
from inventory.orders.proposals import draft_proposals
from inventory.planning.queries import orders as proposed
from optimizer.run import Limit
from tests.conftest import NOW
from tests.inventory.orders.world import build, cancelled, drafted, received, released, shipped, told, wanted
from tests.worlds import TINY_DATE

DAY = timedelta(days=1)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world with ways for orders."""
    build(engine)
    return engine


def due_in(engine: Engine, place: str, part: str = "LAMP-1") -> Decimal:
    """Return what the table of stock tells to be due at a place."""
    with reading(engine, SYSTEM) as session:
        at = [one.id for one in shelves(session, code=place)]
        found = [one for one in standings(session, at, None, NOW) if one.column == part]
    return Decimal(sum(one.due_in for one in found)) / MICRO


def test_an_order_is_due_from_its_release_until_it_came(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH", quantity=3))
    assert due_in(world, "UTH") == 0
    arrives = released(world, number).arrives_at
    assert due_in(world, "UTH") == 3
    shipped(world, number, lines=[{"line": 1, "quantity": 2}])
    with reading(world, SYSTEM) as session:
        (one,) = dues(session, place="UTH", limit=5)
        assert [one.number, one.quantity, one.arrives_at, one.ordered] == [number, 2, arrives, True]
        _parts, buckets = availability(session, "LAMP-1", "UTH", NOW - DAY, expected=expected)
        assert {one.day: one.promisable for one in buckets} == {(NOW - DAY).date(): 0, arrives.date(): 2}
        later = arrives + 3 * DAY
        _parts, buckets = availability(session, "LAMP-1", "UTH", later, expected=expected)
        assert {one.day: one.promisable for one in buckets} == {later.date(): 2}
    received(world, number, lines=[{"line": 1, "quantity": 1}])
    assert due_in(world, "UTH") == 1
    received(world, number)
    assert due_in(world, "UTH") == 0


def test_an_order_that_is_given_up_is_due_no_more(world: Engine) -> None:
    number = drafted(world, wanted("VTE", "UTH", quantity=3))
    released(world, number)
    cancelled(world, number)
    assert due_in(world, "UTH") == 0


def test_what_orders_bring_is_not_wanted_again(world: Engine) -> None:
    """UTH shall hold four lamps."""

    def lamps() -> list[Decimal]:
        with reading(world, SYSTEM) as session:
            return [target[2] for target in take_snapshot(session, TINY_DATE, None).targets if target[1] == "UTH"]

    assert lamps() == [4]
    number = drafted(world, wanted("VTE", "UTH", quantity=3))
    released(world, number)
    assert lamps() == [1]
    job = drafted(world, wanted("XIY", "VTE", lines=[{"part": "LAMP-1", "quantity": 1, "serves_job": "J-3"}]))
    released(world, job)
    with reading(world, SYSTEM) as session:
        assert {target[:2] for target in take_snapshot(session, TINY_DATE, None).targets} >= {("BRAKE-1", "VTE")}


def test_a_proposal_and_its_order_count_once(world: Engine) -> None:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    make_day_plan(world, SYSTEM, request, clock=lambda: NOW)
    with reading(world, SYSTEM) as session:
        plan = session.scalars(select(DayPlan.id)).one()
        free = [one for one in proposed(session, plan) if not one.held and one.origin is not None]
    one = free[0]
    before = due_in(world, one.destination, one.part)
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        (order,) = draft_proposals(session, SYSTEM, plan, [one.number], NOW)
        number = order.number
    assert due_in(world, one.destination, one.part) == before
    assert told(world, number).state == "draft"
    released(world, number)
    assert due_in(world, one.destination, one.part) == before
    with reading(world, SYSTEM) as session:
        of_part = [each.number for each in dues(session, part=one.part, place=one.destination, limit=9)]
        assert number in of_part
        assert one.number not in of_part
        claimed = claims_elsewhere(session)
    assert (one.serves_job or "", one.part, one.origin) not in claimed
    cancelled(world, number)
    assert due_in(world, one.destination, one.part) == before - one.quantity
