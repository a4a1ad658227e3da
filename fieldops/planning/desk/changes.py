"""Whether a change that was written down concerns the running plan of an area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, inspect, not_, select
from sqlalchemy.orm import Session

from fieldops.dispatch import models as dispatch
from fieldops.dispatch.models import Job
from fieldops.equipment.models import Tool
from fieldops.workforce.models import Technician
from inventory.kernel.audit import AuditRow, Mark, since
from inventory.kernel.base import Base, Identified
from inventory.network.models import Place

CHANGES_MAX = 100
"""Of more changes at once is not looked which area they concern."""

_LOOKED_AT = (
    "fieldops.dispatch",
    "fieldops.workforce",
    "fieldops.equipment",
    "fieldops.fleet",
    "fieldops.finance.rates",
    "inventory.network",
    "inventory.kernel.installation",
)
"""What a running plan is taken up from. Stock is looked at with each question, so that it is not among them."""

_OWNED_BY = {
    "job_id": Job,
    "after_id": Job,
    "technician_id": Technician,
    "tool_id": Tool,
    "place_id": Place,
    "base_id": Place,
}
"""What rows are of, by the column that says so. A row that has none of these may concern every area."""

_Owners = Mapping[type[Base], Collection[UUID]]


def is_changed_since(session: Session, seen: Mark, area: str, own: Collection[UUID]) -> bool:
    """Tell whether anything that the running plan of an area is taken up from was changed after so much was seen.

    `own` are the keys of the area's jobs and people then. A job that is added changes no plan. What is taken is checked
    against the data as they are, whatever this tells.
    """
    looked_at = AuditRow.subject.in_(_tables(*_LOOKED_AT))
    query = select(AuditRow.action, AuditRow.subject, AuditRow.subject_key, AuditRow.before, AuditRow.after)
    query = query.where(since(seen), looked_at, not_(_new_job())).limit(CHANGES_MAX + 1)
    rows = session.execute(query).all()
    if not rows or len(rows) > CHANGES_MAX:
        return bool(rows)
    owners: defaultdict[type[Base], set[UUID]] = defaultdict(set)
    for row in rows:
        found = list(_owners_of(session, row))
        if not found:
            return True
        for kind, key in found:
            owners[kind].add(key)
    return any(not keys.isdisjoint(own) for keys in owners.values()) or _is_any_in(session, area, owners)


def _new_job() -> ColumnElement[bool]:
    return and_(AuditRow.action == "created", AuditRow.subject.in_(_tables(dispatch.__name__)))


def _owners_of(session: Session, row: Row[Any]) -> Iterator[tuple[type[Base], UUID]]:
    """Yield the jobs, people, tools and places that a changed row is of, before and after."""
    table = _classes()[row.subject]
    if table in _OWNED_BY.values() and table is not Place and not row.action.startswith("bulk_"):
        yield table, UUID(row.subject_key)
    told = [row.before or {}, row.after or {}]
    if row.action.startswith("bulk_"):
        values = (row.after or {}).get("values") or []
        told = [values] if isinstance(values, dict) else values
    elif (keys := [column.key for column in inspect(table).primary_key]) != ["id"]:
        told.append(dict(zip(keys, row.subject_key.split("/"), strict=False)))
    yield from _named(told)
    columns = [getattr(table, name) for name in _OWNED_BY if name in inspect(table).columns]
    if row.action == "changed" and issubclass(table, Identified) and table not in _OWNED_BY.values() and columns:
        known = session.execute(select(*columns).where(table.id == UUID(row.subject_key)))
        yield from _named(one._asdict() for one in known)


def _named(told: Iterable[Mapping[str, Any]]) -> Iterator[tuple[type[Base], UUID]]:
    for values in told:
        for name, value in values.items():
            kind = next((of for column, of in _OWNED_BY.items() if f"{name}_".startswith(f"{column}_")), None)
            for one in value if isinstance(value, list) else [value]:
                if kind is not None and one is not None:
                    yield kind, one if isinstance(one, UUID) else UUID(one)


def _is_any_in(session: Session, area: str, owners: _Owners) -> bool:
    """Tell whether any of some jobs, people, tools and places is in an area by now."""
    return any(session.scalar(_in_area(kind, keys, area)) is not None for kind, keys in owners.items())


def _in_area(kind: type[Base], keys: Collection[UUID], area: str) -> Select[UUID]:
    query = select(Place.id).where(Place.area == area).limit(1)
    if kind is Job:
        return query.join(Job, Job.place_id == Place.id).where(Job.id.in_(keys))
    if kind is Technician:
        return query.join(Technician, Technician.base_id == Place.id).where(Technician.id.in_(keys))
    if kind is Tool:
        return query.join(Tool, Tool.place_id == Place.id).where(Tool.id.in_(keys))
    return query.where(Place.id.in_(keys))


@cache
def _classes() -> dict[str, type[Base]]:
    return {one.class_.__tablename__: one.class_ for one in Base.registry.mappers}


@cache
def _tables(*modules: str) -> list[str]:
    return sorted(name for name, one in _classes().items() if one.__module__.startswith(modules))
