"""Mails about events: to those whom they concern, once, in their language."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, update

from fieldops.events.models import EventReader, MailOutbox
from fieldops.events.queries import last_number
from fieldops.events.relay import relay
from fieldops.identity.models import User
from fieldops.identity.schemas import NewUser
from fieldops.identity.service import add_user
from fieldops.notices.service import LONG
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState, submit
from inventory.kernel.outbox import emit
from inventory.network.schemas import NewLane
from inventory.network.service import add_lanes
from inventory.offers.models import GrantKind
from inventory.offers.queries import grant_by_number
from inventory.offers.schemas import Decision, NewGrant
from inventory.offers.service import ask, decide
from tests.accounts import issue_token
from tests.fieldops.notices.telling import mails, told
from tests.statements import statements
from tests.worlds import LOADED_AT, load_tiny

SEA = Actor("sea-manager", scope=Scope(regions=frozenset({"SEA"})))
CN = Actor("cn-manager", scope=Scope(regions=frozenset({"CN"})))
REQUEST = NewGrant(
    kind=GrantKind.STOCK,
    asking_region="SEA",
    granting_region="CN",
    part="LAMP-1",
    quantity=Decimal(1),
    destination="UTH",
    purpose="Landing light is out",
    ends_at=LOADED_AT + timedelta(days=2),
)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, with the managers of both regions, a dispatcher, and one who gives no address."""
    load_tiny(any_engine)
    people = (
        ("cn-manager", "regional_manager", "CN", "cn@example.com", "zh_CN"),
        ("cn-deputy", "regional_manager", "CN", None, "en"),
        ("cn-dispatcher", "dispatcher", "CN", "dispatch@example.com", "en"),
        ("sea-manager", "regional_manager", "SEA", "sea@example.com", "en"),
    )
    with writing(any_engine, SYSTEM) as session:
        back = {"origin": "TSN", "destination": "XIY", "mode": "aog", "lead_h": 8, "cost_per_kg": 9, "currency": "USD"}
        add_lanes(session, SYSTEM, [NewLane.model_validate(back)])
        for name, role, region, email, reads in people:
            told = {
                "name": name,
                "display_name": name,
                "email": email,
                "language": reads,
                "roles": [role],
                "memberships": [{"kind": "region", "code": region}],
            }
            add_user(session, SYSTEM, NewUser.model_validate(told))
    return any_engine


def asked(engine: Engine, wanted: NewGrant = REQUEST) -> str:
    """Let SEA ask CN for help; return the number of the request."""
    with writing(engine, SEA) as session:
        return ask(session, SEA, wanted, LOADED_AT).number


def address_of(engine: Engine, name: str, email: str) -> None:
    """Give a user an address, whatever it looks like."""
    with writing(engine, SYSTEM) as session:
        session.execute(update(User).where(User.name == name).values(email=email))


def test_those_who_may_decide_are_told_of_a_request_once(world: Engine) -> None:
    number = asked(world)
    ((to, subject),) = mails(world)
    assert to == "cn@example.com"
    assert "CN" in subject
    with writing(world, CN) as session:
        decide(session, CN, grant_by_number(session, number), Decision(granted=True), LOADED_AT)
    assert len(mails(world)) == 1


def test_a_request_is_told_with_all_that_the_decision_needs(world: Engine) -> None:
    address_of(world, "cn-manager", "")
    address_of(world, "cn-deputy", "deputy@example.com")
    access = {"kind": "access", "part": None, "quantity": None, "destination": None}
    for wanted in ({"aog": True}, {}, access):
        asked(world, REQUEST.model_copy(update=wanted))
    mails(world)
    with reading(world, SYSTEM) as session:
        aog, routine, other = session.scalars(select(MailOutbox.text).order_by(MailOutbox.key)).all()
    what = "Part: LAMP-1\nQuantity: 1\nDestination: UTH\nPurpose: Landing light is out\n"
    assert what in aog
    assert what in routine
    assert "CN decides until Mar 1, 2026, " in aog
    assert "AOG" not in routine
    assert "Part:" not in other
    assert "asks to see and use" in other


def test_whoever_decides_for_the_whole_network_is_told_too(world: Engine) -> None:
    issue_token(world, "network-manager", roles=["regional_manager"])
    address_of(world, "network-manager", "network@example.com")
    asked(world)
    assert [to for to, _subject in mails(world)] == ["cn@example.com", "network@example.com"]


def test_one_wrong_address_keeps_nobody_else_waiting(world: Engine) -> None:
    address_of(world, "cn-manager", "cn@exam ple.com")
    address_of(world, "cn-deputy", "deputy@example.com")
    asked(world)
    assert [to for to, _subject in mails(world)] == ["deputy@example.com"]
    relay(world)
    assert told(world) == 0


def test_one_call_reads_all_there_is_and_the_next_nothing_again(world: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldops.notices.service._EVENTS_AT_ONCE", 2)
    for _time in range(3):
        asked(world)
    with writing(world, SYSTEM) as session:
        emit(session, "stock.moved", {}, LOADED_AT)
    relay(world)
    assert told(world) == 6
    with reading(world, SYSTEM) as session:
        assert session.get_one(EventReader, "notices").number == last_number(session)
    with statements(world) as seen:
        assert told(world) == 0
    assert sum("FROM outbox_event" in one for one in seen) == 2


@pytest.mark.parametrize(("took", "count"), [(LONG, 1), (LONG - timedelta(seconds=1), 0)])
def test_the_end_of_long_work_is_told_to_whoever_submitted_it(world: Engine, took: timedelta, count: int) -> None:
    with writing(world, SEA) as session:
        key = submit(session, SEA, "plan.day", {}, LOADED_AT, region="SEA").id
    with writing(world, SYSTEM) as session:
        operation = session.get_one(Operation, key)
        operation.state, operation.ended_at = OperationState.DONE, LOADED_AT + took
        emit(session, "operation.changed", {"operation": str(key)}, LOADED_AT, audience="SEA")
    assert [to for to, _subject in mails(world)] == ["sea@example.com"] * count
