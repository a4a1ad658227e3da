"""The watch list: what an entry meets, and opening and closing entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Forbidden, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.kernel.texts import gettext as _
from inventory.traceability.kinds import WatchKind
from inventory.traceability.models import Lot, LotDocument, LotKind, ReleaseDocument, WatchEntry
from inventory.traceability.rule_schemas import NewEntry

NAMED_MAX = 50
"""How many numbers an event names."""


def papers_of(session: Session, lots: Sequence[UUID]) -> defaultdict[UUID, list[ReleaseDocument]]:
    """Return {number's key: its documents}, oldest first."""
    found: defaultdict[UUID, list[ReleaseDocument]] = defaultdict(list)
    for some in portions(lots):
        attached = (
            select(LotDocument.lot_id, ReleaseDocument)
            .join(ReleaseDocument, ReleaseDocument.id == LotDocument.document_id)
            .where(LotDocument.lot_id.in_(some))
            .order_by(ReleaseDocument.dated, ReleaseDocument.id)
        )
        for lot, document in session.execute(attached):
            found[lot].append(document)
    return found


def met(
    session: Session, lots: Collection[Lot], papers: Mapping[UUID, Sequence[ReleaseDocument]]
) -> dict[UUID, list[WatchEntry]]:
    """Return {number's key: the open entries that it meets by itself or by its documents}, for those that meet any."""
    traits = {lot.id: _traits(lot, papers.get(lot.id, ())) for lot in lots}
    known = sorted({value for told in traits.values() for values in told.values() for value in values})
    entries = [
        entry
        for some in portions(known)
        for entry in session.scalars(
            select(WatchEntry)
            .where(WatchEntry.closed_at.is_(None), WatchEntry.sought.in_(some))
            .order_by(WatchEntry.opened_at, WatchEntry.id)
        )
    ]
    if not entries:
        return {}
    found = {lot.id: [entry for entry in entries if _meets(entry, lot, traits[lot.id])] for lot in lots}
    return {lot: those for lot, those in found.items() if those}


def concerned(session: Session, entry: WatchEntry) -> list[Lot]:
    """Return the numbers that an entry is about, in the order of their keys."""
    columns = {
        WatchKind.SERIAL: (Lot.number,),
        WatchKind.BATCH: (Lot.number, ReleaseDocument.batch),
        WatchKind.CERTIFICATE: (ReleaseDocument.tracking_number,),
        WatchKind.ORGANISATION: (ReleaseDocument.organisation, ReleaseDocument.approval),
    }[entry.kind]
    named = or_(*(or_(func.lower(column) == entry.sought, column == entry.value) for column in columns))
    query = (
        select(Lot)
        .outerjoin(LotDocument, LotDocument.lot_id == Lot.id)
        .outerjoin(ReleaseDocument, ReleaseDocument.id == LotDocument.document_id)
        .where(named)
        .distinct()
        .order_by(Lot.id)
    )
    if entry.part_id is not None:
        query = query.where(Lot.part_id == entry.part_id)
    found = session.scalars(query).all()
    papers = papers_of(session, [lot.id for lot in found])
    return [lot for lot in found if _meets(entry, lot, _traits(lot, papers[lot.id]))]


def tell_of_watched(session: Session, lots: Collection[Lot], now: datetime) -> dict[UUID, list[str]]:
    """Tell the network of numbers that meet the watch list; returns {number's key: what it meets}."""
    found = met(session, lots, papers_of(session, [lot.id for lot in lots]))
    by_key = {lot.id: lot.number for lot in lots}
    told = {key: [f"{by_key[key]}: {described(entry)}" for entry in entries] for key, entries in found.items()}
    if told:
        what = [one for those in told.values() for one in those]
        emit(session, "stock.watched", {"what": what[:NAMED_MAX], "count": len(what)}, now, audience=NETWORK_ONLY)
    return told


def described(entry: WatchEntry) -> str:
    """Return what an entry watches for and why, on one line."""
    return f"{entry.kind} {entry.value}: {entry.reason}"


def open_entry(session: Session, actor: Actor, new: NewEntry, now: datetime) -> WatchEntry:
    """Open an entry of the watch list; raises Invalid for an unknown part, Conflict for what is watched already."""
    part = None if new.part is None else part_ids(session, [new.part])[new.part]
    sought = new.value.lower()
    standing = select(WatchEntry).where(
        WatchEntry.kind == new.kind, WatchEntry.sought == sought, WatchEntry.closed_at.is_(None)
    )
    if any(one.part_id in (None, part) for one in session.scalars(standing)):
        raise Conflict(
            _("{kind} {value} is on the watch list already; read the entry there").format(
                kind=new.kind, value=new.value
            ),
            code="watched_already",
            field="value",
        )
    entry = WatchEntry(
        kind=new.kind,
        value=new.value,
        sought=sought,
        part_id=part,
        reason=new.reason,
        source=new.source,
        opened_by=actor.id,
        opened_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def close_entry(session: Session, actor: Actor, key: UUID, reason: str, now: datetime) -> WatchEntry:
    """Close an entry; raises NotFound, Conflict for one that is closed, Forbidden for whoever opened it."""
    entry = entry_by_key(session, key)
    if entry.closed_at is not None:
        raise Conflict(
            _("This entry was closed by {who} already; open another one, if need be").format(who=entry.closed_by),
            code="entry_closed",
        )
    if entry.opened_by == actor.id:
        raise Forbidden(_("You opened this entry yourself; a second person must close it"), code="second_person_needed")
    entry.closed_by, entry.closed_at, entry.closing_reason = actor.id, now, reason
    session.flush()
    return entry


def entry_by_key(session: Session, key: UUID) -> WatchEntry:
    """Return an entry; raises NotFound."""
    entry = session.get(WatchEntry, key)
    if entry is None:
        raise NotFound(
            _("There is no entry {key} of the watch list; the list shows those there are").format(key=key),
            code="unknown_entry",
        )
    return entry


def _traits(lot: Lot, papers: Iterable[ReleaseDocument]) -> dict[WatchKind, set[str]]:
    """Return by what a number can be met, in lower case."""
    told: dict[WatchKind, set[str]] = {kind: set() for kind in WatchKind}
    told[WatchKind.SERIAL].add(lot.number.lower())
    if lot.kind is LotKind.LOT:
        told[WatchKind.BATCH].add(lot.number.lower())
    for paper in papers:
        told[WatchKind.CERTIFICATE].add(paper.tracking_number.lower())
        told[WatchKind.ORGANISATION] |= {paper.organisation.lower(), paper.approval.lower()}
        if paper.batch is not None:
            told[WatchKind.BATCH].add(paper.batch.lower())
    return told


def _meets(entry: WatchEntry, lot: Lot, traits: Mapping[WatchKind, set[str]]) -> bool:
    return entry.sought in traits[entry.kind] and entry.part_id in (None, lot.part_id)
