"""Facts about this database itself, such as that it holds a demonstration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.clock import Clock
from inventory.kernel.errors import Invalid
from inventory.kernel.scope import OPEN, declare
from inventory.kernel.texts import gettext as _

DEMO_DATE = "demo_date"
"""The date of the demonstration's week; set on demonstration databases only."""

DEMO_BEGAN = "demo_began"
"""When the demonstration's first day began to run, by the clock on the wall."""

DEMO_DAYS = 5
"""So many days a demonstration runs on; one that is opened later begins its first day again."""

CURRENCY = "currency"
"""The one currency that all amounts are kept in, until there are rates to convert by."""


@declare(OPEN)
class InstallationFact(Base):
    """One fact by its name."""

    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(400))


def fact(session: Session, name: str) -> str | None:
    """Return a fact, None where it was never set."""
    found = session.get(InstallationFact, name)
    return found.value if found else None


def demo_time(session: Session, clock: Clock) -> datetime:
    """Return what time it is where people work: in a demonstration its own day, at the hour of now.

    It runs on from there over the demonstration's next days, and never back.
    """
    now, day = clock(), fact(session, DEMO_DATE)
    if not day:
        return now
    began = _began(session)
    since = now.astimezone(UTC).date() if began is None or began > now else began.astimezone(UTC).date()
    return now + (date.fromisoformat(day) - since)


def begin_demo(session: Session, now: datetime) -> None:
    """Let the demonstration's first day begin now, unless it runs already."""
    began = _began(session)
    if fact(session, DEMO_DATE) and (began is None or not timedelta() <= now - began < timedelta(days=DEMO_DAYS)):
        set_fact(session, DEMO_BEGAN, now.isoformat())


def _began(session: Session) -> datetime | None:
    told = fact(session, DEMO_BEGAN)
    return datetime.fromisoformat(told) if told else None


def require_currency(session: Session, currencies: Iterable[str]) -> None:
    """Raise Invalid unless all are the installation's currency; the first one ever used becomes it."""
    for currency in sorted(set(currencies)):
        own = fact(session, CURRENCY)
        if own is None:
            set_fact(session, CURRENCY, currency)
        elif own != currency:
            raise Invalid(
                _("Amounts are kept in {own} here, and there are no rates yet; convert the {currency} first").format(
                    own=own, currency=currency
                ),
                code="other_currency",
                field="currency",
            )


def set_fact(session: Session, name: str, value: str) -> None:
    """Set a fact."""
    session.merge(InstallationFact(name=name, value=value))
    session.flush()
