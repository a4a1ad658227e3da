"""How the papers say instants, days, numbers and what is not known, in the language in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from fieldops.dispatch.papers.parts import DataReference, Deferral, Site, Tail
from integrations.paper.document import Column, Table
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language, ngettext

NONE = "–"
_NAMED_MAX = 3


def seat(kind: str) -> str:
    """Return what a kind of seat is called; a kind that has no word is called as it is."""
    named = {
        "release_signatory": _("Release signatory"),
        "independent_inspector": _("Independent inspector"),
        "mechanic": _("Mechanic"),
        "trainee": _("Trainee, supervised"),
        "advisory_engineer": _("Advisory engineer, does not sign"),
    }
    return named.get(kind, kind)


def seats(kinds: Iterable[str]) -> str:
    """Return what kinds of seats are called, each once with how many there are of it.

    >>> seats(["mechanic", "trainee", "mechanic"])
    '2 × Mechanic, Trainee, supervised'
    """
    return ", ".join(seat(kind) if count == 1 else f"{count} × {seat(kind)}" for kind, count in Counter(kinds).items())


def titles(title: str, title_zh: str | None) -> tuple[str, str]:
    """Return the title in the language in force and the one in the other language, which may be empty."""
    if title_zh is None:
        return title, ""
    return (title_zh, title) if language() == "zh_CN" else (title, title_zh)


def day(when: date | None) -> str:
    """Return a day as the language writes it."""
    return NONE if when is None else format_date(when, "medium", locale=language())


def moment(instant: datetime, site: Site, between: str = "\n") -> str:
    """Return an instant at a place: its local time with the difference to UTC, then UTC.

    Raises ValueError for an instant without a time zone.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no time zone")
    there = instant.astimezone(ZoneInfo(site.time_zone))
    return f"{_minute(there)} UTC{_offset(there)}{between}{_minute(instant.astimezone(UTC))} UTC"


def _offset(local: datetime) -> str:
    return f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5]


def _minute(local: datetime) -> str:
    # both halves of an hour that a clock repeats are told apart by the difference to UTC
    return f"{day(local.date())} {format_datetime(local.replace(tzinfo=None), 'HH:mm', locale=language())}"


def number(quantity: Decimal) -> str:
    """Return a quantity with as many digits as it has."""
    return str(format_decimal(quantity, locale=language(), decimal_quantization=False))


def duration(span: timedelta) -> str:
    """Return a span in hours and minutes."""
    minutes = int(span.total_seconds()) // 60
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def listed(texts: Iterable[str]) -> str:
    """Return texts below each other."""
    return "\n".join(texts) or NONE


def aircraft(tail: Tail) -> tuple[tuple[str, str], ...]:
    """Return the facts of an aircraft."""
    return (
        (_("Registration"), tail.registration),
        (_("Aircraft type"), tail.type),
        (_("Aircraft serial number"), tail.serial),
        (_("Operator"), tail.operator),
    )


def place(site: Site) -> str:
    """Return a place with its code."""
    return f"{site.code} · {site.name}"


def place_in_zone(site: Site) -> str:
    """Return a place with its code and its time zone."""
    return f"{place(site)}\n{site.time_zone}"


def revision(data: Sequence[DataReference]) -> str:
    """Return the line that stands on every page: which data, in which revision; of many the first ones."""
    named = [reference(one) for one in data[:_NAMED_MAX]]
    more = len(data) - len(named)
    if more:
        named.append(ngettext("{count} more", "{count} more", more).format(count=more))
    return _("Data: {references}").format(references="; ".join(named) or NONE)


def reference(data: DataReference) -> str:
    """Return a reference to data with its revision."""
    if data.revised_on is None:
        return _("{reference} rev. {revision}").format(reference=data.reference, revision=data.revision)
    return _("{reference} rev. {revision} of {day}").format(
        reference=data.reference, revision=data.revision, day=day(data.revised_on)
    )


def deferrals(open_ones: Iterable[Deferral]) -> Table:
    """Return the table of defects that stay open; one row says so where there is none."""
    columns = (Column(_("Reference"), 1.4), Column(_("Defect"), 4), Column(_("MEL category"), 1), Column(_("Due"), 1.2))
    rows = tuple((one.reference, one.text, one.category or NONE, day(one.due_on)) for one in open_ones)
    return Table(columns, rows or ((_("None"), NONE, NONE, NONE),))
