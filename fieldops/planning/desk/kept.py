"""Answers as they are kept to be taken, with all that is written then and all that they depend on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from fieldops.dispatch.service import AssignmentLine
from fieldops.finance.categories import Category
from fieldops.planning.desk.schemas import OptionOut, SeatPlace
from fieldops.planning.schemas import UnassignedOut
from fieldops.planning.versions.basis import KeptBill as BasisBill
from fieldops.workforce.kinds import Seat
from inventory.availability.reservation_schemas import NewReservation


class KeptBill(BaseModel):
    """What a job of a plan is to reserve of its region's budgets, in the plan's currency."""

    document: str
    region: str
    priority: str
    rank: int
    cost_avoided: Decimal
    amounts: dict[Category, Decimal]


class KeptMoney(BaseModel):
    """What a job is to hold of budget lines, by their keys, each in its currency."""

    document: str
    priority: str
    rank: int
    cost_avoided: Decimal
    amounts: dict[UUID, Decimal]


class KeptSeat(BaseModel):
    """Somebody in a seat of a job."""

    job: str
    technician: str
    seat: Seat
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, line: AssignmentLine) -> Self:
        """Return the seat of an assignment of a plan."""
        told = {name: getattr(line, name) for name in cls.model_fields}
        return cls(**told)

    @classmethod
    def told(cls, one: SeatPlace) -> Self:
        """Return the seat of somebody who was told to take it."""
        return cls(job=one.job, technician=one.technician, seat=one.seat, starts_at=one.start, ends_at=one.end)


class KeptTour(BaseModel):
    """What somebody had to do during a shift when an answer was made: the plan's rows, and work given by hand."""

    technician: str
    starts_at: datetime
    ends_at: datetime
    rows: list[UUID]
    work: list[tuple[str, datetime, datetime]]


class KeptStand(BaseModel):
    """What a plan told and stood on of some jobs: what they cost, and why nobody did them."""

    bills: list[BasisBill]
    unassigned: list[UnassignedOut]


class KeptOption(BaseModel):
    """An option with all that is written when it is taken: `lines` replace the plan's of their jobs, `gone` go.

    `leaves` are taken out of their seats before `seats` are given, `releases` are reservations that are given back.
    `money` is that of bills which are told by line. `regions` are those whose jobs change, `tours` those that change,
    as they were, also where somebody had nothing to do. `stand` is what the plan told of the jobs, where it is undone.
    """

    told: OptionOut
    lines: list[AssignmentLine]
    gone: list[str]
    bills: list[KeptBill] = []
    money: list[KeptMoney] = []
    reservations: list[NewReservation] = []
    releases: list[UUID] = []
    seats: list[KeptSeat]
    leaves: list[KeptSeat] = []
    regions: list[str] = []
    tours: list[KeptTour] = []
    stand: KeptStand | None = None


class KeptAnswer(BaseModel):
    """An answer as it is kept, with what it depends on: versions of jobs, and the plan's rows of them."""

    plan: str
    region: str
    currency: str
    plan_date: date
    asked: list[str]
    versions: dict[str, int]
    rows: dict[str, list[UUID]]
    options: list[KeptOption]
