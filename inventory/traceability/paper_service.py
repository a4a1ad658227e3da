"""Use cases of the papers of numbers: readings, release documents, periods of operators, links."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import UsageDriver
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.traceability.kinds import LinkKind
from inventory.traceability.models import (
    Lot,
    LotDocument,
    LotKind,
    LotLink,
    LotReading,
    OperatorPeriod,
    ReleaseDocument,
)
from inventory.traceability.paper_queries import doubles_of, numbers_of
from inventory.traceability.paper_schemas import (
    AddedDocument,
    NewDocument,
    NewLink,
    NewPeriod,
    NewReading,
    Numbered,
)
from inventory.traceability.queries import lots_by_number
from inventory.traceability.verdicts import plain
from inventory.traceability.watch import tell_of_watched


def add_readings(session: Session, _actor: Actor, readings: Sequence[NewReading], now: datetime) -> None:
    """Add readings of the use of pieces.

    Raises Invalid for an unknown number, a lot and an instant to come; Conflict where the use since new would fall over
    time, naming the reading that is in the way.
    """
    lots = _locked(session, readings)
    known: defaultdict[tuple[UUID, UsageDriver], list[LotReading]] = defaultdict(list)
    for some in portions(sorted({lot.id for lot in lots})):
        rows = select(LotReading).where(LotReading.lot_id.in_(some)).order_by(LotReading.read_at)
        for row in session.scalars(rows):
            known[row.lot_id, row.driver].append(row)
    for lot, new in zip(lots, readings, strict=True):
        _require_serial(lot)
        if new.read_at > now:
            raise Invalid(
                _("A reading cannot be of an instant to come; correct read_at"), code="reading_ahead", field="read_at"
            )
        row = LotReading(lot_id=lot.id, **new.model_dump(exclude={"part", "number"}))
        _keep_in_order(lot, known[lot.id, new.driver], row)
        session.add(row)
    session.flush()


def _keep_in_order(lot: Lot, known: list[LotReading], new: LotReading) -> None:
    """Put a reading among those of its driver, sorted by time; raises Conflict where the use would fall."""
    at = bisect_left(known, new.read_at, key=lambda one: one.read_at)
    if at < len(known) and known[at].read_at == new.read_at:
        raise Conflict(
            _("There is a reading of {lot} at {instant} already ({document}); it stays as it is").format(
                lot=lot.number, instant=new.read_at.isoformat(), document=known[at].document
            ),
            code="reading_exists",
            field="read_at",
        )
    before, after = known[:at][-1:], known[at : at + 1]
    for other in [one for one in before if one.since_new > new.since_new] + [
        one for one in after if one.since_new < new.since_new
    ]:
        raise Conflict(
            _(
                "The use of {lot} since new cannot fall: {document} reads {read} at {instant}; correct the reading"
            ).format(
                lot=lot.number,
                document=other.document,
                read=plain(other.since_new),
                instant=other.read_at.isoformat(),
            ),
            code="reading_falls",
            field="since_new",
        )
    known.insert(at, new)


def add_documents(
    session: Session, _actor: Actor, documents: Sequence[NewDocument], now: datetime
) -> list[AddedDocument]:
    """Add documents with the numbers that they are of; returns their keys and what looks wrong.

    Raises Invalid for an unknown number and a day to come; Conflict for a document that is known, saying of which
    numbers.
    """
    _refuse_known(session, documents)
    added = []
    for new in documents:
        if new.dated > now.date():
            raise Invalid(
                _("{number} is dated on a day to come; correct the date").format(number=new.tracking_number),
                code="document_ahead",
                field="dated",
            )
        document = ReleaseDocument(id=uuid7(), **new.model_dump(exclude={"lots"}))
        document.releases_under = sorted(set(new.releases_under))
        added.append(document)
    session.add_all(added)
    session.flush()
    warned = _attach(session, [(one.id, new.lots) for one, new in zip(added, documents, strict=True)], now)
    return [AddedDocument(id=one.id, warnings=warned[one.id]) for one in added]


def attach(session: Session, _actor: Actor, key: UUID, lots: Sequence[Numbered], now: datetime) -> AddedDocument:
    """Attach a known document to more numbers; raises NotFound, Invalid for an unknown number."""
    if session.get(ReleaseDocument, key) is None:
        raise NotFound(
            _("There is no document {key}; the list of documents shows those there are").format(key=key),
            code="unknown_document",
        )
    return AddedDocument(id=key, warnings=_attach(session, [(key, lots)], now)[key])


def _attach(
    session: Session, papers: Sequence[tuple[UUID, Sequence[Numbered]]], now: datetime
) -> defaultdict[UUID, list[str]]:
    """Attach documents to numbers, and return {document: what looks wrong about those that are new to it}."""
    lots = iter(lots_by_number(session, [one for _key, numbered in papers for one in numbered]))
    attached: set[tuple[UUID, UUID]] = set()
    for some in portions([key for key, _numbered in papers]):
        of_some = select(LotDocument.lot_id, LotDocument.document_id).where(LotDocument.document_id.in_(some))
        attached |= {(lot, document) for lot, document in session.execute(of_some)}
    new: dict[tuple[UUID, UUID], Lot] = {}
    for key, numbered in papers:
        new |= {(lot.id, key): lot for _one, lot in zip(numbered, lots, strict=False) if (lot.id, key) not in attached}
    session.add_all(LotDocument(lot_id=lot, document_id=document) for lot, document in new)
    session.flush()
    of_lots = {lot.id: lot for lot in new.values()}
    watched = tell_of_watched(session, of_lots.values(), now)
    doubles = doubles_of(session, list(of_lots))
    told: defaultdict[UUID, list[str]] = defaultdict(list)
    for lot, document in new:
        for what in watched.get(lot, ()):
            told[document].append(_("On the watch list: {what}; quarantine it").format(what=what))
        told[document] += [
            _("Serial number {number} of {part} stands under {other}, too; check the data plate").format(
                number=one.number, part=one.part, other=one.other_part
            )
            for one in doubles.get(lot, ())
        ]
    return told


def _refuse_known(session: Session, documents: Sequence[NewDocument]) -> None:
    keys = [(one.form, one.tracking_number, one.approval) for one in documents]
    columns = (ReleaseDocument.form, ReleaseDocument.tracking_number, ReleaseDocument.approval)
    with unscoped(session):  # a document of another region is known, too
        known: dict[tuple[Any, ...], UUID | None] = {
            (form, number, approval): key
            for some in portions(keys)
            for key, form, number, approval in session.execute(
                select(ReleaseDocument.id, *columns).where(tuple_(*columns).in_(some))
            )
        }
    for key in keys:
        if key in known:
            first = known[key]
            of = numbers_of(session, first) if first is not None else []
            raise Conflict(
                _("{number} of {approval} is known already, of: {lots}; attach that, or report a double").format(
                    number=key[1], approval=key[2], lots=", ".join(of) or _("numbers that you do not see")
                ),
                code="document_exists",
                field="tracking_number",
            )
        known[key] = None


def add_periods(session: Session, _actor: Actor, periods: Sequence[NewPeriod], now: datetime) -> None:
    """Add periods of pieces' lives; an open one ends where the next begins.

    Raises Invalid for an unknown number, a lot and a day to come; Conflict for a period that overlaps another, naming
    it. The day of the hand-over may be in both.
    """
    lots = _locked(session, periods)
    known: defaultdict[UUID, list[OperatorPeriod]] = defaultdict(list)
    for some in portions(sorted({lot.id for lot in lots})):
        for row in session.scalars(select(OperatorPeriod).where(OperatorPeriod.lot_id.in_(some))):
            known[row.lot_id].append(row)
    for lot, new in zip(lots, periods, strict=True):
        _require_serial(lot)
        if max(new.starts_on, new.ends_on or date.min) > now.date():
            raise Invalid(
                _("A period cannot reach into days to come; correct the days"), code="period_ahead", field="ends_on"
            )
        row = OperatorPeriod(lot_id=lot.id, **new.model_dump(exclude={"part", "number"}))
        for other in known[lot.id]:
            if _overlap(other, row):
                raise _overlaps(lot, other)
        known[lot.id].append(row)
        session.add(row)
    session.flush()


def _overlap(one: OperatorPeriod, other: OperatorPeriod) -> bool:
    first, second = sorted((one, other), key=lambda period: period.starts_on)
    if first.starts_on == second.starts_on:
        return True
    return first.ends_on is not None and second.starts_on < first.ends_on


def _overlaps(lot: Lot, other: OperatorPeriod) -> Conflict:
    return Conflict(
        _("{operator} had {lot} from {first} to {last} ({document}); correct the days of one of the periods").format(
            operator=other.operator,
            lot=lot.number,
            first=other.starts_on,
            last=other.ends_on or "…",
            document=other.document,
        ),
        code="period_overlaps",
        field="starts_on",
    )


_SAME_KIND = {LinkKind.RENUMBERED: LotKind.SERIAL, LinkKind.SPLIT: LotKind.LOT}
"""What both ends of a link must be."""


def add_links(session: Session, _actor: Actor, links: Sequence[NewLink], now: datetime) -> None:
    """Add edges to the genealogy of numbers.

    Raises Invalid for an unknown number, a number linked with itself, one of the wrong kind and an instant to come,
    Conflict for a link that is there already.
    """
    lots = lots_by_number(session, links)
    others = lots_by_number(session, [Numbered(part=one.other_part, number=one.other_number) for one in links])
    edges = [(lot.id, other.id, one.kind, one.linked_at) for lot, other, one in zip(lots, others, links, strict=True)]
    columns = (LotLink.lot_id, LotLink.other_id, LotLink.kind, LotLink.linked_at)
    known = {
        tuple(row)
        for some in portions(edges)
        for row in session.execute(select(*columns).where(LotLink.lot_id.in_([edge[0] for edge in some])))
    }
    for lot, other, new, edge in zip(lots, others, links, edges, strict=True):
        _refuse_link(lot, other, new, now)
        if edge in known:
            raise Conflict(
                _("{lot} is linked with {other} in this way already; nothing was added").format(
                    lot=lot.number, other=other.number
                ),
                code="link_exists",
                field="other_number",
            )
        known.add(edge)
        session.add(
            LotLink(lot_id=lot.id, other_id=other.id, kind=new.kind, linked_at=new.linked_at, document=new.document)
        )
    session.flush()


def _refuse_link(lot: Lot, other: Lot, new: NewLink, now: datetime) -> None:
    if lot.id == other.id:
        raise Invalid(
            _("{lot} cannot be linked with itself; name another number").format(lot=lot.number),
            code="link_to_itself",
            field="other_number",
        )
    wanted = _SAME_KIND.get(new.kind)
    fits = other.kind is LotKind.SERIAL if wanted is None else lot.kind is other.kind is wanted
    if not fits or (new.kind is LinkKind.SPLIT and lot.part_id != other.part_id):
        raise Invalid(
            _("{lot} and {other} cannot be linked as {kind}; correct the kind or the numbers").format(
                lot=lot.number, other=other.number, kind=new.kind
            ),
            code="link_kind",
            field="kind",
        )
    if new.linked_at > now:
        raise Invalid(
            _("A link cannot be of an instant to come; correct linked_at"), code="link_ahead", field="linked_at"
        )


def _locked(session: Session, numbered: Sequence[Numbered]) -> list[Lot]:
    """Return the numbers, locked in the order of their keys: what is compared with others must not change meanwhile."""
    lots = lots_by_number(session, numbered)
    for some in portions(sorted({lot.id for lot in lots})):
        session.scalars(select(Lot).where(Lot.id.in_(some)).order_by(Lot.id).with_for_update()).all()
    return lots


def _require_serial(lot: Lot) -> None:
    if lot.kind is not LotKind.SERIAL:
        raise Invalid(
            _("{lot} is the number of a lot; use and life are of a piece with a serial number").format(lot=lot.number),
            code="serial_needed",
            field="number",
        )
