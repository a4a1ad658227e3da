"""Use cases of the workforce: add qualifications and technicians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.workforce.models import HeldQualification, LicenceStandard, Qualification, Shift, Technician
from fieldops.workforce.schemas import NewQualification, NewTechnician, QualificationTerms, TechnicianChange
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.installation import require_currency
from inventory.kernel.lookup import keys_by_code, portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import site_ids


def check_qualifications(session: Session, codes: Iterable[str]) -> None:
    """Raise Invalid for the first qualification that does not exist."""
    known = set(session.scalars(select(Qualification.code)))
    for code in sorted(set(codes) - known):
        raise Invalid(
            _("Qualification {code} does not exist; add it first or correct the code").format(code=code),
            code="unknown_qualification",
            field="qualifications",
        )


def add_qualifications(session: Session, _actor: Actor, qualifications: Sequence[NewQualification]) -> None:
    """Add qualifications; raises Conflict for a code that exists."""
    refuse_taken(session, Qualification.code, (one.code for one in qualifications), _taken)
    _check_standards(session, qualifications)
    session.add_all(Qualification(**_columns(one)) for one in qualifications)
    session.flush()


def change_qualifications(session: Session, _actor: Actor, changes: Mapping[str, QualificationTerms]) -> None:
    """Give qualifications that there are other terms, {code: what is set}; raises Invalid for an unknown standard."""
    _check_standards(session, list(changes.values()))
    for some in portions(sorted(changes)):
        for one in session.scalars(select(Qualification).where(Qualification.code.in_(some))):
            columns = _columns(changes[one.code])
            for name in changes[one.code].model_fields_set:
                setattr(one, name, columns[name])
    session.flush()


def _columns(one: QualificationTerms) -> dict[str, Any]:
    return one.model_dump() | {"places": list(one.places), "scope": list(one.scope)}


def _check_standards(session: Session, terms: Sequence[QualificationTerms]) -> None:
    known = set(session.scalars(select(LicenceStandard.code)))
    for code in sorted({one.standard for one in terms if one.standard} - known):
        raise Invalid(
            _("Licence standard {code} does not exist; add it first or correct the code").format(code=code),
            code="unknown_standard",
            field="standard",
        )


def add_technicians(session: Session, _actor: Actor, technicians: Sequence[NewTechnician]) -> None:
    """Add technicians with their qualifications and shifts; raises Invalid for an unknown base or qualification."""
    require_currency(session, (one.currency for one in technicians))
    refuse_taken(session, Technician.code, (one.code for one in technicians), _taken)
    bases = site_ids(session, (one.base for one in technicians))
    check_qualifications(session, (held.code for one in technicians for held in one.qualifications))
    keys = {one.code: uuid7() for one in technicians}
    people = [
        one.model_dump(exclude={"base", "qualifications", "shifts"})
        | {"id": keys[one.code], "base_id": bases[one.base], "languages": list(one.languages)}
        for one in technicians
    ]
    held = [
        {"technician_id": keys[one.code], "qualification_code": held.code, **held.model_dump(exclude={"code"})}
        for one in technicians
        for held in one.qualifications
    ]
    shifts = [duty.model_dump() | {"technician_id": keys[one.code]} for one in technicians for duty in one.shifts]
    for table, rows in ((Technician, people), (HeldQualification, held), (Shift, shifts)):
        if rows:
            session.execute(insert(table), rows)
    added: defaultdict[UUID, list[str]] = defaultdict(list)
    for one in technicians:
        added[bases[one.base]].append(one.code)
    tell(session, "technician.added", added)


def change_technician(session: Session, _actor: Actor, code: str, change: TechnicianChange, version: int) -> None:
    """Change what the request names of a technician; raises NotFound, Stale, Invalid for an unknown base."""
    one = session.scalar(select(Technician).where(Technician.code == code))
    if one is None:
        raise unknown_technician(code)
    require_version(one.version, version)
    for name in change.model_fields_set - {"base", "languages"}:
        setattr(one, name, getattr(change, name))
    if change.languages is not None:
        one.languages = list(change.languages)
    if change.base is not None:
        one.base_id = site_ids(session, [change.base])[change.base]
    session.flush()
    tell(session, "technician.changed", {one.base_id: [code]})


def technician_keys(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown technician."""
    return keys_by_code(session, Technician.code, Technician.id, codes, _no_technician)


def unknown_technician(code: str) -> NotFound:
    """Return the refusal of a technician who does not exist, or not for the actor."""
    return NotFound(
        _("There is no technician {code}; the list of technicians shows yours").format(code=code),
        code="unknown_technician",
        field="code",
    )


def _no_technician(code: str) -> Invalid:
    return Invalid(
        _("Technician {code} does not exist; add the technician first or correct the code").format(code=code),
        code="unknown_technician",
        field="technician",
    )


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
