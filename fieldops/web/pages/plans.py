"""The pages of plans: the list, one plan with its chart and its file, and a plan in the making."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.responses import HTMLResponse, Response

from fieldops.dispatch.papers.words import seat, seats, titles
from fieldops.locale.words import words
from fieldops.operations.queries import operation_by_id
from fieldops.operations.schemas import OperationDetail
from fieldops.planning.figures import figures
from fieldops.planning.portion import told_plan
from fieldops.planning.queries import plan_by_number, plan_page
from fieldops.planning.ways_out import way_out
from fieldops.web.charts import SVG, Bars, bar_chart, fitted
from fieldops.web.pages.plan_view import plan_view, require_made_for
from fieldops.web.pages.plan_words import lasting, plan_words, terms
from fieldops.web.pages.shell import Frame, Framed
from integrations.files.files import write_table
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 50
WIDTHS_PX = (320, 640)
"""How wide a chart may be: on a phone, and elsewhere."""
_READERS = needs("plan.read", Elsewhere.HIDDEN)
_MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Region = Annotated[str | None, Query(max_length=48)]


@router.get("/plans", dependencies=[_READERS])
def plans(frame: Framed, before: Annotated[str, Query(max_length=24)] = "") -> str:
    """List the plans of the visitor's regions, the newest first, or what to do where there is none."""
    found = plan_page(frame.session, before=before, limit=ROWS_MAX + 1, region=frame.region)
    if not found and not before:
        return frame.page("empty.html")
    older = found[ROWS_MAX - 1].plan if len(found) > ROWS_MAX else None
    return frame.page("plans/list.html", plans=found[:ROWS_MAX], older=older, words=words(), page_words=plan_words())


@router.get("/plans/making/{key}", dependencies=[needs("operations.read", Elsewhere.HIDDEN)])
def making(frame: Framed, key: UUID) -> str:
    """Show how far a plan in the making is; when it is there its script leads to what it does otherwise."""
    told = OperationDetail.of(operation_by_id(frame.session, key))
    return frame.page("plans/making.html", operation=told, page_words=plan_words())


@router.get("/plans/{number}", dependencies=[_READERS])
def plan(frame: Framed, number: str, region: Region = None) -> str:
    """Show a plan, of one region or with an empty one whole; without, of the one that is looked at if it has it."""
    found = plan_by_number(frame.session, number)
    told = told_plan(frame.session, found)
    board = plan_view(frame.session, found, told, _looked_at(frame, told.regions, region))
    return frame.page("plans/plan.html", board=board, **called(), page_words=plan_words())


@router.get("/plans/{number}/cost.svg", dependencies=[_READERS])
def cost_chart(
    frame: Framed,
    number: str,
    region: Region = None,
    other: Annotated[str | None, Query(alias="with", max_length=24)] = None,
    width: Annotated[int, Query(ge=0, le=2_000)] = WIDTHS_PX[-1],
    accept: Annotated[str, Header()] = SVG,
) -> Response:
    """Draw what a plan costs, beside another where one is named; a page shows the same numbers as a table."""
    session = frame.session
    drawn = []
    for name, colour in ((other, "soft"), (number, "link")):
        if name is None:
            continue
        found = plan_by_number(session, name)
        told = told_plan(session, found)
        require_made_for(told, region or None)
        cost = figures(session, found, told, [region] if region else told.regions)
        bars = tuple((label, cost.terms.get(term, Decimal(0))) for term, label in terms().items())
        drawn.append((Bars(name, colour, bars), told.dispatch.cost.currency))
    return bar_chart(
        _("What plan {plan} costs").format(plan=number),
        drawn[-1][1],
        [bars for bars, _currency in drawn],
        width=fitted(width, WIDTHS_PX),
        accept=accept,
    )


@router.get("/plans/{number}/seats.{kind}", dependencies=[_READERS], response_class=Response)
def seats_file(frame: Framed, number: str, kind: Literal["csv", "xlsx"], region: Region = None) -> Response:
    """Give who does what when as a file, and the jobs that nobody does with the reasons."""
    found = plan_by_number(frame.session, number)
    told = told_plan(frame.session, found)
    view = plan_view(frame.session, found, told, _looked_at(frame, told.regions, region))
    header = ("job", "title", "aircraft", "priority", "place", "seat", "technician", "start", "end", "cost", "why_not")
    rows: list[tuple[str | Decimal, ...]] = []
    inside = {code for code, place in view.places.items() if view.region in (None, place.region)}
    for one in told.dispatch.assignments:
        if one.place in inside:
            head = view.jobs.get(one.job)
            named = (head.title, head.aircraft or "", one.priority, one.place) if head else ("", "", "", one.place)
            seat_of = (one.seat or "", one.technician, one.start.isoformat(), one.end.isoformat(), one.cost)
            rows.append((one.job, *named, *seat_of, ""))
    for left in told.dispatch.unassigned:
        head = view.jobs.get(left.job)
        if head and head.place in inside:
            why = "; ".join(reason.text for reason in left.reasons)
            rows.append((left.job, head.title, head.aircraft or "", head.priority, head.place, *("",) * 5, why))
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{found.number}.{kind}")
        write_table(path, found.number, header, rows)
        name = {"Content-Disposition": f'attachment; filename="{found.number}.{kind}"'}
        return Response(path.read_bytes(), media_type=_MEDIA[kind], headers=name)


def _looked_at(frame: Frame, regions: list[str], wanted: str | None) -> str | None:
    """Return the region that a page is about: the wanted one, else the one that is looked at if the plan has it."""
    if wanted is None and frame.region in regions:
        return frame.region
    return wanted or None


def called() -> dict[str, object]:
    """Return what the templates call by name."""
    return {
        "words": words(),
        "seat": seat,
        "seats": seats,
        "titles": titles,
        "terms": terms(),
        "lasting": lasting,
        "way_out": way_out,
    }
