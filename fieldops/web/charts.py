"""Charts: Vega-Lite specifications, in the colours of the pages and the reader's language.

The server draws them as labelled SVG. Who points at one gets it drawn anew in the browser, where it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from gzip import compress
from html import escape
from typing import Any, Literal

from starlette.responses import JSONResponse, Response

from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language

SVG = "image/svg+xml"

HEIGHT_PX = 320
_BAR_PX, _ROW_PX, _AXIS_PX = 16, 30, 50
_KEPT = 64
_LOCALES: dict[str, Literal["zh-CN"]] = {"zh_CN": "zh-CN"}
_BUNDLED = "window.vegaEmbed = vegaEmbed;"
_FONT = "sans-serif"


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: its name, the variable of its colour in the style sheet, and its points."""

    name: str
    colour: str
    points: tuple[tuple[date, Decimal], ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of a chart: its name, the variable of its colour in the style sheet, its points, and the chosen one."""

    name: str
    colour: str
    points: tuple[tuple[float, float], ...]
    chosen: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a chart: whose they are, the variable of their colour in the style sheet, and their amounts."""

    name: str
    colour: str
    amounts: tuple[tuple[str, Decimal], ...]


def bar_chart(title: str, currency: str, bars: Sequence[Bars], *, width: int, accept: str = SVG) -> Response:
    """Answer with amounts as bars beside each other, as SVG or, where JSON is asked for, as `_answer` says."""
    return _answer(_bars, (title, currency, tuple(bars), width), accept)


def line_chart(
    title: str,
    currency: str,
    series: Sequence[Series],
    *,
    width: int,
    marked: date | None = None,
    accept: str = SVG,
) -> Response:
    """Answer with lines over time, as SVG or, where JSON is asked for, as `_answer` says; `marked` stands out."""
    return _answer(_lines, (title, currency, tuple(series), width, marked), accept)


def curve_chart(
    title: str, across: str, up: str, curves: Sequence[Curve], *, width: int, accept: str = SVG
) -> Response:
    """Answer with one amount over another, with the point that was chosen, as SVG or JSON, as `_answer` says."""
    return _answer(_curves, (title, across, up, tuple(curves), width), accept)


def fitted(width: int, widths: Sequence[int]) -> int:
    """Return the widest of some widths, the narrowest first, that has room in a place; the narrowest where none has."""
    return max((one for one in widths if one <= width), default=widths[0])


@lru_cache(maxsize=1)
def vega_bundle() -> bytes:
    """Return Vega, Vega-Lite and Vega-Embed as one script for a browser, compressed by gzip. Takes seconds once."""
    import vl_convert

    return compress(vl_convert.javascript_bundle(_BUNDLED).encode(), mtime=0)


def _answer(stated: Callable[..., dict[str, Any]], told: tuple[Any, ...], accept: str) -> Response:
    """Answer with a chart as SVG that is labelled for those who do not see it, or as what Vega-Embed takes.

    Colours are variables of the style sheet, so that the chart follows the colours that the reader chose.
    """
    headers = {"Vary": "Accept"}
    if "application/json" in accept:
        return JSONResponse({"spec": stated(*told, live=True) | {"config": _CONFIG}, **_locales()}, headers=headers)
    return Response(_svg(stated, told, language()), media_type=SVG, headers=headers)


def _locales() -> dict[str, Any]:
    import vl_convert

    name = _LOCALES.get(language())
    if name is None:
        return {}
    return {
        "formatLocale": vl_convert.get_format_locale(name),
        "timeFormatLocale": vl_convert.get_time_format_locale(name),
    }


def _lines(
    title: str, currency: str, series: tuple[Series, ...], width: int, marked: date | None, *, live: bool
) -> dict[str, Any]:
    # heavy, and only for those who look at a chart
    import altair as alt

    rows = [
        {"day": day.isoformat(), "amount": float(amount), "series": one.name}
        for one in series
        for day, amount in one.points
    ]
    names = [one.name for one in series]
    legend = alt.Legend(orient="top", columns=2 if width < 500 else len(names), symbolType="stroke", columnPadding=30)
    colour = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=names, range=[f"var(--{one.colour})" for one in series]),
        legend=legend,
    )
    dash = alt.StrokeDash(
        "series:N",
        title=None,
        scale=alt.Scale(domain=names, range=[[6, 4] if one.dashed else [1, 0] for one in series]),
        legend=legend,
    )
    day = alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(tickCount=6, grid=False))
    amount = alt.Y("amount:Q", title=currency, axis=alt.Axis(tickCount=5, format="~s"))
    lines = alt.Chart(_values(rows)).mark_line(strokeWidth=2.25).encode(day, amount, colour, dash)
    layers: list[Any] = [lines]
    if live:
        told = [alt.Tooltip("series:N", title=_("Line")), alt.Tooltip("day:T", title=_("Day")), _amount(currency)]
        layers.append(alt.Chart(_values(rows)).mark_circle(size=140, opacity=0).encode(day, amount, tooltip=told))
    if marked is not None:
        rule = alt.Chart(_values([{"day": marked.isoformat()}]))
        layers.append(rule.mark_rule(strokeDash=[2, 3], aria=False).encode(x="day:T"))
    chart = alt.layer(*layers).properties(width=width, height=HEIGHT_PX, description=title)
    return dict(chart.to_dict())


def _curves(title: str, across: str, up: str, curves: tuple[Curve, ...], width: int, *, live: bool) -> dict[str, Any]:
    import altair as alt

    rows = [{"x": x, "y": y, "curve": one.name} for one in curves for x, y in one.points]
    chosen = [{"x": one.chosen[0], "y": one.chosen[1], "curve": one.name} for one in curves]
    names = [one.name for one in curves]
    colour = alt.Color(
        "curve:N",
        title=None,
        scale=alt.Scale(domain=names, range=[f"var(--{one.colour})" for one in curves]),
        legend=alt.Legend(orient="top", symbolType="stroke", columnPadding=30) if len(names) > 1 else None,
    )
    x = alt.X("x:Q", title=across, axis=alt.Axis(tickCount=6, format="~s", grid=False))
    y = alt.Y("y:Q", title=up, axis=alt.Axis(tickCount=5))
    lines = alt.Chart(_values(rows)).mark_line(strokeWidth=2.25).encode(x, y, colour)
    points = alt.Chart(_values(chosen)).mark_point(size=160, filled=True, opacity=1).encode(x, y, colour)
    layers: list[Any] = [lines, points]
    if live:
        told = [alt.Tooltip("curve:N", title=_("Budget")), alt.Tooltip("x:Q", title=across, format=",.0f")]
        told.append(alt.Tooltip("y:Q", title=up, format=",.4f"))
        layers.append(alt.Chart(_values(rows)).mark_circle(size=140, opacity=0).encode(x, y, tooltip=told))
    chart = alt.layer(*layers).properties(width=width, height=HEIGHT_PX, description=title)
    return dict(chart.to_dict())


def _bars(title: str, currency: str, bars: tuple[Bars, ...], width: int, *, live: bool) -> dict[str, Any]:
    import altair as alt

    rows = [
        {"term": term, "amount": float(amount), "plan": one.name, "order": place}
        for one in bars
        for place, (term, amount) in enumerate(one.amounts)
    ]
    names = [one.name for one in bars]
    terms = [term for term, _amount in bars[0].amounts]
    colour = alt.Color(
        "plan:N",
        title=None,
        scale=alt.Scale(domain=names, range=[f"var(--{one.colour})" for one in bars]),
        legend=alt.Legend(orient="top", symbolType="square", columnPadding=30) if len(names) > 1 else None,
    )
    chart = (
        alt.Chart(_values(rows))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            alt.X("amount:Q", title=currency, axis=alt.Axis(tickCount=5, format="~s")),
            alt.Y("term:N", title=None, sort=terms, axis=alt.Axis(ticks=False, labelLimit=110)),
            colour,
            yOffset=alt.YOffset("plan:N", sort=names),
        )
        .properties(width=width, height=max(_BAR_PX * len(bars), _ROW_PX) * len(terms) + _AXIS_PX, description=title)
    )
    if live:
        told = [alt.Tooltip("plan:N", title=_("Plan")), alt.Tooltip("term:N", title=_("What for")), _amount(currency)]
        chart = chart.encode(tooltip=told)
    return dict(chart.to_dict())


def _amount(currency: str) -> Any:
    from altair import Tooltip

    return Tooltip("amount:Q", title=currency, format=",.2f")


@lru_cache(maxsize=_KEPT)
def _svg(stated: Callable[..., dict[str, Any]], told: tuple[Any, ...], language: str) -> str:
    import vl_convert

    places = _LOCALES.get(language)
    # what Altair does not know for a colour a browser does
    spec = stated(*told, live=False) | {"config": _CONFIG}
    drawn = vl_convert.vegalite_to_svg(spec, format_locale=places, time_format_locale=places)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(told[0])}" ', 1)


def _values(rows: list[dict[str, Any]]) -> Any:
    from altair import InlineData

    return InlineData(values=rows)


_TEXT = {"labelColor": "var(--soft)", "titleColor": "var(--soft)", "labelFont": _FONT, "titleFont": _FONT}
_CONFIG: dict[str, Any] = {
    "background": None,
    "autosize": {"type": "fit", "contains": "padding"},
    "view": {"stroke": None},
    "rule": {"color": "var(--soft)"},
    "axis": _TEXT
    | {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--line)",
        "labelPadding": 6,
    },
    "legend": _TEXT | {"labelColor": "var(--ink)", "labelFontSize": 12, "symbolSize": 220, "symbolStrokeWidth": 2.5},
}
"""The colours, letters and lines of every chart."""
