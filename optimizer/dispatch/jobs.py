"""What has to be done: jobs with typed seats, windows, parts, tools and what may not change. Units as in `model`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from optimizer.dispatch.faults import amount, ordered, some, time, unique
from optimizer.dispatch.technicians import Band, Validity, Window


class Priority(StrEnum):
    """Urgency of a job, most urgent first."""

    AOG = "aog"
    CRITICAL = "critical"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's part of a job: what he must hold, and when he begins after the job's first seat.

    `permitted` tells, beside the qualifications, who may take the seat and when: whoever is not named may not, and a
    code that is nobody's in the problem counts for nothing; None: everybody may, always. `duration_s` None: as long as
    the job. The seat begins between `after_min_s` and `after_max_s` after the first seat begins: at once unless given.
    """

    code: str = "technician"
    qualifications: frozenset[str] = frozenset()
    permitted: Mapping[str, tuple[Validity, ...]] | None = None
    duration_s: float | None = None
    after_min_s: float = 0.0
    after_max_s: float = 0.0

    def __post_init__(self) -> None:
        if self.duration_s is not None:
            amount(f"seat {self.code}", duration_s=self.duration_s)
        ordered(f"seat {self.code}, its start after the first seat", self.after_min_s, self.after_max_s)


@dataclass(frozen=True, slots=True)
class PartNeed:
    """So many of a part, or of one of its alternates (the first is preferred at `alternate_cost` for the others).

    It comes from the kit or from a depot stop before; or, where `ready_s` is given, it is delivered at the job's place
    at that time. Parts that only arrive (no technician carries them) need `carried` False.
    """

    parts: tuple[str, ...]
    quantity: float = 1.0
    ready_s: float | None = None
    carried: bool = True
    alternate_cost: float = 0.0

    def __post_init__(self) -> None:
        some("a part need", self.parts)
        name = f"need of part {self.parts[0]}"
        amount(name, quantity=self.quantity, alternate_cost=self.alternate_cost)
        if not self.quantity:
            raise ValueError(f"{name}: quantity must be above 0")
        if self.ready_s is not None:
            time(f"part {self.parts[0]}", ready_s=self.ready_s)


class PinKind(StrEnum):
    """How much of a job is fixed: who, who and in which order, who and when (begun), or all of it (over)."""

    ASSIGNED = "assigned"
    SEQUENCED = "sequenced"
    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Pin:
    """What may not change: the technician of each seat in order; from `SEQUENCED` on, also the start.

    Sequenced jobs stay at the head of their technician's tour in the order of `start_s`; started and done ones begin at
    `start_s` exactly.
    """

    kind: PinKind
    technicians: tuple[str, ...]
    start_s: float | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """What the running plan says of a job: the technician of each seat in order, and the start told to the customer.

    A technician who is not in the problem any more has to be changed. The start may lie before the horizon. To leave
    the job out is a change, too: it costs `leaving_cost` beside its outcome.
    """

    technicians: tuple[str, ...]
    start_s: float
    leaving_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed unit to be brought to a place: a tour that ends there carries it and saves its freight."""

    place: int
    saving: float

    def __post_init__(self) -> None:
        amount("removed unit", saving=self.saving)


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a place, done by one technician for each seat, all of them or nobody.

    Its first seat begins within one of the `windows` (starts, both ends included), not before `release_s`. The end of
    the last seat after `due_s` costs `lateness` (bands counted from `due_s`). A job that is not done costs the least of
    `unserved_cost`, `deferral_cost` and `outsourcing_cost` (None: not possible); a `mandatory` one is left out only
    if nothing else is possible. `tools` come from the kit or a depot; `shared_tools` are taken for the whole shift.
    `preferred` and `forbidden` may name people who are not in the problem: these count for nothing.
    `load` is what the job adds to the technician's load, up to his capacity. A `pausable` job may go on in the next
    shift of one who stays away. `kind` names what a proficiency is for. `priority` weighs nothing by itself: what it is
    worth stands in the prices; key figures count by it.
    """

    number: str
    place: int
    duration_s: float
    seats: tuple[Seat, ...] = (Seat(),)
    priority: Priority = Priority.ROUTINE
    windows: tuple[Window, ...] = (Window(0.0),)
    release_s: float = 0.0
    due_s: float = math.inf
    lateness: tuple[Band, ...] = ()
    unserved_cost: float = 0.0
    deferral_cost: float | None = None
    outsourcing_cost: float | None = None
    mandatory: bool = False
    parts: tuple[PartNeed, ...] = ()
    tools: frozenset[str] = frozenset()
    shared_tools: frozenset[str] = frozenset()
    load: float = 0.0
    removed: Removed | None = None
    kind: str = ""
    pausable: bool = False
    preferred: frozenset[str] = frozenset()
    unpreferred_cost: float = 0.0
    forbidden: frozenset[str] = frozenset()
    pin: Pin | None = None
    running: Running | None = None

    def __post_init__(self) -> None:
        name = f"job {self.number}"
        amount(name, duration_s=self.duration_s, unserved_cost=self.unserved_cost, load=self.load)
        amount(name, unpreferred_cost=self.unpreferred_cost, deferral_cost=self.deferral_cost or 0.0)
        amount(name, outsourcing_cost=self.outsourcing_cost or 0.0)
        time(name, release_s=self.release_s)
        if math.isnan(self.due_s) or self.due_s == -math.inf:
            raise ValueError(f"{name}: due_s must be a time, or infinite for never, not {self.due_s}")
        if not self.seats:
            raise ValueError(f"{name} has no seat")
        if not self.windows:
            raise ValueError(f"{name} has no window")
        if self.seats[0].after_min_s or self.seats[0].after_max_s:
            raise ValueError(f"{name}: the first seat cannot begin after itself; give the later seats the gap")
        for before, after in pairwise(self.windows):
            if before.until_s >= after.from_s:
                raise ValueError(f"{name}: the windows overlap or are out of order; sort and merge them")
        self._fixed(name)

    def _fixed(self, name: str) -> None:
        for what, names in (("pin", self.pin), ("running plan", self.running)):
            if names is not None and len(names.technicians) != len(self.seats):
                raise ValueError(f"{name}: the {what} must name one technician for each of {len(self.seats)} seats")
        if self.pin is not None:
            unique(f"{name}: in the pin, technician", self.pin.technicians)
            if self.pin.start_s is not None:
                time(f"{name}, its pin", start_s=self.pin.start_s)
            elif self.pin.kind is not PinKind.ASSIGNED:
                raise ValueError(f"{name}: a pin of the kind {self.pin.kind} must tell the start")
        if self.running is not None and not math.isfinite(self.running.start_s):
            raise ValueError(f"{name}: the start of the running plan must be a time, not {self.running.start_s}")
        if self.running is not None:
            amount(f"{name}, its running plan", leaving_cost=self.running.leaving_cost)
