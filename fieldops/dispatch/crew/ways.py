"""The ways of people to and from their jobs, which count as work for their rest where the rule says so.

What is planned takes the travel times that the plan counts with; a way that was booked takes its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.models import Job
from fieldops.dispatch.travel.queries import matrix_between
from fieldops.dispatch.travel.sources import Spot
from fieldops.workforce.facts import Engagement, JobFacts, PersonFacts
from fieldops.workforce.models import Technician
from fieldops.workforce.presence import off
from fieldops.workforce.rest import RestRule, Span
from fieldops.workforce.rules import without
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.network.models import Place

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Booked:
    """What somebody booked that lies near: work, and ways with the job that they were for."""

    work: list[Span] = field(default_factory=list)
    ways: list[tuple[str, Span]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ways:
    """Travel times between places, {(from, to): time}, none where coordinates are missing; what people booked."""

    times: Mapping[tuple[str, str], timedelta]
    booked: Mapping[str, Booked]

    def travelling(self, person: PersonFacts, job: JobFacts) -> tuple[PersonFacts, JobFacts]:
        """Return a person with what the person booked and the ways of all other work, and a job with its own ways."""
        booked = self.booked.get(person.code, Booked())
        person = replace(person, worked=tuple(booked.work))
        if person.rest is None:
            return person, job
        own = Engagement(job.number, job.starts_at, job.ends_at, job.place)
        others = [one for one in person.engagements if one.job != job.number]
        duties = without(person.duties, off(person.absences))
        found: defaultdict[str, list[Span]] = defaultdict(list)
        for one, out, back in self._legs(person.base, [*others, own], person.rest.rest_min):
            known = [span for number, span in booked.ways if number == one.job]
            out = timedelta() if any(start < one.starts for start, _end in known) else out
            back = timedelta() if any(end > one.ends for _start, end in known) else back
            found[one.job] += _placed(one, out, back, duties, person.rest)
        mine = found.pop(job.number)
        travel = [span for _number, span in booked.ways] + [span for ways in found.values() for span in ways]
        return replace(person, travel=tuple(travel)), replace(job, travel=tuple(mine))

    def _legs(
        self, base: str, stops: Sequence[Engagement], rest: timedelta
    ) -> Iterator[tuple[Engagement, timedelta, timedelta]]:
        """Yield jobs in time, each with the way to it and the way home.

        One goes home between two jobs where that leaves time to rest there, else straight to the next one.
        """
        stops = sorted(stops, key=lambda one: (one.starts, one.ends, one.job))
        out = self._time(base, stops[0].place)
        for one, following in pairwise(stops):
            back, away = self._time(one.place, base), self._time(base, following.place)
            if following.starts - one.ends < back + rest + away:
                back, away = timedelta(), self._time(one.place, following.place)
            yield one, out, back
            out = away
        yield stops[-1], out, self._time(stops[-1].place, base)

    def _time(self, origin: str, destination: str) -> timedelta:
        return self.times.get((origin, destination), timedelta())


def _placed(one: Engagement, out: timedelta, back: timedelta, duties: Sequence[Span], rule: RestRule) -> list[Span]:
    """Return when one is on the way: right before and after the work, as far as that fits into the longest duty.

    Else one stays the night, and the way lies in the duty of the day before or after, or a rest away where there is
    none. A way that is longer than the longest duty is broken by more rests; its last part counts.
    """
    out, back = min(out, rule.duty_max), min(back, rule.duty_max)
    near = [span for span in duties if span[0] <= one.ends + rule.break_max and one.starts - rule.break_max <= span[1]]
    first = min([one.starts, *(start for start, _end in near)])
    last = max([one.ends, *(end for _start, end in near)])
    begin, finish = min(first, one.starts - out), max(last, one.ends + back)
    together = finish - begin <= rule.duty_max
    comes = together or last - begin <= rule.duty_max
    leaves = together or (not comes and finish - first <= rule.duty_max)
    rest = max(rule.rest_min, rule.night_rest)
    before = [end for _start, end in duties if first - rest - _DAY < end <= first - rest]
    after = [start for start, _end in duties if last + rest <= start < last + rest + _DAY]
    arrival = one.starts if comes else max(before, default=first - rest)
    departure = one.ends if leaves else min(after, default=last + rest)
    ways = (arrival - out, arrival), (departure, departure + back)
    return [(start, end) for start, end in ways if start < end]


def ways_between(session: Session, codes: Collection[str], booked: Mapping[str, Booked]) -> Ways:
    """Return the travel times between places, wherever they are; one query a portion of places."""
    spots: dict[str, Spot] = {}
    with unscoped(session):
        for some in portions(sorted(codes)):
            query = select(Place.code, Place.latitude, Place.longitude, Place.country).where(Place.code.in_(some))
            for code, latitude, longitude, country in session.execute(query):
                if latitude is not None and longitude is not None:
                    spots[code] = Spot(latitude, longitude, country)
    seconds = matrix_between(session, list(spots.values())).seconds
    times = {
        (origin, destination): timedelta(seconds=int(seconds[row, column]))
        for row, origin in enumerate(spots)
        for column, destination in enumerate(spots)
    }
    return Ways(times, booked)


def booked_by(session: Session, people: Collection[str], since: datetime, until: datetime) -> dict[str, Booked]:
    """Return {technician: work and ways in force that touch a span}, whatever became of their jobs, of all regions."""
    found: defaultdict[str, Booked] = defaultdict(Booked)
    waiting = select(QuarantinedEvent.id).where(
        QuarantinedEvent.id == JobEvent.id, QuarantinedEvent.state.in_((Decision.OPEN, Decision.DISCARDED))
    )
    query = (
        select(Technician.code, Job.number, JobEvent.kind, JobEvent.told)
        .select_from(JobEvent)
        .join(Technician, Technician.id == JobEvent.technician_id)
        .join(Job, Job.id == JobEvent.job_id)
        # what was done is told when it is done, or later
        .where(JobEvent.kind.in_((EventKind.LABOUR, EventKind.TRAVEL)), JobEvent.happened_at > since)
        .where(~waiting.exists())
    )
    with unscoped(session):
        for some in portions(sorted(people)):
            for code, number, kind, told in session.execute(query.where(Technician.code.in_(some))):
                span = told["work"] if kind is EventKind.LABOUR else told["journey"]
                start, end = datetime.fromisoformat(span["start"]), datetime.fromisoformat(span["end"])
                if since < end and start < until:
                    if kind is EventKind.LABOUR:
                        found[code].work.append((start, end))
                    else:
                        found[code].ways.append((number, (start, end)))
    return dict(found)
