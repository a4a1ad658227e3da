"""What the world of the matrix holds of papers: those of one piece in each region, and what waits for inspection."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.inspection.schemas import NewInspection
from inventory.inspection.service import inspect
from inventory.kernel.actor import SYSTEM, Actor
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.traceability.models import LotKind, ReleaseDocument
from inventory.traceability.paper_schemas import NewDocument, NewLink, NewPeriod, NewReading
from inventory.traceability.paper_service import add_documents, add_links, add_periods, add_readings
from inventory.traceability.rule_schemas import NewEntry, NewLimit
from inventory.traceability.rule_service import set_limits
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from inventory.traceability.watch import open_entry
from tests.conftest import NOW

PLACES = ("UTH", "TSN", "MUC")
DOUBLES = {code: f"DBL-{code}" for code in PLACES}
"""{place: a serial number that stands under two parts there}."""

READING = {"driver": "flight_hours", "read_at": "2026-02-01T00:00:00Z", "since_new": 10, "document": "LOG"}
PERIOD = {"operator": "OP-A", "starts_on": "2025-01-01", "status": "in_service", "document": "LLP"}
DOCUMENT = {
    "form": "easa_form_1",
    "dated": "2026-02-01",
    "authority": "EASA",
    "organisation": "Shop",
    "approval": "DE.145",
    "signatory": "A. Example",
    "status": "new",
}
LINK = {"kind": "removed", "linked_at": "2026-02-01T00:00:00Z", "document": "WO"}
CHECKS = {name: {"passed": True} for name in ("identity", "documents", "trace", "shelf_life", "packaging")}


def add_papers(session: Session) -> dict[str, str]:
    """Add papers; returns the keys of the document of the piece at UTH, and of an entry of the watch list."""
    part = {"part_number": "FILTER-2", "manufacturer_code": "TEST0", "ata_chapter": "79-21-05", "description": "Filter"}
    costs = {"currency": "USD", "standard_cost": 9, "lead_time_days": 1, "weight_kg": 1}
    kinds = {"part_class": PartClass.EXPENDABLE, "essentiality": Essentiality.GO}
    kinds |= {"usage_driver": UsageDriver.FLIGHT_HOURS}
    add_parts(session, SYSTEM, [NewPart.model_validate(part | costs | kinds)])
    numbered = [(part, number) for part in ("FILTER-1", "FILTER-2") for number in DOUBLES.values()]
    add_lots(session, SYSTEM, [NewLot(part=part, number=number, kind=LotKind.SERIAL) for part, number in numbered])
    limit = {"part": "PUMP-1", "driver": "landings", "most": 9, "source": "ALS"}
    set_limits(session, SYSTEM, [NewLimit.model_validate(limit)])
    for code in PLACES:
        _at(session, code)
    entry = NewEntry.model_validate({"kind": "batch", "value": "unheard-of", "reason": "recall", "source": "letter"})
    known = {"entry": str(open_entry(session, SYSTEM, entry, NOW).id)}
    found = session.scalars(select(ReleaseDocument.id).where(ReleaseDocument.tracking_number == "D-UTH")).one()
    return known | {"document": str(found)}


def _at(session: Session, code: str) -> None:
    """Give the double at a place its papers, receive and inspect filters there, and leave two to be inspected."""
    inward: dict[str, Any] = {"origin": "ADJUSTMENT", "destination": code, "document": "RECEIPT"}
    pieces = [inward | {"part": part, "lot": DOUBLES[code], "quantity": 1} for part in ("FILTER-1", "FILTER-2")]
    waiting = inward | {"part": "FILTER-2", "quantity": 3, "to_hold": "receiving"}
    post(session, SYSTEM, [NewMove.model_validate(move) for move in (*pieces, waiting)], NOW)
    piece = {"part": "FILTER-1", "number": DOUBLES[code]}
    document = DOCUMENT | {"tracking_number": f"D-{code}", "lots": [piece]}
    add_documents(session, SYSTEM, [NewDocument.model_validate(document)], NOW)
    add_readings(session, SYSTEM, [NewReading.model_validate(piece | READING)], NOW)
    add_periods(session, SYSTEM, [NewPeriod.model_validate(piece | PERIOD)], NOW)
    other = {"other_part": "FILTER-2", "other_number": DOUBLES[code]}
    add_links(session, SYSTEM, [NewLink.model_validate(piece | other | LINK)], NOW)
    seen = {"part": "FILTER-2", "place": code, "quantity": Decimal(1), "checks": CHECKS, "document": "RI"}
    inspect(session, Actor("tester"), NewInspection.model_validate(seen), NOW)
