"""Use cases of the budget lines: open them, freeze them, move money between them; and the cost centres."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import earmark_row
from fieldops.finance.budgets.models import (
    BudgetEntry,
    BudgetLine,
    BudgetTransfer,
    CostCentre,
    Earmark,
    EntryKind,
    Stage,
    TransferKind,
)
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.budgets.rules import Account
from fieldops.finance.budgets.schemas import Freeze, NewBudgetLine, NewCostCentre, NewTransfer, Spender
from fieldops.finance.categories import nature_of
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import require_whole_units
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.installation import CURRENCY, fact, require_currency
from inventory.kernel.locks import Lock, locked_names
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.kernel.numbering import next_number
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region
from inventory.network.queries import region_codes
from inventory.network.service import region_ids

OPENING = "opening"
"""The document that stands for what was spent and committed before a line was opened."""


def account_of(line: NewBudgetLine) -> Account:
    """Return what a line is for."""
    return Account(
        line.region,
        line.category,
        area=line.area,
        cost_centre=line.cost_centre,
        programme=line.programme,
        person=line.person,
    )


def open_lines(session: Session, actor: Actor, lines: Sequence[NewBudgetLine], now: datetime) -> None:
    """Open budget lines with what is spent and committed so far, all or none.

    Raises Conflict for overlapping periods of an account, Invalid for an unknown region, area, cost centre or parent,
    and a currency without a rate on the first day.
    """
    regions = require_terms(session, lines)
    locked_names(session, Lock.BUDGET_LINE, {f"budget lines/{code}" for code in regions})
    accounts = [account_of(line).key for line in lines]
    taken: defaultdict[str, list[tuple[date, date]]] = defaultdict(list)
    for account, start, end in session.execute(
        select(BudgetLine.account, BudgetLine.period_start, BudgetLine.period_end).where(
            BudgetLine.region_id.in_(list(regions.values()))
        )
    ):
        taken[account].append((start, end))
    rows, entries, earmarks = [], [], []
    for line, account in zip(lines, accounts, strict=True):
        start, end = line.period_start, line.period_end
        if any(_collide(line, other) for other in taken[account]):
            raise Conflict(
                _("{region} has a budget for {category} that overlaps {start} to {end}; correct the period").format(
                    region=line.region, category=line.category, start=start, end=end
                ),
                code="budget_exists",
            )
        taken[account].append((start, end))
        key = uuid7()
        zero = Decimal(0)
        rows.append(
            line.model_dump(exclude={"region", "parent"})
            | {"id": key, "region_id": regions[line.region], "account": account, "parent_id": line.parent}
            | {
                "reserved": zero,
                "overridden": zero,
                "recovery": zero,
                "recovered": zero,
                "frozen": False,
                "envelope": False,
            }
        )
        for kind, amount in (
            (EntryKind.BUDGET, line.budget),
            (EntryKind.COMMITMENT, line.committed),
            (EntryKind.ACTUAL, line.actual),
        ):
            if amount:
                entries.append(_opening_entry(key, kind, amount, start, actor, now))
        if line.committed:
            earmarks.append(earmark_row(key, Stage.COMMITMENT, (OPENING, OPENING), line.committed, actor, now))
    for table, values in ((BudgetLine, rows), (BudgetEntry, entries), (Earmark, earmarks)):
        if values:
            session.execute(insert(table), values)
    for code in sorted(regions):
        emit(session, "budget.opened", {"region": code}, now, audience=code)


def require_terms(session: Session, lines: Sequence[NewBudgetLine]) -> dict[str, UUID]:
    """Return {code: key} of the regions of lines.

    Raises Invalid for what they name that there is not, and for a currency without a rate on the first day.
    """
    regions = region_ids(session, (line.region for line in lines))
    if lines and fact(session, CURRENCY) is None:
        require_currency(session, [lines[0].currency])
    rates = load_rates(session) if lines else None
    for currency, day in sorted({(line.currency, line.period_start) for line in lines}):
        assert rates is not None  # noqa: S101 - there are lines
        rates.rate(currency, day)
    require_areas(session, {(line.region, line.area) for line in lines if line.area is not None})
    _require_centres(session, {(line.region, line.cost_centre) for line in lines if line.cost_centre is not None})
    _require_parents(session, lines, regions)
    return regions


def require_spenders(session: Session, region: str, spenders: Sequence[Spender]) -> None:
    """Raise Invalid for the first item that names an area, a cost centre or a programme that the region has not.

    A programme is known by its budget lines. Else a slip of the pen would charge the general line unseen.
    """
    areas = {(region, one.area) for one in spenders if one.area is not None}
    centres = {(region, one.cost_centre) for one in spenders if one.cost_centre is not None}
    programmes = {one.programme for one in spenders if one.programme is not None}
    require_areas(session, areas)
    _require_centres(session, centres)
    if programmes:
        key = region_ids(session, [region])[region]
        own = BudgetLine.region_id == key, BudgetLine.programme.in_(programmes)
        for code in sorted(programmes - set(session.scalars(select(BudgetLine.programme).where(*own)))):
            raise Invalid(
                _("{region} has no budget line for a programme {code}; correct the programme").format(
                    region=region, code=code
                ),
                code="unknown_programme",
                field="programme",
            )


def require_areas(session: Session, wanted: Collection[tuple[str, str]]) -> None:
    """Raise Invalid for a (region, area) where no place of the region is in that area."""
    if not wanted:
        return
    query = (
        select(Region.code, Place.area)
        .join(Region, Region.id == Place.region_id)
        .where(Place.area.in_({area for _region, area in wanted}))
        .distinct()
    )
    found = {(region, area) for region, area in session.execute(query)}
    for region, area in sorted(wanted):
        if (region, area) not in found:
            raise Invalid(
                _("{region} has no place in an area {area}; correct the area").format(region=region, area=area),
                code="unknown_area",
                field="area",
            )


def set_frozen(session: Session, _actor: Actor, key: UUID, wanted: Freeze, now: datetime) -> BudgetLine:
    """Freeze a line or free it; raises NotFound. What it holds stays, and may still be spent or given back."""
    line = _locked_line(session, key)
    before, line.frozen = line.frozen, wanted.frozen
    session.flush()
    told = {"frozen": wanted.frozen, "reason": wanted.reason}
    record(session, "changed", "budget_line", str(key), before={"frozen": before}, after=told)
    code = region_codes(session)[line.region_id]
    emit(session, "budget.changed", {"region": code, "lines": [str(key)]}, now, audience=code)
    return line


def transfer(session: Session, actor: Actor, wanted: NewTransfer, now: datetime, today: date) -> BudgetTransfer:
    """Move money between lines, add some or give some back, with a document.

    Raises NotFound for an unknown line, Conflict for a frozen line, for capital that would become expense or the other
    way round, and where less would be left than is taken; Invalid for a currency without a rate today.
    """
    keys = [key for key in (wanted.from_line, wanted.to_line) if key is not None]
    lines = lock_lines(session, keys)
    for key in keys:
        if key not in lines:
            raise no_line(key)
        require_thawed(lines[key])
    source = lines.get(wanted.from_line) if wanted.from_line else None
    target = lines.get(wanted.to_line) if wanted.to_line else None
    giving = source or target
    assert giving is not None  # noqa: S101 - a transfer has an end
    require_whole_units(wanted.amount, giving.currency)
    received = wanted.amount
    if source is not None and target is not None:
        if nature_of(source.category) is not nature_of(target.category):
            raise Conflict(
                _("Capital and operating budgets are separate; use a supplement and a return, each with its authority"),
                code="other_nature",
                field="to_line",
            )
        if source.currency != target.currency:
            received = load_rates(session).convert(wanted.amount, source.currency, target.currency, today)
    if source is not None:
        require_left(source, source.budget - wanted.amount)
    kind = (
        TransferKind.SUPPLEMENT if source is None else TransferKind.RETURN if target is None else TransferKind.TRANSFER
    )
    return _transfer(session, actor, kind, source, target, (wanted.amount, received), wanted.reason, lines, now, today)


def require_thawed(line: BudgetLine) -> None:
    """Raise Conflict for a frozen line."""
    if line.frozen:
        raise frozen(line)


def frozen(line: BudgetLine) -> Conflict:
    """Return the refusal of a frozen line."""
    return Conflict(
        _("The budget line {account} from {start} is frozen; free it, or name another").format(
            account=told_account(line), start=line.period_start
        ),
        code="line_frozen",
    )


def require_left(line: BudgetLine, budget: Decimal) -> None:
    """Raise Conflict where a new budget of a line would be less than what is taken of it."""
    if budget < line.taken:
        raise Conflict(
            _(
                "{taken} {currency} of {account} are taken, so its budget cannot become {budget}; release some first"
            ).format(taken=line.taken, currency=line.currency, account=told_account(line), budget=budget),
            code="budget_below_commitments",
            field="budget",
        )


def told_account(line: BudgetLine) -> str:
    """Return what a line is for, as a person reads it."""
    return "/".join(part for part in line.account.split(" ") if part)


def add_cost_centres(session: Session, _actor: Actor, centres: Sequence[NewCostCentre]) -> None:
    """Add cost centres, all or none; raises Conflict for a code that there is, Invalid for an unknown region."""
    regions = region_ids(session, (one.region for one in centres))
    refuse_taken(
        session,
        CostCentre.code,
        (one.code for one in centres),
        lambda code: Conflict(
            _("There is a cost centre {code} already; choose another code").format(code=code),
            code="code_exists",
            field="code",
        ),
    )
    if centres:
        session.execute(
            insert(CostCentre),
            [
                one.model_dump(exclude={"region"})
                | {"id": uuid7(), "region_id": regions[one.region], "closed": False, "version": 1}
                for one in centres
            ],
        )


def _collide(line: NewBudgetLine, other: tuple[date, date]) -> bool:
    start, end = other
    if line.period_end <= start or end <= line.period_start:
        return False
    inside = start <= line.period_start and line.period_end <= end and other != (line.period_start, line.period_end)
    return line.parent is None or not inside


def _require_centres(session: Session, wanted: Collection[tuple[str, str]]) -> None:
    def unknown(code: str) -> Invalid:
        return Invalid(
            _("There is no cost centre {code}; add it first, or correct it").format(code=code),
            code="unknown_cost_centre",
            field="cost_centre",
        )

    found = keys_by_code(session, CostCentre.code, CostCentre, {code for _region, code in wanted}, unknown)
    regions = region_codes(session)
    for region, code in sorted(wanted):
        if regions[found[code].region_id] != region:
            raise unknown(code)
        if found[code].closed:
            raise Invalid(
                _("The cost centre {code} is closed; name another").format(code=code),
                code="cost_centre_closed",
                field="cost_centre",
            )


def _require_parents(session: Session, lines: Iterable[NewBudgetLine], regions: dict[str, UUID]) -> None:
    wanted = {line.parent for line in lines if line.parent is not None}
    parents = {one.id: one for one in session.scalars(select(BudgetLine).where(BudgetLine.id.in_(wanted)))}
    for line in lines:
        parent = None if line.parent is None else parents.get(line.parent)
        if line.parent is None:
            continue
        if (
            parent is None
            or parent.region_id != regions[line.region]
            or nature_of(parent.category) is not nature_of(line.category)
            or not parent.period_start <= line.period_start < line.period_end <= parent.period_end
        ):
            raise Invalid(
                _("A parent is an open line of {region} whose period holds {start} to {end}; name another").format(
                    region=line.region, start=line.period_start, end=line.period_end
                ),
                code="wrong_parent",
                field="parent",
            )


def _transfer(
    session: Session,
    actor: Actor,
    kind: TransferKind,
    source: BudgetLine | None,
    target: BudgetLine | None,
    amounts: tuple[Decimal, Decimal],
    reason: str,
    lines: dict[UUID, BudgetLine],
    now: datetime,
    today: date,
) -> BudgetTransfer:
    amount, received = amounts
    paying = source or target
    assert paying is not None  # noqa: S101 - a transfer has an end
    made = BudgetTransfer(
        id=uuid7(),
        number=f"BT-{next_number(session, 'budget_transfer'):06d}",
        kind=kind,
        region_id=paying.region_id,
        from_line_id=None if source is None else source.id,
        to_line_id=None if target is None else target.id,
        amount=amount,
        received=received,
        reason=reason,
        made_by=actor.id,
        made_at=now,
    )
    session.add(made)
    ends = ((source, -amount), (target, received))
    post(
        session,
        actor,
        lines,
        [
            Posting(line.id, EntryKind.BUDGET, change, "transfer", made.number, today)
            for line, change in ends
            if line is not None
        ],
        now,
    )
    regions = region_codes(session)
    for code in sorted({regions[line.region_id] for line, _change in ends if line is not None}):
        emit(session, "budget.changed", {"region": code, "document": made.number}, now, audience=code)
    return made


def _locked_line(session: Session, key: UUID) -> BudgetLine:
    found = lock_lines(session, [key]).get(key)
    if found is None:
        raise no_line(key)
    return found


def no_line(key: UUID) -> NotFound:
    """Return the refusal of a line that there is not, or not for the actor."""
    return NotFound(
        _("There is no budget line {key} here; the list of budgets shows them").format(key=key), code="unknown_line"
    )


def _opening_entry(
    line: UUID, kind: EntryKind, amount: Decimal, day: date, actor: Actor, now: datetime
) -> dict[str, object]:
    return {
        "line_id": line,
        "kind": kind,
        "amount": amount,
        "document_kind": OPENING,
        "document": OPENING,
        "day": day,
        "plan_id": None,
        "actor": actor.id,
        "entered_at": now,
    }
