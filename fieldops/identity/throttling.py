"""Attempts to sign in, counted in the database so that all processes slow the same account and address down."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from fieldops.identity.models import LoginThrottle
from fieldops.identity.rules import ATTEMPTS_OF_ACCOUNT, ATTEMPTS_OF_ADDRESS, Throttle, attempted, fresh, wait_s
from inventory.kernel.engine import dialect_insert


def count_attempt(session: Session, account: str, address: str, now: datetime) -> int:
    """Count an attempt before it is made; returns for how many seconds it must wait, 0 where it may be made.

    Counted first, so that many at once do not all pass before one has failed.
    """
    limits = {_account(account): ATTEMPTS_OF_ACCOUNT, _address(address): ATTEMPTS_OF_ADDRESS}
    for key in limits:
        new = dialect_insert(session, LoginThrottle).values(key=key, **asdict(fresh(now)))
        session.execute(new.on_conflict_do_nothing())
    rows = session.scalars(
        select(LoginThrottle).where(LoginThrottle.key.in_(limits)).order_by(LoginThrottle.key).with_for_update()
    ).all()
    waits = [wait_s(_state(row), now) for row in rows]
    if any(waits):
        return max(waits)
    for row in rows:
        after = attempted(_state(row), limits[row.key], now)
        row.since, row.attempts, row.strikes, row.blocked_until = (
            after.since,
            after.attempts,
            after.strikes,
            after.blocked_until,
        )
        waits.append(wait_s(after, now))
    session.flush()
    return max(waits)


def forgive(session: Session, account: str, address: str) -> None:
    """Forget what an account failed before it succeeded, and take the success off its address.

    What others fail at the same address stays counted.
    """
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == _account(account)))
    one_less = case((LoginThrottle.attempts > 0, LoginThrottle.attempts - 1), else_=0)
    session.execute(
        update(LoginThrottle).where(LoginThrottle.key == _address(address)).values(attempts=one_less),
        execution_options={"synchronize_session": False},
    )


def _account(name: str) -> str:
    return f"account {name}"


def _address(address: str) -> str:
    return f"address {address}"


def _state(row: LoginThrottle) -> Throttle:
    return Throttle(row.since, row.attempts, row.strikes, row.blocked_until)
