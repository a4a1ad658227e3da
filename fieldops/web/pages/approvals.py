"""The pages of approvals: what waits for the visitor's decision and for others', and who decides for whom."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from fieldops.finance.approvals.models import ApprovalState
from fieldops.finance.approvals.queries import substitution_page
from fieldops.locale.words import words
from fieldops.web.pages.approvals_view import inbox_view
from fieldops.web.pages.shell import Framed
from inventory.kernel.edge import Here
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/approvals", dependencies=[needs("budget.read", Elsewhere.HIDDEN)])
def approvals(frame: Framed, edge: Here) -> str:
    """Show the requests that wait for the visitor, the most urgent first, those of others, and what was decided."""
    now = edge.clock()
    return frame.page(
        "approvals/inbox.html",
        view=inbox_view(frame.session, frame.actor, now.date(), frame.region),
        me=frame.actor.id,
        now=now,
        words=words(),
        page_words=_told(),
    )


@router.get("/approvals/substitutions", dependencies=[needs("budget.approve", Elsewhere.SHARED)])
def substitutions(frame: Framed, edge: Here) -> str:
    """Show who decides for whom, and let the visitor name a substitute."""
    today = edge.clock().date()
    found = substitution_page(frame.session)
    return frame.page(
        "approvals/substitutions.html",
        current=[one for one in found if one.ended_at is None and one.last_day >= today],
        past=[one for one in reversed(found) if one.ended_at is not None or one.last_day < today][:50],
        me=frame.actor.id,
        today=today,
    )


def _told() -> dict[str, str]:
    states = {f"state_{one.value}": words()[one.value] for one in ApprovalState}
    return states | {
        "approved": _("{number} is approved"),
        "seconded": _("{number} has one of two signatures; somebody else gives the other"),
        "rejected": _("{number} is rejected"),
        "withdrawn": _("{number} is withdrawn"),
        "chosen": _("{count} chosen"),
        "several": _("{done} of {all} are decided"),
        "changed": _("{number} was {before} when you read it; {by} was quicker, and now it is {now}"),
    }
