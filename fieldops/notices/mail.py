"""To whom mails go, and how one is queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from fieldops.events.mailing import queue_mail
from fieldops.identity.models import MemberKind, Membership, User, UserRole
from inventory.kernel.errors import Invalid

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be told, in a language; without an address nothing is sent."""

    name: str
    email: str | None
    language: str


def members(region: str) -> Select[str, str | None, str]:
    """Return the query of the name, address and language of those of a region, and of the whole network.

    It joins their roles, so that the caller can choose by them.
    """
    return (
        select(User.name, User.email, User.language)
        .join(Membership, Membership.user_id == User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.enabled,
            or_(
                Membership.kind == MemberKind.NETWORK,
                and_(Membership.kind == MemberKind.REGION, Membership.code == region),
            ),
        )
        .distinct()
    )


def queue(session: Session, to: Reader, template: str, values: Mapping[str, Any], now: datetime, key: str) -> None:
    """Queue a mail; one that cannot be sent is left out, so that it does not keep the others waiting."""
    if to.email is None:
        return
    try:
        queue_mail(session, to.email, template, values, to.language, now, key=key)
    except Invalid as error:
        _log.warning("notice_left_out", key=key, code=error.code)
