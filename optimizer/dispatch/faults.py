"""Refusals of what a dispatch problem cannot hold, each naming the culprit and what would do."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from numbers import Integral


def time(name: str, /, **values: float) -> None:
    """Raise ValueError unless every value is a finite number of seconds, 0 or later."""
    for key, value in values.items():
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name}: {key} must be a time at the start of the horizon or later, not {value}")


def amount(name: str, /, **values: float) -> None:
    """Raise ValueError unless every value is finite and 0 or more."""
    for key, value in values.items():
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name}: {key} must be 0 or more, not {value}")


def ceiling(name: str, /, **values: float) -> None:
    """Raise ValueError unless every value is 0 or more; infinite ones limit nothing."""
    for key, value in values.items():
        if math.isnan(value) or value < 0:
            raise ValueError(f"{name}: {key} must be 0 or more, not {value}")


def count(name: str, /, **values: int) -> None:
    """Raise ValueError unless every value is a whole number, 0 or more."""
    for key, value in values.items():
        if not is_whole(value) or value < 0:
            raise ValueError(f"{name}: {key} must be a whole number, 0 or more, not {value!r}")


def is_whole(value: object) -> bool:
    """Say whether something is an integer, and no truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def ordered(name: str, first: float, last: float, *, empty: bool = True) -> None:
    """Raise ValueError unless `first` is finite and `last` not before it, or after it where `empty` is not allowed."""
    if not math.isfinite(first) and not math.isnan(first):
        raise ValueError(f"{name}: it must start at a finite time, not at {first}")
    if math.isnan(first) or math.isnan(last) or last < first or (not empty and last == first):
        raise ValueError(f"{name}: it ends ({last}) before it starts ({first}), or as soon")


def some(name: str, names: Sequence[str]) -> None:
    """Raise ValueError for no names at all, and for a text that would be taken as a name for each letter."""
    if not names or isinstance(names, str):
        raise ValueError(f"{name} must name one part or more in a tuple, not {names!r}")


def unique(kind: str, names: Iterable[Hashable]) -> None:
    """Raise ValueError for a name that is given twice."""
    seen: set[Hashable] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} {name} is given twice")
        seen.add(name)


def no_cycle(pairs: Sequence[tuple[str, str]]) -> None:
    """Raise ValueError naming the jobs of a cycle in (before, after)."""
    waits: dict[str, set[str]] = defaultdict(set)
    for before, after in pairs:
        waits[after].add(before)
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        raise ValueError(f"the precedence runs in a circle: {', '.join(error.args[1])}; take one out") from None
