"""What the awkward world holds of people's papers, aircraft and tools."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.recording import step
from fieldops.dispatch.models import Job
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.dispatch.tasks.schemas import NewTask
from fieldops.dispatch.tasks.service import add_tasks
from fieldops.equipment.schemas import NewTool, NewToolKind
from fieldops.equipment.service import add_tool_kinds, add_tools
from fieldops.fleet.schemas import NewAircraft, NewRotation
from fieldops.fleet.service import add_aircraft, take_rotations
from fieldops.fleet.utilisation.schemas import NewUtilisation
from fieldops.fleet.utilisation.service import set_utilisation
from fieldops.workforce.certificates.schemas import NewCertificate, NewCostRate, NewExperience, NewNeed
from fieldops.workforce.certificates.service import add_experience, add_needs, set_certificates, set_cost_rates
from fieldops.workforce.releasing.models import AccessRule
from fieldops.workforce.releasing.schemas import NewAccessRule, NewApproval
from fieldops.workforce.releasing.service import add_approvals, add_rules
from fieldops.workforce.roster.schemas import NewAbsence, NewSecondment, NewStandby, ShiftCycle
from fieldops.workforce.roster.service import add_absences, add_patterns, add_secondments, add_standby
from fieldops.workforce.schemas import NewQualification
from fieldops.workforce.service import add_qualifications
from inventory.kernel.actor import SYSTEM
from tests.conftest import NOW

SPAN = {"technician": "T-9", "starts_at": "2026-03-09T00:00:00Z", "ends_at": "2026-03-10T00:00:00Z"}
SOURCED = {"source": "=manual; 3|4", "edition": "rev 1", "starts_on": "2025-01-01"}


def fill_people(session: Session) -> None:
    """Add one record of each kind, to technician T-9 at VTE and operator OP-A, with texts that files trip over."""
    standard = {"standard": "CCAR-66", "category": "B1", "authority": "CAAC"}
    licence = {"code": "LIC", "name": "-Licence", "kind": "licence", **standard}
    rating = {"code": "TP", "name": "Type", "kind": "type_rating", "aircraft_type": "TP60", "scope": ["line", "base"]}
    add_qualifications(session, SYSTEM, [NewQualification.model_validate(one) for one in (licence, rating)])
    paper = {"technician": "T-9", "code": "LIC", "valid_from": "2026-01-01", "valid_until": "2027-01-01"}
    paper |= {"issued_on": "2025-12-01", "issuer": "Shop; GmbH", "reference": "00042", "limits": "a|b"}
    set_certificates(session, SYSTEM, [NewCertificate.model_validate(paper)])
    done = {"technician": "T-9", "aircraft_type": "TP60", "starts_on": "2025-01-01", "ends_on": "2025-06-30"}
    add_experience(session, SYSTEM, [NewExperience.model_validate(done)])
    rate = {"technician": "T-9", "valid_from": "2026-01-01", "per_h": "21.75", "currency": "USD", "overtime": "1.25"}
    set_cost_rates(session, SYSTEM, [NewCostRate.model_validate(rate)])
    needs = [{"authorisation": "TP", "qualification": "LIC", "source": "x"}]
    needs += [{"authorisation": "TP", "kind": "type_rating", "aircraft_type": "TP60", "source": "=x"}]
    add_needs(session, SYSTEM, [NewNeed.model_validate(one) for one in needs])
    duties = [{"day": 0, "starts": "22:00", "ends": "06:30"}, {"day": 2, "starts": "08:00", "ends": "16:00"}]
    pattern = {"code": "P-1", "name": "夜班", "cycle_days": 4, "duties": duties}
    add_patterns(session, SYSTEM, [ShiftCycle.model_validate(pattern)])
    add_absences(session, SYSTEM, [NewAbsence.model_validate(SPAN | {"kind": "leave", "note": "+1"})])
    add_standby(session, SYSTEM, [NewStandby.model_validate(SPAN | {"callout_min": 30})])
    loan = SPAN | {"region": "FAR", "reason": "engine; change | \\"}
    add_secondments(session, SYSTEM, [NewSecondment.model_validate(loan)])
    access = {"code": "LA-1", "country": "LA", "kinds": ["visa", "work_permit"], **SOURCED}
    add_rules(session, SYSTEM, AccessRule, [NewAccessRule.model_validate(access)])
    approval = {"number": "D.001", "authority": "CAAC", "levels": ["line"], "valid_from": "2025-01-01"}
    approval |= {"valid_until": "2026-12-31", "source": "letter"}
    add_approvals(session, SYSTEM, [NewApproval.model_validate(approval)])
    tail = {"registration": "B-1", "aircraft_type": "TP60", "serial": "007", "authority": "CAAC", "base": "VTE"}
    add_aircraft(session, SYSTEM, [NewAircraft.model_validate(tail | {"operator": "OP-A"})])
    stay = {"registration": "B-1", "station": "VTE", "arrives_at": SPAN["starts_at"], "departs_at": SPAN["ends_at"]}
    take_rotations(session, SYSTEM, [NewRotation.model_validate(stay)], NOW)
    used = {"aircraft_type": "TP60", "place": "VTE", "month": "2026-02-01", "flight_hours": "80.5", "cycles": 3}
    flown = [NewUtilisation.model_validate(used | {"tail": tail}) for tail in ("B-1", None)]
    set_utilisation(session, SYSTEM, flown)
    kinds: list[dict[str, Any]] = [
        {"code": "T-1", "name": "Torque"},
        {"code": "T-2", "name": "Other", "calibration_days": 365},
    ]
    kinds[0] |= {"equivalents": ["T-2"], "source": "AMM; 3"}
    add_tool_kinds(session, SYSTEM, [NewToolKind.model_validate(one) for one in kinds])
    tool = {"kind": "T-2", "serial": "0042", "place": "VTE", "calibration_due": "2026-09-30"}
    add_tools(session, SYSTEM, [NewTool.model_validate(tool)])
    task = {"code": "32-1", "title": "=Brake; 2|3", "title_zh": "刹车", "ata": "32-41", "critical": True}
    task |= {"data_reference": "AMM; 1", "data_revision": "007", "estimate_min": 60, "estimate_p90_min": 90}
    add_tasks(session, SYSTEM, [NewTask.model_validate(task)])
    job: dict[str, Any] = {
        "number": "=J-1",
        "work_order": "W-1",
        "title": "-Brake",
        "kind": "defect",
        "priority": "ROUTINE",
        "place": "VTE",
        "tail": "B-1",
        "task": "32-1",
        "system": "LH",
        "inspection": True,
        "window_start": SPAN["starts_at"],
        "window_end": SPAN["ends_at"],
        "due_at": SPAN["ends_at"],
        "delay_cost_per_h": "15",
        "currency": "USD",
        "seats": [{"seat": "mechanic", "count": 2, "qualifications": ["LIC", "TP"]}, {"seat": "trainee"}],
        "tools": [{"kind": "T-2", "count": 1}],
    }
    later = job | {"number": "J-2", "after": ["=J-1"], "tail": None, "aircraft": "B-1", "seats": []}
    past = dict.fromkeys(("window_start", "window_end", "due_at"), "2026-01-05T08:00:00Z")
    done = job | past | {"number": "J-0", "parts": []}
    add_jobs(session, SYSTEM, [NewJob.model_validate(one) for one in (job, later | {"after": ["=J-1", "J-0"]}, done)])
    over = session.scalars(select(Job).where(Job.number == "J-0")).one()
    step(session, SYSTEM, over, EventKind.CANCEL, {"reason": "done elsewhere"}, NOW)
