"""Target plans of the matrix's world: T-000001 of SEA, a line of which is accepted, and T-000002 of the network."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Engine

from fieldops.fleet.utilisation.exposure import FleetExposure
from inventory.catalogue.schemas import PartChange
from inventory.catalogue.service import change_parts
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.planning.benches.schemas import NewBenches
from inventory.planning.benches.service import set_benches
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.stock_plans.making import make_target_plan
from inventory.planning.stock_plans.queries import Chosen, acceptances, line_page, plan_by_number
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import Accept, CellOf, LineState, MakeTargets
from inventory.planning.stock_plans.service import accept
from tests.conftest import NOW
from tests.fieldops.authorisation.workforce import AIRCRAFT


def add_target_plans(engine: Engine, manager: Actor) -> dict[str, str]:
    """Make the plans, and accept a line of the first; returns the key of the acceptance."""
    fits = [{"aircraft_type": AIRCRAFT["aircraft_type"], "quantity": 4}]
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        wear = PartChange(mean_usage_between_removals=Decimal(400))
        change_parts(session, SYSTEM, dict.fromkeys(("PUMP-1", "LAMP-1"), wear))
        told = [{"part": part, "fits": fits, "source": "maker"} for part in ("PUMP-1", "LAMP-1")]
        set_reliability(session, SYSTEM, [NewReliability.model_validate(one) for one in told])
        benches = [NewBenches(place=place, benches=2, source="workshop plan") for place in ("UTH", "TSN")]
        set_benches(session, SYSTEM, benches)
    for actor, region in ((manager, "SEA"), (SYSTEM, None)):
        wanted = MakeTargets(budget=Decimal(200_000), region=region)
        make_target_plan(engine, actor, TargetRequest(wanted, "test"), FleetExposure(), clock=lambda: NOW)
    with reading(engine, SYSTEM) as session:
        plan = plan_by_number(session, "T-000001")
        first, *_others = line_page(session, plan.id, Chosen(state=LineState.OPEN), limit=9)
    with writing(engine, manager, clock=lambda: NOW) as session:
        cell = CellOf(part=first.part, place=first.place)
        accept(session, manager, "T-000001", Accept(lines=(cell,)), 1, NOW)
    with reading(engine, SYSTEM) as session:
        return {"target_acceptance": str(acceptances(session, plan.id)[0].id)}
