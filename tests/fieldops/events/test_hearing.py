"""Who hears what: the statement's criterion and the hub's rule say the same."""

from __future__ import annotations

from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from fieldops.events.queries import events_after
from fieldops.events.relay import relay
from fieldops.events.rules import is_of_kinds, narrowed, untold
from inventory.kernel.actor import NETWORK, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.outbox import EVERYONE, NETWORK_ONLY, OutboxEvent, emit, hears
from tests.conftest import NOW

AUDIENCES = (EVERYONE, NETWORK_ONLY, "E", "W")
AREAS = (None, "E", "north", "south")
PLACES = (None, "W", "NBO", "north")
KINDS = ("job.moved", "job_moved", "JOB.moved", "stock.moved")

some = st.frozensets
scopes = st.builds(
    Scope,
    regions=st.none() | some(st.sampled_from(["E", "W", "S"])),
    areas=some(st.sampled_from(["E", "north", "south", "-"])),
    places=some(st.sampled_from(["W", "NBO", "*"])),
    granted=some(st.sampled_from(["E", "W"])),
)


def fill(engine: Engine) -> None:
    """Let one event of each sort happen."""
    with reading(engine, SYSTEM) as session:
        if session.scalar(select(OutboxEvent.id).limit(1)):
            return
    with writing(engine, SYSTEM) as session:
        rows = [
            {"audience": audience, "area": area, "place": place, "kind": kind}
            | {"key": str(number), "payload": {}, "happened_at": NOW}
            for number, (audience, area, place, kind) in enumerate(product(AUDIENCES, AREAS, PLACES, KINDS))
        ]
        session.execute(insert(OutboxEvent), rows)
    relay(engine)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=scopes, kinds=st.lists(st.sampled_from(["job", "job.", "j", "stock.moved", "stocks", "JOB"]), max_size=2))
def test_the_statement_and_the_rule_agree(any_engine: Engine, scope: Scope, kinds: list[str]) -> None:
    fill(any_engine)
    with reading(any_engine, SYSTEM) as session:
        everything = events_after(session, 0, limit=1_000)
    assert len(everything) == len(AUDIENCES) * len(AREAS) * len(PLACES) * len(KINDS)
    with reading(any_engine, Actor("somebody", scope=scope)) as session:
        read = events_after(session, 0, kinds=kinds, limit=1_000)
    assert read == [
        one for one in everything if hears(scope, one.audience, one.area, one.place) and is_of_kinds(one.kind, kinds)
    ]


@given(scope=scopes, audience=st.sampled_from(AUDIENCES), area=st.sampled_from(AREAS), place=st.sampled_from(PLACES))
def test_a_webhook_of_a_region_hears_that_region_only(
    scope: Scope, audience: str, area: str | None, place: str | None
) -> None:
    assert hears(narrowed(scope, "E"), audience, area, place) == (audience in ("E", EVERYONE))
    assert narrowed(scope, NETWORK_ONLY) is scope


def test_the_right_to_hear_is_no_right_to_know(any_engine: Engine) -> None:
    told = {
        "budget.opened": "budget.read",
        "cost.reserved": "budget.read",
        "job.added": "dispatch.read",
        "tested": None,
    }
    with writing(any_engine, SYSTEM) as session:
        for kind in told:
            emit(session, kind, {}, NOW, audience=EVERYONE)
    relay(any_engine)

    def heard(*permissions: str) -> list[str]:
        actor = Actor("somebody", permissions=frozenset({"events.read", *permissions}), scope=NETWORK)
        with reading(any_engine, actor) as session:
            return [one.kind for one in events_after(session, 0, without=untold(actor), limit=9)]

    assert heard() == ["tested"]
    assert heard("budget.read") == ["budget.opened", "cost.reserved", "tested"]
    assert heard("dispatch.read") == ["job.added", "tested"]
