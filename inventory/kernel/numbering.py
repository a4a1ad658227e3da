"""Human document numbers without gaps: the counter moves in the transaction that uses the number."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.base import Base
from inventory.kernel.engine import dialect_insert
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.scope import OPEN, declare


@declare(OPEN, audited=False)
class NumberSeries(Base):
    """The last number given out in one series."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


def next_number(session: Session, series: str) -> int:
    """Return the next number of `series`, from 1. Take it last: its row stays locked until the commit."""
    return next_numbers(session, series, 1).start


def next_numbers(session: Session, series: str, count: int) -> range:
    """Return the next numbers of `series`, so many at once. Take them last, as `next_number`."""
    in_order(session, Lock.NUMBER)
    first = dialect_insert(session, NumberSeries).values(series=series, last=count)
    counted = first.on_conflict_do_update(index_elements=["series"], set_={"last": NumberSeries.last + count})
    last = session.scalars(counted.returning(NumberSeries.last)).one()
    return range(last - count + 1, last + 1)
