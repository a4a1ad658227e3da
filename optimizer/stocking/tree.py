"""A scenario as arrays: each part at the places of its lines and all above, what flows where and how long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from optimizer.stocking.model import UNLIMITED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.stocking.model import Place, Scenario

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]


Number = TypeVar("Number", np.float64, np.int64)


class Tree(NamedTuple):
    """Nodes: the places of each part, part after part, parents before children, children of one parent together.

    `at[i]` to `at[i + 1]` are the nodes of part `i`, the root first. Rates are pieces a day.
    """

    at: Ints
    place: Small
    depth: Small
    up: Ints  # the parent's node, -1 for a root
    first: Ints  # children are first to last - 1
    last: Ints
    own: Floats  # what those ask for whom the place serves itself
    rate: Floats  # with the orders of its children
    share: Floats  # of the parent's rate that its orders are
    due: Floats  # mean pieces in repair and on the way, if the parent always has them
    extra: Floats  # what is held up in repair adds to the variance of these; empty where nothing is
    weight: Floats
    least: Ints
    most: Ints
    owned: Small
    dispersion: Floats  # by part
    quantity: Ints  # by part: how many the root orders at a time


def tree_of(scenario: Scenario) -> Tree:
    """Return a scenario as arrays. O(lines × depth, sorted)."""
    places, lines = scenario.places, scenario.lines
    rank, parent, depth = _breadth_first(places)
    count = len(places)
    held = _with_all_above(lines.part * count + rank[lines.place], parent, len(scenario.parts))
    node_at = np.cumsum(held, dtype=np.int32) - 1
    part, place_rank = np.divmod(np.flatnonzero(held), count)
    at = np.searchsorted(part, np.arange(len(scenario.parts) + 1))
    above = parent[place_rank]
    up = np.where(above < 0, -1, node_at[part * count + np.maximum(above, 0)]).astype(np.int64)
    first, last = _children(up, at)
    node = node_at[lines.part * count + rank[lines.place]]
    place, node_depth = np.argsort(rank)[place_rank].astype(np.int32), depth[place_rank].astype(np.int32)

    def spread(column: NDArray[Number], other: int) -> NDArray[Number]:
        told = np.full(part.size, other, column.dtype)
        told[node] = column
        return told

    own = spread(lines.rate_per_day, 0)
    rate, share, due = _flows(scenario, part, node_depth, up, own, place)
    extra = np.zeros(0)
    if (held_up := scenario.held_up) is not None:
        stuck = node_at[held_up.part * count + rank[held_up.place]]
        due += np.bincount(stuck, held_up.mean, part.size)
        extra = np.bincount(stuck, held_up.variance, part.size).astype(np.float64)
    return Tree(
        at,
        place,
        node_depth,
        up,
        first,
        last,
        own,
        rate,
        share,
        due,
        extra,
        spread(lines.weight, 0),
        spread(lines.least, 0),
        spread(lines.most, UNLIMITED),
        spread(lines.owned, 0).astype(np.int32),
        np.array([one.dispersion for one in scenario.parts]),
        np.array([one.order_quantity for one in scenario.parts], np.int64),
    )


def parts_of(tree: Tree) -> Ints:
    """Return the part of each node."""
    return np.repeat(np.arange(tree.at.size - 1), np.diff(tree.at))


def nodes_of(tree: Tree, part: Ints, place: Ints) -> Ints:
    """Return the nodes of parts at places, all of which are there. O(nodes, sorted)."""
    width = max(int(tree.place.max(initial=0)), int(place.max(initial=0))) + 1
    keys = parts_of(tree) * width + tree.place
    order = np.argsort(keys, kind="stable")
    found: Ints = order[np.searchsorted(keys, part * width + place, sorter=order)]
    return found


def some_parts(tree: Tree, chosen: Ints) -> Tree:
    """Return the tree of some parts, which rise."""
    counts = np.diff(tree.at)[chosen]
    at = np.concatenate([[0], np.cumsum(counts)])
    moved = np.repeat(at[:-1] - tree.at[chosen], counts)
    nodes = np.arange(at[-1]) - moved
    up = tree.up[nodes]
    told = {name: column[nodes] for name, column in tree._asdict().items() if column.size == tree.place.size}
    told |= {"extra": tree.extra[nodes] if tree.extra.size else tree.extra}
    told |= {"at": at, "up": np.where(up < 0, -1, up + moved)}
    told |= {"first": tree.first[nodes] + moved, "last": tree.last[nodes] + moved}
    return Tree(**(told | {"dispersion": tree.dispersion[chosen], "quantity": tree.quantity[chosen]}))


def _children(up: Ints, at: Ints) -> tuple[Ints, Ints]:
    """Return the first child of each node and the one after its last."""
    # nodes are breadth first, so that parents never fall within a part, nor at a root that is told the node before
    rising = up.copy()
    rising[at[:-1]] = at[:-1] - 1
    first = np.searchsorted(rising, np.arange(up.size))
    return first, first + np.bincount(up[up >= 0], minlength=up.size)


def _breadth_first(places: tuple[Place, ...]) -> tuple[Ints, Ints, Ints]:
    """Return the rank of each place breadth first, and by rank the rank of its parent (-1: none) and its depth."""
    children: dict[str | None, list[int]] = {}
    for index, place in enumerate(places):
        children.setdefault(place.parent, []).append(index)
    order, parents, depths = list(children[None]), [-1], [0]
    for at, index in enumerate(order):  # grows while it is read
        below = children.get(places[index].code, [])
        order += below
        parents += [at] * len(below)
        depths += [depths[at] + 1] * len(below)
    rank = np.empty(len(places), np.int64)
    rank[order] = np.arange(len(places))
    return rank, np.array(parents, np.int64), np.array(depths, np.int64)


def _with_all_above(keys: Ints, parent: Ints, parts: int) -> NDArray[np.bool_]:
    """Return for each part and rank whether it is a node: where keys (part × places + rank) tell, and above these."""
    held = np.zeros((parts, parent.size), np.bool_)
    held.reshape(-1)[keys] = True
    for rank in range(parent.size - 1, 0, -1):
        held[:, parent[rank]] |= held[:, rank]
    return held.reshape(-1)


def _flows(
    scenario: Scenario, part: Ints, depth: Small, up: Ints, own: Floats, place: Small
) -> tuple[Floats, Floats, Floats]:
    """Return by node the rate of what is asked for, its orders' share of the parent's, and the mean that is due."""
    parts, places, unknown = scenario.parts, scenario.places, scenario.assumed_days or 0.0
    rate, ordered, repaired = _rates(scenario, part, depth, up, own)
    turn = np.array([0.0 if one.repair is None else one.repair.turn_around_days or unknown for one in parts])[part]
    lead = np.array([one.lead_days or unknown for one in parts])[part]
    transit = np.array([0.0 if one.parent is None else one.transit_days or unknown for one in places])[place]
    share = np.zeros(own.size)
    below = np.flatnonzero(up >= 0)
    asked = rate[up[below]]
    share[below] = np.divide(ordered[below], asked, out=np.zeros(below.size), where=asked > 0)
    days = np.where(up < 0, lead, transit)
    return rate, share, repaired * turn + ordered * days


def _rates(scenario: Scenario, part: Ints, depth: Small, up: Ints, own: Floats) -> tuple[Floats, Floats, Floats]:
    """Return by node the rates of what is asked for, ordered from the parent, and repaired there."""
    repairs = [one.repair for one in scenario.parts]
    shop = np.array([-1 if one is None else one.depth for one in repairs], np.int64)[part]
    good = np.array([0.0 if one is None else 1.0 - one.condemned_share for one in repairs])[part]
    rate, failed = own.copy(), own.copy()
    ordered = np.zeros(own.size)
    repaired = np.zeros(own.size)
    for level in range(int(depth.max(initial=0)), -1, -1):
        here = np.flatnonzero(depth == level)
        mends = here[depth[here] <= shop[here]]
        repaired[mends] = failed[mends] * good[mends]
        ordered[here] = rate[here] - repaired[here]
        if level:
            np.add.at(rate, up[here], ordered[here])
            sends = here[depth[here] > shop[here]]
            np.add.at(failed, up[sends], failed[sends])
    return rate, ordered, repaired


def repairs_of(scenario: Scenario, tree: Tree) -> Floats:
    """Return the good repairs a day by node."""
    return _rates(scenario, parts_of(tree), tree.depth, tree.up, tree.own)[2]


def mends_at(scenario: Scenario, tree: Tree) -> NDArray[np.bool_]:
    """Return by node whether pieces that fail there, or below and are sent up, are repaired there."""
    shop = np.array([-1 if one.repair is None else one.repair.depth for one in scenario.parts])
    mends: NDArray[np.bool_] = tree.depth <= shop[parts_of(tree)]
    return mends
