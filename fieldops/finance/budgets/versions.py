"""Use cases of the versions of the budgets: propose a set, approve it or withdraw it; the old one is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import (
    BudgetLine,
    BudgetVersion,
    BudgetVersionLine,
    EntryKind,
    VersionKind,
    VersionState,
)
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.budgets.schemas import NewBudgetLine, NewVersion, VersionDecision
from fieldops.finance.budgets.service import account_of, open_lines, require_left, require_terms, require_thawed
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.numbering import next_number
from inventory.kernel.texts import gettext as _

LineKey = tuple[str, date, date]
"""A line by its account and its period."""


def version_by_number(session: Session, number: str) -> BudgetVersion:
    """Return a version; raises NotFound."""
    found = session.scalar(select(BudgetVersion).where(BudgetVersion.number == number))
    if found is None:
        raise NotFound(
            _("There is no budget version {number}; the list shows them").format(number=number), code="unknown_version"
        )
    return found


def propose(session: Session, actor: Actor, wanted: NewVersion, now: datetime) -> BudgetVersion:
    """Keep a set of budgets as a draft; nothing else changes.

    Raises Invalid for a line that is in it twice or could not be opened, NotFound for the version that it revises.
    """
    regions = require_terms(session, wanted.lines)
    if wanted.revises is not None:
        _require_revisable(version_by_number(session, wanted.revises), wanted.kind)
    if any(line.committed or line.actual for line in wanted.lines):
        raise Invalid(
            _("A version says what the budgets are; leave out what is committed and spent"),
            code="version_with_spending",
            field="lines",
        )
    accounts = [(account_of(line).key, line.period_start, line.period_end) for line in wanted.lines]
    twice = next((one for one, count in Counter(accounts).items() if count > 1), None)
    if twice is not None:
        raise Invalid(
            _("The line {account} from {start} is there twice; leave one out").format(
                account="/".join(twice[0].split()), start=twice[1]
            ),
            code="line_twice",
            field="lines",
        )
    version = BudgetVersion(
        id=uuid7(),
        number=f"BV-{next_number(session, 'budget_version'):06d}",
        name=wanted.name,
        kind=wanted.kind,
        state=VersionState.DRAFT,
        revises=wanted.revises,
        made_by=actor.id,
        made_at=now,
    )
    session.add(version)
    session.flush()
    standing = standing_lines(session, accounts)
    session.execute(
        insert(BudgetVersionLine),
        [
            {
                "id": uuid7(),
                "version_id": version.id,
                "region_id": regions[line.region],
                "account": account,
                "period_start": start,
                "period_end": end,
                "line": line.model_dump(mode="json", exclude={"budget"}),
                "currency": line.currency,
                "budget": line.budget,
                "was": standing[account, start, end].budget if (account, start, end) in standing else None,
            }
            for line, (account, start, end) in zip(wanted.lines, accounts, strict=True)
        ],
    )
    return version


def propose_draft(session: Session, actor: Actor, lines: Sequence[NewBudgetLine], now: datetime) -> BudgetVersion:
    """Keep the lines of a file as a draft that revises nothing; raises as `propose`."""
    name = _("Imported on {day}").format(day=now.date())
    return propose(session, actor, NewVersion.model_construct(name=name, lines=tuple(lines)), now)


def lines_of_newest(session: Session) -> Iterator[NewBudgetLine]:
    """Yield the lines of the newest version, as they were proposed."""
    newest = select(func.max(BudgetVersion.number)).scalar_subquery()
    rows = session.scalars(
        select(BudgetVersionLine)
        .join(BudgetVersion, BudgetVersion.id == BudgetVersionLine.version_id)
        .where(BudgetVersion.number == newest)
        .order_by(BudgetVersionLine.id)
    )
    for one in rows:
        yield NewBudgetLine(**one.line, budget=one.budget)


def decide_version(
    session: Session, actor: Actor, number: str, decision: VersionDecision, now: datetime, today: date, *, version: int
) -> BudgetVersion:
    """Approve a draft, which sets the budget of each of its lines and opens those that are not, or withdraw it.

    A forecast only becomes the one in force; no budget changes. Raises Forbidden for whoever made it, Conflict where
    it is no draft, a line is frozen, or has more taken than the version gives it.
    """
    found = version_by_number(session, number)
    require_version(found.version, version)
    if found.state is not VersionState.DRAFT:
        raise Conflict(
            _("{number} is no draft any more; make a new version that revises it").format(number=number),
            code="no_draft",
        )
    if decision.approved:
        if actor.id == found.made_by != SYSTEM.id:
            raise Forbidden(
                _("You made {number}; let somebody else approve it").format(number=number), code="own_request"
            )
        if found.revises is not None:
            revised = version_by_number(session, found.revises)
            _require_revisable(revised, found.kind)
            revised.state = VersionState.SUPERSEDED
        if found.kind is VersionKind.BUDGET:
            _set_budgets(session, actor, found, now, today)
    found.state = VersionState.APPROVED if decision.approved else VersionState.WITHDRAWN
    found.decided_by, found.decided_at, found.reason = actor.id, now, decision.reason
    session.flush()
    return found


def _require_revisable(version: BudgetVersion, kind: VersionKind) -> None:
    """Raise Conflict where a version is not in force, or of another kind than what would take its place."""
    if version.state is not VersionState.APPROVED or version.kind is not kind:
        raise Conflict(
            _("{number} is not an approved {kind} version; revise the one that is in force").format(
                number=version.number, kind=kind
            ),
            code="not_revisable",
            field="revises",
        )


def standing_lines(session: Session, keys: Sequence[LineKey]) -> dict[LineKey, BudgetLine]:
    """Return {(account, first day, day after): line} of the lines that are open."""
    found: dict[LineKey, BudgetLine] = {}
    for some in portions(sorted({account for account, _start, _end in keys})):
        for line in session.scalars(select(BudgetLine).where(BudgetLine.account.in_(some))):
            found[line.account, line.period_start, line.period_end] = line
    return found


def _set_budgets(session: Session, actor: Actor, version: BudgetVersion, now: datetime, today: date) -> None:
    lines = session.scalars(select(BudgetVersionLine).where(BudgetVersionLine.version_id == version.id)).all()
    keys = [(one.account, one.period_start, one.period_end) for one in lines]
    standing = {key: line.id for key, line in standing_lines(session, keys).items() if key in set(keys)}
    locked = lock_lines(session, standing.values())
    postings = []
    missing = []
    for key, one in zip(keys, lines, strict=True):
        if key not in standing:
            missing.append(NewBudgetLine(**one.line, budget=one.budget))
            continue
        line = locked[standing[key]]
        if line.budget != one.was:
            raise Conflict(
                _("The budget of {account} was {was} when {number} was made and is {budget} now; make it anew").format(
                    account="/".join(one.account.split()),
                    was=_("not there") if one.was is None else one.was,
                    number=version.number,
                    budget=line.budget,
                ),
                code="version_outdated",
            )
        if line.currency != one.currency:
            raise Conflict(
                _("{account} is kept in {own}; propose its budget in that currency").format(
                    account="/".join(one.account.split()), own=line.currency
                ),
                code="other_currency",
                field="currency",
            )
        require_left(line, one.budget)
        change = one.budget - line.budget
        if change != Decimal(0):
            require_thawed(line)
            postings.append(Posting(line.id, EntryKind.BUDGET, change, "version", version.number, today))
    post(session, actor, locked, postings, now)
    open_lines(session, actor, missing, now)
