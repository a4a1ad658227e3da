"""Use cases of certificates: keep what people hold and have done, and what authorisations need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.workforce.certificates.schemas import NewCertificate, NewCostRate, NewExperience, NewNeed, Standard
from fieldops.workforce.models import (
    AuthorisationNeed,
    CostRate,
    Experience,
    HeldQualification,
    LicenceStandard,
    Qualification,
    Technician,
)
from fieldops.workforce.service import check_qualifications, lock_technicians, technician_keys
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.lookup import portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell


def add_standards(session: Session, _actor: Actor, standards: Sequence[Standard]) -> None:
    """Add licence standards; raises Conflict for a code that exists."""
    refuse_taken(session, LicenceStandard.code, (one.code for one in standards), _taken)
    session.add_all(LicenceStandard(**one.model_dump()) for one in standards)
    session.flush()


def set_certificates(session: Session, _actor: Actor, certificates: Sequence[NewCertificate]) -> None:
    """Keep certificates; one with the same holder, code and first day takes the place of what was there.

    Raises Invalid for an unknown technician or qualification.
    """
    people = lock_technicians(session, (one.technician for one in certificates))
    check_qualifications(session, (one.code for one in certificates))
    wanted = {(people[one.technician], one.code, one.valid_from): one for one in certificates}
    for some in portions(sorted({key for key, _code, _first in wanted})):
        for held in session.scalars(select(HeldQualification).where(HeldQualification.technician_id.in_(some))):
            told = wanted.pop((held.technician_id, held.qualification_code, held.valid_from), None)
            if told is not None:
                for name, value in told.model_dump(exclude={"technician", "code", "valid_from"}).items():
                    setattr(held, name, value)
    rows = [
        {"technician_id": key, "qualification_code": code, **one.model_dump(exclude={"technician", "code"})}
        for (key, code, _first), one in wanted.items()
    ]
    if rows:
        session.execute(insert(HeldQualification), rows)
    session.flush()
    _tell(session, people)


def add_experience(session: Session, _actor: Actor, experience: Sequence[NewExperience]) -> None:
    """Add what people have worked on; the same type and first day takes the place of what was there."""
    people = technician_keys(session, (one.technician for one in experience))
    wanted = {(people[one.technician], one.aircraft_type, one.starts_on): one.ends_on for one in experience}
    for some in portions(sorted(people.values())):
        for done in session.scalars(select(Experience).where(Experience.technician_id.in_(some))):
            done.ends_on = wanted.pop((done.technician_id, done.aircraft_type, done.starts_on), done.ends_on)
    rows = [
        {"technician_id": key, "aircraft_type": kind, "starts_on": first, "ends_on": last}
        for (key, kind, first), last in wanted.items()
    ]
    if rows:
        session.execute(insert(Experience), rows)
    session.flush()


def set_cost_rates(session: Session, _actor: Actor, rates: Sequence[NewCostRate]) -> None:
    """Keep what people cost from days on; raises Invalid for an unknown technician or another currency."""
    require_currency(session, (one.currency for one in rates))
    people = technician_keys(session, (one.technician for one in rates))
    wanted: dict[tuple[UUID, date], NewCostRate] = {(people[one.technician], one.valid_from): one for one in rates}
    for some in portions(sorted(people.values())):
        for rate in session.scalars(select(CostRate).where(CostRate.technician_id.in_(some))):
            told = wanted.pop((rate.technician_id, rate.valid_from), None)
            for name, value in _rate(told).items() if told is not None else ():
                setattr(rate, name, value)
    rows = [{"technician_id": key, "valid_from": first, **_rate(one)} for (key, first), one in wanted.items()]
    if rows:
        session.execute(insert(CostRate), rows)
    session.flush()


def _rate(one: NewCostRate) -> dict[str, Any]:
    return one.model_dump(exclude={"technician", "valid_from"})


def add_needs(session: Session, _actor: Actor, needs: Sequence[NewNeed]) -> None:
    """Add what authorisations need; raises Invalid for an unknown qualification and one that needs itself."""
    check_qualifications(session, (one.authorisation for one in needs))
    check_qualifications(session, (one.qualification for one in needs if one.qualification))
    for one in needs:
        if one.qualification == one.authorisation:
            raise Invalid(
                _("{code} cannot need itself; name another qualification").format(code=one.authorisation),
                code="needs_itself",
                field="qualification",
            )
    session.add_all(AuthorisationNeed(**one.model_dump()) for one in needs)
    session.flush()


def _tell(session: Session, people: dict[str, UUID]) -> None:
    codes = {key: code for code, key in people.items()}
    changed: defaultdict[UUID, list[str]] = defaultdict(list)
    for some in portions(sorted(codes)):
        bases = select(Technician.id, Technician.base_id).where(Technician.id.in_(some))
        for key, base in session.execute(bases):
            changed[base].append(codes[key])
    tell(session, "technician.changed", changed)


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")


def known_authorisation(session: Session, code: str) -> Qualification:
    """Return a qualification; raises Invalid for an unknown one."""
    check_qualifications(session, [code])
    return session.scalars(select(Qualification).where(Qualification.code == code)).one()
