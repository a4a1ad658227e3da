"""What waits, weighted, for each number of pieces of a part in a tree, when they lie where they help most.

With the stock of a place fixed, what its children wait for is known, and each child is a problem of its own. A leaf's
backorders are convex in its stock: its pieces go in the order of what each saves. What is above a leaf is not convex:
its stock is tried from its least on, until one piece more cannot save enough any more, however the rest lies.

*Convex*: curves of places that have children are replaced by their lower hull, which leaves the hull of the whole as it
is, since for any price of a piece the least sum is the sum of the least. *Exact*: all ways to share pieces are tried.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.compiled import compiled
from optimizer.stocking.kernel.counts import batches, begun, left_over, served_over

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


SLACK = 3
"""Pieces beyond what seems to be of use."""


class Part(NamedTuple):
    """The tree of one part, nodes from 0, and what a piece must save at least."""

    up: Ints
    first: Ints
    last: Ints
    share: Floats
    due: Floats
    extra: Floats  # beyond due, of the variance
    weight: Floats  # of what waits at the node itself, by piece of all that waits there
    miss: Floats  # of the share that is not served at once there
    worst: Floats  # the most that one piece less waiting there saves, here and below
    least: Ints
    most: Ints
    batch: float
    quantity: int
    enough: float
    exact: bool


class Room(NamedTuple):
    """Where curves are made, by depth; and by pieces of the whole tree, how many of them lie at the root."""

    best: Floats
    total: Floats
    other: Floats
    gains: Floats
    root: Ints


@compiled
def arriving(part: Part, node: int, wait: float, spread: float) -> tuple[float, float]:
    """Return mean and variance of the pieces due at a node whose parent's backorders have this mean and variance."""
    share, due = part.share[node], part.due[node]
    variance = due * part.batch + part.extra[node]
    return due + share * wait, variance + share * share * spread + (1.0 - share) * share * wait * part.batch


@compiled
def waiting(part: Part, node: int, mean: float, variance: float, stock: int) -> tuple[float, float, float, float]:
    """Return mean and variance of what waits at a node, the most that one piece more saves, and what is left.

    What it saves is there and below; what is left is weighted, of what waits there and of what is not served at once.
    """
    orders = part.quantity if node == 0 else 1
    short, square, fewer, used = left_over(mean, variance, stock, orders)
    own, saved = part.weight[node] * short, 0.0
    if part.miss[node] > 0.0:
        batch = part.batch > 1.0 + 1e-12
        at_once = served_over(mean, variance, stock, part.batch, orders) if batch else fewer
        own += part.miss[node] * (1.0 - at_once)
        saved = part.miss[node] * of_batches(part, mean, variance, stock)
        used = 1.0 - fewer  # it serves at once where exactly so many are due, too
    return short, max(0.0, square - short * short), used * part.worst[node] + saved, own


@compiled
def of_batches(part: Part, mean: float, variance: float, stock: int) -> float:
    """Return by how much one piece beyond a stock raises the share served at once, where it is asked for in batches."""
    theta = 1.0 - 1.0 / part.batch
    return batches(mean, variance, stock, theta, -math.log1p(-theta)) if theta > 1e-12 else 0.0


@compiled
def flattened(gains: Floats, first: int, last: int) -> None:
    """Replace gains by the slopes of their upper hull, which fall, in place."""
    while first < last:
        sum_, best, end = 0.0, -1.0, first
        for index in range(first, last):
            sum_ += gains[index]
            if sum_ / (index + 1 - first) > best:
                best, end = sum_ / (index + 1 - first), index
        gains[first : end + 1] = best
        first = end + 1


@compiled
def served(part: Part, leaf: int, mean: float, variance: float, gains: Floats, count: int) -> tuple[float, int]:
    """Write what each further piece saves at a leaf where it matters what is served at once; not convex by itself.

    Return what its least stock leaves, and how many pieces there are until one saves too little.
    """
    begin, held, short, at_once = count, part.least[leaf], mean, 0.0
    single = part.batch <= 1.0 + 1e-12
    x, chance, a, b = begun(mean, variance)
    below, level = 0.0, 0
    while level < part.most[leaf]:
        now = chance if level >= x else 0.0
        if level >= x:
            below += chance
            chance *= (a + b * level) / (level + 1.0)
        beyond = max(0.0, 1.0 - below)
        if not single:
            now = of_batches(part, mean, variance, level)
        if level < held:
            short = max(0.0, short - beyond)
            at_once += now
        else:
            gain = part.weight[leaf] * beyond + part.miss[leaf] * now
            if gain < part.enough and level > mean:
                break
            gains[count] = gain
            count += 1
        level += 1
    flattened(gains, begin, count)
    while count > begin and gains[count - 1] < part.enough:
        count -= 1
    return part.weight[leaf] * short + part.miss[leaf] * max(0.0, 1.0 - at_once), count


@compiled
def leaves(part: Part, node: int, wait: float, spread: float, gains: Floats, owners: Ints) -> tuple[float, int]:
    """Write what each further piece at the leaves below a node saves; return what waits without them, and how many.

    `owners` (empty: not asked for) tells the leaf of each.
    """
    base, count = 0.0, 0
    for leaf in range(part.first[node], part.last[node]):
        if part.last[leaf] > part.first[leaf]:
            continue
        weight = part.weight[leaf]
        mean, variance = arriving(part, leaf, wait, spread)
        held, most = part.least[leaf], part.most[leaf]
        if most == 0:
            base += weight * mean + part.miss[leaf]
            continue
        if part.miss[leaf] > 0.0:
            short, end = served(part, leaf, mean, variance, gains, count)
            base += short
            if owners.size:
                owners[count:end] = leaf
            count = end
            continue
        short, below = mean, 0.0
        x, chance, a, b = begun(mean, variance)
        level = 0
        while level < most:
            if level >= x:
                below += chance
                chance *= (a + b * level) / (level + 1.0)
            beyond = max(0.0, 1.0 - below)
            if level < held:
                short = max(0.0, short - beyond)
            else:
                gain = weight * beyond
                if gain < part.enough:
                    break
                gains[count] = gain
                if owners.size:
                    owners[count] = leaf
                count += 1
            level += 1
        base += weight * short
    return base, count


@compiled
def convex(curve: Floats, count: int, enough: float) -> int:
    """Replace a curve by its lower hull in place; return how many entries there are until a piece saves too little."""
    corners = np.empty(count, np.int64)
    size = 0
    for x in range(count):
        while size > 1:
            one, two = corners[size - 2], corners[size - 1]
            if (curve[x] - curve[one]) * (two - one) <= (curve[two] - curve[one]) * (x - one):
                size -= 1
            else:
                break
        corners[size] = x
        size += 1
    until = 1
    for index in range(1, size):
        one, two = corners[index - 1], corners[index]
        slope = (curve[two] - curve[one]) / (two - one)
        if slope >= -enough:
            break
        for x in range(one + 1, two):
            curve[x] = curve[one] + slope * (x - one)
        until = two + 1
    return until


@compiled
def shared(total: Floats, count: int, child: Floats, size: int, other: Floats) -> int:
    """Replace `total` by the least sums of it and another curve for each number of pieces; return its length."""
    longer = count + size - 1
    other[:longer] = math.inf
    for one in range(count):
        for two in range(size):
            sum_ = total[one] + child[two]
            if sum_ < other[one + two]:
                other[one + two] = sum_
    total[:longer] = other[:longer]
    return longer


@compiled
def begin(part: Part, room: Room, node: int, wait: float, spread: float, depth: int) -> tuple[float, int]:
    """Begin the curve of everything below a node, whose own backorders are given, with its leaves.

    Return what `absorb` and `finish` go on with.
    """
    total, gains = room.total[depth], room.gains[depth]
    base, count = leaves(part, node, wait, spread, gains, np.empty(0, np.int64))
    if not part.exact:
        return base, count
    gains[:count].sort()
    total[0] = base
    for index in range(count):
        total[index + 1] = total[index] - gains[count - 1 - index]
    return base, count + 1


@compiled
def absorb(part: Part, room: Room, size: int, depth: int, base: float, count: int) -> tuple[float, int]:
    """Take the curve of a child, which is in the room of the next depth, into that of everything below its parent."""
    child = room.best[depth + 1]
    if part.exact:
        return base, shared(room.total[depth], count, child, size, room.other[depth])
    gains = room.gains[depth]
    for index in range(1, size):
        gains[count] = child[index - 1] - child[index]
        count += 1
    return base + child[0], count


@compiled
def finish(part: Part, room: Room, depth: int, base: float, count: int) -> int:
    """Write the curve of everything below a node to `room.total[depth]`; return its length."""
    if part.exact:
        return count
    total, gains = room.total[depth], room.gains[depth]
    gains[:count].sort()
    total[0] = base
    for index in range(count):
        total[index + 1] = total[index] - gains[count - 1 - index]
    return count + 1


@compiled
def below(part: Part, room: Room, node: int, wait: float, spread: float, depth: int) -> int:
    """Write the curve of everything below a node, whose own backorders are given, to `room.total[depth]`."""
    base, count = begin(part, room, node, wait, spread, depth)
    for child in range(part.first[node], part.last[node]):
        if part.last[child] > part.first[child]:
            size = curve(part, room, child, wait, spread, depth + 1)
            base, count = absorb(part, room, size, depth, base, count)
    return finish(part, room, depth, base, count)


@compiled
def curve(part: Part, room: Room, node: int, wait: float, spread: float, depth: int) -> int:
    """Write the curve of a node and all below it to `room.best[depth]`, from the least it may hold; return its length.

    `wait` and `spread` are mean and variance of the backorders of its parent. A stack of nodes instead of recursion,
    which the compiler cannot keep between runs: each has a stock that is tried, and a child that comes next.
    """
    depths = room.best.shape[0] + 1
    whole, real = np.zeros((5, depths), np.int64), np.zeros((7, depths))
    nodes, stock, child, counts, lengths = whole[0], whole[1], whole[2], whole[3], whole[4]
    means, variances, shorts, squares, bases = real[0], real[1], real[2], real[3], real[4]
    further, owns = real[5], real[6]
    top = depth
    nodes[top], stock[top] = node, -1
    means[top], variances[top] = arriving(part, node, wait, spread)
    while True:
        here = nodes[top]
        if stock[top] < 0 or child[top] == part.last[here]:
            if stock[top] >= 0:
                count = finish(part, room, top, bases[top], counts[top])
                lengths[top] = lowered(room, top, stock[top], count, lengths[top], owns[top])
            spent = stock[top] >= 0 and further[top] < part.enough
            if spent or part.least[here] + stock[top] == part.most[here]:
                size = lengths[top] if part.exact else convex(room.best[top], lengths[top], part.enough)
                if top == depth:
                    return size
                top -= 1
                bases[top], counts[top] = absorb(part, room, size, top, bases[top], counts[top])
                child[top] += 1
                continue
            stock[top] += 1
            held = part.least[here] + stock[top]
            told = waiting(part, here, means[top], variances[top], held)
            shorts[top], squares[top], further[top], owns[top] = told
            bases[top], counts[top] = begin(part, room, here, shorts[top], squares[top], top)
            child[top] = part.first[here]
        while child[top] < part.last[here] and part.first[child[top]] == part.last[child[top]]:
            child[top] += 1
        if child[top] < part.last[here]:
            into = child[top]
            means[top + 1], variances[top + 1] = arriving(part, into, shorts[top], squares[top])
            top += 1
            nodes[top], stock[top], lengths[top] = into, -1, 0


@compiled
def lowered(room: Room, depth: int, more: int, count: int, length: int, own: float) -> int:
    """Lower the curve of a node to that of so many more pieces at it, where this is lower; return its length."""
    best, total = room.best[depth], room.total[depth]
    for index in range(count):
        value, at = total[index] + own, more + index
        if at >= length or value < best[at]:
            best[at] = value
            length = max(length, at + 1)
            if depth == 0:
                room.root[at] = more
    return length
