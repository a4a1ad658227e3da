"""The rows of the board: people by area and base, with their duties, standby and absences."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from fieldops.workforce.models import Shift, Technician
from fieldops.workforce.rest import Span
from fieldops.workforce.roster.models import Absence, Standby
from fieldops.workforce.rules import merged, shift_span
from inventory.network.models import Place, Region

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BoardPerson:
    """A row: somebody, the base, and when there is duty, standby (can be called in) or absence, with its kind."""

    key: UUID
    code: str
    name: str
    base: str
    duties: list[Span]
    standby: list[Span]
    absences: list[tuple[datetime, datetime, str]]


def board_people(session: Session, since: datetime, until: datetime, region: str | None) -> list[BoardPerson]:
    """Return the people of a region, or of all that the actor sees, by area, base and code. Four statements."""
    query = (
        select(Technician.id, Technician.code, Technician.name, Technician.time_zone, Place.code.label("base"))
        .join(Place, Place.id == Technician.base_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .order_by(Place.area, Place.code, Technician.code)
    )
    here: tuple[ColumnElement[bool], ...] = () if region is None else (Region.code == region,)
    rows = session.execute(query.where(*here)).all()
    zones = {row.id: ZoneInfo(row.time_zone) for row in rows}
    duties: defaultdict[UUID, list[Span]] = defaultdict(list)
    shifts = select(Shift.technician_id, Shift.work_date, Shift.starts, Shift.ends).where(
        # a local day begins up to a day before or after the UTC day, and a shift may last over midnight
        Shift.work_date.between((since - 2 * _DAY).date(), (until + _DAY).date())
    )
    for key, day, starts, ends in session.execute(shifts):
        if key in zones and _touches(span := shift_span(day, starts, ends, zones[key]), since, until):
            duties[key].append(span)
    standby = _spans(session, Standby, since, until)
    away = _spans(session, Absence, since, until, Absence.kind)
    return [
        BoardPerson(
            key=row.id,
            code=row.code,
            name=row.name,
            base=row.base,
            duties=merged(duties[row.id]),
            standby=[(starts, ends) for starts, ends in standby[row.id]],
            absences=[(starts, ends, str(kind)) for starts, ends, kind in away[row.id]],
        )
        for row in rows
    ]


def _spans(
    session: Session, table: type[Absence] | type[Standby], since: datetime, until: datetime, *more: Any
) -> defaultdict[UUID, list[tuple[Any, ...]]]:
    found: defaultdict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    query = select(table.technician_id, table.starts_at, table.ends_at, *more)
    inside = query.where(table.ends_at > since, table.starts_at < until).order_by(table.starts_at)
    for key, *span in session.execute(inside):
        found[key].append(tuple(span))
    return found


def _touches(span: Span, since: datetime, until: datetime) -> bool:
    return span[0] < until and span[1] > since
