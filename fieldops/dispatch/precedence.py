"""Which jobs must be done before others; circles are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session, aliased

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, JobPrecedence
from inventory.kernel.errors import Invalid
from inventory.kernel.lookup import keys_by_code, portions
from inventory.kernel.texts import gettext as _

DONE = frozenset(
    {JobState.DONE, JobState.INSPECTED, JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED},
)
"""The states in which a job stands in no other's way any more."""


def set_before(session: Session, wanted: Mapping[str, Collection[str]], keys: Mapping[str, UUID]) -> None:
    """Make jobs come after others, {job: those before it}; `keys` are the keys of the jobs themselves.

    Raises Invalid for an unknown job and for a circle, which it names.
    """
    named = {number for befores in wanted.values() for number in befores}
    known = dict(keys) | keys_by_code(session, Job.number, Job.id, named - keys.keys(), unknown_before)
    _refuse_circle(session, wanted)
    changed = [keys[number] for number in wanted]
    for some in portions(changed):
        session.execute(delete(JobPrecedence).where(JobPrecedence.job_id.in_(some)))
    rows = [
        {"job_id": keys[number], "after_id": known[before]} for number, befores in wanted.items() for before in befores
    ]
    if rows:
        session.execute(insert(JobPrecedence), rows)


def unfinished_before(session: Session, job: Job) -> list[str]:
    """Return the numbers of the jobs that must be done before a job and are not, by number."""
    before = aliased(Job)
    query = (
        select(before.number)
        .join(JobPrecedence, JobPrecedence.after_id == before.id)
        .where(JobPrecedence.job_id == job.id, before.state.not_in(DONE))
        .order_by(before.number)
    )
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Befores:
    """The jobs before a job that are not done: those planned still, and when those under way end, as was told."""

    planned: tuple[str, ...] = ()
    ends_at: datetime | None = None


def unfinished_befores(session: Session, *chosen: ColumnElement[bool]) -> defaultdict[str, Befores]:
    """Return {job: what comes before it and is not done} of the jobs that fit criteria, in two queries."""
    before = aliased(Job)
    query = (
        select(Job.number, before.number, before.state, before.id)
        .join(JobPrecedence, JobPrecedence.job_id == Job.id)
        .join(before, before.id == JobPrecedence.after_id)
        .where(*chosen, before.state.not_in(DONE))
        .order_by(before.number)
    )
    rows = session.execute(query).all()
    crews = crew_of(session, {key for _number, _before, state, key in rows if state is not JobState.PLANNED})
    planned: defaultdict[str, list[str]] = defaultdict(list)
    ends: defaultdict[str, list[datetime]] = defaultdict(list)
    for number, other, state, key in rows:
        if state is JobState.PLANNED:
            planned[number].append(other)
        else:
            ends[number] += [one.ends_at for one in crews[key]]
    found: defaultdict[str, Befores] = defaultdict(Befores)
    for number in planned.keys() | ends.keys():
        found[number] = Befores(tuple(planned[number]), max(ends[number], default=None))
    return found


def _refuse_circle(session: Session, wanted: Mapping[str, Collection[str]]) -> None:
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for number, befores in wanted.items():
        graph[number] |= set(befores)
    seen, ahead = set(wanted), {before for befores in wanted.values() for before in befores} - wanted.keys()
    one, other = aliased(Job), aliased(Job)
    while ahead:
        query = (
            select(one.number, other.number)
            .join(JobPrecedence, JobPrecedence.job_id == one.id)
            .join(other, other.id == JobPrecedence.after_id)
        )
        found: set[str] = set()
        for some in portions(sorted(ahead)):
            for number, before in session.execute(query.where(one.number.in_(some))):
                graph[number].add(before)
                found.add(before)
        seen |= ahead
        ahead = found - seen
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        raise Invalid(
            _("The jobs {circle} would wait for each other; take one of them out of after").format(
                circle=" → ".join(circle.args[1])
            ),
            code="circle",
            field="after",
        ) from None


def unknown_before(number: str) -> Invalid:
    """Return the refusal of a job that another would come after and that there is not."""
    return Invalid(
        _("There is no job {number} to come after; add it first or correct after").format(number=number),
        code="unknown_job",
        field="after",
    )
