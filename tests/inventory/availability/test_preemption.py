"""Pre-emption: what is shown first, what the rules allow, what becomes of the other demand, and what nobody is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from inventory.availability.preemption import Taken, preempt, preview
from inventory.availability.reservation_queries import reservation_by_key, reservation_page
from inventory.availability.reservation_schemas import Preemption, ReservationOut, Victim
from inventory.availability.rules import Claim, Rule
from inventory.availability.service import advance, release
from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, NotFound, Stale
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.priority import Priority
from inventory.ledger.models import Reservation, ReservationState, Stage
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from tests.conftest import NOW
from tests.inventory.availability.keeping import CN, DAY, SEA, disagreeing, kept, wish
from tests.worlds import load_tiny

HOUR = timedelta(hours=1)
AOG = Claim("J-1", Priority.AOG)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def shown(engine: Engine, actor: Actor, part: str, destination: str = "UTH", claim: Claim = AOG) -> list[Victim]:
    """Ask for a preview."""
    with reading(engine, actor) as session:
        return preview(session, part, destination, claim, NOW)


def takes(engine: Engine, actor: Actor, key: UUID, quantity: int = 1, **more: Any) -> Taken:
    """Take over a reservation for AOG job J-1."""
    told = {"version": 1, "destination": "UTH", "demand": "J-1", "priority": "AOG", "reason": "Aircraft on ground"}
    wanted = {"reservation": key, "quantity": quantity, "expires_at": NOW + DAY}
    with writing(engine, actor, clock=lambda: NOW) as session:
        taken = preempt(session, actor, Preemption.model_validate(told | wanted | more), NOW)
    with reading(engine, SYSTEM) as session:
        assert not disagreeing(session)
    return taken


def seen(engine: Engine, key: UUID) -> ReservationOut:
    """Return a reservation."""
    with reading(engine, SYSTEM) as session:
        return reservation_by_key(session, key)


def test_the_other_ones_new_date_and_cost_are_shown_first(world: Engine) -> None:
    key = kept(world, wish("BRAKE-1", "VTE", demand="J-5"), SEA)
    (victim,) = shown(world, SEA, "BRAKE-1")
    assert (victim.reservation.id, victim.forbidden_by, victim.needs_consent) == (key, [], [])
    assert victim.arrives == NOW + 4 * HOUR
    assert victim.next is not None
    assert (victim.next.place, victim.next.arrives) == ("XIY", NOW + 36 * HOUR)
    assert victim.delay_h == 32
    # from VTE one brake costs 28.5 kg at 9 and 5; from XIY the same once more
    assert (victim.freight, victim.extra_freight) == (Decimal("261.50"), Decimal("261.50"))


def test_it_is_taken_over_and_the_other_is_told_why(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE", 3, demand="J-3"), SEA)
    taken = takes(world, SEA, key, 2)
    lost, made = seen(world, taken.preempted), seen(world, taken.made)
    assert (lost.state, lost.reason, lost.ended_by) == (ReservationState.PREEMPTED, "Aircraft on ground", "sea")
    assert (made.quantity, made.demand, made.priority, made.place) == (Decimal(2), "J-1", Priority.AOG, "VTE")
    assert taken.rebooked == []
    with reading(world, SYSTEM) as session:
        events = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "reservation.preempted")).all()
    assert {(event.audience, event.place) for event in events} == {("SEA", "VTE"), ("SEA", "UTH")}
    assert events[0].payload["reason"] == "Aircraft on ground"
    assert events[0].payload["state"] == "preempted"
    kept(world, wish("LAMP-1", "VTE", 3, demand="J-4"), SEA)  # of five two are kept


def test_the_other_is_booked_elsewhere_on_demand(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE", 5, demand="J-3"), SEA)
    taken = takes(world, SEA, key, 4, rebook=True)
    again = [seen(world, one) for one in taken.rebooked]
    assert [(one.place, one.quantity, one.demand, one.destination) for one in again] == [
        ("VTE", Decimal(1), "J-3", "UTH"),
        ("XIY", Decimal(4), "J-3", "UTH"),
    ]


def test_the_other_is_booked_only_on_what_its_aircraft_accepts(world: Engine) -> None:
    registered = {"type": "TP60", "registry_authority": "EASA"}
    for_it = kept(world, wish("PUMP-1", "XIY", destination="TSN", demand="J-2"), SYSTEM)
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        session.get_one(Reservation, for_it).aircraft = ForAircraft.model_validate(registered).model_dump(mode="json")
    assert seen(world, for_it).aircraft == ForAircraft.model_validate(registered)
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        there = {"part": "PUMP-1", "origin": "ADJUSTMENT", "destination": "TSN", "quantity": 1, "document": "C-1"}
        post(session, SYSTEM, [NewMove.model_validate(there)], NOW)
    (victim,) = shown(world, SYSTEM, "PUMP-1", "TSN")
    assert victim.next is None  # the pump at TSN has no papers
    taken = takes(world, SYSTEM, for_it, version=2, destination="TSN", rebook=True)
    assert taken.rebooked == []


def test_an_aog_controller_sees_what_aircraft_on_ground_keep_everywhere(world: Engine) -> None:
    for_aog = kept(world, wish("LAMP-1", "XIY", destination="TSN", demand="J-1", priority="AOG"), CN)
    kept(world, wish("LAMP-1", "XIY", destination="TSN", demand="J-2"), CN)
    controller = Actor("duty", scope=Scope(regions=frozenset({"SEA"}), aog_everywhere=True))
    for actor, told in ((SEA, []), (controller, [for_aog])):
        with reading(world, actor) as session:
            assert [one.id for one in reservation_page(session, limit=9)] == told
    # to see is not to change: help of another region is asked for
    with pytest.raises(Forbidden), writing(world, controller, clock=lambda: NOW) as session:
        release(session, controller, for_aog, 1, None, NOW)


@pytest.mark.parametrize("stage", [Stage.PACKED, Stage.CLEARED])
def test_what_is_on_its_way_stays_so(world: Engine, stage: Stage) -> None:
    key = kept(world, wish("LAMP-1", "VTE"), SEA)
    with writing(world, SEA, clock=lambda: NOW) as session:
        advance(session, SEA, key, 1, stage, NOW)
    (victim,) = shown(world, SEA, "LAMP-1")
    assert (victim.forbidden_by, victim.next) == ([Rule.ON_ITS_WAY], None)
    with pytest.raises(Conflict, match="on_its_way"):
        takes(world, SEA, key, version=2)
    with pytest.raises(Conflict, match="on_its_way"):
        takes(world, SEA, key, version=2, consent="The president agreed")


@pytest.mark.parametrize(("priority", "rule"), [("AOG", "aog"), ("ROUTINE", "not_more_urgent")])
def test_only_the_more_urgent_takes_and_never_from_an_aog(world: Engine, priority: str, rule: str) -> None:
    key = kept(world, wish("LAMP-1", "VTE", priority=priority), SEA)
    for own in ("AOG", "CRITICAL", "ROUTINE") if priority == "AOG" else ("ROUTINE",):
        with pytest.raises(Conflict, match=rule) as why:
            takes(world, SEA, key, priority=own, consent="Agreed by everybody")
        assert why.value.code == "preemption_forbidden"


def test_a_fence_is_crossed_with_consent_only(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE", contract="C-1"), SEA)
    (victim,) = shown(world, SEA, "LAMP-1")
    assert (victim.forbidden_by, victim.needs_consent) == ([], [Rule.RING_FENCE])
    with pytest.raises(Conflict) as why:
        takes(world, SEA, key)
    assert why.value.code == "consent_needed"
    taken = takes(world, SEA, key, consent="Lao Air, Mr Vong, by telephone 08:55")
    assert seen(world, taken.preempted).consent == "Lao Air, Mr Vong, by telephone 08:55"
    other = kept(world, wish("LAMP-1", "VTE", contract="C-1", demand="J-7"), SEA)
    takes(world, SEA, other, contract="C-1", demand="J-6")


def test_a_stale_preview_and_too_much_are_refused(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE", 2), SEA)
    with pytest.raises(Stale):
        takes(world, SEA, key, version=7)
    with pytest.raises(Conflict) as why:
        takes(world, SEA, key, 3)
    assert why.value.code == "beyond_reservation"
    takes(world, SEA, key, 2)
    with pytest.raises(DomainError) as why_again:
        takes(world, SEA, key, 1, version=2)
    assert why_again.value.code == "reservation_ended"


def test_those_that_no_rule_forbids_come_first_the_least_urgent_before(world: Engine) -> None:
    wishes: list[dict[str, Any]] = [
        {"demand": "A", "priority": "AOG"},
        {"demand": "F", "contract": "C-1"},
        {"demand": "C", "priority": "CRITICAL"},
        {"demand": "R"},
    ]
    for more in wishes:
        kept(world, wish("LAMP-1", "VTE", **more), SEA)
    assert [victim.reservation.demand for victim in shown(world, SEA, "LAMP-1")] == ["R", "C", "F", "A"]


def test_what_the_acceptance_rules_refuse_is_shown_as_such_and_not_taken(world: Engine) -> None:
    fine, bare = (
        kept(world, wish("BRAKE-1", place, demand=f"J-{at}"), SYSTEM) for at, place in enumerate(("VTE", "XIY"))
    )
    registered = {"type": "TP60", "registry_authority": "EASA"}
    aircraft = ForAircraft.model_validate(registered)
    with reading(world, SYSTEM) as session:
        victims = preview(session, "BRAKE-1", "UTH", AOG, NOW, aircraft=aircraft.value())
    assert {one.reservation.id for one in victims} == {fine, bare}
    # no brake of the small world has papers; without the registry nobody asks for them
    assert all(one.not_acceptable for one in victims)
    assert not any(one.not_acceptable for one in shown(world, SYSTEM, "BRAKE-1"))
    with pytest.raises(Conflict) as refusal:
        takes(world, SYSTEM, fine, aircraft=registered)
    assert (refusal.value.code, refusal.value.field) == ("not_acceptable", "reservation")
    assert seen(world, fine).state == "held"
    takes(world, SYSTEM, fine)


def test_another_regions_reservations_are_neither_shown_nor_taken(world: Engine) -> None:
    theirs = kept(world, wish("LAMP-1", "XIY", 40, destination="TSN", demand="SECRET-1"), CN)
    at_home = kept(world, wish("LAMP-1", "VTE", demand="SECRET-2"), SEA)
    assert [victim.reservation.id for victim in shown(world, SEA, "LAMP-1")] == [at_home]
    assert [victim.reservation.id for victim in shown(world, CN, "LAMP-1", "TSN")] == [theirs]
    with pytest.raises(NotFound):
        takes(world, SEA, theirs)
    with pytest.raises(NotFound):
        takes(world, CN, at_home, destination="TSN")
    with pytest.raises(Forbidden):
        takes(world, SEA, at_home, destination="TSN")


def test_the_depot_takes_for_its_own_what_another_region_reserved_of_it(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "XIY", 39, destination="VTE", demand="J-5"), SEA)
    taken = takes(world, CN, key, destination="TSN", rebook=True)
    assert seen(world, taken.made).destination == "TSN"
    (again,) = (seen(world, one) for one in taken.rebooked)
    assert (again.place, again.destination, again.quantity) == ("XIY", "VTE", Decimal(39))
    with reading(world, SEA) as session:
        assert (
            session.scalars(select(OutboxEvent.kind).where(OutboxEvent.place == "VTE"))
            .all()
            .count("reservation.preempted")
        )
