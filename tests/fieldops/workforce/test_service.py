"""Adding technicians, and reading them for pages and for plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, delete, select

from fieldops.workforce.facts import JobFacts
from fieldops.workforce.models import Shift
from fieldops.workforce.people import people_facts
from fieldops.workforce.presence import presence
from fieldops.workforce.queries import count_technicians, technician_by_code, technician_page, technicians_for_plan
from fieldops.workforce.releasing.models import RestRule
from fieldops.workforce.roster.schemas import NewStandby
from fieldops.workforce.roster.service import add_standby
from fieldops.workforce.schemas import Duty, Held, NewQualification, NewTechnician, TechnicianChange
from fieldops.workforce.service import add_qualifications, add_technicians, change_technician
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from tests.statements import statements
from tests.worlds import TINY_DATE, load_tiny

NIGHT = Duty(work_date=TINY_DATE, starts=time(22), ends=time(6))
B1 = Held(code="B1", valid_from=date(2026, 1, 1), valid_until=date(2026, 3, 4))


def person(code: str, **changes: Any) -> NewTechnician:
    """A technician of Vientiane with one qualification and one night shift."""
    usual: dict[str, Any] = {
        "code": code,
        "name": "ສົມໄຊ",
        "base": "VTE",
        "time_zone": "Asia/Vientiane",
        "cost_per_h": Decimal("22.5"),
        "currency": "USD",
        "qualifications": (B1,),
        "shifts": (NIGHT,),
    }
    return NewTechnician(**usual | changes)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def _add(engine: Engine, *people: NewTechnician) -> None:
    with writing(engine, SYSTEM) as session:
        add_technicians(session, SYSTEM, people)


def test_a_person_is_planned_in_utc(any_engine: Engine) -> None:
    load_tiny(any_engine)
    early = Duty(work_date=TINY_DATE + timedelta(days=1), starts=time(6), ends=time(9))
    later = Held(code="B1", valid_from=date(2026, 3, 5), valid_until=date(2026, 3, 31))
    _add(any_engine, person("T-9", shifts=(early, NIGHT), qualifications=(later, B1)))
    with reading(any_engine, SYSTEM) as session:
        found = {one.code: one for one in technicians_for_plan(session, TINY_DATE, 7)}["T-9"]
    assert (found.name, found.base, found.cost_per_h, found.currency) == ("ສົມໄຊ", "VTE", Decimal("22.5"), "USD")
    # Vientiane is seven hours ahead; the second shift starts when the first ends
    assert found.duties == ((datetime(2026, 3, 2, 15, tzinfo=UTC), datetime(2026, 3, 3, 2, tzinfo=UTC)),)
    held = (datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 3, 31, 17, tzinfo=UTC))
    assert found.qualifications == {"B1": (held,)}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu"])
def test_every_duty_that_touches_the_days_is_there(world: Engine, zone: str) -> None:
    around = tuple(
        Duty(work_date=TINY_DATE + timedelta(days=day), starts=time(hour), ends=time((hour + 8) % 24))
        for day in range(-4, 12)
        for hour in (0, 8, 16)
    )
    with writing(world, SYSTEM) as session:  # whoever works around the clock breaks any of them
        session.execute(delete(RestRule))
    _add(world, person("T-9", time_zone=zone, shifts=around))
    with reading(world, SYSTEM) as session:
        found = {one.code: one for one in technicians_for_plan(session, TINY_DATE, 7)}["T-9"]
    (duty,) = found.duties
    # whatever the zone in which somebody counts the seven days
    assert duty[0] <= datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=14)
    assert duty[1] >= datetime(2026, 3, 9, tzinfo=UTC) + timedelta(hours=12)


def test_pages_go_by_code_and_region(world: Engine) -> None:
    _add(world, person("T-9"), person("T-8"))
    with reading(world, SYSTEM) as session:
        assert count_technicians(session) == 5
        assert [one.code for one in technician_page(session, after="T-1", limit=2)] == ["T-2", "T-3"]
        assert [one.code for one in technician_page(session, after="", limit=9, region="CN")] == ["T-1"]
        (last,) = technician_page(session, after="T-8", limit=9)
    assert (last.code, last.base, last.region, last.qualifications) == ("T-9", "VTE", "SEA", [B1])


def test_the_number_of_queries_does_not_grow_with_the_people(world: Engine) -> None:
    def queries() -> tuple[int, int]:
        with statements(world) as planned, reading(world, SYSTEM) as session:
            people = technicians_for_plan(session, TINY_DATE, 7)
        with statements(world) as paged, reading(world, SYSTEM) as session:
            page = technician_page(session, after="", limit=100)
        assert len(people) == len(page)
        return len(planned), len(paged)

    few = queries()
    _add(world, *(person(f"T-{number}") for number in range(10, 40)))
    assert queries() == few


@pytest.mark.parametrize(
    ("people", "kind", "code"),
    [
        ([person("T-9"), person("T-1")], Conflict, "code_exists"),
        ([person("T-9"), person("T-9")], Conflict, "code_exists"),
        ([person("T-9"), person("T-8", base="NOWHERE")], Invalid, "unknown_place"),
        ([person("T-9"), person("T-8", base="CUSTOMER")], Invalid, "no_site"),
        (
            [person("T-9"), person("T-8", qualifications=(B1.model_copy(update={"code": "C9"}),))],
            Invalid,
            "unknown_qualification",
        ),
    ],
)
def test_a_wrong_person_stops_all(
    world: Engine, people: list[NewTechnician], kind: type[DomainError], code: str
) -> None:
    with pytest.raises(kind) as refusal:
        _add(world, *people)
    assert refusal.value.code == code
    with reading(world, SYSTEM) as session:
        assert count_technicians(session) == 3


def test_a_qualification_is_added_once(world: Engine) -> None:
    with writing(world, SYSTEM) as session, pytest.raises(Conflict, match="B1 exists already"):
        add_qualifications(
            session,
            SYSTEM,
            [NewQualification(code="C1", name="Base release"), NewQualification(code="B1", name="Again")],
        )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"time_zone": None}, "time_zone"),
        ({"time_zone": "Laos"}, "not an IANA time zone"),
        ({"base": ""}, "base"),
        ({"cost_per_h": "-1"}, "cost_per_h"),
        ({"cost_per_h": "22.00001"}, "cost_per_h"),
        ({"qualifications": (B1, B1)}, "holds a qualification twice"),
        ({"shifts": (NIGHT, NIGHT.model_copy(update={"ends": time(5)}))}, "overlap; correct one"),
    ],
)
def test_a_senseless_person_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        person("T-9", **wrong)


def test_a_time_zone_and_a_base_must_be_given() -> None:
    whole = person("T-9").model_dump()
    for field in ("time_zone", "base"):
        with pytest.raises(ValidationError, match=field):
            NewTechnician(**{name: value for name, value in whole.items() if name != field})


def test_a_qualification_ends_after_it_begins() -> None:
    Held(code="B1", valid_from=date(2026, 1, 1), valid_until=date(2026, 1, 1))
    with pytest.raises(ValidationError, match="B1 ends before it begins"):
        Held(code="B1", valid_from=date(2026, 1, 2), valid_until=date(2026, 1, 1))


@pytest.mark.parametrize("field", ["starts", "ends"])
def test_a_shift_is_told_in_local_time(field: str) -> None:
    with pytest.raises(ValidationError, match="without a UTC offset"):
        Duty.model_validate({"work_date": "2026-03-02", "starts": "08:00", "ends": "16:00"} | {field: "12:00+07:00"})


def _manager(name: str, *more: str) -> Actor:
    scope = Scope(regions=frozenset({"SEA"}))
    return Actor(id=name, roles=frozenset(), permissions=frozenset({"workforce.write", *more}), scope=scope)


def _version(engine: Engine, code: str) -> int:
    with reading(engine, SYSTEM) as session:
        return technician_by_code(session, code).version


def _login(engine: Engine, actor: Actor, code: str, login: str | None) -> None:
    version = _version(engine, code)
    with writing(engine, actor) as session:
        change_technician(session, actor, code, TechnicianChange(user_name=login), version)


def test_a_login_is_bound_by_who_manages_logins_and_never_by_its_holder(world: Engine) -> None:
    for actor in (_manager("li.na"), _manager("li.na", "users.write")):
        with pytest.raises(Forbidden):
            _login(world, actor, "T-2", "li.na")
        with pytest.raises(Forbidden), writing(world, actor) as session:
            add_technicians(session, actor, [person("T-9", user_name="li.na")])
    with pytest.raises(Forbidden):
        _login(world, _manager("li.na"), "T-2", "an")
    admin = _manager("li.na", "users.write")
    _login(world, admin, "T-2", "an")
    _login(world, _manager("li.na"), "T-2", "an")  # it is so already
    with pytest.raises(Forbidden, match="own login"):
        _login(world, _manager("an", "users.write"), "T-2", None)
    _login(world, admin, "T-2", None)
    with reading(world, SYSTEM) as session:
        assert technician_by_code(session, "T-2").user_name is None
        kept = session.execute(
            select(AuditRow.actor, AuditRow.action, AuditRow.after).where(AuditRow.action.like("login_%"))
        ).all()
    assert [tuple(one) for one in kept] == [
        ("li.na", "login_bound", {"user_name": "an"}),
        ("li.na", "login_unbound", {"user_name": None}),
    ]


def test_a_login_is_bound_to_one_technician(world: Engine) -> None:
    admin = _manager("root", "users.write")
    _login(world, admin, "T-2", "an")
    with pytest.raises(Conflict, match="login an is bound to a technician already") as refusal:
        _login(world, admin, "T-3", "an")
    assert refusal.value.code == "login_taken"
    for people in ([person("T-8", user_name="an")], [person(code, user_name="bo") for code in ("T-8", "T-9")]):
        with writing(world, SYSTEM) as session, pytest.raises(Conflict) as refusal:
            add_technicians(session, SYSTEM, people)
        assert refusal.value.code == "login_taken"


def test_shifts_that_come_with_a_person_are_judged_like_a_roster(world: Engine) -> None:
    early = Duty(work_date=TINY_DATE + timedelta(days=1), starts=time(9), ends=time(17))
    with pytest.raises(Conflict, match="rest") as refusal:
        _add(world, person("T-9", shifts=(NIGHT, early)))
    assert refusal.value.code == "rest_too_short"


def test_standby_is_no_work_until_one_is_called(world: Engine) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    ready = NewStandby(technician="T-2", starts_at=start, ends_at=start + timedelta(days=5), callout_min=60)
    with writing(world, SYSTEM) as session:
        session.execute(delete(Shift))
        add_standby(session, SYSTEM, [ready])
    with reading(world, SYSTEM) as session:
        facts = people_facts(session, start, start + timedelta(days=1), codes=["T-2"])["T-2"]
    assert (facts.duties, facts.standby) == ((), ((ready.starts_at, ready.ends_at),))
    called = JobFacts("J-1", start + timedelta(hours=30), start + timedelta(hours=34), "VTE")
    assert list(presence(facts, called)) == []
    too_long = replace(called, ends_at=called.starts_at + timedelta(hours=20))
    assert [one.code for one in presence(facts, too_long)] == ["duty_too_long"]


def test_a_job_is_refused_within_what_is_too_much_already(world: Engine) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    with reading(world, SYSTEM) as session:
        facts = people_facts(session, start, start + timedelta(days=1), codes=["T-2"])["T-2"]
    hours = [start + timedelta(hours=hour) for hour in range(60)]
    bad = replace(facts, duties=((hours[0], hours[20]), (hours[48], hours[56])))
    within = JobFacts("J-1", hours[4], hours[6], "VTE")
    assert [one.code for one in presence(bad, within)] == ["duty_too_long"]
    assert list(presence(bad, replace(within, starts_at=hours[50], ends_at=hours[52]))) == []
