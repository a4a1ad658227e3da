"""Verify and re-price pieces of moves; shares the arrays with the solver and no arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.replenishment.check import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.daily.core import Core, Flags, Floats, Ints

ROUNDING = 1e-6
"""What a sum of amounts may pass its capacity by, as a share of it."""


def check_core(core: Core, pieces: Ints, objective: float) -> list[Violation]:
    """Return every violation; an empty list says that the pieces are possible and cost the objective.

    Codes: `pieces` (negative, or more than a move may take), `supply`, `need` (more than there is, or than is wanted),
    `capacity`, `kit` (served in part), `floor` (too little for an urgency), `total`. Linear time.
    """
    if pieces.shape != core.supply.shape or pieces.dtype != np.int64:
        return [Violation("pieces", "not a whole number for each move")]
    drawn, served = np.zeros_like(core.supply_each), np.zeros_like(core.need_each)
    np.add.at(drawn, core.supply, pieces)
    np.add.at(served, core.need, pieces)
    load, runs = np.zeros(core.capacity.size), np.zeros(core.capacity.size, np.bool_)
    np.add.at(load, core.use_shared, pieces[core.use_move] * core.use_amount)
    np.logical_or.at(runs, core.use_shared, pieces[core.use_move] > 0)
    broken = {
        "pieces": (pieces < 0) | (pieces > core.each),
        "supply": drawn > core.supply_each,
        "need": served > core.need_each,
        "capacity": load > core.capacity * (1 + ROUNDING),
        "kit": _in_part(core, served),
        "floor": np.array([served[core.urgency == index].sum() < least for index, least in enumerate(core.floor)]),
    }
    found = [Violation(code, str(index)) for code, wrong in broken.items() for index in np.flatnonzero(wrong).tolist()]
    return [*found, *_total(core, pieces, served, runs, objective)]


def _in_part(core: Core, served: Ints) -> Flags:
    """Tell for each need of a kit whether it is not served as the kit's first one is."""
    full, some = served >= core.need_each, served > 0
    wrong = some & ~full
    first: dict[int, bool] = {}
    for need in np.flatnonzero(core.kit >= 0).tolist():
        wrong[need] |= first.setdefault(int(core.kit[need]), bool(full[need])) != full[need]
    return wrong & (core.kit >= 0)


def _total(core: Core, pieces: Ints, served: Ints, runs: Flags, objective: float) -> Iterator[Violation]:
    terms: list[Floats] = [core.cost * pieces, core.penalty * (core.need_each - served), core.fixed[runs]]
    cost = sum(float(term.sum()) for term in terms)
    if abs(cost - objective) > 1e-6 * max(1.0, abs(cost)):
        yield Violation("total", f"{cost:.4f}, not {objective:.4f}")
