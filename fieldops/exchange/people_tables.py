"""The tables of people, aircraft and tools that can be taken in and out by files, one building upon the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.dispatch.absences import add_absences
from fieldops.equipment.models import Tool, ToolKind
from fieldops.equipment.queries import tool_key, tool_kind_page, tool_page
from fieldops.equipment.schemas import NewTool, NewToolKind
from fieldops.equipment.service import add_tool_kinds, add_tools
from fieldops.exchange.kinds import Apply, Kind, Update, by_code, regional, replacing, shared, undated
from fieldops.exchange.queries import all_technicians, every
from fieldops.fleet.models import Aircraft
from fieldops.fleet.queries import (
    FIRST_ROTATION,
    aircraft_by_registration,
    aircraft_page,
    rotation_key,
    rotation_page,
)
from fieldops.fleet.schemas import AircraftChange, NewAircraft, NewRotation
from fieldops.fleet.service import add_aircraft, change_fleet, take_rotations
from fieldops.workforce.certificates.queries import (
    FIRST_HELD,
    FIRST_RATE,
    certificate_key,
    certificate_page,
    experience_key,
    experience_page,
    need_page,
    rate_key,
    rate_page,
    standard_page,
)
from fieldops.workforce.certificates.schemas import NewCertificate, NewCostRate, NewExperience, NewNeed, Standard
from fieldops.workforce.certificates.service import (
    add_experience,
    add_needs,
    add_standards,
    set_certificates,
    set_cost_rates,
)
from fieldops.workforce.models import AuthorisationNeed, LicenceStandard, Qualification, Technician
from fieldops.workforce.queries import qualification_page, qualifications_by_code
from fieldops.workforce.releasing.models import AccessRule, OrganisationApproval, ReleaseRule, RestRule
from fieldops.workforce.releasing.queries import approval_page, rule_pages, rules_by_code
from fieldops.workforce.releasing.schemas import (
    AccessRuleOut,
    AccessRuleTerms,
    NewAccessRule,
    NewApproval,
    NewReleaseRule,
    NewRestRule,
    ReleaseRuleOut,
    ReleaseRuleTerms,
    RestRuleOut,
    RestRuleTerms,
)
from fieldops.workforce.releasing.service import Rule, add_approvals, add_rules, change_rules
from fieldops.workforce.roster.models import Absence, Secondment, ShiftPattern, Standby
from fieldops.workforce.roster.queries import FIRST_KEY, absence_page, pattern_page, secondment_page, standby_page
from fieldops.workforce.roster.schemas import NewAbsence, NewSecondment, NewStandby, ShiftCycle
from fieldops.workforce.roster.service import add_patterns, add_secondments, add_standby
from fieldops.workforce.schemas import NewQualification, NewTechnician, QualificationTerms
from fieldops.workforce.service import add_qualifications, add_technicians, change_qualifications
from inventory.kernel.actor import Actor
from inventory.kernel.routes import Access, Elsewhere
from inventory.network.models import Place, Region


def _rules(table: type[Rule]) -> tuple[Apply, Callable[[Session, Actor, Mapping[str, Any]], None]]:
    """Return what adds rules of a table, and what changes them."""

    def add(session: Session, actor: Actor, rules: Sequence[Any]) -> None:
        add_rules(session, actor, table, rules)

    def change(session: Session, actor: Actor, changes: Mapping[str, Any]) -> None:
        change_rules(session, actor, table, changes)

    return undated(add), change


def _by_id(one: Any) -> UUID:
    key: UUID = one.id
    return key


def _take_rotations(session: Session, actor: Actor, rotations: Sequence[NewRotation], now: datetime) -> Counter[str]:
    """Take in rotations; those that are set aside are counted as added to those that wait."""
    told = take_rotations(session, actor, rotations, now)
    added = told.added + len(told.quarantined)
    return Counter(added=added, changed=told.delayed, unchanged=len(rotations) - added - told.delayed)


_OF_PEOPLE = regional("workforce.read", "workforce.write")
_add_release, _change_release = _rules(ReleaseRule)
_add_access, _change_access = _rules(AccessRule)
_add_rest, _change_rest = _rules(RestRule)
_NEEDS = select(
    AuthorisationNeed.authorisation,
    AuthorisationNeed.qualification,
    AuthorisationNeed.kind,
    AuthorisationNeed.aircraft_type,
)
_ABSENCES = (
    select(Technician.code, Absence.kind, Absence.starts_at)
    .select_from(Absence)
    .join(Technician, Technician.id == Absence.technician_id)
)
_STANDBY = (
    select(Technician.code, Standby.starts_at)
    .select_from(Standby)
    .join(Technician, Technician.id == Standby.technician_id)
)

_SECONDMENTS = (
    select(Technician.code, Region.code, Secondment.starts_at)
    .select_from(Secondment)
    .join(Technician, Technician.id == Secondment.technician_id)
    .join(Region, Region.id == Secondment.region_id)
)

PEOPLE = (
    Kind(
        "licence-standards",
        Standard,
        ("code",),
        undated(add_standards),
        every(standard_page, "", by_code),
        *shared("workforce"),
        standing=select(LicenceStandard.code),
    ),
    Kind(
        "qualifications",
        NewQualification,
        ("code",),
        undated(add_qualifications),
        every(qualification_page, "", by_code),
        *shared("workforce"),
        refers={"standard": LicenceStandard.code},
        standing=select(Qualification.code),
        update=Update(qualifications_by_code, QualificationTerms, change_qualifications),
    ),
    Kind(
        "technicians",
        NewTechnician,
        ("code",),
        undated(add_technicians),
        all_technicians,
        *regional("workforce.read", "workforce.write"),
        refers={"base": Place.code, "qualifications.code": Qualification.code},
        standing=select(Technician.code),
    ),
    Kind(
        "certificates",
        NewCertificate,
        ("technician", "code", "valid_from"),
        undated(set_certificates),
        every(certificate_page, FIRST_HELD, certificate_key),
        *_OF_PEOPLE,
        refers={"technician": Technician.code, "code": Qualification.code},
        replace=replacing(set_certificates),
    ),
    Kind(
        "experience",
        NewExperience,
        ("technician", "aircraft_type", "starts_on"),
        undated(add_experience),
        every(experience_page, FIRST_HELD, experience_key),
        *_OF_PEOPLE,
        refers={"technician": Technician.code},
        replace=replacing(add_experience),
    ),
    Kind(
        "cost-rates",
        NewCostRate,
        ("technician", "valid_from"),
        undated(set_cost_rates),
        every(rate_page, FIRST_RATE, rate_key),
        *_OF_PEOPLE,
        refers={"technician": Technician.code},
        replace=replacing(set_cost_rates),
    ),
    Kind(
        "authorisation-needs",
        NewNeed,
        ("authorisation", "qualification", "kind", "aircraft_type"),
        undated(add_needs),
        every(need_page, FIRST_KEY, _by_id),
        *shared("workforce"),
        refers={"authorisation": Qualification.code, "qualification": Qualification.code},
        standing=_NEEDS,
    ),
    Kind(
        "shift-patterns",
        ShiftCycle,
        ("code",),
        undated(add_patterns),
        every(pattern_page, "", by_code),
        *shared("workforce"),
        standing=select(ShiftPattern.code),
    ),
    Kind(
        "absences",
        NewAbsence,
        ("technician", "kind", "starts_at"),
        add_absences,
        every(absence_page, FIRST_KEY, _by_id),
        *_OF_PEOPLE,
        refers={"technician": Technician.code},
        standing=_ABSENCES,
    ),
    Kind(
        "standby",
        NewStandby,
        ("technician", "starts_at"),
        undated(add_standby),
        every(standby_page, FIRST_KEY, _by_id),
        *_OF_PEOPLE,
        refers={"technician": Technician.code},
        standing=_STANDBY,
    ),
    Kind(
        "secondments",
        NewSecondment,
        ("technician", "region", "starts_at"),
        undated(add_secondments),
        every(secondment_page, FIRST_KEY, _by_id),
        *_OF_PEOPLE,
        refers={"technician": Technician.code, "region": Region.code},
        standing=_SECONDMENTS,
    ),
    Kind(
        "release-rules",
        NewReleaseRule,
        ("code",),
        _add_release,
        every(rule_pages(ReleaseRule, ReleaseRuleOut), "", by_code),
        *shared("workforce"),
        standing=select(ReleaseRule.code),
        update=Update(rules_by_code(ReleaseRule, ReleaseRuleOut), ReleaseRuleTerms, _change_release),
    ),
    Kind(
        "access-rules",
        NewAccessRule,
        ("code",),
        _add_access,
        every(rule_pages(AccessRule, AccessRuleOut), "", by_code),
        *shared("workforce"),
        refers={"place": Place.code},
        standing=select(AccessRule.code),
        update=Update(rules_by_code(AccessRule, AccessRuleOut), AccessRuleTerms, _change_access),
    ),
    Kind(
        "rest-rules",
        NewRestRule,
        ("code",),
        _add_rest,
        every(rule_pages(RestRule, RestRuleOut), "", by_code),
        *shared("workforce"),
        standing=select(RestRule.code),
        update=Update(rules_by_code(RestRule, RestRuleOut), RestRuleTerms, _change_rest),
    ),
    Kind(
        "organisation-approvals",
        NewApproval,
        ("number",),
        undated(add_approvals),
        every(approval_page, "", lambda one: one.number),
        *shared("workforce"),
        standing=select(OrganisationApproval.number),
    ),
    Kind(
        "aircraft",
        NewAircraft,
        ("registration",),
        undated(add_aircraft),
        every(aircraft_page, "", lambda one: one.registration),
        *regional("fleet.read", "fleet.write"),
        refers={"base": Place.code, "operator": Operator.code},
        standing=select(Aircraft.registration),
        update=Update(aircraft_by_registration, AircraftChange, change_fleet),
    ),
    Kind(
        "rotations",  # what cannot be true is set aside, and refuses no file: so nothing is referred to
        NewRotation,
        ("registration", "station", "arrives_at", "departs_at"),
        _take_rotations,
        every(rotation_page, FIRST_ROTATION, rotation_key),
        Access("fleet.read", Elsewhere.HIDDEN),
        Access("fleet.write", Elsewhere.SHARED),
    ),
    Kind(
        "tool-kinds",
        NewToolKind,
        ("code",),
        undated(add_tool_kinds),
        every(tool_kind_page, "", by_code),
        *shared("tools"),
        refers={"equivalents": ToolKind.code},
        standing=select(ToolKind.code),
    ),
    Kind(
        "tools",
        NewTool,
        ("kind", "serial"),
        undated(add_tools),
        every(tool_page, ("", ""), tool_key),
        *regional("tools.read", "tools.write"),
        refers={"kind": ToolKind.code, "place": Place.code},
        standing=select(Tool.kind, Tool.serial),
    ),
)
"""In the order of import."""
