"""Which jobs must be done before others; circles are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, aliased

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
