"""Templates: Jinja2 with every text through gettext, numbers and times in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, PackageLoader, StrictUndefined

from fieldops import __version__
from inventory.kernel.texts import gettext, ngettext

LOCALE = "en"


def render(template: str, **values: Any) -> str:
    """Return a page."""
    return _environment.get_template(template).render(values)


def _money(amount: Decimal) -> str:
    return format_decimal(amount, "#,##0.00", locale=LOCALE)


def _share(share: Decimal) -> str:
    return format_percent(share, "#,##0%", locale=LOCALE)


def _day(day: date) -> str:
    return format_date(day, "full", locale=LOCALE)


def _moment(instant: datetime, zone: str) -> str:
    return format_datetime(instant, "EEE d MMM, HH:mm", tzinfo=ZoneInfo(zone), locale=LOCALE)


def _clock(instant: datetime, zone: str) -> str:
    return format_datetime(instant, "HH:mm", tzinfo=ZoneInfo(zone), locale=LOCALE)


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
    environment.filters |= {"money": _money, "share": _share, "day": _day, "moment": _moment, "clock": _clock}
    environment.globals |= {"language": LOCALE, "version": __version__}
    return environment


_environment = _make_environment()
