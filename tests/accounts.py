"""Users for tests, and the tokens that they act with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from fieldops.identity.accounts import issue_token as issue
from fieldops.identity.queries import user_row
from fieldops.identity.schemas import Member, NewToken, NewUser
from fieldops.identity.service import add_user
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import writing


def issue_token(
    engine: Engine,
    name: str,
    *,
    roles: Iterable[str],
    memberships: Iterable[tuple[str, str | None]] = (("network", None),),
    operator: UUID | None = None,
    now: datetime | None = None,
) -> str:
    """Add a user with roles and memberships (kind, code), and return a token that acts as the user."""
    with writing(engine, SYSTEM) as session:
        add_user(
            session,
            SYSTEM,
            NewUser(
                name=name,
                display_name=name,
                roles=frozenset(roles),
                memberships=frozenset(
                    Member.model_validate({"kind": kind, "code": code}) for kind, code in memberships
                ),
                operator=operator,
            ),
        )
        owner = user_row(session, name)
        return issue(session, SYSTEM, owner, NewToken(name="tests", days=90), now or system_clock()).token
