"""Aircraft work for tests: a tail, people who may work on it and sign, a tool, a task. Stands in the small world."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.dispatch.schemas import NewJob, PartNeed, SeatNeed, ToolNeed
from fieldops.dispatch.tasks.schemas import NewTask
from fieldops.dispatch.tasks.service import add_tasks
from fieldops.equipment.schemas import NewTool, NewToolKind
from fieldops.equipment.service import add_tool_kinds, add_tools
from fieldops.fleet.schemas import NewAircraft
from fieldops.fleet.service import add_aircraft
from fieldops.workforce.certificates.schemas import NewExperience
from fieldops.workforce.certificates.service import add_experience
from fieldops.workforce.kinds import CertificateKind, Seat
from fieldops.workforce.releasing.schemas import NewApproval
from fieldops.workforce.releasing.service import add_approvals
from fieldops.workforce.schemas import Duty, Held, NewQualification, NewTechnician
from fieldops.workforce.service import add_qualifications, add_technicians
from inventory.catalogue.models import Essentiality, PartClass, Tracking, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.priority import Priority
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.traceability.condition import Condition
from inventory.traceability.models import LotKind
from inventory.traceability.paper_schemas import NewDocument
from inventory.traceability.paper_service import add_documents
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.worlds import LOADED_AT, TINY_DATE, load_tiny

APPROVAL, REFERENCE, REVISION = "D.4001", "AMM 32-41-10", "17"
MORNING = datetime(2026, 3, 3, 2, tzinfo=UTC)
"""09:00 on Tuesday in Vientiane, when everybody is on duty."""
PEOPLE = ("MECH", "INSP", "SIGN", "LEARN", "ADVISE")
"""Technicians at VTE, each with the login of the same name in small letters."""
_TYPE: dict[str, Any] = {"aircraft_type": "MA60"}
_PAPERS: dict[str, dict[str, Any]] = {
    "CCAR-66": {"kind": CertificateKind.LICENCE, "standard": "CCAR-66", "category": "ME-TA"},
    "MA60": {"kind": CertificateKind.TYPE_RATING, **_TYPE},
    "CRS-LINE": {"kind": CertificateKind.AUTHORISATION, "authority": "CAAC", "scope": ("line",), **_TYPE},
    "CRS-INSP": {"kind": CertificateKind.AUTHORISATION, "authority": "CAAC", "scope": ("inspection",), **_TYPE},
    "CONTINUATION": {"kind": CertificateKind.TRAINING, "category": "CONTINUATION"},
    "HUMAN_FACTORS": {"kind": CertificateKind.TRAINING, "category": "HUMAN_FACTORS"},
}
_SIGNS = ("CCAR-66", "MA60", "CONTINUATION", "HUMAN_FACTORS")
HELD = {
    "MECH": ("B1",),
    "INSP": (*_SIGNS, "CRS-INSP"),
    "SIGN": (*_SIGNS, "CRS-LINE"),
    "LEARN": (),
    "ADVISE": (*_SIGNS, "CRS-LINE", "CRS-INSP"),
}


def load_hangar(engine: Engine) -> None:
    """Load the small world, and an MA60 of operator OP-A, based at VTE, with those who work on it."""
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        fill_hangar(session)


def fill_hangar(session: Session) -> None:
    """Add the aircraft and its people to the small world."""
    add_operators(session, SYSTEM, [NewOperator(code="OP-A", name="Air A", country="LA")])
    add_aircraft(
        session,
        SYSTEM,
        [
            NewAircraft(
                registration=tail, aircraft_type="MA60", serial=serial, authority="CAAC", operator="OP-A", base="VTE"
            )
            for tail, serial in (("RDPL-1", "0801"), ("RDPL-2", "0802"))
        ],
    )
    add_qualifications(
        session, SYSTEM, [NewQualification(code=code, name=code, **terms) for code, terms in _PAPERS.items()]
    )
    shifts = tuple(Duty(work_date=TINY_DATE + timedelta(days=day), starts=time(8), ends=time(18)) for day in range(5))
    add_technicians(
        session,
        SYSTEM,
        [
            NewTechnician(
                code=code,
                name=f"{code.title()} Vong",
                base="VTE",
                time_zone="Asia/Vientiane",
                cost_per_h=Decimal(20),
                currency="USD",
                qualifications=tuple(
                    Held(code=what, valid_from=date(2025, 1, 1), valid_until=date(2026, 12, 31)) for what in HELD[code]
                ),
                shifts=shifts,
                advisory_only=code == "ADVISE",
                user_name=code.lower(),
            )
            for code in PEOPLE
        ],
    )
    add_experience(
        session,
        SYSTEM,
        [
            NewExperience(technician=code, aircraft_type="MA60", starts_on=date(2025, 1, 1), ends_on=date(2026, 2, 28))
            for code in ("INSP", "SIGN", "ADVISE")
        ],
    )
    add_approvals(
        session,
        SYSTEM,
        [
            NewApproval(
                number=APPROVAL,
                authority="CAAC",
                levels=("line", "base"),
                valid_from=date(2025, 1, 1),
                valid_until=date(2027, 1, 1),
                source="tests",
            )
        ],
    )
    _stock(session)
    add_tool_kinds(session, SYSTEM, [NewToolKind(code="TORQUE", name="Torque wrench", calibration_days=365)])
    add_tools(
        session,
        SYSTEM,
        [
            NewTool(
                kind="TORQUE",
                serial="TW-1",
                place="VTE",
                calibrated_on=date(2025, 9, 1),
                calibration_due=date(2026, 9, 1),
            )
        ],
    )
    add_tasks(
        session,
        SYSTEM,
        [
            NewTask(
                code="32-41-10",
                title="Replace main wheel brake",
                ata="32-41",
                critical=True,
                inspection=True,
                data_reference=REFERENCE,
                data_revision=REVISION,
                estimate_min=120,
                estimate_p90_min=180,
            )
        ],
    )


def _stock(session: Session) -> None:
    """Ten bulbs of a lot lie at VTE; they and the brake there have their papers."""
    bulb = NewPart(
        part_number="BULB-9",
        manufacturer_code="TEST0",
        ata_chapter="33-42-09",
        description="Landing light bulb",
        part_class=PartClass.EXPENDABLE,
        essentiality=Essentiality.GO,
        currency="USD",
        standard_cost=Decimal(45),
        lead_time_days=14,
        weight_kg=Decimal("0.2"),
        usage_driver=UsageDriver.FLIGHT_HOURS,
        tracking=Tracking.LOT,
    )
    add_parts(session, SYSTEM, [bulb])
    add_lots(session, SYSTEM, [NewLot(part="BULB-9", number="LOT-9", kind=LotKind.LOT)])
    opening = NewMove(
        part="BULB-9",
        origin="ADJUSTMENT",
        destination="VTE",
        lot="LOT-9",
        condition=Condition.NEW,
        quantity=Decimal(10),
        document="OPENING",
    )
    post(session, SYSTEM, [opening], LOADED_AT)
    document = {
        "form": "caac_aac_038",
        "dated": "2026-02-01",
        "authority": "CAAC",
        "organisation": "Shop",
        "approval": "D.4001",
        "signatory": "A. Example",
    }
    papers = (("BULB-9", "LOT-9", "new"), ("BRAKE-1", "SN-B4", "overhauled"))
    add_documents(
        session,
        SYSTEM,
        [
            NewDocument.model_validate(
                document | {"tracking_number": f"D-{lot}", "status": status, "lots": [{"part": part, "number": lot}]}
            )
            for part, lot, status in papers
        ],
        LOADED_AT,
    )


def brake_job(number: str = "H-1", **changes: Any) -> NewJob:
    """A brake to be replaced on the aircraft at VTE on Tuesday, by a mechanic, with an inspector and a signatory."""
    usual: dict[str, Any] = {
        "number": number,
        "work_order": f"W-{number}",
        "title": "Main wheel brake worn",
        "kind": "defect",
        "priority": Priority.CRITICAL,
        "place": "VTE",
        "tail": "RDPL-1",
        "task": "32-41-10",
        "system": "LH",
        "window_start": MORNING,
        "window_end": MORNING + timedelta(hours=8),
        "due_at": MORNING + timedelta(hours=8),
        "delay_cost_per_h": Decimal(150),
        "currency": "USD",
        "seats": (
            SeatNeed(seat=Seat.MECHANIC, qualifications=("B1",)),
            SeatNeed(seat=Seat.INDEPENDENT_INSPECTOR),
            SeatNeed(seat=Seat.RELEASE_SIGNATORY),
        ),
        "parts": (PartNeed(part="BRAKE-1", quantity=Decimal(1)), PartNeed(part="BULB-9", quantity=Decimal(2))),
        "tools": (ToolNeed(kind="TORQUE"),),
    }
    return NewJob(**usual | changes)
