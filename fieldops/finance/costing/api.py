"""Routes of the cost model; nothing is kept."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.finance.costing import schemas
from fieldops.finance.costing.schemas import ComparedOut, EstimateOut, NewComparison, NewEstimate
from inventory.kernel.routes import Elsewhere, Route, needs

router = APIRouter(prefix="/cost-estimates", tags=["costs"], route_class=Route)


@router.post("", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def estimate(asked: NewEstimate) -> EstimateOut:
    """Cost a dispatch, a shipment, a purchase, a repair, an exchange, a loan, training or a penalty, item by item."""
    return schemas.estimate(asked)


@router.post("/comparison", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def comparison(asked: NewComparison) -> list[ComparedOut]:
    """Cost what was planned and what happened by the same function, and put both side by side."""
    return schemas.comparison(asked)
