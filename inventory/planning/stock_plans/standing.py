"""The targets that would stand if a plan were accepted as it is decided, at the nodes of what is asked for anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from math import floor
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.network.models import Place
from inventory.planning.stock_plans.models import TargetPlan, TargetPlanLine
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.stated import Stated
from optimizer.stocking.tree import Tree, parts_of

Cell = tuple[str, str]
"""A part number and the code of a place."""


def decided_of(session: Session, plan: TargetPlan, parts: Collection[UUID]) -> dict[Cell, Decimal]:
    """Return the decided targets of parts in a plan."""
    query = (
        select(TargetPlanLine, Part.part_number, Place.code)
        .join(Part, Part.id == TargetPlanLine.part_id)
        .join(Place, Place.id == TargetPlanLine.place_id)
        .where(TargetPlanLine.plan_id == plan.id, TargetPlanLine.part_id.in_(parts))
    )
    return {(part, place): line.decided for line, part, place in session.execute(query)}


def ends_of(stated: Stated) -> dict[str, str]:
    """Return {part: the one that it is planned with}, which may be itself."""
    alone = {item.number: item.number for item in stated.items}
    return alone | {one.item.number: stated.items[one.into].number for one in stated.sharing}


def standing_stock(stated: Stated, picture: Picture, decided: Mapping[Cell, Decimal]) -> defaultdict[Cell, int]:
    """Return the targets that would stand: the plan's, and the present ones where it plans nothing.

    Those of parts that are planned together are added up.
    """
    ends = ends_of(stated)
    places: dict[UUID, str] = {site.id: site.code for site in stated.sites}
    parts: dict[UUID, str] = {item.id: item.number for item in picture.items}
    present = {
        (parts[key], places[place]): pieces for (key, place), pieces in picture.targets.items() if place in places
    }
    found: defaultdict[Cell, int] = defaultdict(int)
    for (part, place), quantity in {**present, **decided}.items():
        if part in ends:
            found[ends[part], place] += floor(quantity)
    return found


def nodes_by_cell(stated: Stated, tree: Tree) -> dict[Cell, int]:
    """Return {part and place: its node}."""
    columns = zip(parts_of(tree).tolist(), tree.place.tolist(), strict=True)
    return {(stated.items[part].number, stated.sites[place].code): node for node, (part, place) in enumerate(columns)}
