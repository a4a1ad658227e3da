"""Who works in the demonstration on the Friday before its week: mechanic, inspector and signatory at one base."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fieldops.demo.people import airside
from fieldops.demo.rights import SIGNING, licence
from fieldops.demo.rows import AircraftRow, TechnicianRow
from fieldops.demo.tables import REGISTRY

BEFORE = timedelta(days=3)
LASTS = timedelta(days=3)
LOGINS = ("demo.technician", "demo.inspector", "demo.signatory")
"""The logins of the crew, in its order; the first is who the link of the role “technician” signs in."""


@dataclass(frozen=True, slots=True)
class Crew:
    """People of one base, where aircraft that they are rated on are based, too."""

    place: str
    region: str
    time_zone: str
    tails: tuple[str, ...]
    people: tuple[TechnicianRow, TechnicianRow, TechnicianRow]

    @property
    def logins(self) -> dict[str, str]:
        """{technician: login}."""
        return {one.code: login for one, login in zip(self.people, LOGINS, strict=True)}


def field_day(start: date) -> date:
    """Return the day of the work that is done before the plan: the Friday before, if the same quarter pays for it."""
    before = start - BEFORE
    return before if (before.year, (before.month - 1) // 3) == (start.year, (start.month - 1) // 3) else start


def find_crew(start: date, people: tuple[TechnicianRow, ...], aircraft: tuple[AircraftRow, ...]) -> Crew | None:
    """Return the first crew that there is, by place; None where no base has one.

    Registries that there are go before those that are made up, so that the work follows the delivered rules.
    """
    day = field_day(start)
    found: list[Crew] = []
    tails: dict[tuple[str, str], list[str]] = {}
    for tail in aircraft:
        tails.setdefault((tail.base, tail.type), []).append(tail.registration)
    for (place, kind), names in tails.items():
        there = [one for one in people if one.base == place and {kind, airside(one.region)} <= _held(one, day)]
        signing = [one for one in there if {"LINE", licence(one.region), "RECURRENT"} <= _held(one, day)]
        inspector = next((one for one in signing if "INSPECTOR" in _held(one, day)), None)
        signatory = next((one for one in signing if one is not inspector), None)
        mechanic = next((one for one in there if not SIGNING & _held(one, day)), None)
        if mechanic and inspector and signatory:
            crew = (mechanic, inspector, signatory)
            found.append(Crew(place, mechanic.region, mechanic.time_zone, tuple(names), crew))
    return min(found, key=lambda one: (one.region not in REGISTRY, one.place), default=None)


def _held(person: TechnicianRow, day: date) -> set[str]:
    return {one.code for one in person.qualifications if one.valid_from <= day and day + LASTS <= one.valid_until}
