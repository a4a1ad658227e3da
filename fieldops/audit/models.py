"""The seals that chain the audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.scope import PRIVATE, declare


@declare(PRIVATE, audited=False)
class AuditSeal(Base):
    """One link of the chain: `hash` covers an audit row, the instant of sealing and the link before it.

    Positions count from 1 without gaps. Links follow the order of sealing, which is not always that of the rows' ids.
    """

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit_row.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]
