"""Use cases of certificates: keep what people hold and have done, and what authorisations need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
)
from fieldops.workforce.service import check_qualifications, lock_technicians, technician_keys, tell_changed
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.lookup import portions, refuse_taken
from inventory.kernel.texts import gettext as _

Kept = Counter[str]
"""How many records were added, changed or are unchanged."""


def add_standards(session: Session, _actor: Actor, standards: Sequence[Standard]) -> None:
    """Add licence standards; raises Conflict for a code that exists."""
    refuse_taken(session, LicenceStandard.code, (one.code for one in standards), _taken)
    session.add_all(LicenceStandard(**one.model_dump()) for one in standards)
    session.flush()


def set_certificates(
    session: Session, _actor: Actor, certificates: Sequence[NewCertificate], *, replace: bool = False
) -> Kept:
    """Keep certificates; with `replace` one takes the place of what differs with the same holder, code and first day.

    Raises Invalid for an unknown technician or qualification, Conflict for what differs without `replace`.
    """
    people = lock_technicians(session, (one.technician for one in certificates))
    check_qualifications(session, (one.code for one in certificates))
    wanted = {(people[one.technician], one.code, one.valid_from): one for one in certificates}
    kept = Kept()
    for some in portions(sorted({key for key, _code, _first in wanted})):
        for held in session.scalars(select(HeldQualification).where(HeldQualification.technician_id.in_(some))):
            told = wanted.pop((held.technician_id, held.qualification_code, held.valid_from), None)
            if told is not None:
                values = told.model_dump(exclude={"technician", "code", "valid_from"})
                kept += _renew(held, values, told.technician, told.code, held.valid_from, replace=replace)
    rows = [
        {"technician_id": key, "qualification_code": code, **one.model_dump(exclude={"technician", "code"})}
        for (key, code, _first), one in wanted.items()
    ]
    if rows:
        session.execute(insert(HeldQualification), rows)
    session.flush()
    tell_changed(session, people)
    return kept + Kept(added=len(rows))


def add_experience(
    session: Session, _actor: Actor, experience: Sequence[NewExperience], *, replace: bool = False
) -> Kept:
    """Add what people have worked on; with `replace` it takes the place of what differs with the same type and day.

    Raises Invalid for an unknown technician, Conflict for what differs without `replace`.
    """
    people = technician_keys(session, (one.technician for one in experience))
    wanted = {(people[one.technician], one.aircraft_type, one.starts_on): one for one in experience}
    kept = Kept()
    for some in portions(sorted(people.values())):
        for done in session.scalars(select(Experience).where(Experience.technician_id.in_(some))):
            told = wanted.pop((done.technician_id, done.aircraft_type, done.starts_on), None)
            if told is not None:
                values = {"ends_on": told.ends_on}
                kept += _renew(done, values, told.technician, told.aircraft_type, told.starts_on, replace=replace)
    rows = [
        {"technician_id": key, "aircraft_type": kind, "starts_on": first, "ends_on": one.ends_on}
        for (key, kind, first), one in wanted.items()
    ]
    if rows:
        session.execute(insert(Experience), rows)
    session.flush()
    return kept + Kept(added=len(rows))


def set_cost_rates(session: Session, _actor: Actor, rates: Sequence[NewCostRate], *, replace: bool = False) -> Kept:
    """Keep what people cost from days on; with `replace` a rate takes the place of what differs from the same day on.

    Raises Invalid for an unknown technician or another currency, Conflict for what differs without `replace`.
    """
    require_currency(session, (one.currency for one in rates))
    people = technician_keys(session, (one.technician for one in rates))
    wanted: dict[tuple[UUID, date], NewCostRate] = {(people[one.technician], one.valid_from): one for one in rates}
    kept = Kept()
    for some in portions(sorted(people.values())):
        for rate in session.scalars(select(CostRate).where(CostRate.technician_id.in_(some))):
            told = wanted.pop((rate.technician_id, rate.valid_from), None)
            if told is not None:
                what = _("the cost rate")
                kept += _renew(rate, _rate(told), told.technician, what, told.valid_from, replace=replace)
    rows = [{"technician_id": key, "valid_from": first, **_rate(one)} for (key, first), one in wanted.items()]
    if rows:
        session.execute(insert(CostRate), rows)
    session.flush()
    return kept + Kept(added=len(rows))


def _renew(
    there: HeldQualification | Experience | CostRate,
    values: Mapping[str, Any],
    person: str,
    what: str,
    first: date,
    *,
    replace: bool,
) -> Kept:
    """Give what is there other values, where it differs; raises Conflict unless it may be replaced."""
    if all(getattr(there, name) == value for name, value in values.items()):
        return Kept(unchanged=1)
    if not replace:
        raise Conflict(
            _("{person} has {what} from {day} already, and it differs; replace it, or give another first day").format(
                person=person, what=what, day=first
            ),
            code="record_differs",
        )
    for name, value in values.items():
        setattr(there, name, value)
    return Kept(changed=1)


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


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")


def known_authorisation(session: Session, code: str) -> Qualification:
    """Return a qualification; raises Invalid for an unknown one."""
    check_qualifications(session, [code])
    return session.scalars(select(Qualification).where(Qualification.code == code)).one()
