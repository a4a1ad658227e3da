"""Help between regions: what is offered, who grants it, what a grant opens and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.installation import set_fact
from inventory.kernel.outbox import OutboxEvent
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Place
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_lanes, add_places, add_regions
from inventory.offers.models import Grant, GrantKind, GrantState
from inventory.offers.queries import grant_by_number, grant_page, granted_regions, offers
from inventory.offers.schemas import AogWait, Decision, NewGrant, OfferOut
from inventory.offers.service import WAIT_MIN, aog_wait_min, ask, decide, review, set_aog_wait, take, withdraw
from tests.worlds import LOADED_AT, load_tiny

SEA = Actor("sea-manager", scope=Scope(regions=frozenset({"SEA"})))
AND = Actor("and-manager", scope=Scope(regions=frozenset({"AND"})))
CN = Actor("cn-manager", scope=Scope(regions=frozenset({"CN"})))
CONTROLLER = Actor("controller", scope=Scope(aog_everywhere=True))
HOUR = timedelta(hours=1)

REQUEST = NewGrant(
    kind=GrantKind.STOCK,
    asking_region="AND",
    granting_region="SEA",
    part="BRAKE-1",
    quantity=Decimal(1),
    destination="CBB",
    purpose="AOG at CBB, brake seized",
    aog=True,
    ends_at=LOADED_AT + timedelta(days=2),
)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world and a third region, which holds nothing: AND, with its hub CBB."""
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code="AND", name="Andes")])
        hub = NewPlace.model_validate(
            {
                "code": "CBB",
                "name": "Cochabamba",
                "tier": "regional",
                "region": "AND",
                "area": "AND",
                "parent": "XIY",
                "latitude": -17.4,
                "longitude": -66.2,
                "time_zone": "America/La_Paz",
                "country": "BO",
            }
        )
        add_places(session, SYSTEM, [hub])
        ways = (("XIY", "CBB", 90, 15), ("VTE", "XIY", 32, 9), ("TSN", "XIY", 8, 9), ("UTH", "VTE", 4, 9))
        lanes = [
            NewLane(
                origin=origin,
                destination=end,
                mode="aog",
                lead_h=hours,
                cost_per_kg=Decimal(per_kg),
                cost_per_piece=Decimal(5),
                currency="USD",
            )
            for origin, end, hours, per_kg in ways
        ]
        add_lanes(session, SYSTEM, lanes)
    return engine


def told_offers(engine: Engine, actor: Actor, part: str, place: str) -> list[OfferOut]:
    """Return what an actor is offered of a part for a place."""
    with reading(engine, actor) as session:
        wanted = session.scalars(select(Part).where(Part.part_number == part)).one()
        destination = session.scalars(select(Place).where(Place.code == place)).one()
        return offers(session, wanted, destination, LOADED_AT)


def test_others_stock_is_told_as_an_offer_never_as_a_balance(world: Engine) -> None:
    central, sea = told_offers(world, AND, "BRAKE-1", "CBB")
    assert (central.region, central.needs_grant_of, central.at_least, central.at_most) == ("CN", None, 2, 4)
    assert central.arrives == LOADED_AT + 90 * HOUR
    assert central.cost == Decimal("432.50")  # 28.5 kg at 15.00, and 5.00 for the piece
    # the piece at VTE: back to XIY by the AOG lane (32 h, 28.5 kg at 9.00 + 5.00), then as above
    assert (sea.region, sea.needs_grant_of, sea.at_least, sea.at_most) == ("SEA", "SEA", 1, 1)
    assert sea.arrives == LOADED_AT + 122 * HOUR
    assert sea.cost == Decimal("694.00")


def test_ones_own_region_is_no_offer_and_what_nobody_holds_is_not_offered(world: Engine) -> None:
    assert [one.region for one in told_offers(world, SEA, "BRAKE-1", "UTH")] == ["CN"]
    assert told_offers(world, AND, "PUMP-1", "CBB")[0].at_most == 1
    with writing(world, SYSTEM) as session:
        post(
            session,
            SYSTEM,
            [NewMove(part="PUMP-1", origin="XIY", destination="ADJUSTMENT", quantity=Decimal(1), document="D")],
            LOADED_AT,
        )
    assert told_offers(world, AND, "PUMP-1", "CBB") == []


def test_what_two_shelves_of_a_region_hold_is_one_offer(world: Engine) -> None:
    lamps = told_offers(world, AND, "LAMP-1", "CBB")
    assert [(one.region, one.needs_grant_of, one.at_least, one.at_most) for one in lamps] == [
        ("CN", None, 10, None),  # 40 at the central depot
        ("CN", "CN", 2, 4),  # 2 at TSN
        ("SEA", "SEA", 5, 9),
    ]


def asked(engine: Engine, wanted: NewGrant = REQUEST, actor: Actor = AND, now: datetime = LOADED_AT) -> str:
    """Ask for help and return the number of the request."""
    with writing(engine, actor) as session:
        return ask(session, actor, wanted, now).number


def state_of(engine: Engine, number: str) -> GrantState:
    """Return where a request stands."""
    with reading(engine, SYSTEM) as session:
        return grant_by_number(session, number).state


def test_the_region_that_is_asked_grants_or_refuses(world: Engine) -> None:
    first, second = asked(world), asked(world)
    assert (first, second) == ("G-000001", "G-000002")
    with writing(world, SEA) as session:
        decide(session, SEA, grant_by_number(session, first), Decision(granted=True), LOADED_AT + HOUR)
        refusal = Decision(granted=False, note="Our last one")
        decide(session, SEA, grant_by_number(session, second), refusal, LOADED_AT + HOUR)
    assert (state_of(world, first), state_of(world, second)) == (GrantState.GRANTED, GrantState.REFUSED)
    with writing(world, SEA) as session, pytest.raises(Conflict, match="refused already"):
        decide(session, SEA, grant_by_number(session, second), Decision(granted=True), LOADED_AT + HOUR)


def test_nobody_else_sees_or_decides(world: Engine) -> None:
    number = asked(world)
    with reading(world, CN) as session:
        assert grant_page(session, limit=9) == []
        with pytest.raises(NotFound):
            grant_by_number(session, number)
    with writing(world, AND) as session, pytest.raises(Forbidden):
        decide(session, AND, grant_by_number(session, number), Decision(granted=True), LOADED_AT)
    with writing(world, CN) as session, pytest.raises(Forbidden):
        ask(session, CN, REQUEST, LOADED_AT)


def test_both_regions_hear_of_it_and_nobody_else(world: Engine) -> None:
    asked(world)

    def heard(actor: Actor) -> int:
        with reading(world, actor) as session:
            return len(session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "grant.changed")).all())

    assert (heard(AND), heard(SEA), heard(CN)) == (1, 1, 0)


def test_the_controller_takes_an_aog_request_after_the_wait_and_the_region_reviews_it(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        set_fact(session, WAIT_MIN, "45")
    number = asked(world)
    late = LOADED_AT + timedelta(minutes=45)
    with writing(world, CONTROLLER) as session, pytest.raises(Conflict) as early:
        take(session, CONTROLLER, grant_by_number(session, number), "cannot wait", late - timedelta(seconds=1))
    assert early.value.code == "still_waiting"
    with writing(world, CONTROLLER) as session:
        take(session, CONTROLLER, grant_by_number(session, number), "departure at 14:20", late)
    with reading(world, SEA) as session:
        (told,) = grant_page(session, limit=9, to_review=True)
    assert (told.state, told.decided_by, told.review_by) == (GrantState.TAKEN, "controller", late + timedelta(days=1))
    with writing(world, AND) as session, pytest.raises(Forbidden):
        review(session, AND, grant_by_number(session, number), "we are content", late)
    with writing(world, SEA) as session:
        review(session, SEA, grant_by_number(session, number), "agreed, piece replaced", late + HOUR)
    with reading(world, SEA) as session:
        assert grant_page(session, limit=9, to_review=True) == []


def taken(engine: Engine) -> tuple[str, datetime]:
    """Let the controller take an AOG request; return its number and when."""
    number, late = asked(engine), LOADED_AT + HOUR
    with writing(engine, CONTROLLER) as session:
        take(session, CONTROLLER, grant_by_number(session, number), "departure at 14:20", late)
    return number, late


def test_who_withdraws_what_was_taken_does_not_evade_the_review(world: Engine) -> None:
    number, late = taken(world)
    with writing(world, AND) as session:
        withdraw(session, AND, grant_by_number(session, number), late + HOUR)
    with reading(world, SEA) as session:
        (told,) = grant_page(session, limit=9, to_review=True)
    assert (told.state, told.decided_by, told.decided_at) == (GrantState.WITHDRAWN, "controller", late)
    assert (told.withdrawn_by, told.withdrawn_at, told.note) == ("and-manager", late + HOUR, "departure at 14:20")
    with writing(world, SEA) as session:
        review(session, SEA, grant_by_number(session, number), "needless", late + HOUR)
    with reading(world, SEA) as session:
        assert grant_page(session, limit=9, to_review=True) == []


def test_an_expired_request_is_not_taken(world: Engine) -> None:
    number = asked(world)
    with writing(world, CONTROLLER) as session, pytest.raises(Conflict) as refused:
        take(session, CONTROLLER, grant_by_number(session, number), "too late", REQUEST.ends_at)
    assert refused.value.code == "grant_expired"


def test_nobody_takes_what_he_or_his_region_asked_for(world: Engine) -> None:
    network = Actor("network", scope=Scope(regions=None))
    number = asked(world, actor=network)
    neighbour = Actor("neighbour", scope=replace(AND.scope, aog_everywhere=True))
    for actor in (network, neighbour):
        with writing(world, actor) as session, pytest.raises(Forbidden) as refused:
            take(session, actor, grant_by_number(session, number), "self service", LOADED_AT + HOUR)
        assert refused.value.code == "own_request"
    other = replace(network, id="other")
    with writing(world, other) as session:
        take(session, other, grant_by_number(session, number), "departure at 14:20", LOADED_AT + HOUR)
    assert state_of(world, number) is GrantState.TAKEN


def test_what_is_not_aog_waits_for_its_region(world: Engine) -> None:
    number = asked(world, REQUEST.model_copy(update={"aog": False}))
    with reading(world, CONTROLLER) as session:
        assert grant_page(session, limit=9) == []
    with writing(world, SYSTEM) as session, pytest.raises(Conflict) as refused:
        take(session, SYSTEM, grant_by_number(session, number), "impatient", LOADED_AT + timedelta(days=1))
    assert refused.value.code == "not_aog"


ACCESS = NewGrant(
    kind=GrantKind.ACCESS,
    asking_region="AND",
    granting_region="SEA",
    purpose="Stand-in for the manager on leave",
    starts_at=LOADED_AT + HOUR,
    ends_at=LOADED_AT + 9 * HOUR,
)


def test_access_is_open_for_its_period_and_until_it_is_withdrawn(world: Engine) -> None:
    number = asked(world, ACCESS)

    def opened(hours: int) -> frozenset[str]:
        with reading(world, SYSTEM) as session:
            return granted_regions(session, AND.scope, LOADED_AT + hours * HOUR)

    assert opened(2) == frozenset()
    with writing(world, SEA) as session:
        decide(session, SEA, grant_by_number(session, number), Decision(granted=True), LOADED_AT)
    assert [opened(hours) for hours in (0, 1, 8, 9)] == [frozenset(), {"SEA"}, {"SEA"}, frozenset()]
    guest = replace(AND, scope=replace(AND.scope, granted=opened(2)))
    assert [one.region for one in told_offers(world, guest, "BRAKE-1", "CBB")] == ["CN", "SEA"]
    with writing(world, SEA) as session:
        withdraw(session, SEA, grant_by_number(session, number), LOADED_AT + 2 * HOUR)
    assert opened(3) == frozenset()


def test_only_the_asking_region_takes_a_request_back(world: Engine) -> None:
    number = asked(world)
    with writing(world, SEA) as session, pytest.raises(Forbidden):
        withdraw(session, SEA, grant_by_number(session, number), LOADED_AT)
    with writing(world, AND) as session:
        withdraw(session, AND, grant_by_number(session, number), LOADED_AT)
    assert state_of(world, number) is GrantState.WITHDRAWN


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_at": LOADED_AT - HOUR}, "wrong_period"),
        ({"starts_at": LOADED_AT, "ends_at": LOADED_AT + timedelta(days=93)}, "wrong_period"),
        ({"starts_at": LOADED_AT + 60 * HOUR}, "wrong_period"),
        ({"destination": "VTE"}, "wrong_destination"),
        ({"destination": "NOWHERE"}, "unknown_place"),
        ({"part": "NONE"}, "unknown_part"),
        ({"granting_region": "MOON"}, "unknown_region"),
        ({"quantity": Decimal(2)}, "beyond_offer"),
        ({"part": "PUMP-1"}, "not_offered"),
        ({"granting_region": "CN"}, "not_offered"),  # the central depot's piece needs no grant
        ({"part": "LAMP-1", "quantity": Decimal(10)}, "beyond_offer"),
    ],
)
def test_a_senseless_request_is_refused(world: Engine, change: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(world, REQUEST.model_copy(update=change))
    assert refused.value.code == code
    with reading(world, SYSTEM) as session:
        assert grants_of(session) == []


def test_up_to_the_end_of_the_band_may_be_asked_for_whatever_is_held(world: Engine) -> None:
    asked(world, REQUEST.model_copy(update={"part": "LAMP-1", "quantity": Decimal(9)}))
    with writing(world, SYSTEM) as session:
        plenty = [NewMove(part="LAMP-1", origin="ADJUSTMENT", destination="VTE", quantity=Decimal(9), document="D")]
        post(session, SYSTEM, plenty, LOADED_AT)
    asked(world, REQUEST.model_copy(update={"part": "LAMP-1", "quantity": Decimal(10_000)}))


def test_whoever_holds_less_than_the_region_asks_for_no_place_in_it(world: Engine) -> None:
    for scope in (Scope(places=frozenset({"CBB"})), Scope(areas=frozenset({"AND"})), SEA.scope):
        with pytest.raises(Forbidden) as refused:
            asked(world, actor=Actor("somebody", scope=scope))
        assert refused.value.code == "outside_region"


def test_the_wait_is_set_for_requests_to_come_and_written_down(world: Engine) -> None:
    first = asked(world)
    with writing(world, SYSTEM) as session:
        assert aog_wait_min(session) == 30
        for minutes in (45, 0):
            set_aog_wait(session, SYSTEM, AogWait(minutes=minutes))
    second = asked(world)
    with reading(world, SYSTEM) as session:
        told = {one.number: one.takeable_at for one in grants_of(session)}
        trail = session.scalars(select(AuditRow).where(AuditRow.subject_key == WAIT_MIN).order_by(AuditRow.id))
        assert [(row.before, row.after) for row in trail] == [
            (None, {"name": WAIT_MIN, "value": "45"}),
            ({"value": "45"}, {"value": "0"}),
        ]
    assert told == {first: LOADED_AT + HOUR / 2, second: LOADED_AT}
    with writing(world, CONTROLLER) as session, pytest.raises(Forbidden):
        set_aog_wait(session, CONTROLLER, AogWait(minutes=0))


def grants_of(session: Session) -> list[Grant]:
    """Return every grant."""
    return list(session.scalars(select(Grant)))


@pytest.mark.parametrize(
    "change",
    [
        {"part": None},
        {"quantity": None},
        {"quantity": "0"},
        {"granting_region": "AND"},
        {"kind": "access"},
        {"purpose": " "},
        {"price": 3},
    ],
)
def test_a_request_says_what_it_asks_for(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewGrant.model_validate(REQUEST.model_dump(mode="json") | change)


def test_a_refusal_says_why() -> None:
    with pytest.raises(ValidationError, match="say in note"):
        Decision(granted=False)
