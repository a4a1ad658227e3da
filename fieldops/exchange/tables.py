"""The tables that can be taken in and out by files, in the order in which one builds upon the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from fieldops.customers.models import Operator
from fieldops.customers.queries import operator_page
from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.exchange.kinds import Kind, Update, by_code, regional, shared, undated
from fieldops.exchange.people_tables import PEOPLE
from fieldops.exchange.planning_tables import BENCHES, RELIABILITY, UTILISATION, WEIGHTS
from fieldops.exchange.queries import all_documents, all_sources, all_stock, every, open_entries
from fieldops.exchange.schemas import OpeningStock, Paper, PlaceSources
from fieldops.exchange.work_tables import WORK
from fieldops.finance.budgets.models import BudgetLine, CostCentre
from fieldops.finance.budgets.queries import FIRST_LINE, budget_lines, cost_centre_page, line_key
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre
from fieldops.finance.budgets.service import add_cost_centres, open_lines
from fieldops.finance.budgets.versions import lines_of_newest, propose_draft
from fieldops.finance.rates.models import ExchangeRate
from fieldops.finance.rates.queries import FIRST_RATE, rate_page
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from inventory.catalogue.consistency import completed, require_consistent
from inventory.catalogue.link_queries import component_page, interchange_page
from inventory.catalogue.link_schemas import NewComponent, NewInterchange
from inventory.catalogue.link_service import add_components, add_interchanges
from inventory.catalogue.models import Interchange, Part, PartComponent
from inventory.catalogue.queries import part_page, parts_by_number
from inventory.catalogue.schemas import NewPart, PartChange
from inventory.catalogue.service import add_parts, change_parts
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Invalid
from inventory.kernel.routes import Access, Elsewhere
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import StockMove
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.calendar_queries import calendar_page
from inventory.network.calendar_schemas import NewCalendar
from inventory.network.changes import change_places
from inventory.network.models import Calendar, Lane, Place, Region, Tier
from inventory.network.queries import lane_page, place_by_code, place_page, places_told, region_page
from inventory.network.schemas import NewLane, NewPlace, NewRegion, PlaceChange
from inventory.network.service import add_calendars, add_lanes, add_places, add_regions, first_of, set_sources
from inventory.planning.queries import target_page
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from inventory.traceability.models import (
    AcceptanceRule,
    Lot,
    LotLink,
    LotReading,
    OperatorPeriod,
    ReleaseDocument,
    WatchEntry,
)
from inventory.traceability.paper_queries import (
    limit_page,
    link_page,
    period_page,
    reading_page,
    rule_page,
    rules_by_code,
)
from inventory.traceability.paper_schemas import NewLink, NewPeriod, NewReading
from inventory.traceability.paper_service import add_documents, add_links, add_periods, add_readings
from inventory.traceability.queries import lot_page
from inventory.traceability.rule_schemas import NewEntry, NewLimit, NewRule, RuleTerms
from inventory.traceability.rule_service import add_rules, change_rules, set_limits
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from inventory.traceability.watch import open_entry
from inventory.valuation.cost_queries import policy_page
from inventory.valuation.schemas import Policy
from inventory.valuation.service import set_policies

OPENING = "OPENING"
"""The document that opening stock is posted under."""


def _set_sources(session: Session, actor: Actor, rows: Sequence[PlaceSources], _now: datetime) -> None:
    for row in rows:
        set_sources(session, actor, row.place, row.sources, place_by_code(session, row.place).version)


def _post_opening(session: Session, actor: Actor, rows: Sequence[OpeningStock], now: datetime) -> None:
    origin = first_of(session, Tier.ADJUSTMENT)
    if origin is None:
        raise Invalid(
            _("Opening stock comes from a place of tier “adjustment”, and there is none; add one"), code="no_adjustment"
        )
    moves = [
        NewMove(
            **row.model_dump(exclude={"place", "hold"}),
            to_hold=row.hold,
            origin=origin.code,
            destination=row.place,
            document=OPENING,
        )
        for row in rows
    ]
    post(session, actor, moves, now)


def _open_entries(session: Session, actor: Actor, rows: Sequence[NewEntry], now: datetime) -> None:
    for row in rows:
        open_entry(session, actor, row, now)


def _by_id(one: Any) -> UUID:
    return cast(UUID, one.id)


_OF_NUMBERS = regional("stock.read", "stock.inspect")
_NIL = UUID(int=0)
_One, _Other = aliased(Part), aliased(Part)
_From, _To = aliased(Place), aliased(Place)
_LANES = (
    select(_From.code, _To.code, Lane.mode)
    .select_from(Lane)
    .join(_From, _From.id == Lane.origin_id)
    .join(_To, _To.id == Lane.destination_id)
)
_INTERCHANGES = (
    select(_One.part_number, _Other.part_number, Interchange.kind, Interchange.source)
    .select_from(Interchange)
    .join(_One, _One.id == Interchange.part_id)
    .join(_Other, _Other.id == Interchange.alternative_id)
)
_COMPONENTS = (
    select(_One.part_number, _Other.part_number, PartComponent.position)
    .select_from(PartComponent)
    .join(_One, _One.id == PartComponent.assembly_id)
    .join(_Other, _Other.id == PartComponent.component_id)
)
_LOTS = select(Part.part_number, Lot.number).select_from(Lot).join(Part, Part.id == Lot.part_id)
_DOCUMENTS = select(ReleaseDocument.form, ReleaseDocument.tracking_number, ReleaseDocument.approval)
_READINGS = (
    select(Part.part_number, Lot.number, LotReading.driver, LotReading.read_at)
    .select_from(LotReading)
    .join(Lot, Lot.id == LotReading.lot_id)
    .join(Part, Part.id == Lot.part_id)
)
_PERIODS = (
    select(Part.part_number, Lot.number, OperatorPeriod.starts_on)
    .select_from(OperatorPeriod)
    .join(Lot, Lot.id == OperatorPeriod.lot_id)
    .join(Part, Part.id == Lot.part_id)
)
_lot, _other_lot = aliased(Lot), aliased(Lot)
_LINKS = (
    select(_One.part_number, _lot.number, LotLink.kind, _Other.part_number, _other_lot.number, LotLink.linked_at)
    .select_from(LotLink)
    .join(_lot, _lot.id == LotLink.lot_id)
    .join(_One, _One.id == _lot.part_id)
    .join(_other_lot, _other_lot.id == LotLink.other_id)
    .join(_Other, _Other.id == _other_lot.part_id)
)
_WATCHED = (
    select(WatchEntry.kind, WatchEntry.value, Part.part_number)
    .select_from(WatchEntry)
    .outerjoin(Part, Part.id == WatchEntry.part_id)
    .where(WatchEntry.closed_at.is_(None))
)
_BUDGETS = (
    select(
        Region.code,
        BudgetLine.area,
        BudgetLine.cost_centre,
        BudgetLine.category,
        BudgetLine.programme,
        BudgetLine.person,
        BudgetLine.period_start,
        BudgetLine.period_end,
    )
    .select_from(BudgetLine)
    .join(Region, Region.id == BudgetLine.region_id)
)
_taken_back = aliased(StockMove)
_OPENED = (
    select(
        Place.code,
        Part.part_number,
        StockMove.to_condition,
        StockMove.to_hold,
        StockMove.to_owner,
        Lot.number,
    )
    .select_from(StockMove)
    .join(Place, Place.id == StockMove.to_place_id)
    .join(Part, Part.id == StockMove.part_id)
    .outerjoin(Lot, Lot.id == StockMove.lot_id)
    .where(
        StockMove.document == OPENING,
        StockMove.reverses.is_(None),
        ~exists().where(_taken_back.reverses == StockMove.move_id),
    )
)

_ALL = (
    Kind(
        "regions",
        NewRegion,
        ("code",),
        undated(add_regions),
        every(region_page, "", by_code),
        *shared("network"),
        standing=select(Region.code),
    ),
    Kind(
        "calendars",
        NewCalendar,
        ("code",),
        undated(add_calendars),
        every(calendar_page, "", by_code),
        *shared("network"),
        standing=select(Calendar.code),
    ),
    Kind(
        "places",
        NewPlace,
        ("code",),
        undated(add_places),
        every(place_page, "", by_code),
        *shared("network"),
        refers={"region": Region.code, "parent": Place.code, "calendar": Calendar.code},
        standing=select(Place.code),
        update=Update(places_told, PlaceChange, change_places),
        portion=100_000,  # a place may stand before its parent, but not in an earlier portion
    ),
    Kind(
        "lanes",
        NewLane,
        ("origin", "destination", "mode"),
        undated(add_lanes),
        every(lane_page, ("", "", ""), lambda one: (one.origin, one.destination, one.mode)),
        *shared("network"),
        refers={"origin": Place.code, "destination": Place.code, "legs.calendar": Calendar.code},
        standing=_LANES,
    ),
    Kind(
        "sources",
        PlaceSources,
        ("place",),
        _set_sources,
        all_sources,
        *shared("network"),
        refers={"place": Place.code, "sources": Place.code},
    ),
    Kind(
        "parts",
        NewPart,
        ("part_number",),
        undated(add_parts),
        every(part_page, "", lambda one: one.part_number),
        *shared("catalogue"),
        standing=select(Part.part_number),
        check=lambda part: require_consistent(completed(part)),
        update=Update(parts_by_number, PartChange, change_parts, completed),
    ),
    Kind(
        "interchangeability",
        NewInterchange,
        ("part", "alternative", "kind", "source"),
        undated(add_interchanges),
        every(interchange_page, _NIL, _by_id),
        *shared("catalogue"),
        refers={"part": Part.part_number, "alternative": Part.part_number},
        standing=_INTERCHANGES,
    ),
    Kind(
        "assemblies",
        NewComponent,
        ("assembly", "component", "position"),
        undated(add_components),
        every(component_page, _NIL, _by_id),
        *shared("catalogue"),
        refers={"assembly": Part.part_number, "component": Part.part_number},
        standing=_COMPONENTS,
    ),
    RELIABILITY,
    BENCHES,
    WEIGHTS,
    Kind(
        "life-limits",
        NewLimit,
        ("part", "driver"),
        undated(set_limits),
        every(limit_page, ("", ""), lambda one: (one.part, one.driver)),
        *shared("catalogue"),
        refers={"part": Part.part_number},
    ),
    Kind(
        "acceptance-rules",
        NewRule,
        ("code",),
        undated(add_rules),
        every(rule_page, "", by_code),
        Access("stock.read", Elsewhere.SHARED),
        Access("stock.inspect", Elsewhere.NETWORK),
        standing=select(AcceptanceRule.code),
        update=Update(rules_by_code, RuleTerms, change_rules),
    ),
    Kind(
        "lots",
        NewLot,
        ("part", "number"),
        undated(add_lots),
        every(lot_page, ("", ""), lambda one: (one.part, one.number)),
        Access("stock.read", Elsewhere.HIDDEN),
        Access("stock.move", Elsewhere.SHARED),
        refers={"part": Part.part_number},
        standing=_LOTS,
    ),
    Kind(
        "links",
        NewLink,
        ("part", "number", "kind", "other_part", "other_number", "linked_at"),
        add_links,
        every(link_page, _NIL, _by_id),
        *_OF_NUMBERS,
        refers={"part": Part.part_number, "other_part": Part.part_number},
        standing=_LINKS,
    ),
    Kind(
        "readings",
        NewReading,
        ("part", "number", "driver", "read_at"),
        add_readings,
        every(reading_page, _NIL, _by_id),
        *_OF_NUMBERS,
        refers={"part": Part.part_number},
        standing=_READINGS,
    ),
    Kind(
        "periods",
        NewPeriod,
        ("part", "number", "starts_on"),
        add_periods,
        every(period_page, _NIL, _by_id),
        *_OF_NUMBERS,
        refers={"part": Part.part_number},
        standing=_PERIODS,
    ),
    Kind(
        "documents",
        Paper,
        ("form", "tracking_number", "approval"),
        add_documents,
        all_documents,
        *_OF_NUMBERS,
        refers={"lots.part": Part.part_number},
        standing=_DOCUMENTS,
        portion=1_000,
    ),
    Kind(
        "watch-list",
        NewEntry,
        ("kind", "value", "part"),
        _open_entries,
        open_entries,
        Access("stock.read", Elsewhere.SHARED),
        Access("stock.inspect", Elsewhere.NETWORK),
        refers={"part": Part.part_number},
        standing=_WATCHED,
    ),
    Kind(
        "depreciation",
        Policy,
        ("part", "part_class"),
        undated(set_policies),
        every(policy_page, ("", ""), lambda one: (one.part or "", one.part_class or "")),
        Access("budget.read", Elsewhere.SHARED),
        Access("budget.write", Elsewhere.NETWORK),
        refers={"part": Part.part_number},
    ),
    Kind(
        "opening-stock",
        OpeningStock,
        ("place", "part", "condition", "hold", "owner", "lot"),
        _post_opening,
        all_stock,
        *regional("stock.read", "stock.move"),
        refers={"place": Place.code, "part": Part.part_number},
        standing=_OPENED,
    ),
    Kind(
        "stock-targets",
        NewTarget,
        ("part", "place"),
        undated(set_targets),
        every(target_page, ("", ""), lambda one: (one.part, one.place)),
        *regional("targets.read", "targets.write"),
        refers={"part": Part.part_number, "place": Place.code},
    ),
    Kind(
        "operators",
        NewOperator,
        ("code",),
        undated(add_operators),
        every(operator_page, "", by_code),
        *regional("customers.read", "customers.write"),
        standing=select(Operator.code),
    ),
    *PEOPLE,
    UTILISATION,
    *WORK,
    Kind(
        "exchange-rates",
        NewRate,
        ("currency", "valid_from"),
        undated(add_rates),
        every(rate_page, FIRST_RATE, lambda one: (one.currency, one.valid_from)),
        Access("budget.read", Elsewhere.SHARED),
        Access("budget.write", Elsewhere.NETWORK),
        standing=select(ExchangeRate.currency, ExchangeRate.valid_from),
    ),
    Kind(
        "cost-centres",
        NewCostCentre,
        ("code",),
        undated(add_cost_centres),
        every(cost_centre_page, "", by_code),
        *regional("budget.read", "budget.write"),
        refers={"region": Region.code},
        standing=select(CostCentre.code),
    ),
    Kind(
        "budgets",
        NewBudgetLine,
        ("region", "area", "cost_centre", "category", "programme", "person", "period_start", "period_end"),
        open_lines,
        every(budget_lines, FIRST_LINE, line_key),
        *regional("budget.read", "budget.write"),
        refers={"region": Region.code, "cost_centre": CostCentre.code},
        standing=_BUDGETS,
    ),
    Kind(
        "budget-drafts",
        NewBudgetLine,
        ("region", "area", "cost_centre", "category", "programme", "person", "period_start", "period_end"),
        propose_draft,
        lines_of_newest,
        Access("budget.read", Elsewhere.HIDDEN),
        Access("budget.write", Elsewhere.NETWORK),
        refers={"region": Region.code, "cost_centre": CostCentre.code},
        portion=100_000,  # one file is one version
    ),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""By name, in the order of import."""


def kind_named(name: str) -> Kind:
    """Return a kind; raises Invalid for an unknown name."""
    kind = KINDS.get(name)
    if kind is None:
        raise Invalid(
            _("{kind} is not a kind of table; there are {kinds}").format(kind=name, kinds=", ".join(KINDS)),
            code="unknown_table",
            field="kind",
        )
    return kind
