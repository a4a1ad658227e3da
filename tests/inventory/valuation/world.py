"""A small network with prices: three shelves in two regions, and parts of several kinds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inventory.catalogue.models import Essentiality, PartClass, Tracking, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post, reverse
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace, NewRegion
from inventory.network.service import add_places, add_regions
from inventory.traceability.models import LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.ledger.stock import sold

SHELVES = {"A": "R1", "B": "R1", "C": "R2"}
SERIALS = ("S1", "S2", "S3")
STANDARD = {"LAMP": Decimal(6), "OIL": Decimal("2.5"), "PUMP": Decimal(1000)}
HOUR = timedelta(hours=1)


def person(name: str, *regions: str) -> Actor:
    """Return somebody who may do everything in some regions, or in the whole network where none is named."""
    scope = Scope(regions=frozenset(regions)) if regions else SYSTEM.scope
    return Actor(name, permissions=ALL_PERMISSIONS, scope=scope)


def build(engine: Engine, now: datetime = NOW) -> None:
    """Fill an empty database."""
    somewhere: dict[str, Any] = {"latitude": 1, "longitude": 2, "time_zone": "UTC", "tier": Tier.OUTLET}
    with writing(engine, SYSTEM, clock=lambda: now) as session:
        add_regions(session, SYSTEM, [NewRegion(code=code, name=code) for code in ("R1", "R2")])
        shelves = [
            NewPlace(code=code, name=code, region=region, area=region, **somewhere) for code, region in SHELVES.items()
        ]
        virtual = [NewPlace(code=code, name=code, tier=Tier(code.lower())) for code in ("SUPPLIER", "CUSTOMER")]
        virtual.append(NewPlace(code="ADJUSTMENT", name="Adjustment", tier=Tier.ADJUSTMENT))
        add_places(session, SYSTEM, [*shelves, *virtual])
        kinds = {"LAMP": PartClass.EXPENDABLE, "OIL": PartClass.MATERIAL, "PUMP": PartClass.ROTABLE}
        add_parts(session, SYSTEM, [_part(number, kind) for number, kind in kinds.items()])
        add_lots(session, SYSTEM, [NewLot(part="PUMP", number=one, kind=LotKind.SERIAL) for one in SERIALS])


def _part(number: str, kind: PartClass) -> NewPart:
    return NewPart(
        part_number=number,
        manufacturer_code="TEST0",
        ata_chapter="29" if number == "PUMP" else "33",
        description=number,
        part_class=kind,
        tracking=Tracking.SERIAL if number == "PUMP" else Tracking.NONE,
        unit="EA" if number == "PUMP" else "M",
        essentiality=Essentiality.GO,
        currency="USD",
        standard_cost=STANDARD[number],
        lead_time_days=1,
        weight_kg=Decimal(1),
        usage_driver=UsageDriver.CALENDAR,
    )


def move(
    part: str, origin: str, destination: str, quantity: Decimal | int | str = 1, lot: str | None = None, **more: Any
) -> NewMove:
    """Return a move on the document TEST."""
    told = {"part": part, "origin": origin, "destination": destination, "quantity": Decimal(quantity), "lot": lot}
    return NewMove.model_validate(told | {"document": "TEST"} | sold(destination) | more)


def opened(part: str, place: str, quantity: Decimal | int | str = 1, lot: str | None = None, **more: Any) -> NewMove:
    """Return a move that brings stock in without an inspection."""
    return move(part, "ADJUSTMENT", place, quantity, lot, **more)


def priced(session: Session, moves: Sequence[tuple[NewMove, str | None]], now: datetime) -> None:
    """Post receipts with what a unit of each cost."""
    told = [one.model_copy(update={"unit_cost": None if cost is None else Decimal(cost)}) for one, cost in moves]
    post(session, SYSTEM, told, now)


def taken_back(session: Session, moved: NewMove, now: datetime) -> None:
    """Reverse a priced receipt."""
    reverse(session, SYSTEM, [moved.move_id], "BACK", now)
