"""Repair shops that are busy: what waits for a place on the bench comes to the pieces in repair.

A shop serves in turn, with so many benches. The mean number that waits is that of M/G/c by Allen and Cunneen: the wait
of M/M/c (Erlang C) times the mean of the squared variations of arrivals and of work. The number that waits while all
benches are taken is geometric, as it is in M/M/c.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.model import HeldUp
from optimizer.stocking.tree import parts_of, repairs_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.stocking.model import Scenario


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop at a place: the days of work for each part that it repairs, and how many it works on at a time.

    `variation` is the standard deviation of the work for one piece over its mean. The turn-around of a part counts its
    way and its work, but no waiting. Raises ValueError for bad numbers and for a shop that repairs nothing.
    """

    name: str
    place: str
    work_days: Mapping[str, float]
    benches: int = 1
    variation: float = 1.0

    def __post_init__(self) -> None:
        rules = (
            (bool(self.work_days), "say which parts it repairs"),
            (self.benches >= 1, f"benches must be 1 or more, not {self.benches}"),
            (0 <= self.variation < math.inf, f"variation must be 0 or more and finite, not {self.variation}"),
            (all(0 < days < math.inf for days in self.work_days.values()), "work must be more than 0 days and finite"),
        )
        for kept, rule in rules:
            if not kept:
                raise ValueError(f"shop {self.name}: {rule}")


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a shop is: the share of its benches in use, and the days that a piece waits for one."""

    shop: str
    utilisation: float
    wait_days: float


@dataclass(frozen=True, slots=True)
class Queue:
    """Pieces in a shop, waiting and worked on: mean waiting, mean and variance of all, by Allen and Cunneen."""

    waiting: float
    mean: float
    variance: float


def queue(rate: float, work_days: float, benches: int, arrivals: float = 1.0, work: float = 1.0) -> Queue:
    """Return the queue of `rate` pieces a day; `arrivals` and `work` are squared variations, 1 for M/M/c.

    Raises ValueError where the benches do not suffice. O(benches).
    """
    offered = rate * work_days
    if offered >= benches:
        raise ValueError(f"{offered:g} benches are needed all the time, and there are {benches}")
    # chances that n benches are in use, from the ratio of each to the one before
    chances = np.ones(benches + 1)
    for used in range(1, benches):
        chances[used] = chances[used - 1] * offered / used
    chances[benches] = chances[benches - 1] * offered / benches / (1.0 - offered / benches)
    chances /= chances.sum()
    full = float(chances[benches])
    waiting = full * offered / (benches - offered) * (arrivals + work) / 2.0
    queued = waiting / full if full > 0 else 0.0
    numbers = np.arange(benches + 1)
    in_use = float(chances @ numbers**2) - offered**2
    square = full * (queued * (1.0 + queued) + queued * queued)
    together = waiting * (benches - offered)
    return Queue(waiting, offered + waiting, in_use + square - waiting**2 + 2.0 * together)


def queued(scenario: Scenario, shops: Iterable[Shop]) -> tuple[Scenario, tuple[Load, ...]]:
    """Return a scenario in which pieces wait where shops are busy, and how busy each is.

    Of what waits, each part has its share of the pieces; the number in the shop varies more than a Poisson number, and
    so does its share. Raises ValueError for a shop whose capacity does not suffice, with what is missing, for parts
    that it cannot repair, and for a part that two shops repair at one place.
    """
    tree = tree_of(scenario)
    repairs = repairs_of(scenario, tree)
    part_at = {part.number: index for index, part in enumerate(scenario.parts)}
    place_at = {place.code: index for index, place in enumerate(scenario.places)}
    part_of, loads, told = parts_of(tree), [], scenario.held_up
    repaired_by: dict[tuple[str, str], str] = {}
    for shop in shops:
        place = place_at.get(shop.place, -1)
        here = np.flatnonzero(tree.place == place)
        parts = np.array([part_at.get(number, -1) for number in shop.work_days], np.int64)
        missing = np.flatnonzero(~np.isin(parts, part_of[here]))
        if missing.size:
            number = list(shop.work_days)[missing[0]]
            raise ValueError(f"shop {shop.name}: part {number} is not kept at {shop.place} or below; leave it out")
        rate = repairs[here[np.searchsorted(part_of[here], parts)]]
        idle = [number for number, one in zip(shop.work_days, rate.tolist(), strict=True) if one <= 0]
        if idle:
            raise ValueError(f"shop {shop.name}: part {idle[0]} is not repaired at {shop.place}; leave it out")
        for number in shop.work_days:
            other = repaired_by.get((number, shop.place))
            if other is not None:
                raise ValueError(
                    f"part {number} is repaired at {shop.place} by shop {other} and by shop {shop.name}: which gets "
                    "how many is not known; make them one shop with the benches of both"
                )
            repaired_by[number, shop.place] = shop.name
        load, held_up = _held_up(scenario, shop, parts, place, rate)
        loads.append(load)
        told = held_up.joined(told)
    return replace(scenario, held_up=told), tuple(loads)


def _held_up(scenario: Scenario, shop: Shop, parts: np.ndarray, place: int, rate: np.ndarray) -> tuple[Load, HeldUp]:
    days = np.array(list(shop.work_days.values()))
    total, offered = float(rate.sum()), float(rate @ days)
    if offered >= shop.benches:
        raise ValueError(
            f"shop {shop.name} has work for {offered:.6g} benches all the time, and has {shop.benches}: "
            f"{offered - shop.benches:.6g} are missing, and a little more; give it benches, or send parts elsewhere"
        )
    share = rate / total
    mean = offered / total
    work = float(share @ days**2) * (1.0 + shop.variation**2) / mean**2 - 1.0
    arrivals = float(share @ np.array([scenario.parts[part].dispersion for part in parts.tolist()]))
    found = queue(total, mean, shop.benches, arrivals, work)
    # of the pieces in the shop each is of a part with its share of them, by itself
    spread = share**2 * max(0.0, found.variance - found.mean)
    waiting = share * found.waiting
    load = Load(shop.name, offered / shop.benches, found.waiting / total)
    return load, HeldUp(parts, np.full(parts.size, place), waiting, spread)
