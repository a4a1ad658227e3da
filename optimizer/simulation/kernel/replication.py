"""One replication of a group of parts: pieces are removed, served or waited for, mended, ordered and sent.

A node is a place of a part, as in the tree of a scenario. Each piece asked for at a node has it order one from its
parent at once, so that shelf + due - waiting stays what it was at the beginning, its position.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.chance import below, uniform
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.simulation.kernel.agenda import EVENTS, FREE, USED, dequeue, enqueue, linked, pop, push, roomy
from optimizer.simulation.kernel.draws import batch_size, duration, exponential

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REMOVAL, ARRIVAL, MENDED = 0, 1, 2
"""Kinds of events; the node of a removal is its part."""
REMOVALS, REPAIRS, WAYS = 0, 1, 2
"""The streams of a part: they stay in step when what uses another one is otherwise."""
TURN, TRANSIT, LEAD = 0, 1, 2
"""Entries of the shapes of times."""
CUSTOMER = -1
"""Who asks for a piece, where it is no place below."""

WAITING, OWN, DUE, SHELF = 0, 1, 2, 3
"""Columns by node, pieces × days since the warm-up: waited for, of these by own customers, due, on the shelf."""
ASKED, AT_ONCE, BORROWED = 4, 5, 6
"""Pieces since the warm-up: asked for, of these served from the shelf, of these from a place beside."""
WAITED, CARRIED = 7, 8
"""Days since the warm-up waited by those asked for since then, and before."""
REMOVED, FAILED, MENDING, LOST = 9, 10, 11, 12
"""Pieces since the beginning: removed here; failed, for whoever gave the good one; into repair here; no more."""
DEMANDED, HANDED, LENT, PLACED, ARRIVED, AIDED = 13, 14, 15, 16, 17, 18
"""Asked for; given to who asked, and to a place beside; due by order, repair or from beside; come; due from beside."""
BEGUN, LEFT, OPEN, OWED, LOOSE = 19, 20, 21, 22, 23
"""On the shelf at the beginning and at the end; at the end waited for, due, and wanted by the root but not ordered."""
COLUMNS = 24

BUSY, QUEUED, TAKEN, DELAYED = 0, 1, 2, 3
"""Columns by shop: server days, pieces × days in the queue, pieces taken since the warm-up, days these had waited."""
SHOP_COLUMNS = 4


class Net(NamedTuple):
    """The parts of a group at their nodes; parents come before children."""

    at: Ints  # by part: its nodes are at[part] to at[part + 1] - 1, the root first
    part: Ints
    up: Ints  # the parent's node, -1 for a root
    mends: NDArray[np.bool_]  # whether pieces that fail here or come from below are repaired here
    shop: Ints  # with so many servers; -1: any number is repaired at a time
    servers: Ints
    group: Ints  # of places that help each other; -1: none
    sideways: Floats  # days from such a place
    days: Floats  # from the parent; for a root those of its orders
    stock: Ints
    upto: Floats  # share of the part's removals that are here or at nodes of the part before
    events: Floats  # by part: removals a day, of one or several pieces
    tail: Floats  # of batch sizes; 0: single pieces
    good: Floats  # share of failed pieces that can be repaired
    turn: Floats
    quantity: Ints
    shapes: Floats  # of the Gamma times; 0: always the mean
    geometric: bool
    levels: int


class State(NamedTuple):
    """How things stand, by node; `ends` are the queues of the nodes and, behind them, of the shops."""

    shelf: Ints
    due: Ints
    waiting: Ints
    own: Ints
    seen: Floats
    ends: Ints
    busy: Ints  # by shop
    queued: Ints
    shop_seen: Floats
    loose: Ints  # by part


@compiled
def opened(net: Net, random: Ints, told: Floats) -> State:
    """Return how things stand at the beginning: all stock on the shelf."""
    nodes, shops, parts = net.up.size, net.servers.size, net.events.size
    whole, shop = np.zeros((3, nodes), np.int64), np.zeros((2, shops), np.int64)
    shelf, loose = net.stock.copy(), np.zeros(parts, np.int64)
    for part in range(parts):
        # orders of several: the position of the root is uniform over its reorder point + 1 and all above, up to that
        if net.quantity[part] > 1:
            loose[part] = below(random[part, REMOVALS], net.quantity[part])
            shelf[net.at[part]] += net.quantity[part] - 1 - loose[part]
    told[:, BEGUN] = shelf
    ends = np.full((nodes + shops, 2), -1, np.int64)
    return State(shelf, whole[0], whole[1], whole[2], np.zeros(nodes), ends, shop[0], shop[1], np.zeros(shops), loose)


@compiled
def touch(state: State, told: Floats, node: int, now: float, begin: float) -> None:
    """Account for how things stood at a node until now."""
    days = now - max(state.seen[node], begin)
    if days > 0.0:
        told[node, WAITING] += days * state.waiting[node]
        told[node, OWN] += days * state.own[node]
        told[node, DUE] += days * state.due[node]
        told[node, SHELF] += days * state.shelf[node]
    state.seen[node] = now


@compiled
def touch_shop(state: State, used: Floats, shop: int, now: float, begin: float) -> None:
    """Account for how things stood in a shop until now."""
    days = now - max(state.shop_seen[shop], begin)
    if days > 0.0:
        used[shop, BUSY] += days * state.busy[shop]
        used[shop, QUEUED] += days * state.queued[shop]
    state.shop_seen[shop] = now


@compiled
def send(net: Net, random: Ints, heap: Floats, sizes: Ints, who: int, now: float) -> None:
    """Have a piece leave for who asked for it; a customer takes it along."""
    if who != CUSTOMER:
        way = duration(random[net.part[who], WAYS], net.days[who], net.shapes[TRANSIT])
        push(heap, sizes, now + way, ARRIVAL, who, 1)


@compiled
def expect(state: State, told: Floats, node: int, pieces: int) -> None:
    """Have pieces be due at a node, whose state is accounted for."""
    state.due[node] += pieces
    told[node, PLACED] += pieces


@compiled
def helper(net: Net, state: State, node: int) -> int:
    """Return the node beside that has most on the shelf, the first of several; -1 where none has any."""
    found, most = -1, 0
    if net.group[node] >= 0:
        part = net.part[node]
        for other in range(net.at[part], net.at[part + 1]):
            if net.group[other] == net.group[node] and state.shelf[other] > most:
                found, most = other, state.shelf[other]
    return found


@compiled
def mend(
    net: Net,
    state: State,
    random: Ints,
    heap: Floats,
    sizes: Ints,
    cells: Floats,
    link: Ints,
    used: Floats,
    node: int,
    now: float,
    begin: float,
) -> None:
    """Begin the repair of a piece, or have it wait for a server."""
    part, shop = net.part[node], net.shop[node]
    work = duration(random[part, REPAIRS], net.turn[part], net.shapes[TURN])
    if shop < 0:
        push(heap, sizes, now + work, ARRIVAL, node, 1)
        return
    touch_shop(state, used, shop, now, begin)
    if state.busy[shop] < net.servers[shop]:
        state.busy[shop] += 1
        if now >= begin:
            used[shop, TAKEN] += 1
        push(heap, sizes, now + work, MENDED, node, 1)
    else:
        state.queued[shop] += 1
        enqueue(cells, link, sizes, state.ends, net.up.size + shop, now, node, work)


@compiled
def remove(
    net: Net,
    state: State,
    random: Ints,
    heap: Floats,
    sizes: Ints,
    cells: Floats,
    link: Ints,
    told: Floats,
    used: Floats,
    node: int,
    now: float,
    begin: float,
) -> None:
    """Have a piece fail at a node and another be asked for there, and all that follows at once from there to the root.

    Without one on the shelf, a place beside gives it, and what follows is as if it had failed at that place.
    """
    part, here, who, failed = net.part[node], node, CUSTOMER, True
    told[node, REMOVED] += 1
    while here >= 0:
        touch(state, told, here, now, begin)
        told[here, DEMANDED] += 1
        if now >= begin:
            told[here, ASKED] += 1
        if state.shelf[here] > 0:
            state.shelf[here] -= 1
            told[here, HANDED] += 1
            if now >= begin:
                told[here, AT_ONCE] += 1
            send(net, random, heap, sizes, who, now)
        else:
            state.waiting[here] += 1
            enqueue(cells, link, sizes, state.ends, here, now, who, 0.0)
            if who == CUSTOMER:
                state.own[here] += 1
                other = helper(net, state, here)
                if other >= 0:
                    touch(state, told, other, now, begin)
                    state.shelf[other] -= 1
                    told[other, LENT] += 1
                    expect(state, told, here, 1)
                    told[here, AIDED] += 1
                    if now >= begin:
                        told[here, BORROWED] += 1
                    way = duration(random[part, WAYS], net.sideways[here], net.shapes[TRANSIT])
                    push(heap, sizes, now + way, ARRIVAL, here, 1)
                    here = other
        if who == CUSTOMER:
            told[here, FAILED] += 1
        if failed and net.mends[here]:
            failed = False
            if net.good[part] >= 1.0 or uniform(random[part, REPAIRS]) < net.good[part]:
                told[here, MENDING] += 1
                expect(state, told, here, 1)
                mend(net, state, random, heap, sizes, cells, link, used, here, now, begin)
                return
        if net.up[here] < 0:
            told[here, LOST] += 1
            order(net, state, random, heap, sizes, told, part, now)
            return
        expect(state, told, here, 1)
        who = here
        here = net.up[here]


@compiled
def order(net: Net, state: State, random: Ints, heap: Floats, sizes: Ints, told: Floats, part: int, now: float) -> None:
    """Have the root order from outside, once enough are wanted."""
    state.loose[part] += 1
    if state.loose[part] == net.quantity[part]:
        state.loose[part] = 0
        root = net.at[part]
        expect(state, told, root, net.quantity[part])
        lead = duration(random[part, WAYS], net.days[root], net.shapes[LEAD])
        push(heap, sizes, now + lead, ARRIVAL, root, net.quantity[part])


@compiled
def arrive(
    net: Net,
    state: State,
    random: Ints,
    heap: Floats,
    sizes: Ints,
    cells: Floats,
    link: Ints,
    told: Floats,
    node: int,
    pieces: int,
    now: float,
    begin: float,
) -> None:
    """Have good pieces come to a node: for those who wait, in turn, and then for the shelf."""
    touch(state, told, node, now, begin)
    state.due[node] -= pieces
    told[node, ARRIVED] += pieces
    for _ in range(pieces):
        if state.waiting[node] == 0:
            state.shelf[node] += 1
            continue
        since, who, _ = dequeue(cells, link, sizes, state.ends, node)
        state.waiting[node] -= 1
        if who == CUSTOMER:
            state.own[node] -= 1
        told[node, HANDED] += 1
        told[node, WAITED if since >= begin else CARRIED] += max(0.0, now - max(since, begin))
        send(net, random, heap, sizes, who, now)


@compiled
def leave_shop(
    net: Net,
    state: State,
    heap: Floats,
    sizes: Ints,
    cells: Floats,
    link: Ints,
    used: Floats,
    node: int,
    now: float,
    begin: float,
) -> None:
    """Have a server take up the next piece, if one waits."""
    shop = net.shop[node]
    touch_shop(state, used, shop, now, begin)
    if state.queued[shop] == 0:
        state.busy[shop] -= 1
        return
    since, next_, work = dequeue(cells, link, sizes, state.ends, net.up.size + shop)
    state.queued[shop] -= 1
    if now >= begin:
        used[shop, TAKEN] += 1
        used[shop, DELAYED] += now - since
    push(heap, sizes, now + work, MENDED, next_, 1)


@compiled
def close(
    net: Net, state: State, cells: Floats, link: Ints, told: Floats, used: Floats, begin: float, end: float
) -> None:
    """Account for everything until the end."""
    for node in range(net.up.size):
        touch(state, told, node, end, begin)
        told[node, LEFT], told[node, OPEN] = state.shelf[node], state.waiting[node]
        told[node, OWED] = state.due[node]
        cell = state.ends[node, 0]
        while cell >= 0:
            since = cells[cell, 0]
            told[node, WAITED if since >= begin else CARRIED] += end - max(since, begin)
            cell = link[cell]
    for shop in range(net.servers.size):
        touch_shop(state, used, shop, end, begin)
    for part in range(net.events.size):
        told[net.at[part], LOOSE] = state.loose[part]


@compiled
def replicate(net: Net, random: Ints, begin: float, end: float, told: Floats, used: Floats) -> None:
    """Play from day 0 to `end`, and fill `told` by node and `used` by shop; what is measured is so from `begin` on.

    `random` are the streams of the parts and is used up. O(log of what is under way) for each event.
    """
    state = opened(net, random, told)
    heap, sizes = np.empty((64, 4)), np.zeros(3, np.int64)
    cells, link = np.empty((0, 3)), np.empty(0, np.int64)
    sizes[FREE] = -1
    heap = roomy(heap, sizes, net.events.size)
    for part in range(net.events.size):
        if net.events[part] > 0.0:
            push(heap, sizes, exponential(random[part, REMOVALS], 1.0 / net.events[part]), REMOVAL, part, 1)
    while sizes[EVENTS] > 0:
        now, kind, node, pieces = pop(heap, sizes)
        if now >= end:
            break
        if kind == REMOVAL:
            part, stream = node, random[node, REMOVALS]
            first, last = net.at[part], net.at[part + 1]
            place = first + int(np.searchsorted(net.upto[first:last], uniform(stream), side="right"))
            pieces = batch_size(stream, net.tail[part], net.geometric)
            heap = roomy(heap, sizes, 1 + pieces * (net.levels + 2))
            needed = sizes[USED] + pieces * (net.levels + 2)
            if needed > link.size:
                link = linked(link, sizes, 2 * needed)
                larger = np.empty((link.size, 3))
                larger[: cells.shape[0]] = cells
                cells = larger
            push(heap, sizes, now + exponential(stream, 1.0 / net.events[part]), REMOVAL, part, 1)
            for _ in range(pieces):
                remove(net, state, random, heap, sizes, cells, link, told, used, min(place, last - 1), now, begin)
            continue
        heap = roomy(heap, sizes, pieces + 1)
        if kind == MENDED:
            leave_shop(net, state, heap, sizes, cells, link, used, node, now, begin)
        arrive(net, state, random, heap, sizes, cells, link, told, node, pieces, now, begin)
    close(net, state, cells, link, told, used, begin, end)
