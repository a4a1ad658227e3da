"""Large days: prices of what is shared from some parts, moves by part at those prices, and a program of the rest.

At prices near the best ones most parts have one best plan, whatever the small change. Only the others, the contested
ones, go into a linear program, whose prices give better moves in turn (column generation, with the flows of all parts
as pricing and as proof, see `prices`). What is broken at the end is solved in whole numbers beside the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.replenishment.daily.prices import Prices, bound
from optimizer.replenishment.daily.program import GAP, Work, solve_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.replenishment.daily.core import Core, Flags, Floats, Ints

SAMPLE = 2_000
"""So many parts give the first prices."""

SHAKEN, SHAKES = 0.08, 2
"""Moves are tried at prices that differ by this share, so often."""

ROUNDS_MAX = 12
BROKEN = 1e-6
"""Pieces further than this from a whole number are broken."""

FULL = 0.98
"""Parts that are not contested use at most this share of anything shared."""

STALLED, PATIENCE = 0.1, 2
"""So many rounds may close less than this share of what is between value and bound."""

WIDER = 0.5
"""This share of the parts becomes contested when the others leave no room for what must be."""

CLOSE = 1e-4
"""Value and bound of the relaxation are close enough when they differ by this share of the value."""

ENOUGH = 1e-3
"""A plan in whole pieces that costs no more than this share above the bound is good enough."""

ALL_MAX = 150_000
"""So many useful moves are relaxed at once, faster than by rounds."""

CONTESTED_MAX = 20_000
"""So many moves of contested parts may be chosen anew in whole numbers."""


@dataclass
class Relaxed:
    """What the rounds have found: `plan` of the parts that are not contested, `pieces` of the relaxation as a whole."""

    part: Ints
    seen: Flags
    contested: Flags
    plan: Ints
    pieces: Floats
    value: float
    bound: float
    prices: Prices

    def take(self, core: Core, prices: Prices) -> None:
        """Take in the best moves at the prices, and the bound that they prove."""
        value, pieces = bound(core, prices)
        if value > self.bound:
            self.bound, self.prices = value, prices
        self.seen |= pieces > 0
        self.contested[self.part[pieces != self.plan]] = True


def relax(
    core: Core, begin: Ints, plain: Ints, seed: int, work: Callable[[], Work], ended: Callable[[], bool]
) -> Relaxed:
    """Return the relaxation of the day; its bound holds even where it was ended early.

    It looks at the moves of the plan to begin with, too, so that floors which that plan meets can be met; `plain` are
    the best moves as if nothing was shared.
    """
    part = core.supply_part[core.supply]
    in_kit = core.kit[core.need] >= 0
    useful = np.flatnonzero(core.most > 0)
    solved = None
    if useful.size <= ALL_MAX:
        solved = solve_program(core, useful, np.zeros_like(plain), whole=False, work=work())
    prices = _first(core, plain, seed, work()) if solved is None or solved.prices is None else solved.prices
    value, plan = bound(core, prices)
    contested = np.zeros(int(part.max(initial=0)) + 1, np.bool_)
    seen = (plain > 0) | (plan > 0) | in_kit | (begin > 0)
    found = Relaxed(part, seen, contested, plan, np.zeros(plan.size), np.inf, value, prices)
    if solved is not None:
        found.pieces, found.value = solved.pieces, solved.value
        seen |= solved.pieces > 0
        contested[part[np.abs(solved.pieces - plan) > BROKEN]] = True
    urgent = core.floor[core.urgency[core.need]] > 0
    contested[part[in_kit | (urgent & (begin != plan))]] = True
    draw = np.random.default_rng(seed)
    for _ in range(SHAKES):
        shaken = prices.shared * draw.uniform(1 - SHAKEN, 1 + SHAKEN, prices.shared.size)
        found.take(core, prices._replace(shared=shaken))
    if solved is None:
        _relieve(core, found, prices)
        _rounds(core, found, draw, work, ended)
    return found


def _rounds(
    core: Core, found: Relaxed, draw: np.random.Generator, work: Callable[[], Work], ended: Callable[[], bool]
) -> None:
    """Solve the contested parts beside the others, and price all parts with what that tells, until both agree."""
    open_gap, patience = np.inf, PATIENCE
    for _ in range(ROUNDS_MAX):
        if ended():
            break
        inside = found.contested[found.part]
        kept = np.where(inside, 0, found.plan)
        solved = solve_program(core, np.flatnonzero(found.seen & inside), kept, whole=False, work=work())
        if solved is None or solved.prices is None:
            # what is kept leaves no room for a kit or a floor
            found.contested |= draw.random(found.contested.size) < WIDER
            continue
        found.pieces, found.value = solved.pieces, solved.value
        new = _with_running(core, solved.prices, kept)
        found.take(core, new)
        if found.value - found.bound > CLOSE * abs(found.value):
            # prices swing from round to round, and the best ones lie between
            found.take(core, Prices(*((a + b) / 2 for a, b in zip(new, found.prices, strict=True))))
        gap = found.value - found.bound
        if gap > (1 - STALLED) * open_gap:
            patience -= 1
        if gap <= CLOSE * abs(found.value) or not patience:
            break
        open_gap = min(gap, open_gap)


def _relieve(core: Core, found: Relaxed, prices: Prices) -> None:
    """Make parts contested, those first that lose least by it, until what the others use of shared things is there."""
    gain = prices.gain(core)
    kept = np.where(found.contested[found.part], 0, found.plan)
    full = np.flatnonzero(core.used(kept) > core.capacity * FULL)
    for shared in full.tolist():
        uses = core.use_shared == shared
        moves, amount = core.use_move[uses], core.use_amount[uses]
        load = np.where(found.contested[found.part[moves]], 0.0, amount * found.plan[moves])
        order = np.argsort(gain[moves], kind="stable")
        over = np.cumsum(load[order]) - load[order] < load.sum() - FULL * core.capacity[shared]
        found.contested[found.part[moves[order[over & (load[order] > 0)]]]] = True


def near(core: Core, found: Relaxed, work: Callable[[], Work], ended: Callable[[], bool]) -> Iterator[Ints]:
    """Yield whole pieces: those of parts that are whole in the relaxation, and the best of the others beside them.

    First few parts are chosen anew, then all that are contested, unless they are too many for that.
    """
    whole = np.rint(found.pieces)
    broken = np.zeros(found.contested.size, np.bool_)
    broken[found.part[np.abs(found.pieces - whole) > BROKEN]] = True
    for parts, gap in ((broken, GAP), (found.contested, ENOUGH / 2)):
        _with_kits(core, found, parts)
        inside = parts[found.part]
        moves = np.flatnonzero(found.seen & inside)
        if ended() or (parts is found.contested and moves.size > CONTESTED_MAX):
            return
        kept = np.where(inside, 0, whole).astype(np.int64)
        solved = solve_program(core, moves, kept, whole=True, work=work(), gap=gap)
        if solved is None:
            continue
        pieces = np.rint(solved.pieces).astype(np.int64)
        yield pieces
        if core.price(pieces) - found.bound <= ENOUGH * abs(found.value):
            return


def _with_kits(core: Core, found: Relaxed, broken: Flags) -> None:
    """Add the parts that share a kit with a broken one, and so on: a kit is chosen with all its parts."""
    moves = np.flatnonzero(core.kit[core.need] >= 0)
    part, kit = found.part[moves], core.kit[core.need[moves]]
    held = np.zeros(int(kit.max(initial=0)) + 1, np.bool_)
    count = -1
    while count != broken.sum():
        count = int(broken.sum())
        held[kit[broken[part]]] = True
        broken[part[held[kit]]] = True


def _with_running(core: Core, prices: Prices, kept: Ints) -> Prices:
    """Return prices in which moves that are kept pay for the lanes that run on their account."""
    runs = np.zeros(core.capacity.size, np.bool_)
    runs[core.running(kept)] = True
    pays = runs[core.use_shared] & (kept[core.use_move] > 0)
    most = np.where(pays, core.most[core.use_move], 0)
    total = np.bincount(core.use_shared, most, minlength=core.capacity.size)
    use = np.where(pays, core.fixed[core.use_shared] / np.maximum(total, 1)[core.use_shared], prices.use)
    return prices._replace(use=use)


def _first(core: Core, plain: Ints, seed: int, work: Work) -> Prices:
    """Return prices of what is shared, from a program of some parts that share it in proportion to what they use."""
    told = Prices.none(core)
    parts = int(core.supply_part.max(initial=0)) + 1
    chosen = np.zeros(parts, np.bool_)
    chosen[np.random.default_rng(seed).permutation(parts)[:SAMPLE]] = True
    inside = chosen[core.supply_part[core.supply]]
    used, some = core.used(plain), core.used(np.where(inside, plain, 0))
    share = np.where(used > 0, some / np.where(used > 0, used, 1.0), 1.0)
    limited = np.isfinite(core.capacity)
    capacity = np.where(limited, np.where(limited, core.capacity, 0.0) * share, np.inf)
    thin = replace(
        core,
        each=np.where(inside, core.each, 0),
        capacity=capacity,
        fixed=core.fixed * share,
        kit=np.full_like(core.kit, -1),
        floor=np.zeros_like(core.floor),
    )
    solved = solve_program(thin, np.flatnonzero(thin.most > 0), np.zeros_like(plain), whole=False, work=work)
    if solved is None or solved.prices is None:
        return told
    # the cost of a lane counts as if it was spread over what the cheapest moves put on it
    slope = np.where(used > 0, core.fixed / np.where(used > 0, used, 1.0), 0.0)
    return told._replace(shared=np.maximum(solved.prices.shared, slope))
