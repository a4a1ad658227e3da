"""Reads of removed units."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.cores.models import ObligationState, RemovedUnit
from inventory.cores.schemas import RemovedUnitOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region

_SAME = (
    RemovedUnit.number,
    RemovedUnit.version,
    RemovedUnit.serial,
    RemovedUnit.owner,
    RemovedUnit.tail,
    RemovedUnit.job,
    RemovedUnit.kind,
    RemovedUnit.state,
    RemovedUnit.removed_at,
    RemovedUnit.reason,
    RemovedUnit.position,
    RemovedUnit.tag,
    RemovedUnit.value,
    RemovedUnit.currency,
    RemovedUnit.due_on,
    RemovedUnit.closed_by,
    RemovedUnit.closed_at,
    RemovedUnit.note,
)


def removed_page(
    session: Session,
    *,
    after: str = "",
    limit: int = 1,
    number: str | None = None,
    job: str | None = None,
    state: ObligationState | None = None,
) -> list[RemovedUnitOut]:
    """Return up to `limit` removed units with a number after `after`, by number."""
    query = (
        select(*_SAME, Place.code.label("place"), Region.code.label("region"), Part.part_number.label("part"))
        .join(Place, Place.id == RemovedUnit.place_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .join(Part, Part.id == RemovedUnit.part_id)
        .where(RemovedUnit.number > after)
        .order_by(RemovedUnit.number)
        .limit(limit)
    )
    for column, wanted in ((RemovedUnit.number, number), (RemovedUnit.job, job), (RemovedUnit.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    return [RemovedUnitOut.model_validate(dict(row)) for row in session.execute(query).mappings()]


def removed_told(session: Session, number: str) -> RemovedUnitOut:
    """Return a removed unit; raises NotFound for an unknown number."""
    found = removed_page(session, number=number)
    if not found:
        raise unknown_unit(number)
    return found[0]


def unknown_unit(number: str) -> NotFound:
    """Return the refusal of a removed unit that there is not, or not for the actor."""
    return NotFound(
        _("There is no removed unit {number}; the list of removed units shows yours").format(number=number),
        code="unknown_removed_unit",
        field="number",
    )
