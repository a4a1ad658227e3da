"""What a schema lets in fits the column it goes to: PostgreSQL refuses the rest, SQLite would keep it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import String

from fieldops.customers.models import Operator
from fieldops.customers.schemas import NewOperator
from fieldops.dispatch.models import Job
from fieldops.dispatch.schemas import NewJob
from fieldops.events.models import Webhook
from fieldops.events.schemas import NewWebhook
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.identity.models import ApiToken, User
from fieldops.identity.schemas import NewToken, NewUser
from fieldops.operations.schemas import NewSchedule
from fieldops.planning.models import DayPlan, PlanRegion
from fieldops.workforce.models import Qualification, Technician
from fieldops.workforce.schemas import NewQualification, NewTechnician
from inventory.availability.reservation_schemas import NewReservation
from inventory.catalogue.link_schemas import NewComponent, NewInterchange
from inventory.catalogue.models import Interchange, Part, PartComponent
from inventory.catalogue.schemas import NewPart
from inventory.inspection.models import Inspection
from inventory.inspection.schemas import NewInspection
from inventory.kernel.audit import AuditRow
from inventory.kernel.base import Base
from inventory.kernel.operations import Operation, Schedule
from inventory.kernel.outbox import OutboxEvent
from inventory.ledger.models import Reservation, StockIssue, StockMove
from inventory.ledger.schemas import NewMove
from inventory.network.models import Lane, Place, Region
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.offers.models import Grant
from inventory.offers.schemas import NewGrant
from inventory.planning.models import PlannedOrder
from inventory.stocktakes.models import CountLine, Stocktake
from inventory.stocktakes.schemas import Cancellation, Count, NewStocktake, Rejection
from inventory.traceability.models import (
    AcceptanceRule,
    LifeLimit,
    Lot,
    LotLink,
    LotReading,
    OperatorPeriod,
    ReleaseDocument,
    WatchEntry,
)
from inventory.traceability.paper_schemas import NewDocument, NewLink, NewPeriod, NewReading
from inventory.traceability.rule_schemas import NewEntry, NewLimit, NewRule
from inventory.traceability.schemas import NewLot
from inventory.valuation.models import AssetAddition
from inventory.valuation.schemas import NewAddition

PAIRS: list[tuple[type[BaseModel], type[Base]]] = [
    (NewRegion, Region),
    (NewPlace, Place),
    (NewLane, Lane),
    (NewPart, Part),
    (NewInterchange, Interchange),
    (NewComponent, PartComponent),
    (NewMove, StockMove),
    (NewMove, StockIssue),
    (NewLot, Lot),
    (NewReading, LotReading),
    (NewDocument, ReleaseDocument),
    (NewPeriod, OperatorPeriod),
    (NewLink, LotLink),
    (NewLimit, LifeLimit),
    (NewRule, AcceptanceRule),
    (NewEntry, WatchEntry),
    (NewInspection, Inspection),
    (NewReservation, Reservation),
    (NewTechnician, Technician),
    (NewQualification, Qualification),
    (NewJob, Job),
    (NewBudgetLine, BudgetLine),
    (NewSchedule, Schedule),
    (NewUser, User),
    (NewToken, ApiToken),
    (NewGrant, Grant),
    (NewOperator, Operator),
    (NewStocktake, Stocktake),
    (Rejection, Stocktake),
    (Cancellation, Stocktake),
    (Count, CountLine),
    (NewAddition, AssetAddition),
    (NewWebhook, Webhook),
]
COPIES = [
    (Region.code, PlanRegion.region),
    (Region.code, Operation.region),
    (Region.code, OutboxEvent.audience),
    (Region.code, AuditRow.audience),
    (Region.code, Grant.asking_region),
    (User.name, AuditRow.actor),
    (User.name, Operation.actor),
    (User.name, DayPlan.made_by),
    (User.name, PlanRegion.published_by),
    (User.name, Grant.asked_by),
    (Schedule.kind, Operation.kind),
    (Job.number, PlannedOrder.serves_job),
    (Lane.mode, PlannedOrder.mode),
    (Lot.number, CountLine.lot),
    (Stocktake.number, StockMove.document),
    (User.name, Stocktake.opened_by),
    (User.name, CountLine.counted_by),
    (User.name, AssetAddition.added_by),
    (User.name, Inspection.inspector),
    (User.name, WatchEntry.opened_by),
    (User.name, WatchEntry.closed_by),
]
FIXED_BY_PATTERN = {"currency", "manufacturer_code", "ata_chapter", "un_number", "country", "time_zone", "language"}
"""Bounded by what they may look like."""


def _max_length(schema: dict[str, Any]) -> int | None:
    variants = [one for one in schema.get("anyOf", [schema]) if one.get("type") == "string"]
    return max((one.get("maxLength", 10**9) for one in variants if "enum" not in one), default=None)


def _texts() -> Iterator[tuple[str, int, int]]:
    for schema, table in PAIRS:
        properties = schema.model_json_schema()["properties"]
        for name, column in table.__table__.columns.items():
            if type(column.type) is String and name in properties and name not in FIXED_BY_PATTERN:
                let_in = _max_length(properties[name])
                assert let_in is not None, (schema, name)
                assert column.type.length is not None
                yield f"{schema.__name__}.{name}", let_in, column.type.length


@pytest.mark.parametrize(("name", "let_in", "kept"), [pytest.param(*one, id=one[0]) for one in _texts()])
def test_a_text_that_is_let_in_fits(name: str, let_in: int, kept: int) -> None:
    assert let_in <= kept


@pytest.mark.parametrize(("original", "copy"), [pytest.param(*pair, id=str(pair[1])) for pair in COPIES])
def test_a_code_fits_wherever_it_is_copied(original: Any, copy: Any) -> None:
    assert original.type.length <= copy.type.length
