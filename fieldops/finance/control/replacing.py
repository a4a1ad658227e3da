"""Money of a plan in force whose documents come to hold something else: weighed when asked, reserved when done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetLine, Earmark, EntryKind
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.categories import Category, nature_of
from fieldops.finance.control.authority import Envelope, envelope_of, stopped
from fieldops.finance.control.holding import REVIEW
from fieldops.finance.control.models import BudgetOverride, OverrideKind
from fieldops.finance.control.plans import PlanRef, earmark_for, rooms_of, tell_reserved
from fieldops.finance.control.rules import AOG_RANK, Band, Decision, Request, decide
from fieldops.finance.control.terms import bands_of, load_terms
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import Rates
from inventory.kernel.actor import Actor
from inventory.network.queries import region_codes

_NOTHING = Decimal(0)

Held = Mapping[tuple[str, UUID], Earmark]
"""{(document, line): what a plan holds for it}."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Documents of a plan as they would hold money, and the decision on what of it is more than they hold.

    `requests` are as they would be taken: what does not fit the lines of one for an aircraft on ground goes to its
    region's envelope; `enveloped` is how much more each takes of that.
    """

    requests: Sequence[Request]
    decision: Decision
    lines: Mapping[UUID, BudgetLine]
    held: Held
    enveloped: Mapping[str, tuple[Envelope, Decimal]]

    @property
    def passes(self) -> bool:
        """Tell whether all of them would pass."""
        return not (self.decision.held or self.decision.stopped)

    def own(self, document: str, line: UUID) -> Decimal:
        """Return what a document holds of a line already."""
        found = self.held.get((document, line))
        return _NOTHING if found is None else found.amount

    def more(self, request: Request) -> dict[UUID, Decimal]:
        """Return how much more a document would hold of each line; negative where it gives back."""
        changes = {line: amount - self.own(request.document, line) for line, amount in request.amounts.items()}
        return {line: amount for line, amount in changes.items() if amount}


def held_of(session: Session, plan_id: UUID, documents: Collection[str]) -> dict[tuple[str, UUID], Decimal]:
    """Return {(document, line): what a plan in force holds for it}."""
    return {key: one.amount for key, one in _held(session, plan_id, documents).items()}


def held_by_category(
    session: Session, plan_id: UUID, categories: Collection[Category]
) -> dict[str, list[tuple[BudgetLine, Decimal]]]:
    """Return {document: the lines of some categories of which a plan holds something for it, with how much}."""
    query = select(Earmark.document, BudgetLine, Earmark.amount).join(BudgetLine, BudgetLine.id == Earmark.line_id)
    query = query.where(Earmark.holder == str(plan_id), Earmark.amount > 0, BudgetLine.category.in_(categories))
    found: dict[str, list[tuple[BudgetLine, Decimal]]] = {}
    for document, line, amount in session.execute(query.order_by(Earmark.id)):
        found.setdefault(document, []).append((line, amount))
    return found


def _held(session: Session, plan_id: UUID, documents: Collection[str]) -> Held:
    own = select(Earmark).where(Earmark.holder == str(plan_id), Earmark.document.in_(documents))
    rows = session.scalars(own.execution_options(populate_existing=True))
    return {(one.document, one.line_id): one for one in rows}


@dataclass(frozen=True, slots=True)
class Books:
    """What documents of a plan are weighed by, read once for all that is asked about them together."""

    lines: Mapping[UUID, BudgetLine]
    held: Held
    envelopes: Mapping[UUID, Envelope | None]
    bands: Sequence[Band]
    stopped: Collection[str]
    rates: Rates
    day: date


def read_books(
    session: Session, actor: Actor, plan_id: UUID, requests: Collection[Request], day: date, *, lock: bool = False
) -> Books:
    """Read what documents of a plan in force are weighed by on a day; with `lock` their lines stay so."""
    documents = {request.document for request in requests}
    keys = {key for request in requests for key in request.amounts}
    keys |= {line for _document, line in _held(session, plan_id, documents)}
    known = select(BudgetLine.id, BudgetLine.region_id).where(BudgetLine.id.in_(keys))
    region_of = dict(session.execute(known).all())
    urgent = {region_of[key] for request in requests if request.rank == AOG_RANK for key in request.amounts}
    envelopes = {region: envelope_of(session, actor, region, day) for region in sorted(urgent)}
    keys |= {one.line for one in envelopes.values() if one is not None}
    if lock:
        lines: Mapping[UUID, BudgetLine] = lock_lines(session, keys)
    else:
        lines = {one.id: one for one in session.scalars(select(BudgetLine).where(BudgetLine.id.in_(keys)))}
    return Books(
        lines,
        _held(session, plan_id, documents),
        envelopes,
        bands_of(load_terms(session)),
        stopped(session, documents),
        load_rates(session),
        day,
    )


def weigh(books: Books, requests: Sequence[Request]) -> Weighed:
    """Say whether documents of a plan in force may hold what they name of their lines; nothing is held. Pure.

    What they hold of other lines stays, but for what they took of an envelope: that is decided anew.
    """
    whole = [_with_envelope_given_back(request, books) for request in requests]
    undecided = Weighed(whole, _NONE, books.lines, books.held, {})
    weighed = replace(undecided, decision=_decided(books, undecided))
    return weighed if weighed.passes else _enveloped(books, weighed)


_NONE = Decision((), (), (), ())


def _with_envelope_given_back(request: Request, books: Books) -> Request:
    mine = [line for document, line in books.held if document == request.document and books.lines[line].envelope]
    return replace(request, amounts={**dict.fromkeys(mine, _NOTHING), **request.amounts})


def _decided(books: Books, weighed: Weighed) -> Decision:
    """Decide on what is more of lines that are no envelopes."""
    growing = [
        replace(
            request,
            amounts={
                line: one for line, one in weighed.more(request).items() if one > 0 and not weighed.lines[line].envelope
            },
        )
        for request in weighed.requests
    ]
    return decide(
        [request for request in growing if request.amounts],
        rooms_of(books.bands, growing, books.lines),
        stopped=books.stopped,
    )


def _enveloped(books: Books, weighed: Weighed) -> Weighed:
    """Charge envelopes with what does not fit the lines of documents for aircraft on ground, where they suffice."""
    short: defaultdict[str, set[UUID]] = defaultdict(set)
    for one in weighed.decision.held:
        short[one.request.document].add(one.line)
    used: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    requests, enveloped = [], {}
    for request in weighed.requests:
        mine = short.get(request.document, set())
        region = weighed.lines[min(mine)].region_id if mine else None
        envelope = None if region is None or request.rank != AOG_RANK else books.envelopes.get(region)
        moved = None if envelope is None else _moved(books, weighed, request, mine, envelope)
        if envelope is not None and moved is not None:
            more = moved.amounts[envelope.line] - weighed.own(request.document, envelope.line)
            if more <= weighed.lines[envelope.line].available - used[envelope.line]:
                used[envelope.line] += max(more, _NOTHING)
                enveloped[request.document] = (envelope, max(more, _NOTHING))
                request = moved
        requests.append(request)
    after = replace(weighed, requests=requests, enveloped=enveloped)
    return replace(after, decision=_decided(books, after))


def _moved(
    books: Books, weighed: Weighed, request: Request, short: Collection[UUID], envelope: Envelope
) -> Request | None:
    """Return a document with what does not fit moved to an envelope; None where its authority does not reach so far."""
    paying, amounts, more = weighed.lines[envelope.line], dict(request.amounts), weighed.more(request)
    taken = _NOTHING
    for key in short:
        line = weighed.lines[key]
        if nature_of(line.category) is not nature_of(paying.category):
            return None
        amounts[key] -= more[key]
        taken += books.rates.convert(more[key], line.currency, paying.currency, books.day)
    if paying.frozen or taken > envelope.most:
        return None
    return replace(request, amounts={**amounts, envelope.line: taken})


def reserve_anew(
    session: Session, actor: Actor, plan: PlanRef, requests: Sequence[Request], day: date, now: datetime
) -> Weighed:
    """Make documents of a plan in force hold what they name of their lines, where what is more fits; all or none.

    As they are weighed now, under the lock of the lines. Where it does not pass, nothing changes.
    """
    weighed = weigh(read_books(session, actor, plan.id, requests, day, lock=True), requests)
    if not weighed.passes:
        return weighed
    new, postings = [], []
    for request in weighed.requests:
        for line, amount in weighed.more(request).items():
            held = weighed.held.get((request.document, line))
            if held is None:
                new.append(earmark_for(plan.id, line, amount, request, actor, now))
            else:
                held.amount += amount
            kind = (EntryKind.RESERVATION, amount, request.kind, request.document)
            postings.append(Posting(line, *kind, now.date(), plan.id))
    if new:
        session.execute(insert(Earmark), new)
    post(session, actor, weighed.lines, postings, now)
    session.add_all(_overrides(weighed, plan, actor, now))
    regions = region_codes(session)
    for one in weighed.lines.values():
        net = sum((posting.amount for posting in postings if posting.line == one.id), _NOTHING)
        if net:
            tell_reserved(session, plan, regions[one.region_id], one, net, now)
    return weighed


def _overrides(weighed: Weighed, plan: PlanRef, actor: Actor, now: datetime) -> Iterator[BudgetOverride]:
    """Yield the records of what an envelope paid."""
    kinds = {request.document: request.kind for request in weighed.requests}
    for document, (envelope, amount) in weighed.enveloped.items():
        if amount:
            yield BudgetOverride(
                plan_id=plan.id,
                line_id=envelope.line,
                kind=OverrideKind.ENVELOPE,
                document_kind=kinds[document],
                document=document,
                amount=amount,
                by=actor.id,
                reason=envelope.reason,
                allowed_at=now,
                review_by=now + REVIEW,
            )
