"""Pictures of three places and a few parts, made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory.catalogue.models import Essentiality, InterchangeKind, PartClass, UsageDriver
from inventory.network.models import Tier
from inventory.planning.stock_plans.demand import Demand
from inventory.planning.stock_plans.past import MONTHS, Past, Replaced
from inventory.planning.stock_plans.picture import Item, Picture, Site
from inventory.planning.stock_plans.stated import Stated
from inventory.planning.stock_plans.stating import state
from inventory.ports import Usage

TODAY = date(2026, 3, 1)
HOURS = 3.0
"""Flight hours a day of an aircraft type, wherever it is told of."""
DEPOT, VTE, UTH = (UUID(int=number) for number in (1, 2, 3))
SITES = (
    Site(DEPOT, "XIY", Tier.CENTRAL, "CN", None, None),
    Site(VTE, "VTE", Tier.REGIONAL, "SEA", "XIY", 4.0),
    Site(UTH, "UTH", Tier.OUTLET, "SEA", "VTE", 1.0),
)


def used(month: date, place: str = "VTE", kind: str = "MA60") -> Usage:
    days = ((month + timedelta(days=32)).replace(day=1) - month).days
    none = Decimal(0)
    return Usage(kind, place, month, Decimal(HOURS) * days, none, none, none, Decimal(days))


def part(number: int, **more: Any) -> Item:
    told: dict[str, Any] = {
        "part_class": PartClass.EXPENDABLE,
        "essentiality": Essentiality.GO,
        "mel_category": None,
        "mel_interval_days": None,
        "price": Decimal(100),
        "turn_around_days": None,
        "lead_days": 60,
        "order_quantity": Decimal(1),
        "driver": UsageDriver.FLIGHT_HOURS,
        "usage": None,
        "no_fault_found_share": 0.0,
        "condemned_share": 0.0,
        "repair_tier": None,
        "shelf_life_days": None,
    }
    return Item(id=UUID(int=100 + number), number=f"PART-{number}", **told | more)


def picture(
    items: Sequence[Item],
    issues: Sequence[tuple[int, UUID, int, float]] = (),
    *,
    whole: int = MONTHS,
    replaced: Sequence[tuple[int, int]] = (),
    fits: Sequence[tuple[int, str, int]] = (),
    usage: Sequence[Usage] = (),
    targets: Sequence[tuple[int, UUID]] = (),
    links: Sequence[tuple[int, int, InterchangeKind]] = (),
    owned: Mapping[tuple[int, UUID], int] | None = None,
    benches: Sequence[tuple[UUID, str, int]] = (),
    needs: Sequence[tuple[int, int, float]] = (),
    flows: Sequence[tuple[int, UUID, int, float, float]] = (),
) -> Picture:
    """Return a picture of three places; parts are named by their index."""
    every = [*links, *((a, b, InterchangeKind.SUPERSEDES) for a, b in replaced)]
    return Picture(
        sites=SITES,
        root=SITES[0],
        items=tuple(items),
        fits=[(items[number].id, kind, pieces) for number, kind, pieces in fits],
        usage=usage,
        past=Past(
            TODAY,
            [(items[number].id, *rest) for number, *rest in issues],  # type: ignore[misc]
            whole,
            [(items[number].id, *rest) for number, *rest in flows],  # type: ignore[misc]
        ),
        replaced=[Replaced(items[a].id, items[b].id, items[a].number, items[b].number, kind) for a, b, kind in every],
        targets={(items[number].id, place): Decimal(2) for number, place in targets},
        owned={(items[number].id, place): pieces for (number, place), pieces in (owned or {}).items()},
        weights={},
        currency="USD",
        benches=benches,
        needs=[(items[unit].id, items[needed].id, share) for unit, needed, share in needs],
    )


def stated(known: Picture, region: str | None = None) -> Stated:
    found = state(known, region=region, assumed_days=30, one_budget=True)
    assert found is not None
    return found


def a_day(demand: Demand) -> dict[tuple[int, str], float]:
    return {
        (part, SITES[place].code): rate
        for part, place, rate in zip(demand.part.tolist(), demand.place.tolist(), demand.per_day.tolist(), strict=True)
    }
