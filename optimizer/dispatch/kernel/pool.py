"""Tours that the search has passed through, kept so that they can be combined anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.dispatch.kernel.arrays import Data, Floats, Ints, State
from optimizer.dispatch.kernel.compiled import compiled

MASK = (1 << 62) - 1


class Pool(NamedTuple):
    """E entries, each a tour with its stops; entries of one key serve the same jobs with tours that are alike."""

    op_key: Ints  # (N) a random number for each op
    tour_key: Ints  # (V) a random number for each tour; alike tours have the same
    slot: Ints  # (a power of two): the entry of a key, -1 for none (open addressing)
    key: Ints  # (E)
    tour: Ints  # (E)
    cost: Floats  # (E)
    money: Floats  # (E)
    at: Ints  # (E + 1)
    stops: Ints
    modes: Ints  # of each stop; -1 for a depot
    count: Ints  # type: ignore[assignment]  # (1) entries; it hides tuple.count, which nobody calls here


@compiled
def slot_of(pool: Pool, key: int) -> int:
    """Return the slot where a key stands or would stand."""
    mask = pool.slot.size - 1
    slot = key & mask
    while pool.slot[slot] >= 0 and pool.key[pool.slot[slot]] != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def keep_tour(data: Data, state: State, pool: Pool, tour: int) -> None:
    """Keep a tour, unless one that costs no more does the same; nothing if the pool is full."""
    count, ops = state.count[tour], data.op_place.size
    key = pool.tour_key[tour]
    for position in range(count):
        stop = state.stops[tour, position]
        if stop < ops:
            key ^= pool.op_key[stop]
    slot = slot_of(pool, key)
    known = pool.slot[slot]
    if known >= 0 and pool.cost[known] <= state.cost[tour] + 1e-9:
        return
    entry = pool.count[0]
    begin = pool.at[entry]
    if entry >= pool.key.size or begin + count > pool.stops.size:
        return
    if known >= 0:
        pool.cost[known] = np.inf
    pool.slot[slot] = entry
    pool.key[entry], pool.tour[entry] = key, tour
    pool.cost[entry], pool.money[entry] = state.cost[tour], state.money[tour]
    for position in range(count):
        stop = state.stops[tour, position]
        pool.stops[begin + position] = stop
        pool.modes[begin + position] = state.mode_of[stop] if stop < ops else -1
    pool.at[entry + 1] = begin + count
    pool.count[0] = entry + 1


@compiled
def keep_touched(data: Data, state: State, pool: Pool) -> None:
    """Keep the tours that a round has changed."""
    if pool.key.size == 0:
        return
    for index in range(state.touched_count[0]):
        tour = state.touched_list[index]
        if state.count[tour] > 0:
            keep_tour(data, state, pool, tour)


@compiled
def retain(pool: Pool, kept: Ints) -> None:
    """Keep these entries alone, given in rising order."""
    pool.slot[:] = -1
    end = 0
    for entry in range(kept.size):
        old = kept[entry]
        begin, length = pool.at[old], pool.at[old + 1] - pool.at[old]
        pool.key[entry], pool.tour[entry] = pool.key[old], pool.tour[old]
        pool.cost[entry], pool.money[entry] = pool.cost[old], pool.money[old]
        for index in range(length):
            pool.stops[end + index], pool.modes[end + index] = pool.stops[begin + index], pool.modes[begin + index]
        pool.at[entry] = end
        end += length
        pool.slot[slot_of(pool, pool.key[entry])] = entry
    pool.at[kept.size] = end
    pool.count[0] = kept.size
