"""Use cases of approvals: ask, approve, refuse, withdraw, escalate; and who decides for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.approvals.models import OPEN_STATES, Approval, ApprovalState, Substitution
from fieldops.finance.approvals.queries import Authority, approval_by_number, authorities_of, may_stand_in
from fieldops.finance.approvals.schemas import NewSubstitution
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.posting import lock_lines
from fieldops.finance.budgets.service import require_thawed
from fieldops.finance.categories import Category
from fieldops.finance.control.authority import require_not_stopped
from fieldops.finance.control.holding import hold
from fieldops.finance.control.models import BudgetHold, BudgetOverride, OverrideKind
from fieldops.finance.control.plans import take
from fieldops.finance.control.rules import Outcome, Request, Shortage, approver, judge, limits, next_approver
from fieldops.finance.control.schemas import NewHold, VerdictOut
from fieldops.finance.control.terms import approval_limits, bands_of, load_terms
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.numbering import next_numbers
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes
from inventory.network.service import region_ids

Settle = Callable[[Session, UUID, str, datetime], None]
"""What else happens when a document of a plan is approved, in the same transaction: (session, plan, document, now)."""


def spend(session: Session, actor: Actor, wanted: NewHold, now: datetime, today: date) -> VerdictOut:
    """Hold what a document costs, or ask for the approval that it needs; a request that waits for it is replaced.

    Raises as `control.holding.hold`, and NotReady where no approval limits are set.
    """
    verdict = hold(session, actor, wanted, now, today)
    withdraw_requests(session, actor, [(wanted.document_kind, wanted.document)], now)
    if verdict.held:
        return verdict
    (made,) = _ask(
        session,
        actor,
        [
            {
                "region": wanted.region,
                "document_kind": wanted.document_kind,
                "document": wanted.document,
                "plan_id": None,
                "priority": wanted.priority.value,
                "amount": verdict.total,
                "currency": verdict.currency,
                "categories": sorted({one.category.value for one in wanted.items}),
                "asked": wanted.model_dump(mode="json"),
                "reason": wanted.reason,
            }
        ],
        now,
    )
    return verdict.model_copy(update={"approval": made.number, "approver_role": made.approver_role})


def ask_for_plan(
    session: Session, actor: Actor, plan_id: UUID, held: Sequence[Shortage], currency: str, now: datetime
) -> None:
    """Ask for an approval of each document that a plan had to hold; `currency` is the plan's, the reporting one."""
    requests = {short.request.document: short.request for short in held}
    keys = {key for request in requests.values() for key in request.amounts}
    lines = {line.id: line for line in session.scalars(select(BudgetLine).where(BudgetLine.id.in_(keys)))}
    regions = region_codes(session)
    _ask(
        session,
        actor,
        [
            {
                "region": regions[lines[_payer(request)].region_id],
                "document_kind": request.kind,
                "document": document,
                "plan_id": plan_id,
                "priority": request.priority,
                "amount": request.total,
                "currency": currency,
                "categories": sorted({lines[key].category.value for key in request.amounts}),
                "asked": {
                    "rank": request.rank,
                    "cost_avoided": str(request.cost_avoided),
                    "total": str(request.total),
                    "amounts": {str(key): str(amount) for key, amount in request.amounts.items()},
                },
                "reason": None,
            }
            for document, request in requests.items()
        ],
        now,
    )


def approve(
    session: Session,
    actor: Actor,
    number: str,
    note: str,
    now: datetime,
    today: date,
    *,
    version: int,
    settle: Settle | None = None,
) -> Approval:
    """Approve a request: the money is held in the same transaction, as the lines are now.

    Where two are needed, the first approval seconds it and holds nothing; the second is another person's, in another's
    authority. Raises Forbidden for one's own request and
    without the authority for the amount, Conflict where it is decided, the money is blocked by now, the line is frozen
    or trade compliance stops the document; Stale for another version.
    """
    found = _open_request(session, number, version)
    if actor.id == found.seconded_by != SYSTEM.id:
        raise Forbidden(
            _("You approved {number} already; a second person is needed").format(number=number), code="own_request"
        )
    person = _require_authority(session, actor, found, today)
    if found.two_needed and found.state is ApprovalState.PENDING:
        found.state, found.seconded_at = ApprovalState.SECONDED, now
        found.seconded_by, found.seconded_for = actor.id, person
        _tell(session, found, now)
        return found
    if found.plan_id is None:
        wanted = NewHold.model_validate(found.asked)
        hold(session, actor, wanted, now, today, approved_by=actor.id)
    else:
        _hold_for_plan(session, actor, found, note, now)
        if settle is not None:
            settle(session, found.plan_id, found.document, now)
    _decide(session, actor, found, ApprovalState.APPROVED, person, note, now)
    return found


def reject(
    session: Session, actor: Actor, number: str, note: str, now: datetime, today: date, *, version: int
) -> Approval:
    """Refuse a request; raises as `approve`."""
    found = _open_request(session, number, version)
    person = _require_authority(session, actor, found, today)
    _decide(session, actor, found, ApprovalState.REJECTED, person, note, now)
    return found


def withdraw(session: Session, actor: Actor, number: str, note: str, now: datetime, *, version: int) -> Approval:
    """Take a request back, of one's own or of a colleague; raises Conflict where it is decided, Stale."""
    found = _open_request(session, number, version)
    _decide(session, actor, found, ApprovalState.WITHDRAWN, actor.id, note, now)
    return found


def withdraw_requests(session: Session, actor: Actor, documents: Sequence[tuple[str, str]], now: datetime) -> int:
    """Withdraw what waits for documents, by kind and number: something else has taken its place. Returns how many."""
    withdrawn = 0
    for kind, document in documents:
        query = select(Approval).where(
            Approval.document == document,
            Approval.document_kind == kind,
            Approval.plan_id.is_(None),
            Approval.state.in_(OPEN_STATES),
        )
        for one in session.scalars(query):
            _decide(session, actor, one, ApprovalState.WITHDRAWN, actor.id, _("Something else took its place"), now)
            withdrawn += 1
    session.flush()
    return withdrawn


def withdraw_for_plan(session: Session, plan_id: UUID, region: str, now: datetime) -> None:
    """Withdraw what waits for documents of a plan in a region: another plan has taken its place."""
    key = region_ids(session, [region])[region]
    query = select(Approval).where(
        Approval.plan_id == plan_id, Approval.region_id == key, Approval.state.in_(OPEN_STATES)
    )
    for one in session.scalars(query):
        one.state, one.decided_at, one.note = ApprovalState.WITHDRAWN, now, _("Another plan is in force")
    session.flush()


def escalate(session: Session, now: datetime) -> int:
    """Pass on to the next authority what waited too long; returns how many requests. For the worker."""
    due = session.scalars(
        select(Approval)
        .where(Approval.state.in_(OPEN_STATES), Approval.due_at <= now)
        .order_by(Approval.number)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return 0
    wait = timedelta(hours=load_terms(session).escalate_after_h)
    for one in due:
        one.approver_role = next_approver(
            one.approver_role, approval_limits(session, [Category(name) for name in one.categories])
        )
        one.escalated += 1
        one.due_at = now + wait
        _tell(session, one, now)
    session.flush()
    return len(due)


def substitute(session: Session, actor: Actor, wanted: NewSubstitution, now: datetime) -> Substitution:
    """Let somebody decide with one's own authority for some days.

    Raises Invalid for oneself, and for who may not approve or does not see all that one sees.
    """
    if wanted.substitute == actor.id or not may_stand_in(session, wanted.substitute, actor.scope):
        raise Invalid(
            _("{name} cannot be your substitute; name a user who may approve and sees your regions").format(
                name=wanted.substitute
            ),
            code="wrong_substitute",
            field="substitute",
        )
    made = Substitution(
        id=uuid7(),
        person=actor.id,
        substitute=wanted.substitute,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        made_by=actor.id,
        made_at=now,
    )
    session.add(made)
    session.flush()
    return made


def end_substitution(session: Session, actor: Actor, key: UUID, now: datetime) -> Substitution:
    """End one's own substitution early; raises NotFound for another's, Conflict where it was ended."""
    found = session.get(Substitution, key)
    if found is None or (found.person != actor.id and not actor.scope.everything):
        raise NotFound(
            _("You have no substitution {key}; the list shows them").format(key=key), code="unknown_substitution"
        )
    if found.ended_at is not None:
        raise Conflict(_("This substitution was ended already"), code="ended_already")
    found.ended_at = now
    session.flush()
    return found


def _ask(session: Session, actor: Actor, asked: Sequence[dict[str, Any]], now: datetime) -> list[Approval]:
    if not asked:
        return []
    terms = load_terms(session)
    due = now + timedelta(hours=terms.escalate_after_h)
    regions = region_ids(session, {one["region"] for one in asked})
    made = []
    for number, one in zip(next_numbers(session, "approval", len(asked)), asked, strict=True):
        limits_now = approval_limits(session, [Category(name) for name in one["categories"]])
        request = Approval(
            id=uuid7(),
            number=f"AR-{number:06d}",
            region_id=regions[one["region"]],
            approver_role=approver(one["amount"], limits_now),
            two_needed=terms.four_eyes_above is not None and one["amount"] > terms.four_eyes_above,
            state=ApprovalState.PENDING,
            requested_by=actor.id,
            requested_at=now,
            due_at=due,
            escalated=0,
            **{name: value for name, value in one.items() if name != "region"},
        )
        session.add(request)
        made.append(request)
        _tell(session, request, now, region=one["region"])
    session.flush()
    return made


def _hold_for_plan(session: Session, actor: Actor, found: Approval, note: str, now: datetime) -> None:
    """Reserve a document that its plan had to hold, unless a band blocks it by now."""
    assert found.plan_id is not None  # noqa: S101 - looked at by the caller
    require_not_stopped(session, [found.document])
    asked = found.asked
    request = Request(
        document=found.document,
        kind=found.document_kind,
        priority=found.priority,
        rank=asked["rank"],
        cost_avoided=Decimal(asked["cost_avoided"]),
        amounts={UUID(key): Decimal(amount) for key, amount in asked["amounts"].items()},
        total=Decimal(asked["total"]),
    )
    lines = lock_lines(session, request.amounts)
    bands = bands_of(load_terms(session))
    for key, amount in request.amounts.items():
        line = lines[key]
        require_thawed(line)
        told = limits(line.budget, bands, line.category, request.kind)
        if judge(line.taken + amount, told) is Outcome.BLOCK:
            raise Conflict(
                _("What {document} takes is above the limit that blocks; raise the budget first").format(
                    document=found.document
                ),
                code="budget_blocked",
            )
    beyond = take(session, actor, found.plan_id, [request], lines, now)
    session.add_all(
        BudgetOverride(
            plan_id=found.plan_id,
            line_id=line,
            kind=OverrideKind.APPROVAL,
            document_kind=found.document_kind,
            document=found.document,
            amount=amount,
            by=actor.id,
            reason=note,
            allowed_at=now,
        )
        for line, amount in beyond.items()
    )
    held = select(BudgetHold).where(BudgetHold.plan_id == found.plan_id, BudgetHold.document == found.document)
    for one in session.scalars(held):
        session.delete(one)
    session.flush()


def _open_request(session: Session, number: str, version: int) -> Approval:
    found = approval_by_number(session, number)
    require_version(found.version, version)
    if found.state not in OPEN_STATES:
        raise Conflict(
            _("{number} is {state} already").format(number=number, state=found.state), code="decided_already"
        )
    return found


def _require_authority(session: Session, actor: Actor, found: Approval, today: date) -> str:
    """Return in whose name the actor decides; the command line is no person, and decides in its own."""
    if actor.id == SYSTEM.id:
        return actor.id
    if actor.id == found.requested_by:
        raise Forbidden(
            _("You asked for {number} yourself; let somebody else decide").format(number=found.number),
            code="own_request",
        )
    region = region_codes(session)[found.region_id]
    person = Authority(session).deciding_for(found, region, authorities_of(session, actor, today))
    if person is None:
        raise Forbidden(
            _("{number} is over {amount} {currency}, beyond your authority; it waits for the role {role}").format(
                number=found.number, amount=found.amount, currency=found.currency, role=found.approver_role
            ),
            code="beyond_authority",
        )
    return person


def _decide(
    session: Session, actor: Actor, found: Approval, state: ApprovalState, person: str, note: str, now: datetime
) -> None:
    found.state, found.decided_by, found.decided_at, found.note = state, actor.id, now, note
    found.decided_for = None if person == actor.id else person
    _tell(session, found, now)


def _tell(session: Session, found: Approval, now: datetime, *, region: str | None = None) -> None:
    session.flush()
    code = region or region_codes(session)[found.region_id]
    emit(
        session,
        "approval.changed",
        {"approval": found.number, "region": code, "state": found.state, "role": found.approver_role},
        now,
        audience=code,
    )


def _payer(request: Request) -> UUID:
    return max(sorted(request.amounts), key=lambda line: request.amounts[line])
