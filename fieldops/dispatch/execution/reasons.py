"""Why an event waits, in a sentence of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from fieldops.dispatch.checklists.rules import Step
from fieldops.dispatch.execution.lifecycle import REFUSED, Fault, Happening
from inventory.kernel.texts import gettext as _


def sentence(fault: Fault, job: str, event: Happening, missing: Iterable[Step] = ()) -> str:
    """Return why an event does not fit its job, and what to do; `missing` are the steps open at the time."""
    told = {
        "job": job,
        "kind": event.kind.value,
        "person": event.person or _("the office"),
        "at": f"{event.happened_at:%Y-%m-%d %H:%MZ}",
        "why": "; ".join(text for _code, text in event.told.get(REFUSED) or ()),
        "step": (event.told.get("answer") or {}).get("step"),
        "steps": named(missing),
    }
    return _sentences()[fault].format_map(told)


def named(steps: Iterable[Step]) -> str:
    """Return steps by number and name, in the language in force."""
    return "; ".join(f"{one.number} {one.called}" for one in steps)


def _sentences() -> dict[Fault, str]:
    return {
        Fault.NOT_ALLOWED: _(
            "{kind} is no step that job {job} could take at {at}; correct the time, or discard the event"
        ),
        Fault.NOT_IN_CREW: _(
            "{person} had no seat of job {job} for {kind} at {at}; it was reassigned meanwhile, or the time is wrong. "
            "What somebody who had a seat before has worked, travelled or used can be applied as it was"
        ),
        Fault.OWN_INSPECTION: _("{person} worked on job {job}; nobody inspects own work, let somebody else inspect it"),
        Fault.INCOMPLETE: _("{kind} of job {job} does not tell all that it needs; send a complete one, discard this"),
        Fault.NO_RIGHT: _("{person} might not sign for job {job} at {at}: {why}; let somebody sign who may"),
        Fault.CLOCK_BACKWARD: _("the clock of the device went back before {at}; correct the time of {kind}, job {job}"),
        Fault.IN_FUTURE: _("{kind} of job {job} at {at} is in the future; correct its time"),
        Fault.STEPS_OPEN: _(
            "{kind} of job {job} is not possible while steps of its checklist are open: {steps}. Answer them, then "
            "send it again; discard this"
        ),
        Fault.WRONG_ANSWER: _(
            "step {step} of job {job} is none of its checklist, or is answered otherwise; discard it, and answer again"
        ),
        Fault.BEFORE_DISPATCH: _(
            "{kind} of job {job} tells of work before the job was dispatched; discard it, and send the right times"
        ),
        Fault.BEHIND_SIGNATURE: _(
            "{kind} of job {job} at {at} would undo a signature that stands; discard it, or open the job again"
        ),
        Fault.BEHIND_OFFICE: _(
            "{kind} of job {job} at {at} came in after the office had taken a step that it would undo; discard it, or "
            "correct its time"
        ),
    }
