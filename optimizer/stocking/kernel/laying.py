"""Where the pieces of a part lie that a curve counts, what that leaves waiting, and what one piece more would save."""

from __future__ import annotations

import math

import numpy as np

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.stocking.kernel.counts import begun
from optimizer.stocking.kernel.curves import (
    SLACK,
    Floats,
    Ints,
    Part,
    Room,
    arriving,
    below,
    curve,
    leaves,
    of_batches,
    shared,
    waiting,
)

CHANCE = 1e-15
"""What one number may have, beyond the mean, for all larger ones to be nothing."""


@compiled
def capped(part: Part) -> None:
    """Lower the most that each node may hold to what could ever save enough, in place.

    Most waits where nothing lies above. A few pieces are added for what two moments make of it otherwise.
    """
    most, least = part.most, part.least
    means, spreads = np.zeros(most.size), np.zeros(most.size)
    for node in range(most.size):
        above = part.up[node]
        wait, spread = (means[above], spreads[above]) if above >= 0 else (0.0, 0.0)
        means[node], spreads[node] = arriving(part, node, wait, spread)
        if most[node] == 0:
            continue
        x, chance, a, b = begun(means[node], spreads[node])
        level, beyond = x, 1.0
        while True:
            beyond -= chance
            more = (
                part.miss[node] * of_batches(part, means[node], spreads[node], level) if part.miss[node] > 0.0 else 0.0
            )
            saves = max(part.worst[node] * max(0.0, beyond), more)
            if saves < part.enough or (level > means[node] and chance < CHANCE and more < part.enough):
                break
            chance *= (a + b * level) / (level + 1.0)
            level += 1
        # where it matters what is served at once, the first piece is of use however seldom it is asked for
        if part.worst[node] * means[node] < part.enough and part.miss[node] <= 0.0:
            level = -SLACK
        most[node] = min(most[node], max(least[node], level + SLACK))


@compiled
def allocate(part: Part, room: Room, pieces: int, at_root: int, stock: Ints) -> float:
    """Lay so many pieces, beyond what must lie there, in a tree, some of them at its root; return what waits, weighted.

    Pieces that would save too little stay out: `stock` tells what is laid.
    """
    size = stock.size
    short, square = np.zeros(size), np.zeros(size)
    mine, depth = np.zeros(size, np.int64), np.zeros(size, np.int64)
    mine[0] = pieces
    told = 0.0
    for node in range(size):
        above = part.up[node]
        wait, spread = (short[above], square[above]) if node > 0 else (0.0, 0.0)
        mean, variance = arriving(part, node, wait, spread)
        chosen = mine[node]
        if part.first[node] < part.last[node]:
            depth[node] = depth[above] + 1 if node > 0 else 0
            chosen = at_root if node == 0 else best_stock(part, room, node, mean, variance, depth[node], mine[node])
        stock[node] = part.least[node] + chosen
        short[node], square[node], _, own = waiting(part, node, mean, variance, stock[node])
        told += own
        if part.first[node] < part.last[node]:
            rest = mine[node] - chosen
            mine[part.first[node] : part.last[node]] = distributed(
                part, room, node, short[node], square[node], depth[node], rest
            )
    return told


@compiled
def best_stock(part: Part, room: Room, node: int, mean: float, variance: float, depth: int, pieces: int) -> int:
    """Return how many of the pieces at a node and below it lie at the node itself."""
    found, chosen = math.inf, 0
    for more in range(min(pieces, part.most[node] - part.least[node]) + 1):
        held = part.least[node] + more
        short, square, further, own = waiting(part, node, mean, variance, held)
        count = below(part, room, node, short, square, depth)
        value = room.total[depth, min(pieces - more, count - 1)] + own
        if value < found:
            found, chosen = value, more
        if further < part.enough:
            break
    return chosen


@compiled
def distributed(part: Part, room: Room, node: int, wait: float, spread: float, depth: int, pieces: int) -> Ints:
    """Return how many of the pieces below a node go to each child and what is below it."""
    first = part.first[node]
    mine = np.zeros(part.last[node] - first, np.int64)
    gains, owners = room.gains[depth], np.empty(room.gains.shape[1], np.int64)
    _, count = leaves(part, node, wait, spread, gains, owners)
    ways = np.zeros(mine.size, np.int64)
    children = np.empty((mine.size if part.exact else 1, room.best.shape[1]))
    sizes = np.ones(mine.size, np.int64)
    for child in range(first, part.last[node]):
        if part.last[child] > part.first[child]:
            sizes[child - first] = size = curve(part, room, child, wait, spread, depth + 1)
            if part.exact:
                children[child - first] = room.best[depth + 1]
                continue
            for index in range(1, size):
                gains[count] = room.best[depth + 1, index - 1] - room.best[depth + 1, index]
                owners[count] = child
                count += 1
    order = np.argsort(-gains[:count], kind="mergesort")
    if part.exact:
        pieces = split(gains[order], children, sizes, pieces, ways)
        mine += ways
    for index in range(min(pieces, count)):
        mine[owners[order[index]] - first] += 1
    return mine


@compiled
def split(gains: Floats, children: Floats, sizes: Ints, pieces: int, ways: Ints) -> int:
    """Share pieces out among curves and single gains in falling order; return how many go to the gains."""
    width = gains.size + 1 + sizes.sum() - sizes.size
    totals = np.empty((sizes.size + 1, width))
    totals[0, 0] = 0.0
    count = gains.size + 1
    for index in range(gains.size):
        totals[0, index + 1] = totals[0, index] - gains[index]
    other = np.empty(width)
    counts = np.empty(sizes.size + 1, np.int64)
    counts[0] = count
    for child in range(sizes.size):
        totals[child + 1] = totals[child]
        if sizes[child] > 1:
            count = shared(totals[child + 1], count, children[child], sizes[child], other)
        counts[child + 1] = count
    rest = min(pieces, count - 1)
    for child in range(sizes.size - 1, -1, -1):
        if sizes[child] > 1:
            found = math.inf
            for two in range(max(0, rest - counts[child] + 1), min(sizes[child] - 1, rest) + 1):
                value = totals[child, rest - two] + children[child, two]
                if value < found:
                    found, ways[child] = value, two
            rest -= ways[child]
    return rest


@compiled
def valued(part: Part, node: int, wait: float, spread: float, stock: Ints, short: Floats, square: Floats) -> float:
    """Return what waits, weighted, at a node and below it; `short` and `square` are overwritten there."""
    told = 0.0
    first, last = node, node + 1
    while first < last:  # nodes are breadth first, so that those of a level below a node lie together
        for one in range(first, last):
            above = part.up[one]
            if one > node:
                wait, spread = short[above], square[above]
            mean, variance = arriving(part, one, wait, spread)
            short[one], square[one], _, own = waiting(part, one, mean, variance, stock[one])
            told += own
        first, last = part.first[first], part.last[last - 1]
    return told


@compiled
def savings(part: Part, stock: Ints, told: Floats) -> None:
    """Write what one piece more at each node would save, weighted, there and below it."""
    room = np.zeros((4, stock.size))
    short, square, other, another = room[0], room[1], room[2], room[3]
    for node in range(stock.size):
        above = part.up[node]
        wait, spread = (short[above], square[above]) if node > 0 else (0.0, 0.0)
        mean, variance = arriving(part, node, wait, spread)
        short[node], square[node], _, own = waiting(part, node, mean, variance, stock[node])
        if part.first[node] == part.last[node] and node > 0:
            told[node] = own - waiting(part, node, mean, variance, stock[node] + 1)[3]
            continue
        before = valued(part, node, wait, spread, stock, other, another)
        stock[node] += 1
        told[node] = before - valued(part, node, wait, spread, stock, other, another)
        stock[node] -= 1
