"""The one decision over what stands in the database: asked of one seat, and by the plan for everybody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from uuid_utils.compat import uuid7

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.demands import Work, works_of
from fieldops.dispatch.eligibility import judgements
from fieldops.dispatch.forecast import expiry_forecast
from fieldops.dispatch.models import Job, JobQualification, JobSeat
from fieldops.dispatch.rights_schemas import SeatQuestion
from fieldops.dispatch.rules import SeatsWanted
from fieldops.dispatch.seats import against, answer
from fieldops.dispatch.service import add_jobs
from fieldops.fleet.schemas import NewAircraft
from fieldops.fleet.service import add_aircraft
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.workforce.certificates.schemas import NewCertificate
from fieldops.workforce.certificates.service import set_certificates
from fieldops.workforce.facts import SeatDemand
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import HeldQualification
from fieldops.workforce.releasing.models import AccessRule, RestRule
from fieldops.workforce.releasing.schemas import NewAccessRule
from fieldops.workforce.releasing.service import add_rules
from fieldops.workforce.roster.schemas import NewSecondment
from fieldops.workforce.roster.service import add_secondments
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import NotFound
from optimizer.run import Limit
from tests.conftest import NOW
from tests.hangar import brake_job, load_hangar
from tests.statements import statements
from tests.worlds import TINY_DATE, load_tiny

START = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world; its jobs are on an aircraft that was told before the fleet was kept."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        session.execute(update(Job).values(aircraft="B-TEST"))
        session.execute(update(RestRule).values(travel_counts=False))  # the way from China takes the day of rest
    return any_engine


def codes(engine: Engine, **asked: Any) -> set[str]:
    told = {"technician": "T-2", "job": "J-3", "seat": "mechanic", "starts_at": START} | asked
    with reading(engine, SYSTEM) as session:
        return {one.code for one in answer(session, SeatQuestion.model_validate(told)).failing}


def test_the_decision_looks_at_what_stands(world: Engine) -> None:
    assert codes(world) == set()
    assert codes(world, technician="T-1") == {"other_region"}
    assert codes(world, job="J-4") == {"qualification_missing", "other_region"}
    assert codes(world, seat="trainee") == {"trainee_alone"}
    assert codes(world, seat="trainee", crew=[{"technician": "T-3", "seat": "mechanic"}]) == set()
    assert codes(world, seat="independent_inspector", crew=[{"technician": "T-2", "seat": "mechanic"}]) == {
        "own_inspection",
        "aircraft_unknown",
    }
    assert codes(world, technician="T-3", starts_at=START + timedelta(days=2)) == {"qualification_expired"}
    with pytest.raises(NotFound, match="no technician T-X"):
        codes(world, technician="T-X")
    with pytest.raises(NotFound, match="no job J-X"):
        codes(world, job="J-X")


def test_a_whole_crew_is_judged_at_once_as_each_of_it_alone(world: Engine) -> None:
    end = START + timedelta(hours=2)
    crew = [
        Sitting("T-2", Seat.MECHANIC, START, end),
        Sitting("T-2", Seat.INDEPENDENT_INSPECTOR, START + timedelta(hours=1), end),
        Sitting("T-1", Seat.TRAINEE, START, end),
    ]
    alone = [(one.person, one.seat, code) for one in crew for code in sorted(codes(world, **_beside(one, crew)))]
    assert alone
    with reading(world, SYSTEM) as session:
        works = works_of(session, Job.number == "J-3")
        known = judgements(
            session, works, ["T-1", "T-2"], (START - timedelta(days=1), START + timedelta(days=6))
        ).inputs
        for inputs in (None, known):
            with statements(world) as said:
                found = against(session, "J-3", crew, inputs)
            assert sorted((one.person, one.seat, why.code) for one, why in found) == sorted(alone)
            assert any("held_qualification" in one for one in said) is (inputs is None)


def _beside(one: Sitting, crew: list[Sitting]) -> dict[str, Any]:
    others = [{"technician": other.person, "seat": other.seat} for other in crew if other is not one]
    return {
        "technician": one.person,
        "seat": one.seat,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "crew": others,
    }


def test_of_another_regions_people_nothing_is_told(world: Engine) -> None:
    own = Actor("own", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"SEA"})))
    told = {"technician": "T-1", "job": "J-3", "seat": "mechanic", "starts_at": START}
    beside = told | {"technician": "T-2", "crew": [{"technician": "T-1", "seat": "mechanic"}]}
    for asked in (told, beside):
        with reading(world, own) as session, pytest.raises(NotFound, match="no technician T-1"):
            answer(session, SeatQuestion.model_validate(asked))
    loan = {"technician": "T-1", "region": "SEA", "starts_at": START, "ends_at": START + timedelta(days=1)}
    with writing(world, SYSTEM) as session:
        add_secondments(session, SYSTEM, [NewSecondment.model_validate(loan | {"reason": "help"})])
    with reading(world, own) as session:
        assert answer(session, SeatQuestion.model_validate(told)).permitted


def test_a_region_lends_somebody(world: Engine) -> None:
    loan = {"technician": "T-1", "region": "SEA", "starts_at": START, "ends_at": START + timedelta(days=1)}
    with writing(world, SYSTEM) as session:
        add_secondments(session, SYSTEM, [NewSecondment.model_validate(loan | {"reason": "help"})])
    assert codes(world, technician="T-1") == set()
    assert codes(world, technician="T-1", starts_at=START + timedelta(hours=23, minutes=30)) >= {"other_region"}


def test_the_plan_gives_no_job_to_whom_the_decision_refuses(world: Engine) -> None:
    rule = {"code": "VTE", "place": "VTE", "kinds": ["airside_pass"], "source": "x", "edition": "x"}
    with writing(world, SYSTEM) as session:
        add_rules(session, SYSTEM, AccessRule, [NewAccessRule.model_validate(rule)])
    assert codes(world) == {"airside_pass_missing"}
    told = make_day_plan(world, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)
    left = {one.job: [reason.code for reason in one.reasons] for one in told.dispatch.unassigned}
    assert left["J-3"] == ["not_permitted", "not_permitted"]  # neither to work on it nor to sign


def test_who_signs_for_a_known_aircraft_needs_what_its_registry_asks(world: Engine) -> None:
    aircraft = NewAircraft(registration="B-TEST", aircraft_type="TH60", serial="1", authority="CAAC", base="VTE")
    with writing(world, SYSTEM) as session:
        add_aircraft(session, SYSTEM, [aircraft])
    found = codes(world, seat="release_signatory")
    assert found >= {"licence_missing", "type_rating_missing", "organisation_approval", "recency", "training_missing"}
    assert codes(world, seat="mechanic") == set()


def test_the_number_of_queries_does_not_grow_with_jobs_and_people(world: Engine) -> None:
    def count(numbers: int, people: list[str]) -> int:
        seats = {Seat.MECHANIC: SeatsWanted(SeatDemand(Seat.MECHANIC, frozenset({"B1"})))}
        works = [Work(uuid7(), f"J-{number}", "VTE", None, seats) for number in range(numbers)]
        with statements(world) as made, reading(world, SYSTEM) as session:
            found = judgements(session, works, people, (START, START + timedelta(days=7))).permitted
        assert len(found) == numbers
        return len(made)

    assert count(1, ["T-2"]) == count(300, ["T-1", "T-2", "T-3"])


def test_what_runs_out_is_told_by_month_against_the_jobs_that_ask_for_it(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        found = expiry_forecast(session, date(2026, 3, 1), 12)
    told = {(one.region, one.month, one.code): (one.holders, one.expiring, one.jobs) for one in found}
    assert told[("SEA", "2026-03", "B1")] == (2, 1, 3)
    assert told[("SEA", "2026-12", "B1")] == (1, 1, 0)
    assert told[("CN", "2026-12", "B2")] == (1, 1, 0)


def test_who_holds_it_only_later_is_no_holder_yet_and_seats_ask_too(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        later = {"technician": "T-3", "code": "B2", "valid_from": "2027-01-01", "valid_until": "2027-02-01"}
        paper = {"technician": "T-2", "code": "BORE", "valid_from": "2026-01-01", "valid_until": "2026-03-20"}
        set_certificates(session, SYSTEM, [NewCertificate.model_validate(one) for one in (later, paper)])
        key = session.scalars(select(Job.id).where(Job.number == "J-3")).one()
        session.execute(delete(JobQualification))
        asking = {"job_id": key, "seat": Seat.MECHANIC, "count": 2, "qualifications": ["BORE"], "security_level": 0}
        session.execute(insert(JobSeat), [asking])
    with reading(world, SYSTEM) as session:
        told = {(one.region, one.month, one.code): one for one in expiry_forecast(session, date(2026, 3, 1), 12)}
    assert (told["SEA", "2026-03", "BORE"].holders, told["SEA", "2026-03", "BORE"].jobs) == (1, 1)
    assert told["SEA", "2027-02", "B2"].holders == 1
    assert all(
        one.holders == 0
        for (region, month, code), one in told.items()
        if (region, code) == ("SEA", "B2") and month < "2027-02"
    )


def test_the_release_of_an_aircraft_asks_for_its_type(any_engine: Engine) -> None:
    load_hangar(any_engine)
    with writing(any_engine, SYSTEM) as session:
        add_jobs(session, SYSTEM, [brake_job()])
        session.execute(update(HeldQualification).values(valid_until=date(2026, 3, 31)))
    with reading(any_engine, SYSTEM) as session:
        told = {(one.month, one.code): one.jobs for one in expiry_forecast(session, date(2026, 3, 1), 12)}
    assert (told["2026-03", "MA60"], told["2026-03", "CRS-LINE"], told["2026-03", "CRS-INSP"]) == (1, 1, 1)
