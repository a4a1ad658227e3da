"""Reads of the equipment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from fieldops.equipment.models import Calibration, CalibrationVerdict, Tool, ToolBooking, ToolEquivalent, ToolKind
from fieldops.equipment.rules import held_until
from fieldops.equipment.schemas import BookingOut, NewToolKind, ToolFinding, ToolOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place

FIRST_KEY = UUID(int=0)


def tool_kind_page(session: Session, *, after: str = "", limit: int) -> list[NewToolKind]:
    """Return up to `limit` kinds of tools after a code, with their equivalents."""
    query = select(ToolKind).where(ToolKind.code > after).order_by(ToolKind.code).limit(limit)
    kinds = list(session.scalars(query))
    equivalents: defaultdict[str, list[ToolEquivalent]] = defaultdict(list)
    of_these = select(ToolEquivalent).where(ToolEquivalent.kind.in_([one.code for one in kinds]))
    for one in session.scalars(of_these.order_by(ToolEquivalent.equivalent)):
        equivalents[one.kind].append(one)
    return [
        NewToolKind(
            code=kind.code,
            name=kind.name,
            calibration_days=kind.calibration_days,
            equivalents=tuple(one.equivalent for one in equivalents[kind.code]),
            source=next((one.source for one in equivalents[kind.code]), None),
        )
        for kind in kinds
    ]


def tool_page(
    session: Session,
    *,
    after: tuple[str, str] = ("", ""),
    limit: int = 1,
    key: UUID | None = None,
    kind: str | None = None,
    due_by: date | None = None,
) -> list[ToolOut]:
    """Return up to `limit` tools after a kind and serial number, in that order; an asked kind has its equivalents."""
    names = [name for name in ToolOut.model_fields if name != "place"]
    columns: list[Any] = [getattr(Tool, name) for name in names]
    query = (
        select(*columns, Place.code.label("place"))
        .select_from(Tool)
        .join(Place, Place.id == Tool.place_id)
        .where(tuple_(Tool.kind, Tool.serial) > tuple_(*after))
        .order_by(Tool.kind, Tool.serial)
        .limit(limit)
    )
    if key is not None:
        query = query.where(Tool.id == key)
    if kind is not None:
        also = select(ToolEquivalent.equivalent).where(ToolEquivalent.kind == kind)
        query = query.where((Tool.kind == kind) | Tool.kind.in_(also))
    if due_by is not None:
        query = query.where(Tool.calibration_due <= due_by)
    return [ToolOut.model_construct(**row) for row in session.execute(query).mappings()]


def tool_key(one: ToolOut) -> tuple[str, str]:
    """Return what a tool is found again by."""
    return one.kind, one.serial


def tool_told(session: Session, key: UUID) -> ToolOut:
    """Return a tool; raises NotFound."""
    found = tool_page(session, key=key)
    if not found:
        raise unknown_tool()
    return found[0]


def booking_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, document: str | None = None
) -> list[BookingOut]:
    """Return up to `limit` bookings, in the order in which they were made."""
    query = _bookings().where(ToolBooking.id > after).order_by(ToolBooking.id).limit(limit)
    if document is not None:
        query = query.where(ToolBooking.document == document)
    return [BookingOut.model_construct(**row) for row in session.execute(query).mappings()]


def booking_told(session: Session, key: UUID) -> BookingOut:
    """Return a booking that is there."""
    row = session.execute(_bookings().where(ToolBooking.id == key)).mappings().one()
    return BookingOut.model_construct(**row)


def finding(session: Session, tool: Tool, found_on: date) -> ToolFinding:
    """Return what was booked on a tool from its last good calibration before a day until the end of that day."""
    good = session.scalar(
        select(func.max(Calibration.calibrated_on)).where(
            Calibration.tool_id == tool.id,
            Calibration.verdict == CalibrationVerdict.GOOD,
            Calibration.calibrated_on < found_on,
        )
    )
    if good is None and tool.calibrated_on is not None and tool.calibrated_on < found_on:
        good = tool.calibrated_on
    until = datetime.combine(found_on + timedelta(days=1), time(), UTC)
    query = _bookings().where(ToolBooking.tool_id == tool.id, ToolBooking.starts_at < until)
    if good is not None:
        query = query.where(ToolBooking.ends_at > datetime.combine(good, time(), UTC))
    rows = session.execute(query.order_by(ToolBooking.starts_at)).mappings()
    return ToolFinding(
        kind=tool.kind,
        serial=tool.serial,
        found_on=found_on,
        good_on=good,
        bookings=[BookingOut.model_construct(**row) for row in rows],
    )


def last_finding(session: Session, key: UUID) -> ToolFinding:
    """Return what the newest calibration that found a tool out concerns; raises NotFound where there was none."""
    tool = session.get(Tool, key)
    if tool is None:
        raise unknown_tool()
    day = session.scalar(
        select(func.max(Calibration.calibrated_on)).where(
            Calibration.tool_id == key, Calibration.verdict == CalibrationVerdict.OUT
        )
    )
    if day is None:
        raise NotFound(
            _("Tool {serial} was never found out of calibration").format(serial=tool.serial), code="no_finding"
        )
    return finding(session, tool, day)


@dataclass(frozen=True, slots=True)
class ToolStand:
    """A tool at its place, which may be used from `since` to `until` but when it is `booked`; UTC, ends exclusive."""

    kind: str
    serial: str
    place: str
    since: datetime
    until: datetime
    booked: tuple[tuple[datetime, datetime], ...]


def tools_for_plan(session: Session, since: datetime, until: datetime) -> list[ToolStand]:
    """Return the tools that are not on loan and whose calibration holds at some time of a span, in two queries.

    They come by place, kind and serial number.
    """
    kept: defaultdict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    bookings = select(ToolBooking.tool_id, ToolBooking.starts_at, ToolBooking.ends_at).where(
        ToolBooking.released_at.is_(None), ToolBooking.ends_at > since, ToolBooking.starts_at < until
    )
    for key, starts_at, ends_at in session.execute(bookings):
        kept[key].append((starts_at, ends_at))
    query = (
        select(Tool, ToolKind.calibration_days, Place.code, Place.time_zone)
        .join(ToolKind, ToolKind.code == Tool.kind)
        .join(Place, Place.id == Tool.place_id)
        .where(Tool.out_of_service.is_(False))
        .order_by(Place.code, Tool.kind, Tool.serial)
    )
    found = []
    for tool, calibration_days, place, zone in session.execute(query):
        first, last = since, until
        if tool.lent_to is not None:
            first = max(first, tool.lent_until or until)
        if calibration_days is not None:
            due = tool.calibration_due
            last = since if due is None else min(last, held_until(due, ZoneInfo(zone or "UTC")))
        if first < last:
            found.append(ToolStand(tool.kind, tool.serial, place, first, last, tuple(sorted(kept[tool.id]))))
    return found


def equivalents(session: Session) -> dict[str, list[str]]:
    """Return {kind of tool: the kinds that do its work, too}, by code."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in session.scalars(select(ToolEquivalent).order_by(ToolEquivalent.kind, ToolEquivalent.equivalent)):
        found[one.kind].append(one.equivalent)
    return dict(found)


def unknown_tool() -> NotFound:
    """Return the refusal of a tool that does not exist, or not for the actor."""
    return NotFound(_("There is no such tool; the list of tools shows yours"), code="unknown_tool", field="key")


def _bookings() -> Select[*tuple[Any, ...]]:
    names = [name for name in BookingOut.model_fields if name not in ("kind", "serial")]
    columns: list[Any] = [getattr(ToolBooking, name) for name in names]
    return select(*columns, Tool.kind, Tool.serial).select_from(ToolBooking).join(Tool, Tool.id == ToolBooking.tool_id)
