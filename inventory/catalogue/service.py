"""Use cases of the catalogue: add parts, find them by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part
from inventory.catalogue.schemas import NewPart
from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.kernel.outbox import EVERYONE, emit
from inventory.kernel.texts import gettext as _

NAMED_MAX = 50
"""How many parts an event names; of more it tells the count."""


def part_ids(session: Session, numbers: Iterable[str]) -> dict[str, UUID]:
    """Return {part number: key}; raises Invalid for an unknown part number."""
    return keys_by_code(session, Part.part_number, Part.id, numbers, _unknown_part)


def add_parts(session: Session, _actor: Actor, parts: Sequence[NewPart]) -> None:
    """Add parts; raises Conflict for a number that exists, since documents name parts by number alone."""
    refuse_taken(session, Part.part_number, (part.part_number for part in parts), _part_exists)
    require_currency(session, (part.currency for part in parts))
    if parts:
        session.execute(insert(Part), [part.model_dump() | {"id": uuid7()} for part in parts])
        codes = sorted(part.part_number for part in parts)
        payload = {"what": codes[:NAMED_MAX], "count": len(codes)}
        emit(session, "part.added", payload, present(session), audience=EVERYONE)


def _unknown_part(number: str) -> Invalid:
    return Invalid(
        _("Part {number} is not in the catalogue; add it first or correct the number").format(number=number),
        code="unknown_part",
        field="part",
    )


def _part_exists(number: str) -> Conflict:
    return Conflict(
        _("Part {number} is in the catalogue already; correct the number").format(number=number),
        code="part_exists",
        field="part_number",
    )
