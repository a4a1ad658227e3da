"""The curve of a part of which much is on order: stock at its root is not tried one by one, but where it matters.

Between two tries of the root's stock, what waits is bounded twice: no less waits than with the larger stock, whatever
lies below, since more above has nobody wait longer; and of what waits with the smaller stock each further piece saves
no more than the first. The former is true of pieces; two moments break it by a little of a piece, where few are on
order. Where that leaves too much to be gained, at prices near the one asked for, the middle is tried.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.stocking.kernel.curves import Floats, Ints, Part, Room, arriving, below, convex, waiting

SPREADS = np.array([-6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0])
"""The stock to begin with: so many standard deviations beyond the mean of what is due at the root."""
PRICES = np.array([0.5, 0.7, 1.0, 1.4, 2.0])
"""The prices of a piece that are looked at, by the one that is asked for."""
CLOSE = np.array([0.25, 0.25, 0.01, 0.25, 0.25])
"""The worth in pieces that stock between two tries may save beyond them, at each price."""
MOST = 200
"""How much stock is tried at most."""


class Tries(NamedTuple):
    """By try: pieces at the root, what a further one saves at most; by pieces below it, how many, what then waits.

    And the least of what waits and costs, at each price.
    """

    stock: Ints
    further: Floats
    pieces: Ints
    waits: Floats
    least: Floats


@compiled
def stepped(part: Part, room: Room, bare: float, near: float, low: Floats) -> tuple[int, int]:
    """Write the curve of a tree to `room.best[0]`, and one that no stock lies below to `low`; return their lengths.

    `bare` waits with the least stock; `near` is the price of a piece at which the curve is to be close.
    """
    top = part.most[0] - part.least[0]
    counts, least = np.zeros((2, MOST), np.int64), np.zeros((PRICES.size, MOST))
    tries = Tries(counts[0], np.zeros(MOST), counts[1], np.empty((MOST, low.size)), least)
    mean, variance = arriving(part, 0, 0.0, 0.0)
    size, stock = 0, top
    for spread in SPREADS:
        more = int(mean + spread * math.sqrt(variance)) - part.least[0]
        if 0 <= more < top and (size == 0 or more > tries.stock[size - 1]):
            look(part, room, more, near, tries, size)
            size += 1
    while stock >= 0 and size < MOST:
        look(part, room, stock, near, tries, size)
        size += 1
        stock = between(near, tries, np.argsort(tries.stock[:size]))
    return joined(part, room, bare, tries, np.argsort(tries.stock[:size]), low)


@compiled
def look(part: Part, room: Room, more: int, near: float, tries: Tries, at: int) -> None:
    """Try so many more pieces at the root."""
    mean, variance = arriving(part, 0, 0.0, 0.0)
    short, square, further, own = waiting(part, 0, mean, variance, part.least[0] + more)
    count, waits = below(part, room, 0, short, square, 0), tries.waits[at]
    waits[:count] = room.total[0, :count] + own
    for one in range(PRICES.size):
        price = near * PRICES[one]
        first, last = 0, count - 1  # the curve is convex: some pieces save the price, those after them do not
        while first < last:
            middle = (first + last) // 2
            if waits[middle] - waits[middle + 1] >= price:
                first = middle + 1
            else:
                last = middle
        tries.least[one, at] = waits[first] + price * (first + more)
    tries.stock[at], tries.further[at], tries.pieces[at] = more, further, count


@compiled
def between(near: float, tries: Tries, order: Ints) -> int:
    """Return stock between two tries, in this order, where most could be gained; -1 where that is next to nothing."""
    gained, found = 0.0, -1
    for one in range(PRICES.size):
        price, least = near * PRICES[one], tries.least[one]
        best = least[order].min() - price * CLOSE[one]
        if tries.stock[order[0]] > 0 and (best - least[order[0]]) / price + tries.stock[order[0]] > gained:
            return 0
        for index in range(order.size - 1):
            at, after = order[index], order[index + 1]
            width = tries.stock[after] - tries.stock[at]
            if width == 1:
                continue
            # as much more than the smaller stock as leaves what the larger one does
            more = min(width - 1.0, max(0.0, (least[at] - least[after] + price * width) / tries.further[at]))
            gain = (best - least[after]) / price + width - max(more, 1.0)
            if tries.further[at] > price and gain > gained:
                gained, found = gain, tries.stock[at] + width // 2
    return found


@compiled
def joined(part: Part, room: Room, bare: float, tries: Tries, order: Ints, low: Floats) -> tuple[int, int]:
    """Write the lower hull of what was tried, and of what may be between."""
    best, root = room.best[0], room.root
    best[:], low[:] = math.inf, math.inf
    best[0], root[0] = bare, 0
    for index in range(order.size):
        at = order[index]
        stock, waits = tries.stock[at], tries.waits[at]
        before = order[index - 1] if index > 0 else -1
        for pieces in range(tries.pieces[at]):
            here = stock + pieces
            if waits[pieces] < best[here]:
                best[here], root[here] = waits[pieces], stock
            low[here] = min(low[here], waits[pieces])
            if index == 0:
                low[pieces] = min(low[pieces], waits[pieces])
            elif stock > tries.stock[before] + 1:
                lowest(part, tries, before, at, pieces, low)
    size, lower = bridged(best, root), bridged(low, root[:0])
    return convex(best, size, part.enough), convex(low, lower, part.enough)


@compiled
def lowest(part: Part, tries: Tries, before: int, at: int, pieces: int, low: Floats) -> None:
    """Lower a curve to what stock between two tries may leave with so many pieces below the root.

    It falls with the stock by what a piece saves at most, then it does not: both ends of each way are corners.
    """
    stock, last = tries.stock[before], tries.pieces[before] - 1
    waits, most = tries.waits[at, pieces], tries.waits[before, min(pieces, last)]
    most -= part.enough * max(0, pieces - last)  # further pieces save too little
    further = tries.further[before]
    level = int((most - waits) / further) if further > 0.0 else 0
    level = min(max(level, 0), tries.stock[at] - stock - 1)
    low[stock + level + pieces] = min(low[stock + level + pieces], max(waits, most - further * level))
    low[stock + level + 1 + pieces] = min(low[stock + level + 1 + pieces], waits)


@compiled
def bridged(curve: Floats, root: Ints) -> int:
    """Draw a curve straight where nothing was tried, with what comes to it at the root; return its length."""
    last = 0
    for here in range(1, curve.size):
        if curve[here] == math.inf:
            continue
        slope = (curve[here] - curve[last]) / (here - last)
        for index in range(last + 1, here):
            curve[index] = curve[last] + slope * (index - last)
            if root.size:
                root[index] = root[last] + index - last
        last = here
    return last + 1
