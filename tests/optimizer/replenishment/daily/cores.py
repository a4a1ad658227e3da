"""Days as arrays: tiny random ones whose plans can all be enumerated, and what each plan costs, by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from optimizer.replenishment.daily.core import PIECES_MAX, Core
from optimizer.run import Limit

EVERYTHING = Limit(iterations=1_000_000)


def core(**changes: Any) -> Core:
    """Two pieces at one place, two needs of one piece, each with a move at 10; nothing is shared."""
    told: dict[str, Any] = {
        "supply_each": [2],
        "supply_part": [0],
        "need_each": [1, 1],
        "need_part": [0, 0],
        "penalty": [2000.0, 60.0],
        "urgency": [0, 2],
        "kit": [-1, -1],
        "floor": [0, 0, 0, 0],
        "supply": [0, 0],
        "need": [0, 1],
        "cost": [10.0, 10.0],
        "each": [PIECES_MAX, PIECES_MAX],
        "capacity": [],
        "fixed": [],
        "use_move": [],
        "use_shared": [],
        "use_amount": [],
    } | changes
    arrays: dict[str, Any] = {
        name: np.array(value, np.float64 if name in FLOATS else np.int64) if isinstance(value, list) else value
        for name, value in told.items()
    }
    return Core(**arrays)


FLOATS = {"penalty", "cost", "capacity", "fixed", "use_amount"}


@st.composite
def tiny(draw: st.DrawFn) -> Core:
    """Up to two parts with seven moves, two shared things, lanes with a cost, and kits: at most some thousand plans."""
    dice = random.Random(draw(st.integers(0, 2**32 - 1)))
    parts = dice.randint(1, 2)
    supplies = [(dice.randint(0, 2), part) for part in range(parts) for _ in range(dice.randint(1, 2))]
    needs = [(dice.randint(1, 2), part) for part in range(parts) for _ in range(dice.randint(1, 2))]
    pairs = [(i, j) for i, (_, of) in enumerate(supplies) for j, (_, wants) in enumerate(needs) if of == wants]
    moves = dice.sample(pairs, dice.randint(1, min(len(pairs), 6)))
    urgency = [dice.randint(0, 3) for _ in needs]
    shared = dice.randint(0, 3)
    uses = [(m, r) for m in range(len(moves)) for r in range(shared) if dice.random() < 0.5]
    kits = dice.random() < 0.4
    return core(
        supply_each=[held for held, _ in supplies],
        supply_part=[part for _, part in supplies],
        need_each=[wanted for wanted, _ in needs],
        need_part=[part for _, part in needs],
        penalty=[float(dice.choice((5, 20, 60, 300))) for _ in needs],
        urgency=urgency,
        kit=[dice.choice((-1, 0, 0, 1)) if kits else -1 for _ in needs],
        supply=[i for i, _ in moves],
        need=[j for _, j in moves],
        cost=[round(dice.uniform(0, 70), 2) for _ in moves],
        each=[dice.choice((1, PIECES_MAX, PIECES_MAX)) for _ in moves],
        capacity=[dice.choice((1.5, 3.0, 8.0, np.inf)) for _ in range(shared)],
        fixed=[dice.choice((0.0, 10.0, 40.0)) for _ in range(shared)],
        use_move=[move for move, _ in uses],
        use_shared=[thing for _, thing in uses],
        use_amount=[round(dice.uniform(0.1, 2.5), 2) for _ in uses],
    )


def plans(day: Core) -> Iterator[tuple[list[int], float]]:
    """Yield every possible plan with its cost."""
    ways = [
        range(min(day.supply_each[i], day.need_each[j], most) + 1)
        for i, j, most in zip(day.supply.tolist(), day.need.tolist(), day.each.tolist(), strict=True)
    ]
    for pieces in product(*ways):
        cost = _cost(day, list(pieces))
        if cost is not None:
            yield list(pieces), cost


def _cost(day: Core, pieces: list[int]) -> float | None:
    left: list[int] = day.supply_each.tolist()
    lacking: list[int] = day.need_each.tolist()
    load, runs = [0.0] * day.capacity.size, [False] * day.capacity.size
    cost: float = 0.0
    for move, count in enumerate(pieces):
        left[day.supply[move]] -= count
        lacking[day.need[move]] -= count
        cost += count * float(day.cost[move])
    for move, thing, amount in zip(
        day.use_move.tolist(), day.use_shared.tolist(), day.use_amount.tolist(), strict=True
    ):
        load[thing] += pieces[move] * amount
        runs[thing] |= pieces[move] > 0
    if min(left) < 0 or min(lacking) < 0 or any(load[r] > day.capacity[r] for r in range(len(load))):
        return None
    served: dict[int, set[int]] = {}
    for need, kit in enumerate(day.kit.tolist()):
        if kit >= 0:
            state = 1 if lacking[need] == 0 else 0 if lacking[need] == day.need_each[need] else 2
            served.setdefault(kit, set()).add(state)
    if any(states not in ({0}, {1}) for states in served.values()):
        return None
    cost = cost + sum(float(day.fixed[r]) for r, used in enumerate(runs) if used)
    return cost + sum(int(lack) * float(penalty) for lack, penalty in zip(lacking, day.penalty.tolist(), strict=True))
