"""Use cases of actuals: post what was spent, each source once, and take it back by a reversing entry."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import lock_documents
from fieldops.finance.budgets.models import BudgetLine, Earmark, EntryKind, Stage
from fieldops.finance.budgets.posting import Beyond, Posting, lock_lines, post
from fieldops.finance.budgets.queries import paying_lines
from fieldops.finance.budgets.rules import Account
from fieldops.finance.budgets.service import require_spenders
from fieldops.finance.calendars.queries import closed_periods
from fieldops.finance.control.actual_schemas import NewActual, Reversal
from fieldops.finance.control.holding import KIND_OF, REVIEW, changed_meanwhile
from fieldops.finance.control.models import BudgetActual, BudgetOverride, OverrideKind
from fieldops.finance.rates.queries import load_rates
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, NotFound, told_at
from inventory.kernel.lookup import portions, refuse_taken
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes

REVERSED = " reversed"
"""What the source of a reversal ends with; no source that comes in has a blank."""


@dataclass(frozen=True, slots=True)
class _Charge:
    """An actual with the line that pays it and the commitment that it takes the money of."""

    actual: NewActual
    line: UUID
    earmark: Earmark | None


def post_actuals(session: Session, actor: Actor, actuals: Sequence[NewActual], now: datetime) -> int:
    """Post expenses, all or none; one that was posted already is left out. Returns how many were posted.

    An expense is a fact: what exceeds the line is posted too, and kept as an overrun to be reviewed; so is one of a
    document that trade compliance stops. Raises Conflict for a source that was posted with other terms and a closed
    period, Invalid for an unknown line, cost centre, area or programme and a currency without a rate, Forbidden for
    another region.
    """
    for region in sorted({one.region for one in actuals}):
        actor.require_region(region)
        require_spenders(session, region, [one for one in actuals if one.region == region])
    new = _unposted(session, actuals)
    if not new:
        return 0
    lock_documents(session, {(one.document_kind, one.document) for one in new})
    charges = _charges(session, new)
    lines = lock_lines(session, {one.line for one in charges})
    charges = _charges(session, new, fresh=True)
    rates = load_rates(session)
    days = [one.day for one in new]
    closed = closed_periods(session, {line.region_id for line in lines.values()}, min(days), max(days))
    rows, postings = [], []
    for charge in charges:
        actual, earmark = charge.actual, charge.earmark
        if charge.line not in lines:
            raise changed_meanwhile(actual.document)
        line = lines[charge.line]
        with told_at(str(actuals.index(actual))):
            closed.require_open(line.region_id, actual.day)
            amount = rates.convert(actual.amount, actual.currency, line.currency, actual.day)
            recovered = rates.convert(actual.recovered, actual.currency, line.currency, actual.day)
        consumed = released = expected = Decimal(0)
        if earmark is not None:
            consumed = min(earmark.amount, amount)
            released = earmark.amount - consumed if actual.final else Decimal(0)
            earmark.amount -= consumed + released
            # no more is expected back than what is left to be spent
            expected = max(min(earmark.recovery, recovered), earmark.recovery - earmark.amount)
            earmark.consumed += consumed
            earmark.recovery -= expected
            earmark.recovered += recovered
        for kind, change in (
            (EntryKind.ACTUAL, amount),
            (KIND_OF[Stage.COMMITMENT if earmark is None else earmark.stage], -consumed - released),
            (EntryKind.RECOVERY, -expected),
            (EntryKind.RECOVERED, recovered),
        ):
            if change:
                postings.append(Posting(line.id, kind, change, actual.document_kind, actual.document, actual.day))
        rows.append(
            {
                "id": uuid7(),
                "source": actual.source,
                "line_id": line.id,
                "earmark_id": None if earmark is None else earmark.id,
                "document_kind": actual.document_kind,
                "document": actual.document,
                "item": actual.item,
                "day": actual.day,
                "amount": amount,
                "consumed": consumed,
                "released": released,
                "recovered": recovered,
                "given": actual.amount,
                "given_currency": actual.currency,
                "reverses": None,
                "terms": _terms(actual),
                "reason": None,
                "posted_by": actor.id,
                "posted_at": now,
            }
        )
    _keep(session, actor, rows, lines, postings, now)
    for region, count in sorted(Counter(one.region for one in new).items()):
        emit(session, "budget.spent", {"region": region, "postings": count}, now, audience=region)
    return len(rows)


def reverse_actual(session: Session, actor: Actor, wanted: Reversal, now: datetime) -> BudgetActual:
    """Take an expense back on a day; what it took and gave back of its commitment is committed again.

    A commitment that was released since stays so.

    Raises NotFound for an unknown source, Conflict where it was reversed and for a closed period.
    """
    found = session.scalar(select(BudgetActual).where(BudgetActual.source == wanted.source))
    if found is None:
        raise NotFound(
            _("No expense of the source {source} was posted here; the list of actuals shows them").format(
                source=wanted.source
            ),
            code="unknown_source",
        )
    lock_documents(session, [(found.document_kind, found.document)])
    lines = lock_lines(session, [found.line_id])
    reversed_by = session.scalar(select(BudgetActual.id).where(BudgetActual.reverses == found.id))
    if found.reverses is not None or reversed_by is not None:
        raise Conflict(
            _("{source} was reversed, or is a reversal itself; post a new expense instead").format(
                source=wanted.source
            ),
            code="reversed_already",
        )
    line = lines[found.line_id]
    closed_periods(session, [line.region_id], wanted.day, wanted.day).require_open(line.region_id, wanted.day)
    again = _committed_again(session, found)
    key = uuid7()
    row = {
        "id": key,
        "source": found.source + REVERSED,
        "line_id": found.line_id,
        "earmark_id": found.earmark_id,
        "document_kind": found.document_kind,
        "document": found.document,
        "item": found.item,
        "day": wanted.day,
        "amount": -found.amount,
        "consumed": -again.consumed,
        "released": -again.released,
        "recovered": -found.recovered,
        "given": -found.given,
        "given_currency": found.given_currency,
        "reverses": found.id,
        "terms": None,
        "reason": wanted.reason,
        "posted_by": actor.id,
        "posted_at": now,
    }
    postings = [
        Posting(line.id, kind, change, found.document_kind, found.document, wanted.day)
        for kind, change in (
            (EntryKind.ACTUAL, -found.amount),
            (KIND_OF[again.stage], again.held),
            (EntryKind.RECOVERY, again.recovery),
            (EntryKind.RECOVERED, -found.recovered),
        )
        if change
    ]
    _keep(session, actor, [row], lines, postings, now)
    return session.get_one(BudgetActual, key)


@dataclass(frozen=True, slots=True)
class _Again:
    """What was consumed and given back of a commitment, what of both is held again, what of that is to come back."""

    stage: Stage = Stage.COMMITMENT
    consumed: Decimal = Decimal(0)
    released: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    recovery: Decimal = Decimal(0)


def _committed_again(session: Session, found: BudgetActual) -> _Again:
    if found.earmark_id is None:
        return _Again()
    earmark = session.scalars(
        select(Earmark).where(Earmark.id == found.earmark_id).execution_options(populate_existing=True)
    ).one()
    consumed = min(found.consumed, earmark.consumed)
    earmark.consumed -= consumed
    earmark.recovered -= found.recovered
    if earmark.closed or earmark.holder:
        return _Again(earmark.stage, consumed)
    held = consumed + found.released
    recovery = min(found.recovered, held)
    earmark.amount += held
    earmark.recovery += recovery
    return _Again(earmark.stage, consumed, found.released, held, recovery)


def _keep(
    session: Session,
    actor: Actor,
    rows: Sequence[dict[str, object]],
    lines: Mapping[UUID, BudgetLine],
    postings: Sequence[Posting],
    now: datetime,
) -> None:
    refuse_taken(session, BudgetActual.source, (str(row["source"]) for row in rows), lambda source: _used(source))
    session.execute(insert(BudgetActual), list(rows))
    beyond = post(session, actor, lines, postings, now)
    session.add_all(_overrun(one, actor, now) for one in beyond)
    session.flush()


def _overrun(beyond: Beyond, actor: Actor, now: datetime) -> BudgetOverride:
    return BudgetOverride(
        line_id=beyond.line,
        kind=OverrideKind.OVERRUN,
        document_kind=beyond.document_kind,
        document=beyond.document,
        amount=beyond.amount,
        by=actor.id,
        reason=_("More was spent than the line held"),
        allowed_at=now,
        review_by=now + REVIEW,
    )


def _unposted(session: Session, actuals: Sequence[NewActual]) -> list[NewActual]:
    """Return the expenses that were not posted yet; raises Conflict for a source with other terms."""
    wanted: dict[str, NewActual] = {}
    for one in actuals:
        if wanted.setdefault(one.source, one) != one:
            raise _used(one.source)
    standing: dict[str, str | None] = {}
    for some in portions(sorted(wanted)):
        rows = select(BudgetActual.source, BudgetActual.terms).where(BudgetActual.source.in_(some))
        standing |= dict(session.execute(rows).all())
    for source, terms in standing.items():
        if terms != _terms(wanted[source]):
            raise _used(source)
    return [one for source, one in wanted.items() if source not in standing]


def _terms(actual: NewActual) -> str:
    """Return a digest of all that is told of an expense; an amount counts as a number, however it is written."""
    told = actual.model_dump(mode="json") | {
        name: f"{getattr(actual, name).normalize():f}" for name in ("amount", "recovered")
    }
    return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()


def posted_sources(session: Session, sources: Sequence[str]) -> set[str]:
    """Return those of some sources whose expense was posted, and not reversed since."""
    found: set[str] = set()
    for some in portions(sorted({*sources, *(one + REVERSED for one in sources)})):
        found |= set(session.scalars(select(BudgetActual.source).where(BudgetActual.source.in_(some))))
    return {one for one in sources if one in found and one + REVERSED not in found}


def _used(source: str) -> Conflict:
    return Conflict(
        _("An expense of the source {source} was posted with other terms; reverse it, or name another source").format(
            source=source
        ),
        code="source_used",
        field="source",
    )


def _charges(session: Session, actuals: Sequence[NewActual], *, fresh: bool = False) -> list[_Charge]:
    """Find what each expense takes the money of: what its document holds for the item in that region and category.

    Of several a commitment goes before a reservation, one with money before an empty one, then that of the period. An
    expense that finds none is paid by the line of its account.
    """
    held: defaultdict[tuple[str, str, str, str, str], list[tuple[Earmark, BudgetLine]]] = defaultdict(list)
    regions = region_codes(session)
    for some in portions(sorted({one.document for one in actuals})):
        query = select(Earmark, BudgetLine).join(BudgetLine, BudgetLine.id == Earmark.line_id)
        query = query.where(Earmark.document.in_(some), Earmark.moved + Earmark.amount + Earmark.consumed > 0)
        if fresh:
            query = query.execution_options(populate_existing=True)
        for earmark, line in session.execute(query.order_by(Earmark.id)):
            key = (earmark.document_kind, earmark.document, earmark.item, regions[line.region_id], line.category)
            held[key].append((earmark, line))
    found: dict[int, Earmark] = {}
    for number, one in enumerate(actuals):
        own = held[one.document_kind, one.document, one.item, one.region, one.category]
        if own:
            found[number] = min(own, key=partial(_preference, one.day))[0]
    rest = [(_account(one), one.day) for number, one in enumerate(actuals) if number not in found]
    paying = paying_lines(session, rest)
    return [
        _Charge(one, found[number].line_id, found[number])
        if number in found
        else _Charge(one, paying[_account(one), one.day], None)
        for number, one in enumerate(actuals)
    ]


def _preference(day: date, told: tuple[Earmark, BudgetLine]) -> tuple[bool, bool, bool]:
    earmark, line = told
    return (
        not earmark.amount,
        earmark.stage is not Stage.COMMITMENT,
        not line.period_start <= day < line.period_end,
    )


def _account(one: NewActual) -> Account:
    return Account(one.region, one.category, one.area, one.cost_centre, one.programme, one.person)
