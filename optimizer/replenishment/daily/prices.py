"""Prices of what moves share, and the bound that they prove.

Whatever the prices, the best moves of each part at its own, with shared things paid by use, cost no more than any plan:

    sum p need - sum price capacity - sum over parts of the best flow at (p - c - prices of what a piece uses)
    + sum over lanes of min(0, f - what its uses would pay)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.replenishment.daily.flow import STEPS_PER_UNIT, flow

if TYPE_CHECKING:
    from optimizer.replenishment.daily.core import Core, Floats, Ints


class Prices(NamedTuple):
    """Money per unit of each shared thing, per piece of each use of a lane, of each need of a kit, of each urgency."""

    shared: Floats
    use: Floats
    need: Floats
    floor: Floats

    @classmethod
    def none(cls, core: Core) -> Prices:
        """Return prices of nothing."""
        sizes = (core.capacity.size, core.use_move.size, core.need_each.size, core.floor.size)
        return cls(*(np.zeros(size) for size in sizes))

    def gain(self, core: Core) -> Floats:
        """Return what a piece of each move saves once it pays for what it shares, in whole steps of the flow."""
        paid = self.shared[core.use_shared] * core.use_amount + self.use
        charge = np.bincount(core.use_move, weights=paid, minlength=core.supply.size)
        return core.gain - charge - self.need[core.need] + self.floor[core.urgency[core.need]]


def bound(core: Core, prices: Prices) -> tuple[float, Ints]:
    """Return what no plan costs less than, and the moves that are best at the prices."""
    # rounded up to whole steps, which the flow solves exactly: no rounding can make the bound too high
    gain = np.ceil(prices.gain(core) * STEPS_PER_UNIT - 1e-6) / STEPS_PER_UNIT
    pieces = flow(core, gain)
    paid = np.where(prices.shared > 0, prices.shared * np.where(prices.shared > 0, core.capacity, 0.0), 0.0)
    plain = core.fixed == 0
    value = (
        float(core.penalty @ core.need_each)
        + float(prices.floor @ core.floor)
        - float(gain @ pieces)
        - float(paid[plain].sum())
    )
    link = np.bincount(core.use_shared, prices.use * core.most[core.use_move], minlength=core.capacity.size)
    value += float(np.minimum(core.fixed - paid - link, 0.0)[~plain].sum())
    in_kit = core.kit >= 0
    worth = np.bincount(core.kit[in_kit], (prices.need * core.need_each)[in_kit])
    return value - float(np.maximum(worth, 0.0).sum()), pieces
