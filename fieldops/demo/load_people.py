"""Loads the people, the fleet and the tools of a demo world."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time

from sqlalchemy.orm import Session

from fieldops.demo import rights
from fieldops.demo.crew import Crew, field_day, find_crew
from fieldops.demo.people import DAY_SHIFTS, HUB_SHIFTS
from fieldops.demo.tables import TOOL_KINDS
from fieldops.demo.world import World
from fieldops.equipment.schemas import NewTool, NewToolKind
from fieldops.equipment.service import add_tool_kinds, add_tools
from fieldops.fleet.schemas import NewAircraft, NewRotation
from fieldops.fleet.service import add_aircraft, take_rotations
from fieldops.fleet.utilisation.schemas import NewUtilisation
from fieldops.fleet.utilisation.service import set_utilisation
from fieldops.identity.models import MemberKind
from fieldops.identity.schemas import Member, NewUser
from fieldops.identity.service import add_user
from fieldops.workforce.certificates.schemas import NewCostRate, NewExperience, NewNeed, Standard
from fieldops.workforce.certificates.service import add_experience, add_needs, add_standards, set_cost_rates
from fieldops.workforce.kinds import CertificateKind, Employment
from fieldops.workforce.releasing.models import AccessRule, ReleaseRule
from fieldops.workforce.releasing.schemas import NewAccessRule, NewApproval, NewReleaseRule
from fieldops.workforce.releasing.service import add_approvals, add_rules
from fieldops.workforce.roster.schemas import CycleDuty, ShiftCycle
from fieldops.workforce.roster.service import add_patterns
from fieldops.workforce.schemas import Duty, Held, NewQualification, NewTechnician
from fieldops.workforce.service import add_qualifications, add_technicians
from inventory.kernel.actor import SYSTEM

_WORK_DAYS = 5
_TRAININGS = ("RECURRENT", "HUMAN_FACTORS")


def load_people(session: Session, world: World) -> None:
    """Load technicians with what they hold, have done and cost, and the rules by which they work and sign."""
    crew = find_crew(world.start, world.technicians, world.aircraft)
    logins = {} if crew is None else crew.logins
    day = field_day(world.start)
    before = (Duty(work_date=day, starts=time(8), ends=time(19)),) if day < world.start else ()
    if crew is not None:
        _add_logins(session, crew)
    add_standards(session, SYSTEM, [Standard.model_validate(one) for one in rights.standards(world.scale)])
    add_qualifications(session, SYSTEM, [NewQualification.model_validate(asdict(row)) for row in world.qualifications])
    add_technicians(
        session,
        SYSTEM,
        [
            NewTechnician(
                code=row.code,
                name=row.name,
                base=row.base,
                time_zone=row.time_zone,
                cost_per_h=row.cost_per_h,
                currency=world.currency,
                qualifications=tuple(Held(**asdict(held)) for held in row.qualifications),
                shifts=(*(before if row.code in logins else ()), *(Duty(**asdict(shift)) for shift in row.shifts)),
                employment=Employment(row.employment),
                home_country=row.home_country,
                languages=row.languages,
                security_level=row.security_level,
                user_name=logins.get(row.code),
            )
            for row in world.technicians
        ],
    )
    add_experience(session, SYSTEM, [NewExperience(**asdict(row)) for row in world.experience])
    set_cost_rates(
        session,
        SYSTEM,
        [
            NewCostRate(
                technician=row.code,
                valid_from=world.start.replace(month=1, day=1),
                per_h=row.cost_per_h,
                currency=world.currency,
            )
            for row in world.technicians
        ],
    )
    _load_rules(session, world)


def _add_logins(session: Session, crew: Crew) -> None:
    """The crew that works before the plan may sign in; links are made as for every user."""
    member = Member(kind=MemberKind.REGION, code=crew.region)
    for person in crew.people:
        new = NewUser(
            name=crew.logins[person.code],
            display_name=f"{person.name} (demo)",
            roles=frozenset({"technician"}),
            memberships=frozenset({member}),
        )
        add_user(session, SYSTEM, new)


def _load_rules(session: Session, world: World) -> None:
    releases = [NewReleaseRule.model_validate(one) for one in rights.release_rules(world.scale)]
    add_rules(session, SYSTEM, ReleaseRule, releases)
    access = [NewAccessRule.model_validate(one) for one in rights.access_rules(world.places)]
    add_rules(session, SYSTEM, AccessRule, access)
    approvals = [NewApproval.model_validate(one) for one in rights.approvals(world.scale, world.start)]
    add_approvals(session, SYSTEM, approvals)
    source = rights.SOURCE["source"]
    kinds = (CertificateKind.LICENCE, CertificateKind.TYPE_RATING)
    needs = [NewNeed(authorisation="LINE", kind=kind, source=source) for kind in kinds]
    needs += [
        NewNeed(authorisation="LINE", qualification=code, source=source) for code in ("RECURRENT", "HUMAN_FACTORS")
    ]
    needs += [NewNeed(authorisation=code, qualification="LINE", source=source) for code in ("BASE", "INSPECTOR")]
    add_needs(session, SYSTEM, needs)
    clocks = dict.fromkeys((*DAY_SHIFTS, *HUB_SHIFTS))
    patterns = [
        ShiftCycle(
            code=f"5-2-{starts:%H%M}-{ends:%H%M}",
            name=f"Five days from {starts:%H:%M} to {ends:%H:%M}, two off",
            cycle_days=7,
            duties=tuple(CycleDuty(day=day, starts=starts, ends=ends) for day in range(_WORK_DAYS)),
        )
        for starts, ends in clocks
    ]
    add_patterns(session, SYSTEM, patterns)


def load_fleet(session: Session, world: World, now: datetime) -> None:
    """Load aircraft with their rotations, and the tools."""
    operators = {row.name: row.code for row in world.operators}
    regions = {place.code: place.region for place in world.places}
    add_aircraft(
        session,
        SYSTEM,
        [
            NewAircraft(
                registration=row.registration,
                aircraft_type=row.type,
                serial=row.serial,
                authority=rights.registry(regions[row.base]),
                operator=operators[row.operator],
                base=row.base,
            )
            for row in world.aircraft
        ],
    )
    set_utilisation(session, SYSTEM, [NewUtilisation(**asdict(row)) for row in world.utilisation])
    take_rotations(session, SYSTEM, [NewRotation(**asdict(row)) for row in world.rotations], now)
    kinds = [NewToolKind(code=code, name=name, calibration_days=days) for code, (name, days) in TOOL_KINDS.items()]
    kinds[0] = kinds[0].model_copy(update={"equivalents": (kinds[1].code,), "source": rights.SOURCE["source"]})
    add_tool_kinds(session, SYSTEM, kinds)
    add_tools(session, SYSTEM, [NewTool(**asdict(row)) for row in world.tools])
