"""Random small networks, drawn from one seed and loaded through the use cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, delete

from fieldops.dispatch.models import JobKind
from fieldops.dispatch.schemas import NewJob, PartNeed
from fieldops.dispatch.service import add_jobs
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.finance.control.terms import set_approval_limits
from fieldops.workforce.releasing.models import RestRule
from fieldops.workforce.rules import first_overlap
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

MONDAY = date(2026, 3, 2)
START = datetime(2026, 3, 1, 16, tzinfo=UTC)
"""Monday's first minute at the central depot."""

ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "Africa/Nairobi", "America/La_Paz")
QUALIFICATIONS = ("B1", "B2", "ENGINE_RUN")


@dataclass(frozen=True)
class RandomWorld:
    """What was loaded, to compare a plan with."""

    technicians: dict[str, NewTechnician]
    jobs: dict[str, Any]
    regions: dict[str, str]
    zones: dict[str, ZoneInfo]


def load_random(engine: Engine, seed: int) -> RandomWorld:
    """Load a network of one to three regions with random people, jobs, stock and tight budgets."""
    rng = Random(seed)
    regions = [f"R{number}" for number in range(rng.randint(1, 3))]
    places = _places(rng, regions)
    technicians = [_technician(rng, number, places) for number in range(rng.randint(0, 5))]
    parts = [_part(rng, number) for number in range(rng.randint(1, 4))]
    jobs = [_job(rng, number, places, parts) for number in range(rng.randint(0, 9))]
    with writing(engine, SYSTEM) as session:
        session.execute(delete(RestRule))  # people here work as they are drawn
        add_regions(session, SYSTEM, [NewRegion(code=code, name=code) for code in regions])
        add_places(session, SYSTEM, [*places, NewPlace(code="ADJUSTMENT", name="Adjustment", tier=Tier.ADJUSTMENT)])
        add_lanes(session, SYSTEM, _lanes(rng, places))
        add_parts(session, SYSTEM, parts)
        post(session, SYSTEM, _opening(rng, places, parts), START)
        set_targets(
            session,
            SYSTEM,
            [
                NewTarget(part=part.part_number, place=place.code, quantity=Decimal(rng.randint(0, 3)))
                for part in parts
                for place in places
                if rng.random() < 0.5
            ],
        )
        add_qualifications(session, SYSTEM, [NewQualification(code=code, name=code) for code in QUALIFICATIONS])
        add_technicians(session, SYSTEM, technicians)
        add_jobs(session, SYSTEM, jobs)
        set_approval_limits(session, {"regional_manager": Decimal(500), "finance": None}, "USD")
        open_lines(
            session, SYSTEM, [_line(rng, region, category) for region in regions for category in Category], START
        )
    return RandomWorld(
        {one.code: one for one in technicians},
        {one.number: one for one in jobs},
        {place.code: place.region or "" for place in places},
        {place.code: ZoneInfo(place.time_zone or "") for place in places},
    )


def _places(rng: Random, regions: list[str]) -> list[NewPlace]:
    places = []
    for number, region in enumerate(regions):
        zone = ZONES[0] if number == 0 else rng.choice(ZONES)
        hub = f"HUB{number}"
        for code, tier in ((hub, Tier.REGIONAL if number else Tier.CENTRAL), (f"OUT{number}", Tier.OUTLET)):
            places.append(
                NewPlace(
                    code=code,
                    name=code,
                    tier=tier,
                    region=region,
                    area=region,
                    parent=hub if tier is Tier.OUTLET else ("HUB0" if number else None),
                    latitude=10 + 3 * number + rng.random() * 4,
                    longitude=100 + rng.random() * 4,
                    time_zone=zone,
                )
            )
    return places


def _lanes(rng: Random, places: list[NewPlace]) -> list[NewLane]:
    return [
        NewLane(
            origin=place.parent,
            destination=place.code,
            mode=mode,
            lead_h=rng.choice((2, 8, 30)) * slower,
            cost_per_kg=Decimal(rng.randint(1, 20)),
            cost_per_piece=Decimal(rng.randint(0, 9)),
            currency="USD",
        )
        for place in places
        if place.parent is not None
        for mode, slower in (("aog", 1), ("routine", 4))
        if rng.random() < 0.9
    ]


def _technician(rng: Random, number: int, places: list[NewPlace]) -> NewTechnician:
    base = rng.choice(places)
    drawn = (
        Duty(
            work_date=MONDAY + timedelta(days=day), starts=time(rng.choice((6, 8, 20))), ends=time(rng.choice((4, 17)))
        )
        for day in range(7)
        if rng.random() < 0.7
    )
    shifts: tuple[Duty, ...] = ()
    for duty in drawn:
        if first_overlap((*shifts, duty), base.time_zone or "") is None:
            shifts = (*shifts, duty)
    held = tuple(
        Held(
            code=code, valid_from=MONDAY - timedelta(days=400), valid_until=MONDAY + timedelta(days=rng.randint(-2, 9))
        )
        for code in QUALIFICATIONS
        if rng.random() < 0.7
    )
    return NewTechnician(
        code=f"T-{number}",
        name=f"T {number}",
        base=base.code,
        time_zone=base.time_zone or "",
        cost_per_h=Decimal(rng.randint(10, 90)),
        currency="USD",
        qualifications=held,
        shifts=shifts,
    )


def _part(rng: Random, number: int) -> NewPart:
    return NewPart(
        part_number=f"P-{number}",
        manufacturer_code="TEST0",
        ata_chapter="32-41",
        description="Part",
        # stock without numbers, which a rotable cannot be
        part_class=rng.choice([one for one in PartClass if one is not PartClass.ROTABLE]),
        tracking=Tracking.NONE,
        essentiality=rng.choice(tuple(Essentiality)),
        currency="USD",
        standard_cost=Decimal(rng.choice((5, 900, 30_000, 400_000))),
        lead_time_days=rng.choice((3, 60)),
        weight_kg=Decimal(rng.randint(1, 40)),
        usage_driver=UsageDriver.FLIGHT_HOURS,
    )


def _opening(rng: Random, places: list[NewPlace], parts: list[NewPart]) -> list[NewMove]:
    return [
        NewMove(
            part=part.part_number,
            origin="ADJUSTMENT",
            destination=place.code,
            quantity=Decimal(rng.randint(1, 3)),
            document="OPENING",
        )
        for part in parts
        for place in places
        if rng.random() < 0.4
    ]


def _job(rng: Random, number: int, places: list[NewPlace], parts: list[NewPart]) -> NewJob:
    priority = rng.choice(tuple(Priority))
    opens = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=rng.randint(-20, 120))
    needed = rng.sample(parts, k=rng.randint(0, min(2, len(parts))))
    return NewJob(
        number=f"J-{number}",
        work_order=f"W-{number}",
        title="Job",
        kind=JobKind.CHECK,
        priority=priority,
        place=rng.choice(places).code,
        duration_min=rng.choice((30, 120, 300, 600)),
        window_start=opens,
        window_end=opens + timedelta(hours=rng.choice((0, 6, 48, 160))),
        due_at=opens + timedelta(hours=rng.choice((10, 20, 60))),
        delay_cost_per_h=Decimal(rng.choice((15, 150, 800))),
        currency="USD",
        qualifications=tuple(sorted(rng.sample(QUALIFICATIONS, k=rng.randint(0, 2)))),
        parts=tuple(PartNeed(part=part.part_number, quantity=Decimal(rng.randint(1, 2))) for part in needed),
    )


def _line(rng: Random, region: str, category: Category) -> NewBudgetLine:
    return NewBudgetLine(
        region=region,
        category=category,
        period_start=date(2026, 1, 1),
        period_end=date(2026, 4, 1),
        currency="USD",
        budget=Decimal(rng.choice((0, 40, 400, 5_000, 100_000))),
    )
