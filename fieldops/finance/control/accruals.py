"""Use cases of accruals: what was done and not invoiced yet counts in its period, and is taken back in the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import TakeOver, lock_documents, take_over
from fieldops.finance.budgets.models import BudgetLine, Earmark, EntryKind, Stage
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.budgets.queries import paying_lines
from fieldops.finance.budgets.rules import Account
from fieldops.finance.calendars.queries import closed_periods
from fieldops.finance.control.actual_schemas import AccruedItem, NewAccrual
from fieldops.finance.control.actuals import REVERSED
from fieldops.finance.control.holding import changed_meanwhile
from fieldops.finance.control.models import BudgetActual
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import EXACT, Rates, require_whole_units, rounded
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.lookup import portions, refuse_taken
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes

DocumentItem = tuple[str, str, str]
"""Kind and number of a document, and the item."""


@dataclass(frozen=True, slots=True)
class _Accrued:
    """What of a commitment is accrued, and what payers are expected to give back of that: in its line's currency."""

    earmark: Earmark
    amount: Decimal
    recovery: Decimal


def accrue(session: Session, actor: Actor, wanted: NewAccrual, now: datetime) -> int:
    """Post commitments as expenses of a day, and take them back on another; returns how many, all or none.

    What is taken back is committed again on the line that pays by then, so that the invoice finds its commitment and
    what is available of no line changes. Raises NotFound where nothing is committed, Conflict where more is accrued
    than that, it was accrued for the day already, or a period is closed; Invalid where no line pays on the later day.
    """
    lock_documents(session, {(one.document_kind, one.document) for one in wanted.items})
    accrued = _accrued(session, wanted)
    lines = {one.earmark.line_id: session.get_one(BudgetLine, one.earmark.line_id) for one in accrued}
    targets = _paying_later(session, wanted, lines)
    locked = lock_lines(session, [*lines, *targets.values()])
    accrued = _accrued(session, wanted)
    regions = region_codes(session)
    closed = closed_periods(session, {line.region_id for line in locked.values()}, wanted.day, wanted.reverse_on)
    rates = load_rates(session)
    again = []
    for one in accrued:
        if one.earmark.line_id not in targets:
            raise changed_meanwhile(one.earmark.document)
        line, later = locked[one.earmark.line_id], locked[targets[one.earmark.line_id]]
        actor.require_region(regions[line.region_id])
        closed.require_open(line.region_id, wanted.day)
        closed.require_open(later.region_id, wanted.reverse_on, field="reverse_on")
        again.append(_again(one, line, later, rates, wanted))
    by: dict[str, object] = {"posted_by": actor.id, "posted_at": now}
    rows: list[dict[str, object]] = []
    postings: list[Posting] = []
    for one, back, kept in zip(accrued, again, take_over(session, again), strict=True):
        currencies = locked[one.earmark.line_id].currency, locked[back.line].currency
        rows += _rows(one, back, kept, wanted, currencies, by)
        postings += _postings(one, back, wanted)
    refuse_taken(session, BudgetActual.source, (str(row["source"]) for row in rows), lambda _source: _twice(wanted))
    session.flush()
    session.execute(insert(BudgetActual), rows)
    post(session, actor, locked, postings, now)
    spent = Counter(regions[locked[one.earmark.line_id].region_id] for one in accrued)
    for code, count in sorted(spent.items()):
        emit(session, "budget.spent", {"region": code, "postings": count}, now, audience=code)
    return len(accrued)


def _accrued(session: Session, wanted: NewAccrual) -> list[_Accrued]:
    committed: defaultdict[DocumentItem, list[tuple[Earmark, str]]] = defaultdict(list)
    for some in portions(sorted({one.document for one in wanted.items})):
        query = (
            select(Earmark, BudgetLine.currency)
            .join(BudgetLine, BudgetLine.id == Earmark.line_id)
            .where(Earmark.document.in_(some), Earmark.stage == Stage.COMMITMENT, Earmark.amount > 0)
            .order_by(Earmark.id)
            .execution_options(populate_existing=True)
        )
        for earmark, currency in session.execute(query):
            committed[earmark.document_kind, earmark.document, earmark.item].append((earmark, currency))
    found = []
    for one in wanted.items:
        held = committed[one.document_kind, one.document, one.item]
        committed_now = sum((earmark.amount for earmark, _currency in held), Decimal(0))
        if not held:
            raise NotFound(
                _(
                    "{document} commits nothing for the item “{item}”; the list of commitments shows what it does"
                ).format(document=one.document, item=one.item),
                code="nothing_held",
                field="items",
            )
        if one.amount is not None and one.amount > committed_now:
            raise _not_committed(one, committed_now)
        if one.amount is not None and len(held) > 1:
            raise Invalid(
                _("{document} is committed on several lines; leave the amount out to accrue all of it").format(
                    document=one.document
                ),
                code="several_lines",
                field="amount",
            )
        found += [
            _part(earmark, currency, earmark.amount if one.amount is None else one.amount) for earmark, currency in held
        ]
    return found


def _part(earmark: Earmark, currency: str, amount: Decimal) -> _Accrued:
    require_whole_units(amount, currency)
    share = rounded(EXACT.divide(EXACT.multiply(earmark.recovery, amount), earmark.amount), currency)
    return _Accrued(earmark, amount, min(share, amount, earmark.recovery))


def _paying_later(session: Session, wanted: NewAccrual, lines: dict[UUID, BudgetLine]) -> dict[UUID, UUID]:
    """Return, for each line, the line that pays for the same account on the day when the accrual is taken back."""
    regions = region_codes(session)
    accounts = {
        key: Account(regions[line.region_id], line.category, line.area, line.cost_centre, line.programme, line.person)
        for key, line in lines.items()
    }
    paying = paying_lines(session, [(account, wanted.reverse_on) for account in accounts.values()])
    return {key: paying[account, wanted.reverse_on] for key, account in accounts.items()}


def _again(one: _Accrued, line: BudgetLine, later: BudgetLine, rates: Rates, wanted: NewAccrual) -> TakeOver:
    """Return what is committed again on the later line."""
    amount, recovery = (
        rates.convert(value, line.currency, later.currency, wanted.reverse_on) for value in (one.amount, one.recovery)
    )
    return TakeOver(one.earmark, later.id, one.amount, one.recovery, amount, recovery)


def _postings(one: _Accrued, again: TakeOver, wanted: NewAccrual) -> list[Posting]:
    held = one.earmark
    return [
        Posting(line, kind, change, held.document_kind, held.document, day)
        for line, day, amount, recovery in (
            (held.line_id, wanted.day, one.amount, one.recovery),
            (again.line, wanted.reverse_on, -again.amount, -again.recovery),
        )
        for kind, change in (
            (EntryKind.ACTUAL, amount),
            (EntryKind.COMMITMENT, -amount),
            (EntryKind.RECOVERY, -recovery),
            (EntryKind.RECOVERED, recovery),
        )
    ]


def _rows(
    one: _Accrued,
    again: TakeOver,
    kept: Earmark,
    wanted: NewAccrual,
    currencies: tuple[str, str],
    by: dict[str, object],
) -> list[dict[str, object]]:
    """Return the expense and the one that takes it back, as they are kept."""
    held = one.earmark
    key, back = uuid7(), uuid7()
    source = f"accrual/{wanted.day.isoformat()}/{held.id}"
    common = {
        "document_kind": held.document_kind,
        "document": held.document,
        "item": held.item,
        "released": Decimal(0),
        "terms": None,
        "reason": None,
    } | by
    return [
        common
        | {
            "id": name,
            "source": told,
            "line_id": earmark.line_id,
            "earmark_id": None,  # it takes no commitment, it moves one
            "day": day,
            "amount": amount,
            "consumed": Decimal(0),
            "recovered": recovery,
            "given": amount,
            "given_currency": currency,
            "reverses": reverses,
        }
        for name, told, earmark, day, amount, recovery, currency, reverses in (
            (key, source, held, wanted.day, one.amount, one.recovery, currencies[0], None),
            (back, source + REVERSED, kept, wanted.reverse_on, -again.amount, -again.recovery, currencies[1], key),
        )
    ]


def _not_committed(one: AccruedItem, committed: Decimal) -> Conflict:
    return Conflict(
        _("{committed} are committed for {document}, item “{item}”; accrue that much at most").format(
            committed=committed, document=one.document, item=one.item
        ),
        code="not_committed",
        field="items",
    )


def _twice(wanted: NewAccrual) -> Conflict:
    return Conflict(
        _("One of these was accrued for {day} already; leave it out, or reverse it first").format(day=wanted.day),
        code="accrued_already",
        field="day",
    )
