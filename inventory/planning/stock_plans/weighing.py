"""What a waiting piece weighs: the chance that it is not there within its MEL interval × what follows then."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import Essentiality, MelCategory
from inventory.planning.stock_plans.picture import Item
from inventory.planning.weights.models import NO_CATEGORY, StockingWeight

Weights = Mapping[tuple[Essentiality, str], StockingWeight]
UNWEIGHED = 1.0
"""What a piece weighs of which no rule says anything: as an aircraft on ground."""


def weighing(item: Item, weights: Weights) -> StockingWeight | None:
    """Return the rule of a part: of its category, else that of its essentiality; None where no rule says anything."""
    category = item.mel_category or NO_CATEGORY
    return weights.get((item.essentiality, category)) or weights.get((item.essentiality, NO_CATEGORY))


def weights_at(item: Item, rule: StockingWeight | None, supply_days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a waiting piece weighs where the next one comes within `supply_days` in the mean.

    The time is taken to be exponential: it is longer than an interval with the chance exp(−interval / mean).
    """
    if rule is None:
        return np.full(supply_days.shape, UNWEIGHED)
    interval = item.mel_interval_days if item.mel_category is MelCategory.A else rule.interval_days
    late = np.ones(supply_days.shape) if interval is None else np.exp(-interval / supply_days)
    return np.maximum(late * float(rule.consequence), float(rule.least))
