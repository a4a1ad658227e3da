"""A database with a row or more of every kind, some of them awkward to write into a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy import Engine

from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre
from fieldops.finance.budgets.service import add_cost_centres, open_lines
from fieldops.finance.budgets.versions import propose_draft
from fieldops.finance.categories import Category
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from fieldops.workforce.schemas import Duty, Held, NewQualification, NewTechnician
from fieldops.workforce.service import add_qualifications, add_technicians
from inventory.catalogue.link_schemas import NewComponent, NewInterchange
from inventory.catalogue.link_service import add_components, add_interchanges
from inventory.catalogue.models import PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.calendar_schemas import NewCalendar
from inventory.network.models import Tier
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_calendars, add_lanes, add_places, add_regions, set_sources
from inventory.planning.benches.schemas import NewBenches
from inventory.planning.benches.service import set_benches
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.models import LotKind
from inventory.traceability.paper_schemas import NewDocument, NewLink, NewPeriod, NewReading
from inventory.traceability.paper_service import add_documents, add_links, add_periods, add_readings
from inventory.traceability.rule_schemas import NewEntry, NewLimit
from inventory.traceability.rule_service import set_limits
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from inventory.traceability.watch import open_entry
from inventory.valuation.schemas import Policy
from inventory.valuation.service import set_policies
from tests.conftest import NOW
from tests.fieldops.exchange.people import fill_people

PLACE: dict[str, object] = {
    "name": "=1+1 “Вьентьян”, 万象; a|b\\c",
    "tier": "regional",
    "region": "SEA",
    "area": "SEA",
    "latitude": 17.9757058931234,
    "longitude": -102.63310000000001,
    "time_zone": "Asia/Vientiane",
    "country": "LA",
}
PART: dict[str, object] = {
    "manufacturer_code": "TEST0",
    "ata_chapter": "24-31",
    "description": "+Main battery",
    "part_class": "expendable",
    "essentiality": "GO",
    "currency": "USD",
    "standard_cost": "9500.1234",
    "lead_time_days": 60,
    "weight_kg": "36.000001",
    "usage_driver": "calendar",
}


def fill(engine: Engine) -> None:
    """Fill an empty database."""
    with writing(engine, SYSTEM) as session:
        add_regions(
            session, SYSTEM, [NewRegion(code="SEA", name="-South-East Asia"), NewRegion(code="FAR", name="远东")]
        )
        calendar = {
            "code": "OFFICE",
            "name": "Office hours",
            "hours": [
                {"weekday": 1, "opens": "08:30", "closes": "12:00"},
                {"weekday": 2, "opens": "00:00", "closes": "24:00"},
            ],
            "closures": [{"day": "2026-05-01", "name": "Labour; Day | \\"}],
        }
        add_calendars(session, SYSTEM, [NewCalendar.model_validate(calendar)])
        places = [
            NewPlace.model_validate({"code": "VTE", "parent": "XIY", "calendar": "OFFICE", **PLACE}),
            NewPlace.model_validate({"code": "XIY", "name_local": "'=咸阳", **PLACE}),
            NewPlace.model_validate({"code": "00123", **PLACE}),
            NewPlace(code="ADJUSTMENT", name="Stock adjustments", tier=Tier.ADJUSTMENT),
        ]
        add_places(session, SYSTEM, places)
        lane = {"origin": "XIY", "destination": "VTE", "cost_per_kg": "9.1", "currency": "USD"}
        leg = {"kind": "pick", "median_h": 2.1, "p90_h": 4, "cut_off": "17:00", "calendar": "OFFICE"}
        lanes = [
            lane | {"mode": "aog", "legs": [leg, {"kind": "transport", "median_h": 6}], "dg_allowed": "cargo"},
            lane | {"mode": "sea", "lead_h": 700.1, "max_weight_kg": "1", "active": False},
        ]
        add_lanes(session, SYSTEM, [NewLane.model_validate(one) for one in lanes])
        set_sources(session, SYSTEM, "VTE", ["00123", "XIY"], 1)
        more: dict[str, object] = {
            "descriptions": {"fr": "Batterie; a|b", "zh-TW": "電池"},
            "in_store_actions": [{"action": "Recharge", "every_days": 90}],
            "shelf_life_days": 100,
            "tracking": "lot",
            "unit": "L",
            "minimum_order_quantity": "123456789012.345678",
        }
        parts: list[dict[str, object]] = [
            {"part_number": "00042", **more},
            {"part_number": "-LAMP", "unit": "KG"},
            {"part_number": "PUMP", "tracking": "serial"},
        ]
        add_parts(session, SYSTEM, [NewPart.model_validate({**PART, **one}) for one in parts])
        link = {
            "part": "00042",
            "alternative": "-LAMP",
            "kind": "supersedes",
            "source": "SB 29-11-031",
            "starts_on": "2025-07-01",
            "effectivity": [{"aircraft_type": "TP;60", "last_serial": 180}, {"aircraft_type": "TP72"}],
            "modifications": ["MOD|1", "00012"],
            "needs_acceptance": True,
            "accepted_by": ["OP-A"],
        }
        add_interchanges(session, SYSTEM, [NewInterchange.model_validate(link)])
        held = [
            NewComponent(assembly="PUMP", component="-LAMP", quantity=Decimal(4), position="item 40"),
            NewComponent(assembly="PUMP", component="-LAMP", quantity=Decimal("0.5")),
        ]
        add_components(session, SYSTEM, held)
        fits = [{"aircraft_type": "TP;60", "quantity": 2}, {"aircraft_type": "TP72", "quantity": 4}]
        removals = {"part": "PUMP", "fits": fits, "condemned_share": "0.041", "repair_tier": "regional"}
        removals |= {"bench_days": "1.5", "needs": [{"part": "-LAMP", "share": "0.25"}]}
        set_reliability(session, SYSTEM, [NewReliability.model_validate(removals | {"source": "=maker; 2|3"})])
        lots = [
            NewLot(part="PUMP", number="SN-1", kind=LotKind.SERIAL, made_on=date(2024, 5, 17)),
            NewLot(part="PUMP", number="SN-2", kind=LotKind.SERIAL, expires_on=date(2034, 5, 17)),
        ]
        add_lots(session, SYSTEM, lots)
        limits = [
            NewLimit(part="PUMP", driver=driver, most=Decimal("20000.5"), source="ALS 5")
            for driver in (UsageDriver.FLIGHT_HOURS, UsageDriver.LANDINGS)
        ]
        set_limits(session, SYSTEM, limits)
        at = datetime(2026, 1, 5, 6, 7, 8, 90, tzinfo=UTC)
        piece = {"part": "PUMP", "number": "SN-1"}
        link = piece | {"kind": "renumbered", "other_part": "PUMP", "other_number": "SN-2", "linked_at": at}
        add_links(session, SYSTEM, [NewLink.model_validate(link | {"document": "=1"})], NOW)
        read = {"since_new": "10.5", "document": "LOG"}
        readings = [
            piece | read | {"driver": "flight_hours", "read_at": at, "since_overhaul": "0"},
            piece | read | {"driver": "landings", "read_at": at},
        ]
        add_readings(session, SYSTEM, [NewReading.model_validate(one) for one in readings], NOW)
        life: dict[str, object] = {
            "starts_on": "2025-01-01",
            "ends_on": "2025-05-01",
            "status": "in_service",
            "document": "LLP",
        }
        periods = [piece | life | {"operator": "own", "hours": "7.5"}, piece | life | {"operator": "OP-A"}]
        periods[1] |= {"starts_on": "2025-05-01", "ends_on": None}
        add_periods(session, SYSTEM, [NewPeriod.model_validate(one) for one in periods], NOW)
        paper = {
            "form": "easa_form_1",
            "tracking_number": "00012",
            "dated": "2026-01-05",
            "authority": "EASA",
            "organisation": "Shop; GmbH",
            "approval": "DE.145.0000",
            "signatory": "A|B",
            "releases_under": ["CAAC", "FAA"],
            "status": "overhauled",
            "batch": "00042",
            "remarks": "=two\nlines; \\",
            "file_sha256": "0" * 64,
            "lots": [piece, piece | {"number": "SN-2"}],
        }
        add_documents(session, SYSTEM, [NewDocument.model_validate(paper)], NOW)
        for part in (None, "PUMP"):
            entry = {"kind": "batch", "value": f"007{part}", "part": part, "reason": "-why", "source": "letter"}
            open_entry(session, SYSTEM, NewEntry.model_validate(entry), NOW)
        policies = [
            Policy(part="PUMP", life_months=120, residual_share=Decimal("0.1")),
            Policy(part_class=PartClass.ROTABLE, life_months=60),
        ]
        set_policies(session, SYSTEM, policies)
        move = {"origin": "ADJUSTMENT", "destination": "VTE", "document": "OPENING"}
        moves = [
            move | {"part": "PUMP", "lot": "SN-1", "quantity": 1, "unit_cost": "123.4567", "hold": Hold.QUARANTINE},
            move | {"part": "-LAMP", "quantity": "7.25", "condition": Condition.NEW, "owner": "pool:X"},
            move | {"part": "-LAMP", "quantity": "3", "unit_cost": "9000.1"},
        ]
        post(session, SYSTEM, [NewMove.model_validate(one) for one in moves], NOW)
        targets = [NewTarget(part="-LAMP", place=place, quantity=Decimal(6)) for place in ("VTE", "XIY")]
        set_targets(session, SYSTEM, targets)
        benches = [NewBenches(place="XIY", chapter=one, benches=2, source="=plan") for one in ("05", None)]
        set_benches(session, SYSTEM, benches)
        add_qualifications(session, SYSTEM, [NewQualification(code="B1", name="@Line release")])
        person = NewTechnician(
            code="T-9",
            name="Nguyễn An",
            base="VTE",
            time_zone="Asia/Vientiane",
            cost_per_h=Decimal("21.5"),
            currency="USD",
            qualifications=(Held(code="B1", valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31)),),
            shifts=(Duty(work_date=date(2026, 3, 2), starts=time(22), ends=time(6, 30)),),
        )
        add_technicians(session, SYSTEM, [person])
        add_operators(session, SYSTEM, [NewOperator(code="OP-A", name="Mekong Air", country="LA")])
    with writing(engine, SYSTEM) as session:
        fill_people(session)
        add_rates(
            session,
            SYSTEM,
            [NewRate(currency="CNY", valid_from=date(2026, 1, 1), rate=Decimal("0.14"), source="央行")],
        )
        add_cost_centres(session, SYSTEM, [NewCostCentre(code="CC-1", name="航线维修", region="SEA")])
        line = NewBudgetLine(
            region="SEA",
            cost_centre="CC-1",
            category=Category.FREIGHT,
            period_start=date(2026, 4, 1),
            period_end=date(2026, 7, 1),
            currency="USD",
            budget=Decimal(50_000),
            committed=Decimal("1200.5"),
        )
        open_lines(session, SYSTEM, [line], NOW)
        propose_draft(
            session, SYSTEM, [line.model_copy(update={"budget": Decimal(60_000), "committed": Decimal(0)})], NOW
        )
