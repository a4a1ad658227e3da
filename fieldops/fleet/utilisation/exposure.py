"""The fleet as stock planning sees it: `inventory.ports.Exposure`, fulfilled by what aircraft were used."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.fleet.models import Aircraft
from fieldops.fleet.utilisation.models import WHOLE_TYPE, Utilisation
from inventory.network.models import Place
from inventory.ports import Usage

_Figures = tuple[Decimal, Decimal, Decimal, Decimal]
"""Flight hours, cycles, landings and APU hours."""


class FleetExposure:
    """Tells what aircraft were used; see `inventory.ports.Exposure`."""

    def usage(self, session: Session, start: date, end: date) -> list[Usage]:
        """Return what aircraft were used in the months from the one of `start` to the one before `end`'s."""
        told: defaultdict[tuple[str, str, date], dict[str, _Figures]] = defaultdict(dict)
        rows = session.execute(
            select(Utilisation, Place.code)
            .join(Place, Place.id == Utilisation.place_id)
            .where(Utilisation.month >= start.replace(day=1), Utilisation.month < end.replace(day=1))
        )
        for one, place in rows:
            figures = (one.flight_hours, one.cycles, one.landings, one.apu_hours)
            told[one.aircraft_type, place, one.month][one.tail] = figures
        months = sorted({month for _kind, _place, month in told}) or list(_months(start, end))
        based = _based(session)
        keys = {(kind, place, month) for kind, place in based for month in months} | told.keys()
        return [
            Usage(
                kind,
                place,
                month,
                *_whole(told.get((kind, place, month), {})),
                Decimal(based.get((kind, place), 0) * monthrange(month.year, month.month)[1]),
            )
            for kind, place, month in sorted(keys)
        ]


def _whole(told: dict[str, _Figures]) -> _Figures:
    """Return what is told of the whole type, else the sum of its aircraft."""
    if WHOLE_TYPE in told:
        return told[WHOLE_TYPE]
    hours, cycles, landings, apu_hours = (
        sum((figures[number] for figures in told.values()), Decimal(0)) for number in range(4)
    )
    return hours, cycles, landings, apu_hours


def _months(start: date, end: date) -> Iterator[date]:
    month = start.replace(day=1)
    while month < end.replace(day=1):
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _based(session: Session) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(Aircraft.aircraft_type, Place.code, func.count())
        .join(Place, Place.id == Aircraft.base_id)
        .group_by(Aircraft.aircraft_type, Place.code)
    )
    return {(kind, place): count for kind, place, count in rows}
