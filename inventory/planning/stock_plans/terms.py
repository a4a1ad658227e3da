"""What a plan is to keep to beside its money: floors of regions and essentialities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from inventory.network.service import region_ids
from inventory.planning.stock_plans.goal_schemas import WantedFloor
from inventory.planning.stock_plans.schemas import MakeTargets
from inventory.planning.stock_plans.stated import Stated
from optimizer.stocking.aim import lacks_of, reachable
from optimizer.stocking.goals import Floor, Floors, Measure
from optimizer.stocking.tree import Tree, tree_of


def require_terms(session: Session, wanted: MakeTargets) -> None:
    """Raise Invalid for a region that is not there, and for a floor of another region than is planned."""
    regions = {one.region for one in wanted.floors} | {wanted.region}
    region_ids(session, sorted(one for one in regions if one is not None))
    for floor in wanted.floors:
        if wanted.region is not None and floor.region not in (None, wanted.region):
            raise Invalid(
                _("Floor {floor} is of another region than {region}, which is planned; leave it out").format(
                    floor=floor.name, region=wanted.region
                ),
                code="floor_outside_plan",
                field="floors",
            )


def floors_of(stated: Stated, wanted: Sequence[WantedFloor]) -> Floors | None:
    """Return floors with the lines that count for them; None without any.

    Raises Conflict for a floor of which nothing is asked for, and for one that no money meets.
    """
    if not wanted:
        return None
    lines = stated.scenario.lines
    region = np.array([site.region for site in stated.sites])[lines.place]
    essentiality = np.array([item.essentiality.value for item in stated.items])[lines.part]
    asked = stated.open[lines.place] & (lines.rate_per_day > 0)
    mine = []
    for floor in wanted:
        chosen = asked.copy()
        if floor.region is not None:
            chosen &= region == floor.region
        if floor.essentiality is not None:
            chosen &= essentiality == floor.essentiality.value
        mine.append(np.flatnonzero(chosen))
        if not mine[-1].size:
            raise Conflict(
                _("Nothing that is planned counts for floor {floor}; leave it out").format(floor=floor.name),
                code="floor_of_nothing",
                field="floors",
            )
    tree = tree_of(stated.scenario)
    for floor, of_floor in zip(wanted, mine, strict=True):
        _reachable(stated, tree, floor, _told([floor], [of_floor]))
    return _told(wanted, mine)


def _told(wanted: Sequence[WantedFloor], mine: Sequence[NDArray[np.int64]]) -> Floors:
    line = np.concatenate(mine)
    return Floors(
        tuple(Floor(one.name, Measure.FILL, float(one.share)) for one in wanted),
        line,
        np.repeat(np.arange(len(mine)), [one.size for one in mine]),
        np.ones(line.size),
    )


def _reachable(stated: Stated, tree: Tree, floor: WantedFloor, floors: Floors) -> None:
    try:
        reachable(tree, lacks_of(stated.scenario, tree, floors))
    except ValueError:
        raise Conflict(
            _("No money meets floor {floor}, since targets of some of its lines may not rise so far; lower it").format(
                floor=floor.name
            ),
            code="floor_beyond_reach",
            field="floors",
        ) from None
