"""Reads of the roster."""

from __future__ import annotations

from datetime import date, time
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from fieldops.workforce.models import Shift, Technician
from fieldops.workforce.roster.models import Absence, Secondment, ShiftPattern, Standby
from fieldops.workforce.roster.schemas import AbsenceOut, RosterDay, SecondmentOut, ShiftCycle, StandbyOut
from inventory.network.models import Region

FIRST_KEY = UUID(int=0)
FIRST_SHIFT = ("", date(1900, 1, 1), time())
_Span = TypeVar("_Span", type[Absence], type[Standby], type[Secondment])


def pattern_page(session: Session, *, after: str = "", limit: int) -> list[ShiftCycle]:
    """Return up to `limit` shift patterns after a code, in that order."""
    query = select(ShiftPattern).where(ShiftPattern.code > after).order_by(ShiftPattern.code).limit(limit)
    return [ShiftCycle.model_validate(one) for one in session.scalars(query)]


def shift_page(
    session: Session,
    *,
    after: tuple[str, date, time] = FIRST_SHIFT,
    limit: int,
    first_day: date,
    last_day: date,
    technician: str | None = None,
) -> list[RosterDay]:
    """Return up to `limit` shifts on days from one to another, both included, by technician, day and start."""
    key = tuple_(Technician.code, Shift.work_date, Shift.starts)
    query = (
        select(Technician.code.label("technician"), Shift.work_date, Shift.starts, Shift.ends)
        .select_from(Shift)
        .join(Technician, Technician.id == Shift.technician_id)
        .where(key > tuple_(*after), Shift.work_date.between(first_day, last_day))
        .order_by(Technician.code, Shift.work_date, Shift.starts)
        .limit(limit)
    )
    if technician is not None:
        query = query.where(Technician.code == technician)
    return [RosterDay.model_construct(**row) for row in session.execute(query).mappings()]


def shift_key(one: RosterDay) -> tuple[str, date, time]:
    """Return what a shift is found again by."""
    return one.technician, one.work_date, one.starts


def absence_page(session: Session, *, after: UUID = FIRST_KEY, limit: int) -> list[AbsenceOut]:
    """Return up to `limit` absences, in the order in which they were added."""
    columns = Absence.id, Technician.code.label("technician"), Absence.kind, Absence.note
    query = _of_people(select(*columns, Absence.starts_at, Absence.ends_at), Absence, after, limit)
    return [AbsenceOut.model_construct(**row) for row in session.execute(query).mappings()]


def standby_page(session: Session, *, after: UUID = FIRST_KEY, limit: int) -> list[StandbyOut]:
    """Return up to `limit` standby duties, in the order in which they were added."""
    columns = Standby.id, Technician.code.label("technician"), Standby.callout_min
    query = _of_people(select(*columns, Standby.starts_at, Standby.ends_at), Standby, after, limit)
    return [StandbyOut.model_construct(**row) for row in session.execute(query).mappings()]


def secondment_page(session: Session, *, after: UUID = FIRST_KEY, limit: int) -> list[SecondmentOut]:
    """Return up to `limit` loans of people to other regions, in the order in which they were granted."""
    query = select(
        Secondment.id,
        Technician.code.label("technician"),
        Region.code.label("region"),
        Secondment.starts_at,
        Secondment.ends_at,
        Secondment.reason,
        Secondment.granted_by,
    )
    query = _of_people(query, Secondment, after, limit).join(Region, Region.id == Secondment.region_id)
    return [SecondmentOut.model_construct(**row) for row in session.execute(query).mappings()]


def _of_people(query: Select[*tuple[Any, ...]], table: _Span, after: UUID, limit: int) -> Select[*tuple[Any, ...]]:
    joined = query.select_from(table).join(Technician, Technician.id == table.technician_id)
    return joined.where(table.id > after).order_by(table.id).limit(limit)
