"""Events posted to real receivers that fail, hang, redirect and come back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from fieldops.events import delivering
from fieldops.events.attempts import CLAIMED
from fieldops.events.delivering import deliver_webhooks
from fieldops.events.models import DeliveryState, Webhook, WebhookDelivery
from fieldops.events.relay import relay
from fieldops.events.rules import ATTEMPTS_MAX, retry_delay
from fieldops.events.schemas import NewWebhook, WebhookChange
from fieldops.events.service import add_webhook, change_webhook, queue_test, retry_delivery
from integrations.notify.webhooks import NotDeliveredError, post, verify
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.fieldops.events.serving import BOTH, CENTRAL, EAST, happen
from tests.integrations.notify.receiver import Receiver, receiving
from tests.rivals import at_once


def hooked(engine: Engine, url: str, actor: Actor = EAST, kinds: Sequence[str] = (), region: str = "E") -> Webhook:
    with writing(engine, actor, clock=lambda: NOW) as session:
        new = NewWebhook(url=url, kinds=tuple(kinds), region=None if actor is CENTRAL else region)
        hook = add_webhook(session, actor, new, NOW)
        session.expunge(hook)
        return hook


def deliver(engine: Engine, now: datetime = NOW, *, private: bool = True) -> int:
    return deliver_webhooks(engine, lambda: now, private=private)


def received(receiver: Receiver) -> list[str]:
    return [str(json.loads(body)["payload"].get("name")) for _headers, body in receiver.got]


def deliveries(engine: Engine) -> list[WebhookDelivery]:
    with reading(engine, SYSTEM) as session:
        found = list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.number)))
        session.expunge_all()
        return found


def test_events_are_posted_signed_and_once(any_engine: Engine) -> None:
    with receiving() as receiver:
        hook = hooked(any_engine, receiver.url)
        happen(any_engine, "中", "b")
        assert deliver(any_engine) == 2
        assert deliver(any_engine) == 0
        assert sorted(received(receiver)) == ["b", "中"]
        headers, body = receiver.got[0]
        assert verify(hook.secret, headers["x-fieldops-signature"], body, NOW)
        assert headers["x-fieldops-event"] == "job.moved"
        assert headers["content-type"] == "application/json"
        assert {one[0]["x-fieldops-delivery"] for one in receiver.got} == {
            str(one.id) for one in deliveries(any_engine)
        }
        assert {(one.state, one.last_status, one.ended_at) for one in deliveries(any_engine)} == {
            (DeliveryState.DONE, 204, NOW)
        }


def test_a_webhook_hears_its_kinds_of_its_region_from_its_beginning(any_engine: Engine) -> None:
    happen(any_engine, "before")
    relay(any_engine)
    with receiving() as east, receiving() as west, receiving() as all_:
        hooked(any_engine, east.url, BOTH, ["job."])
        hooked(any_engine, west.url, BOTH, region="W")
        hooked(any_engine, all_.url, CENTRAL)
        happen(any_engine, "east", audience="E")
        happen(any_engine, "stock", audience="E", kind="stock.moved")
        happen(any_engine, "west", audience="W")
        happen(any_engine, "network", audience="-")
        happen(any_engine, "everyone", audience="*")
        deliver(any_engine)
        assert set(received(east)) == {"east", "everyone"}
        assert set(received(west)) == {"west", "everyone"}
        assert set(received(all_)) == {"east", "stock", "west", "network", "everyone"}


def test_what_happens_while_a_webhook_is_disabled_is_not_posted(any_engine: Engine) -> None:
    def enable(key: Any, version: int, enabled: bool) -> None:
        with writing(any_engine, EAST, clock=lambda: NOW) as session:
            change_webhook(session, EAST, key, version, WebhookChange(enabled=enabled))

    with receiving() as receiver:
        hook = hooked(any_engine, receiver.url)
        enable(hook.id, 1, False)
        happen(any_engine, "meanwhile")
        deliver(any_engine)
        enable(hook.id, 2, True)
        happen(any_engine, "after")
        deliver(any_engine)
        assert received(receiver) == ["after"]


def test_a_receiver_that_fails_gets_the_same_delivery_later(any_engine: Engine) -> None:
    with receiving(lambda before: 503 if before < 3 else 200) as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, "a")
        now = NOW
        for attempt in range(1, 5):
            assert deliver(any_engine, now) == (attempt == 4)
            (one,) = deliveries(any_engine)
            assert (one.attempts, len(receiver.got)) == (attempt, attempt)
            if attempt < 4:
                assert (one.last_status, one.last_error) == (503, "status 503")
                assert deliver(any_engine, one.next_at - timedelta(seconds=1)) == 0
                now = one.next_at
        assert one.state is DeliveryState.DONE
        assert one.last_error is None
        assert len({headers["x-fieldops-delivery"] for headers, _body in receiver.got}) == 1
        assert len({body for _headers, body in receiver.got}) == 1
        assert len({headers["x-fieldops-signature"] for headers, _body in receiver.got}) == 4


def test_after_the_last_attempt_it_is_dead_until_a_person_retries(any_engine: Engine) -> None:
    with receiving(lambda before: 500 if before < ATTEMPTS_MAX else 200) as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, "a")
        now = NOW
        for _attempt in range(ATTEMPTS_MAX):
            assert deliver(any_engine, now) == 0
            now += timedelta(hours=13)
        (one,) = deliveries(any_engine)
        assert (one.state, one.attempts) == (DeliveryState.DEAD, ATTEMPTS_MAX)
        assert deliver(any_engine, now) == 0
        assert len(receiver.got) == ATTEMPTS_MAX
        with writing(any_engine, EAST, clock=lambda: now) as session:
            retry_delivery(session, EAST, one.id, now)
        assert deliver(any_engine, now) == 1


def test_a_redirect_is_a_failure(any_engine: Engine) -> None:
    with receiving(lambda _before: 307) as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, "a")
        assert deliver(any_engine) == 0
        assert len(receiver.got) == 1
        assert deliveries(any_engine)[0].last_error == "status 307: redirects are not followed"


def test_one_that_hangs_delays_no_other_and_gets_no_more_this_time(
    any_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hurried(*given: Any, **options: Any) -> int:
        return post(*given, **options, timeout_s=0.5)

    monkeypatch.setattr(delivering, "post", hurried)
    with receiving(lambda _before: 0) as hanging, receiving() as quick:
        hooked(any_engine, hanging.url)
        hooked(any_engine, quick.url)
        happen(any_engine, "a", "b", "c")
        assert deliver(any_engine) == 3
        assert len(hanging.got) == 1
        assert sorted(received(quick)) == ["a", "b", "c"]
        failed = [one for one in deliveries(any_engine) if one.state is DeliveryState.PENDING]
        assert sorted(one.attempts for one in failed) == [0, 0, 1]
        assert {one.last_error for one in failed} == {None, "no answer within 0.5 s"}


def test_a_private_address_gets_nothing_unless_allowed(any_engine: Engine) -> None:
    with receiving() as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, "a")
        assert deliver(any_engine, private=False) == 0
        assert receiver.got == []
        assert "private network" in (deliveries(any_engine)[0].last_error or "")


def test_a_test_arrives(any_engine: Engine) -> None:
    with receiving() as receiver:
        hook = hooked(any_engine, receiver.url)
        with writing(any_engine, EAST, clock=lambda: NOW) as session:
            queue_test(session, EAST, hook.id, NOW)
        assert deliver(any_engine) == 1
        assert json.loads(receiver.got[0][1])["kind"] == "webhook.test"


def test_rival_workers_post_each_event_once(any_engine: Engine) -> None:
    wanted = [f"{count:02}" for count in range(12)]
    with receiving() as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, *wanted)
        assert sum(at_once(4, lambda _rival: deliver(any_engine))) == len(wanted)
        assert sorted(received(receiver)) == wanted


class Killed(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("arrives", [False, True])
def test_a_worker_killed_while_posting_is_followed_by_another(
    any_engine: Engine, arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*given: Any, **options: Any) -> int:
        if arrives:
            post(*given, **options)
        raise Killed

    with receiving() as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, "a")
        with monkeypatch.context() as patch:
            patch.setattr(delivering, "post", killed)
            with pytest.raises(Killed):
                deliver(any_engine)
        assert deliver(any_engine) == 0
        assert deliver(any_engine, NOW + CLAIMED) == 1
        assert received(receiver) == ["a"] * (1 + arrives)
        assert len({headers["x-fieldops-delivery"] for headers, _body in receiver.got}) == 1


def test_no_transaction_is_open_while_posting(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def looked(*_given: Any, **_options: Any) -> int:
        held.append(any_engine.pool.checkedout())  # type: ignore[attr-defined]
        raise NotDeliveredError("no")

    monkeypatch.setattr(delivering, "post", looked)
    hooked(any_engine, "https://example.org")
    happen(any_engine, "a")
    deliver(any_engine)
    assert held == [0]


def test_many_events_are_queued_in_steps(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "_EVENTS_PER_STEP", 3)
    monkeypatch.setattr(delivering, "_PER_CALL", 4)
    with receiving() as receiver:
        hooked(any_engine, receiver.url)
        happen(any_engine, *"abcdefgh")
        assert deliver(any_engine) == 4
        with reading(any_engine, SYSTEM) as session:
            assert session.scalar(select(func.count()).select_from(WebhookDelivery)) == 8
        assert deliver(any_engine) == 4
        assert sorted(received(receiver)) == list("abcdefgh")


@given(attempts=st.integers(1, ATTEMPTS_MAX), chance=st.floats(0, 1))
def test_the_wait_grows_from_a_minute_to_half_a_day(attempts: int, chance: float) -> None:
    delay = retry_delay(attempts, chance)
    assert timedelta(seconds=48) <= delay <= timedelta(hours=12)
    assert retry_delay(attempts + 1, chance) >= delay
