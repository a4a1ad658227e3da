"""Reads of serial and lot numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.errors import Invalid, NotFound
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.traceability.models import Lot
from inventory.traceability.paper_schemas import Numbered
from inventory.traceability.schemas import LotOut


def lot_page(
    session: Session,
    *,
    after: tuple[str, str] = ("", ""),
    limit: int,
    part: str | None = None,
    number: str | None = None,
    place: str | None = None,
    numbers: Collection[str] | None = None,
) -> list[LotOut]:
    """Return up to `limit` serial and lot numbers after (part number, number), in that order; or those of some."""
    query = (
        select(
            Part.part_number.label("part"), Lot.number, Lot.kind, Lot.made_on, Lot.expires_on, Place.code.label("place")
        )
        .join(Part, Part.id == Lot.part_id)
        .outerjoin(Place, Place.id == Lot.place_id)
        .where(tuple_(Part.part_number, Lot.number) > tuple_(*after))
        .order_by(Part.part_number, Lot.number)
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    if number is not None:
        query = query.where(Lot.number == number)
    if numbers is not None:
        query = query.where(Lot.number.in_(numbers))
    if place is not None:
        query = query.where(Place.code == place)
    return [LotOut(**row) for row in session.execute(query).mappings()]


def known_lots(session: Session, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], Lot]:
    """Return the records that there are of numbers, each a part's key and the number."""
    found: dict[tuple[UUID, str], Lot] = {}
    for some in portions(keys):
        numbered = select(Lot).where(tuple_(Lot.part_id, Lot.number).in_(some))
        found.update(((lot.part_id, lot.number), lot) for lot in session.scalars(numbered))
    return found


UNSEEN: dict[int | str, dict[str, Any]] = {404: {"description": "Not Found"}}
"""What a route answers that asks for one number by the query."""


def lot_by_number(session: Session, part: str, number: str) -> Lot:
    """Return the record of a number of a part; raises NotFound for one that is not seen."""
    lot = session.scalar(
        select(Lot).join(Part, Part.id == Lot.part_id).where(Part.part_number == part, Lot.number == number)
    )
    if lot is None:
        raise NotFound(
            _("There is no number {lot} of part {part}; the list of numbers shows those there are").format(
                lot=number, part=part
            ),
            code="number_not_found",
            field="number",
        )
    return lot


def lots_by_number(session: Session, wanted: Sequence[Numbered]) -> list[Lot]:
    """Return the records of numbers, in the order given; raises Invalid for an unknown part or number."""
    parts = part_ids(session, (one.part for one in wanted))
    known = known_lots(session, sorted({(parts[one.part], one.number) for one in wanted}))
    for one in wanted:
        if (parts[one.part], one.number) not in known:
            raise Invalid(
                _("Number {lot} of part {part} is not known; add it to the serial and lot numbers first").format(
                    lot=one.number, part=one.part
                ),
                code="unknown_lot",
                field="number",
            )
    return [known[parts[one.part], one.number] for one in wanted]


def find_lots(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, part number) of serial and lot numbers that hold a text, the nearest first."""
    query = select(Lot.number, Part.part_number).join(Part, Part.id == Lot.part_id).where(named_like(text, Lot.number))
    return [(number, part) for number, part in session.execute(query.order_by(*nearest(text, Lot.number)).limit(limit))]
