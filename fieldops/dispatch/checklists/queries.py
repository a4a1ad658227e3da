"""Reads of checklists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fieldops.dispatch.checklists.models import Checklist
from fieldops.dispatch.checklists.rules import numbered
from fieldops.dispatch.checklists.schemas import ChecklistOut
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _


def checklist_page(session: Session, *, after: str = "", limit: int, task: str | None = None) -> list[ChecklistOut]:
    """Return up to `limit` checklists with a code after `after`, by code; of a task or all."""
    query = select(Checklist).where(Checklist.code > after).order_by(Checklist.code).limit(limit)
    if task is not None:
        query = query.where(Checklist.task == task)
    return [checklist_out(one) for one in session.scalars(query)]


def checklist(session: Session, code: str) -> Checklist:
    """Return a checklist; raises NotFound for an unknown code."""
    found = session.get(Checklist, code)
    if found is None:
        raise NotFound(
            _("There is no checklist {code}; the list of checklists shows those there are").format(code=code),
            code="unknown_checklist",
            field="code",
        )
    return found


def checklist_out(one: Checklist) -> ChecklistOut:
    """Return a checklist as it goes out."""
    return ChecklistOut.model_validate(one, from_attributes=True)


def steps_given(session: Session, jobs: Sequence[tuple[str | None, str]]) -> list[list[dict[str, Any]]]:
    """Return the steps that jobs get, (task, kind) each: those of their kind before those of their task."""
    found: dict[str, Checklist] = {}
    for some in portions(sorted({task for task, _kind in jobs if task})) or [[]]:
        of = or_(Checklist.task.in_(some), Checklist.job_kind.in_(sorted({kind for _task, kind in jobs})))
        found |= {one.code: one for one in session.scalars(select(Checklist).where(of, Checklist.active))}
    lists = sorted(found.values(), key=lambda one: (one.job_kind is None, one.code))
    return [
        numbered(step for one in lists if one.job_kind == kind or (task and one.task == task) for step in one.steps)
        for task, kind in jobs
    ]
