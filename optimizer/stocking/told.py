"""What a plan tells of its floors and fleets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.plan import Flying, Reached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.aim import Lacks, Seats
    from optimizer.stocking.case import Case
    from optimizer.stocking.evaluate import Evaluation
    from optimizer.stocking.goals import Fleets
    from optimizer.stocking.model import Budget
    from optimizer.stocking.rounds import Round

    Floats = NDArray[np.float64]


def reached(
    case: Case, lacks: Lacks, first: Round, found: Round, multipliers: Floats, prices: Mapping[Budget, float]
) -> tuple[Reached, ...]:
    """Return what each floor reaches; `first` is the stock without floors."""
    money = 0.0
    for budget, mine in case.parts.items():
        money += math.fsum(found.costs[mine]) - math.fsum(first.costs[mine])
        if prices[budget] > 0:
            money += (math.fsum(found.goal[mine]) - math.fsum(first.goal[mine])) / prices[budget]
    shares = multipliers * np.maximum(first.lack - found.lack, 0.0)
    shares = shares / shares.sum() if shares.sum() > 0 else shares
    values, met = lacks.reached(found.evaluation)
    costs = (money * shares).tolist()
    return tuple(map(Reached, lacks.names, values, met, multipliers.tolist(), costs))


def flying(fleets: Fleets | None, seats: Seats | None, evaluation: Evaluation) -> tuple[Flying, ...]:
    """Return what each fleet waits for, and its availability."""
    names = () if fleets is None or seats is None else tuple(fleet.name for fleet in fleets.fleets)
    return available(names, seats, evaluation)


def available(names: tuple[str, ...], seats: Seats | None, evaluation: Evaluation) -> tuple[Flying, ...]:
    """Return the same for fleets by name."""
    if seats is None:
        return ()
    empty = seats.empty(evaluation.own_backorders)
    waiting = np.bincount(seats.fleet, empty * seats.seats, len(names))
    with np.errstate(divide="ignore"):
        full = np.log(np.maximum(1.0 - empty, 0.0))
    logs = np.bincount(seats.fleet, full * seats.seats / seats.aircraft, len(names))
    return tuple(map(Flying, names, waiting.tolist(), np.exp(logs).tolist()))
