"""The dispatch problem and its plan: technicians with shifts and qualifications, jobs with windows, travel.

Units everywhere: time in whole seconds from the start of the horizon; money in the one reporting currency of the plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from numpy.typing import NDArray

    from optimizer.run import Reason, Status


class Priority(StrEnum):
    """Urgency of a job, most urgent first."""

    AOG = "aog"
    CRITICAL = "critical"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift: on duty from `start_s` until `end_s` (exclusive). Raises ValueError unless 0 <= start < end."""

    start_s: int
    end_s: int

    def __post_init__(self) -> None:
        _whole("duty", start_s=self.start_s, end_s=self.end_s)
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(
                f"a duty must start at 0 or later and end after its start, not {self.start_s}-{self.end_s}"
            )


@dataclass(frozen=True, slots=True)
class Validity:
    """A span in which a qualification is held, until `until_s` (exclusive). Raises ValueError if empty."""

    from_s: int
    until_s: int

    def __post_init__(self) -> None:
        _whole("validity", from_s=self.from_s, until_s=self.until_s)
        if self.from_s >= self.until_s:
            raise ValueError(f"a validity must end after it starts, not {self.from_s}-{self.until_s}")


@dataclass(frozen=True, slots=True)
class Technician:
    """A technician: home base (index of a place), shifts, qualifications by code, and pay per hour worked or travelled.

    Raises ValueError when duties are not in order with time between them, or the pay is negative.
    """

    code: str
    base: int
    duties: tuple[Duty, ...]
    qualifications: Mapping[str, tuple[Validity, ...]]
    cost_per_h: float

    def __post_init__(self) -> None:
        for before, after in zip(self.duties, self.duties[1:], strict=False):
            if before.end_s >= after.start_s:
                raise ValueError(
                    f"technician {self.code}: the duty from {after.start_s} must start after the one before ends "
                    f"({before.end_s}); sort duties and merge those that touch"
                )
        _amount(f"technician {self.code}", cost_per_h=self.cost_per_h)


@dataclass(frozen=True, slots=True)
class Job:
    """One job for one technician at a place (index).

    It starts between max(`earliest_s`, `parts_ready_s`) and `latest_start_s` (inclusive) and runs without interruption.
    `parts_ready_s` None: its parts cannot be delivered within the horizon. An end after `due_s` costs
    `lateness_cost_per_h`; leaving the job out costs `unserved_penalty`. `permitted` tells, beside the qualifications,
    who may do it and when: whoever is not named may not. None: everybody may, always.
    Raises ValueError when the duration is not positive, the window ends before it starts or a cost is negative.
    """

    number: str
    place: int
    duration_s: int
    priority: Priority
    earliest_s: int
    latest_start_s: int
    due_s: int
    lateness_cost_per_h: float
    qualifications: frozenset[str]
    unserved_penalty: float
    parts_ready_s: int | None = 0
    permitted: Mapping[str, tuple[Validity, ...]] | None = None

    def __post_init__(self) -> None:
        name = f"job {self.number}"
        times = {"duration_s": self.duration_s, "earliest_s": self.earliest_s, "due_s": self.due_s}
        _whole(name, **times, latest_start_s=self.latest_start_s, parts_ready_s=self.parts_ready_s or 0)
        _amount(name, lateness_cost_per_h=self.lateness_cost_per_h, unserved_penalty=self.unserved_penalty)
        if self.duration_s <= 0:
            raise ValueError(f"{name}: the duration must be positive, not {self.duration_s}")
        if self.latest_start_s < self.earliest_s:
            raise ValueError(f"{name}: the window ends ({self.latest_start_s}) before it starts ({self.earliest_s})")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Who could do what, where and when.

    `travel_s` (n, n) whole seconds and `travel_cost` (n, n) money, from row to column, for the n `places`; both are
    copied and made read-only. `horizon_s` is the length of the horizon: every duty ends within it.
    Raises ValueError naming the culprit for duplicate codes or numbers, wrong shapes, negative travel, unknown places.
    """

    places: tuple[str, ...]
    travel_s: NDArray[np.int64]
    travel_cost: NDArray[np.float64]
    technicians: tuple[Technician, ...]
    jobs: tuple[Job, ...]
    horizon_s: int

    def __post_init__(self) -> None:
        _whole("problem", horizon_s=self.horizon_s)
        if self.horizon_s <= 0:
            raise ValueError(f"the horizon must be positive, not {self.horizon_s}")
        _unique("place", self.places)
        _unique("technician", (technician.code for technician in self.technicians))
        _unique("job", (job.number for job in self.jobs))
        if not np.issubdtype(np.asarray(self.travel_s).dtype, np.integer):
            raise ValueError("travel_s must hold whole seconds; round travel times up")
        object.__setattr__(self, "travel_s", self._matrix("travel_s", self.travel_s, np.int64))
        object.__setattr__(self, "travel_cost", self._matrix("travel_cost", self.travel_cost, np.float64))
        for technician in self.technicians:
            self._known(f"technician {technician.code}", technician.base)
            if technician.duties and technician.duties[-1].end_s > self.horizon_s:
                raise ValueError(
                    f"technician {technician.code}: a duty ends after the horizon; cut it at {self.horizon_s}"
                )
        for job in self.jobs:
            self._known(f"job {job.number}", job.place)

    def _matrix(self, name: str, values: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
        matrix = np.array(values, dtype=dtype)
        size = len(self.places)
        if matrix.shape != (size, size):
            raise ValueError(f"{name} must have the shape {(size, size)} of the places, not {matrix.shape}")
        wrong = np.argwhere(~np.isfinite(matrix) | (matrix < 0))
        if len(wrong):
            row, column = wrong[0]
            pair = f"{self.places[row]} to {self.places[column]}"
            raise ValueError(f"{name} from {pair} must be 0 or more, not {matrix[row, column]}")
        matrix.setflags(write=False)
        return matrix

    def _known(self, name: str, place: int) -> None:
        if not 0 <= place < len(self.places):
            raise ValueError(f"{name}: no place has the index {place}; there are {len(self.places)} places")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A job done by a technician, with the travel to it from his place before.

    `labour_cost` pays service, travel and return travel. The return to base stands at the last job of a technician and
    is zero at the others, so that sums over assignments are exact.
    """

    job: str
    technician: str
    start_s: int
    end_s: int
    travel_s: int
    travel_cost: float
    labour_cost: float
    lateness_cost: float
    return_travel_s: int = 0
    return_travel_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A job left out, and why; reason codes and their units are those of `optimizer.dispatch.first.explain`."""

    job: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A dispatch plan: `objective` is all costs plus the penalties of unserved jobs.

    `bound` and `gap` ((objective - bound) / objective) are None unless the plan is proven optimal. Assignments are in
    order of technician and start. `cost_by_term` has the terms labour, travel and lateness.
    """

    status: Status
    objective: float
    bound: float | None
    gap: float | None
    seconds: float
    assignments: tuple[Assignment, ...]
    unassigned: tuple[Unassigned, ...]
    cost_by_term: Mapping[str, float] = field(default_factory=dict)


def _whole(name: str, **values: object) -> None:
    for key, value in values.items():
        if not isinstance(value, int):
            raise ValueError(f"{name}: {key} must be a whole number of seconds, not {value!r}")


def _amount(name: str, **values: float) -> None:
    for key, value in values.items():
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name}: {key} must be 0 or more, not {value}")


def _unique(kind: str, names: Iterable[Hashable]) -> None:
    seen: set[Hashable] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} {name} is given twice")
        seen.add(name)
