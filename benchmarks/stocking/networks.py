"""Generated networks: a centre, regions, forward places, and parts of all prices and rates."""

from __future__ import annotations

import numpy as np

from optimizer.stocking.model import UNLIMITED, Lines, Part, Place, Repair, Scenario


def network(regions: int, forward: int, parts: int, seed: int) -> Scenario:
    """Return a network: prices and yearly removals log-normal around 300 and 4, 35 of 100 parts repaired.

    A part is asked for at forward places in proportion to their size; those where that is less than once in a hundred
    years hold none of it and are counted at their region.
    """
    rng = np.random.default_rng(seed)
    places = [Place("C"), *(Place(f"R{index:02}", "C", float(rng.uniform(1, 5))) for index in range(regions))]
    region_of = rng.integers(0, regions, forward)
    places += [
        Place(f"F{index:03}", f"R{region:02}", float(rng.uniform(0.2, 2))) for index, region in enumerate(region_of)
    ]
    prices = rng.lognormal(np.log(300), 1.5, parts)
    yearly = rng.lognormal(np.log(4), 1.5, parts)
    repaired = rng.random(parts) < 0.35
    days = rng.lognormal(np.log(35), 0.5, parts)
    made = [
        Part(f"N{index:05}", float(price), float(lead), Repair(float(lead), 0, 0.05) if repairs else None)
        for index, (price, lead, repairs) in enumerate(zip(prices, days, repaired, strict=True))
    ]
    return Scenario(tuple(places), tuple(made), _lines(rng, regions, region_of, yearly))


def _lines(rng: np.random.Generator, regions: int, region_of: np.ndarray, yearly: np.ndarray) -> Lines:
    columns: list[list[np.ndarray]] = [[], [], [], []]
    size = rng.lognormal(0, 0.8, region_of.size)
    essential = rng.choice([1.0, 0.3, 0.05], yearly.size, p=[0.2, 0.4, 0.4])
    for part, removals in enumerate(yearly):
        flown = rng.random(region_of.size) < rng.beta(0.6, 0.6)
        share = size * flown
        if share.sum() == 0:
            share = size.copy()
        rate = removals * share / share.sum()
        kept = np.flatnonzero(rate >= 0.01)
        pooled = np.bincount(region_of, np.where(rate < 0.01, rate, 0.0), minlength=regions)
        at = np.flatnonzero(pooled > 0)
        columns[0].append(np.full(at.size + kept.size, part))
        columns[1].append(np.concatenate([at + 1, kept + 1 + regions]))
        columns[2].append(np.concatenate([pooled[at], rate[kept]]) / 365.0)
        columns[3].append(np.full(at.size + kept.size, essential[part]))
    of, place, rate, weight = (np.concatenate(column) for column in columns)
    nothing = np.zeros(of.size, np.int64)
    return Lines(of, place, rate, weight, nothing, np.full(of.size, UNLIMITED), nothing)
