"""Use cases of removed units: take them down, settle them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.cores.models import ObligationState, RemovedUnit
from inventory.cores.queries import unknown_unit
from inventory.cores.schemas import NewRemoval
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.numbering import next_numbers
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell


def take_down(session: Session, _actor: Actor, removals: Sequence[NewRemoval]) -> list[str]:
    """Keep what is owed for removed units and return their numbers; one that is kept already is left out.

    Their numbers have no gaps: take them down last.
    """
    known: set[str] = set()
    for some in portions(sorted(one.source for one in removals)):
        known |= set(session.scalars(select(RemovedUnit.source).where(RemovedUnit.source.in_(some))))
    new = [one for one in removals if one.source not in known]
    if not new:
        return []
    numbers = [f"RU-{number:06d}" for number in next_numbers(session, "removed_unit", len(new))]
    rows = [
        asdict(one) | {"id": uuid7(), "number": number, "state": ObligationState.OPEN}
        for one, number in zip(new, numbers, strict=True)
    ]
    session.execute(insert(RemovedUnit), rows)
    told: defaultdict[UUID, list[str]] = defaultdict(list)
    for one, number in zip(new, numbers, strict=True):
        told[one.place_id].append(number)
    tell(session, "unit.removed", told)
    return numbers


def settle(session: Session, actor: Actor, number: str, note: str, now: datetime, *, version: int) -> RemovedUnit:
    """Close what is owed for a unit; raises NotFound, Stale, Conflict where it is closed."""
    found = session.scalar(select(RemovedUnit).where(RemovedUnit.number == number))
    if found is None:
        raise unknown_unit(number)
    require_version(found.version, version)
    if found.state is ObligationState.CLOSED:
        raise Conflict(_("Nothing is owed for {number} any more").format(number=number), code="settled_already")
    found.state, found.closed_by, found.closed_at, found.note = ObligationState.CLOSED, actor.id, now, note
    session.flush()
    tell(session, "unit.settled", {found.place_id: [number]})
    return found
