"""Which tools the jobs of a place have, and when: each tool serves one kind that jobs ask for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fieldops.dispatch.queries import OpenJob
from fieldops.equipment.queries import ToolStand
from fieldops.workforce.rest import Span
from fieldops.workforce.rules import merged, without


@dataclass(frozen=True, slots=True)
class Pool:
    """So many sets of tools of a kind at a place, and when at least that many are there."""

    sets: int
    times: tuple[Span, ...]


def pools(
    jobs: Iterable[OpenJob], stands: Sequence[ToolStand], equivalents: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], Pool]:
    """Return {(place, kind): the tools that jobs share there} for every kind that a job asks for.

    A set is as many as the job takes that takes most. A tool that would do for two kinds serves its own, else the
    first by code.
    """
    wanted: defaultdict[tuple[str, str], int] = defaultdict(int)
    for job in jobs:
        for kind, count in job.tools:
            wanted[job.place, kind] = max(wanted[job.place, kind], count)
    free: dict[tuple[str, str], list[list[Span]]] = {key: [] for key in sorted(wanted)}
    for stand in stands:
        kinds = [stand.kind, *sorted(kind for kind, also in equivalents.items() if stand.kind in also)]
        serves = next((kind for kind in kinds if (stand.place, kind) in free), None)
        if serves is not None:
            free[stand.place, serves].append(without([(stand.since, stand.until)], stand.booked))
    return {key: _pool(spans, wanted[key]) for key, spans in free.items()}


def _pool(free: Sequence[Sequence[Span]], count: int) -> Pool:
    """Return the tools that are there whenever at least `count` are."""
    points = sorted({point for spans in free for span in spans for point in span})
    there: list[tuple[int, Span]] = []
    for start, end in pairwise(points):
        number = sum(any(first <= start and end <= last for first, last in spans) for spans in free)
        if number >= count:
            there.append((number, (start, end)))
    least = min((number for number, _span in there), default=0)
    return Pool(least // count, tuple(merged(span for _number, span in there)))
