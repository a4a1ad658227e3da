"""The use case of the reliability of parts: to be told it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inventory.catalogue.rules import cycle_among
from inventory.catalogue.service import part_ids, tell
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Invalid
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.planning.reliability.models import PartFit, PartReliability, RepairNeed
from inventory.planning.reliability.queries import known_of
from inventory.planning.reliability.schemas import NewReliability

_TERMS = ("no_fault_found_share", "condemned_share", "repair_tier", "bench_days", "source")


def set_reliability(session: Session, _actor: Actor, told: Sequence[NewReliability]) -> Counter[str]:
    """Keep what is known of the removals of parts; the last one given for a part holds, in place of what stood before.

    Returns how many are added, changed and unchanged; what is unchanged is not written. Raises Invalid for an unknown
    part, and where repairs of parts would need each other in a circle.
    """
    numbers = {one.part for one in told} | {need.part for one in told for need in one.needs}
    parts = part_ids(session, numbers)
    last = {parts[one.part]: one for one in told}
    standing = known_of(session, sorted(last))
    changed = {key: one for key, one in last.items() if key not in standing or not _same(one, standing[key])}
    _write(session, changed, parts)
    if any(one.needs for one in changed.values()):
        _require_no_circle(session)
    if changed:
        tell(session, "part.reliability_told", [one.part for one in changed.values()])
    added = len(last.keys() - standing.keys())
    return Counter(added=added, changed=len(changed) - added, unchanged=len(told) - len(changed))


def _same(one: NewReliability, other: NewReliability) -> bool:
    def plain(told: NewReliability) -> Any:
        lists = {(fit.aircraft_type, fit.quantity) for fit in told.fits}, {(x.part, x.share) for x in told.needs}
        return lists, [getattr(told, name) for name in _TERMS]

    return bool(plain(one) == plain(other))


def _write(session: Session, changed: Mapping[UUID, NewReliability], parts: Mapping[str, UUID]) -> None:
    keys = sorted(changed)
    standing: dict[UUID, PartReliability] = {}
    for some in portions(keys):
        found = session.scalars(select(PartReliability).where(PartReliability.part_id.in_(some)))
        standing.update((one.part_id, one) for one in found)
        _forget(session, some)
    for key, row in standing.items():
        for name in _TERMS:
            setattr(row, name, getattr(changed[key], name))
    session.flush()
    rows: dict[type[Any], list[dict[str, Any]]] = {
        PartReliability: [
            {"part_id": key} | {name: getattr(changed[key], name) for name in _TERMS}
            for key in keys
            if key not in standing
        ],
        PartFit: [{"part_id": key, **fit.model_dump()} for key in keys for fit in changed[key].fits],
        RepairNeed: [
            {"unit_id": key, "part_id": parts[need.part], "share": need.share}
            for key in keys
            for need in changed[key].needs
        ],
    }
    for table, new in rows.items():
        if new:
            session.execute(insert(table), new)


def _forget(session: Session, units: Collection[UUID]) -> None:
    """Take out the fits and needs of parts, row by row, so that the trail shows each."""
    for fit in session.scalars(select(PartFit).where(PartFit.part_id.in_(units))):
        session.delete(fit)
    for need in session.scalars(select(RepairNeed).where(RepairNeed.unit_id.in_(units))):
        session.delete(need)


def _require_no_circle(session: Session) -> None:
    edges = session.execute(select(RepairNeed.unit_id, RepairNeed.part_id)).all()
    circle = cycle_among([(str(unit), str(part)) for unit, part in edges])
    if circle:
        raise Invalid(
            _("Repairs of parts would need each other in a circle; leave one of the needs out"),
            code="needs_circle",
            field="needs",
        )
