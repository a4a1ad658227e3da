"""What a plan of stock targets is made from, read in a fixed number of statements however many parts there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Essentiality, MelCategory, Part, PartClass, UsageDriver
from inventory.kernel.errors import NotReady
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import Quantity
from inventory.ledger.models import OWN, StockBalance
from inventory.network.models import SITE_TIERS, Lane, Place, Region, Source, Tier
from inventory.planning.benches.models import RepairBench
from inventory.planning.models import StockTarget
from inventory.planning.reliability.models import PartFit, PartReliability, RepairNeed
from inventory.planning.stock_plans.past import MONTH_DAYS, MONTHS, Past, Replaced, read_past, read_replaced, with_kin
from inventory.planning.weights.models import StockingWeight
from inventory.ports import Exposure, Usage
from inventory.traceability.condition import USABLE, Condition, Hold

RESTORED = frozenset({PartClass.ROTABLE, PartClass.REPAIRABLE})
"""The classes of what is repaired, and bought from the capital budget; the others are used up."""
FAILED = frozenset({Condition.AS_REMOVED, Condition.UNSERVICEABLE})
"""The conditions of pieces that wait for their repair."""
_UNDER_WAY = frozenset({Tier.REPAIR_SHOP, Tier.IN_TRANSIT})


@dataclass(frozen=True, slots=True)
class Site:
    """A place that may hold stock; `transit_days` pass on the usual way from its parent, None where that is unknown."""

    id: UUID
    code: str
    tier: Tier
    region: str
    parent: str | None
    transit_days: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """A part as stock planning sees it; `usage` is the mean between removals in the unit of its driver."""

    id: UUID
    number: str
    part_class: PartClass
    essentiality: Essentiality
    mel_category: MelCategory | None
    mel_interval_days: int | None
    price: Decimal
    turn_around_days: int | None
    lead_days: int
    order_quantity: Decimal
    driver: UsageDriver
    usage: Decimal | None
    no_fault_found_share: float
    condemned_share: float
    repair_tier: Tier | None
    shelf_life_days: int | None
    pack_quantity: Decimal = Decimal(1)
    chapter: str = ""
    bench_days: float | None = None

    @property
    def restored(self) -> bool:
        """True for what is repaired, False for what is used up."""
        return self.part_class in RESTORED


Cells = Mapping[tuple[UUID, UUID], float]
"""Pieces by (part, place)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The network, its parts, what they are asked for and what there is of them.

    `fits` are (part, aircraft type, pieces on each). `owned` are our own pieces, those in repair and under way at the
    root. `benches` are (place, chapter, pieces repaired at a time), `needs` (unit, part, share of its repairs that need
    it).
    """

    sites: tuple[Site, ...]
    root: Site
    items: tuple[Item, ...]
    fits: Sequence[tuple[UUID, str, int]]
    usage: Sequence[Usage]
    past: Past
    replaced: Sequence[Replaced]
    targets: Mapping[tuple[UUID, UUID], Decimal]
    owned: Cells
    weights: Mapping[tuple[Essentiality, str], StockingWeight]
    currency: str
    benches: Sequence[tuple[UUID, str, int]] = ()
    needs: Sequence[tuple[UUID, UUID, float]] = ()


def take_picture(
    session: Session, exposure: Exposure, today: date, now: datetime, parts: Collection[str] | None = None
) -> Picture:
    """Return what plans are made from, of all parts or some numbers and what they hang together with.

    That is what may replace them, or what they may replace, and what repairs need.

    Needs a session of the whole network. Raises NotReady unless there is exactly one central depot.
    """
    sites = _sites(session)
    central = [site for site in sites if site.tier is Tier.CENTRAL]
    if len(central) != 1:
        raise NotReady(_("A plan needs exactly one central depot; add one place of tier “central”"), code="no_central")
    replaced = read_replaced(session, today)
    needs = _needs(session)
    chosen = None
    if parts is not None:
        pairs = [(one.old_number, one.new_number) for one in replaced] + [(unit, part) for *_key, unit, part in needs]
        chosen = select(Part.id).where(Part.part_number.in_(with_kin(parts, pairs)))
    items = _items(session, chosen)
    weights = session.scalars(select(StockingWeight)).all()
    return Picture(
        sites=sites,
        root=central[0],
        items=items,
        fits=_fits(session, chosen),
        usage=exposure.usage(session, today - timedelta(days=MONTHS * MONTH_DAYS), today),
        past=read_past(session, now, chosen),
        replaced=replaced,
        targets=_targets(session, chosen),
        owned=_owned(session, central[0].id, {one.id for one in items if one.restored}, chosen),
        weights={(one.essentiality, one.mel_category): one for one in weights},
        currency=fact(session, CURRENCY) or "",
        benches=_benches(session),
        needs=[(unit, part, share) for unit, part, share, *_numbers in needs],
    )


def _sites(session: Session) -> tuple[Site, ...]:
    parent, first = aliased(Place), aliased(Place)
    rows = session.execute(
        select(Place.id, Place.code, Place.tier, Region.code, parent.code, first.code)
        .join(Region, Region.id == Place.region_id)
        .outerjoin(parent, parent.id == Place.parent_id)
        .outerjoin(Source, (Source.place_id == Place.id) & (Source.sequence == _first_source()))
        .outerjoin(first, first.id == Source.source_id)
        .where(Place.tier.in_(SITE_TIERS))
        .order_by(Place.code)
    ).all()
    days = _transit(session)
    return tuple(
        Site(key, code, tier, region, source or above, days.get((source or above or "", code)))
        for key, code, tier, region, above, source in rows
    )


def _first_source() -> Any:
    other = aliased(Source)
    return select(func.min(other.sequence)).where(other.place_id == Place.id).correlate(Place).scalar_subquery()


def _transit(session: Session) -> dict[tuple[str, str], float | None]:
    """Return the days of the usual way between places: the cheapest lane's. A lane of no time tells nothing."""
    origin, destination = aliased(Place), aliased(Place)
    rows = session.execute(
        select(origin.code, destination.code, Lane.lead_s)
        .join(origin, origin.id == Lane.origin_id)
        .join(destination, destination.id == Lane.destination_id)
        .where(Lane.active)
        .order_by(Lane.cost_per_kg.desc(), Lane.cost_per_piece.desc(), Lane.lead_s.desc())
    )
    return {(start, end): seconds / 86_400 or None for start, end, seconds in rows}


def _items(session: Session, chosen: Select[Any] | None) -> tuple[Item, ...]:
    query = (
        select(Part, PartReliability)
        .outerjoin(PartReliability, PartReliability.part_id == Part.id)
        .order_by(Part.part_number)
    )
    return tuple(
        Item(
            id=part.id,
            number=part.part_number,
            part_class=part.part_class,
            essentiality=part.essentiality,
            mel_category=part.mel_category,
            mel_interval_days=part.mel_interval_days,
            price=part.standard_cost,
            turn_around_days=part.turn_around_days,
            lead_days=part.lead_time_days,
            order_quantity=_least_order(part.minimum_order_quantity or Decimal(1), part.pack_quantity),
            driver=part.usage_driver,
            usage=part.mean_usage_between_removals,
            no_fault_found_share=float(known.no_fault_found_share) if known else 0.0,
            condemned_share=float(known.condemned_share) if known else 0.0,
            repair_tier=known.repair_tier if known else None,
            shelf_life_days=part.shelf_life_days,
            pack_quantity=part.pack_quantity or Decimal(1),
            chapter=part.ata_chapter[:2],
            bench_days=float(known.bench_days) if known and known.bench_days else None,
        )
        for part, known in session.execute(_of(query, Part.id, chosen))
    )


def _least_order(least: Decimal, pack: Decimal | None) -> Decimal:
    """Return the least that is ordered, in whole packs."""
    return least if pack is None else ceil(least / pack) * pack


def _of(query: Any, part: Any, chosen: Select[Any] | None) -> Any:
    return query if chosen is None else query.where(part.in_(chosen))


def _fits(session: Session, chosen: Select[Any] | None) -> list[tuple[UUID, str, int]]:
    query = select(PartFit.part_id, PartFit.aircraft_type, PartFit.quantity)
    return [(part, kind, pieces) for part, kind, pieces in session.execute(_of(query, PartFit.part_id, chosen))]


def _benches(session: Session) -> list[tuple[UUID, str, int]]:
    query = select(RepairBench.place_id, RepairBench.chapter, RepairBench.benches)
    return [(place, chapter, count) for place, chapter, count in session.execute(query)]


def _needs(session: Session) -> list[tuple[UUID, UUID, float, str, str]]:
    """Return what repairs need: unit, part, share, and the numbers of both."""
    unit, part = aliased(Part), aliased(Part)
    rows = session.execute(
        select(RepairNeed.unit_id, RepairNeed.part_id, RepairNeed.share, unit.part_number, part.part_number)
        .join(unit, unit.id == RepairNeed.unit_id)
        .join(part, part.id == RepairNeed.part_id)
        .order_by(unit.part_number, part.part_number)
    )
    return [(key, other, float(share), number, needed) for key, other, share, number, needed in rows]


def _targets(session: Session, chosen: Select[Any] | None) -> dict[tuple[UUID, UUID], Decimal]:
    query = select(StockTarget.part_id, StockTarget.place_id, StockTarget.quantity).where(StockTarget.quantity > 0)
    rows = session.execute(_of(query, StockTarget.part_id, chosen))
    return {(part, place): quantity for part, place, quantity in rows}


def _owned(session: Session, root: UUID, restored: set[UUID], chosen: Select[Any] | None) -> Cells:
    """Return our own pieces: usable ones where they lie, those to be repaired too, those under way at the root."""
    query = (
        select(
            StockBalance.part_id,
            StockBalance.place_id,
            Place.tier,
            StockBalance.condition,
            StockBalance.hold,
            type_coerce(func.sum(StockBalance.quantity), Quantity),
        )
        .join(Place, Place.id == StockBalance.place_id)
        .where(StockBalance.owner == OWN, StockBalance.quantity > 0, Place.tier.in_((*SITE_TIERS, *_UNDER_WAY)))
        .group_by(StockBalance.part_id, StockBalance.place_id, Place.tier, StockBalance.condition, StockBalance.hold)
    )
    found: defaultdict[tuple[UUID, UUID], float] = defaultdict(float)
    for part, place, tier, condition, hold, quantity in session.execute(_of(query, StockBalance.part_id, chosen)):
        if condition not in USABLE and not (condition in FAILED and part in restored):
            continue
        if tier in _UNDER_WAY:
            found[part, root] += float(quantity)
        elif hold == Hold.NONE:
            found[part, place] += float(quantity)
    return found
