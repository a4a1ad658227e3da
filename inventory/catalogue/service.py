"""Use cases of the catalogue: add and change parts, find them by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from uuid_utils.compat import uuid7

from inventory.catalogue.consistency import completed, require_consistent
from inventory.catalogue.models import InStoreAction, Part, PartText
from inventory.catalogue.queries import part_by_number, parts_by_number
from inventory.catalogue.schemas import NewPart, PartChange, StoreAction
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.kernel.outbox import EVERYONE, emit
from inventory.kernel.texts import gettext as _

NAMED_MAX = 50
"""How many parts an event names; of more it tells the count."""

_BESIDE = {"descriptions", "in_store_actions"}
"""What is kept in rows beside the part's own."""


def part_ids(session: Session, numbers: Iterable[str]) -> dict[str, UUID]:
    """Return {part number: key}; raises Invalid for an unknown part number."""
    return keys_by_code(session, Part.part_number, Part.id, numbers, unlisted_part)


def add_parts(session: Session, _actor: Actor, parts: Sequence[NewPart]) -> None:
    """Add parts, completed by what is usual.

    Raises Conflict for a number that exists, since documents name parts by number alone, and Invalid for a part that
    contradicts itself.
    """
    whole = [completed(part) for part in parts]
    for part in whole:
        require_consistent(part)
    refuse_taken(session, Part.part_number, (part.part_number for part in whole), _part_exists)
    require_currency(session, (part.currency for part in whole))
    if not whole:
        return
    keys = [uuid7() for _part in whole]
    rows = [part.model_dump(exclude=_BESIDE) | {"id": key} for key, part in zip(keys, whole, strict=True)]
    texts = [row for key, part in zip(keys, whole, strict=True) for row in _texts(key, part.descriptions)]
    actions = [row for key, part in zip(keys, whole, strict=True) for row in _actions(key, part.in_store_actions)]
    for table, lines in ((Part, rows), (PartText, texts), (InStoreAction, actions)):
        if lines:
            session.execute(insert(table), lines)
    tell(session, "part.added", [part.part_number for part in whole])


def change_part(session: Session, actor: Actor, number: str, change: PartChange, version: int) -> None:
    """Change what the request names of a part.

    Raises NotFound for an unknown number, Stale for another version, Invalid for a part that would contradict itself.
    """
    require_version(part_by_number(session, number).version, version)
    change_parts(session, actor, {number: change})


def change_parts(session: Session, _actor: Actor, changes: Mapping[str, PartChange]) -> None:
    """Change what is named of parts that there are; raises Invalid for a part that would contradict itself."""
    told = parts_by_number(session, changes)
    rows = keys_by_code(session, Part.part_number, Part, changes, unlisted_part)
    for number, change in changes.items():
        part, given = rows[number], {name: getattr(change, name) for name in change.model_fields_set}
        require_consistent(told[number].model_copy(update=given))
        for name in given.keys() - _BESIDE:
            setattr(part, name, given[name])
        flag_modified(part, "description")  # a new version, even where only the rows beside it change
        if change.descriptions is not None:
            _replace(session, PartText, part.id, _texts(part.id, change.descriptions))
        if change.in_store_actions is not None:
            _replace(session, InStoreAction, part.id, _actions(part.id, change.in_store_actions))
    session.flush()
    tell(session, "part.changed", changes)


def tell(session: Session, kind: str, numbers: Collection[str]) -> None:
    """Tell everybody what became of parts."""
    codes = sorted(set(numbers))
    emit(session, kind, {"what": codes[:NAMED_MAX], "count": len(codes)}, present(session), audience=EVERYONE)


def _texts(part: UUID, descriptions: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"part_id": part, "language": one, "description": text} for one, text in sorted(descriptions.items())]


def _actions(part: UUID, actions: Sequence[StoreAction]) -> list[dict[str, Any]]:
    return [{"part_id": part, "action": one.action, "every_days": one.every_days} for one in actions]


def _replace(
    session: Session, table: type[PartText | InStoreAction], part: UUID, rows: Sequence[dict[str, Any]]
) -> None:
    for row in session.scalars(select(table).where(table.part_id == part)):
        session.delete(row)
    session.flush()
    session.add_all(table(**row) for row in rows)


def unlisted_part(number: str) -> Invalid:
    """Return the refusal of a part number that a request names and the catalogue does not."""
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
