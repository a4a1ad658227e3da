"""Routes of unattended work."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.operations.queries import schedule_page
from fieldops.operations.schemas import ScheduleOut
from inventory.kernel.edge import Page, Paged, Reading

router = APIRouter(tags=["operations"])


@router.get("/schedules")
def schedules(session: Reading, paging: Paged) -> Page[ScheduleOut]:
    """List what runs unattended, when it last started and how that ended, by name."""
    (after,) = paging.after(("",))
    return paging.page(schedule_page(session, after=after, limit=paging.rows), lambda one: (one.name,))
