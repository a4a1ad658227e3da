"""Mails about approvals: to those who may decide and their substitutes, and to whoever asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fieldops.events.models import MailOutbox
from fieldops.finance.approvals.schemas import NewSubstitution
from fieldops.finance.approvals.service import approve, escalate, reject, spend, substitute
from fieldops.finance.control.schemas import NewHold
from fieldops.identity.schemas import NewUser
from fieldops.identity.service import add_user
from fieldops.notices.approvals import LISTED_MAX
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.fieldops.finance.spending import person
from tests.fieldops.notices.telling import mails
from tests.worlds import LOADED_AT, TINY_DATE, load_tiny

ASKING = person("asking", "dispatcher")
DECIDING = person("deciding", "regional_manager")
TODAY = LOADED_AT.date()
PEOPLE = (
    ("asking", "dispatcher", ("region", "SEA"), "en"),
    ("deciding", "regional_manager", ("region", "SEA"), "zh_CN"),
    ("elsewhere", "regional_manager", ("region", "CN"), "en"),
    ("deputy", "finance", ("region", "SEA"), "en"),
    ("chief", "finance", ("network", None), "en"),
)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, where the freight line of SEA holds 10, with people who ask and decide."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        for name, role, (kind, code), reads in PEOPLE:
            told: dict[str, Any] = {
                "name": name,
                "display_name": name,
                "email": f"{name}@example.com",
                "language": reads,
            }
            told |= {"roles": [role], "memberships": [{"kind": kind, "code": code}]}
            add_user(session, SYSTEM, NewUser.model_validate(told))
    return any_engine


def asked(engine: Engine, document: str, amount: str) -> str:
    """Ask for freight beyond the line; return the number of the request."""
    item = {"category": "freight", "amount": amount, "currency": "USD", "day": TINY_DATE}
    told = {"document_kind": "order", "document": document, "region": "SEA", "items": [item], "reason": "one more box"}
    with writing(engine, ASKING) as session:
        number = spend(session, ASKING, NewHold.model_validate(told), LOADED_AT, TINY_DATE).approval
    assert number is not None
    return number


def texts(engine: Engine) -> list[str]:
    """Return the mails that wait."""
    with reading(engine, SYSTEM) as session:
        return list(session.scalars(select(MailOutbox.text).order_by(MailOutbox.to)))


@pytest.mark.parametrize("yes", [True, False])
def test_whoever_may_decide_is_asked_and_whoever_asked_is_answered(world: Engine, yes: bool) -> None:
    number = asked(world, "O-1", "19000")
    assert mails(world) == [("deciding@example.com", "asking 申请批准 19000.00 USD")]
    with writing(world, DECIDING) as session:
        (approve if yes else reject)(session, DECIDING, number, "as agreed", LOADED_AT, TINY_DATE, version=1)
    answer, question = mails(world)
    assert answer == ("asking@example.com", f"{number} is {'approved' if yes else 'refused'}")
    assert question[0] == "deciding@example.com"
    answered, told = texts(world)
    assert "one more box" in told
    assert "Note: as agreed" in answered


def test_what_waited_too_long_is_told_to_the_next_authority(world: Engine) -> None:
    asked(world, "O-1", "500")
    assert [to for to, _subject in mails(world)] == ["deciding@example.com"]
    with writing(world, SYSTEM) as session:
        escalate(session, LOADED_AT + timedelta(days=2))
    assert [to for to, _subject in mails(world)] == [
        "chief@example.com",
        "deciding@example.com",
        "deputy@example.com",
    ]


def test_many_requests_at_once_are_one_mail_to_each_reader(world: Engine) -> None:
    wanted = NewSubstitution(substitute="deputy", first_day=TODAY, last_day=TODAY)
    with writing(world, DECIDING) as session:
        substitute(session, DECIDING, wanted, LOADED_AT)
    for number in range(LISTED_MAX + 3):
        asked(world, f"O-{number}", "19000")
    (deciding, deputy) = mails(world)
    assert [deciding[0], deputy[0]] == ["deciding@example.com", "deputy@example.com"]
    assert deputy[1] == f"{LISTED_MAX + 3} approvals wait for your decision"
    (_first, text) = texts(world)
    assert "AR-000020: O-19 of region SEA costs 19000.00 USD (ROUTINE)" in text
    assert "AR-000021" not in text
    assert "and 3 more" in text
