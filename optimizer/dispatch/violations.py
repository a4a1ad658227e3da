"""What the checker finds, and how it compares."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.dispatch.pricing import TOLERANCE_S
from optimizer.dispatch.technicians import Validity


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, where, and by how much (seconds, pieces or money); the codes stand at `check`."""

    code: str
    where: str
    by: float | None = None


class UnsoundPlan(AssertionError):
    """The checker refused a plan of our own: a fault of the engine, with what the checker found."""


def is_same(told_s: float, true_s: float) -> bool:
    """Say whether two times agree."""
    return abs(told_s - true_s) <= TOLERANCE_S


def is_worth(told: float, true: float) -> bool:
    """Say whether two amounts of money agree."""
    return math.isclose(told, true, rel_tol=1e-6, abs_tol=1e-6)


def exceeds(needed: float, held: float) -> bool:
    """Say whether more is needed than there is, of parts, load or money."""
    return needed > held + 1e-6 * max(1.0, abs(held))


def covers(spans: Iterable[Validity], start_s: float, end_s: float) -> bool:
    """Say whether the spans together hold from start to end."""
    reached_s = -math.inf
    for span in sorted(spans, key=lambda one: one.from_s):
        if span.from_s <= max(reached_s, start_s) + TOLERANCE_S and span.until_s >= start_s - TOLERANCE_S:
            reached_s = max(reached_s, span.until_s)
    return end_s <= reached_s + TOLERANCE_S
