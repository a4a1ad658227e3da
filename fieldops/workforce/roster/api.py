"""Routes of the roster."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query

from fieldops.workforce.roster import queries, service
from fieldops.workforce.roster.models import Absence, Secondment, Standby
from fieldops.workforce.roster.schemas import (
    AbsenceOut,
    Ending,
    NewSecondment,
    NewStandby,
    Roster,
    RosterDay,
    RosterRequest,
    SecondmentOut,
    ShiftCycle,
    ShiftsToRemove,
    StandbyOut,
)
from fieldops.workforce.schemas import Duty
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Day
from inventory.kernel.routes import Elsewhere, Route, needs

ROWS_MAX = 1_000

router = APIRouter(tags=["roster"], route_class=Route)

Key = Annotated[UUID, Path(description="The id in the list.")]
_ENDS = needs("workforce.write", Elsewhere.HIDDEN)
_READS, _WRITES = needs("workforce.read", Elsewhere.HIDDEN), needs("workforce.write", Elsewhere.REFUSED)


@router.get("/shift-patterns", dependencies=[needs("workforce.read", Elsewhere.SHARED)])
def shift_patterns(session: Reading, paging: Paged) -> Page[ShiftCycle]:
    """List the patterns that rosters are made from, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.pattern_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/shift-patterns", status_code=201, dependencies=[needs("workforce.write", Elsewhere.NETWORK)])
def add_shift_patterns(
    session: Writing, actor: Acting, patterns: Annotated[list[ShiftCycle], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[ShiftCycle]:
    """Add shift patterns, all or none."""
    service.add_patterns(session, actor, patterns)
    return patterns


@router.get("/rosters", dependencies=[_READS])
def rosters(
    session: Reading,
    paging: Paged,
    first_day: Annotated[Day, Query(description="The first day.")],
    days: Annotated[int, Query(ge=1, le=62, description="How many days.")] = 7,
    technician: str | None = None,
) -> Page[RosterDay]:
    """List the shifts of some days, by technician, day and start."""
    rows = queries.shift_page(
        session,
        after=paging.after(queries.FIRST_SHIFT),
        limit=paging.rows,
        first_day=first_day,
        last_day=first_day + timedelta(days=days - 1),
        technician=technician,
    )
    return paging.page(rows, queries.shift_key)


@router.post("/rosters/preview", dependencies=[needs("workforce.write", Elsewhere.HIDDEN)])
def preview_roster(session: Reading, actor: Acting, wanted: RosterRequest) -> Roster:
    """Show the roster that a pattern gives, and what keeps it from being put in force; nothing is kept."""
    return service.preview(session, actor, wanted)


@router.post("/rosters", status_code=201, dependencies=[_WRITES])
def apply_roster(session: Writing, actor: Acting, wanted: RosterRequest) -> Roster:
    """Put the roster that a pattern gives in force; refused where shifts overlap or rest is too short."""
    return service.apply_roster(session, actor, wanted)


@router.post("/rosters/remove", dependencies=[_WRITES])
def remove_shifts(session: Writing, actor: Acting, edge: Here, wanted: ShiftsToRemove) -> list[Duty]:
    """Take the shifts of some days out of a roster, and return them; what has begun stays."""
    return service.remove_shifts(session, actor, wanted, edge.clock())


@router.get("/absences", dependencies=[_READS])
def absences(session: Reading, paging: Paged) -> Page[AbsenceOut]:
    """List absences, in the order in which they were added."""
    (after,) = paging.after((queries.FIRST_KEY,))
    return paging.page(queries.absence_page(session, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/absences/{key}/end", status_code=204, dependencies=[_ENDS])
def end_absence(session: Writing, actor: Acting, edge: Here, key: Key, ending: Ending) -> None:
    """End an absence; one that has not begun by then is removed, what is past stays."""
    service.end_span(session, actor, Absence, key, ending, edge.clock())


@router.get("/standby", dependencies=[_READS])
def standby(session: Reading, paging: Paged) -> Page[StandbyOut]:
    """List standby duties, in the order in which they were added."""
    (after,) = paging.after((queries.FIRST_KEY,))
    return paging.page(queries.standby_page(session, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/standby", status_code=201, dependencies=[_WRITES])
def add_standby(
    session: Writing, actor: Acting, standby: Annotated[list[NewStandby], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewStandby]:
    """Add standby duties, all or none."""
    service.add_standby(session, actor, standby)
    return standby


@router.post("/standby/{key}/end", status_code=204, dependencies=[_ENDS])
def end_standby(session: Writing, actor: Acting, edge: Here, key: Key, ending: Ending) -> None:
    """End a standby duty; one that has not begun by then is removed, what is past stays."""
    service.end_span(session, actor, Standby, key, ending, edge.clock())


@router.get("/secondments", dependencies=[_READS])
def secondments(session: Reading, paging: Paged) -> Page[SecondmentOut]:
    """List the loans of people to other regions, in the order in which they were granted."""
    (after,) = paging.after((queries.FIRST_KEY,))
    return paging.page(queries.secondment_page(session, after=after, limit=paging.rows), lambda one: (one.id,))


@router.post("/secondments", status_code=201, dependencies=[_WRITES])
def add_secondments(
    session: Writing,
    actor: Acting,
    secondments: Annotated[list[NewSecondment], Body(min_length=1, max_length=ROWS_MAX)],
) -> list[NewSecondment]:
    """Lend people of one's region to other regions, all or none."""
    service.add_secondments(session, actor, secondments)
    return secondments


@router.post("/secondments/{key}/end", status_code=204, dependencies=[_ENDS])
def end_secondment(session: Writing, actor: Acting, edge: Here, key: Key, ending: Ending) -> None:
    """Call somebody back from another region; a loan that has not begun by then is removed, what is past stays."""
    service.end_span(session, actor, Secondment, key, ending, edge.clock())
