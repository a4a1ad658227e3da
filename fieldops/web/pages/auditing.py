"""The pages of the audit trail and of the data checks: who changed what, and whether everything still adds up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse

from fieldops.audit.queries import audit_page, verify
from fieldops.checking import Findings, check_ledgers
from fieldops.web.pages.admin_words import form_words
from fieldops.web.pages.shell import Framed, kept
from inventory.kernel.actor import SYSTEM
from inventory.kernel.edge import Here, Paged
from inventory.kernel.engine import reading
from inventory.kernel.errors import Invalid
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(prefix="/admin", include_in_schema=False, default_response_class=HTMLResponse)

FINDINGS_MAX = 50
"""How many faults of a kind a page names."""
_BEHIND_ALL = 2**63 - 1
_NETWORK = needs("audit.read", Elsewhere.NETWORK)
Short = Annotated[str, Query(max_length=64)]


@dataclass(frozen=True, slots=True)
class Check:
    """One proof: what it compares, the faults that it found, and what to do about them."""

    title: str
    remedy: str
    faults: list[str]


async def _one_at_a_time() -> AsyncIterator[None]:
    """Let whoever has everything read wait, without a worker thread, for whoever does so already."""
    yield


_ALONE = Depends(_one_at_a_time, scope="function", max_concurrency=1)


@router.get("/audit", dependencies=[needs("audit.read", Elsewhere.HIDDEN)])
def audit(
    frame: Framed,
    paging: Paged,
    actor: Short = "",
    action: Short = "",
    subject: Short = "",
    document: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(max_length=32)] = "",
    until: Annotated[str, Query(max_length=32)] = "",
) -> str:
    """List who changed what, when and from where, the newest first."""
    (before,) = paging.after((_BEHIND_ALL,))
    found = audit_page(
        frame.session,
        before=before,
        limit=paging.rows,
        since=_instant(since, "since"),
        until=_instant(until, "until"),
        document=document.strip() or None,
        actor=actor.strip() or None,
        subject=subject.strip() or None,
        action=action.strip() or None,
    )
    filters = kept(paging, actor=actor, action=action, subject=subject, document=document, since=since, until=until)
    return frame.page(
        "admin/audit.html",
        page=paging.page(found, lambda one: (one.id,)),
        filters=filters,
        export="" if not since else f"&since={since}Z",
        started=paging.cursor is not None,
    )


@router.get("/audit/verdict", dependencies=[needs("audit.read", Elsewhere.SHARED), _ALONE])
def verdict(frame: Framed, edge: Here) -> str:
    """Recompute the chain of the whole network, and say whether anybody changed the past."""
    with reading(edge.engine, SYSTEM) as session:
        return frame.page("admin/verdict.html", verdict=verify(session))


@router.get("/checks", dependencies=[_NETWORK])
def checks(frame: Framed) -> str:
    """Say what the data checks prove, and let run them."""
    return frame.page("admin/checks.html", checks=_checks(None), findings=None, page_words=form_words())


@router.get("/checks/findings", dependencies=[_NETWORK, _ALONE])
def findings(frame: Framed, edge: Here) -> str:
    """Run the data checks, and show what they found and what to do about it."""
    found = check_ledgers(edge.engine)
    return frame.page(
        "admin/checks.html",
        checks=_checks(found),
        findings=found,
        at=edge.clock(),
        shown=FINDINGS_MAX,
        page_words=form_words(),
    )


def _checks(found: Findings | None) -> list[Check]:
    told = {} if found is None else found.told()
    chain = [] if found is None else [one.as_text() for one in found.audit.findings]
    restore = _("Restore the rows from a backup; until then nothing that is summed from them can be trusted.")
    return [
        Check(_("Lines of the stock ledger are as they were posted"), restore, told.get("lines", [])),
        Check(
            _("Balances of stock are the sum of their moves"),
            _(
                "Where only balances differ, make them anew with “fieldops rebuild”; where lines are missing, "
                "restore them from a backup first."
            ),
            told.get("stock", []),
        ),
        Check(
            _("What is kept is the sum of the reservations"),
            _("Make the balances anew with “fieldops rebuild”, then check again."),
            told.get("reservations", []),
        ),
        Check(
            _("Budget lines are the sum of their entries"),
            _("Compare the line with its entries on its page; restore what was changed from a backup."),
            told.get("budget", []),
        ),
        Check(
            _("Holds, approvals and actuals agree with their documents"),
            _("Look the document up in the audit trail to see who changed it, and correct it there."),
            told.get("money", []),
        ),
        Check(_("The audit trail's chain is whole"), restore, chain),
    ]


def _instant(text: str, field: str) -> datetime | None:
    """Return an instant that was typed in UTC; raises Invalid for what is none."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(
            _("“{text}” is no date and time").format(text=text), code="invalid_request", field=field
        ) from None
