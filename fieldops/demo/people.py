"""Technicians: who they are, where they are based, what they hold and when they work in the week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from numpy.random import Generator

from fieldops.demo.names import LANGUAGE_BY_COUNTRY, LANGUAGE_BY_REGION, PEOPLE
from fieldops.demo.places import regions_of
from fieldops.demo.rounding import apportion, cents
from fieldops.demo.rows import (
    AircraftRow,
    HeldQualification,
    PlaceRow,
    QualificationRow,
    Scale,
    ShiftRow,
    TechnicianRow,
)
from fieldops.demo.tables import (
    AIRCRAFT_TYPES,
    CERTIFICATE_KIND,
    EXPATRIATE_SHARE,
    EXPIRED_SHARE,
    EXPIRING_SHARE,
    HELD_SHARE,
    MAKER,
    QUALIFICATIONS,
    RATE_CHINA,
    RATE_EXPATRIATE,
    RATE_LOCAL,
    SCALE_INDEX,
    SCOPE,
)

HORIZON_DAYS = 7
HEAD_SHARE = 0.55
"""Share of a region's technicians who are based at its depot and centres."""
SECOND_TYPE_SHARE = 0.3
VALIDITY_DAYS = 730
AIRSIDE_DAYS = (365, 730)
EXPIRING_DAYS = 90
DAY_SHIFTS = ((time(8), time(17)), (time(8), time(16)), (time(7), time(17)))
HUB_SHIFTS = (*DAY_SHIFTS, (time(6), time(14)), (time(14), time(22)), (time(22), time(6)))
HUB_SHIFT_SHARE = (0.4, 0.15, 0.15, 0.12, 0.12, 0.06)


def airside(region: str) -> str:
    """Return the code of the airside pass of a region."""
    return f"AIRSIDE_{region}"


def build_qualifications(scale: Scale, places: tuple[PlaceRow, ...]) -> tuple[QualificationRow, ...]:
    """Return type ratings (the code is the type's), releases and trainings, and one airside pass a region."""
    return (
        *(
            QualificationRow(name, f"Type rating {MAKER} {name}", "type_rating", aircraft_type=name)
            for name in AIRCRAFT_TYPES[scale]
        ),
        *(_qualification(code, name) for code, name in QUALIFICATIONS.items()),
        *(
            QualificationRow(
                airside(table.code),
                f"Airside pass {table.name}",
                "airside_pass",
                places=tuple(place.code for place in places if place.region == table.code),
            )
            for table in regions_of(scale)
        ),
    )


def _qualification(code: str, name: str) -> QualificationRow:
    category = {"RECURRENT": "CONTINUATION"}.get(code)
    scope = (SCOPE[code],) if code in SCOPE else ()
    return QualificationRow(code, name, CERTIFICATE_KIND[code], category=category, scope=scope)


@dataclass(frozen=True, slots=True)
class _Person:
    place: PlaceRow
    codes: tuple[str, ...]


def build_technicians(
    rng: Generator, scale: Scale, start: date, places: tuple[PlaceRow, ...], aircraft: tuple[AircraftRow, ...]
) -> tuple[TechnicianRow, ...]:
    """Return the technicians region by region, each five days of the week at work."""
    bases = _bases(scale, places, aircraft)
    by_area = defaultdict(list)
    for place in bases:
        by_area[place.area].append(place)
    fleet = _types_by_region(places, aircraft)
    people = [
        _Person(place, tuple(codes))
        for crew in by_area.values()
        for place, codes in zip(crew, _skills(rng, crew[0].region, len(crew), fleet[crew[0].region]), strict=True)
    ]
    periods = iter(_validities(rng, start, [code for person in people for code in person.codes]))
    rows = []
    for i, person in enumerate(people):
        place = person.place
        expatriate = place.region != "CN" and rng.random() < EXPATRIATE_SHARE
        rate = RATE_EXPATRIATE if expatriate else RATE_CHINA if place.region == "CN" else RATE_LOCAL
        held = tuple(HeldQualification(code, *next(periods)) for code in person.codes)
        rows.append(
            TechnicianRow(
                code=f"T-{i + 1:04d}",
                name=PEOPLE["zh" if expatriate else _language(place)].compose(
                    *(int(k) for k in rng.integers(1000, size=2))
                ),
                base=place.code,
                region=place.region,
                area=place.area,
                time_zone=place.time_zone,
                cost_per_h=cents(rng.uniform(*rate)),
                qualifications=held,
                shifts=_shifts(rng, start, at_hub=place.tier in ("central", "regional")),
                employment="expatriate" if expatriate else "own" if place.region == "CN" else "local",
                home_country="CN" if expatriate else place.country,
                languages=tuple(sorted({"en", "zh" if expatriate else _language(place)})),
                security_level=1,
            )
        )
    return tuple(rows)


def _bases(scale: Scale, places: tuple[PlaceRow, ...], aircraft: tuple[AircraftRow, ...]) -> list[PlaceRow]:
    """Return the base of each technician, in the ratio of aircraft; half of them at depots and centres."""
    based: dict[str, int] = defaultdict(int)
    for tail in aircraft:
        based[tail.base] += 1
    bases: list[PlaceRow] = []
    for table in regions_of(scale):
        here = [place for place in places if place.region == table.code]
        heads = {place.area: i for i, place in enumerate(here) if place.tier != "outlet"}
        weights = [0.0] * len(here)
        for i, place in enumerate(here):
            weights[i] += (1 - HEAD_SHARE) * based[place.code]
            weights[heads[place.area]] += HEAD_SHARE * based[place.code]
        counts = apportion(table.technicians[SCALE_INDEX[scale]], weights)
        bases += [place for place, count in zip(here, counts, strict=True) for _ in range(count)]
    return bases


def _types_by_region(places: tuple[PlaceRow, ...], aircraft: tuple[AircraftRow, ...]) -> dict[str, list[str]]:
    """Return the types of the aircraft of each region, one entry an aircraft."""
    region_of = {place.code: place.region for place in places}
    types = defaultdict(list)
    for tail in aircraft:
        types[region_of[tail.base]].append(tail.type)
    return types


def _skills(rng: Generator, region: str, count: int, fleet: Sequence[str]) -> list[list[str]]:
    """Return the codes that each of a crew holds; who releases an aircraft is rated on it, who inspects releases."""
    skills: list[list[str]] = [[] for _ in range(count)]
    order = [int(i) for i in rng.permutation(count)]
    rated = order[: _share(count, "TYPE")]
    releasing = rated[: _share(count, "LINE")]
    for i in rated:
        first, second = (fleet[int(k)] for k in rng.integers(len(fleet), size=2))
        skills[i] += sorted({first, second}) if rng.random() < SECOND_TYPE_SHARE else [first]
    for i in releasing:
        skills[i].append("LINE")
    groups = {"BASE": releasing, "INSPECTOR": releasing, "ENGINE_RUN": rated, "BORESCOPE": rated}
    for code, group in {**groups, "FOREIGN_VALIDATION": rated}.items():
        for k in rng.permutation(len(group))[: _share(count, code)]:
            skills[group[int(k)]].append(code)
    return [[*codes, "RECURRENT", airside(region)] for codes in skills]


def _share(count: int, code: str) -> int:
    return int(count * HELD_SHARE[code] + 0.5)


def _validities(rng: Generator, start: date, codes: Sequence[str]) -> list[tuple[date, date]]:
    """Return the period of each held code; known shares of all run out soon (one within the week) or have run out."""
    order = [int(i) for i in rng.permutation(len(codes))]
    expired = order[: max(1, round(EXPIRED_SHARE * len(codes)))]
    expiring = order[len(expired) :][: max(2, round(EXPIRING_SHARE * len(codes)))]
    days_left = {i: -int(rng.integers(5, 61)) for i in expired}
    days_left |= {i: int(rng.integers(1, EXPIRING_DAYS + 1)) for i in expiring}
    days_left[expiring[0]] = int(rng.integers(1, HORIZON_DAYS - 1))
    periods = []
    for i, code in enumerate(codes):
        length = int(rng.integers(*AIRSIDE_DAYS)) if code.startswith("AIRSIDE") else VALIDITY_DAYS
        left = days_left.get(i, int(rng.integers(EXPIRING_DAYS + 1, length)))
        until = start + timedelta(days=left)
        periods.append((until - timedelta(days=length), until))
    return periods


def _language(place: PlaceRow) -> str:
    return LANGUAGE_BY_COUNTRY.get(place.country, LANGUAGE_BY_REGION[place.region])


def _shifts(rng: Generator, start: date, *, at_hub: bool) -> tuple[ShiftRow, ...]:
    """Return five days of one shift; the two days off follow each other."""
    if at_hub:
        starts, ends = HUB_SHIFTS[int(rng.choice(len(HUB_SHIFTS), p=HUB_SHIFT_SHARE))]
    else:
        starts, ends = DAY_SHIFTS[int(rng.integers(len(DAY_SHIFTS)))]
    off = int(rng.integers(HORIZON_DAYS))
    days = [day for day in range(HORIZON_DAYS) if day not in (off, (off + 1) % HORIZON_DAYS)]
    return tuple(ShiftRow(start + timedelta(days=day), starts, ends) for day in days)
