"""The page of reports from the field that wait for a person: each is applied, corrected where needed, or discarded."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from fieldops.dispatch.execution.models import Decision
from fieldops.dispatch.execution.queries import FIRST_KEY, quarantine_page
from fieldops.web.pages.my_words import happened
from fieldops.web.pages.shell import Framed
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 50


@router.get("/field-reports", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def field_reports(
    frame: Framed, state: Annotated[Decision, Query()] = Decision.OPEN, after: Annotated[UUID, Query()] = FIRST_KEY
) -> str:
    """Show the reports that wait, or what became of them."""
    found = quarantine_page(frame.session, after=after, limit=ROWS_MAX + 1, state=state)
    return frame.page(
        "board/reports.html",
        found=found[:ROWS_MAX],
        times={one.id: one.happened_at or datetime.fromisoformat(one.event["happened_at"]) for one in found},
        more=found[ROWS_MAX - 1].id if len(found) > ROWS_MAX else None,
        state=state,
        states=_states(),
        happened=happened(),
        may_decide=frame.actor.may("dispatch.write"),
    )


def _states() -> dict[Decision, str]:
    return {
        Decision.OPEN: _("Waiting"),
        Decision.FITS: _("Fits by now"),
        Decision.APPLIED: _("Applied"),
        Decision.DISCARDED: _("Discarded"),
    }
