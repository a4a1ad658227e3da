"""Whose rights work has that runs later: those of now, and no more than those of then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, delete, select, update

from fieldops.events.delivering import deliver_webhooks
from fieldops.events.models import Webhook, WebhookDelivery
from fieldops.events.schemas import NewWebhook
from fieldops.events.service import add_webhook
from fieldops.identity.actors import load_actor
from fieldops.identity.models import Membership, User, UserRole
from fieldops.operations.ends import text_of
from fieldops.operations.firing import fire_due
from fieldops.operations.lifecycle import Claimed, claim
from fieldops.operations.service import add_schedules
from fieldops.settings import Settings
from fieldops.work import acting_now, worker_of
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState, Schedule, Urgency, submit
from inventory.kernel.outbox import emit
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.fieldops.operations.test_firing import DAY, FIVE, MORNING
from tests.worlds import load_tiny

PARAMETERS = {"date": "2026-03-02", "region": "CN"}


@pytest.fixture
def manager(any_engine: Engine) -> Actor:
    """The regional manager of a region of the small world, who may make plans, override and have webhooks."""
    load_tiny(any_engine)
    issue_token(any_engine, "lin", roles=["regional_manager", "administrator"], memberships=[("region", "CN")], now=NOW)
    return _loaded(any_engine)


def _loaded(engine: Engine) -> Actor:
    with reading(engine, SYSTEM) as session:
        return load_actor(session, session.scalars(select(User.id).where(User.name == "lin")).one(), NOW)


def _disable(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        session.execute(update(User).where(User.name == "lin").values(enabled=False))


def _take_roles(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        session.execute(delete(UserRole))


def _move(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        session.execute(update(Membership).values(code="SEA"))


def _submitted(engine: Engine, actor: Actor, **more: object) -> None:
    with writing(engine, actor) as session:
        submit(session, actor, "plan.day", PARAMETERS | more, NOW, region="CN")


def _claimed(engine: Engine) -> Claimed | None:
    worker = worker_of(engine, Settings(database_url=str(engine.url)), lambda: NOW)
    return claim(engine, "w", ["plan.day"], Urgency.NETWORK, lambda: NOW, worker._admit)


def _operations(engine: Engine) -> list[Operation]:
    with reading(engine, SYSTEM) as session:
        found = list(session.scalars(select(Operation).order_by(Operation.submitted_at)))
        session.expunge_all()
        return found


def test_an_operation_runs_with_the_rights_of_now_within_those_of_its_token(any_engine: Engine, manager: Actor) -> None:
    _submitted(any_engine, replace(manager, permissions=frozenset({"plan.make", "of.before"}), origin="token"))
    claimed = _claimed(any_engine)
    assert claimed is not None
    assert Actor.from_json(claimed.acting) == replace(
        _loaded(any_engine), permissions=frozenset({"plan.make"}), origin="token"
    )


@pytest.mark.parametrize("withdraw", [_disable, _take_roles, _move])
def test_what_somebody_may_not_have_done_any_more_is_not_begun(
    any_engine: Engine, manager: Actor, withdraw: Callable[[Engine], None]
) -> None:
    _submitted(any_engine, manager)
    _submitted(any_engine, SYSTEM)
    withdraw(any_engine)
    claimed = _claimed(any_engine)
    withdrawn, own = _operations(any_engine)
    assert claimed is not None
    assert (claimed.id, claimed.acting) == (own.id, SYSTEM.as_json())
    assert (withdrawn.state, withdrawn.code, withdrawn.attempts) == (OperationState.FAILED, "rights_withdrawn", 0)
    assert "submit it again" in (text_of(withdrawn) or "")


def test_an_override_needs_its_right_when_it_is_run(any_engine: Engine, manager: Actor) -> None:
    override = {"user": "lin", "reason": "an aircraft is grounded"}
    _submitted(any_engine, manager, aog_override=override)
    _submitted(any_engine, replace(manager, permissions=frozenset({"plan.make"})), aog_override=override)
    _submitted(any_engine, SYSTEM, aog_override=override)
    assert _claimed(any_engine) is not None
    assert _claimed(any_engine) is None
    assert [one.code for one in _operations(any_engine)] == [None, "rights_withdrawn", "rights_withdrawn"]


def test_a_schedule_runs_with_what_its_owner_may_now(any_engine: Engine, manager: Actor) -> None:
    schedule = MORNING.model_copy(update={"parameters": PARAMETERS})
    with writing(any_engine, SYSTEM) as session:
        add_schedules(session, replace(SYSTEM, id="lin"), [schedule], NOW)

    def fire(day: int) -> Claimed | None:
        with writing(any_engine, SYSTEM) as session:
            fire_due(session, session.scalars(select(Schedule)).one(), FIVE + day * DAY)
        return _claimed(any_engine)

    claimed = fire(0)
    assert claimed is not None
    assert Actor.from_json(claimed.acting) == replace(manager, origin="schedule morning")
    _disable(any_engine)
    assert fire(1) is None
    assert [one.code for one in _operations(any_engine)] == [None, "rights_withdrawn"]


@pytest.mark.parametrize("withdraw", [_disable, _take_roles, _move])
def test_a_webhook_whose_owner_may_not_have_it_any_more_gets_nothing_and_is_disabled(
    any_engine: Engine, manager: Actor, withdraw: Callable[[Engine], None]
) -> None:
    new = NewWebhook(url="https://example.org/hook", region="CN")
    with writing(any_engine, manager) as session:
        hook = add_webhook(session, manager, new, NOW).id
    withdraw(any_engine)
    with writing(any_engine, SYSTEM) as session:
        emit(session, "place.changed", {}, NOW, audience="CN")
    deliver_webhooks(
        any_engine, lambda: NOW, owner_of=lambda session, one: acting_now(session, one.acting, lambda: NOW)
    )
    with reading(any_engine, SYSTEM) as session:
        assert not session.get_one(Webhook, hook).enabled
        assert session.scalars(select(WebhookDelivery)).all() == []
        (row,) = session.scalars(select(AuditRow).where(AuditRow.subject == "webhook", AuditRow.action == "changed"))
    assert row.after is not None
    assert row.after["enabled"] is False
