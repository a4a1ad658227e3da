"""Numbers of events: without gaps, never changed, in the order in which readers may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.events import relay as relaying
from fieldops.events.attempts import EVENTS_KEPT, prune_ended
from fieldops.events.models import WebhookDelivery
from fieldops.events.queries import events_after, last_number
from fieldops.events.relay import give_numbers, relay
from fieldops.events.schemas import NewWebhook
from fieldops.events.service import add_webhook
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.outbox import OutboxEvent, emit
from tests.conftest import NOW
from tests.fieldops.events.serving import EAST, WEST, happen
from tests.rivals import at_once


def told(engine: Engine) -> dict[str, int | None]:
    with reading(engine, SYSTEM) as session:
        return {one.payload["name"]: one.number for one in session.scalars(select(OutboxEvent))}


def test_numbers_go_on_and_never_change(any_engine: Engine) -> None:
    happen(any_engine, "a", "b")
    assert told(any_engine) == {"a": None, "b": None}
    assert relay(any_engine) == 2
    happen(any_engine, "c")
    assert relay(any_engine) == 1
    assert relay(any_engine) == 0
    assert told(any_engine) == {"a": 1, "b": 2, "c": 3}


def test_more_than_a_batch_is_numbered(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "BATCH", 4)
    wanted = [f"{count:02}" for count in range(11)]
    happen(any_engine, *wanted)
    assert relay(any_engine) == 11
    assert told(any_engine) == {name: number for number, name in enumerate(wanted, 1)}


def test_old_events_are_forgotten_but_for_the_last_and_what_a_delivery_names(any_engine: Engine) -> None:
    happen(any_engine, *"abcd")
    relay(any_engine)
    later = NOW + EVENTS_KEPT
    with writing(any_engine, SYSTEM) as session:
        hook = add_webhook(session, SYSTEM, NewWebhook(url="https://example.org/hook"), NOW)
        session.add(WebhookDelivery(webhook_id=hook.id, number=2, queued_at=NOW, next_at=NOW))
        assert prune_ended(session, later) == 0
        assert prune_ended(session, later + timedelta(seconds=1)) == 2
    assert told(any_engine) == {"b": 2, "d": 4}
    with writing(any_engine, SYSTEM) as session:
        session.scalars(select(WebhookDelivery)).one().ended_at = NOW
        session.flush()
        assert prune_ended(session, later + timedelta(seconds=1)) == 2  # the delivery and its event
    happen(any_engine, "e")
    relay(any_engine)
    assert told(any_engine) == {"d": 4, "e": 5}


def test_a_relay_that_ends_before_its_commit_leaves_nothing(any_engine: Engine) -> None:
    def crash() -> None:
        with writing(any_engine, SYSTEM) as session:
            assert give_numbers(session) == 2
            raise ZeroDivisionError

    happen(any_engine, "a", "b")
    with pytest.raises(ZeroDivisionError):
        crash()
    assert set(told(any_engine).values()) == {None}
    relay(any_engine)
    assert told(any_engine) == {"a": 1, "b": 2}


@pytest.mark.postgres
def test_what_began_early_and_committed_late_gets_the_later_number(postgres_engine: Engine) -> None:
    with writing(postgres_engine, SYSTEM) as slow:
        emit(slow, "job.moved", {"name": "slow"}, NOW)
        slow.flush()
        happen(postgres_engine, "quick")
        assert relay(postgres_engine) == 1
    relay(postgres_engine)
    assert told(postgres_engine) == {"quick": 1, "slow": 2}


def test_rival_relays_and_writers_leave_no_gap_and_no_reader_misses_one(any_engine: Engine) -> None:
    each, writers = 20, 3

    def work(rival: int) -> list[int]:
        if rival < writers:
            happen(any_engine, *(f"{rival}-{count}" for count in range(each)))
        seen: list[int] = []
        while len(seen) < each * writers:
            relay(any_engine)
            with reading(any_engine, SYSTEM) as session:
                seen += [one.number for one in events_after(session, seen[-1] if seen else 0, limit=7)]
        return seen

    for seen in at_once(6, work):
        assert seen == list(range(1, each * writers + 1))


def test_the_last_number_is_that_of_what_the_actor_hears(any_engine: Engine) -> None:
    happen(any_engine, "a", "b")
    happen(any_engine, "c", audience="W")
    relay(any_engine)

    def last(session: Session) -> int:
        return last_number(session)

    with reading(any_engine, EAST) as east, reading(any_engine, WEST) as west, reading(any_engine, SYSTEM) as all_:
        assert (last(east), last(west), last(all_)) == (2, 3, 3)
