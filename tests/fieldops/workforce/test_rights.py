"""Who may take which seat of which job: every rule, by a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from fieldops.workforce.facts import (
    AccessTerms,
    Approval,
    Away,
    Certificate,
    CrewMember,
    CriticalTask,
    Engagement,
    JobFacts,
    Lent,
    PersonFacts,
    Practice,
    ReleaseTerms,
    RuleBook,
    SeatDemand,
    TaskDone,
)
from fieldops.workforce.kinds import AbsenceKind, CertificateKind, Seat
from fieldops.workforce.rest import RestRule
from fieldops.workforce.rights import permitted_spans, refusals

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
END = START + timedelta(hours=4)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
PAST, FUTURE = START - 2 * YEAR, START + YEAR

REST = RestRule(
    code="CN",
    duty_max=12 * HOUR,
    break_max=2 * HOUR,
    rest_min=11 * HOUR,
    night_from=time(23),
    night_to=time(6),
    night_rest=24 * HOUR,
    weekly_rest=24 * HOUR,
    travel_counts=True,
    regular_day=8 * HOUR,
    overtime_month=36 * HOUR,
)
SIGNING = ReleaseTerms(
    code="CAAC-RELEASE",
    authority="CAAC",
    seat=Seat.RELEASE_SIGNATORY,
    standards=frozenset({"CCAR-66"}),
    categories=frozenset({"ME", "AV"}),
    experience_months=6,
    within_months=24,
    trainings=("HF",),
    margin_days=1,
)
BOOK = RuleBook(
    releases=(SIGNING, replace(SIGNING, code="CAAC-INSPECT", seat=Seat.INDEPENDENT_INSPECTOR, scope="inspection")),
    approvals=(Approval("D.1", "CAAC", frozenset({"TH60"}), frozenset({"line"}), PAST, FUTURE),),
    access=(
        AccessTerms("XIY", "XIY", None, (CertificateKind.AIRSIDE_PASS,), security_level=1),
        AccessTerms("LA", None, "LA", (CertificateKind.WORK_PERMIT, CertificateKind.VISA)),
    ),
)


def held(
    code: str, kind: CertificateKind, starts: datetime = PAST, ends: datetime = FUTURE, **more: Any
) -> Certificate:
    return Certificate(code, kind, starts, ends, **more)


LICENCE = held("LIC", CertificateKind.LICENCE, standard="CCAR-66", category="ME")
RATING = held("TH60", CertificateKind.TYPE_RATING, aircraft_type="TH60")
AUTHORISATION = held("CRS", CertificateKind.AUTHORISATION, scope=frozenset({"line", "inspection"}))
TRAINING = held("HF", CertificateKind.TRAINING, category="HF")
PASS = held("PASS", CertificateKind.AIRSIDE_PASS, places=frozenset({"XIY"}))
ALL = (LICENCE, RATING, AUTHORISATION, TRAINING, PASS)

PERSON = PersonFacts(
    code="T-1",
    region="CN",
    certificates=ALL,
    practice=(Practice("TH60", START - YEAR, START - 60 * DAY),),
    duties=((START - HOUR, END + HOUR),),
    home_country="CN",
    security_level=1,
    rest=REST,
)
JOB = JobFacts(
    number="J-1",
    starts_at=START,
    ends_at=END,
    place="XIY",
    country="CN",
    region="CN",
    aircraft_type="TH60",
    authority="CAAC",
)
SIGN, WORK, LEARN = SeatDemand(Seat.RELEASE_SIGNATORY), SeatDemand(Seat.MECHANIC), SeatDemand(Seat.TRAINEE)
INSPECT, ADVISE = SeatDemand(Seat.INDEPENDENT_INSPECTOR), SeatDemand(Seat.ADVISORY_ENGINEER)
ASKED = SeatDemand(Seat.MECHANIC, frozenset({"BORE"}))
BORE = held("BORE", CertificateKind.OTHER)


def having(*instead: Certificate, without: Certificate | None = None, **more: Any) -> PersonFacts:
    """Return the person with certificates in the place of those of the same kind, or without one."""
    kinds = {one.kind for one in instead}
    kept = [one for one in ALL if one is not without and one.kind not in kinds]
    return replace(PERSON, certificates=(*kept, *instead), **more)


def on(**more: Any) -> JobFacts:
    return replace(JOB, **more)


LAOS = on(place="VTE", country="LA", region="CN")
PERMIT = held("P", CertificateKind.WORK_PERMIT, country="LA")
VISA = held("V", CertificateKind.VISA, country="LA")
ENGINE_1 = CriticalTask("oil", "engine 1")
SUPERVISED = (CrewMember("T-2", Seat.MECHANIC),)
TO_LAOS = (PERMIT, VISA)

CASES: list[tuple[str, PersonFacts, SeatDemand, JobFacts, set[str]]] = [
    ("signs", PERSON, SIGN, JOB, set()),
    ("inspects", PERSON, INSPECT, JOB, set()),
    ("works", PERSON, WORK, JOB, set()),
    ("advises", replace(PERSON, advisory_only=True), ADVISE, JOB, set()),
    ("no licence", having(without=LICENCE), SIGN, JOB, {"licence_missing"}),
    ("licence ran out", having(replace(LICENCE, ends=START - DAY)), SIGN, JOB, {"licence_expired"}),
    ("runs out on the job", having(replace(LICENCE, ends=END - HOUR)), SIGN, JOB, {"licence_expired"}),
    ("runs out in the margin", having(replace(LICENCE, ends=END + HOUR)), SIGN, JOB, {"licence_expired"}),
    ("holds to the margin", having(replace(LICENCE, ends=END + DAY)), SIGN, JOB, set()),
    ("not yet valid", having(replace(LICENCE, starts=START + HOUR)), SIGN, JOB, {"licence_not_yet_valid"}),
    (
        "renewed without a gap",
        having(replace(LICENCE, ends=START + HOUR), replace(LICENCE, starts=START + HOUR)),
        SIGN,
        JOB,
        set(),
    ),
    (
        "renewed with a gap",
        having(replace(LICENCE, ends=START + HOUR), replace(LICENCE, starts=START + 2 * HOUR, ends=END)),
        SIGN,
        JOB,
        {"licence_expired"},
    ),
    ("another category", having(replace(LICENCE, category="ST")), SIGN, JOB, {"licence_category"}),
    ("another authority's licence", having(replace(LICENCE, standard="Part-66")), SIGN, JOB, {"wrong_registry"}),
    (
        "foreign, but validated",
        having(replace(LICENCE, standard="Part-66"), held("VAL", CertificateKind.VALIDATION, authority="CAAC")),
        SIGN,
        JOB,
        set(),
    ),
    (
        "validated by another authority",
        having(replace(LICENCE, standard="Part-66"), held("VAL", CertificateKind.VALIDATION, authority="FAA")),
        SIGN,
        JOB,
        {"wrong_registry"},
    ),
    (
        "validation ran out",
        having(
            replace(LICENCE, standard="Part-66"),
            held("VAL", CertificateKind.VALIDATION, ends=START - DAY, authority="CAAC"),
        ),
        SIGN,
        JOB,
        {"validation_expired"},
    ),
    ("a registry without a rule", PERSON, SIGN, on(authority="DCA"), {"no_release_rule"}),
    ("no type rating", having(without=RATING), SIGN, JOB, {"type_rating_missing"}),
    ("rated on another type", having(replace(RATING, aircraft_type="TH80")), SIGN, JOB, {"type_rating_missing"}),
    ("rating ran out", having(replace(RATING, ends=START)), SIGN, JOB, {"type_rating_expired"}),
    ("no authorisation", having(without=AUTHORISATION), SIGN, JOB, {"authorisation_missing"}),
    ("authorisation ran out", having(replace(AUTHORISATION, ends=START)), SIGN, JOB, {"authorisation_expired"}),
    (
        "authorised for line work only",
        PERSON,
        SIGN,
        on(level="base"),
        {"authorisation_scope", "organisation_approval"},
    ),
    (
        "not authorised to inspect",
        having(replace(AUTHORISATION, scope=frozenset({"line"}))),
        INSPECT,
        JOB,
        {"authorisation_scope"},
    ),
    (
        "authorised under another authority",
        having(replace(AUTHORISATION, authority="EASA")),
        SIGN,
        JOB,
        {"authorisation_missing"},
    ),
    (
        "a type that the organisation is not approved for",
        having(
            RATING,
            replace(RATING, aircraft_type="TH80"),
            practice=(Practice("TH80", START - YEAR, START),),
        ),
        SIGN,
        on(aircraft_type="TH80"),
        {"organisation_approval"},
    ),
    (
        "too little experience",
        replace(PERSON, practice=(Practice("TH60", START - 90 * DAY, START),)),
        SIGN,
        JOB,
        {"recency"},
    ),
    (
        "too old experience",
        replace(PERSON, practice=(Practice("TH60", START - 4 * YEAR, PAST),)),
        SIGN,
        JOB,
        {"recency"},
    ),
    ("no recurrent training", having(without=TRAINING), SIGN, JOB, {"training_missing"}),
    ("training ran out", having(replace(TRAINING, ends=START)), SIGN, JOB, {"training_expired"}),
    ("no pass", having(without=PASS), WORK, JOB, {"airside_pass_missing"}),
    ("pass of another airport", having(replace(PASS, places=frozenset({"TSN"}))), WORK, JOB, {"airside_pass_missing"}),
    ("pass ran out", having(replace(PASS, ends=START)), WORK, JOB, {"airside_pass_expired"}),
    ("security level", replace(PERSON, security_level=0), WORK, JOB, {"security_level"}),
    ("no permit and no visa", PERSON, WORK, LAOS, {"work_permit_missing", "visa_missing"}),
    ("a visa is no permit", having(VISA), WORK, LAOS, {"work_permit_missing"}),
    ("permit and visa", having(*TO_LAOS), WORK, LAOS, set()),
    ("visa ran out", having(PERMIT, replace(VISA, ends=START)), WORK, LAOS, {"visa_expired"}),
    ("permit of another country", having(replace(PERMIT, country="TH"), VISA), WORK, LAOS, {"work_permit_missing"}),
    ("at home there", replace(PERSON, home_country="LA"), WORK, LAOS, set()),
    ("asked for and missing", PERSON, ASKED, JOB, {"qualification_missing"}),
    ("asked for and held", having(BORE), ASKED, JOB, set()),
    ("asked for and run out", having(replace(BORE, ends=START)), ASKED, JOB, {"qualification_expired"}),
    ("trainee alone", PERSON, LEARN, JOB, {"trainee_alone"}),
    ("trainee with a mechanic", PERSON, LEARN, on(crew=SUPERVISED), set()),
    (
        "trainee with somebody who may not",
        PERSON,
        LEARN,
        on(crew=(CrewMember("T-2", Seat.MECHANIC, permitted=False),)),
        {"trainee_alone"},
    ),
    ("two trainees", PERSON, LEARN, on(crew=(CrewMember("T-2", Seat.TRAINEE),)), {"trainee_alone"}),
    ("own inspection", PERSON, INSPECT, on(crew=(CrewMember("T-1", Seat.MECHANIC),)), {"own_inspection"}),
    (
        "works on what is inspected",
        PERSON,
        WORK,
        on(crew=(CrewMember("T-1", Seat.INDEPENDENT_INSPECTOR),)),
        {"own_inspection"},
    ),
    ("inspects others' work", PERSON, INSPECT, on(crew=SUPERVISED), set()),
    ("who advises signs", replace(PERSON, advisory_only=True), SIGN, JOB, {"advisory_never_signs"}),
    (
        "adviser of the job signs",
        PERSON,
        SIGN,
        on(crew=(CrewMember("T-1", Seat.ADVISORY_ENGINEER),)),
        {"advisory_never_signs"},
    ),
    (
        "both engines",
        PERSON,
        WORK,
        on(tasks=(ENGINE_1,), visit=(TaskDone("T-1", "oil", "engine 2"),)),
        {"both_systems"},
    ),
    (
        "another task on engine 2",
        PERSON,
        WORK,
        on(tasks=(ENGINE_1,), visit=(TaskDone("T-1", "igniter", "engine 2"),)),
        set(),
    ),
    (
        "somebody else on engine 2",
        PERSON,
        WORK,
        on(tasks=(ENGINE_1,), visit=(TaskDone("T-2", "oil", "engine 2"),)),
        set(),
    ),
    ("another region", PERSON, WORK, on(region="SEA"), {"other_region"}),
    ("lent to the region", replace(PERSON, lent=(Lent("SEA", PAST, FUTURE),)), WORK, on(region="SEA"), set()),
    (
        "lent too short",
        replace(PERSON, lent=(Lent("SEA", PAST, END - HOUR),)),
        WORK,
        on(region="SEA"),
        {"other_region"},
    ),
    ("on leave", replace(PERSON, absences=(Away(AbsenceKind.LEAVE, PAST, FUTURE),)), WORK, JOB, {"absent"}),
    ("another job", replace(PERSON, engagements=(Engagement("J-2", START, END),)), WORK, JOB, {"overlap"}),
    ("the same job", replace(PERSON, engagements=(Engagement("J-1", START, END),)), WORK, JOB, set()),
    ("off duty", replace(PERSON, duties=()), WORK, JOB, {"off_duty"}),
    (
        "too long a duty",
        PERSON,
        WORK,
        on(ends_at=START + 13 * HOUR),
        {"off_duty", "duty_too_long"},
    ),
    (
        "too short a rest",
        replace(PERSON, duties=((START - 12 * HOUR, START - 5 * HOUR),)),
        WORK,
        JOB,
        {"off_duty", "rest_too_short"},
    ),
    (
        "a shift on leave is no work",
        replace(
            PERSON,
            duties=((START - 12 * HOUR, START - 5 * HOUR),),
            absences=(Away(AbsenceKind.LEAVE, START - 20 * HOUR, START - HOUR),),
        ),
        WORK,
        JOB,
        {"off_duty"},
    ),
    (
        "a day on a course is work",
        replace(
            PERSON,
            duties=((START - 12 * HOUR, START - 5 * HOUR),),
            absences=(Away(AbsenceKind.TRAINING, START - 20 * HOUR, START - HOUR),),
        ),
        WORK,
        JOB,
        {"off_duty", "rest_too_short"},
    ),
    (
        "what was worked counts",
        replace(PERSON, worked=((START - 12 * HOUR, START - 5 * HOUR),), duties=()),
        WORK,
        JOB,
        {"off_duty", "rest_too_short"},
    ),
    ("travel counts", PERSON, WORK, on(travel=((START - 9 * HOUR, START),)), {"duty_too_long"}),
    (
        "travel does not count",
        replace(PERSON, rest=replace(REST, travel_counts=False)),
        WORK,
        on(travel=((START - 9 * HOUR, START),)),
        set(),
    ),
    ("no aircraft known", having(without=LICENCE), SIGN, on(aircraft_type=None, authority=None), set()),
]


@pytest.mark.parametrize(
    ("person", "demand", "job", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_stands_against_somebody_in_a_seat(
    person: PersonFacts, demand: SeatDemand, job: JobFacts, codes: set[str]
) -> None:
    found = refusals(person, demand, job, BOOK)
    assert {one.code for one in found} == codes
    hard = any(one.hard for one in refusals(person, demand, job, BOOK))
    assert hard != (codes <= {"off_duty"})
    for one in found:
        assert one.text != one.code
        assert "{" not in one.text


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 40


def test_a_refusal_tells_until_when_and_by_how_much() -> None:
    (one,) = refusals(having(replace(LICENCE, ends=START - DAY)), SIGN, JOB, BOOK)
    assert one.text == "licence by CCAR-66: valid until 2026-03-01 01:00Z, needed until 2026-03-03 05:00Z; 3 days short"


def test_alternatives_are_tried_and_the_nearest_is_told() -> None:
    direct = replace(SIGNING, code="OTHER", standards=frozenset({"FAA-65"}), trainings=())
    book = replace(BOOK, releases=(SIGNING, direct))
    american = having(replace(LICENCE, standard="FAA-65"), without=TRAINING)
    assert refusals(american, SIGN, JOB, book) == ()
    nobody = replace(PERSON, certificates=(PASS, RATING, AUTHORISATION))
    assert {one.code for one in refusals(nobody, SIGN, JOB, book)} == {"licence_missing"}


def test_an_expired_rule_asks_for_nothing_and_signs_nothing() -> None:
    book = replace(BOOK, releases=(replace(SIGNING, ends=START),))
    assert [one.code for one in refusals(PERSON, SIGN, JOB, book)] == ["no_release_rule"]


def test_the_spans_in_which_somebody_may_are_those_in_which_nothing_stands_against_it() -> None:
    within = (START, START + 10 * DAY)
    person = having(replace(LICENCE, starts=START + DAY, ends=START + 5 * DAY), replace(PASS, ends=START + 8 * DAY))

    def between(start: datetime, end: datetime) -> JobFacts:
        return on(starts_at=start, ends_at=end)

    assert permitted_spans(person, SIGN, between, BOOK, within) == [(START + DAY, START + 4 * DAY)]
    assert permitted_spans(person, WORK, between, BOOK, within) == [(START, START + 8 * DAY)]
    assert permitted_spans(replace(person, advisory_only=True), SIGN, between, BOOK, within) == []


def member(person: str, seat: Seat) -> CrewMember:
    return CrewMember(person, seat)


SIGNATORY, INSPECTOR = Seat.RELEASE_SIGNATORY, Seat.INDEPENDENT_INSPECTOR


@pytest.mark.parametrize(
    ("demand", "own", "others", "mechanics", "refused"),
    [
        (INSPECT, SIGNATORY, (), False, True),
        (SIGN, INSPECTOR, (), False, True),
        (INSPECT, SIGNATORY, (member("T-2", Seat.MECHANIC),), False, False),
        (INSPECT, SIGNATORY, (), True, False),
        (INSPECT, SIGNATORY, (member("T-2", Seat.TRAINEE),), False, True),
        (WORK, INSPECTOR, (), True, True),
    ],
)
def test_who_does_the_work_never_inspects_it_whatever_the_seat(
    demand: SeatDemand, own: Seat, others: tuple[CrewMember, ...], mechanics: bool, refused: bool
) -> None:
    job = on(crew=(member("T-1", own), *others), mechanics=mechanics)
    assert ("own_inspection" in {one.code for one in refusals(PERSON, demand, job, BOOK)}) is refused


def test_a_signatory_who_works_alone_does_not_do_both_engines() -> None:
    task = {"tasks": (CriticalTask("OIL", "LH"),), "visit": (TaskDone("T-1", "OIL", "RH"),)}
    assert "both_systems" in {one.code for one in refusals(PERSON, SIGN, on(**task), BOOK)}
    assert refusals(PERSON, SIGN, on(**task, mechanics=True), BOOK) == ()


def test_nobody_signs_for_an_aircraft_that_is_not_known() -> None:
    unknown = on(aircraft_type=None, authority=None, for_aircraft=True)
    for demand in (SIGN, INSPECT):
        assert [one.code for one in refusals(PERSON, demand, unknown, BOOK)] == ["aircraft_unknown"]
    assert refusals(PERSON, WORK, unknown, BOOK) == ()
    assert refusals(PERSON, SIGN, replace(unknown, for_aircraft=False), BOOK) == ()
