"""Reads for files: every record of a kind in pages, and which codes there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from fieldops.exchange.schemas import OpeningStock, Paper, PlaceSources
from fieldops.workforce.models import Shift, Technician
from fieldops.workforce.queries import technician_page
from fieldops.workforce.schemas import Duty, NewTechnician
from inventory.catalogue.service import part_ids
from inventory.kernel.lookup import portions
from inventory.kernel.scope import actor_of
from inventory.ledger.costs import unit_costs
from inventory.ledger.models import NO_LOT, OWN
from inventory.ledger.queries import balance_page
from inventory.ledger.schemas import BalanceOut
from inventory.network.models import Place, Source
from inventory.traceability.paper_queries import FIRST_KEY, document_page, entry_page
from inventory.traceability.paper_schemas import DocumentOut, Numbered
from inventory.traceability.queries import known_lots
from inventory.traceability.rule_schemas import EntryOut

COSTS = "budget.read"
"""The permission of those who may see what stock cost."""

PAGE = 1_000
"""How many records are read at once."""

Record = TypeVar("Record")


def every(
    page: Callable[..., Sequence[Record]], first: Any, key: Callable[[Record], Any]
) -> Callable[[Session], Iterator[Record]]:
    """Return what reads all records by a function that reads those after a key."""

    def read(session: Session) -> Iterator[Record]:
        after = first
        while records := page(session, after=after, limit=PAGE):
            yield from records
            after = key(records[-1])

    return read


def all_sources(session: Session) -> Iterator[PlaceSources]:
    """Yield the replenishment sources of each place that has others than its parent."""
    place, source = aliased(Place), aliased(Place)
    rows = session.execute(
        select(place.code, source.code)
        .select_from(Source)
        .join(place, place.id == Source.place_id)
        .join(source, source.id == Source.source_id)
        .order_by(place.code, Source.sequence)
    )
    for code, some in groupby(rows, key=lambda row: row[0]):
        yield PlaceSources(place=code, sources=[row[1] for row in some])


def all_stock(session: Session) -> Iterator[OpeningStock]:
    """Yield what lies on every shelf; what a unit of our own cost, too, for those who may see that."""
    after: dict[str, Any] = {}
    tells_costs = actor_of(session).may(COSTS)
    while found := balance_page(session, **after, limit=PAGE):
        balances = [balance for _key, balance in found]
        costs = _costs(session, [one for one in balances if one.owner == OWN]) if tells_costs else {}
        for one in balances:
            # the values come from columns that hold what the schema wants
            cost = costs.get((one.part, one.lot)) if one.owner == OWN else None
            yield OpeningStock.model_construct(**one.model_dump(), unit_cost=cost)
        after = {"after": found[-1][0]}


def _costs(session: Session, balances: Sequence[BalanceOut]) -> dict[tuple[str, str | None], Decimal]:
    """Return {(part, lot): the cost of one unit}; where it was never priced, the standard cost."""
    parts = part_ids(session, (one.part for one in balances))
    lots = known_lots(session, [(parts[one.part], one.lot) for one in balances if one.lot])
    keys = {
        (one.part, one.lot): (parts[one.part], lots[parts[one.part], one.lot].id if one.lot else NO_LOT)
        for one in balances
    }
    costs = unit_costs(session, keys.values())
    return {pair: costs[key] for pair, key in keys.items()}


def all_documents(session: Session) -> Iterator[Paper]:
    """Yield every document with the numbers that it is of."""
    names = [name for name in Paper.model_fields if name != "lots"]
    for _key, some in groupby(_of_each_number(session), key=lambda one: one.id):
        of_each = list(some)
        # the values come from columns that hold what the schema wants
        lots = tuple(Numbered.model_construct(part=one.part, number=one.number) for one in of_each)
        yield Paper.model_construct(**{name: getattr(of_each[0], name) for name in names}, lots=lots)


def _of_each_number(session: Session) -> Iterator[DocumentOut]:
    after = FIRST_KEY, FIRST_KEY
    while found := document_page(session, after=after, limit=PAGE):
        yield from (document for _lot, document in found)
        lot, last = found[-1]
        after = last.id, lot


def open_entries(session: Session) -> Iterator[EntryOut]:
    """Yield every entry of the watch list that is open."""
    after = FIRST_KEY
    while found := entry_page(session, after=after, limit=PAGE, open_only=True):
        yield from found
        after = found[-1].id


def all_technicians(session: Session) -> Iterator[NewTechnician]:
    """Yield every technician with qualifications and shifts."""
    after = ""
    while found := technician_page(session, after=after, limit=PAGE):
        shifts = _shifts(session, [one.code for one in found])
        for one in found:
            # the values come from columns that hold what the schema wants
            yield NewTechnician.model_construct(
                **one.model_dump(exclude={"region", "version", "qualifications"}),
                qualifications=tuple(one.qualifications),
                shifts=tuple(shifts[one.code]),
            )
        after = found[-1].code


def _shifts(session: Session, codes: Collection[str]) -> defaultdict[str, list[Duty]]:
    rows = session.execute(
        select(Technician.code, Shift.work_date, Shift.starts, Shift.ends)
        .join(Technician, Technician.id == Shift.technician_id)
        .where(Technician.code.in_(codes))
        .order_by(Technician.code, Shift.work_date, Shift.starts)
    )
    found: defaultdict[str, list[Duty]] = defaultdict(list)
    for code, work_date, starts, ends in rows:
        found[code].append(Duty(work_date=work_date, starts=starts, ends=ends))
    return found


def known(session: Session, code: InstrumentedAttribute[str], wanted: Iterable[str]) -> set[str]:
    """Return those of the codes that there are."""
    codes = sorted(set(wanted))
    return {one for some in portions(codes) for one in session.scalars(select(code).where(code.in_(some)))}


def standing(
    session: Session, keys: Select[*tuple[Any, ...]], wanted: Iterable[tuple[Any, ...]]
) -> set[tuple[Any, ...]]:
    """Return those of the keys that stand already, where `keys` selects what a key consists of.

    More may be returned than was asked for.
    """
    columns = [one["expr"] for one in keys.column_descriptions]
    ordered = sorted(set(wanted), key=str)
    found: set[tuple[Any, ...]] = set()
    for some in portions(ordered):
        # part by part: a list of tuples would not use the indexes of SQLite, and NULL is in no list
        values = [{key[at] for key in some} for at in range(len(columns))]
        of_each = (column.in_(those) for column, those in zip(columns, values, strict=True) if None not in those)
        found.update(tuple(row) for row in session.execute(keys.where(*of_each)))
    return found
