"""Keeps a target plan: its head, its lines, what was left out or assumed, and how demand was forecast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.kernel.numbering import next_number
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.planning.stock_plans.models import (
    NETWORK,
    TargetPlan,
    TargetPlanForecast,
    TargetPlanLine,
    TargetPlanNote,
)
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.telling import Solution, document_of, line_rows

_ROWS_AT_ONCE = 5_000


def keep(
    session: Session,
    actor: Actor,
    key: UUID,
    request: TargetRequest,
    currency: str,
    solution: Solution,
    now: datetime,
) -> None:
    """Keep a plan as proposed, and tell its region of it."""
    wanted = request.wanted
    number = f"T-{next_number(session, 'target_plan'):06d}"
    session.add(
        TargetPlan(
            id=key,
            number=number,
            region=wanted.region or NETWORK,
            currency=currency,
            input_hash=solution.input_hash,
            made_with=request.program,
            document=document_of(solution, wanted, currency).model_dump(mode="json"),
            made_by=actor.id,
            made_at=now,
            changed_at=now,
        )
    )
    session.flush()
    for rows in _portions(line_rows(solution)):
        session.execute(insert(TargetPlanLine), [row | {"plan_id": key} for row in rows])
    notes = (
        {
            "plan_id": key,
            "reason": note.why,
            "part_id": note.part,
            "place_id": note.place,
            "lines": note.lines,
            "days": note.days,
            "worth": note.money,
            "other_id": note.other,
        }
        for note in solution.stated.notes
    )
    for rows in _portions(notes):
        session.execute(insert(TargetPlanNote), rows)
    told = (asdict(one) | {"plan_id": key, "replaces": list(one.replaces)} for one in solution.stated.forecasts)
    for rows in _portions(told):
        session.execute(insert(TargetPlanForecast), rows)
    emit(session, "target.planned", {"plan": number}, now, audience=wanted.region or NETWORK_ONLY)


def _portions(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        yield some
