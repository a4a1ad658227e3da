"""Use cases of the workforce: add qualifications and technicians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.workforce.models import HeldQualification, Qualification, Shift, Technician
from fieldops.workforce.schemas import NewQualification, NewTechnician
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.lookup import refuse_taken
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
    session.add_all(Qualification(code=one.code, name=one.name) for one in qualifications)
    session.flush()


def add_technicians(session: Session, _actor: Actor, technicians: Sequence[NewTechnician]) -> None:
    """Add technicians with their qualifications and shifts; raises Invalid for an unknown base or qualification."""
    require_currency(session, (one.currency for one in technicians))
    refuse_taken(session, Technician.code, (one.code for one in technicians), _taken)
    bases = site_ids(session, (one.base for one in technicians))
    check_qualifications(session, (held.code for one in technicians for held in one.qualifications))
    keys = {one.code: uuid7() for one in technicians}
    people = [
        one.model_dump(include={"code", "name", "time_zone", "cost_per_h", "currency"})
        | {"id": keys[one.code], "base_id": bases[one.base]}
        for one in technicians
    ]
    held = [
        {
            "technician_id": keys[one.code],
            "qualification_code": held.code,
            "valid_from": held.valid_from,
            "valid_until": held.valid_until,
        }
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


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
