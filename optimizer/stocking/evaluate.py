"""What a given stock leaves waiting, by one of three models; each number carries the model that made it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.kernel.evaluation import by_moments, exactly
from optimizer.stocking.model import is_whole
from optimizer.stocking.tree import parts_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.model import Scenario
    from optimizer.stocking.tree import Tree


class Method(StrEnum):
    """How the pieces due at a place are distributed.

    `metric`: Poisson of the right mean (Sherbrooke 1968); too little waits below a place that is short, so that it is
    for comparison. `negative_binomial`: by two moments (Graves 1985, VARI-METRIC). `exact`: whole distributions, for
    single pieces asked for as Poisson, and transit that always takes its time.
    """

    METRIC = "metric"
    NEGATIVE_BINOMIAL = "negative_binomial"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """By node (a place of a part): pieces due and waited for, and the share that is served at once.

    `backorders` are all that wait at the node, orders of places below included; `own_backorders` the share of those
    whom the place serves itself, and `weighted` their weighted sum. `fill` is of pieces.
    """

    method: Method
    part: NDArray[np.int64]
    place: NDArray[np.int32]
    stock: NDArray[np.int64]
    due_mean: NDArray[np.float64]
    due_variance: NDArray[np.float64]
    backorders: NDArray[np.float64]
    backorders_variance: NDArray[np.float64]
    own_backorders: NDArray[np.float64]
    fill: NDArray[np.float64]
    weighted: float


def evaluate(
    scenario: Scenario,
    stock: Mapping[tuple[str, str], int],
    method: Method = Method.NEGATIVE_BINOMIAL,
) -> Evaluation:
    """Return what a stock, pieces by (part, place), leaves waiting; where none is named there is none.

    With an order quantity, stock at the root is the reorder point plus one. Raises ValueError for what is no
    number of pieces, a part that is not kept at a place, and, for `exact`, a part in batches or held up in repair.
    """
    tree = tree_of(scenario)
    count = len(scenario.places)
    parts = {part.number: index for index, part in enumerate(scenario.parts)}
    places = {place.code: index for index, place in enumerate(scenario.places)}
    node_at = {key: node for node, key in enumerate((parts_of(tree) * count + tree.place).tolist())}
    held = np.zeros(tree.place.size, np.int64)
    for (part, place), pieces in stock.items():
        node = node_at.get(parts.get(part, -1) * count + places.get(place, 0)) if place in places else None
        if node is None:
            raise ValueError(f"part {part} at {place}: no line is there or below; add one, or leave its stock out")
        if pieces < 0 or not is_whole(pieces):
            raise ValueError(f"part {part} at {place}: stock must be a whole number, 0 or more, not {pieces}")
        held[node] = pieces
    return evaluated(scenario, tree, held, method)


def evaluated(scenario: Scenario, tree: Tree, stock: NDArray[np.int64], method: Method) -> Evaluation:
    """Return what a stock by node leaves waiting. Raises ValueError for `exact` where there is no such model."""
    batches = np.flatnonzero(tree.dispersion > 1)
    if method is Method.EXACT and batches.size:
        raise ValueError(
            f"part {scenario.parts[batches[0]].number} is asked for in batches (dispersion "
            f"{tree.dispersion[batches[0]]:g}): the exact model takes single pieces; use negative_binomial"
        )
    if method is Method.EXACT and tree.extra.size:
        raise ValueError("pieces are held up in repair: the exact model takes shops that never are; use another")
    return valued(tree, stock, method)


def valued(tree: Tree, stock: NDArray[np.int64], method: Method = Method.NEGATIVE_BINOMIAL) -> Evaluation:
    """Return what a stock by node leaves waiting, where no part is asked for in batches if the method is `exact`."""
    told = np.zeros((tree.place.size, 5))
    if method is Method.EXACT:
        exactly(tree.at, tree.up, tree.share, tree.due, tree.quantity, stock, told)
    else:
        poisson = method is Method.METRIC
        flows = (tree.at, tree.up, tree.share, tree.due, tree.extra)
        by_moments(*flows, tree.dispersion, tree.quantity, stock, poisson, told)
    share = np.divide(tree.own, tree.rate, out=np.zeros(tree.own.size), where=tree.rate > 0)
    own = told[:, 2] * share
    return Evaluation(
        method=method,
        part=parts_of(tree),
        place=tree.place,
        stock=stock,
        due_mean=told[:, 0],
        due_variance=told[:, 1],
        backorders=told[:, 2],
        backorders_variance=told[:, 3],
        own_backorders=own,
        fill=told[:, 4],
        weighted=float(own @ tree.weight),
    )
