"""A small world for tests, loaded through the same use cases as anybody's data.

Two regions: CN (central depot XIY, outlet TSN) and SEA (hub VTE, outlet UTH). Of the jobs of the week from TINY_DATE
on, J-4 needs a qualification that nobody holds; the freight line of SEA holds 10.00, too little for any transfer of
a pump or a brake, so that a plan has something to hold.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.dispatch.models import JobKind
from fieldops.dispatch.schemas import NewJob, PartNeed
from fieldops.dispatch.service import add_jobs
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.finance.control.terms import set_approval_limits
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
from inventory.network.models import Tier
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_lanes, add_places, add_regions
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from inventory.traceability.models import LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots

TINY_DATE = date(2026, 3, 2)
"""The Monday that the world's week begins on."""

LOADED_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
"""When the opening stock and budgets were entered."""


def load_tiny(engine: Engine) -> None:
    """Load the small world into an empty database, in one transaction."""
    with writing(engine, SYSTEM) as session:
        _network(session)
        _stock(session)
        _people(session)
        add_jobs(session, SYSTEM, _jobs())
        _money(session)


def _network(session: Session) -> None:
    add_regions(session, SYSTEM, [NewRegion(code="CN", name="China"), NewRegion(code="SEA", name="South-East Asia")])
    shelves = (
        ("XIY", "Xi'an", "西安", Tier.CENTRAL, "CN", None, 34.447, 108.752, "Asia/Shanghai", "CN"),
        ("TSN", "Tianjin", "天津", Tier.OUTLET, "CN", "XIY", 39.124, 117.346, "Asia/Shanghai", "CN"),
        ("VTE", "Vientiane", "ວຽງຈັນ", Tier.REGIONAL, "SEA", "XIY", 17.988, 102.563, "Asia/Vientiane", "LA"),
        ("UTH", "Udon Thani", None, Tier.OUTLET, "SEA", "VTE", 17.386, 102.788, "Asia/Bangkok", "TH"),
    )
    places = [
        NewPlace(
            code=code,
            name=name,
            name_local=local,
            tier=tier,
            region=region,
            area=region,
            parent=parent,
            latitude=latitude,
            longitude=longitude,
            time_zone=time_zone,
            country=country,
        )
        for code, name, local, tier, region, parent, latitude, longitude, time_zone, country in shelves
    ]
    places.append(NewPlace(code="ADJUSTMENT", name="Stock adjustments", tier=Tier.ADJUSTMENT))
    places.append(NewPlace(code="CUSTOMER", name="Customers", tier=Tier.CUSTOMER))
    add_places(session, SYSTEM, places)
    ways = (("XIY", "TSN", 8.0), ("XIY", "VTE", 32.0), ("VTE", "UTH", 4.0))
    add_lanes(
        session,
        SYSTEM,
        [
            NewLane(
                origin=origin,
                destination=destination,
                mode=mode,
                lead_h=aog_h * slower,
                cost_per_kg=Decimal(per_kg),
                cost_per_piece=Decimal(5),
                currency="USD",
            )
            for origin, destination, aog_h in ways
            for mode, slower, per_kg in (("aog", 1, 9), ("routine", 3, 4))
        ],
    )


BRAKES = {"SN-B1": "XIY", "SN-B2": "XIY", "SN-B3": "XIY", "SN-B4": "VTE"}
"""{serial number: where it is} of the brakes."""


def _stock(session: Session) -> None:
    parts = (
        ("BRAKE-1", "32-41-10", "Main wheel brake", PartClass.ROTABLE, Essentiality.NO_GO, 18_000, "28.5", 90),
        ("PUMP-1", "29-11-03", "Hydraulic pump", PartClass.REPAIRABLE, Essentiality.NO_GO, 9_500, "12", 60),
        ("LAMP-1", "33-42-01", "Landing light lamp", PartClass.EXPENDABLE, Essentiality.GO_IF, 45, "0.2", 14),
        ("FILTER-1", "79-21-05", "Oil filter element", PartClass.EXPENDABLE, Essentiality.GO, 130, "0.6", 21),
    )
    add_parts(
        session,
        SYSTEM,
        [
            NewPart(
                part_number=number,
                manufacturer_code="TEST0",
                ata_chapter=ata,
                description=description,
                part_class=part_class,
                essentiality=essentiality,
                currency="USD",
                standard_cost=Decimal(cost),
                lead_time_days=lead_days,
                weight_kg=Decimal(weight_kg),
                usage_driver=UsageDriver.FLIGHT_HOURS,
                tracking=Tracking.SERIAL if number == "BRAKE-1" else Tracking.NONE,
            )
            for number, ata, description, part_class, essentiality, cost, weight_kg, lead_days in parts
        ],
    )
    opening = (
        ("PUMP-1", "XIY", 1),
        ("LAMP-1", "XIY", 40),
        ("LAMP-1", "VTE", 5),
        ("LAMP-1", "TSN", 2),
        ("FILTER-1", "XIY", 10),
    )
    add_lots(session, SYSTEM, [NewLot(part="BRAKE-1", number=number, kind=LotKind.SERIAL) for number in BRAKES])
    post(
        session,
        SYSTEM,
        [
            NewMove(
                part=part,
                origin="ADJUSTMENT",
                destination=place,
                lot=lot,
                quantity=Decimal(quantity),
                document="OPENING",
            )
            for part, place, lot, quantity in (
                *((part, place, None, quantity) for part, place, quantity in opening),
                *(("BRAKE-1", place, lot, 1) for lot, place in BRAKES.items()),
            )
        ],
        LOADED_AT,
    )
    targets = (("BRAKE-1", "VTE", 2), ("LAMP-1", "UTH", 4), ("FILTER-1", "TSN", 2))
    set_targets(
        session,
        SYSTEM,
        [NewTarget(part=part, place=place, quantity=Decimal(quantity)) for part, place, quantity in targets],
    )


def _people(session: Session) -> None:
    qualifications = (("B1", "Line release, mechanical"), ("B2", "Line release, avionics"), ("BORE", "Borescope"))
    add_qualifications(session, SYSTEM, [NewQualification(code=code, name=name) for code, name in qualifications])
    year_end, tuesday = date(2026, 12, 31), TINY_DATE + timedelta(days=1)
    people = (
        ("T-1", "李芳", "XIY", "Asia/Shanghai", 38, (("B1", year_end), ("B2", year_end))),
        ("T-2", "Somchai Vong", "VTE", "Asia/Vientiane", 22, (("B1", year_end),)),
        ("T-3", "Nirina Raso", "VTE", "Asia/Vientiane", 70, (("B1", tuesday), ("B2", tuesday))),
    )
    shifts = tuple(Duty(work_date=TINY_DATE + timedelta(days=day), starts=time(8), ends=time(18)) for day in range(7))
    add_technicians(
        session,
        SYSTEM,
        [
            NewTechnician(
                code=code,
                name=name,
                base=base,
                time_zone=time_zone,
                cost_per_h=Decimal(cost_per_h),
                currency="USD",
                qualifications=tuple(
                    Held(code=what, valid_from=date(2025, 1, 1), valid_until=until) for what, until in held
                ),
                shifts=shifts,
            )
            for code, name, base, time_zone, cost_per_h, held in people
        ],
    )


def _jobs() -> list[NewJob]:
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    jobs = (
        ("J-1", "Brake seized after landing", JobKind.AOG, Priority.AOG, "UTH", 180, 0, 3, 800, ("B1",), "BRAKE-1"),
        ("J-2", "A check, package 1", JobKind.CHECK, Priority.ROUTINE, "XIY", 240, 0, 5, 15, ("B1",), None),
        (
            "J-3",
            "Landing light is out",
            JobKind.DEFECT,
            Priority.CRITICAL,
            "VTE",
            60,
            0,
            4,
            150,
            ("B1",),
            "LAMP-1",
        ),
        ("J-4", "Borescope of engine 2", JobKind.CHECK, Priority.ROUTINE, "TSN", 180, 1, 5, 15, ("BORE",), None),
        ("J-5", "Hydraulic pump leaks", JobKind.DEFECT, Priority.ROUTINE, "UTH", 150, 4, 6, 15, ("B1",), "PUMP-1"),
    )
    return [
        NewJob(
            number=number,
            work_order=f"W-{number}",
            title=title,
            kind=kind,
            priority=priority,
            place=place,
            duration_min=minutes,
            window_start=monday + timedelta(days=first_day),
            window_end=monday + timedelta(days=last_day, hours=12),
            due_at=monday + timedelta(days=first_day + 1),
            delay_cost_per_h=Decimal(delay_cost_per_h),
            currency="USD",
            qualifications=needs,
            parts=() if part is None else (PartNeed(part=part, quantity=Decimal(1)),),
        )
        for number, title, kind, priority, place, minutes, first_day, last_day, delay_cost_per_h, needs, part in jobs
    ]


def _money(session: Session) -> None:
    limits = {"regional_manager": Decimal(20_000), "finance": Decimal(100_000), "administrator": None}
    set_approval_limits(session, limits, "USD")
    open_lines(
        session,
        SYSTEM,
        [
            NewBudgetLine(
                region=region,
                category=category,
                period_start=date(2026, 1, 1),
                period_end=date(2026, 4, 1),
                currency="USD",
                budget=Decimal(10) if (region, category) == ("SEA", Category.FREIGHT) else Decimal(50_000),
            )
            for region in ("CN", "SEA")
            for category in (Category.LABOUR, Category.TRAVEL, Category.FREIGHT, Category.EXPEDITE, Category.PARTS)
        ],
        LOADED_AT,
    )
