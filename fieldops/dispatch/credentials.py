"""By which licences and approvals the people on a job, and the organisation, work on an aircraft on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fieldops.workforce.kinds import CertificateKind
from fieldops.workforce.models import HeldQualification, Qualification
from fieldops.workforce.releasing.models import OrganisationApproval
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped

_LICENCES = frozenset({CertificateKind.LICENCE, CertificateKind.VALIDATION})
_PRINTED = _LICENCES | {CertificateKind.AUTHORISATION}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody shows: licences, also those validated, and authorisations of the organisation."""

    licences: tuple[str, ...]
    authorisations: tuple[str, ...]


def credentials(
    session: Session, days: Mapping[UUID, date], aircraft_type: str | None, authority: str | None
) -> dict[UUID, Credentials]:
    """Return {technician: what holds on the day, for this type and registry}, for everybody who is asked about."""
    found: defaultdict[tuple[UUID, bool], list[str]] = defaultdict(list)
    for some in portions(sorted(days)):
        query = (
            select(HeldQualification, Qualification.kind)
            .join(Qualification, Qualification.code == HeldQualification.qualification_code)
            .where(HeldQualification.technician_id.in_(some), Qualification.kind.in_(_PRINTED))
            .where(or_(Qualification.aircraft_type.is_(None), Qualification.aircraft_type == aircraft_type))
            .where(or_(Qualification.authority.is_(None), Qualification.authority == authority))
            .order_by(HeldQualification.qualification_code, HeldQualification.valid_from)
        )
        # who sits on a job that the actor sees, also somebody lent from elsewhere
        with unscoped(session):
            held = session.execute(query).all()
        for one, kind in held:
            if one.valid_from <= days[one.technician_id] <= one.valid_until:
                told = f"{one.qualification_code} {one.reference}" if one.reference else one.qualification_code
                found[one.technician_id, kind in _LICENCES].append(told)
    return {key: Credentials(tuple(found[key, True]), tuple(found[key, False])) for key in days}


def approval_for(
    session: Session, authority: str, aircraft_type: str | None, level: str | None, day: date
) -> str | None:
    """Return the number of the first approval by which the organisation works on a type at a level on a day."""
    query = select(OrganisationApproval).where(
        OrganisationApproval.authority == authority,
        OrganisationApproval.valid_from <= day,
        OrganisationApproval.valid_until >= day,
    )
    for one in session.scalars(query.order_by(OrganisationApproval.number)):
        fits = not one.aircraft_types or aircraft_type in one.aircraft_types
        if fits and (level is None or level in one.levels):
            return one.number
    return None
