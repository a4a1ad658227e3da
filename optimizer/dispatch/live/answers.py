"""What is told of a running plan: places for new jobs, appointments that can be promised, what a single move breaks.

Times in seconds from the start of the horizon, money in the currency of the plan, as in `model` and `plan`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.dispatch.building.state import Built
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Plan
from optimizer.dispatch.technicians import Window
from optimizer.run import Reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a seat of a job goes: who, in which shift, when; `after` and `before` name the stops beside it, if any."""

    job: str
    seat: int
    technician: str
    shift: int
    arrives_s: float
    start_s: float
    end_s: float
    after: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A job of the plan that gets other technicians or another start.

    `technicians` and `start_s` are what it then has: none and None where it is left out as `left_out` says.
    """

    job: str
    technicians_before: tuple[str, ...]
    start_before_s: float
    technicians: tuple[str, ...]
    start_s: float | None
    left_out: LeftOut | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One way to change the plan: where the jobs go, and what the whole plan then costs more (negative: less).

    `terms` are that by TERMS; their sum is `extra_cost`. `displaced` are the jobs taken out and put elsewhere or left
    out, `moved` those that only begin at another time. `plan`, of `problem`, is the plan as it would be.
    """

    places: tuple[Place, ...]
    terms: Mapping[str, float]
    displaced: tuple[Moved, ...]
    moved: tuple[Moved, ...]
    problem: Problem = field(repr=False, compare=False)
    plan: Plan = field(repr=False)
    base: Plan = field(repr=False, compare=False)
    """The plan that it changes."""
    arrays: Built | None = field(repr=False, compare=False)
    """The arrays of the problem, with which the plan is taken over; None: they are built anew then."""

    @property
    def extra_cost(self) -> float:
        """Return what the plan costs more, in money."""
        return math.fsum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody who cannot take a seat of a job as the plan is, and why (codes of `explain`)."""

    job: str
    seat: int
    technician: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The best options for new jobs, cheapest first; what `leaving` them out costs (money); who cannot, and why."""

    options: tuple[Option, ...]
    leaving: float
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """An appointment that was asked for, and the `option` that keeps it at the least cost.

    If nobody can keep it there is none, and `reasons` say why, by class of technicians (codes of `explain`).
    """

    window: Window
    option: Option | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Return where the job goes; nothing if nobody can."""
        return self.option.places if self.option is not None else ()

    @property
    def terms(self) -> Mapping[str, float]:
        """Return what the plan then costs more by TERMS (money)."""
        return self.option.terms if self.option is not None else {}

    @property
    def extra_cost(self) -> float | None:
        """Return what the plan costs more, in money; None if nobody can."""
        return self.option.extra_cost if self.option is not None else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a move does: rules that it breaks, each with by how much, and what the plan then costs more by TERMS.

    `broken` are what the checker finds, its codes and units (seconds, pieces, load or money) with `where`; of `option`,
    the plan as it would be, can only be taken what breaks nothing.
    """

    broken: tuple[Reason, ...]
    option: Option
