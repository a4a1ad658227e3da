"""The use case of the reliability of parts: to be told it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids, tell
from inventory.kernel.actor import Actor
from inventory.kernel.lookup import portions
from inventory.planning.reliability.models import PartFit, PartReliability
from inventory.planning.reliability.schemas import NewReliability

_TERMS = ("no_fault_found_share", "condemned_share", "repair_tier", "source")


def set_reliability(session: Session, _actor: Actor, told: Sequence[NewReliability]) -> None:
    """Keep what is known of the removals of parts; the last one given for a part holds, in place of what stood before.

    Raises Invalid for an unknown part.
    """
    parts = part_ids(session, (one.part for one in told))
    last = {parts[one.part]: one for one in told}
    keys = sorted(last)
    standing: dict[UUID, PartReliability] = {}
    for some in portions(keys):
        found = session.scalars(select(PartReliability).where(PartReliability.part_id.in_(some)))
        standing.update((one.part_id, one) for one in found)
        for fit in session.scalars(select(PartFit).where(PartFit.part_id.in_(some))):
            session.delete(fit)
    for key, row in standing.items():
        for name in _TERMS:
            setattr(row, name, getattr(last[key], name))
    session.flush()
    new = [
        {"part_id": key} | {name: getattr(last[key], name) for name in _TERMS} for key in keys if key not in standing
    ]
    fits = [{"part_id": key, **fit.model_dump()} for key in keys for fit in last[key].fits]
    for table, rows in ((PartReliability, new), (PartFit, fits)):
        if rows:
            session.execute(insert(table), rows)
    if told:
        tell(session, "part.reliability_told", parts)
