"""What happens next, and who waits for what: a binary heap of events, and queues of cells with a list of free ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WHEN, KIND, NODE, COUNT = 0, 1, 2, 3
"""Columns of an event."""
SINCE, WHO, WORK = 0, 1, 2
"""Columns of a cell: since when it waits, who asks (a node), and for repair the days of work."""
EVENTS, USED, FREE = 0, 1, 2
"""Entries of the sizes: events in the heap, cells in queues, and the first free cell."""


@compiled
def push(heap: Floats, sizes: Ints, when: float, kind: int, node: int, count: int) -> None:
    """Enter an event; there must be room."""
    at = sizes[EVENTS]
    sizes[EVENTS] = at + 1
    while at > 0:
        above = (at - 1) // 2
        if heap[above, WHEN] <= when:
            break
        heap[at] = heap[above]
        at = above
    heap[at, WHEN], heap[at, KIND], heap[at, NODE], heap[at, COUNT] = when, kind, node, count


@compiled
def pop(heap: Floats, sizes: Ints) -> tuple[float, int, int, int]:
    """Take the first event out: its time, kind, node and count."""
    when, kind, node, count = heap[0, WHEN], int(heap[0, KIND]), int(heap[0, NODE]), int(heap[0, COUNT])
    size = sizes[EVENTS] - 1
    sizes[EVENTS] = size
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap[below + 1, WHEN] < heap[below, WHEN]:
            below += 1
        if heap[below, WHEN] >= heap[size, WHEN]:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = heap[size]
    return when, kind, node, count


@compiled
def roomy(heap: Floats, sizes: Ints, more: int) -> Floats:
    """Return the heap, or a larger copy, with room for so many more events."""
    if sizes[EVENTS] + more <= heap.shape[0]:
        return heap
    larger = np.empty((2 * (heap.shape[0] + more), heap.shape[1]))
    larger[: heap.shape[0]] = heap
    return larger


@compiled
def linked(link: Ints, sizes: Ints, size: int) -> Ints:
    """Return the links, or a larger copy, for so many cells; what is new is free."""
    if size <= link.size:
        return link
    larger = np.empty(size, np.int64)
    larger[: link.size] = link
    for cell in range(link.size, size):
        larger[cell] = cell + 1 if cell + 1 < size else sizes[FREE]
    sizes[FREE] = link.size
    return larger


@compiled
def enqueue(
    cells: Floats, link: Ints, sizes: Ints, ends: Ints, queue: int, since: float, who: int, work: float
) -> None:
    """Put somebody at the end of a queue; `ends` are the first and the last cell of each, -1 where it is empty."""
    cell = sizes[FREE]
    sizes[FREE] = link[cell]
    sizes[USED] += 1
    link[cell] = -1
    cells[cell, SINCE], cells[cell, WHO], cells[cell, WORK] = since, who, work
    if ends[queue, 0] < 0:
        ends[queue, 0] = cell
    else:
        link[ends[queue, 1]] = cell
    ends[queue, 1] = cell


@compiled
def dequeue(cells: Floats, link: Ints, sizes: Ints, ends: Ints, queue: int) -> tuple[float, int, float]:
    """Take the first of a queue: since when it waits, who it is, and its work."""
    cell = ends[queue, 0]
    ends[queue, 0] = link[cell]
    link[cell] = sizes[FREE]
    sizes[FREE] = cell
    sizes[USED] -= 1
    return cells[cell, SINCE], int(cells[cell, WHO]), cells[cell, WORK]
