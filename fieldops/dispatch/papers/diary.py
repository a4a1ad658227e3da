"""A job in the calendar of whoever does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fieldops.dispatch.papers import words
from fieldops.dispatch.papers.parts import DataReference, PartLine, Site, ToolLine
from fieldops.locale import catalogue
from integrations.calendars.feed import Entry
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import speaking


@dataclass(frozen=True, slots=True)
class Visit:
    """What a calendar says of a job; it may be on no aircraft, and to no data."""

    number: str
    title: str
    title_zh: str | None
    registration: str | None
    site: Site
    starts_at: datetime
    ends_at: datetime
    data: DataReference | None
    parts: tuple[PartLine, ...] = ()
    tools: tuple[ToolLine, ...] = ()
    tentative: bool = False
    """It is planned, and nobody has been given it yet."""


def job_entry(
    visit: Visit, language: str, *, key: UUID, sequence: int, changed_at: datetime, withdrawn: bool = False
) -> Entry:
    """Return the entry of a job, its description in one of the product's languages.

    `key` tells the job for ever; `sequence` grows with each change of it.
    """
    with speaking(catalogue(language)):
        return Entry(
            key=key,
            sequence=sequence,
            changed_at=changed_at,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            summary=" · ".join(
                one
                for one in (visit.number, visit.registration, words.titles(visit.title, visit.title_zh)[0])
                if one is not None
            ),
            location=words.place(visit.site),
            description="\n".join(_described(visit)),
            withdrawn=withdrawn,
        )


def _described(visit: Visit) -> Iterator[str]:
    if visit.tentative:
        yield _("Planned; you have not been given it yet, and it may still change")
    yield _("Starts: {when}").format(when=words.moment(visit.starts_at, visit.site, " = "))
    yield _("Ends: {when}").format(when=words.moment(visit.ends_at, visit.site, " = "))
    if visit.data is not None:
        yield _("Work only to {data}").format(data=words.reference(visit.data))
    for part in visit.parts:
        serial = f" ({part.serial})" if part.serial else ""
        yield _("Part: {part}").format(
            part=f"{words.number(part.quantity)} {part.unit} {part.number}{serial} {part.description}"
        )
    for tool in visit.tools:
        serial = f" ({tool.serial})" if tool.serial else ""
        yield _("Tool: {tool}").format(tool=f"{tool.number}{serial} {tool.description}")
