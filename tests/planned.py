"""The small world with aircraft that are used and parts that wear, and target plans of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.fleet.schemas import NewAircraft
from fieldops.fleet.service import add_aircraft
from fieldops.fleet.utilisation.exposure import FleetExposure
from fieldops.fleet.utilisation.schemas import NewUtilisation
from fieldops.fleet.utilisation.service import set_utilisation
from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart, PartChange
from inventory.catalogue.service import add_parts, change_parts
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace
from inventory.network.service import add_places
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.stock_plans.making import make_target_plan
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import MakeTargets, TargetPlanOut
from tests.conftest import NOW
from tests.worlds import LOADED_AT, load_tiny

RIGHTS = frozenset({"targets.read", "targets.write"})
SEA = Actor("manager.sea", permissions=RIGHTS, scope=Scope(regions=frozenset({"SEA"})))
CN = Actor("manager.cn", permissions=RIGHTS, scope=Scope(regions=frozenset({"CN"})))
EXPOSURE = FleetExposure()
BUDGET = "40000"
_COMMON: dict[str, Any] = {
    "manufacturer_code": "TEST0",
    "ata_chapter": "24-31",
    "currency": "USD",
    "weight_kg": "1",
    "lead_time_days": 30,
    "part_class": PartClass.EXPENDABLE,
    "essentiality": Essentiality.GO,
    "usage_driver": UsageDriver.FLIGHT_HOURS,
}


def load_planned(engine: Engine) -> None:
    """Load the small world with what target plans need: use, wear, and some data that they cannot do with."""
    load_tiny(engine)
    add_planned(engine)


def add_planned(engine: Engine) -> None:
    """Add that to the small world."""
    with writing(engine, SYSTEM) as session:
        _fleet(session)
        _parts(session)
        far: dict[str, Any] = {"code": "FAR", "name": "Cut off", "tier": Tier.OUTLET, "region": "SEA", "area": "SEA"}
        far |= {"latitude": 1, "longitude": 1, "time_zone": "Asia/Vientiane", "country": "LA"}
        add_places(session, SYSTEM, [NewPlace.model_validate(far)])
        moves: list[tuple[str, str, str, int, dict[str, Any]]] = [
            ("FILTER-1", "XIY", "CUSTOMER", 3, {"without_aircraft": "sale"}),
            ("LAMP-1", "ADJUSTMENT", "FAR", 2, {}),
            ("NO-PRICE", "ADJUSTMENT", "VTE", 1, {}),
            ("SEAL-9", "ADJUSTMENT", "VTE", 4, {}),
        ]
        post(
            session,
            SYSTEM,
            [
                NewMove(part=part, origin=start, destination=end, quantity=Decimal(pieces), document="TEST", **more)
                for part, start, end, pieces, more in moves
            ],
            LOADED_AT,
        )


def _fleet(session: Session) -> None:
    bases = {"B-1": "TSN", "B-2": "TSN", "RDPL-1": "VTE", "RDPL-2": "UTH"}
    common = {"aircraft_type": "MA60", "authority": "CAAC", "serial": "1"}
    add_aircraft(session, SYSTEM, [NewAircraft(registration=tail, base=at, **common) for tail, at in bases.items()])
    set_utilisation(
        session,
        SYSTEM,
        [
            NewUtilisation(
                aircraft_type="MA60",
                tail=tail,
                place=at,
                month=month,
                flight_hours=Decimal(90),
                landings=Decimal(100),
            )
            for tail, at in bases.items()
            for month in (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
        ],
    )


def _parts(session: Session) -> None:
    more = ({"part_number": "NO-PRICE", "standard_cost": 0}, {"part_number": "SEAL-9", "standard_cost": 12})
    more += ({"part_number": "PULLER", "standard_cost": 90, "part_class": PartClass.TOOL},)  # type: ignore[assignment]
    add_parts(session, SYSTEM, [NewPart.model_validate(_COMMON | {"description": "X"} | one) for one in more])
    wear = {"BRAKE-1": "1500", "PUMP-1": "4000", "LAMP-1": "700"}
    changes: dict[str, dict[str, Any]] = {part: {"mean_usage_between_removals": usage} for part, usage in wear.items()}
    changes["BRAKE-1"]["turn_around_days"] = 30
    change_parts(session, SYSTEM, {part: PartChange.model_validate(change) for part, change in changes.items()})
    fits = {"BRAKE-1": 4, "PUMP-1": 2, "LAMP-1": 4}
    known = {"source": "tests", "no_fault_found_share": "0.1", "condemned_share": "0.05"}
    set_reliability(
        session,
        SYSTEM,
        [
            NewReliability.model_validate(
                known | {"part": part, "fits": [{"aircraft_type": "MA60", "quantity": pieces}]}
            )
            for part, pieces in fits.items()
        ],
    )


def make(engine: Engine, actor: Actor = SYSTEM, budget: str = BUDGET, **wanted: Any) -> TargetPlanOut:
    """Make a target plan."""
    asked = MakeTargets.model_validate({"budget": budget} | wanted)
    request = TargetRequest(asked, "test")
    return make_target_plan(engine, actor, request, EXPOSURE, clock=lambda: NOW + timedelta(days=1))
