"""Whether somebody is there for a job: absences, other work, the roster, rest. Pure; a part of the one decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from fieldops.workforce.facts import Away, JobFacts, PersonFacts
from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.rest import Span, faults_with
from fieldops.workforce.rules import merged, without


def presence(person: PersonFacts, job: JobFacts) -> Iterator[Refusal]:
    """Yield what keeps a person from a job at its time; that nobody rostered the person then is a warning only."""
    for away in person.absences:
        if away.starts < job.ends_at and job.starts_at < away.ends:
            yield Refusal("absent", {"kind": away.kind.value, "since": away.starts, "until": away.ends})
    for other in person.engagements:
        if other.job != job.number and other.starts < job.ends_at and job.starts_at < other.ends:
            overlap = min(other.ends, job.ends_at) - max(other.starts, job.starts_at)
            yield Refusal("overlap", {"job": other.job, "minutes": int(overlap / timedelta(minutes=1))})
    there = merged([*person.duties, *person.standby])
    if not any(start <= job.starts_at and job.ends_at <= end for start, end in there):
        yield Refusal("off_duty", {"since": job.starts_at, "until": job.ends_at}, hard=False)
    yield from _tired(person, job)


def off(absences: Iterable[Away]) -> list[Span]:
    """Return when somebody who is away does not work: a shift on leave is none, one on a course is."""
    return [(away.starts, away.ends) for away in absences if away.kind is not AbsenceKind.TRAINING]


def _tired(person: PersonFacts, job: JobFacts) -> Iterator[Refusal]:
    """Yield the limits that the job would pass or is a part of. Standby is no work; a job that calls somebody in is."""
    if person.rest is None:
        return
    work: list[Span] = [
        *without(person.duties, off(person.absences)),
        *person.worked,
        *((one.starts, one.ends) for one in person.engagements if one.job != job.number),
    ]
    own = [(job.starts_at, job.ends_at)]
    if person.rest.travel_counts:
        work += person.travel
        own += job.travel
    for fault in faults_with(work, own, person.rest, person.zone):
        yield Refusal.of_rest(fault)
