"""From what is known of a job to what its papers print. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from fieldops.dispatch.card_facts import AdviceSheet, CardFacts, CardPart, CardSeat, ReleaseSheet
from fieldops.dispatch.checklists.schemas import AnsweredStep
from fieldops.dispatch.papers import JobCard, ReleaseCertificate
from fieldops.dispatch.papers.parts import (
    DataReference,
    Deferral,
    LabourLine,
    OperatorRelease,
    PartLine,
    Seat,
    Signatory,
    Site,
    Step,
    Tail,
    ToolLine,
)
from fieldops.dispatch.papers.statements import statement_of
from fieldops.dispatch.papers.words import NONE, number

_SIGNS = {
    "mechanic": ("finish",),
    "independent_inspector": ("inspect",),
    "release_signatory": ("release",),
    "advisory_engineer": ("finish", "close_advisory"),
}
"""By which steps a seat signs."""


def card_to_print(facts: CardFacts, organisation: str, now: datetime) -> JobCard:
    """Return the card of a job, issued now."""
    return JobCard(
        number=facts.job,
        work_order=facts.work_order,
        title=facts.title,
        title_zh=facts.title_zh,
        organisation=organisation,
        approval=facts.approval or NONE,
        issued_at=now,
        tail=_tail(facts),
        site=_site(facts),
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        task=facts.task or NONE,
        ata=facts.ata or NONE,
        data=_data(facts.data_reference, facts.data_revision),
        steps=(
            Step(
                "1",
                "\n".join(_work(facts)),
                critical=facts.critical,
                inspected=facts.inspection_required,
            ),
            *(Step(f"1.{one.number}", "\n".join(_answered(one))) for one in facts.checklist),
        ),
        seats=tuple(_seat(facts, one) for one in facts.seats),
        parts=tuple(_parts(facts.parts)),
        tools=tuple(ToolLine(one.kind, one.name, one.serial, one.calibration_due) for one in facts.tools),
        labour=tuple(LabourLine(one.name, one.started_at, one.ended_at) for one in facts.labour),
    )


def certificate_to_print(end: ReleaseSheet | AdviceSheet, organisation: str) -> ReleaseCertificate:
    """Return the certificate of a release, or the record of advice; the latter has the number of its job."""
    facts, signatory = end.card, Signatory(end.name, _joined(end.licences), _joined(end.authorisations))
    if isinstance(end, AdviceSheet):
        data = _data(facts.data_reference, facts.data_revision)
        return ReleaseCertificate(
            number=facts.job,
            job=facts.job,
            work_order=facts.work_order,
            organisation=organisation,
            approval=facts.approval or NONE,
            tail=_tail(facts),
            site=_site(facts),
            work_done=tuple(_done(facts)),
            data=() if data is None else (data,),
            limitations=(),
            deferrals=(),
            signatory=signatory,
            signed_at=end.closed_at,
            operator_release=OperatorRelease(end.reference, (facts.tail and facts.tail.customer) or NONE),
        )
    return ReleaseCertificate(
        number=end.number,
        job=facts.job,
        work_order=facts.work_order,
        organisation=organisation,
        approval=end.approval,
        tail=_tail(facts),
        site=_site(facts),
        work_done=tuple(_done(facts)),
        data=(DataReference(end.data_reference, end.data_revision),),
        limitations=(end.limitations,) if end.limitations else (),
        deferrals=tuple(Deferral(one.reference, one.text, one.category, one.due_on) for one in end.deferrals),
        signatory=signatory,
        signed_at=end.released_at,
        statement=statement_of((facts.tail and facts.tail.authority) or NONE),
    )


def _answered(one: AnsweredStep) -> Iterator[str]:
    """Yield what a step of the checklist asks for, in both languages, and its answer with who gave it when (UTC)."""
    limits = "" if one.unit is None else f" ({_limit(one.lowest)} – {_limit(one.highest)} {one.unit})"
    yield " / ".join(name for name in (one.name, one.name_zh) if name) + limits
    if one.answer is not None and one.answered_at is not None:
        told = one.answer.text or ("" if one.answer.value is None else f"{number(one.answer.value)} {one.unit}")
        who = one.name_of_technician or one.technician or NONE
        mark = f"[{'x' if one.settled else ' '}] {told}".rstrip()
        yield f"{mark} · {who} · {one.answered_at:%Y-%m-%d %H:%M} UTC"


def _limit(value: Decimal | None) -> str:
    return "…" if value is None else number(value)


def _seat(facts: CardFacts, one: CardSeat) -> Seat:
    """Return a seat with when who sits there signed as that, last."""
    steps = _SIGNS.get(one.seat, ())
    signed = [told.signed_at for told in facts.signatures if told.technician == one.technician and told.step in steps]
    return Seat(one.seat, one.name, (*one.licences, *one.authorisations), max(signed, default=None))


def _tail(facts: CardFacts) -> Tail:
    told = facts.tail
    if told is None:
        return Tail(NONE, NONE, NONE, NONE)
    return Tail(
        told.registration, told.aircraft_type or NONE, told.serial or NONE, told.customer or told.operator or NONE
    )


def _site(facts: CardFacts) -> Site:
    return Site(facts.place, facts.place_name, facts.time_zone)


def _data(reference: str | None, revision: str | None) -> DataReference | None:
    return None if reference is None else DataReference(reference, revision or NONE)


def _work(facts: CardFacts) -> Iterator[str]:
    """Yield what is to be done, in each language that it is told in."""
    told = (facts.task_title, facts.task_title_zh) if facts.task_title else (facts.title, facts.title_zh)
    yield from (one for one in told if one)
    if facts.system:
        yield facts.system


def _done(facts: CardFacts) -> Iterator[str]:
    yield from (one for one in (facts.title, facts.title_zh) if one)
    if facts.task_title:
        yield " · ".join(one for one in (facts.task, *_work(facts)) if one)
    for part in facts.parts:
        if part.used:
            piece = f" · {part.lot}" if part.lot else ""
            yield f"{number(part.quantity)} {part.unit} {part.part}{piece} · {part.description}"


def _parts(parts: tuple[CardPart, ...]) -> Iterator[PartLine]:
    """Yield the parts that were used, then what is needed still; an alternate that was used stands for its part."""
    used = [one for one in parts if one.used]
    left = {id(one): one.quantity for one in used}
    for one in used:
        yield PartLine(one.part, one.description, one.quantity, one.unit, one.lot, (), one.document)
    for need in parts:
        if need.used:
            continue
        missing = need.quantity
        for one in used:
            if one.part == need.part or one.part in need.alternates:
                taken = min(missing, left[id(one)])
                left[id(one)] -= taken
                missing -= taken
        if missing > Decimal():
            yield PartLine(need.part, need.description, missing, need.unit, None, tuple(need.alternates))


def _joined(texts: tuple[str, ...]) -> str:
    return ", ".join(texts) or NONE
