"""What work, travel and parts of a job cost: the same functions price the estimate and what was booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.schemas import Journey
from fieldops.finance.categories import Category
from fieldops.finance.costing.labour import DispatchCost, Interval, LabourTerms, dispatch_items
from fieldops.finance.rates.rules import rounded
from fieldops.workforce.models import CostRate, Technician
from inventory.catalogue.models import Part
from inventory.kernel.errors import Conflict
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.costs import ASSET_CLASSES, unit_costs
from inventory.ledger.models import NO_LOT

Costs = dict[tuple[Category, str], Decimal]
"""{category and currency: amount}."""
NEAR = timedelta(days=1)
"""Work that is no further away may be of the same local day, and so make overtime of other work."""
_FOUR = Decimal("0.0001")


def item_name(category: Category, currency: str) -> str:
    """Return how an item of a job's cost is called, in its commitment and in what consumes it."""
    return f"{category.value}/{currency}"


def labour_terms(session: Session, people: Collection[UUID], on: date) -> dict[UUID, LabourTerms]:
    """Return {technician: what an hour costs on a day}: by the dated rate, else by the technician's own."""
    found: dict[UUID, LabourTerms] = {}
    with unscoped(session):  # whoever sits on a job that the actor sees
        for some in portions(sorted(people)):
            own = select(Technician.id, Technician.currency, Technician.cost_per_h, Technician.code)
            for key, currency, per_h, code in session.execute(own.where(Technician.id.in_(some))):
                found[key] = LabourTerms(currency=currency, rate_per_h=per_h, source=code)
            rates = select(CostRate).where(CostRate.technician_id.in_(some), CostRate.valid_from <= on)
            for rate in session.scalars(rates.order_by(CostRate.valid_from)):
                found[rate.technician_id] = LabourTerms(
                    currency=rate.currency,
                    rate_per_h=rate.per_h,
                    overtime_factor=rate.overtime.quantize(_FOUR),
                    rest_day_factor=rate.rest_day.quantize(_FOUR),
                    holiday_factor=rate.holiday.quantize(_FOUR),
                    source=_("rate from {day}").format(day=rate.valid_from),
                )
    return found


def work_cost(terms: LabourTerms, zone: str, work: Sequence[Interval], before: Sequence[Interval] = ()) -> Costs:
    """Return what intervals of work add to the cost of those before; raises Conflict where two overlap."""
    whole = _sums(terms, zone, [*before, *work])
    without = _sums(terms, zone, before)
    return {key: amount - without.get(key, Decimal(0)) for key, amount in whole.items()}


def _sums(terms: LabourTerms, zone: str, work: Sequence[Interval]) -> Costs:
    try:
        asked = DispatchCost(kind="dispatch", terms=terms, time_zone=zone, work=tuple(work))
    except ValidationError as wrong:
        raise Conflict(
            _("The work overlaps work that is booked already; correct its start or end"), code="work_overlaps"
        ) from wrong
    return _added((one.category, one.currency, one.amount) for one in dispatch_items(asked))


def journey_cost(terms: LabourTerms, zone: str, journey: Journey) -> Costs:
    """Return what a way to or from a job costs."""
    asked = DispatchCost(
        kind="dispatch",
        terms=terms,
        time_zone=zone,
        travel=(Interval(start=journey.start, end=journey.end),),
        km=journey.km,
        fares=journey.fares,
        nights=journey.nights,
        allowance_days=journey.allowance_days,
    )
    return _added((one.category, one.currency, one.amount) for one in dispatch_items(asked))


def parts_cost(session: Session, taken: Mapping[UUID, Decimal]) -> Costs:
    """Return what parts cost at their moving average, {part: quantity}.

    Rotables, repairables and tools are assets: an issue moves them and is no expense.
    """
    currency = fact(session, CURRENCY)
    if currency is None or not taken:
        return {}
    expended = set(
        session.scalars(
            select(Part.id).where(Part.id.in_(sorted(taken)), Part.part_class.not_in(sorted(ASSET_CLASSES)))
        )
    )
    costs = unit_costs(session, [(part, NO_LOT) for part in expended])
    amount = sum((costs[part, NO_LOT] * taken[part] for part in expended), Decimal(0))
    amount = rounded(amount, currency)
    return {(Category.PARTS, currency): amount} if amount else {}


def _added(told: Iterable[tuple[Category, str, Decimal]]) -> Costs:
    found: defaultdict[tuple[Category, str], Decimal] = defaultdict(Decimal)
    for category, currency, amount in told:
        found[category, currency] += amount
    return {key: amount for key, amount in found.items() if amount}


def together(costs: Iterable[Costs]) -> Costs:
    """Return the sums of costs."""
    return _added((*key, amount) for one in costs for key, amount in one.items())


def span_of(starts_at: datetime, ends_at: datetime) -> Interval:
    """Return an interval of work."""
    return Interval(start=starts_at, end=ends_at)
