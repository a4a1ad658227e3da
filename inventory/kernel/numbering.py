"""Human document numbers without gaps: the counter moves in the transaction that uses the number."""

from __future__ import annotations

from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from inventory.kernel.base import Base


class NumberSeries(Base):
    """The last number given out in one series."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


def next_number(session: Session, series: str) -> int:
    """Return the next number of `series`, from 1. Take it last: its row stays locked until the commit."""
    taken = update(NumberSeries).where(NumberSeries.series == series).values(last=NumberSeries.last + 1)
    number = session.scalar(taken.returning(NumberSeries.last))
    if number is None:
        session.add(NumberSeries(series=series, last=1))
        session.flush()
        return 1
    return number
