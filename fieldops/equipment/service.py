"""Use cases of the equipment: add tools, book, lend and calibrate them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from uuid_utils.compat import uuid7

from fieldops.equipment.models import Calibration, CalibrationVerdict, Tool, ToolBooking, ToolEquivalent, ToolKind
from fieldops.equipment.queries import unknown_tool
from fieldops.equipment.rules import holds_through
from fieldops.equipment.schemas import NewBooking, NewCalibration, NewLoan, NewTool, NewToolKind
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import keys_by_code, portions, refuse_taken
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.models import Place
from inventory.network.service import site_ids


def add_tool_kinds(session: Session, _actor: Actor, kinds: Sequence[NewToolKind]) -> None:
    """Add kinds of tools with their equivalents; raises Conflict for a code that exists, Invalid for an unknown one."""
    refuse_taken(session, ToolKind.code, (one.code for one in kinds), _taken)
    session.add_all(ToolKind(code=one.code, name=one.name, calibration_days=one.calibration_days) for one in kinds)
    session.flush()
    check_kinds(session, {code for one in kinds for code in one.equivalents})
    session.add_all(
        ToolEquivalent(kind=one.code, equivalent=code, source=one.source) for one in kinds for code in one.equivalents
    )
    session.flush()


def add_tools(session: Session, _actor: Actor, tools: Sequence[NewTool]) -> None:
    """Add tools; raises Invalid for an unknown kind or place, Conflict for a serial number that the kind has."""
    check_kinds(session, {one.kind for one in tools})
    places = site_ids(session, {one.place for one in tools})
    wanted = [(one.kind, one.serial) for one in tools]
    taken = {pair for pair in wanted if wanted.count(pair) > 1} if len(set(wanted)) < len(wanted) else set()
    with unscoped(session):  # a number of another region is taken, too
        for some in portions(sorted({serial for _kind, serial in wanted})):
            query = select(Tool.kind, Tool.serial).where(Tool.serial.in_(some))
            taken |= set(session.execute(query).all()) & set(wanted)
    for kind, serial in sorted(taken):
        raise Conflict(
            _("Tool {kind} {serial} exists already; correct the serial number").format(kind=kind, serial=serial),
            code="tool_exists",
            field="serial",
        )
    rows = [
        {"id": uuid7(), "place_id": places[one.place], "out_of_service": False, **one.model_dump(exclude={"place"})}
        for one in tools
    ]
    if rows:
        session.execute(insert(Tool), rows)


def book(session: Session, actor: Actor, key: UUID, wanted: NewBooking) -> ToolBooking:
    """Keep a tool for a span. Raises NotFound; Conflict where it is booked, lent, out of service or not calibrated.

    The tool is locked until the transaction ends, so that of two who want it at the same time one is refused.
    """
    tool = _locked(session, key)
    _refuse_unusable(session, tool, wanted)
    other = session.scalars(
        select(ToolBooking)
        .where(
            ToolBooking.tool_id == key,
            ToolBooking.released_at.is_(None),
            ToolBooking.starts_at < wanted.ends_at,
            ToolBooking.ends_at > wanted.starts_at,
        )
        .limit(1)
    ).first()
    if other is not None:
        raise Conflict(
            _("Tool {serial} is booked for {document} from {starts} until {ends}; choose another").format(
                serial=tool.serial,
                document=other.document,
                starts=f"{other.starts_at:%Y-%m-%d %H:%MZ}",
                ends=f"{other.ends_at:%Y-%m-%d %H:%MZ}",
            ),
            code="tool_booked",
        )
    booking = ToolBooking(id=uuid7(), tool_id=key, booked_by=actor.id, released_at=None, **wanted.model_dump())
    session.add(booking)
    session.flush()
    return booking


def _refuse_unusable(session: Session, tool: Tool, wanted: NewBooking) -> None:
    if tool.out_of_service:
        raise Conflict(
            _("Tool {serial} is out of service; have it calibrated, or choose another").format(serial=tool.serial),
            code="tool_out_of_service",
        )
    if tool.lent_to is not None and (tool.lent_until is None or wanted.starts_at < tool.lent_until):
        raise Conflict(
            _("Tool {serial} is lent to {whom}; take it back, or choose another").format(
                serial=tool.serial, whom=tool.lent_to
            ),
            code="tool_lent",
        )
    needs, zone = session.execute(
        select(ToolKind.calibration_days, Place.time_zone)
        .select_from(ToolKind)
        .join(Place, Place.id == tool.place_id)
        .where(ToolKind.code == tool.kind)
    ).one()
    due = tool.calibration_due
    if needs is not None and (due is None or not holds_through(due, wanted.ends_at, ZoneInfo(zone or "UTC"))):
        raise Conflict(
            _("The calibration of tool {serial} holds through {due}, not until the end; choose another").format(
                serial=tool.serial, due=due or "–"
            ),
            code="calibration_due",
        )


def release(session: Session, _actor: Actor, key: UUID, now: datetime) -> ToolBooking:
    """Give a booked tool back; raises NotFound, Conflict where that was done."""
    booking = session.get(ToolBooking, key)
    if booking is None:
        raise NotFound(_("There is no such booking; the list of bookings shows yours"), code="unknown_booking")
    if booking.released_at is not None:
        raise Conflict(_("The booking was released already; nothing is left to do"), code="released")
    booking.released_at = now
    session.flush()
    return booking


def lend(session: Session, _actor: Actor, key: UUID, loan: NewLoan, now: datetime, *, version: int) -> Tool:
    """Lend a tool out; raises Conflict where it is lent already, or booked before it comes back."""
    tool = _locked(session, key)
    require_version(tool.version, version)
    if tool.lent_to is not None:
        raise Conflict(
            _("Tool {serial} is lent to {whom}; take it back, or choose another").format(
                serial=tool.serial, whom=tool.lent_to
            ),
            code="tool_lent",
        )
    booked = select(ToolBooking.document).where(
        ToolBooking.tool_id == key,
        ToolBooking.released_at.is_(None),
        ToolBooking.ends_at > now,
        ToolBooking.starts_at < loan.lent_until,
    )
    document = session.scalar(booked.limit(1))
    if document is not None:
        raise Conflict(
            _("Tool {serial} is booked for {document} before it would come back").format(
                serial=tool.serial, document=document
            ),
            code="tool_booked",
        )
    tool.lent_to, tool.lent_until = loan.lent_to, loan.lent_until
    session.flush()
    return tool


def take_back(session: Session, _actor: Actor, key: UUID, *, version: int) -> Tool:
    """Take a lent tool back; raises Conflict where it is not lent."""
    tool = _locked(session, key)
    require_version(tool.version, version)
    if tool.lent_to is None:
        raise Conflict(
            _("Tool {serial} is not lent; nothing is left to do").format(serial=tool.serial), code="not_lent"
        )
    tool.lent_to = tool.lent_until = None
    session.flush()
    return tool


def calibrate(
    session: Session, _actor: Actor, key: UUID, told: NewCalibration, now: datetime, *, version: int
) -> list[ToolBooking]:
    """Keep what a calibration found, and return the bookings to come that are released by it.

    The newest calibration, by its day, tells how the tool is: one that is out takes it out of service and releases
    what it is booked for. An older one is kept, and changes nothing. Raises NotFound, Stale, Invalid for a day to come,
    Conflict for a day that has one already.
    """
    tool = _locked(session, key)
    require_version(tool.version, version)
    zone = session.scalar(select(Place.time_zone).where(Place.id == tool.place_id))
    if told.calibrated_on > now.astimezone(ZoneInfo(zone or "UTC")).date():
        raise Invalid(
            _("{day} is still to come; tell of a calibration when it is done").format(day=told.calibrated_on),
            code="calibration_ahead",
            field="calibrated_on",
        )
    there = select(Calibration.id).where(Calibration.tool_id == key, Calibration.calibrated_on == told.calibrated_on)
    if session.scalar(there) is not None:
        raise Conflict(
            _("A calibration of tool {serial} on {day} stands already").format(
                serial=tool.serial, day=told.calibrated_on
            ),
            code="calibration_exists",
            field="calibrated_on",
        )
    known = session.scalar(select(func.max(Calibration.calibrated_on)).where(Calibration.tool_id == key))
    session.add(Calibration(id=uuid7(), tool_id=key, **told.model_dump()))
    flag_modified(tool, "out_of_service")  # the version counts what is told of the tool, too
    if told.calibrated_on < max(known or date.min, tool.calibrated_on or date.min):
        session.flush()
        return []
    released: list[ToolBooking] = []
    tool.out_of_service = told.verdict is CalibrationVerdict.OUT
    if told.verdict is CalibrationVerdict.GOOD:
        tool.calibrated_on, tool.calibration_due = told.calibrated_on, told.due
    else:
        released = _release_to_come(session, tool, told, now)
    session.flush()
    return released


def _release_to_come(session: Session, tool: Tool, told: NewCalibration, now: datetime) -> list[ToolBooking]:
    """Release what a tool that is out is booked for from now on, and tell of it: the jobs need another one."""
    kept = select(ToolBooking).where(
        ToolBooking.tool_id == tool.id, ToolBooking.released_at.is_(None), ToolBooking.starts_at >= now
    )
    found = list(session.scalars(kept.order_by(ToolBooking.starts_at)))
    for one in found:
        one.released_at = now
        one.release_reason = _("found out of calibration on {day}").format(day=told.calibrated_on)
    if found:
        tell(session, "tool.bookings_released", {tool.place_id: [one.document for one in found]})
    return found


def _locked(session: Session, key: UUID) -> Tool:
    found = locked(session, Lock.STOCK, select(Tool).where(Tool.id == key))
    if not found:
        raise unknown_tool()
    tool: Tool = found[0]
    return tool


def check_kinds(session: Session, codes: set[str]) -> None:
    keys_by_code(session, ToolKind.code, ToolKind.code, codes, _unknown_kind)


def _unknown_kind(code: str) -> Invalid:
    return Invalid(
        _("Tool kind {code} does not exist; add it first or correct the code").format(code=code),
        code="unknown_tool_kind",
        field="kind",
    )


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
