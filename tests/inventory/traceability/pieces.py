"""What the tests of papers share: a world with numbered pieces, and papers to give them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from inventory.catalogue.models import Essentiality, PartClass, Tracking, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace, NewRegion
from inventory.network.service import add_places, add_regions
from inventory.traceability.paper_schemas import NewDocument, NewPeriod, NewReading
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.ledger.stock import sold

INSPECTOR = Actor("inspector", permissions=ALL_PERMISSIONS, scope=Scope(regions=None))
SECOND = Actor("second", permissions=ALL_PERMISSIONS, scope=Scope(regions=None))
KEEPER = Actor("keeper", permissions=ALL_PERMISSIONS, scope=Scope(regions=None))
IN_SEA = Actor("sea", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"SEA"})))


def load_pieces(engine: Engine) -> None:
    """Two shelves of two regions; DISK-1 and DISK-2 with serial numbers, SEAL-1 with lots; nothing received yet."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_regions(session, SYSTEM, [NewRegion(code="CN", name="China"), NewRegion(code="SEA", name="Asia")])
        somewhere = {"latitude": 1, "longitude": 2, "time_zone": "UTC", "tier": Tier.OUTLET}
        shelves = [
            NewPlace.model_validate({"code": code, "name": code, "region": region, "area": region} | somewhere)
            for code, region in (("TSN", "CN"), ("UTH", "SEA"))
        ]
        virtual = [
            NewPlace(code=code, name=code, tier=Tier(code.lower())) for code in ("SUPPLIER", "CUSTOMER", "ADJUSTMENT")
        ]
        add_places(session, SYSTEM, [*shelves, *virtual])
        add_parts(session, SYSTEM, [_part("DISK-1"), _part("DISK-2"), _part("SEAL-1", Tracking.LOT)])
        serials = [("DISK-1", "S1"), ("DISK-1", "S2"), ("DISK-2", "S1"), ("DISK-2", "S9")]
        lots = [{"part": part, "number": number, "kind": "serial", "made_on": "2020-01-01"} for part, number in serials]
        lots += [{"part": "SEAL-1", "number": number, "kind": "lot"} for number in ("L1", "L2")]
        add_lots(session, SYSTEM, [NewLot.model_validate(lot) for lot in lots])


def _part(number: str, tracking: Tracking = Tracking.SERIAL) -> NewPart:
    return NewPart.model_validate(
        {
            "part_number": number,
            "manufacturer_code": "TEST0",
            "ata_chapter": "32-41-10",
            "description": "Part",
            "part_class": PartClass.ROTABLE if tracking is Tracking.SERIAL else PartClass.STANDARD_PART,
            "essentiality": Essentiality.GO,
            "tracking": tracking,
            "currency": "USD",
            "standard_cost": "9",
            "lead_time_days": 1,
            "weight_kg": "1",
            "usage_driver": UsageDriver.FLIGHT_HOURS,
        }
    )


def document(*lots: str, **told: Any) -> NewDocument:
    """An EASA Form 1 for overhauled pieces of DISK-1, or for what a number names after a slash."""
    return NewDocument.model_validate(
        {
            "form": "easa_form_1",
            "tracking_number": "RX-1",
            "dated": "2026-02-01",
            "authority": "EASA",
            "organisation": "Shop GmbH",
            "approval": "DE.145.1",
            "signatory": "A. Example",
            "status": "overhauled",
            "lots": [numbered(lot) for lot in lots],
        }
        | told
    )


def numbered(lot: str) -> dict[str, str]:
    """A number of DISK-1, or “part/number”."""
    part, _slash, number = lot.rpartition("/")
    return {"part": part or "DISK-1", "number": number}


def reading(day: str, since_new: int, **told: Any) -> NewReading:
    """A reading of the flight hours of DISK-1 S1."""
    return NewReading.model_validate(
        numbered("S1")
        | {"driver": "flight_hours", "read_at": f"{day}T00:00:00Z", "since_new": since_new, "document": f"LOG-{day}"}
        | told
    )


def period(first: str, last: str | None, hours: int = 0, **told: Any) -> NewPeriod:
    """A period of the life of DISK-1 S1 at OP-A."""
    return NewPeriod.model_validate(
        numbered("S1")
        | {"operator": "OP-A", "starts_on": first, "ends_on": last, "hours": hours}
        | {"status": "in_service", "document": f"LLP-{first}"}
        | told
    )


def move(origin: str, destination: str, lot: str = "S1", **told: Any) -> NewMove:
    """A move of one piece of DISK-1, or of what a number names after a slash."""
    named = numbered(lot)
    return NewMove.model_validate(
        {
            "part": named["part"],
            "lot": named["number"],
            "origin": origin,
            "destination": destination,
            "quantity": 1,
            "document": "TEST",
        }
        | ({} if "aircraft" in told else sold(destination))
        | told
    )


def posted(engine: Engine, *moves: NewMove, actor: Actor = KEEPER) -> None:
    """Post moves."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        post(session, actor, moves, NOW)
