"""Use cases of the workforce: add qualifications and technicians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.workforce.faults import roster_faults
from fieldops.workforce.models import HeldQualification, LicenceStandard, Qualification, Shift, Technician
from fieldops.workforce.people import rest_of
from fieldops.workforce.releasing.queries import rest_rules
from fieldops.workforce.schemas import NewQualification, NewTechnician, QualificationTerms, TechnicianChange
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from inventory.kernel.installation import require_currency
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import keys_by_code, portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.models import Place
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


def add_technicians(session: Session, actor: Actor, technicians: Sequence[NewTechnician]) -> None:
    """Add technicians with their qualifications and shifts.

    Raises Invalid for an unknown base or qualification, Conflict for shifts that leave too little rest, Forbidden for a
    login that the actor may not bind.
    """
    require_currency(session, (one.currency for one in technicians))
    refuse_taken(session, Technician.code, (one.code for one in technicians), _taken)
    bases = site_ids(session, (one.base for one in technicians))
    _check_rest(session, technicians, bases)
    check_qualifications(session, (held.code for one in technicians for held in one.qualifications))
    logins = {one.code: one.user_name for one in technicians if one.user_name is not None}
    for code, login in logins.items():
        _bind(session, actor, code, None, login)
    refuse_taken(session, Technician.user_name, logins.values(), _login_taken)
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


def _check_rest(session: Session, technicians: Sequence[NewTechnician], bases: Mapping[str, UUID]) -> None:
    """Raise Conflict for the first technician whose shifts would pass a limit of work or rest."""
    working = [one for one in technicians if one.shifts]
    if not working:
        return
    countries: dict[UUID, str | None] = {}
    for some in portions(sorted({bases[one.base] for one in working})):
        countries.update(session.execute(select(Place.id, Place.country).where(Place.id.in_(some))).all())
    book = rest_rules(session, min(duty.work_date for one in working for duty in one.shifts))
    for one in working:
        faults = roster_faults([], one.shifts, rest_of(book, countries[bases[one.base]]), ZoneInfo(one.time_zone))
        if faults:
            raise Conflict(
                _("The shifts of {code} are not put in force: {fault}").format(code=one.code, fault=faults[0].text),
                code=faults[0].code,
                field="shifts",
            )


def _bind(session: Session, actor: Actor, code: str, before: str | None, after: str | None) -> None:
    """Write down that a login is bound to a technician, or is no more; raises Forbidden where the actor may not.

    Whoever binds a login decides whose signature it gives: that takes who manages logins, and never the holder.
    """
    if before == after:
        return
    actor.require("users.write")
    if actor.id in (before, after):
        raise Forbidden(
            _("Nobody binds the own login to a technician, or takes it away; ask another administrator"),
            code="own_login",
            field="user_name",
        )
    told = {"user_name": before}, {"user_name": after}
    record(session, "login_bound" if after else "login_unbound", "technician", code, before=told[0], after=told[1])


def _login_taken(name: str) -> Conflict:
    return Conflict(
        _("The login {name} is bound to a technician already; take it away there first").format(name=name),
        code="login_taken",
        field="user_name",
    )


def change_technician(session: Session, actor: Actor, code: str, change: TechnicianChange, version: int) -> None:
    """Change what the request names of a technician; raises NotFound, Stale, Forbidden, Invalid for an unknown base."""
    query = select(Technician).where(Technician.code == code).execution_options(populate_existing=True)
    found = locked(session, Lock.TECHNICIAN_DAY, query)
    if not found:
        raise unknown_technician(code)
    one: Technician = found[0]
    require_version(one.version, version)
    if "user_name" in change.model_fields_set:
        _bind(session, actor, code, one.user_name, change.user_name)
        if change.user_name not in (None, one.user_name):
            refuse_taken(session, Technician.user_name, [change.user_name], _login_taken)
    for name in change.model_fields_set - {"base", "languages"}:
        setattr(one, name, getattr(change, name))
    if change.languages is not None:
        one.languages = list(change.languages)
    if change.base is not None:
        one.base_id = site_ids(session, [change.base])[change.base]
    session.flush()
    tell(session, "technician.changed", {one.base_id: [code]})


def tell_changed(session: Session, people: Mapping[str, UUID]) -> None:
    """Tell that something of these people, {code: key}, is otherwise; of those whose base the actor sees."""
    codes = {key: code for code, key in people.items()}
    changed: defaultdict[UUID, list[str]] = defaultdict(list)
    for some in portions(sorted(codes)):
        for key, base in session.execute(select(Technician.id, Technician.base_id).where(Technician.id.in_(some))):
            changed[base].append(codes[key])
    tell(session, "technician.changed", changed)


def technician_keys(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key}; raises Invalid for an unknown technician."""
    return keys_by_code(session, Technician.code, Technician.id, codes, _no_technician)


def lock_technicians(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Return {code: key} of technicians, locked until the transaction ends; raises Invalid for an unknown one.

    Whoever gives them work waits meanwhile, so that it sees what they lose.
    """
    found = technician_keys(session, codes)
    _lock(session, found.values())
    return found


def _lock(session: Session, keys: Collection[UUID]) -> None:
    for some in portions(sorted(keys)):
        locked(
            session, Lock.TECHNICIAN_DAY, select(Technician.id).where(Technician.id.in_(some)).order_by(Technician.id)
        )


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
