"""The one decision: may this person take this seat of this job? Pure; there is no other path to an assignment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from fieldops.workforce.facts import (
    Certificate,
    JobFacts,
    PersonFacts,
    ReleaseTerms,
    RuleBook,
    SeatDemand,
)
from fieldops.workforce.kinds import SIGNING, CertificateKind, Seat
from fieldops.workforce.presence import presence
from fieldops.workforce.refusals import Refusal, Thing
from fieldops.workforce.rest import Span

_HANDS_ON = frozenset({Seat.MECHANIC, Seat.TRAINEE})
_SUPERVISING = frozenset({Seat.MECHANIC, Seat.RELEASE_SIGNATORY})
_DAYS_A_MONTH = 30.4375
_THING = {
    CertificateKind.AIRSIDE_PASS: Thing.AIRSIDE_PASS,
    CertificateKind.WORK_PERMIT: Thing.WORK_PERMIT,
    CertificateKind.VISA: Thing.VISA,
    CertificateKind.MEDICAL: Thing.MEDICAL,
}


def refusals(
    person: PersonFacts, demand: SeatDemand, job: JobFacts, book: RuleBook, *, timed: bool = True
) -> tuple[Refusal, ...]:
    """Return the rules by which a person may not take a seat of a job from its start to its end; none: may.

    Each says what is missing, until when and by how much. A soft one (`hard` False) is a warning. With `timed` False
    the caller keeps the job within duties and apart from other work and absences, as the optimizer does: only what the
    person may do is judged, not when there is time. O(certificates x rules).
    """
    found = [*_seat(person, demand, job), *_asked(person, demand, job), *_access(person, job, book)]
    if demand.seat in SIGNING and not person.advisory_only:
        if job.aircraft_type is not None:
            found += _release(person, demand.seat, job, book)
        elif job.for_aircraft:
            found.append(Refusal("aircraft_unknown", {"job": job.number}))
    if timed:
        found += presence(person, job)
    return tuple(found)


def hands(crew: Iterable[tuple[str, Seat]], *, mechanics: bool = False) -> set[str]:
    """Return who of a crew of people and seats does the work: mechanics and trainees, whatever else they sit there for.

    Where a job has no mechanic, and no seat for one (`mechanics`), who releases it does the work, too.

    >>> sorted(hands([("A", Seat.MECHANIC), ("B", Seat.RELEASE_SIGNATORY)]))
    ['A']
    >>> sorted(hands([("A", Seat.INDEPENDENT_INSPECTOR), ("B", Seat.RELEASE_SIGNATORY)]))
    ['B']
    """
    crew = list(crew)
    mechanics = mechanics or any(seat is Seat.MECHANIC for _person, seat in crew)
    working = _HANDS_ON if mechanics else _HANDS_ON | {Seat.RELEASE_SIGNATORY}
    return {person for person, seat in crew if seat in working}


def permitted_spans(
    person: PersonFacts,
    demand: SeatDemand,
    job_between: Callable[[datetime, datetime], JobFacts],
    book: RuleBook,
    within: Span,
) -> list[Span]:
    """Return when, within a span, a person may take a seat, whatever else there is to do at the time.

    A job that lies within one of the spans passes `refusals(…, timed=False)`. `job_between` tells the job as it would
    be in a part of the span.
    """
    spans: list[Span] = []
    points = _changes(person, book, within)
    for start, end in pairwise(points):
        if any(one.hard for one in refusals(person, demand, job_between(start, end), book, timed=False)):
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _changes(person: PersonFacts, book: RuleBook, within: Span) -> list[datetime]:
    """Return the instants between which nothing changes of what a person may do, experience apart: that by days."""
    margins = {timedelta()} | {timedelta(days=rule.margin_days) for rule in book.releases}
    edges = {edge - margin for one in person.certificates for edge in (one.starts, one.ends) for margin in margins}
    edges |= {edge - margin for one in book.approvals for edge in (one.starts, one.ends) for margin in margins}
    edges |= {edge for one in person.lent for edge in (one.starts, one.ends)}
    edges |= {edge for rule in book.releases for edge in (rule.starts, rule.ends) if edge}
    edges |= {edge for rule in book.access for edge in (rule.starts, rule.ends) if edge}
    if person.practice and any(rule.experience_months for rule in book.releases):
        days = (within[1] - within[0]).days
        edges |= {within[0] + timedelta(days=day) for day in range(1, days + 1)}
    return sorted({edge for edge in edges if within[0] < edge < within[1]} | set(within))


def _seat(person: PersonFacts, demand: SeatDemand, job: JobFacts) -> Iterator[Refusal]:
    """Who sits where: who advises never signs, nobody inspects own work or is a trainee alone, regions lend people."""
    seats = {one.seat for one in job.crew if one.person == person.code}
    if demand.seat in SIGNING and (person.advisory_only or Seat.ADVISORY_ENGINEER in seats):
        yield Refusal("advisory_never_signs")
    crew = [(one.person, one.seat) for one in job.crew]
    works = person.code in hands([*crew, (person.code, demand.seat)], mechanics=job.mechanics)
    if works and Seat.INDEPENDENT_INSPECTOR in seats | {demand.seat}:
        yield Refusal("own_inspection", {"job": job.number})
    if demand.seat is Seat.TRAINEE and not any(
        one.person != person.code and one.seat in _SUPERVISING and one.permitted for one in job.crew
    ):
        yield Refusal("trainee_alone", {"job": job.number})
    for mine in job.tasks if works else ():
        for done in job.visit:
            if (done.person, done.task) == (person.code, mine.task) and done.system != mine.system:
                yield Refusal("both_systems", {"task": mine.task, "system": mine.system, "other": done.system})
    if job.region is not None and person.region is not None and job.region != person.region:
        lent = [(one.starts, one.ends) for one in person.lent if one.region == job.region]
        if not _covers(lent, job.starts_at, job.ends_at):
            yield Refusal("other_region", {"home": person.region, "region": job.region})


def _asked(person: PersonFacts, demand: SeatDemand, job: JobFacts) -> Iterator[Refusal]:
    """What the job itself asks for; a trainee has a supervisor who holds it."""
    for code in sorted(demand.qualifications) if demand.seat is not Seat.TRAINEE else ():
        held = [one for one in person.certificates if one.code == code]
        yield from _lack(Thing.QUALIFICATION, code, held, job.starts_at, job.ends_at)
    if person.security_level < demand.security_level:
        yield Refusal("security_level", {"has": person.security_level, "needs": demand.security_level})


def _access(person: PersonFacts, job: JobFacts, book: RuleBook) -> Iterator[Refusal]:
    """What the place and, for those from elsewhere, the country ask for."""
    for rule in book.access:
        at_place = rule.place is not None and rule.place == job.place
        abroad = rule.country is not None and rule.country == job.country != person.home_country
        if not (at_place or abroad) or not _in_force(rule.starts, rule.ends, job.starts_at):
            continue
        for kind in rule.kinds:
            held = [one for one in person.certificates if one.kind is kind and _opens(one, at_place, job)]
            name = job.place if at_place else job.country or ""
            yield from _lack(_THING.get(kind, Thing.QUALIFICATION), name, held, job.starts_at, job.ends_at)
        if person.security_level < rule.security_level:
            yield Refusal("security_level", {"has": person.security_level, "needs": rule.security_level})


def _opens(one: Certificate, at_place: bool, job: JobFacts) -> bool:
    if one.kind is CertificateKind.AIRSIDE_PASS or (at_place and one.places):
        return job.place in one.places
    return one.country is None if at_place else one.country == job.country


def _release(person: PersonFacts, seat: Seat, job: JobFacts, book: RuleBook) -> list[Refusal]:
    """Return what the rules of the registry ask for in vain: by the alternative that fails least."""
    rules = [
        rule
        for rule in book.releases
        if rule.seat is seat and rule.authority == job.authority and _in_force(rule.starts, rule.ends, job.ends_at)
    ]
    if not rules:
        return [Refusal("no_release_rule", {"authority": job.authority or "?", "seat": seat.value})]
    return min(([*_by_rule(person, job, book, rule)] for rule in rules), key=len)


def _by_rule(person: PersonFacts, job: JobFacts, book: RuleBook, rule: ReleaseTerms) -> Iterator[Refusal]:
    start, end = job.starts_at, job.ends_at + timedelta(days=rule.margin_days)
    if rule.approval:
        yield from _approved(job, book, rule, start, end)
    yield from _licensed(person, rule, start, end)
    if rule.rating:
        rated = [
            one
            for one in person.certificates
            if one.kind is CertificateKind.TYPE_RATING and one.aircraft_type == job.aircraft_type
        ]
        yield from _lack(Thing.TYPE_RATING, job.aircraft_type or "", rated, start, end)
    if rule.authorisation:
        yield from _authorised(person, job, rule, start, end)
    if rule.experience_months:
        yield from _recent(person, job, rule)
    for training in rule.trainings:
        taken = [
            one
            for one in person.certificates
            if one.kind is CertificateKind.TRAINING and training in (one.category, one.code)
        ]
        yield from _lack(Thing.TRAINING, training, taken, start, end)


def _approved(job: JobFacts, book: RuleBook, rule: ReleaseTerms, start: datetime, end: datetime) -> Iterator[Refusal]:
    approvals = [
        one
        for one in book.approvals
        if one.authority == rule.authority
        and (not one.aircraft_types or job.aircraft_type in one.aircraft_types)
        and job.level in one.levels
    ]
    if not _covers([(one.starts, one.ends) for one in approvals], start, end):
        yield Refusal(
            "organisation_approval",
            {"authority": rule.authority, "type": job.aircraft_type or "", "level": job.level},
        )


def _licensed(person: PersonFacts, rule: ReleaseTerms, start: datetime, end: datetime) -> Iterator[Refusal]:
    licences = [one for one in person.certificates if one.kind is CertificateKind.LICENCE]
    accepted = [one for one in licences if one.standard in rule.standards]
    named = "/".join(sorted(rule.standards))
    if not accepted and licences:
        if rule.validation:
            validated = [
                one
                for one in person.certificates
                if one.kind is CertificateKind.VALIDATION and one.authority in (None, rule.authority)
            ]
            if validated:
                yield from _lack(Thing.VALIDATION, rule.authority, validated, start, end)
                yield from _lack(Thing.LICENCE, licences[0].standard or licences[0].code, licences, start, end)
                return
        held = ", ".join(sorted({one.standard or one.code for one in licences}))
        yield Refusal("wrong_registry", {"held": held, "authority": rule.authority, "standards": named})
        return
    fitting = [one for one in accepted if not rule.categories or one.category in rule.categories]
    if accepted and not fitting:
        yield Refusal(
            "licence_category",
            {
                "held": ", ".join(sorted({one.category or "?" for one in accepted})),
                "categories": "/".join(sorted(rule.categories)),
            },
        )
        return
    yield from _lack(Thing.LICENCE, named, fitting, start, end)


def _authorised(
    person: PersonFacts, job: JobFacts, rule: ReleaseTerms, start: datetime, end: datetime
) -> Iterator[Refusal]:
    scope = rule.scope or job.level
    held = [
        one
        for one in person.certificates
        if one.kind is CertificateKind.AUTHORISATION
        and one.authority in (None, rule.authority)
        and one.aircraft_type in (None, job.aircraft_type)
    ]
    within = [one for one in held if scope in one.scope]
    if held and not within:
        covered = ", ".join(sorted({word for one in held for word in one.scope})) or "–"
        yield Refusal("authorisation_scope", {"scope": scope, "covered": covered})
        return
    yield from _lack(Thing.AUTHORISATION, scope, within, start, end)


def _recent(person: PersonFacts, job: JobFacts, rule: ReleaseTerms) -> Iterator[Refusal]:
    until = job.starts_at
    since = until - timedelta(days=rule.within_months * _DAYS_A_MONTH)
    spans = sorted(
        (max(one.starts, since), min(one.ends, until))
        for one in person.practice
        if one.aircraft_type == job.aircraft_type and one.starts < until and since < one.ends
    )
    worked, reached = timedelta(), since
    for start, end in spans:
        worked += max(end - max(start, reached), timedelta())
        reached = max(reached, end)
    needed = timedelta(days=int(rule.experience_months * _DAYS_A_MONTH))
    if worked < needed:
        yield Refusal(
            "recency",
            {
                "type": job.aircraft_type or "",
                "days": worked.days,
                "needed": needed.days,
                "months": rule.within_months,
            },
        )


def _lack(thing: Thing, name: str, held: Sequence[Certificate], start: datetime, end: datetime) -> Iterator[Refusal]:
    """Yield why certificates, together, do not hold from a start to an end, if they do not."""
    spans = [(one.starts, one.ends) for one in held]
    if _covers(spans, start, end):
        return
    values: dict[str, str | int | datetime] = {"name": name, "needed": end}
    if not spans:
        yield Refusal(f"{thing}_missing", values)
    elif start < (first := min(span[0] for span in spans)):
        days = _days(first - start)
        yield Refusal(f"{thing}_not_yet_valid", values | {"since": first, "days": days})
    else:
        until = max(span[1] for span in spans)
        yield Refusal(f"{thing}_expired", values | {"until": until, "days": _days(end - until)})


def _days(missing: timedelta) -> int:
    return max(1, -(-missing // timedelta(days=1)))


def _covers(spans: Iterable[Span], start: datetime, end: datetime) -> bool:
    """Tell whether spans together hold every moment from a start to an end."""
    reached = start
    for first, last in sorted(spans):
        if first <= reached < last:
            reached = last
    return reached >= end and reached > start


def _in_force(starts: datetime | None, ends: datetime | None, at: datetime) -> bool:
    return (starts is None or starts <= at) and (ends is None or at < ends)
