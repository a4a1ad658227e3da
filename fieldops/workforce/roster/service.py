"""Use cases of the roster: patterns, rosters made from them, absences, standby, people lent to other regions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.workforce.faults import roster_faults
from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.models import Shift, Technician
from fieldops.workforce.people import rest_of
from fieldops.workforce.releasing.queries import rest_rules
from fieldops.workforce.roster.models import Absence, Secondment, ShiftPattern, Standby
from fieldops.workforce.roster.rules import PatternDuty, PlannedShift, planned
from fieldops.workforce.roster.schemas import (
    Ending,
    NewAbsence,
    NewSecondment,
    NewStandby,
    Roster,
    RosterFault,
    RosterRequest,
    ShiftCycle,
    ShiftsToRemove,
)
from fieldops.workforce.rules import first_overlap, shift_span
from fieldops.workforce.schemas import Duty
from fieldops.workforce.service import lock_technicians, technician_keys, tell_changed, unknown_technician
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.models import Place
from inventory.network.service import region_ids

Span = TypeVar("Span", Absence, Standby, Secondment)
_AROUND = timedelta(days=40)
"""How far around a roster the shifts that stand count for rest and overtime."""


def add_patterns(session: Session, _actor: Actor, patterns: Sequence[ShiftCycle]) -> None:
    """Add shift patterns; raises Conflict for a code that exists."""
    refuse_taken(session, ShiftPattern.code, (one.code for one in patterns), _taken)
    session.add_all(ShiftPattern(**one.model_dump(mode="json")) for one in patterns)
    session.flush()


def preview(session: Session, _actor: Actor, wanted: RosterRequest) -> Roster:
    """Return the roster that a pattern gives, with what keeps it from being put in force; raises NotFound, Invalid."""
    person = _person(session, wanted.technician)
    return _roster(session, person, wanted)


def apply_roster(session: Session, _actor: Actor, wanted: RosterRequest) -> Roster:
    """Put a roster in force; shifts that stand already stay. Raises Conflict naming what overlaps or breaks rest."""
    key = technician_keys(session, [wanted.technician])[wanted.technician]
    (person,) = locked(session, Lock.TECHNICIAN_DAY, select(Technician).where(Technician.id == key))
    roster = _roster(session, person, wanted)
    if roster.faults:
        raise Conflict(
            _("The roster of {code} is not put in force: {fault}").format(
                code=wanted.technician, fault=roster.faults[0].text
            ),
            code=roster.faults[0].code,
        )
    if roster.shifts:
        session.execute(insert(Shift), [{"technician_id": person.id, **one.model_dump()} for one in roster.shifts])
    tell(session, "technician.changed", {person.base_id: [wanted.technician]})
    return roster


def _person(session: Session, code: str) -> Technician:
    person = session.scalar(select(Technician).where(Technician.code == code))
    if person is None:
        raise unknown_technician(code)
    return person


def _roster(session: Session, person: Technician, wanted: RosterRequest) -> Roster:
    pattern = session.get(ShiftPattern, wanted.pattern)
    if pattern is None:
        raise Invalid(
            _("There is no shift pattern {code}; the list of patterns shows those there are").format(
                code=wanted.pattern
            ),
            code="unknown_pattern",
            field="pattern",
        )
    cycle = [PatternDuty(**duty.model_dump()) for duty in ShiftCycle.model_validate(pattern).duties]
    new = list(planned(cycle, pattern.cycle_days, wanted.begins, wanted.first_day, wanted.last_day))
    standing = [
        PlannedShift(one.work_date, one.starts, one.ends)
        for one in session.scalars(
            select(Shift).where(
                Shift.technician_id == person.id,
                Shift.work_date.between(wanted.first_day - _AROUND, wanted.last_day + _AROUND),
            )
        )
    ]
    return Roster(
        technician=person.code,
        shifts=[Duty(work_date=one.work_date, starts=one.starts, ends=one.ends) for one in new],
        faults=_faults(session, person, standing, new, wanted),
    )


def _faults(
    session: Session,
    person: Technician,
    standing: list[PlannedShift],
    new: list[PlannedShift],
    wanted: RosterRequest,
) -> list[RosterFault]:
    overlap = first_overlap([*standing, *new], person.time_zone)
    if overlap is not None:
        text = _("the shift from {one} and the one from {other} overlap; correct one").format(
            one=overlap[0], other=overlap[1]
        )
        return [RosterFault(code="shifts_overlap", text=text)]
    country = session.scalar(select(Place.country).where(Place.id == person.base_id))
    rule = rest_of(rest_rules(session, wanted.first_day), country)
    found = roster_faults(standing, new, rule, ZoneInfo(person.time_zone))
    return [RosterFault(code=one.code, text=one.text) for one in found]


def add_absences(session: Session, _actor: Actor, absences: Sequence[NewAbsence]) -> None:
    """Add absences; raises Invalid for an unknown technician, Conflict for an absence that stands already."""
    people = lock_technicians(session, (one.technician for one in absences))
    _refuse_twice(session, absences, people)
    rows = [
        {"id": uuid7(), "technician_id": people[one.technician], **one.model_dump(exclude={"technician"})}
        for one in absences
    ]
    if rows:
        session.execute(insert(Absence), rows)
        tell_changed(session, people)


def _refuse_twice(session: Session, absences: Sequence[NewAbsence], people: dict[str, UUID]) -> None:
    told = [(people[one.technician], one.kind, one.starts_at) for one in absences]
    there: set[tuple[UUID, AbsenceKind, datetime]] = set()
    for some in portions(sorted(people.values())):
        query = select(Absence.technician_id, Absence.kind, Absence.starts_at)
        there |= {
            (key, kind, start) for key, kind, start in session.execute(query.where(Absence.technician_id.in_(some)))
        }
    for one, key in zip(absences, told, strict=True):
        if key in there:
            raise Conflict(
                _("{code} is away ({kind}) from {since} already; end that absence first").format(
                    code=one.technician, kind=one.kind, since=f"{one.starts_at:%Y-%m-%d %H:%MZ}"
                ),
                code="absence_exists",
                field="starts_at",
            )
        there.add(key)


def end_span(session: Session, _actor: Actor, table: type[Span], key: UUID, ending: Ending, now: datetime) -> None:
    """End an absence, a standby duty or a secondment, now or later; one that has not begun by then is removed.

    What is past stays. Raises NotFound, Conflict where it is over, or ends by then anyway.
    """
    found = session.scalar(select(table).where(table.id == key))
    if found is None:
        raise NotFound(_("There is nothing with this id; the list shows yours"), code="unknown_span", field="key")
    _lock(session, found)
    at = max(ending.at or now, now)
    if found.ends_at <= at:
        raise Conflict(
            _("It ends at {ends} anyway; nothing is left to do").format(ends=f"{found.ends_at:%Y-%m-%d %H:%MZ}"),
            code="ended_already",
        )
    person = session.scalars(select(Technician).where(Technician.id == found.technician_id)).one()
    before = {"starts_at": found.starts_at, "ends_at": found.ends_at}
    after: dict[str, object] = {"reason": ending.reason}
    if found.starts_at < at:
        found.ends_at = at
        after["ends_at"] = at
    else:
        session.delete(found)
    session.flush()
    record(session, "ended", table.__tablename__, str(key), before=before, after=after)
    tell(session, "technician.changed", {person.base_id: [person.code]})


def _lock(session: Session, found: Absence | Standby | Secondment) -> None:
    """Keep others from giving the person work meanwhile, and read again what may have changed until now."""
    locked(session, Lock.TECHNICIAN_DAY, select(Technician.id).where(Technician.id == found.technician_id))
    session.refresh(found)


def remove_shifts(session: Session, _actor: Actor, wanted: ShiftsToRemove, now: datetime) -> list[Duty]:
    """Take the shifts of some days out of a roster, and return them; what has begun stays. Raises Invalid."""
    (key,) = lock_technicians(session, [wanted.technician]).values()
    person = session.scalars(select(Technician).where(Technician.id == key)).one()
    zone = ZoneInfo(person.time_zone)
    days = Shift.work_date.between(wanted.first_day, wanted.last_day)
    standing = session.scalars(select(Shift).where(Shift.technician_id == key, days)).all()
    removed = [one for one in standing if shift_span(one.work_date, one.starts, one.ends, zone)[0] > now]
    told = [Duty(work_date=one.work_date, starts=one.starts, ends=one.ends) for one in removed]
    for one in removed:
        session.delete(one)
    session.flush()
    if told:
        after = {"reason": wanted.reason, "first_day": wanted.first_day, "last_day": wanted.last_day}
        record(session, "shifts_removed", "technician", person.code, after=after)
        tell(session, "technician.changed", {person.base_id: [person.code]})
    return sorted(told, key=lambda one: (one.work_date, one.starts))


def add_standby(session: Session, _actor: Actor, standby: Sequence[NewStandby]) -> None:
    """Add standby duties; raises Invalid for an unknown technician."""
    people = lock_technicians(session, (one.technician for one in standby))
    rows = [
        {"id": uuid7(), "technician_id": people[one.technician], **one.model_dump(exclude={"technician"})}
        for one in standby
    ]
    if rows:
        session.execute(insert(Standby), rows)


def add_secondments(session: Session, actor: Actor, secondments: Sequence[NewSecondment]) -> None:
    """Lend people to other regions: their own region grants it. Raises Invalid for one's own region."""
    people = lock_technicians(session, (one.technician for one in secondments))
    regions = region_ids(session, {one.region for one in secondments})
    _refuse_own(session, secondments, people, regions)
    rows = [
        {
            "id": uuid7(),
            "technician_id": people[one.technician],
            "region_id": regions[one.region],
            "granted_by": actor.id,
            **one.model_dump(exclude={"technician", "region"}),
        }
        for one in secondments
    ]
    if rows:
        session.execute(insert(Secondment), rows)


def _refuse_own(
    session: Session, secondments: Sequence[NewSecondment], people: dict[str, UUID], regions: dict[str, UUID]
) -> None:
    homes = select(Technician.id, Place.region_id).join(Place, Place.id == Technician.base_id)
    home = dict(session.execute(homes.where(Technician.id.in_(list(people.values())))).all())
    for one in secondments:
        if home[people[one.technician]] == regions[one.region]:
            raise Invalid(
                _("{code} belongs to region {region} already; name another region").format(
                    code=one.technician, region=one.region
                ),
                code="own_region",
                field="region",
            )


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
