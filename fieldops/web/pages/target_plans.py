"""The pages of target plans: the list, one plan with its curve and lines, and what it says otherwise than another."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query
from starlette.responses import HTMLResponse, Response

from fieldops.web.charts import SVG, Curve, curve_chart, fitted
from fieldops.web.pages.shell import Framed
from fieldops.web.pages.stock_view import called
from fieldops.web.pages.target_words import forecast_words, target_words
from integrations.files.csv_file import write_csv
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _
from inventory.planning.stock_plans.comparing import differences
from inventory.planning.stock_plans.queries import (
    NEWEST,
    Chosen,
    acceptances,
    all_lines,
    curves_of,
    forecast_page,
    line_page,
    note_page,
    plan_by_number,
    plan_page,
    plan_told,
    savings_page,
)
from inventory.planning.stock_plans.schemas import LineState, TargetLineOut

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 50
NOTES_MAX = 100
WIDTHS_PX = (320, 640)
"""How wide a chart may be: on a phone, and elsewhere."""
_READERS = needs("targets.read", Elsewhere.HIDDEN)
_COLOURS = ("link", "soft")
Name = Annotated[str, Query(max_length=48)]


@router.get("/target-plans", dependencies=[_READERS])
def target_plans(frame: Framed, before: Annotated[str, Query(max_length=24)] = NEWEST) -> str:
    """List the target plans that the visitor may see, the newest first."""
    found = plan_page(frame.session, before=before, limit=ROWS_MAX + 1)
    older = found[ROWS_MAX - 1].number if len(found) > ROWS_MAX else None
    return frame.page("stock/targets.html", plans=found[:ROWS_MAX], older=older, words=target_words())


@router.get("/target-plans/{number}", dependencies=[_READERS])
def target_plan(
    frame: Framed,
    number: str,
    part: Name = "",
    place: Name = "",
    state: Literal["", "open", "accepted", "unchanged"] = "open",
    order: Literal["saves", "part"] = "saves",
    saves: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    after: Name = "",
    at: Name = "",
) -> str:
    """Show a target plan: what it leaves waiting for which money, and its lines after one that was seen."""
    session = frame.session
    plan, told = plan_by_number(session, number), plan_told(session, number)
    chosen = _chosen(part, place, state)
    if order == "part":
        lines = line_page(session, plan.id, chosen, after=(after, at), limit=ROWS_MAX + 1)
    else:
        seen = None if saves is None else (saves, after, at)
        lines = savings_page(session, plan.id, chosen, after=seen, limit=ROWS_MAX + 1)
    shown = lines[:ROWS_MAX]
    told_of = forecast_page(session, plan.id, limit=ROWS_MAX, parts={one.part for one in shown})
    query = {"part": part, "place": place, "state": state, "order": order}
    return frame.page(
        "stock/target_plan.html",
        plan=told,
        curves=curves_of(session, number),
        lines=shown,
        names=called(session, {one.part for one in shown}),
        forecasts={one.part: forecast_words(one) for one in told_of},
        older={**query, **_last(shown[-1], order)} if len(lines) > ROWS_MAX else None,
        query=query,
        urlencode=urlencode,
        notes=note_page(session, plan, limit=NOTES_MAX),
        acceptances=acceptances(session, plan.id),
        plans=[one.number for one in plan_page(session, limit=ROWS_MAX) if one.number != number],
        words=target_words(),
    )


@router.get("/target-plans/{number}/compare", dependencies=[_READERS])
def target_difference(
    frame: Framed,
    number: str,
    other: Annotated[str, Query(alias="with", max_length=24)] = "",
    after: Name = "",
    at: Name = "",
) -> str:
    """Show where a target plan says otherwise than another, or than the targets that stand now."""
    session = frame.session
    plan = plan_by_number(session, number)
    beside = plan_by_number(session, other).id if other else None
    rows = differences(session, plan.id, beside, after=(after, at), limit=ROWS_MAX + 1)
    shown = rows[:ROWS_MAX]
    return frame.page(
        "stock/target_compare.html",
        plan=plan,
        other=other,
        rows=shown,
        names=called(session, {one.part for one in shown}),
        further=urlencode({"with": other, "after": shown[-1].part, "at": shown[-1].place})
        if len(rows) > ROWS_MAX
        else None,
    )


@router.get("/target-plans/{number}/curve.svg", dependencies=[_READERS])
def curve(
    frame: Framed,
    number: str,
    width: Annotated[int, Query(ge=0, le=2_000)] = WIDTHS_PX[-1],
    accept: Annotated[str, Header()] = SVG,
) -> Response:
    """Draw what waits for each sum of money, with the plan on it; the page shows the same numbers as a table."""
    found = curves_of(frame.session, number)
    words, goal = target_words(), plan_told(frame.session, number).goal
    return curve_chart(
        _("What waits for which money, plan {plan}").format(plan=number),
        _("Money for more pieces, {currency}").format(currency=found[0].currency if found else ""),
        words[goal],
        [
            Curve(
                words[one.budget],
                _COLOURS[place % len(_COLOURS)],
                tuple((point.spent, point.weighted) for point in one.points),
                (one.chosen.spent, one.chosen.weighted),
            )
            for place, one in enumerate(found)
        ],
        width=fitted(width, WIDTHS_PX),
        accept=accept,
    )


@router.get("/target-plans/{number}/lines.csv", dependencies=[_READERS], response_class=Response)
def lines_file(
    frame: Framed,
    number: str,
    part: Name = "",
    place: Name = "",
    state: Literal["", "open", "accepted", "unchanged"] = "",
) -> Response:
    """Give the lines of a target plan that are looked at as a file."""
    plan = plan_by_number(frame.session, number)
    names = list(TargetLineOut.model_fields)
    file = BytesIO()
    file.write("\ufeff".encode())  # so that Excel reads it as UTF-8
    rows = (
        tuple(_cell(getattr(one, name)) for name in names)
        for one in all_lines(frame.session, plan.id, _chosen(part, place, state))
    )
    write_csv(file, names, rows)
    named = {"Content-Disposition": f'attachment; filename="{plan.number}.csv"'}
    return Response(file.getvalue(), media_type="text/csv", headers=named)


def _last(line: TargetLineOut, order: str) -> dict[str, str]:
    """Return what the next page is asked for with after a line."""
    told = {"after": line.part, "at": line.place}
    return told if order == "part" else told | {"saves": repr(line.saves)}


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _chosen(part: str, place: str, state: str) -> Chosen:
    return Chosen(part.strip() or None, place.strip() or None, None, LineState(state) if state else None)
