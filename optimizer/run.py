"""What every solver shares: its work limit, its progress reports, its status and the shape of a reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How a solve ended. `optimal` is claimed only with a proof (bound equals objective)."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    TIMEOUT_NO_PLAN = "timeout_no_plan"


@dataclass(frozen=True, slots=True)
class Limit:
    """Work limit of a solve: a count of iterations (repeatable) or seconds (not repeatable), exactly one of them.

    Raises ValueError when both or neither are given, or when the value is not positive and finite.
    """

    iterations: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.seconds is None):
            raise ValueError("give exactly one of iterations and seconds")
        value = self.iterations if self.iterations is not None else self.seconds
        if value is None or not 0 < value < math.inf:
            raise ValueError(f"a limit must be positive and finite, not {value}")

    @property
    def deterministic(self) -> bool:
        """True when the same problem, seed and versions give the same plan."""
        return self.iterations is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """The incumbent at one moment of a solve; `bound` is None where the method has none."""

    iteration: int
    seconds: float
    objective: float
    bound: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not served: a stable code, by how much it misses, and the values that a text needs.

    `misses_by` is in the unit of the code (minutes, days or pieces; each model's explain module lists them),
    None where no amount would help.
    """

    code: str
    misses_by: float | None = None
    values: Mapping[str, str | int | float] = field(default_factory=dict)


ShouldStop = Callable[[], bool]
OnProgress = Callable[[Progress], None]


def never_stop() -> bool:
    """Return False: the default `should_stop`."""
    return False


def no_progress(_: Progress) -> None:
    """Ignore a report: the default `on_progress`."""
