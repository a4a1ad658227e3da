"""Facts about this database itself, such as that it holds a demonstration."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.base import Base

DEMO_DATE = "demo_date"
"""The date of the demonstration's week; set on demonstration databases only."""


class InstallationFact(Base):
    """One fact by its name."""

    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(400))


def fact(session: Session, name: str) -> str | None:
    """Return a fact, None where it was never set."""
    found = session.get(InstallationFact, name)
    return found.value if found else None


def set_fact(session: Session, name: str, value: str) -> None:
    """Set a fact."""
    session.merge(InstallationFact(name=name, value=value))
    session.flush()
