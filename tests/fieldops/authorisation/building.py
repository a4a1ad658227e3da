"""What the world of the matrix holds: the small world, a third region, and all that a route can be asked about."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.events.schemas import NewWebhook
from fieldops.events.service import add_webhook, queue_test
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.identity.calendars import open_calendar
from fieldops.identity.links import login_link
from fieldops.identity.models import ApiToken, Credential, User
from fieldops.identity.schemas import Member, NewUser
from fieldops.identity.service import add_user
from fieldops.identity.sessions import open_session
from fieldops.operations.schemas import NewSchedule
from fieldops.operations.service import add_schedules, run_now
from fieldops.planning.desk.asking import recommend
from fieldops.planning.desk.schemas import RecommendationQuestion
from fieldops.planning.operation import KIND
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.versions.making import make_dispatch_plan
from inventory.availability.reservation_schemas import NewReservation
from inventory.availability.service import reserve
from inventory.catalogue.link_schemas import NewComponent, NewInterchange
from inventory.catalogue.link_service import add_components, add_interchanges
from inventory.catalogue.models import Interchange, InterchangeKind, Part, PartComponent
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor
from inventory.kernel.actor import Scope as ActorScope
from inventory.kernel.engine import writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from inventory.kernel.operations import submit
from inventory.kernel.outbox import EVERYONE, emit
from inventory.ledger.cost_models import AssetValue
from inventory.ledger.costs import Receipt, receive
from inventory.ledger.models import Reservation
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.calendar_schemas import NewCalendar
from inventory.network.models import Tier
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_calendars, add_lanes, add_places, add_regions
from inventory.offers.models import Grant, GrantKind
from inventory.offers.schemas import Decision, NewGrant
from inventory.offers.service import ask, decide, take
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from inventory.stocktakes.counting import count
from inventory.stocktakes.queries import stocktake_by_number
from inventory.stocktakes.schemas import Count, NewStocktake
from inventory.stocktakes.service import open_stocktake
from inventory.stocktakes.service import submit as submit_stocktake
from inventory.traceability.models import Lot, LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from optimizer.run import Limit
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.fieldops.authorisation.money import add_money
from tests.fieldops.authorisation.orders import add_orders
from tests.fieldops.authorisation.papers import add_papers
from tests.fieldops.authorisation.people import MEMBERSHIPS, PEOPLE, Person, Where
from tests.fieldops.authorisation.targets import add_target_plans
from tests.fieldops.authorisation.work import add_work
from tests.fieldops.authorisation.workforce import add_workforce
from tests.worlds import TINY_DATE, load_tiny

PASSWORD = "correct horse battery"  # noqa: S105 - of the tests only
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - of the tests only
KEPT = UUID("01900000-0000-7000-8000-0000000000aa")
"""The reservation of a lamp at UTH."""
LAST_EVENT = "tests.last"
"""Kind of the newest event, which everybody hears."""
ADDRESS = "http://127.0.0.1"
RECEIVED = UUID("01900000-0000-7000-8000-00000000000f")
"""The move by which UTH got its numbered filter."""
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def acting_in(region: str) -> Actor:
    """Return somebody who may do everything in one region."""
    return Actor(f"{region.lower()}.staff", permissions=ALL_PERMISSIONS, scope=ActorScope(regions=frozenset({region})))


def build(engine: Engine) -> dict[str, str]:
    """Fill the world and return the keys of what has no code of its own.

    A third region, EU, is what SEA asks and is asked by: CN has no part in that.
    """
    load_tiny(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        _third_region(session)
        add_operators(session, SYSTEM, [NewOperator(code=f"OP-{one}", name=f"Air {one}", country="LA") for one in "AB"])
        add_user(
            session,
            SYSTEM,
            NewUser(
                name="subject",
                display_name="Subject",
                roles=frozenset({"technician"}),
                memberships=frozenset({Member(kind="region", code="SEA")}),  # type: ignore[arg-type]
            ),
        )
        set_fact(session, DEMO_DATE, TINY_DATE.isoformat())
    for region, number, place in (("SEA", "J-6", "UTH"), ("CN", "J-7", "TSN"), ("EU", "J-8", "MUC")):
        with writing(engine, acting_in(region), clock=lambda: NOW) as session:
            add_jobs(session, acting_in(region), [NewJob.model_validate(new_job(number, place))])
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        # what people change in the plan, on another day than its other work
        later = {"window_start": "2026-03-04T00:00:00Z"}
        add_jobs(session, SYSTEM, [NewJob.model_validate(new_job("J-14", "VTE") | later)])
    limit = Limit(iterations=20)
    make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=limit), clock=lambda: NOW)
    of_sea = PlanRequest(TINY_DATE, region="SEA", limit=limit)
    make_day_plan(engine, acting_in("SEA"), of_sea, clock=lambda: NOW)
    make_dispatch_plan(engine, acting_in("SEA"), of_sea, clock=lambda: NOW)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        _receive_numbered(session)
        _ways_back(session)
        _reservations(session)
        _grants(session)
        known = _unattended(session) | _links(session)
        known["operator_b"] = str(session.scalars(select(Operator.id).where(Operator.code == "OP-B")).one())
        known["calendar"] = open_calendar(session, "subject", NOW)
        known["link"] = login_link(session, ADDRESS, "subject", NOW).rpartition("/")[2]
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        hours = [{"weekday": 1, "opens": "08:00", "closes": "16:00"}]
        add_calendars(session, SYSTEM, [NewCalendar.model_validate({"code": "OFFICE", "name": "O", "hours": hours})])
        known |= add_papers(session)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        known |= add_workforce(session)
    _stocktakes(engine)
    known |= add_orders(engine)
    known |= add_work(engine, new_job)
    known |= add_money(engine)
    known |= add_target_plans(engine, acting_in("SEA"))
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        emit(session, LAST_EVENT, {}, NOW, audience=EVERYONE)
    known["answer"] = str(recommend(engine, SYSTEM, "J-3", RecommendationQuestion(), lambda: NOW).key)
    return known


def new_job(number: str, place: str) -> dict[str, Any]:
    """Return a routine job as a request carries it."""
    return {
        "number": number,
        "work_order": f"W-{number}",
        "title": "Cabin light flickers",
        "kind": "defect",
        "priority": "ROUTINE",
        "place": place,
        "duration_min": 60,
        "window_start": "2026-03-02T00:00:00Z",
        "window_end": "2026-03-06T00:00:00Z",
        "due_at": "2026-03-05T00:00:00Z",
        "delay_cost_per_h": "15",
        "currency": "USD",
        "qualifications": ["B1"],
    }


def _third_region(session: Session) -> None:
    add_regions(session, SYSTEM, [NewRegion(code="EU", name="Europe")])
    munich = NewPlace(
        code="MUC",
        name="Munich",
        tier=Tier.OUTLET,
        region="EU",
        area="EU",
        parent="XIY",
        latitude=48.35,
        longitude=11.79,
        time_zone="Europe/Berlin",
        country="DE",
    )
    add_places(session, SYSTEM, [munich])
    moves = [("LAMP-1", "UTH", 3), ("LAMP-1", "MUC", 9), ("FILTER-1", "UTH", 3)]
    post(
        session,
        SYSTEM,
        [
            NewMove(part=part, origin="ADJUSTMENT", destination=place, quantity=Decimal(3), document="OPENING")
            for part, place, _target in moves
        ],
        NOW,
    )
    add_lanes(
        session,
        SYSTEM,
        [
            NewLane(
                origin="XIY",
                destination="MUC",
                mode="routine",
                lead_h=96,
                cost_per_kg=Decimal(4),
                cost_per_piece=Decimal(5),
                currency="USD",
            )
        ],
    )
    set_targets(
        session, SYSTEM, [NewTarget(part=part, place=place, quantity=Decimal(target)) for part, place, target in moves]
    )
    first, end = date(2026, 1, 1), date(2026, 4, 1)
    open_lines(
        session,
        SYSTEM,
        [
            NewBudgetLine(
                region="EU",
                category=category,
                period_start=first,
                period_end=end,
                currency="USD",
                budget=Decimal(10 if category is Category.FREIGHT else 50_000),
            )
            for category in Category
        ],
        NOW,
    )


def _reservations(session: Session) -> None:
    """Keep a lamp in each region; at UTH by the reservation `KEPT`."""
    for place, key in {"UTH": KEPT, "TSN": uuid4(), "MUC": uuid4()}.items():
        wanted = {"part": "LAMP-1", "place": place, "destination": place, "quantity": 1, "demand": f"J-{place}"}
        wanted |= {"priority": "ROUTINE", "expires_at": NOW + timedelta(days=2)}
        (made,) = reserve(session, SYSTEM, NewReservation.model_validate(wanted), NOW)
        session.execute(update(Reservation).where(Reservation.id == made).values(id=key))


def _ways_back(session: Session) -> None:
    ways = [("MUC", "XIY"), ("TSN", "XIY"), ("VTE", "XIY"), ("UTH", "VTE")]
    back = {"mode": "routine", "lead_h": 96, "cost_per_kg": Decimal(4), "cost_per_piece": Decimal(5), "currency": "USD"}
    add_lanes(
        session,
        SYSTEM,
        [NewLane.model_validate({"origin": origin, "destination": end} | back) for origin, end in ways],
    )


def _grants(session: Session) -> None:
    """G-000001 may be withdrawn by SEA, the next three decided, taken and reviewed; the last two are no business of
    CN's and of SEA's."""
    hour = timedelta(hours=1)
    common: dict[str, Any] = {"kind": GrantKind.STOCK, "part": "LAMP-1", "quantity": Decimal(1), "purpose": "help"}
    common["ends_at"] = NOW + timedelta(days=2)
    asking = common | {"asking_region": "SEA", "granting_region": "EU", "destination": "UTH"}
    asked = common | {"asking_region": "EU", "granting_region": "SEA", "destination": "MUC"}
    ask(session, SYSTEM, NewGrant(**asking), NOW)
    ask(session, SYSTEM, NewGrant(**asked), NOW)
    ask(session, SYSTEM, NewGrant(**asked, aog=True), NOW - hour)
    take(session, SYSTEM, ask(session, SYSTEM, NewGrant(**asked, aog=True), NOW - 2 * hour), "taken", NOW - hour)
    refused: Grant = ask(session, SYSTEM, NewGrant(**asking), NOW)
    decide(session, SYSTEM, refused, Decision(granted=False, note="no pieces left"), NOW)
    elsewhere = common | {"asking_region": "EU", "granting_region": "CN", "destination": "MUC"}
    ask(session, SYSTEM, NewGrant(**elsewhere), NOW)


def _receive_numbered(session: Session) -> None:
    """Receive a numbered filter in each region; the one at UTH by the move `RECEIVED`."""
    places = {"UTH": RECEIVED, "TSN": uuid4(), "MUC": uuid4()}
    add_lots(session, SYSTEM, [NewLot(part="FILTER-1", number=f"SN-{code}", kind=LotKind.SERIAL) for code in places])
    post(
        session,
        SYSTEM,
        [
            NewMove(
                move_id=move,
                part="FILTER-1",
                lot=f"SN-{code}",
                origin="ADJUSTMENT",
                destination=code,
                quantity=Decimal(1),
                document="RECEIPT",
            )
            for code, move in places.items()
        ],
        NOW,
    )


def _stocktakes(engine: Engine) -> None:
    """At UTH: ST-000001 is counted, ST-000002 has nothing to count, ST-000003 waits for its approval; then others'."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        for place, parts in (("UTH", None), ("UTH", ["PUMP-1"]), ("UTH", ["LAMP-1"]), ("TSN", None), ("MUC", None)):
            open_stocktake(session, SYSTEM, NewStocktake(place=place, parts=parts), NOW)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        waiting = stocktake_by_number(session, "ST-000003")
        count(session, SYSTEM, waiting, [Count(part="LAMP-1", quantity=Decimal(2))], NOW)
        submit_stocktake(session, SYSTEM, waiting, NOW)
        _costs(session)


def _costs(session: Session) -> None:
    """A priced receipt of lamps, and a value of the numbered filter of UTH."""
    lamp = session.scalars(select(Part.id).where(Part.part_number == "LAMP-1")).one()
    receive(session, [Receipt(lamp, None, Decimal(3), Decimal(7), uuid4(), NOW)], NOW)
    filter_ = session.scalars(select(Lot.id).where(Lot.number == "SN-UTH")).one()
    session.add(AssetValue(lot_id=filter_, move_id=uuid4(), acquired_at=NOW, cost=Decimal(90)))


def _links(session: Session) -> dict[str, str]:
    kind = InterchangeKind.TWO_WAY
    new = NewInterchange(part="PUMP-1", alternative="BRAKE-1", kind=kind, source="IPC 29-11-03")
    add_interchanges(session, SYSTEM, [new])
    add_components(session, SYSTEM, [NewComponent(assembly="BRAKE-1", component="LAMP-1", quantity=Decimal(2))])
    keys = {"interchange": Interchange.id, "component": PartComponent.id}
    return {name: str(session.scalars(select(key)).one()) for name, key in keys.items()}


def _unattended(session: Session) -> dict[str, str]:
    parameters = {"date": TINY_DATE.isoformat()}
    keys = {
        f"operation{suffix}": submit(session, SYSTEM, KIND, parameters | {"region": region}, NOW, region=region).id
        for suffix, region in (("", "SEA"), ("_cn", "CN"), ("_eu", "EU"))
    }
    new = NewSchedule(name="NIGHTLY", kind=KIND, parameters=parameters, cron="0 2 * * *", time_zone="UTC")
    (nightly,) = add_schedules(session, SYSTEM, [new], NOW)
    run_now(session, SYSTEM, nightly, NOW - timedelta(days=1))
    for suffix, region in (("", "SEA"), ("_cn", "CN")):
        hook = add_webhook(session, SYSTEM, NewWebhook(url="https://example.org/hook", region=region), NOW)
        keys[f"webhook{suffix}"] = hook.id
        keys[f"delivery{suffix}"] = queue_test(session, SYSTEM, hook.id, NOW).id
    return {name: str(key) for name, key in keys.items()}


def add_people(engine: Engine) -> tuple[dict[Person, str], dict[Person, str], dict[Person, str]]:
    """Add everybody; returns tokens, secrets of sessions, and the keys of the tokens.

    All have the same password, and a second factor that waits for its first code. They were seen at this very moment,
    so that no request writes down that they were.
    """
    with writing(engine, SYSTEM) as session:
        operator = session.scalars(select(Operator.id).where(Operator.code == "OP-B")).one()
    tokens = {
        person: issue_token(
            engine,
            person.name,
            roles=[person.role],
            memberships=MEMBERSHIPS[person.where],
            operator=operator if person.where is Where.OPERATOR else None,
            now=NOW,
        )
        for person in PEOPLE
    }
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Credential).values(password_hash=CHEAP.hash(PASSWORD), totp_secret=TOTP_SECRET))
        session.execute(update(ApiToken).values(last_used_at=NOW))
        users = {user.name: user.id for user in session.scalars(select(User))}
        owned = {token.user_id: token.id for token in session.scalars(select(ApiToken))}
        sessions = {
            person: open_session(session, users[person.name], person.name, NOW, by="tests") for person in PEOPLE
        }
    return tokens, sessions, {person: str(owned[users[person.name]]) for person in PEOPLE}
