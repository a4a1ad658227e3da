"""The one table of a job's steps, and the fold of its events through it. Pure: the same events in any order give the
same state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from fieldops.dispatch.checklists.rules import Step as CheckStep
from fieldops.dispatch.checklists.rules import fits_one, still_open
from fieldops.workforce.kinds import Seat
from fieldops.workforce.rights import hands

TOLERANCE = timedelta(minutes=5)
"""By how much a device's clock may be wrong."""


class JobState(StrEnum):
    """How far a job is. Only one that is planned is taken up by plans."""

    PLANNED = "planned"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    TRAVELLING = "travelling"
    ON_SITE = "on_site"
    PAUSED = "paused"
    DONE = "done"
    INSPECTED = "inspected"
    RELEASED = "released"
    ADVISORY_CLOSED = "advisory_closed"
    CLOSED = "closed"


class EventKind(StrEnum):
    """What happens to a job."""

    ASSIGN = "assign"
    UNASSIGN = "unassign"
    DISPATCH = "dispatch"
    RECALL = "recall"
    CANCEL = "cancel"
    CLOSE = "close"
    REOPEN = "reopen"
    ACCEPT = "accept"
    DECLINE = "decline"
    DEPART = "depart"
    ARRIVE = "arrive"
    PAUSE = "pause"
    RESUME = "resume"
    NO_ACCESS = "no_access"
    WRONG_PART = "wrong_part"
    FINISH = "finish"
    INSPECT = "inspect"
    REJECT = "reject"
    """The inspector sends the work back."""
    RELEASE = "release"
    CLOSE_ADVISORY = "close_advisory"
    FOLLOW_UP = "follow_up"
    LABOUR = "labour"
    TRAVEL = "travel"
    PART_ISSUED = "part_issued"
    UNIT_REMOVED = "unit_removed"
    STEP_ANSWERED = "step_answered"


OFFICE = frozenset(
    {
        EventKind.ASSIGN,
        EventKind.UNASSIGN,
        EventKind.DISPATCH,
        EventKind.RECALL,
        EventKind.CANCEL,
        EventKind.CLOSE,
        EventKind.REOPEN,
    }
)
"""What the office does; a device never sends it."""
BOOKINGS = frozenset({EventKind.LABOUR, EventKind.TRAVEL, EventKind.PART_ISSUED, EventKind.UNIT_REMOVED})
"""What is booked from the field; it leaves the state as it is."""
ENTRIES = BOOKINGS | {EventKind.STEP_ANSWERED}
"""What is told beside the steps of a job; it leaves the state as it is."""
HANDS_ON = frozenset({*ENTRIES - {EventKind.TRAVEL}, EventKind.FINISH})
"""What only somebody tells who worked on the job, whatever the seat."""

SIGNATURES = frozenset({EventKind.INSPECT, EventKind.RELEASE, EventKind.CLOSE_ADVISORY})
"""What somebody signs for: it counts only from the person's own login."""
FINAL = SIGNATURES | {EventKind.CLOSE}
"""What stands: nothing that comes in later undoes it."""
COMPLETING = FINAL | {EventKind.FINISH}
"""What is not possible while a mandatory step of the checklist is open."""
STEERING = OFFICE - FINAL - {EventKind.ASSIGN, EventKind.UNASSIGN}
"""The steps by which the office steers a job; what comes in late from before them does not undo them either."""


class Who(StrEnum):
    """Who may take a step."""

    OFFICE = "office"
    CREW = "crew"
    WORKER = "worker"
    INSPECTOR = "inspector"
    SIGNATORY = "signatory"


SEATS_OF: Mapping[Who, frozenset[Seat]] = {
    Who.CREW: frozenset(Seat),
    Who.WORKER: frozenset({Seat.MECHANIC, Seat.RELEASE_SIGNATORY, Seat.ADVISORY_ENGINEER}),
    Who.INSPECTOR: frozenset({Seat.INDEPENDENT_INSPECTOR}),
    Who.SIGNATORY: frozenset({Seat.RELEASE_SIGNATORY}),
}
"""The seats, one of which somebody must hold at the time."""


class Ending(StrEnum):
    """How a job ends: aircraft work is released, or the operator releases it and we only advise."""

    RELEASE = "release"
    ADVISORY = "advisory"
    PLAIN = "plain"
    """Work on no aircraft, which nobody releases."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a job decides which steps are open to it; `checklist` are the steps of its work."""

    ending: Ending = Ending.RELEASE
    inspection: bool = False
    checklist: tuple[CheckStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: `needs` are the keys that the event must tell; None sets no condition on a job."""

    origin: JobState
    kind: EventKind
    target: JobState
    who: Who
    needs: tuple[str, ...] = ()
    endings: frozenset[Ending] = frozenset(Ending)
    inspection: bool | None = None

    def open_to(self, terms: Terms) -> bool:
        """Tell whether a job of these terms may take it."""
        return terms.ending in self.endings and self.inspection in (None, terms.inspection)


REFUSED = "refused"
"""The key of what stood against a signature when it came in."""
CERTIFICATE = ("approval", "data_reference", "data_revision")
"""What a certificate of release must tell; its signatory is who sends it."""
_RELEASE, _ADVISORY, _PLAIN = (frozenset({one}) for one in (Ending.RELEASE, Ending.ADVISORY, Ending.PLAIN))
_S, _E = JobState, EventKind

TABLE: tuple[Step, ...] = (
    Step(_S.PLANNED, _E.DISPATCH, _S.DISPATCHED, Who.OFFICE),
    Step(_S.PLANNED, _E.CANCEL, _S.CLOSED, Who.OFFICE, ("reason",)),
    Step(_S.DISPATCHED, _E.RECALL, _S.PLANNED, Who.OFFICE, ("reason",)),
    Step(_S.ACCEPTED, _E.RECALL, _S.PLANNED, Who.OFFICE, ("reason",)),
    Step(_S.TRAVELLING, _E.RECALL, _S.PLANNED, Who.OFFICE, ("reason",)),
    Step(_S.PAUSED, _E.RECALL, _S.PLANNED, Who.OFFICE, ("reason",)),
    Step(_S.DISPATCHED, _E.ACCEPT, _S.ACCEPTED, Who.CREW),
    Step(_S.DISPATCHED, _E.DECLINE, _S.PLANNED, Who.CREW, ("reason",)),
    Step(_S.ACCEPTED, _E.DECLINE, _S.PLANNED, Who.CREW, ("reason",)),
    Step(_S.ACCEPTED, _E.DEPART, _S.TRAVELLING, Who.CREW),
    Step(_S.ACCEPTED, _E.ARRIVE, _S.ON_SITE, Who.CREW),
    Step(_S.TRAVELLING, _E.ARRIVE, _S.ON_SITE, Who.CREW),
    Step(_S.TRAVELLING, _E.NO_ACCESS, _S.PAUSED, Who.CREW, ("reason",)),
    Step(_S.ON_SITE, _E.NO_ACCESS, _S.PAUSED, Who.CREW, ("reason",)),
    Step(_S.ON_SITE, _E.WRONG_PART, _S.PAUSED, Who.CREW, ("part", "reason")),
    Step(_S.ON_SITE, _E.PAUSE, _S.PAUSED, Who.CREW, ("reason",)),
    Step(_S.PAUSED, _E.RESUME, _S.ON_SITE, Who.CREW),
    Step(_S.ON_SITE, _E.FINISH, _S.DONE, Who.WORKER),
    Step(_S.ON_SITE, _E.FOLLOW_UP, _S.ON_SITE, Who.CREW, ("title",)),
    Step(_S.PAUSED, _E.FOLLOW_UP, _S.PAUSED, Who.CREW, ("title",)),
    Step(_S.DONE, _E.FOLLOW_UP, _S.DONE, Who.CREW, ("title",)),
    Step(_S.INSPECTED, _E.FOLLOW_UP, _S.INSPECTED, Who.CREW, ("title",)),
    Step(_S.DONE, _E.REJECT, _S.ON_SITE, Who.INSPECTOR, ("reason",)),
    Step(_S.DONE, _E.INSPECT, _S.INSPECTED, Who.INSPECTOR),
    Step(_S.DONE, _E.RELEASE, _S.RELEASED, Who.SIGNATORY, CERTIFICATE, _RELEASE, inspection=False),
    Step(_S.INSPECTED, _E.RELEASE, _S.RELEASED, Who.SIGNATORY, CERTIFICATE, _RELEASE),
    Step(_S.DONE, _E.CLOSE_ADVISORY, _S.ADVISORY_CLOSED, Who.WORKER, ("operator_release",), _ADVISORY, False),
    Step(_S.INSPECTED, _E.CLOSE_ADVISORY, _S.ADVISORY_CLOSED, Who.WORKER, ("operator_release",), _ADVISORY),
    Step(_S.DONE, _E.CLOSE, _S.CLOSED, Who.OFFICE, (), _PLAIN, inspection=False),
    Step(_S.INSPECTED, _E.CLOSE, _S.CLOSED, Who.OFFICE, (), _PLAIN),
    Step(_S.RELEASED, _E.CLOSE, _S.CLOSED, Who.OFFICE),
    Step(_S.ADVISORY_CLOSED, _E.CLOSE, _S.CLOSED, Who.OFFICE),
    Step(_S.CLOSED, _E.REOPEN, _S.PLANNED, Who.OFFICE, ("reason",)),
)
"""Every step that there is."""
STEPS: Mapping[tuple[JobState, EventKind], Step] = {(one.origin, one.kind): one for one in TABLE}


_SEATING = frozenset({EventKind.ASSIGN, EventKind.UNASSIGN})
_KINDS = [kind for kind in EventKind if kind not in ENTRIES]
_KINDS[_KINDS.index(EventKind.FINISH) : _KINDS.index(EventKind.FINISH)] = sorted(ENTRIES)
_ORDER = {kind: number for number, kind in enumerate(_KINDS)}
"""In which order things happen that are told of one instant."""
_FAR = {state: number for number, state in enumerate(JobState)} | {JobState.PAUSED: list(JobState).index(_S.ON_SITE)}
"""How far a job is in each state; a pause leads nowhere."""
_OVER = frozenset({JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED})
"""Where nothing is booked any more; what comes in late does not lead back from there."""


class Fault(StrEnum):
    """Why an event does not fit."""

    NOT_ALLOWED = "not_allowed"
    """The table has no such step from where the job was."""
    NOT_IN_CREW = "not_in_crew"
    """Whoever sent it had no seat, or not the one that it needs, at the time: the job was reassigned meanwhile."""
    OWN_INSPECTION = "own_inspection"
    INCOMPLETE = "incomplete"
    """It does not tell what its step needs."""
    NO_RIGHT = "no_right"
    """Who signed might not sign at that instant, by the one decision or by the data."""
    CLOCK_BACKWARD = "clock_backward"
    IN_FUTURE = "in_future"
    STEPS_OPEN = "steps_open"
    """A mandatory step of the checklist was open then."""
    WRONG_ANSWER = "wrong_answer"
    """The job has no such step in its checklist, or it is answered otherwise."""
    BEFORE_DISPATCH = "before_dispatch"
    """It tells of work from before the job was dispatched."""
    BEHIND_SIGNATURE = "behind_signature"
    """It came in after a signature or a close that it would undo."""
    BEHIND_OFFICE = "behind_office"
    """It came in after the office took a step that would not have been possible with it."""


TIMING = frozenset({Fault.CLOCK_BACKWARD, Fault.IN_FUTURE})
"""What a person may overlook; the table is passed by nobody."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as the fold sees it: `person` is who did it, None for the office; `sequence` counts on its device.

    With `waived` a person has looked at it: its time is not judged again, nor whether who booked it still had a seat.
    With `behind` it waits since it would undo a signature. `since` is when a person had it count, None for when it
    came in.
    """

    id: UUID
    kind: EventKind
    happened_at: datetime
    recorded_at: datetime
    person: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    device: str = ""
    sequence: int | None = None
    waived: bool = False
    behind: bool = False
    since: datetime | None = None

    def late_for(self, step: Happening) -> bool:
        """Tell whether the field did it before a step of the office, which did not know of it."""
        return (
            self.kind not in OFFICE | BOOKINGS
            and self.happened_at < step.happened_at
            and (self.since or self.recorded_at) > step.recorded_at
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """What came of a job's events: `crew` are people with their seats, `worked` those whose hands were on it.

    `faults` tells for each event that does not fit why; all others are in force, in this `order`. `answers` are the
    last to each step of the checklist, `open_steps` the mandatory ones still open, `missing` those that were against
    an event.
    """

    state: JobState
    crew: frozenset[tuple[str, Seat]]
    worked: frozenset[str]
    faults: Mapping[UUID, Fault]
    order: tuple[UUID, ...]
    answers: Mapping[int, Happening] = field(default_factory=dict)
    open_steps: tuple[CheckStep, ...] = ()
    missing: Mapping[UUID, tuple[CheckStep, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Job:
    """A job while its events are taken one by one.

    `sent` is when it was dispatched first, `last` its last step, `ever` who had a seat, `answers` the last answer to
    each step of the checklist, which starts anew whenever the job is planned again.
    """

    terms: Terms
    state: JobState
    crew: set[tuple[str, Seat]] = field(default_factory=set)
    worked: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    sent: datetime | None = None
    last: EventKind | None = None
    answers: dict[int, Happening] = field(default_factory=dict)

    @property
    def open_steps(self) -> tuple[CheckStep, ...]:
        """The mandatory steps of the checklist that are open."""
        return still_open(self.terms.checklist, {key: one.told["answer"] for key, one in self.answers.items()})

    def take(self, one: Happening) -> None:
        """Let an event that fits happen."""
        if one.kind in _SEATING:
            seat = (str(one.told["person"]), Seat(one.told["seat"]))
            self.crew.add(seat) if one.kind is EventKind.ASSIGN else self.crew.discard(seat)
            self.ever.add(seat[0])
        elif one.kind is EventKind.STEP_ANSWERED:
            self.answers[one.told["answer"]["step"]] = one
        elif one.kind not in BOOKINGS:
            self.state, self.last = STEPS[self.state, one.kind].target, one.kind
            if self.state is JobState.PLANNED:
                self.answers.clear()
        working = hands(self.crew)
        if one.person is not None and (one.kind in HANDS_ON or one.person in working):
            self.worked.add(one.person)
        if self.state is JobState.ON_SITE:
            self.worked |= working
        if one.kind is EventKind.DISPATCH:
            self.sent = self.sent or one.happened_at


def fold(terms: Terms, events: Iterable[Happening], *, start: JobState = JobState.PLANNED) -> Folded:
    """Return the state that events lead to, taken by the instant at which they happened, whatever their order here.

    What came in late from before a step of the office that would be impossible with it is set aside, the last first.
    O(n log n), as often as something is set aside.
    """
    events = sorted(events, key=in_time)
    aside = {one.id: Fault.BEHIND_SIGNATURE for one in events if one.behind}
    while True:
        kept = [one for one in events if one.id not in aside]
        found = _folded(terms, kept, start)
        displacing = _displacing(terms, kept, start, found)
        if displacing is None:
            return replace(found, faults={**aside, **found.faults})
        aside[displacing] = Fault.BEHIND_OFFICE


def _displacing(terms: Terms, events: Sequence[Happening], start: JobState, found: Folded) -> UUID | None:
    """Return the last event that came in late and makes a step of the office impossible, None where none does."""
    for step in events:
        if step.kind in STEERING and found.faults.get(step.id) is Fault.NOT_ALLOWED:
            late = {one.id for one in events if one.late_for(step)}
            if late and step.id not in _folded(terms, [one for one in events if one.id not in late], start).faults:
                return next((key for key in reversed(found.order) if key in late), None)
    return None


def _folded(terms: Terms, events: Sequence[Happening], start: JobState) -> Folded:
    """Take events in time. One that is early waits for what it follows, as long as clocks may be wrong."""
    timing = _wrong_clocks(events)
    job, order, faults = _Job(terms, start), list[UUID](), dict[UUID, Fault]()
    missing: dict[UUID, tuple[CheckStep, ...]] = {}
    early: list[Happening] = []
    for one in events:
        early = [other for other in early if one.happened_at <= other.happened_at + TOLERANCE]
        fault = timing.get(one.id) or _fault(job, one)
        if fault is not None:
            faults[one.id] = fault
            if fault is Fault.STEPS_OPEN:
                missing[one.id] = job.open_steps
            early += [one] * (one.id not in timing and _is_early(job, one))
            continue
        ready: Happening | None = one
        while ready is not None:
            job.take(ready)
            order.append(ready.id)
            faults.pop(ready.id, None)
            missing.pop(ready.id, None)
            led_back = ready.kind not in _SEATING and job.state is JobState.PLANNED
            early = [other for other in early if other is not ready and not led_back]
            ready = next((other for other in early if _fault(job, other) is None), None)
        early = [other for other in early if _is_early(job, other)]
    crew, worked = frozenset(job.crew), frozenset(job.worked)
    return Folded(job.state, crew, worked, faults, tuple(order), job.answers, job.open_steps, missing)


def undoing(terms: Terms, events: Iterable[Happening], new: Collection[UUID]) -> set[UUID]:
    """Return those of the new events that would undo a signature or a close which is in force without them.

    Events that came in before the first signature, in whatever order, undo nothing.
    """
    events = sorted(events, key=in_time)
    known = [one for one in events if one.id not in new]
    if not any(one.kind in FINAL for one in known):
        return set()
    before = fold(terms, known)
    opened = any(one.id in new and one.kind is EventKind.REOPEN for one in events)
    standing = {one.id for one in known if one.kind in FINAL and one.id not in before.faults}

    def undone(tried: Iterable[Happening]) -> bool:
        found = fold(terms, tried)
        leads_back = before.state in _OVER and found.state not in _OVER and not opened
        return leads_back or bool(standing & found.faults.keys())

    if not standing or not undone(events):
        return set()
    out: set[UUID] = set()
    for one in events:
        if one.id in new:
            if undone([*known, one]):
                out.add(one.id)
            else:
                known.append(one)
    return out


def _is_early(job: _Job, one: Happening) -> bool:
    """Tell whether the field did something before the job had come so far, before the person got a seat of it, or
    before the last step of its checklist was answered.

    A step back that was just taken is no early one, but told twice.
    """
    if one.kind in OFFICE or one.kind is job.last:
        return False
    origins = [step.origin for step in TABLE if step.kind is one.kind and step.open_to(job.terms)]
    starts = min((_FAR[origin] for origin in origins), default=_FAR[JobState.DISPATCHED])
    return _FAR[job.state] < starts or _fault(job, one) in (Fault.NOT_IN_CREW, Fault.STEPS_OPEN)


def in_time(one: Happening) -> tuple[datetime, int, int, UUID]:
    """Return what events are taken in the order of; of one instant the office comes first, then as the table has it."""
    return one.happened_at, -1 if one.sequence is None else one.sequence, _ORDER[one.kind], one.id


def _fault(job: _Job, one: Happening) -> Fault | None:
    if one.kind in _SEATING:
        return Fault.NOT_ALLOWED if job.state is JobState.CLOSED else None
    if one.kind in ENTRIES:
        return _entry_fault(job, one)
    step = STEPS.get((job.state, one.kind))
    if step is None or not step.open_to(job.terms):
        return Fault.NOT_ALLOWED
    if any(not one.told.get(name) for name in step.needs):
        return Fault.INCOMPLETE
    unfinished = Fault.STEPS_OPEN if one.kind in COMPLETING and job.open_steps else None
    if step.who is Who.OFFICE:
        return unfinished
    if one.person is None or not _seats(job.crew, one.person) & SEATS_OF[step.who]:
        return Fault.NOT_IN_CREW
    if step.who is Who.INSPECTOR and one.person in job.worked:
        return Fault.OWN_INSPECTION
    return Fault.NO_RIGHT if one.told.get(REFUSED) else unfinished


def _entry_fault(job: _Job, one: Happening) -> Fault | None:
    vouched = one.waived and one.person in job.ever and job.sent is not None  # a person lets it count as it was
    if one.person is None or not (vouched or _seats(job.crew, one.person)):
        return Fault.NOT_IN_CREW
    if (job.state is JobState.PLANNED and not vouched) or job.state in _OVER:
        return Fault.NOT_ALLOWED
    if one.kind is EventKind.STEP_ANSWERED:
        return None if fits_one(job.terms.checklist, one.told.get("answer") or {}) else Fault.WRONG_ANSWER
    work = one.told.get("work")
    if one.kind is not EventKind.LABOUR or work is None:
        return None
    if datetime.fromisoformat(work["end"]) > one.recorded_at + TOLERANCE:
        return Fault.IN_FUTURE
    if job.sent is not None and datetime.fromisoformat(work["start"]) < job.sent - TOLERANCE:
        return Fault.BEFORE_DISPATCH
    return None


def _seats(crew: Iterable[tuple[str, Seat]], person: str) -> set[Seat]:
    return {seat for one, seat in crew if one == person}


def _wrong_clocks(events: Iterable[Happening]) -> dict[UUID, Fault]:
    """Return the events whose time cannot be: ahead of when they came in, or behind what the device told before."""
    found: dict[UUID, Fault] = {}
    devices: defaultdict[str, list[Happening]] = defaultdict(list)
    for one in events:
        if one.kind in OFFICE:
            continue  # our own clock
        if one.happened_at > one.recorded_at + TOLERANCE and not one.waived:
            found[one.id] = Fault.IN_FUTURE
        elif one.sequence is not None:
            devices[one.device].append(one)
    for told in devices.values():
        latest: datetime | None = None
        for one in sorted(told, key=lambda event: (event.sequence or 0, event.id)):
            if latest is not None and one.happened_at < latest - TOLERANCE and not one.waived:
                found[one.id] = Fault.CLOCK_BACKWARD
            latest = one.happened_at if latest is None else max(latest, one.happened_at)
    return found
