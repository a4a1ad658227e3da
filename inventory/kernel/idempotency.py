"""Requests that are safe to repeat: what a request with an Idempotency-Key answered, kept with what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import JSON, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.scope import OPEN, declare
from inventory.kernel.texts import gettext as _

KEY_MAX = 255
KEPT = timedelta(hours=48)


@declare(OPEN, audited=False)
class IdempotencyRecord(Base):
    """The answer to one request: key, actor and route together name it, the hash says which body it had."""

    __tablename__ = "idempotency_record"

    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    route: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_MAX), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer one request, held by the transaction that does its work."""

    session: Session
    actor: str
    route: str
    key: str
    body_hash: str

    def keep(self, answer: Answer, now: datetime) -> None:
        """Write the answer down in the same transaction as what the request did."""
        self.session.add(
            IdempotencyRecord(
                actor=self.actor,
                route=self.route,
                key=self.key,
                body_hash=self.body_hash,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                kept_at=now,
            )
        )
        self.session.flush()


def claim(session: Session, actor: Actor, route: str, key: str, body: bytes) -> Claim | Answer:
    """Return the claim of a new request, or the answer that it was given already.

    Raises Invalid for a key that was used with another body or is too long, Conflict while the same request is under
    way. On SQLite writers wait for each other, so the second comes after the first's answer.
    """
    if not 0 < len(key) <= KEY_MAX:
        raise Invalid(
            _("An Idempotency-Key has 1 to {most} characters; send a shorter one").format(most=KEY_MAX),
            code="wrong_idempotency_key",
            field="Idempotency-Key",
        )
    if session.get_bind().dialect.name == "postgresql":
        name = sha256(f"{actor.id}\n{route}\n{key}".encode()).digest()[:8]
        lock = func.pg_try_advisory_xact_lock(int.from_bytes(name, signed=True))
        if not session.connection().execute(select(lock)).scalar_one():
            raise Conflict(
                _("The same request is under way; wait for its answer, then repeat if there is none"),
                code="request_in_flight",
            )
    digest = sha256(body).hexdigest()
    kept = session.get(IdempotencyRecord, (actor.id, route, key))
    if kept is None:
        return Claim(session, actor.id, route, key, digest)
    if kept.body_hash != digest:
        raise Invalid(
            _("This Idempotency-Key was used for another request; send a new key"),
            code="idempotency_key_reused",
            field="Idempotency-Key",
        )
    return Answer(kept.status, kept.headers, kept.body)


def prune_answers(session: Session, now: datetime) -> int:
    """Forget answers older than KEPT; returns how many."""
    old = delete(IdempotencyRecord).where(IdempotencyRecord.kept_at < now - KEPT)
    return int(session.execute(old.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
