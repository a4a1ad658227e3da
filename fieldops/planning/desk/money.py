"""What a change of the plan in force means for the budget: asking and taking weigh the same money by the same lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.budgets.service import told_account
from fieldops.finance.control.replacing import Weighed, read_books, weigh
from fieldops.finance.control.rules import Band, Outcome, Request, approver, free, judge, limits
from fieldops.finance.control.schemas import LineVerdict, VerdictOut
from fieldops.finance.control.terms import approval_limits
from fieldops.finance.rates.queries import load_rates
from fieldops.planning.costing import NOTHING, Bill
from fieldops.planning.desk.kept import KeptBill, KeptMoney
from fieldops.planning.desk.schemas import BudgetEffect
from inventory.kernel.actor import Actor
from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _

DOCUMENT = "job"
"""The kind of document that the money of a job is held for."""


def requests_of(session: Session, bills: Sequence[KeptBill], currency: str, day: date) -> Iterator[Request]:
    """Yield what bills ask of the budget lines of a day, each of its own region's. Raises Invalid without a line."""
    ask = _asking(session, {bill.region for bill in bills}, currency, day)
    yield from map(ask, bills)


def _asking(session: Session, regions: Collection[str], currency: str, day: date) -> Callable[[KeptBill], Request]:
    """Return what tells what a bill asks of the lines of regions on a day."""
    lines, rates = lines_on(session, day, regions), load_rates(session)

    def convert(amount: Decimal, to: str) -> Decimal:
        return rates.convert(amount, currency, to, day)

    def ask(one: KeptBill) -> Request:
        amounts = {
            (one.region, category): amount
            for category, amount in one.amounts.items()
            if amount or (one.region, category) in lines
        }
        return Bill(one.document, DOCUMENT, one.priority, one.rank, one.cost_avoided, amounts).request(lines, convert)

    return ask


def request_again(was: KeptMoney) -> Request:
    """Return the money that a job held before, line by line."""
    total = sum(was.amounts.values(), NOTHING)
    return Request(was.document, DOCUMENT, was.priority, was.rank, was.cost_avoided, was.amounts, total)


def effects(
    session: Session, actor: Actor, plan_id: UUID, options: Sequence[Sequence[KeptBill]], currency: str, day: date
) -> list[list[BudgetEffect]]:
    """Return what the control says of the bills of each option, as when it is taken; only of the actor's regions.

    A bill that neither takes nor gives back anything is told without a verdict. The number of statements does not grow
    with the options.
    """
    mine = [[bill for bill in bills if actor.scope.holds_region(bill.region)] for bills in options]
    ask = _asking(session, {bill.region for bills in mine for bill in bills}, currency, day)
    asked: list[list[Request] | DomainError] = []
    for bills in mine:
        try:
            asked.append([ask(bill) for bill in bills])
        except DomainError as refusal:
            asked.append(refusal)
    known = [requests for requests in asked if not isinstance(requests, DomainError)]
    books = read_books(session, actor, plan_id, [request for requests in known for request in requests], day)
    roles = approval_limits(session) if known else {}
    return [
        [BudgetEffect(job=bill.document, verdict=None, refusal=requests.message) for bill in bills]
        if isinstance(requests, DomainError)
        else _effects(weigh(books, requests), books.bands, currency, roles)
        for bills, requests in zip(mine, asked, strict=True)
    ]


def _effects(
    weighed: Weighed, bands: Collection[Band], currency: str, roles: Mapping[str, Decimal | None]
) -> list[BudgetEffect]:
    return [
        BudgetEffect(job=one.document, verdict=_verdict(weighed, one, currency, bands, roles))
        for one in weighed.requests
    ]


def refusals(session: Session, weighed: Weighed) -> Iterator[tuple[str, str]]:
    """Yield what does not pass, and who could approve it, or that nobody does."""
    roles = approval_limits(session) if weighed.decision.held else {}
    for short in weighed.decision.held:
        line, document = weighed.lines[short.line], short.request.document
        told = {"job": document, "account": told_account(line), "currency": line.currency}
        amounts = {"available": f"{short.available:,.2f}", "amount": f"{short.amount:,.2f}"}
        whole = next(one for one in weighed.requests if one.document == document)
        text = _(
            "{account} has {available} {currency} left for job {job}, which takes {amount} more: have the budget "
            "supplemented, which {role} may approve, and take the answer then"
        ).format(role=approver(whole.total, roles), **told, **amounts)
        yield f"budget.{document}", text
    for short in weighed.decision.stopped:
        document = short.request.document
        yield f"budget.{document}", _("trade compliance holds job {job} up").format(job=document)


def _verdict(
    weighed: Weighed, request: Request, currency: str, bands: Collection[Band], roles: Mapping[str, Decimal | None]
) -> VerdictOut | None:
    if not any(request.amounts.values()):
        return None
    lines = [_of_line(weighed, request, key, bands) for key in request.amounts]
    worst = max(Outcome[one.outcome.upper()] for one in lines)
    if any(one.request.document == request.document for one in weighed.decision.stopped):
        worst = Outcome.BLOCK
    return VerdictOut(
        outcome=worst.name.lower(),
        held=False,
        total=request.total,
        currency=currency,
        approver_role=approver(request.total, roles) if worst is Outcome.APPROVE else None,
        beyond_personal_limit=False,
        lines=lines,
    )


def _of_line(weighed: Weighed, request: Request, key: UUID, bands: Collection[Band]) -> LineVerdict:
    line, amount, own = weighed.lines[key], request.amounts[key], weighed.own(request.document, key)
    found = limits(line.budget, bands, line.category, DOCUMENT)
    taken = line.taken - own
    grown = judge(taken + amount, found) if amount > own else Outcome.PASS
    outcome = Outcome.WARN if line.envelope and amount else min(grown, Outcome.WARN)
    if any((one.request.document, one.line) == (request.document, key) for one in weighed.decision.held):
        outcome = Outcome.APPROVE
    room = max(free(line.budget, taken, found), NOTHING)
    return LineVerdict(
        line=key,
        account=told_account(line),
        currency=line.currency,
        outcome=outcome.name.lower(),
        amount=amount,
        available=line.budget - taken,
        free=room,
        shortfall=max(amount - room, NOTHING) if outcome is Outcome.APPROVE else NOTHING,
    )
