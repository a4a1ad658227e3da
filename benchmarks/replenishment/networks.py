"""Generated days: a centre, regions, outlets, and parts that some of them hold and others want."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.replenishment.daily.core import PIECES_MAX, Core, Floats, Ints
from optimizer.replenishment.daily.flow import flow

PENALTY = (2000.0, 300.0, 60.0, 15.0)
TRUCK, EXPEDITE, HANDLING = 0.7, 0.6, 0.85
"""What there is of trucks, money for expedites and handling, as a share of what the cheapest moves would use."""
LANE_COST, LANE_KG = 40.0, 300.0


def day(parts: int, seed: int, *, regions: int = 30, outlets: int = 514, lanes: bool = True) -> Core:
    """Return a day in the shape of the published one: 31 moves and 5 needs a part, 30 trucks, handling, expedite money.

    With `lanes`, each outlet's lane from its own region costs 40 and carries 300 kg for each 500 parts.
    """
    rng = np.random.default_rng(seed)
    draft = _Draft(rng, rng.integers(0, regions, outlets), regions)
    for part in range(parts):
        draft.add(part)
    return draft.core(LANE_KG * parts / 500, lanes=lanes)


class _Draft:
    """Places are numbered: 0 the centre, then regions, then outlets."""

    def __init__(self, rng: np.random.Generator, region_of: Ints, regions: int) -> None:
        self.rng, self.regions, self.region_of = rng, regions, region_of
        self.far = rng.uniform(0.3, 1.0, 1 + regions + region_of.size)
        self.supplies: list[tuple[int, int, int]] = []
        self.needs: list[tuple[int, int, int, int]] = []
        self.moves: list[tuple[int, int, float]] = []
        self.uses: list[tuple[int, int, float]] = []

    def add(self, part: int) -> None:
        """Draw one part: what it weighs, who holds it, who wants it, and every move between them."""
        rng, first = self.rng, 1 + self.regions
        kg = float(np.exp(rng.normal(np.log(2.8), 1.4)))
        asking = 1 + int(rng.poisson(2.9))
        wanting = rng.choice(self.region_of.size, min(asking, self.region_of.size), replace=False)
        homes = np.unique(self.region_of[wanting])
        held: dict[int, int] = {}
        if rng.random() < 0.81:
            held[0] = 1 + int(rng.poisson(4.5))
        keeping = rng.random(homes.size) < 0.6
        holding = np.unique(np.r_[homes[keeping], rng.choice(self.regions, min(2, self.regions), replace=False)])
        held.update((1 + int(region), int(rng.geometric(0.6))) for region in holding)
        near = np.flatnonzero(np.isin(self.region_of, homes) & ~np.isin(np.arange(self.region_of.size), wanting))
        lateral = rng.choice(near, min(near.size, int(rng.poisson(3.7))), replace=False)
        held.update((first + int(outlet), 1) for outlet in lateral)
        wanted = [(first + int(outlet), int(rng.choice(3, p=(0.055, 0.155, 0.79)))) for outlet in wanting]
        wanted += [(1 + int(region), 3) for region in homes if 1 + int(region) not in held]
        numbers = {place: len(self.supplies) + index for index, place in enumerate(held)}
        self.supplies += [(part, place, pieces) for place, pieces in held.items()]
        for place, urgency in wanted:
            need = len(self.needs)
            self.needs.append((part, place, int(rng.geometric(0.65)), urgency))
            for origin, supply in numbers.items():
                self._move(supply, need, origin, place, kg)

    def _move(self, supply: int, need: int, origin: int, place: int, kg: float) -> None:
        first = 1 + self.regions
        far, noise, move = float(self.far[place]), float(self.rng.uniform(0.8, 1.2)), len(self.moves)
        home = place >= first and 1 + self.region_of[place - first] == origin
        if origin == 0 and place < first:
            cost, uses = 3.0 + (3 + kg) * far * noise, [(place - 1, kg)]
        elif origin == 0:
            cost = 6.0 + (8 + 3 * kg) * far * noise
            uses = [(self.regions, cost)]
        elif origin < first:
            cost, uses = (2.0 + 0.25 * kg * noise, []) if home else (17.0 + (14 + 5 * kg) * far * noise, [])
            if home:
                uses = [(self.regions + 2 + place - first, kg)]
        elif place < first or self.region_of[origin - first] != self.region_of[place - first]:
            return
        else:
            cost, uses = 13.0 + (2 + 0.8 * kg) * noise, []
        self.moves.append((supply, need, round(cost, 4)))
        self.uses += [(move, shared, amount) for shared, amount in uses]
        if origin == 0:
            self.uses.append((move, self.regions + 1, 1.0))

    def core(self, lane_kg: float, *, lanes: bool) -> Core:
        """Return the arrays; shared things are scarce beside what the cheapest moves would use."""
        supplies, needs = np.array(self.supplies), np.array(self.needs)
        supply, need, cost = (np.array(column) for column in zip(*self.moves, strict=True))
        use_move, use_shared, amount = (np.array(column) for column in zip(*self.uses, strict=True))
        common, outlets = self.regions + 2, self.region_of.size
        told = Core(
            supply_each=supplies[:, 2],
            supply_part=supplies[:, 0],
            need_each=needs[:, 2],
            need_part=needs[:, 0],
            penalty=np.array(PENALTY)[needs[:, 3]],
            urgency=needs[:, 3],
            kit=np.full(len(needs), -1),
            floor=np.zeros(len(PENALTY), np.int64),
            supply=supply,
            need=need,
            cost=cost,
            each=np.full(cost.size, PIECES_MAX),
            capacity=np.full(common + outlets, np.inf),
            fixed=np.zeros(common + outlets),
            use_move=use_move,
            use_shared=use_shared,
            use_amount=amount,
        )
        scarce = told.used(flow(told, told.gain))
        share: Floats = np.array([TRUCK] * self.regions + [EXPEDITE, HANDLING])
        capacity = np.r_[share * scarce[:common], np.full(outlets, lane_kg if lanes else np.inf)]
        return replace(told, capacity=capacity, fixed=np.r_[np.zeros(common), np.full(outlets, LANE_COST * lanes)])
