"""The pages of the budgets: the tree of the money, a line with its entries, a document, what waits, a chart."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import HTMLResponse, Response

from fieldops.finance.budgets.burning import burn_up
from fieldops.finance.budgets.models import EntryKind
from fieldops.finance.budgets.queries import latest_entries, line_detail, transfer_page
from fieldops.finance.control.queries import override_page
from fieldops.locale.words import words
from fieldops.planning.queries import holds_in_force
from fieldops.web.charts import SVG, fitted, line_chart
from fieldops.web.pages.budgets_view import Span, burnings, chosen_span, series_of, spans_of, tree, use_of
from fieldops.web.pages.document_view import document_view, waiting_for
from fieldops.web.pages.shell import Framed
from inventory.kernel.edge import Here
from inventory.kernel.errors import NotFound
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ENTRIES_MAX = 50
ROWS_MAX = 200
WIDTHS_PX = (340, 720)
"""How wide a chart may be: on a phone, and elsewhere."""
_READERS = needs("budget.read", Elsewhere.HIDDEN)
Period = Annotated[str, Query(max_length=24)]
_NO_HOLD = (0, "", "", UUID(int=0))


@router.get("/budgets", dependencies=[_READERS])
def budgets(frame: Framed, edge: Here, period: Period = "") -> str:
    """Show the money of the visitor's regions as a tree, how it is used up, and let choose the time."""
    today = edge.clock().date()
    spans = spans_of(frame.session, today)
    span = chosen_span(spans, period, today)
    return frame.page(
        "budgets/overview.html",
        nodes=tree(frame.session, today, span, frame.region),
        burnings=burnings(frame.session, today, span, region=frame.region),
        spans=spans,
        names={one.code: one.name for one in frame.shell.regions},
        span=span,
        region=frame.region,
        today=today,
    )


@router.get("/budgets/burn-up.svg", dependencies=[_READERS])
def burn_up_chart(
    frame: Framed,
    edge: Here,
    currency: Annotated[str, Query(max_length=3)],
    period: Period = "",
    region: Annotated[str, Query(max_length=48)] = "",
    line: UUID | None = None,
    width: Annotated[int, Query(ge=0, le=2_000)] = WIDTHS_PX[-1],
    accept: Annotated[str, Header()] = SVG,
) -> Response:
    """Draw how the money is used up; a page shows the same numbers as a table beside it."""
    today = edge.clock().date()
    span = chosen_span(spans_of(frame.session, today), period, today)
    found = burn_up(frame.session, today, span.start, span.end, regions=[region] if region else (), line=line)
    told = next((one for one in found if one.currency == currency), None)
    if told is None:
        raise NotFound(_("There is no budget in {currency} here").format(currency=currency), code="unknown_line")
    return line_chart(
        _("How the budget is used up, in {currency}").format(currency=currency),
        currency,
        series_of(told),
        width=fitted(width, WIDTHS_PX),
        marked=today if span.start <= today < span.end else None,
        accept=accept,
    )


@router.get("/budgets/lines/{key}", dependencies=[_READERS])
def line(
    frame: Framed,
    edge: Here,
    key: Annotated[UUID, Path()],
    kind: Annotated[EntryKind | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> str:
    """Show a line: what is taken of it and by what, entry by entry, the latest first."""
    found = line_detail(frame.session, key)
    today = edge.clock().date()
    span = Span(found.period_start, found.period_end)
    entries = latest_entries(frame.session, key, before=before, limit=ENTRIES_MAX + 1, kind=kind)
    return frame.page(
        "budgets/line.html",
        line=found,
        use=use_of(found),
        burnings=burnings(frame.session, today, span, line=key),
        entries=entries[:ENTRIES_MAX],
        older=entries[ENTRIES_MAX - 1].id if len(entries) > ENTRIES_MAX else None,
        kind=kind,
        kinds=list(EntryKind),
        transfers=transfer_page(frame.session, line=key, limit=ROWS_MAX),
        words=words(),
        today=today,
    )


@router.get("/budgets/documents/{kind}/{number}", dependencies=[_READERS])
def document(frame: Framed, kind: str, number: str) -> str:
    """Show the money of a document: what it holds and spent of which lines, and who pays of it."""
    return frame.page("budgets/document.html", view=document_view(frame.session, kind, number), words=words())


@router.get("/budgets/held", dependencies=[_READERS])
def held(frame: Framed) -> str:
    """Show what plans in force hold for an approval, the most urgent first."""
    told = holds_in_force(frame.session, after=_NO_HOLD, limit=ROWS_MAX, region=frame.region)
    found = [one for _key, one in told]
    return frame.page(
        "budgets/held.html",
        holds=found,
        cut=len(found) == ROWS_MAX,
        waiting=waiting_for(frame.session, {one.document for one in found}),
        words=words(),
    )


@router.get("/overrides", dependencies=[_READERS])
def overrides(frame: Framed, edge: Here) -> str:
    """Show what passed beyond its line: what waits for its review first, then what was found."""
    session, region = frame.session, frame.region
    return frame.page(
        "budgets/overrides.html",
        waits=override_page(session, to_review=True, region=region, limit=ROWS_MAX),
        done=override_page(session, to_review=False, region=region, limit=ENTRIES_MAX, latest=True),
        now=edge.clock(),
        words=words(),
    )
