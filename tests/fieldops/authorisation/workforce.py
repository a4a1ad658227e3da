"""What the world of the matrix holds of people, aircraft and tools: something in each region."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.equipment.models import Tool, ToolBooking
from fieldops.equipment.schemas import NewBooking, NewCalibration, NewLoan, NewTool, NewToolKind
from fieldops.equipment.service import add_tool_kinds, add_tools, book, calibrate, lend
from fieldops.fleet.models import Aircraft, QuarantinedRotation, Rotation
from fieldops.fleet.schemas import NewAircraft, NewRotation
from fieldops.fleet.service import add_aircraft, take_rotations
from fieldops.fleet.utilisation.schemas import NewUtilisation
from fieldops.fleet.utilisation.service import set_utilisation
from fieldops.workforce.certificates.schemas import NewCostRate, NewExperience, NewNeed
from fieldops.workforce.certificates.service import add_experience, add_needs, set_cost_rates
from fieldops.workforce.models import Technician
from fieldops.workforce.releasing.models import AccessRule
from fieldops.workforce.releasing.schemas import NewAccessRule, NewApproval
from fieldops.workforce.releasing.service import add_approvals, add_rules
from fieldops.workforce.roster.models import Absence, Secondment, Standby
from fieldops.workforce.roster.schemas import NewAbsence, NewSecondment, NewStandby, ShiftCycle
from fieldops.workforce.roster.service import add_absences, add_patterns, add_secondments, add_standby
from inventory.kernel.actor import SYSTEM
from tests.conftest import NOW

PLACES = ("UTH", "TSN", "MUC")
PATTERN = {"code": "DAYS", "name": "D", "cycle_days": 7, "duties": [{"day": 0, "starts": "08:00", "ends": "16:00"}]}
SPAN = {"starts_at": "2026-03-09T00:00:00Z", "ends_at": "2026-03-10T00:00:00Z"}
ROTATION = {"station": "UTH", "arrives_at": "2026-03-02T00:00:00Z", "departs_at": "2026-03-02T06:00:00Z"}
SOURCED = {"source": "manual", "edition": "rev 1"}
ACCESS = {"country": "LA", "kinds": ["visa"], **SOURCED}
APPROVAL = {"authority": "CAAC", "levels": ["line"], "valid_from": "2025-01-01", "valid_until": "2026-12-31"}
NEED = {"authorisation": "B1", "qualification": "B2", "source": "manual"}
AIRCRAFT = {"aircraft_type": "TH60", "serial": "1", "authority": "CAAC"}


def add_workforce(session: Session) -> dict[str, str]:
    """Add people's papers, aircraft and tools; returns the keys of those in SEA."""
    add_patterns(session, SYSTEM, [ShiftCycle.model_validate(PATTERN)])
    add_rules(session, SYSTEM, AccessRule, [NewAccessRule.model_validate({"code": "LA-1", **ACCESS})])
    add_approvals(session, SYSTEM, [NewApproval.model_validate({"number": "D.1", "source": "letter", **APPROVAL})])
    add_needs(session, SYSTEM, [NewNeed.model_validate(NEED)])
    for code, region in (("T-1", "SEA"), ("T-2", "CN")):
        who: dict[str, Any] = {"technician": code}
        experience = who | {"aircraft_type": "TH60", "starts_on": "2025-01-01", "ends_on": "2025-09-01"}
        add_experience(session, SYSTEM, [NewExperience.model_validate(experience)])
        rate = who | {"valid_from": "2026-06-01", "per_h": "20", "currency": "USD"}
        set_cost_rates(session, SYSTEM, [NewCostRate.model_validate(rate)])
        add_absences(session, SYSTEM, [NewAbsence.model_validate(who | SPAN | {"kind": "leave"})])
        add_standby(session, SYSTEM, [NewStandby.model_validate(who | SPAN | {"callout_min": 30})])
        loan = who | SPAN | {"region": region, "reason": "help"}
        add_secondments(session, SYSTEM, [NewSecondment.model_validate(loan)])
    spans: dict[str, Any] = {"absence": Absence, "standby": Standby, "secondment": Secondment}
    mine = select(Technician.id).where(Technician.code == "T-2").scalar_subquery()
    keys = {
        name: str(session.scalars(select(table.id).where(table.technician_id == mine)).one())
        for name, table in spans.items()
    }
    return keys | _fleet(session) | _tools(session)


def _fleet(session: Session) -> dict[str, str]:
    owners = {"UTH": "OP-A", "TSN": "OP-B", "MUC": None}
    aircraft: list[dict[str, Any]] = [
        {**AIRCRAFT, "registration": f"B-{at}", "base": at, "operator": owners[at]} for at in PLACES
    ]
    add_aircraft(session, SYSTEM, [NewAircraft.model_validate(one) for one in aircraft])
    told = [ROTATION | {"registration": f"B-{at}", "station": at} for at in PLACES]
    twice = [one | {"departs_at": "2026-03-02T07:00:00Z"} for one in told]
    unknown = ROTATION | {"registration": "B-NONE"}
    take_rotations(session, SYSTEM, [NewRotation.model_validate(one) for one in (*told, *twice, unknown)], NOW)
    used = {"aircraft_type": AIRCRAFT["aircraft_type"], "month": "2026-02-01", "flight_hours": "80"}
    flown = [NewUtilisation.model_validate(used | {"tail": f"B-{at}", "place": at}) for at in PLACES]
    set_utilisation(session, SYSTEM, flown)
    key = select(QuarantinedRotation.id).where(QuarantinedRotation.registration == "B-UTH")
    rotation = select(Rotation.id).join(Aircraft, Aircraft.id == Rotation.aircraft_id)
    mine = session.scalars(rotation.where(Aircraft.registration == "B-UTH")).one()
    return {"aside": str(session.scalars(key).one()), "rotation": str(mine)}


def _tools(session: Session) -> dict[str, str]:
    kind = {"code": "TORQUE", "name": "Torque wrench", "calibration_days": 365}
    add_tool_kinds(session, SYSTEM, [NewToolKind.model_validate(kind)])
    dates = {"calibrated_on": "2025-10-01", "calibration_due": "2026-09-30"}
    serials = [f"{word}-{at}" for word in ("FREE", "LENT", "OUT") for at in PLACES]
    tools = [{"kind": "TORQUE", "serial": one, "place": one.rpartition("-")[2], **dates} for one in serials]
    add_tools(session, SYSTEM, [NewTool.model_validate(one) for one in tools])
    keys = dict(session.execute(select(Tool.serial, Tool.id)).all())
    for at in PLACES:
        span = {"document": "J-1", "starts_at": "2026-02-02T00:00:00Z", "ends_at": "2026-02-02T06:00:00Z"}
        book(session, SYSTEM, keys[f"OUT-{at}"], NewBooking.model_validate(span))
        loan = {"lent_to": "Air", "lent_until": "2026-04-01T00:00:00Z"}
        lend(session, SYSTEM, keys[f"LENT-{at}"], NewLoan.model_validate(loan), NOW, version=1)
        out = {"calibrated_on": "2026-02-20", "verdict": "out", "certificate": "C", "laboratory": "L"}
        calibrate(session, SYSTEM, keys[f"OUT-{at}"], NewCalibration.model_validate(out), NOW, version=1)
    booking = select(ToolBooking.id).where(ToolBooking.tool_id == keys["OUT-UTH"])
    names = {"tool": "FREE-UTH", "tool_lent": "LENT-UTH", "tool_out": "OUT-UTH"}
    return {name: str(keys[serial]) for name, serial in names.items()} | {
        "booking": str(session.scalars(booking).one()),
    }
