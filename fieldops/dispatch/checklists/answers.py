"""How far the checklist of a job is."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.checklists.schemas import AnsweredStep, JobChecklist, StepAnswer
from fieldops.dispatch.execution.lifecycle import EventKind, Happening, fold
from fieldops.dispatch.execution.recording import happenings
from fieldops.dispatch.service import job_to_read
from fieldops.workforce.models import Technician
from inventory.kernel.scope import unscoped


def job_checklist(session: Session, number: str) -> JobChecklist:
    """Return the steps of a job with the answers that count; raises NotFound for an unknown number."""
    job = job_to_read(session, number)
    terms = job.terms
    if not terms.checklist:
        return JobChecklist(job=number, open=[], steps=[])
    events = happenings(session, [job.id])[job.id]
    folded = fold(terms, events)
    times = Counter(
        one.told["answer"]["step"]
        for one in events
        if one.kind is EventKind.STEP_ANSWERED and one.id not in folded.faults
    )
    names = _names(session, {one.person for one in folded.answers.values() if one.person})
    steps = []
    for one in terms.checklist:
        last = folded.answers.get(one.number)
        told: dict[str, Any] = {name: getattr(one, name) for name in _AS_KEPT} | _answered(last, names)
        settled = last is not None and one.settled_by(last.told["answer"])
        steps.append(AnsweredStep(**told, settled=settled, answers=times[one.number]))
    return JobChecklist(job=number, open=[one.number for one in folded.open_steps], steps=steps)


_AS_KEPT = ("number", "name", "name_zh", "kind", "mandatory", "unit", "lowest", "highest")


def _answered(last: Happening | None, names: dict[str, str]) -> dict[str, Any]:
    if last is None:
        return dict.fromkeys(("answer", "technician", "name_of_technician", "answered_at"))
    return {
        "answer": StepAnswer.model_validate(last.told["answer"]),
        "technician": last.person,
        "name_of_technician": names.get(last.person or ""),
        "answered_at": last.happened_at,
    }


def _names(session: Session, codes: set[str]) -> dict[str, str]:
    with unscoped(session):  # somebody lent from another region works here, too
        return dict(session.execute(select(Technician.code, Technician.name).where(Technician.code.in_(codes))).all())
