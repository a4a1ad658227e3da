"""The job card: what is to be done on an aircraft, by whom, with what, to which revision of the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldops.dispatch.papers import words
from fieldops.dispatch.papers.parts import (
    DataReference,
    Deferral,
    LabourLine,
    PartLine,
    Seat,
    Site,
    Step,
    Tail,
    ToolLine,
)
from fieldops.locale import catalogue, tag
from integrations.paper.document import (
    Block,
    Column,
    Facts,
    Heading,
    Notice,
    Paper,
    SignatureBox,
    Signatures,
    Table,
    Text,
)
from integrations.paper.render import pdf
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language, ngettext, speaking

_LABOUR_BY_HAND = 4
_CRITICAL, _INSPECTED = "▲", "◎"


@dataclass(frozen=True, slots=True)
class JobCard:
    """What is printed on a job card; `title_zh` is the Chinese title where there is one.

    Without `data` the card says that there is none to work to; `deferrals` None are not known, and left out.
    """

    number: str
    work_order: str
    title: str
    title_zh: str | None
    organisation: str
    approval: str
    issued_at: datetime
    tail: Tail
    site: Site
    starts_at: datetime
    ends_at: datetime
    task: str
    ata: str
    data: DataReference | None
    steps: tuple[Step, ...]
    seats: tuple[Seat, ...]
    parts: tuple[PartLine, ...] = ()
    tools: tuple[ToolLine, ...] = ()
    precautions: tuple[str, ...] = ()
    deferrals: tuple[Deferral, ...] | None = None
    labour: tuple[LabourLine, ...] = ()


def job_card_pdf(card: JobCard, language: str) -> bytes:
    """Return a job card as PDF, its labels in one of the product's languages; the same card gives the same bytes.

    Raises ValueError for an instant without a time zone.
    """
    with speaking(catalogue(language)):
        return pdf(_paper(card))


def _paper(card: JobCard) -> Paper:
    title, other = words.titles(card.title, card.title_zh)
    return Paper(
        number=card.number,
        title=_("Job card"),
        subtitle=f"{title}\n{other}" if other else title,
        organisation=f"{card.organisation} · {card.approval}",
        revision=words.revision((card.data,) if card.data else ()),
        banner="",
        page_of=_("Page {page} of {pages}"),
        language=tag(language()),
        blocks=tuple(_blocks(card)),
    )


def _blocks(card: JobCard) -> Iterator[Block]:
    yield Facts(
        (
            (_("Job"), card.number),
            (_("Work order"), card.work_order),
            (_("Task"), card.task),
            (_("ATA chapter"), card.ata),
            *words.aircraft(card.tail),
        ),
        columns=4,
    )
    yield Facts(
        (
            (_("Place"), words.place_in_zone(card.site)),
            (_("Issued"), words.moment(card.issued_at, card.site)),
            (_("Starts"), words.moment(card.starts_at, card.site)),
            (_("Ends"), words.moment(card.ends_at, card.site)),
        )
    )
    if card.data is None:
        yield Notice(_("No maintenance data is named; ask for it before you work"))
    else:
        yield Notice(_("Work only to {data}").format(data=words.reference(card.data)))
    yield Heading(_("Precautions"))
    yield Text(words.listed(f"• {one}" for one in card.precautions))
    yield Heading(_("People"))
    yield _people(card.seats)
    yield Heading(_("Parts"))
    yield _parts(card.parts)
    yield Heading(_("Tools"))
    yield _tools(card.tools)
    if card.deferrals is not None:
        yield Heading(_("Open deferrals"))
        yield words.deferrals(card.deferrals)
    yield from _work(card.steps)
    yield Heading(_("Labour"))
    yield _labour(card)
    if card.seats:
        yield Heading(_("Signatures"))
        yield Signatures(tuple(_box(seat, card.site) for seat in card.seats))


def _work(steps: tuple[Step, ...]) -> Iterator[Block]:
    yield Heading(_("Steps"))
    if any(step.critical or step.inspected for step in steps):
        yield Text(
            _("{critical} critical task   {inspected} independent inspection by another person").format(
                critical=_CRITICAL, inspected=_INSPECTED
            )
        )
    columns = (
        Column(_("Step"), 0.7),
        Column(_("Mark"), 0.9),
        Column(_("Work"), 5.4),
        Column(_("Done: stamp, sign"), 1.7, blank=True),
        Column(_("Inspected: stamp, sign"), 1.9, blank=True),
    )
    rows = tuple((step.number, _mark(step), step.text, "", "" if step.inspected else words.NONE) for step in steps)
    yield Table(columns, rows, frozenset(at for at, step in enumerate(steps) if step.critical))


def _mark(step: Step) -> str:
    return " ".join(mark for mark, said in ((_CRITICAL, step.critical), (_INSPECTED, step.inspected)) if said)


def _people(seats: tuple[Seat, ...]) -> Table:
    columns = (Column(_("Seat"), 1.5), Column(_("Full name"), 2), Column(_("Licences, authorisations"), 3))
    rows = tuple((words.seat(one.kind), one.name or _("not assigned"), words.listed(one.licences)) for one in seats)
    return Table(columns, rows or ((_("None"), words.NONE, words.NONE),))


def _parts(parts: tuple[PartLine, ...]) -> Table:
    columns = (
        Column(_("Part number"), 2),
        Column(_("Description"), 2.4),
        Column(_("Serial number"), 1.4),
        Column(_("Quantity"), 1.2, right=True),
        Column(_("Alternates"), 2),
        Column(_("Release document"), 2),
    )
    rows = tuple(
        (
            part.number,
            part.description,
            part.serial or words.NONE,
            f"{words.number(part.quantity)} {part.unit}",
            words.listed(part.alternates),
            part.release_document or words.NONE,
        )
        for part in parts
    )
    return Table(columns, rows or ((_("None"), *[words.NONE] * 5),))


def _tools(tools: tuple[ToolLine, ...]) -> Table:
    columns = (
        Column(_("Tool"), 2),
        Column(_("Description"), 3),
        Column(_("Serial number"), 1.5),
        Column(_("Calibration due"), 1.5),
    )
    rows = tuple(
        (one.number, one.description, one.serial or words.NONE, words.day(one.calibration_due)) for one in tools
    )
    return Table(columns, rows or ((_("None"), *[words.NONE] * 3),))


def _labour(card: JobCard) -> Table:
    """Return what was booked and its sum; empty rows where nothing was booked yet."""
    columns = (
        Column(_("Full name"), 2, blank=not card.labour),
        Column(_("Start"), 2.6, blank=not card.labour),
        Column(_("End"), 2.6, blank=not card.labour),
        Column(_("Time"), 1.1, right=True, blank=not card.labour),
    )
    if not card.labour:
        return Table(columns, (("",) * 4,) * _LABOUR_BY_HAND)
    rows = [_booked(line, card.site) for line in card.labour]
    spans = [line.ended_at - line.started_at for line in card.labour if line.ended_at is not None]
    persons = len({line.name for line in card.labour})
    people = ngettext("{count} person", "{count} people", persons).format(count=persons)
    total = (_("Total"), people, "", words.duration(sum(spans, timedelta())))
    return Table(columns, (*rows, total), frozenset({len(rows)}))


def _booked(line: LabourLine, site: Site) -> tuple[str, ...]:
    start = words.moment(line.started_at, site)
    if line.ended_at is None:
        return line.name, start, _("not ended"), words.NONE
    return line.name, start, words.moment(line.ended_at, site), words.duration(line.ended_at - line.started_at)


def _box(seat: Seat, site: Site) -> SignatureBox:
    facts = (
        (_("Full name"), seat.name or words.NONE),
        (_("Licences, authorisations"), words.listed(seat.licences)),
    )
    if seat.signed_at is None:
        return SignatureBox(words.seat(seat.kind), facts, (_("Signature, stamp"), _("Date, time")))
    signed = (_("Signed with the own login"), words.moment(seat.signed_at, site))
    return SignatureBox(words.seat(seat.kind), (*facts, signed), ())
