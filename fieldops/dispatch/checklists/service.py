"""Use cases of checklists: add and change them. What jobs were given stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from fieldops.dispatch.checklists.models import Checklist
from fieldops.dispatch.checklists.queries import checklist
from fieldops.dispatch.checklists.schemas import ChecklistTerms, NewChecklist
from fieldops.dispatch.tasks.queries import require_tasks
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.texts import gettext as _


def add_checklists(session: Session, _actor: Actor, lists: Sequence[NewChecklist]) -> None:
    """Add checklists; raises Conflict for a code that exists, Invalid for an unknown task."""
    refuse_taken(session, Checklist.code, (one.code for one in lists), _taken)
    _check_tasks(session, lists)
    if lists:
        session.execute(insert(Checklist), [{"code": one.code, **_row(one)} for one in lists])


def change_checklist(session: Session, _actor: Actor, code: str, terms: ChecklistTerms, version: int) -> Checklist:
    """Set the terms of a checklist; raises NotFound, Stale, and Invalid for an unknown task."""
    found = checklist(session, code)
    require_version(found.version, version)
    _check_tasks(session, [terms])
    for name, value in _row(terms).items():
        setattr(found, name, value)
    session.flush()
    return found


def _row(terms: ChecklistTerms) -> dict[str, Any]:
    steps = [one.model_dump(mode="json", exclude_none=True) for one in terms.steps]
    return terms.model_dump(exclude={"code", "steps"}) | {"steps": steps}


def _check_tasks(session: Session, lists: Iterable[ChecklistTerms]) -> None:
    require_tasks(session, {one.task for one in lists if one.task is not None})


def _taken(code: str) -> Conflict:
    return Conflict(
        _("Checklist {code} exists already; choose another code").format(code=code), code="code_exists", field="code"
    )
