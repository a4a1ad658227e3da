"""Where an op has its parts from: by one of its modes, and of that line by line from the kit or from a depot stop.

Both are one number, the *supply* of an op: the mode, and above it a bit for each line that the kit gives although the
tour has been at a depot before. Where there was no depot stop the bits say nothing: all comes from the kit.
"""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.chance import uniform
from optimizer.dispatch.kernel.compiled import compiled

SHIFT = 32
MODE = (1 << SHIFT) - 1

CHOSEN_MAX = 31
"""So many lines of a mode can choose; behind them a depot stop gives what it keeps."""

KIT_SHARE = 0.5
"""How often the kit gives what a finite stock could give as well: either may be what another job needs."""


@compiled
def mode_in(supply: int) -> int:
    """Return the mode of a supply."""
    return supply & MODE


@compiled
def from_depot(data: Data, supply: int, line: int, depot: int) -> bool:
    """Say whether a line of a supply is taken from the depot (-1: none) where the tour was before."""
    if depot < 0 or data.depot_stock[depot, data.line_part[line]] < 0.0:
        return False
    index = line - data.lines_at[mode_in(supply)]
    return index >= CHOSEN_MAX or (supply >> (SHIFT + index)) & 1 == 0


@compiled
def kit_line(data: Data, supply: int, line: int) -> int:
    """Return a supply with a line taken from the kit."""
    index = line - data.lines_at[mode_in(supply)]
    return supply | (1 << (SHIFT + index)) if index < CHOSEN_MAX else supply


@compiled
def supplied(data: Data, state: State, mode: int, person: int, depot: int) -> int:
    """Return the supply by a mode from what is left in the kit and, behind a depot (-1: none), there; -1 for none."""
    supply, first = mode, data.lines_at[mode]
    for line in range(first, data.lines_at[mode + 1]):
        part, quantity = data.line_part[line], data.line_quantity[line]
        kit, stock, kept = state.kit_left[person, part], 0.0, False
        if depot >= 0:
            stock, kept = state.stock_left[depot, part], data.depot_stock[depot, part] >= 0.0
        for other in range(first, line):
            if data.line_part[other] == part:
                if from_depot(data, supply, other, depot):
                    stock -= data.line_quantity[other]
                else:
                    kit -= data.line_quantity[other]
        by_depot, by_kit = kept and stock >= quantity - 1e-9, kit >= quantity - 1e-9
        if kept and line - first >= CHOSEN_MAX:
            by_kit = False
        if not by_depot and not by_kit:
            return -1
        if by_kit and kept and (not by_depot or (stock < math.inf and uniform(state.random) < KIT_SHARE)):
            supply = kit_line(data, supply, line)
    return supply


@compiled
def supply_behind(data: Data, state: State, tour: int, position: int, depot: int) -> None:
    """Choose where the stops from `position` on have their parts from behind a new depot stop before them.

    What is endless there comes from there; the rest is still from the kit, so that nothing is used up.
    """
    for at in range(position, state.count[tour]):
        stop = state.stops[tour, at]
        supply = mode_in(state.mode_of[stop])
        for line in range(data.lines_at[supply], data.lines_at[supply + 1]):
            if data.depot_stock[depot, data.line_part[line]] < math.inf:
                supply = kit_line(data, supply, line)
        state.mode_of[stop] = supply
