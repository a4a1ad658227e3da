"""Reads of tasks."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.tasks.durations import Duration
from fieldops.dispatch.tasks.models import Task
from fieldops.dispatch.tasks.schemas import TaskOut
from inventory.kernel.errors import Invalid, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _


def task_page(session: Session, *, after: str = "", limit: int, ata: str | None = None) -> list[TaskOut]:
    """Return up to `limit` tasks with a code after `after`, by code; of an ATA chapter or all."""
    query = select(Task).where(Task.code > after).order_by(Task.code).limit(limit)
    if ata is not None:
        query = query.where(Task.ata.startswith(ata, autoescape=True))
    return [TaskOut.model_validate(one, from_attributes=True) for one in session.scalars(query)]


def durations_of(session: Session, codes: Collection[str]) -> dict[str, Duration]:
    """Return {task: how long it takes, as learned}."""
    found: dict[str, Duration] = {}
    for some in portions(sorted(codes)):
        query = select(Task.code, Task.learned_min, Task.learned_p90_min).where(Task.code.in_(some))
        found |= {code: Duration(median / 60, p90 / 60) for code, median, p90 in session.execute(query)}
    return found


def task_told(session: Session, code: str) -> TaskOut:
    """Return a task; raises NotFound for an unknown code."""
    found = session.get(Task, code)
    if found is None:
        raise NotFound(
            _("There is no task {code}; the list of tasks shows those there are").format(code=code),
            code="unknown_task",
            field="code",
        )
    return TaskOut.model_validate(found, from_attributes=True)


def require_tasks(session: Session, codes: Collection[str]) -> dict[str, Task]:
    """Return tasks by code; raises Invalid for one that does not exist."""
    found: dict[str, Task] = {}
    for some in portions(sorted(codes)):
        found.update((one.code, one) for one in session.scalars(select(Task).where(Task.code.in_(some))))
    for code in sorted(set(codes) - found.keys()):
        raise Invalid(
            _("Task {code} does not exist; add it first or correct the code").format(code=code),
            code="unknown_task",
            field="task",
        )
    return found
