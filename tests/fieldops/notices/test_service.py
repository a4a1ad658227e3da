"""Mails about events: to those whom they concern, once, in their language."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from fieldops.events.models import MailOutbox
from fieldops.events.relay import relay
from fieldops.identity.schemas import NewUser
from fieldops.identity.service import add_user
from fieldops.notices.service import LONG, tell_by_mail
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState, submit
from inventory.kernel.outbox import emit
from inventory.offers.models import GrantKind
from inventory.offers.queries import grant_by_number
from inventory.offers.schemas import Decision, NewGrant
from inventory.offers.service import ask, decide
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


def mails(engine: Engine) -> list[tuple[str, str]]:
    """Let everybody be told, twice; return (address, subject) of the mails that wait."""
    relay(engine)
    for _time in range(2):
        with writing(engine, SYSTEM) as session:
            tell_by_mail(session, LOADED_AT, address="https://fieldops.example.com")
    with reading(engine, SYSTEM) as session:
        return [(mail.to, mail.subject) for mail in session.scalars(select(MailOutbox).order_by(MailOutbox.to))]


def test_those_who_may_decide_are_told_of_a_request_once(world: Engine) -> None:
    with writing(world, SEA) as session:
        number = ask(session, SEA, REQUEST, LOADED_AT).number
    ((to, subject),) = mails(world)
    assert to == "cn@example.com"
    assert "CN" in subject
    with writing(world, CN) as session:
        decide(session, CN, grant_by_number(session, number), Decision(granted=True), LOADED_AT)
    assert len(mails(world)) == 1


@pytest.mark.parametrize(("took", "told"), [(LONG, 1), (LONG - timedelta(seconds=1), 0)])
def test_the_end_of_long_work_is_told_to_whoever_submitted_it(world: Engine, took: timedelta, told: int) -> None:
    with writing(world, SEA) as session:
        key = submit(session, SEA, "plan.day", {}, LOADED_AT, region="SEA").id
    with writing(world, SYSTEM) as session:
        operation = session.get_one(Operation, key)
        operation.state, operation.ended_at = OperationState.DONE, LOADED_AT + took
        emit(session, "operation.changed", {"operation": str(key)}, LOADED_AT, audience="SEA")
    assert [to for to, _subject in mails(world)] == ["sea@example.com"] * told
