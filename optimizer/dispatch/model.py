"""The dispatch problem: technicians with shifts, jobs with typed seats, parts, tools, depots, travel and money.

Units everywhere: time in seconds from the start of the horizon (whole or not), money in the one reporting currency of
the plan, places by their index in `Problem.places`. What is refused here is a slip of whoever builds the problem
(an unknown place, NaN, a cycle of precedence); what merely cannot be planned stays in and is told in the plan.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.dispatch.faults import amount, ceiling, count, is_whole, no_cycle, ordered, time, unique
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.plan import DELIVERED, KIT
from optimizer.dispatch.technicians import Technician, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray


ALWAYS = Window(0.0)


@dataclass(frozen=True, slots=True)
class Precedence:
    """`after` begins at least `gap_min_s` after `before` has ended, and `gap_max_s` after it at most.

    `from_start` counts from the start of `before` instead (both gaps 0: they begin together). Where `before` is not
    done, `after` is not done either.
    """

    before: str
    after: str
    gap_min_s: float = 0.0
    gap_max_s: float = math.inf
    from_start: bool = False

    def __post_init__(self) -> None:
        ordered(f"precedence {self.before} to {self.after}", self.gap_min_s, self.gap_max_s)


@dataclass(frozen=True, slots=True)
class Together:
    """Two jobs that have the same technician (`same`) or no technician in common, if both are done."""

    first: str
    second: str
    same: bool

    def __post_init__(self) -> None:
        if self.first == self.second:
            raise ValueError(f"job {self.first} is to have company of itself; name two jobs")


@dataclass(frozen=True, slots=True)
class Depot:
    """A store where technicians can stop once a shift for parts (finite `stock`, or math.inf) and tools."""

    code: str
    place: int
    stock: Mapping[str, float] = field(default_factory=dict)
    tools: frozenset[str] = frozenset()
    handling_s: float = 0.0
    window: Window = ALWAYS

    def __post_init__(self) -> None:
        if self.code in ("", KIT, DELIVERED):
            raise ValueError(f"a depot cannot be called {self.code!r}, which says where else parts come from")
        amount(f"depot {self.code}", handling_s=self.handling_s)
        ceiling(f"depot {self.code}, stock", **self.stock)


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Travel of one mode: seconds and money from row to column, (n, n) for n places; copied and made read-only.

    `wrong` are the places (row, column) that have no finite value of 0 or more, by `seconds` and by `cost`: looked for
    once, since many problems share one table.
    """

    seconds: NDArray[np.float64]
    cost: NDArray[np.float64]
    wrong: Mapping[str, NDArray[np.int64]] = field(init=False)

    def __post_init__(self) -> None:
        wrong = {}
        for name, values in (("seconds", self.seconds), ("cost", self.cost)):
            matrix = np.array(values, dtype=np.float64)
            matrix.setflags(write=False)
            object.__setattr__(self, name, matrix)
            wrong[name] = np.argwhere(~np.isfinite(matrix) | (matrix < 0))
        object.__setattr__(self, "wrong", wrong)


@dataclass(frozen=True, slots=True)
class Flight:
    """A scheduled departure between two places: be there at `departs_s`, out again at `arrives_s`, for `cost`."""

    origin: int
    destination: int
    departs_s: float
    arrives_s: float
    cost: float

    def __post_init__(self) -> None:
        name = f"flight from place {self.origin} to {self.destination}"
        time(name, departs_s=self.departs_s)
        ordered(name, self.departs_s, self.arrives_s, empty=False)
        amount(name, cost=self.cost)


@dataclass(frozen=True, slots=True)
class ChangeCost:
    """What a change of the running plan costs: another technician, and each hour that the start moves.

    Both are doubled for a job about to start and fall to their plain value over `near_s` before its told start.
    `changes_max` limits how many seats may get another technician.
    """

    technician: float = 0.0
    per_h: float = 0.0
    near_s: float = 0.0
    changes_max: int | None = None

    def __post_init__(self) -> None:
        amount("change cost", technician=self.technician, per_h=self.per_h, near_s=self.near_s)
        if self.changes_max is not None:
            count("change cost", changes_max=self.changes_max)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Who could do what, where and when, with which parts and tools, for how much.

    `budgets` limits, by region of the technician, the money for travel, overtime, nights and call-outs; math.inf does
    not limit it.
    `worst_lateness_per_h` prices the latest of all jobs once more. `now_s` is when the plan begins.
    Raises ValueError naming the culprit for what is given twice, unknown, of a wrong shape, negative, NaN or cyclic.
    """

    places: tuple[str, ...]
    travel: Mapping[str, Travel]
    technicians: tuple[Technician, ...]
    jobs: tuple[Job, ...]
    depots: tuple[Depot, ...] = ()
    flights: tuple[Flight, ...] = ()
    precedence: tuple[Precedence, ...] = ()
    together: tuple[Together, ...] = ()
    shared_tools: Mapping[str, int] = field(default_factory=dict)
    budgets: Mapping[str, float] = field(default_factory=dict)
    change: ChangeCost = ChangeCost()
    worst_lateness_per_h: float = 0.0
    now_s: float = 0.0

    def __post_init__(self) -> None:
        unique("place", self.places)
        unique("technician", [one.code for one in self.technicians])
        unique("job", [one.number for one in self.jobs])
        unique("depot", [one.code for one in self.depots])
        amount("problem", worst_lateness_per_h=self.worst_lateness_per_h, now_s=self.now_s)
        ceiling("budget", **self.budgets)
        count("shared tools", **self.shared_tools)
        regions = {one.region for one in self.technicians}
        for region in self.budgets:
            if region not in regions:
                raise ValueError(f"there is a budget for the region {region!r}, which no technician is of")
        if not self.travel:
            raise ValueError("the problem has no travel times; give those of one mode at least")
        for mode, travel in self.travel.items():
            self._matrix(f"travel by {mode}, seconds", travel.seconds, travel.wrong["seconds"])
            self._matrix(f"travel by {mode}, cost", travel.cost, travel.wrong["cost"])
        for person in self.technicians:
            self._technician(person)
        for depot in self.depots:
            self._known(f"depot {depot.code}", depot.place)
        for flight in self.flights:
            self._known("a flight", flight.origin)
            self._known("a flight", flight.destination)
        codes = {one.code for one in self.technicians}
        for job in self.jobs:
            self._job(job, codes)
        self._relations()

    def _technician(self, person: Technician) -> None:
        name = f"technician {person.code}"
        if person.mode not in self.travel:
            raise ValueError(f"{name} travels by {person.mode}, for which there are no travel times")
        for shift in person.shifts:
            self._known(name, shift.start_place)
            self._known(name, shift.end_place)
        for appointment in person.appointments:
            self._known(f"{name}, appointment {appointment.name}", appointment.place)

    def _job(self, job: Job, codes: Collection[str]) -> None:
        name = f"job {job.number}"
        self._known(name, job.place)
        if job.removed is not None:
            self._known(f"{name}, its removed unit", job.removed.place)
        for tool in job.shared_tools:
            if tool not in self.shared_tools:
                raise ValueError(f"{name} needs the shared tool {tool}, of which no number is given")
        for code in job.pin.technicians if job.pin is not None else ():
            if code not in codes:
                raise ValueError(f"{name} is pinned to technician {code}, who is not in the problem")

    def _relations(self) -> None:
        numbers = {job.number for job in self.jobs}
        named = [(one.before, one.after) for one in self.precedence]
        for pair in [*named, *((one.first, one.second) for one in self.together)]:
            for number in pair:
                if number not in numbers:
                    raise ValueError(f"a relation names job {number}, which is not in the problem")
        no_cycle(named)

    def _matrix(self, name: str, matrix: NDArray[Any], wrong: NDArray[np.int64]) -> None:
        size = len(self.places)
        if matrix.shape != (size, size):
            raise ValueError(f"{name} must have the shape {(size, size)} of the places, not {matrix.shape}")
        if len(wrong):
            row, column = wrong[0]
            pair = f"{self.places[row]} to {self.places[column]}"
            raise ValueError(f"{name} from {pair} must be 0 or more, not {matrix[row, column]}")

    def _known(self, name: str, place: int) -> None:
        if not is_whole(place):
            raise ValueError(f"{name}: a place is told by its index, a whole number, not by {place!r}")
        if not 0 <= place < len(self.places):
            raise ValueError(f"{name}: no place has the index {place}; there are {len(self.places)} places")
