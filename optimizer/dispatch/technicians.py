"""Who can be sent: technicians with shifts, breaks, pay, qualifications and kit. Units as in `model`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from optimizer.dispatch.faults import amount, ceiling, ordered, time


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, both ends included. Raises ValueError if it ends before it starts."""

    from_s: float
    until_s: float = math.inf

    def __post_init__(self) -> None:
        ordered("window", self.from_s, self.until_s)


@dataclass(frozen=True, slots=True)
class Validity:
    """A span in which something is held or allowed, until `until_s` (exclusive). Raises ValueError if empty."""

    from_s: float
    until_s: float

    def __post_init__(self) -> None:
        ordered("validity", self.from_s, self.until_s, empty=False)


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `duration_s` that begins within [`earliest_s`, `latest_s`], wherever the technician then is.

    It falls due only where he is on the way or at work at `latest_s`; unpaid, its time is taken off the hours paid.
    """

    earliest_s: float
    latest_s: float
    duration_s: float
    paid: bool = False

    def __post_init__(self) -> None:
        ordered("break", self.earliest_s, self.latest_s)
        amount("break", duration_s=self.duration_s)


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift: leaves `start_place` at `start_s` or later, is back at `end_place` by `end_s`, or in overtime.

    Overtime lasts `overtime_s` at most, and less where the rest before the next shift would be cut. Whoever is away has
    none.
    """

    start_s: float
    end_s: float
    start_place: int
    end_place: int
    overtime_s: float = 0.0
    breaks: tuple[Break, ...] = ()

    def __post_init__(self) -> None:
        time("shift", start_s=self.start_s)
        ordered("shift", self.start_s, self.end_s, empty=False)
        amount("shift", overtime_s=self.overtime_s)
        for before, after in pairwise(self.breaks):
            if before.latest_s + before.duration_s > after.earliest_s:
                raise ValueError(f"shift from {self.start_s}: the breaks overlap; give them in order and apart")


@dataclass(frozen=True, slots=True)
class Band:
    """From `after_s` on, each hour costs `per_h` more than before. Bands add up, so the cost is convex."""

    after_s: float
    per_h: float

    def __post_init__(self) -> None:
        time("band", after_s=self.after_s)
        amount("band", per_h=self.per_h)


@dataclass(frozen=True, slots=True)
class Pay:
    """What a technician costs: from departure to return (unpaid breaks off), beyond the shift, at night, a call-out.

    `overtime` counts from the end of the shift (whoever is away has none), `night_per_h` is added within `nights`;
    `call_out` is paid once for each tour that has a job: a shift, or all shifts of one who stays away. `fairness_per_h`
    is no money paid: it is what an hour more weighs for one who has had more than his share (kept apart in the plan's
    terms).
    """

    per_h: float = 0.0
    overtime: tuple[Band, ...] = ()
    night_per_h: float = 0.0
    nights: tuple[Window, ...] = ()
    call_out: float = 0.0
    fairness_per_h: float = 0.0

    def __post_init__(self) -> None:
        amount(
            "pay",
            per_h=self.per_h,
            night_per_h=self.night_per_h,
            call_out=self.call_out,
            fairness_per_h=self.fairness_per_h,
        )


@dataclass(frozen=True, slots=True)
class Appointment:
    """A fixed date of a technician from `start_s` on.

    One that lies in a shift, overtime included, or in part of one, binds: it is kept whatever else is planned, or told
    as `plan.Missed` where it cannot be. One outside all shifts binds nobody.
    """

    name: str
    place: int
    start_s: float
    duration_s: float

    def __post_init__(self) -> None:
        time(f"appointment {self.name}", start_s=self.start_s)
        amount(f"appointment {self.name}", duration_s=self.duration_s)


@dataclass(frozen=True, slots=True)
class Technician:
    """A technician: shifts, qualifications and when they hold, pay, what he carries, how fast he is.

    `proficiency` is a factor on the duration of jobs of that `kind`. `parts` and `tools` are his kit at the start.
    `away`: between shifts he stays where he is instead of going to the shift's end place; all his shifts are one tour
    then, travel goes on in the next shift, and what breaks off at a shift's end goes on as well (`Job.pausable`).
    Raises ValueError when shifts overlap or leave less than `rest_s` between them.
    """

    code: str
    shifts: tuple[Shift, ...]
    qualifications: Mapping[str, tuple[Validity, ...]] = field(default_factory=dict)
    pay: Pay = Pay()
    region: str = ""
    mode: str = "road"
    flies: bool = False
    rest_s: float = 0.0
    away: bool = False
    appointments: tuple[Appointment, ...] = ()
    proficiency: Mapping[str, float] = field(default_factory=dict)
    tools: frozenset[str] = frozenset()
    parts: Mapping[str, float] = field(default_factory=dict)
    capacity: float = math.inf

    def __post_init__(self) -> None:
        name = f"technician {self.code}"
        for before, after in pairwise(self.shifts):
            if before.end_s + self.rest_s > after.start_s:
                raise ValueError(
                    f"{name}: the shift from {after.start_s} begins before the rest of {self.rest_s} s after the "
                    f"shift that ends at {before.end_s}; sort the shifts and leave the rest between them"
                )
        for kind, factor in self.proficiency.items():
            if not math.isfinite(factor) or factor <= 0:
                raise ValueError(f"{name}: the proficiency for {kind} must be above 0, not {factor}")
        amount(name, rest_s=self.rest_s, **{f"part {part}": held for part, held in self.parts.items()})
        ceiling(name, capacity=self.capacity)
