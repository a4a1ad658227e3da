"""A job in the calendar of whoever does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from fieldops.dispatch.papers import words
from fieldops.dispatch.papers.card import JobCard, titles
from fieldops.locale import catalogue
from integrations.calendars.feed import Entry
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import speaking


def job_entry(
    card: JobCard, language: str, *, key: UUID, sequence: int, changed_at: datetime, withdrawn: bool = False
) -> Entry:
    """Return the entry of a job, its description in one of the product's languages.

    `key` tells the job for ever; `sequence` grows with each change of it.
    """
    with speaking(catalogue(language)):
        return Entry(
            key=key,
            sequence=sequence,
            changed_at=changed_at,
            starts_at=card.starts_at,
            ends_at=card.ends_at,
            summary=f"{card.number} · {card.tail.registration} · {titles(card)[0]}",
            location=words.place(card.site),
            description="\n".join(_described(card)),
            withdrawn=withdrawn,
        )


def _described(card: JobCard) -> Iterator[str]:
    yield _("Starts: {when}").format(when=words.moment(card.starts_at, card.site, " = "))
    yield _("Ends: {when}").format(when=words.moment(card.ends_at, card.site, " = "))
    yield _("Work only to {data}").format(data=words.reference(card.data))
    for part in card.parts:
        serial = f" ({part.serial})" if part.serial else ""
        yield _("Part: {part}").format(
            part=f"{words.number(part.quantity)} {part.unit} {part.number}{serial} {part.description}"
        )
    for tool in card.tools:
        serial = f" ({tool.serial})" if tool.serial else ""
        yield _("Tool: {tool}").format(tool=f"{tool.number}{serial} {tool.description}")
