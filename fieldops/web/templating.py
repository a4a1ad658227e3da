"""Templates: Jinja2 with every text through gettext, numbers and times in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_interval, format_skeleton
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from fieldops import __version__
from fieldops.locale import NAMES, tag
from fieldops.web.modules import module
from inventory.kernel.texts import gettext, language, ngettext


def render(template: str, **values: Any) -> str:
    """Return a page."""
    return _environment.get_template(template).render(values, language=tag(language()))


def money(amount: Decimal) -> str:
    """Return an amount with its cents as the reader writes numbers, without its currency."""
    return format_decimal(amount, "#,##0.00", locale=language())


def _quantity(quantity: Decimal | float) -> str:
    return format_decimal(quantity, "#,##0.######", locale=language())


def _whole(amount: Decimal) -> str:
    """An amount without its cents, where many are compared."""
    return format_decimal(amount, "#,##0", locale=language())


def _share(share: Decimal) -> str:
    # just beyond all of it is not told as all of it
    isnt_whole = share != 1 and round(share, 2) == 1
    return format_percent(share, "#,##0.0%" if isnt_whole else "#,##0%", locale=language())


def _day(day: date) -> str:
    return format_date(day, "full", locale=language())


def _date(day: date) -> str:
    return format_date(day, "medium", locale=language())


def _days(start: date, end: date) -> str:
    """A span of days; `end` is the day after."""
    return format_interval(start, end - timedelta(days=1), "yMMMd", locale=language())


def _moment(instant: datetime, zone: str) -> str:
    # skeletons, so that each language orders the parts its own way
    place = ZoneInfo(zone)
    day = format_skeleton("MMMEd", instant, tzinfo=place, locale=language())
    return f"{day} {format_datetime(instant, 'HH:mm', tzinfo=place, locale=language())}"


def _until(end: datetime, start: datetime, zone: str) -> str:
    """The end of a span that begins at `start`: without the day where it is the same."""
    place = ZoneInfo(zone)
    if start.astimezone(place).date() != end.astimezone(place).date():
        return _moment(end, zone)
    return format_datetime(end, "HH:mm", tzinfo=place, locale=language())


def _code(text: str) -> Markup:
    """What stands between backticks, as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fieldops.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "money": money,
        "quantity": _quantity,
        "whole": _whole,
        "share": _share,
        "date": _date,
        "days": _days,
        "day": _day,
        "moment": _moment,
        "until": _until,
        "with_code": _code,
    }
    environment.globals |= {"version": __version__, "languages": NAMES, "module": module}
    return environment


_environment = _make_environment()
