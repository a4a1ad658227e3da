"""Reads of the budgets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Text, case, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session, aliased

from fieldops.finance.budgets.models import (
    BudgetEntry,
    BudgetLine,
    BudgetTransfer,
    BudgetVersion,
    BudgetVersionLine,
    CostCentre,
    Earmark,
    EntryKind,
    Stage,
)
from fieldops.finance.budgets.rules import Account
from fieldops.finance.budgets.schemas import (
    BudgetLineDetail,
    BudgetLineOut,
    CostCentreOut,
    EntryOut,
    TotalOut,
    TransferOut,
    VersionLineOut,
    VersionOut,
)
from fieldops.finance.budgets.service import no_line
from fieldops.finance.budgets.versions import standing_lines
from fieldops.finance.categories import Category
from inventory.kernel.errors import Invalid
from inventory.kernel.lookup import named_like
from inventory.kernel.texts import gettext as _
from inventory.network.models import Region
from inventory.network.service import region_ids

LineKey = tuple[str, str, date, UUID]
"""What lines are ordered by: region code, category, first day, key."""

NO_KEY = UUID(int=0)
FIRST_LINE: LineKey = ("", "", date.min, NO_KEY)


def line_key(line: BudgetLineOut) -> LineKey:
    """Return the place of a line in the list."""
    return line.region, line.category, line.period_start, line.id


def budget_lines(
    session: Session,
    *,
    day: date | None = None,
    regions: Collection[str] = (),
    category: Category | None = None,
    cost_centre: str | None = None,
    person: str | None = None,
    key: UUID | None = None,
    keys: Collection[UUID] | None = None,
    within: tuple[date, date] | None = None,
    after: LineKey = FIRST_LINE,
    limit: int | None = None,
) -> list[BudgetLineOut]:
    """Return the lines after `after` by region, category and period; `day` keeps the periods that hold it.

    `within` keeps those that meet a span, whose second day is the one after it.
    """
    place = (Region.code, type_coerce(BudgetLine.category, Text), BudgetLine.period_start, BudgetLine.id)
    query = (
        select(BudgetLine, Region.code)
        .join(Region, Region.id == BudgetLine.region_id)
        .where(tuple_(*place) > tuple_(*after))
        .order_by(*place)
        .limit(limit)
    )
    if day is not None:
        query = query.where(BudgetLine.period_start <= day, BudgetLine.period_end > day)
    if keys is not None:
        query = query.where(BudgetLine.id.in_(keys))
    if within is not None:
        query = query.where(BudgetLine.period_end > within[0], BudgetLine.period_start < within[1])
    if regions:
        query = query.where(Region.code.in_(regions))
    for column, wanted in (
        (BudgetLine.category, category),
        (BudgetLine.cost_centre, cost_centre),
        (BudgetLine.person, person),
        (BudgetLine.id, key),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [line_out(line, region) for line, region in session.execute(query)]


def line_periods(session: Session) -> list[tuple[date, date]]:
    """Return the periods that lines have, each with the day after it, in the order of time."""
    span = (BudgetLine.period_start, BudgetLine.period_end)
    return [(start, end) for start, end in session.execute(select(*span).distinct().order_by(*span))]


def line_out(line: BudgetLine, region: str) -> BudgetLineOut:
    """Return a line as it is told."""
    return BudgetLineOut(
        id=line.id,
        region=region,
        area=line.area,
        cost_centre=line.cost_centre,
        category=line.category,
        programme=line.programme,
        person=line.person,
        period_start=line.period_start,
        period_end=line.period_end,
        currency=line.currency,
        budget=line.budget,
        reserved=line.reserved,
        committed=line.committed,
        actual=line.actual,
        overridden=line.overridden,
        available=line.available,
        recovery=line.recovery,
        recovered=line.recovered,
        parent=line.parent_id,
        frozen=line.frozen,
        envelope=line.envelope,
    )


def line_detail(session: Session, key: UUID) -> BudgetLineDetail:
    """Return a line with the sums of what lies below it; raises NotFound."""
    found = budget_lines(session, key=key)
    if not found:
        raise no_line(key)
    return BudgetLineDetail(**found[0].model_dump(), totals=totals(session, key))


def totals(session: Session, key: UUID) -> list[TotalOut]:
    """Return what a line and all below it hold, by currency: the total is the reserve and what is distributed."""
    sums: defaultdict[str, list[Decimal]] = defaultdict(list)
    below: defaultdict[str, Decimal] = defaultdict(Decimal)
    level = [key]
    seen: set[UUID] = set()
    while level:
        rows = session.execute(
            select(BudgetLine.id, BudgetLine.currency, BudgetLine.budget).where(BudgetLine.id.in_(level))
        )
        for line, currency, budget in rows:
            seen.add(line)
            sums[currency].append(budget)
            if line != key:
                below[currency] += budget
        level = [
            one
            for one in session.scalars(select(BudgetLine.id).where(BudgetLine.parent_id.in_(level)))
            if one not in seen
        ]
    return [
        TotalOut(
            currency=currency,
            total=sum(parts, Decimal(0)),
            reserve=sum(parts, Decimal(0)) - below[currency],
            distributed=below[currency],
            lines=len(parts),
        )
        for currency, parts in sorted(sums.items())
    ]


def entry_page(
    session: Session, line: UUID, *, after: int = 0, limit: int | None = None, kind: EntryKind | None = None
) -> list[EntryOut]:
    """Return the entries of a line after `after`, in their order."""
    query = (
        select(BudgetEntry)
        .where(BudgetEntry.line_id == line, BudgetEntry.id > after)
        .order_by(BudgetEntry.id)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(BudgetEntry.kind == kind)
    return [_entry_out(one) for one in session.scalars(query)]


def latest_entries(
    session: Session, line: UUID, *, before: int | None = None, limit: int, kind: EntryKind | None = None
) -> list[EntryOut]:
    """Return the entries of a line before `before`, the latest first."""
    query = select(BudgetEntry).where(BudgetEntry.line_id == line).order_by(BudgetEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(BudgetEntry.id < before)
    if kind is not None:
        query = query.where(BudgetEntry.kind == kind)
    return [_entry_out(one) for one in session.scalars(query)]


def _entry_out(one: BudgetEntry) -> EntryOut:
    return EntryOut(
        id=one.id,
        kind=one.kind,
        amount=one.amount,
        document_kind=one.document_kind,
        document=one.document,
        day=one.day,
        actor=one.actor,
        entered_at=one.entered_at,
    )


def paying_lines(session: Session, wanted: Iterable[tuple[Account, date]]) -> dict[tuple[Account, date], UUID]:
    """Return the key of the line that pays for each account on a day: the most specific one, of the shortest period.

    An envelope never pays so. Raises Invalid for the first that no line pays.
    """
    asked = list(dict.fromkeys(wanted))
    keys = sorted({one.key for account, _day in asked for one in account.covering()})
    days = [day for _account, day in asked]
    found: defaultdict[str, list[tuple[date, date, UUID]]] = defaultdict(list)
    if asked:
        rows = select(BudgetLine.account, BudgetLine.period_start, BudgetLine.period_end, BudgetLine.id).where(
            BudgetLine.account.in_(keys),
            BudgetLine.period_start <= max(days),
            BudgetLine.period_end > min(days),
            ~BudgetLine.envelope,
        )
        for account, start, end, key in session.execute(rows):
            found[account].append((start, end, key))
    paying = {}
    for wanted_account, day in asked:
        holding = [
            sorted((end - start, key) for start, end, key in found[one.key] if start <= day < end)
            for one in wanted_account.covering()
        ]
        best = next((spans[0][1] for spans in holding if spans), None)
        if best is None:
            raise line_missing(wanted_account.region, wanted_account.category, day)
        paying[wanted_account, day] = best
    return paying


def lines_on(session: Session, day: date, regions: Iterable[str]) -> dict[tuple[str, Category], BudgetLine]:
    """Return {(region, category): line} that pays what nobody in particular spends on `day`, without locking them."""
    keys = {key: code for code, key in region_ids(session, regions).items()}
    general = {Account(code, category).key for code in keys.values() for category in Category}
    lines = session.scalars(
        select(BudgetLine)
        .where(BudgetLine.account.in_(general), BudgetLine.period_start <= day, BudgetLine.period_end > day)
        .order_by(BudgetLine.id)
    )
    longest_first = sorted(lines, key=lambda line: line.period_end - line.period_start, reverse=True)
    return {(keys[line.region_id], line.category): line for line in longest_first}


def line_missing(region: str, category: Category, day: date) -> Invalid:
    """Return the refusal for spending that no budget line covers."""
    return Invalid(
        _("Region {region} has no budget line for {category} on {day}; open one first").format(
            region=region, category=category, day=day
        ),
        code="no_budget_line",
        field="category",
    )


def transfer_page(
    session: Session, *, after: str = "", limit: int | None = None, line: UUID | None = None, number: str | None = None
) -> list[TransferOut]:
    """Return the documents after `after` by number; `line` keeps those that changed it."""
    query = (
        select(BudgetTransfer, Region.code)
        .join(Region, Region.id == BudgetTransfer.region_id)
        .where(BudgetTransfer.number > after)
        .order_by(BudgetTransfer.number)
        .limit(limit)
    )
    if line is not None:
        query = query.where((BudgetTransfer.from_line_id == line) | (BudgetTransfer.to_line_id == line))
    if number is not None:
        query = query.where(BudgetTransfer.number == number)
    return [
        TransferOut(
            number=one.number,
            kind=one.kind,
            region=region,
            from_line=one.from_line_id,
            to_line=one.to_line_id,
            amount=one.amount,
            received=one.received,
            reason=one.reason,
            made_by=one.made_by,
            made_at=one.made_at,
        )
        for one, region in session.execute(query)
    ]


def cost_centre_page(session: Session, *, after: str = "", limit: int | None = None) -> list[CostCentreOut]:
    """Return the cost centres after `after` by code."""
    query = (
        select(CostCentre, Region.code)
        .join(Region, Region.id == CostCentre.region_id)
        .where(CostCentre.code > after)
        .order_by(CostCentre.code)
        .limit(limit)
    )
    return [
        CostCentreOut(code=one.code, name=one.name, region=region, manager=one.manager, closed=one.closed)
        for one, region in session.execute(query)
    ]


def version_page(
    session: Session, *, after: str = "", limit: int | None = None, number: str | None = None
) -> list[VersionOut]:
    """Return the versions after `after` by number."""
    query = select(BudgetVersion).where(BudgetVersion.number > after).order_by(BudgetVersion.number).limit(limit)
    if number is not None:
        query = query.where(BudgetVersion.number == number)
    return [VersionOut.model_validate(one, from_attributes=True) for one in session.scalars(query)]


def version_line_page(
    session: Session, version: UUID, *, after: UUID = NO_KEY, limit: int | None = None
) -> list[VersionLineOut]:
    """Return the lines of a version after `after` in the order in which they were given, with the budgets of now."""
    query = (
        select(BudgetVersionLine, Region.code)
        .join(Region, Region.id == BudgetVersionLine.region_id)
        .where(BudgetVersionLine.version_id == version, BudgetVersionLine.id > after)
        .order_by(BudgetVersionLine.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    standing = standing_lines(session, [(one.account, one.period_start, one.period_end) for one, _region in rows])
    told = []
    for one, region in rows:
        line = standing.get((one.account, one.period_start, one.period_end))
        told.append(
            VersionLineOut(
                id=one.id,
                region=region,
                category=Category(one.line["category"]),
                area=one.line["area"],
                cost_centre=one.line["cost_centre"],
                programme=one.line["programme"],
                person=one.line["person"],
                period_start=one.period_start,
                period_end=one.period_end,
                currency=one.currency,
                budget=one.budget,
                now=None if line is None else line.budget,
            )
        )
    return told


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A line whose amount of one kind is not the sum of its entries, or of what its documents hold."""

    region: str
    category: Category
    kind: EntryKind
    line: Decimal
    entries: Decimal


def disagreements(session: Session) -> list[Disagreement]:
    """Return every line whose amounts are not the sums of its entries and of its earmarks; empty when all is sound."""
    wrong = []
    entries = {kind: func.sum(case((BudgetEntry.kind == kind, BudgetEntry.amount))) for kind in EntryKind}
    held = aliased(Earmark)
    stages = {
        kind: func.sum(case((held.stage == stage, held.amount)))
        for kind, stage in ((EntryKind.RESERVATION, Stage.RESERVATION), (EntryKind.COMMITMENT, Stage.COMMITMENT))
    }
    for table, sums in ((BudgetEntry, entries), (held, stages | {EntryKind.RECOVERY: func.sum(held.recovery)})):
        rows = session.execute(
            select(BudgetLine, Region.code, *(func.coalesce(one, Decimal(0)) for one in sums.values()))
            .join(Region, Region.id == BudgetLine.region_id)
            .outerjoin(table, table.line_id == BudgetLine.id)
            .group_by(BudgetLine.id, Region.code)
            .order_by(Region.code, BudgetLine.category, BudgetLine.id)
        )
        for line, region, *found in rows:
            told = amounts_of(line)
            for kind, total in zip(sums, found, strict=True):
                if told[kind] != total:
                    wrong.append(Disagreement(region, line.category, kind, told[kind], total))
    return wrong


def amounts_of(line: BudgetLine) -> dict[EntryKind, Decimal]:
    """Return the amounts of a line by the kind of entry that adds to them."""
    return {
        EntryKind.BUDGET: line.budget,
        EntryKind.RESERVATION: line.reserved,
        EntryKind.COMMITMENT: line.committed,
        EntryKind.OVERRIDE: line.overridden,
        EntryKind.ACTUAL: line.actual,
        EntryKind.RECOVERY: line.recovery,
        EntryKind.RECOVERED: line.recovered,
    }


def find_lines(session: Session, text: str, limit: int) -> list[tuple[str, str, str]]:
    """Return (account, first day, key) of lines whose account holds every word of a text, the latest first."""
    query = select(BudgetLine.account, BudgetLine.period_start, BudgetLine.id)
    query = query.where(*(named_like(word, BudgetLine.account) for word in text.split()))
    query = query.order_by(BudgetLine.period_start.desc(), BudgetLine.account).limit(limit)
    return [(" ".join(account.split()), begin.isoformat(), str(key)) for account, begin, key in session.execute(query)]
