"""Charts: Vega-Lite specifications become labelled SVG, in the colours of the pages and the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from inventory.kernel.texts import language

HEIGHT_PX = 320
_BAR_PX, _ROW_PX, _AXIS_PX = 16, 30, 50
_KEPT = 64
_LOCALES = {"zh_CN": "zh-CN"}
_FONT = "sans-serif"


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: its name, the variable of its colour in the style sheet, and its points."""

    name: str
    colour: str
    points: tuple[tuple[date, Decimal], ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a chart: whose they are, the variable of their colour in the style sheet, and their amounts."""

    name: str
    colour: str
    amounts: tuple[tuple[str, Decimal], ...]


def bar_chart(title: str, currency: str, bars: Sequence[Bars], *, width: int) -> str:
    """Return amounts as bars beside each other as SVG, labelled for those who do not see it."""
    return _drawn_bars(title, currency, tuple(bars), width, language())


def line_chart(title: str, currency: str, series: Sequence[Series], *, width: int, marked: date | None = None) -> str:
    """Return lines over time as SVG, labelled for those who do not see it; `marked` is a day that stands out.

    Colours are variables of the style sheet, so that the chart follows the colours that the reader chose.
    """
    return _drawn(title, currency, tuple(series), width, marked, language())


@lru_cache(maxsize=_KEPT)
def _drawn(
    title: str, currency: str, series: tuple[Series, ...], width: int, marked: date | None, language: str
) -> str:
    # heavy, and only for those who look at a chart
    import altair as alt

    rows = [
        {"day": day.isoformat(), "amount": float(amount), "series": one.name}
        for one in series
        for day, amount in one.points
    ]
    names = [one.name for one in series]
    colour = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=names, range=[f"var(--{one.colour})" for one in series]),
        legend=alt.Legend(
            orient="top", columns=2 if width < 500 else len(names), symbolType="stroke", columnPadding=30
        ),
    )
    dash = alt.StrokeDash(
        "series:N",
        scale=alt.Scale(domain=names, range=[[6, 4] if one.dashed else [1, 0] for one in series]),
        legend=None,
    )
    day = alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(tickCount=6, grid=False))
    amount = alt.Y("amount:Q", title=currency, axis=alt.Axis(tickCount=5, format="~s"))
    layers: list[Any] = [alt.Chart(_values(rows)).mark_line(strokeWidth=2.25).encode(day, amount, colour, dash)]
    if marked is not None:
        rule = alt.Chart(_values([{"day": marked.isoformat()}]))
        layers.append(rule.mark_rule(strokeDash=[2, 3], aria=False).encode(x="day:T"))
    chart = alt.layer(*layers).properties(width=width, height=HEIGHT_PX, description=title)
    return _as_svg(chart.to_dict(), title, language)


@lru_cache(maxsize=_KEPT)
def _drawn_bars(title: str, currency: str, bars: tuple[Bars, ...], width: int, language: str) -> str:
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
    return _as_svg(chart.to_dict(), title, language)


def _as_svg(chart: dict[str, Any], title: str, language: str) -> str:
    import vl_convert

    places = _LOCALES.get(language)
    drawn = vl_convert.vegalite_to_svg(
        chart | {"config": _CONFIG},  # what Altair does not know for a colour a browser does
        **({"time_format_locale": places, "format_locale": places} if places else {}),  # type: ignore[arg-type]
    )
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)


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
