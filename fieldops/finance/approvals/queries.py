"""Reads of the approvals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from fieldops.finance.approvals.models import OPEN_STATES, Approval, ApprovalState, Substitution
from fieldops.finance.approvals.schemas import ApprovalOut, SubstitutionOut
from fieldops.finance.categories import Category
from fieldops.finance.control.rules import covers
from fieldops.finance.control.terms import APPROVING, approval_limits
from fieldops.identity.models import MemberKind, Membership, RolePermission, User, UserRole
from inventory.kernel.actor import Actor, Scope
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import named_like, nearest
from inventory.kernel.priority import Priority
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Region

NO_KEY = UUID(int=0)
INBOX_MAX = 200
"""How many requests an inbox shows; once they are decided it shows the next."""


def approval_page(
    session: Session,
    *,
    after: str = "",
    limit: int | None = None,
    number: str | None = None,
    numbers: Collection[str] | None = None,
    documents: Collection[str] | None = None,
    state: ApprovalState | None = None,
    document: str | None = None,
    approver_role: str | None = None,
) -> list[ApprovalOut]:
    """Return the requests after `after` by number."""
    query = (
        select(Approval, Region.code)
        .join(Region, Region.id == Approval.region_id)
        .where(Approval.number > after)
        .order_by(Approval.number)
        .limit(limit)
    )
    if numbers is not None:
        query = query.where(Approval.number.in_(numbers))
    if documents is not None:
        query = query.where(Approval.document.in_(documents))
    for column, wanted in (
        (Approval.number, number),
        (Approval.state, state),
        (Approval.document, document),
        (Approval.approver_role, approver_role),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [_told(one, region) for one, region in session.execute(query)]


def inbox(
    session: Session, actor: Actor, today: date, *, region: str | None = None, limit: int = INBOX_MAX
) -> list[ApprovalOut]:
    """Return the requests that the actor may decide now, the most urgent and oldest first, so many at most."""
    rows = session.execute(_waiting(region))
    authorities = authorities_of(session, actor, today)
    authority = Authority(session)
    mine: list[ApprovalOut] = []
    for one, region in rows:
        if len(mine) == limit:
            break
        own = actor.id in (one.requested_by, one.seconded_by)
        if not own and authority.deciding_for(one, region, authorities) is not None:
            mine.append(_told(one, region))
    return mine


def waiting_page(session: Session, *, region: str | None = None, limit: int) -> list[ApprovalOut]:
    """Return the requests that wait for anybody, the most urgent and oldest first, so many at most."""
    return [_told(one, region) for one, region in session.execute(_waiting(region).limit(limit))]


def find_approvals(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, document) of requests of which one of them holds a text, the nearest first."""
    query = select(Approval.number, Approval.document).where(named_like(text, Approval.number, Approval.document))
    rows = session.execute(query.order_by(*nearest(text, Approval.number)).limit(limit))
    return [(number, document) for number, document in rows]


def decided_lately(session: Session, *, region: str | None = None, limit: int) -> list[ApprovalOut]:
    """Return the requests that were decided, the latest first, so many at most."""
    query = _of(region)
    query = query.where(Approval.decided_at.is_not(None)).order_by(Approval.decided_at.desc(), Approval.number.desc())
    return [_told(one, region) for one, region in session.execute(query.limit(limit))]


def _of(region: str | None) -> Select[Approval, str]:
    query = select(Approval, Region.code).join(Region, Region.id == Approval.region_id)
    return query if region is None else query.where(Region.code == region)


def _waiting(region: str | None) -> Select[Approval, str]:
    urgency = case({priority.value: rank for rank, priority in enumerate(Priority)}, value=Approval.priority)
    query = _of(region).where(Approval.state.in_(OPEN_STATES))
    return query.order_by(urgency, Approval.requested_at, Approval.number)


@dataclass(frozen=True, slots=True)
class Powers:
    """The roles of a person, and the regions in which they count; None is all of them."""

    roles: frozenset[str]
    regions: frozenset[str] | None


def authorities_of(session: Session, actor: Actor, today: date) -> dict[str, Powers]:
    """Return {person: powers} of the actor, and of those for whom the actor decides today."""
    persons = session.scalars(
        select(Substitution.person).where(
            Substitution.substitute == actor.id,
            Substitution.first_day <= today,
            Substitution.last_day >= today,
            Substitution.ended_at.is_(None),
        )
    ).all()
    found = {actor.id: Powers(frozenset(actor.roles), None)}  # what the actor does not see is not found before
    return found | {name: powers for name, powers in _powers(session, persons).items() if name != actor.id}


def _powers(session: Session, names: Collection[str]) -> dict[str, Powers]:
    """Return {name: powers} of those of some users who can sign in."""
    roles: defaultdict[str, set[str]] = defaultdict(set)
    regions: defaultdict[str, set[str]] = defaultdict(set)
    network = set()
    users = select(User.id, User.name).where(User.name.in_(names), User.enabled)
    with unscoped(session):  # of a colleague elsewhere only the roles and the regions are used
        known = dict(session.execute(users).all())
        for user, role in session.execute(select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(known))):
            roles[known[user]].add(role)
        members = select(Membership.user_id, Membership.kind, Membership.code).where(Membership.user_id.in_(known))
        for user, kind, code in session.execute(members):
            if kind is MemberKind.NETWORK:
                network.add(known[user])
            elif kind is MemberKind.REGION:
                regions[known[user]].add(code)
    return {
        name: Powers(frozenset(roles[name]), None if name in network else frozenset(regions[name]))
        for name in sorted(known.values())
    }


def substitutes_of(session: Session, persons: Collection[str], today: date) -> set[str]:
    """Return who decides in the stead of some persons today."""
    return set(
        session.scalars(
            select(Substitution.substitute).where(
                Substitution.person.in_(persons),
                Substitution.first_day <= today,
                Substitution.last_day >= today,
                Substitution.ended_at.is_(None),
            )
        )
    )


def may_stand_in(session: Session, name: str, scope: Scope) -> bool:
    """Tell whether a user can sign in, may approve, and sees all that a scope does."""
    powers = _powers(session, [name]).get(name)
    if powers is None:
        return False
    able = select(RolePermission.role).where(
        RolePermission.role.in_(powers.roles), RolePermission.permission == APPROVING
    )
    sees = powers.regions is None or (not scope.everything and powers.regions >= (scope.regions or frozenset()))
    return sees and session.scalars(able).first() is not None


class Authority:
    """What the limits say of requests; those of the same categories are read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._limits: dict[tuple[str, ...], dict[str, Decimal | None]] = {}

    def deciding_for(self, approval: Approval, region: str, authorities: Mapping[str, Powers]) -> str | None:
        """Return whose authority covers a request of a region, one's own first, None where nobody's does.

        Nobody decides about an own request, nor a second time about one that needs two.
        """
        names = tuple(approval.categories)
        if names not in self._limits:
            self._limits[names] = approval_limits(self._session, [Category(one) for one in names])
        done = (approval.requested_by, approval.seconded_by, approval.seconded_for)
        for person, powers in authorities.items():
            there = powers.regions is None or region in powers.regions
            if there and person not in done and covers(powers.roles, approval.amount, self._limits[names]):
                return person
        return None


def approval_by_number(session: Session, number: str) -> Approval:
    """Return a request; raises NotFound."""
    found = session.scalar(select(Approval).where(Approval.number == number).execution_options(populate_existing=True))
    if found is None:
        raise NotFound(
            _("There is no approval {number} here; the list shows them").format(number=number), code="unknown_approval"
        )
    return found


def substitution_page(
    session: Session, *, after: UUID = NO_KEY, limit: int | None = None, key: UUID | None = None
) -> list[SubstitutionOut]:
    """Return who decides for whom after `after`, in the order in which it was said."""
    query = select(Substitution).where(Substitution.id > after).order_by(Substitution.id).limit(limit)
    if key is not None:
        query = query.where(Substitution.id == key)
    return [
        SubstitutionOut(
            id=one.id,
            person=one.person,
            substitute=one.substitute,
            first_day=one.first_day,
            last_day=one.last_day,
            ended_at=one.ended_at,
        )
        for one in session.scalars(query)
    ]


def _told(one: Approval, region: str) -> ApprovalOut:
    return ApprovalOut(
        number=one.number,
        region=region,
        document_kind=one.document_kind,
        document=one.document,
        plan_id=one.plan_id,
        priority=one.priority,
        amount=one.amount,
        currency=one.currency,
        categories=one.categories,
        reason=one.reason,
        approver_role=one.approver_role,
        two_needed=one.two_needed,
        state=one.state,
        requested_by=one.requested_by,
        requested_at=one.requested_at,
        due_at=one.due_at,
        escalated=one.escalated,
        seconded_by=one.seconded_by,
        decided_by=one.decided_by,
        decided_for=one.decided_for,
        decided_at=one.decided_at,
        note=one.note,
        version=one.version,
    )
