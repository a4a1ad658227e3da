"""When something is allowed: sorted, disjoint spans of time, both ends included."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from optimizer.dispatch.jobs import Job, Seat
from optimizer.dispatch.technicians import Technician, Validity

Span = tuple[float, float]

ALWAYS: Sequence[Span] = ((-math.inf, math.inf),)


def united(validities: Iterable[Validity]) -> list[Span]:
    """Return spans of validity, those that touch or overlap made one."""
    held: list[Span] = []
    for validity in sorted(validities, key=lambda one: one.from_s):
        if held and validity.from_s <= held[-1][1]:
            held[-1] = (held[-1][0], max(held[-1][1], validity.until_s))
        else:
            held.append((validity.from_s, validity.until_s))
    return held


def intersect(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Return the spans common to two sorted sequences of disjoint spans."""
    common, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            common.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return common


def allowed_spans(seat: Seat, job: Job, person: Technician) -> list[Span]:
    """Return when a person may work in a seat: every qualification held, and permitted where the seat says who is."""
    if person.code in job.forbidden:
        return []
    spans: Sequence[Span] = ALWAYS
    for held in _asked(seat, person.qualifications):
        spans = intersect(spans, united(held))
    if seat.permitted is not None:
        spans = intersect(spans, united(seat.permitted.get(person.code, ())))
    return list(spans)


def allowed_starts(seat: Seat, job: Job, person: Technician, length_s: float) -> list[Span]:
    """Return when a person may begin in a seat, so that all of the work is allowed."""
    return [
        (from_s, until_s - length_s)
        for from_s, until_s in allowed_spans(seat, job, person)
        if until_s - length_s >= from_s
    ]


def _asked(seat: Seat, held: Mapping[str, tuple[Validity, ...]]) -> Iterator[tuple[Validity, ...]]:
    for code in sorted(seat.qualifications):
        yield held.get(code, ())
