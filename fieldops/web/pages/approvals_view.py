"""What the inbox of approvals shows: each request with what it pays for, what it does to the lines, and who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import JobHead, job_heads
from fieldops.finance.approvals.effects import Effect, effects
from fieldops.finance.approvals.queries import decided_lately, inbox, waiting_page
from fieldops.finance.approvals.schemas import ApprovalOut
from fieldops.finance.budgets.queries import budget_lines
from fieldops.finance.budgets.schemas import BudgetLineOut
from fieldops.finance.control.schemas import LineVerdict
from inventory.kernel.actor import Actor

WAITING_MAX = 200
DECIDED_MAX = 20
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a request does to one line: the line, what is said of it, and how much of it is used before and after."""

    told: LineVerdict
    line: BudgetLineOut

    @property
    def left(self) -> Decimal:
        """Return what the line has left then."""
        return self.told.available - self.told.amount

    @property
    def parts(self) -> tuple[tuple[str, Decimal, Decimal], ...]:
        """Return the bar of 100 of the line: what is taken without the request, and the request."""
        taken = self.line.budget - self.told.available
        whole = max(self.line.budget, taken + self.told.amount)
        if not whole:
            return ()
        wide = [round(max(one, _NONE) * 100 / whole, 2) for one in (taken, self.told.amount)]
        return (("actual", _NONE, wide[0]), ("asked", wide[0], wide[1]))

    @property
    def share(self) -> Decimal | None:
        """Return the share of the budget that is used then."""
        return (self.line.budget - self.left) / self.line.budget if self.line.budget else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits, ready to be shown; `mine` may be decided by the visitor."""

    request: ApprovalOut
    effect: Effect
    lines: tuple[Touched, ...]
    job: JobHead | None
    mine: bool


@dataclass(frozen=True, slots=True)
class InboxView:
    """The requests by whom they wait for, and those that were decided lately; `own` were asked for by the visitor."""

    mine: list[Asked]
    own: list[Asked]
    others: list[Asked]
    decided: list[ApprovalOut]


def inbox_view(session: Session, actor: Actor, today: date, region: str | None) -> InboxView:
    """Return what the inbox shows, of one region or of all of the visitor's."""
    waiting = waiting_page(session, region=region, limit=WAITING_MAX)
    mine = inbox(session, actor, today, region=region) if actor.may("budget.approve") else []
    shown = {one.number: one for one in [*mine, *waiting]}
    deciding = {one.number for one in mine}
    asked = _asked(session, actor, list(shown.values()), deciding, today)
    rest = [one for one in asked if not one.mine]
    return InboxView(
        mine=[one for one in asked if one.mine],
        own=[one for one in rest if one.request.requested_by == actor.id],
        others=[one for one in rest if one.request.requested_by != actor.id],
        decided=decided_lately(session, region=region, limit=DECIDED_MAX),
    )


def _asked(
    session: Session, actor: Actor, requests: Sequence[ApprovalOut], deciding: set[str], today: date
) -> list[Asked]:
    found = effects(session, actor, [one.number for one in requests], today)
    keys = {told.line for effect in found.values() for told in effect.lines}
    lines = {one.id: one for one in budget_lines(session, keys=keys)}
    jobs = job_heads(session, [one.document for one in requests if one.document_kind == "job"])
    return [
        Asked(
            request=one,
            effect=found[one.number],
            lines=tuple(Touched(told, lines[told.line]) for told in found[one.number].lines if told.line in lines),
            job=jobs.get(one.document),
            mine=one.number in deciding,
        )
        for one in requests
    ]
