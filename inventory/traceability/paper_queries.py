"""Reads of the papers of numbers, of life limits, acceptance rules and the watch list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from inventory.catalogue.models import Part
from inventory.kernel.lookup import portions
from inventory.network.models import Place
from inventory.traceability.kinds import WatchKind
from inventory.traceability.models import (
    AcceptanceRule,
    LifeLimit,
    Lot,
    LotDocument,
    LotKind,
    LotLink,
    LotReading,
    OperatorPeriod,
    ReleaseDocument,
    WatchEntry,
)
from inventory.traceability.paper_schemas import DocumentOut, LinkOut, PeriodOut, ReadingOut, SuspicionOut
from inventory.traceability.rule_schemas import EntryOut, LimitOut, RuleOut

FIRST_KEY = UUID(int=0)


def reading_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, part: str | None = None, number: str | None = None
) -> list[ReadingOut]:
    """Return up to `limit` readings after a key, oldest entry first."""
    query = _of_lots(LotReading, LotReading.lot_id, part, number)
    query = query.where(LotReading.id > after).order_by(LotReading.id).limit(limit)
    return [ReadingOut(**_row(row, LotReading)) for row in session.execute(query).mappings()]


def period_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, part: str | None = None, number: str | None = None
) -> list[PeriodOut]:
    """Return up to `limit` periods after a key, oldest entry first."""
    query = _of_lots(OperatorPeriod, OperatorPeriod.lot_id, part, number)
    query = query.where(OperatorPeriod.id > after).order_by(OperatorPeriod.id).limit(limit)
    return [PeriodOut(**_row(row, OperatorPeriod)) for row in session.execute(query).mappings()]


def document_page(
    session: Session,
    *,
    after: tuple[UUID, UUID] = (FIRST_KEY, FIRST_KEY),
    limit: int,
    part: str | None = None,
    number: str | None = None,
    tracking_number: str | None = None,
) -> list[tuple[UUID, DocumentOut]]:
    """Return up to `limit` documents of numbers after (document, number), oldest entry first, with the number's key."""
    query = (
        _of_lots(ReleaseDocument, LotDocument.lot_id, part, number, through=LotDocument.document_id)
        .where(tuple_(ReleaseDocument.id, LotDocument.lot_id) > tuple_(*after))
        .order_by(ReleaseDocument.id, LotDocument.lot_id)
        .limit(limit)
    )
    if tracking_number is not None:
        query = query.where(ReleaseDocument.tracking_number == tracking_number)
    return [(row["lot_id"], DocumentOut(**_row(row, ReleaseDocument))) for row in session.execute(query).mappings()]


def papers_of_numbers(session: Session, part: str, numbers: Collection[str]) -> dict[str, list[DocumentOut]]:
    """Return {number: its release documents} of some numbers of a part, the newest first."""
    found: defaultdict[str, list[DocumentOut]] = defaultdict(list)
    query = _of_lots(ReleaseDocument, LotDocument.lot_id, part, None, through=LotDocument.document_id)
    query = query.where(Lot.number.in_(numbers)).order_by(ReleaseDocument.dated.desc(), ReleaseDocument.id)
    for row in session.execute(query).mappings():
        found[row["number"]].append(DocumentOut(**_row(row, ReleaseDocument)))
    return found


def link_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, part: str | None = None, number: str | None = None
) -> list[LinkOut]:
    """Return up to `limit` links of numbers after a key, oldest entry first; a number's own, not those to it."""
    other, its_part = aliased(Lot), aliased(Part)
    query = (
        _of_lots(LotLink, LotLink.lot_id, part, number)
        .add_columns(other.number.label("other_number"), its_part.part_number.label("other_part"))
        .join(other, other.id == LotLink.other_id)
        .join(its_part, its_part.id == other.part_id)
        .where(LotLink.id > after)
        .order_by(LotLink.id)
        .limit(limit)
    )
    return [
        LinkOut(other_number=row["other_number"], other_part=row["other_part"], **_row(row, LotLink))
        for row in session.execute(query).mappings()
    ]


def _of_lots(
    table: Any,
    lot: InstrumentedAttribute[UUID],
    part: str | None,
    number: str | None,
    *,
    through: InstrumentedAttribute[UUID] | None = None,
) -> Select[Any]:
    """Return the query of a table's records with the number that each belongs to; `through` links it with `table`."""
    query = select(
        table,
        lot.label("lot_id"),
        Part.part_number.label("part"),
        Lot.number.label("number"),
        Place.code.label("place"),
    ).select_from(table)
    if through is not None:
        query = query.join(through.class_, through == table.id)
    query = query.join(Lot, Lot.id == lot).join(Part, Part.id == Lot.part_id).outerjoin(Place, Place.id == Lot.place_id)
    if part is not None:
        query = query.where(Part.part_number == part)
    if number is not None:
        query = query.where(Lot.number == number)
    return query


def _row(row: Any, table: Any) -> dict[str, Any]:
    """Return what a row tells: the columns of the record, and the number that it belongs to."""
    record = row[table.__name__]
    told = {name: getattr(record, name) for name in table.__mapper__.column_attrs.keys()}  # noqa: SIM118 - it is no dict
    return told | {"part": row["part"], "number": row["number"], "place": row["place"]}


def numbers_of(session: Session, document: UUID) -> list[str]:
    """Return the numbers that a document is of, each with its part, as far as they are seen."""
    rows = session.execute(
        select(Part.part_number, Lot.number)
        .join(Lot, Lot.part_id == Part.id)
        .join(LotDocument, LotDocument.lot_id == Lot.id)
        .where(LotDocument.document_id == document)
        .order_by(Part.part_number, Lot.number)
    )
    return [f"{part} {number}" for part, number in rows]


def doubles_of(session: Session, lots: Sequence[UUID]) -> dict[UUID, list[SuspicionOut]]:
    """Return {number's key: other parts of the same manufacturer that it stands under} for serial numbers of some."""
    found: defaultdict[UUID, list[SuspicionOut]] = defaultdict(list)
    for some in portions(lots):
        for row in session.execute(_doubles().add_columns(Lot.id).where(Lot.id.in_(some))).mappings():
            found[row["id"]].append(SuspicionOut(**{name: row[name] for name in SuspicionOut.model_fields}))
    return found


def suspicion_page(
    session: Session, *, after: tuple[str, str, str] = ("", "", ""), limit: int, part: str | None = None
) -> list[SuspicionOut]:
    """Return up to `limit` serial numbers that stand under two parts of one maker, after (part, number, other)."""
    other_part = aliased(Part, name="other_part")
    query = _doubles(other_part)
    query = query.where(tuple_(Part.part_number, Lot.number, other_part.part_number) > tuple_(*after)).limit(limit)
    if part is not None:
        query = query.where(Part.part_number == part)
    return [SuspicionOut(**row) for row in session.execute(query).mappings()]


def _doubles(other_part: Any = None) -> Select[Any]:
    other = aliased(Lot)
    other_part = other_part or aliased(Part)
    return (
        select(
            Part.part_number.label("part"),
            Lot.number.label("number"),
            other_part.part_number.label("other_part"),
            Part.manufacturer_code.label("manufacturer_code"),
            Place.code.label("place"),
        )
        .select_from(Lot)
        .join(Part, Part.id == Lot.part_id)
        .join(other, (other.number == Lot.number) & (other.id != Lot.id) & (other.kind == LotKind.SERIAL))
        .join(other_part, (other_part.id == other.part_id) & (other_part.manufacturer_code == Part.manufacturer_code))
        .outerjoin(Place, Place.id == Lot.place_id)
        .where(Lot.kind == LotKind.SERIAL)
        .order_by(Part.part_number, Lot.number, other_part.part_number)
    )


def limit_page(
    session: Session, *, after: tuple[str, str] = ("", ""), limit: int, part: str | None = None
) -> list[LimitOut]:
    """Return up to `limit` life limits after (part number, driver), in that order."""
    query = (
        select(Part.part_number.label("part"), LifeLimit.driver, LifeLimit.most, LifeLimit.source)
        .join(Part, Part.id == LifeLimit.part_id)
        .where(tuple_(Part.part_number, LifeLimit.driver) > tuple_(*after))
        .order_by(Part.part_number, LifeLimit.driver)
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    return [LimitOut(**row) for row in session.execute(query).mappings()]


def rule_page(session: Session, *, after: str = "", limit: int, authority: str | None = None) -> list[RuleOut]:
    """Return up to `limit` acceptance rules after a code, in that order."""
    query = select(AcceptanceRule).where(AcceptanceRule.code > after).order_by(AcceptanceRule.code).limit(limit)
    if authority is not None:
        query = query.where(AcceptanceRule.authority == authority)
    return [RuleOut.model_validate(row) for row in session.scalars(query)]


def rules_by_code(session: Session, codes: Collection[str]) -> dict[str, RuleOut]:
    """Return {code: acceptance rule} of those among some that there are."""
    rules = (
        rule
        for some in portions(sorted(codes))
        for rule in session.scalars(select(AcceptanceRule).where(AcceptanceRule.code.in_(some)))
    )
    return {rule.code: RuleOut.model_validate(rule) for rule in rules}


def entry_page(
    session: Session,
    *,
    after: UUID = FIRST_KEY,
    limit: int,
    kind: WatchKind | None = None,
    open_only: bool = False,
) -> list[EntryOut]:
    """Return up to `limit` entries of the watch list after a key, oldest first."""
    query = (
        select(WatchEntry, Part.part_number)
        .outerjoin(Part, Part.id == WatchEntry.part_id)
        .where(WatchEntry.id > after)
        .order_by(WatchEntry.id)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(WatchEntry.kind == kind)
    if open_only:
        query = query.where(WatchEntry.closed_at.is_(None))
    return [entry_out(entry, part) for entry, part in session.execute(query)]


def entry_out(entry: WatchEntry, part: str | None) -> EntryOut:
    """Return an entry of the watch list as it goes out; `part` is the number of its part."""
    told = {name: getattr(entry, name) for name in EntryOut.model_fields if name != "part"}
    return EntryOut(part=part, **told)
