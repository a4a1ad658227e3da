"""What people hold so that they may sign: licences, human factors, experience, permits; and the rules behind it.

The made-up authorities of registries have rules here, those of release and those of papers of parts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from numpy.random import Generator

from fieldops.demo.papers import SHOPS
from fieldops.demo.people import EXPIRING_DAYS
from fieldops.demo.places import regions_of
from fieldops.demo.rows import ExperienceRow, HeldQualification, PlaceRow, QualificationRow, Scale, TechnicianRow
from fieldops.demo.tables import AIRCRAFT_TYPES, EXPIRING_SHARE, REGISTRY, STANDARD

SIGNING = frozenset({"LINE", "BASE", "INSPECTOR"})
HUMAN_FACTORS = "HUMAN_FACTORS"
VALIDITY_DAYS = 730
PERMIT_DAYS = 365
FIRST_EXPIRY_DAYS = 10
SOURCE = {"source": "made up for the demonstration", "edition": "demonstration"}


def registry(region: str) -> str:
    """Return the authority of the registry of a region's aircraft."""
    return REGISTRY.get(region, f"CAA-{region}")


def standard(region: str) -> str:
    """Return the licence standard of a region's authority."""
    return STANDARD.get(registry(region), f"LICENCE-{region}")


def licence(region: str) -> str:
    """Return the code of the licence by a region's authority."""
    return f"LIC_{region}"


def build_papers(scale: Scale, places: tuple[PlaceRow, ...]) -> tuple[QualificationRow, ...]:
    """Return a licence for each region's authority, human factors, and a permit and a visa for each country."""
    countries = sorted({place.country for place in places})
    return (
        QualificationRow(HUMAN_FACTORS, "Human factors", "training", category=HUMAN_FACTORS),
        *(
            QualificationRow(
                licence(table.code),
                f"Licence by {standard(table.code)}",
                "licence",
                standard=standard(table.code),
                authority=registry(table.code),
                category="A&P" if registry(table.code) == "FAA" else "B1",
            )
            for table in regions_of(scale)
        ),
        *(QualificationRow(f"PERMIT_{code}", f"Work permit {code}", "work_permit", country=code) for code in countries),
        *(QualificationRow(f"VISA_{code}", f"Visa {code}", "visa", country=code) for code in countries),
    )


def with_papers(
    rng: Generator, start: date, people: tuple[TechnicianRow, ...], places: tuple[PlaceRow, ...]
) -> tuple[TechnicianRow, ...]:
    """Return people with a licence where they sign, human factors, and permits for the countries of their area."""
    countries: dict[str, set[str]] = {}
    for place in places:
        countries.setdefault(place.area, set()).add(place.country)
    return tuple(
        replace(one, qualifications=(*one.qualifications, *_papers(rng, start, one, countries[one.area])))
        for one in people
    )


def _papers(rng: Generator, start: date, person: TechnicianRow, countries: set[str]) -> list[HeldQualification]:
    codes = [HUMAN_FACTORS]
    if SIGNING & {held.code for held in person.qualifications}:
        codes.append(licence(person.region))
    # the expatriates travel, and so do those at depots and centres; at an outlet nobody goes abroad
    travels = person.employment == "expatriate" or person.base == person.area
    abroad = sorted(countries - {person.home_country}) if travels else []
    codes += [f"{paper}_{country}" for country in abroad for paper in ("PERMIT", "VISA")]
    return [_held(rng, start, code) for code in codes]


def _held(rng: Generator, start: date, code: str) -> HeldQualification:
    """Return a paper; the usual share runs out soon, though not in the week, and none has run out."""
    length = PERMIT_DAYS if code.startswith(("PERMIT", "VISA")) else VALIDITY_DAYS
    soon = rng.random() < EXPIRING_SHARE
    left = int(rng.integers(FIRST_EXPIRY_DAYS, EXPIRING_DAYS + 1) if soon else rng.integers(EXPIRING_DAYS + 1, length))
    until = start + timedelta(days=left)
    return HeldQualification(code, until - timedelta(days=length), until)


def build_experience(
    rng: Generator, scale: Scale, start: date, people: tuple[TechnicianRow, ...]
) -> tuple[ExperienceRow, ...]:
    """Return who has worked on which type of late: everybody on what the person is rated on."""
    rows = []
    for person in people:
        for held in person.qualifications:
            if held.code in AIRCRAFT_TYPES[scale]:
                ends = start - timedelta(days=int(rng.integers(1, 60)))
                starts = ends - timedelta(days=int(rng.integers(240, 640)))
                rows.append(ExperienceRow(person.code, held.code, starts, ends))
    return tuple(rows)


def release_rules(scale: Scale) -> list[dict[str, Any]]:
    """Return the rules of the made-up authorities; the others are delivered."""
    return [
        {
            "code": f"{registry(table.code)}-{word}",
            "authority": registry(table.code),
            "seat": seat,
            "standards": [standard(table.code), "CCAR-66"],
            "scope": scope,
            "experience_months": 6,
            "within_months": 24,
            "trainings": ["CONTINUATION", HUMAN_FACTORS],
            "margin_days": 1,
            **SOURCE,
        }
        for table in regions_of(scale)
        if table.code not in REGISTRY
        for seat, word, scope in (
            ("release_signatory", "RELEASE", None),
            ("independent_inspector", "INSPECTION", "inspection"),
        )
    ]


def acceptance_rules(scale: Scale) -> list[dict[str, Any]]:
    """Return which papers the made-up authorities accept: the forms that the shops of the demonstration sign."""
    forms, remarks = [shop[0] for shop in SHOPS], ["not eligible for installation"]
    terms: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("component", "new", {"forms": forms, "excluded_remarks": remarks}),
        ("component", "used", {"forms": forms, "excluded_remarks": remarks}),
        ("standard_part", "new", {"forms": ["conformity"], "batch_trace": True}),
        ("material", "new", {"forms": ["conformity"], "batch_trace": True}),
        ("tool", "new", {}),
        ("tool", "used", {}),
    )
    return [
        {
            "code": f"{registry(table.code)}-{group}-{usage}".replace("_", "-").upper(),
            "authority": registry(table.code),
            "part_group": group,
            "usage": usage,
            **asked,
            **SOURCE,
        }
        for table in regions_of(scale)
        if table.code not in REGISTRY
        for group, usage, asked in terms
    ]


def standards(scale: Scale) -> list[dict[str, Any]]:
    """Return the licence standards of the made-up authorities."""
    return [
        {"code": standard(table.code), "authority": registry(table.code), "name": f"Licence {table.name}", **SOURCE}
        for table in regions_of(scale)
        if table.code not in REGISTRY
    ]


def approvals(scale: Scale, start: date) -> list[dict[str, Any]]:
    """Return an approval of our organisation by each authority, for every type."""
    return [
        {
            "number": f"DEMO.145.{table.code}",
            "authority": registry(table.code),
            "levels": ["line", "base"],
            "valid_from": start - timedelta(days=400),
            "valid_until": start + timedelta(days=700),
            "source": SOURCE["source"],
        }
        for table in regions_of(scale)
    ]


def access_rules(places: tuple[PlaceRow, ...]) -> list[dict[str, Any]]:
    """Return what countries ask of those from elsewhere: a permit to work, and a visa."""
    return [
        {"code": f"ABROAD-{code}", "country": code, "kinds": ["work_permit", "visa"], **SOURCE}
        for code in sorted({place.country for place in places})
    ]
