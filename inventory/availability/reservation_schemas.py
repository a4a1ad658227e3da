"""Reservations and pre-emptions as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from inventory.availability.rules import Rule
from inventory.availability.schemas import SourceOut
from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.fields import Code, Instant, QuantityAboveZero
from inventory.kernel.priority import Priority
from inventory.ledger.models import ReservationKind, ReservationState, Stage
from inventory.traceability.condition import Condition

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]

_KEY = "01900000-0000-7000-8000-0000000000aa"
_NEW: dict[str, Any] = {
    "part": "LAMP-1",
    "place": "VTE",
    "destination": "UTH",
    "quantity": "1",
    "kind": "hard",
    "demand": "J-3",
    "priority": "CRITICAL",
    "expires_at": "2026-03-04T00:00:00Z",
}


class NewReservation(BaseModel):
    """A quantity to keep on a shelf for a demand, the number of a job or order, until an instant.

    What is taken must not have expired on the day of `needed_at`, that of `expires_at` where it is not said. `lot`
    names the serial number or lot to take, `condition` the condition; `contract` is that which the stock is fenced for.
    With `aircraft` only what its acceptance rules let be issued is taken.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_NEW]})

    part: Code
    place: Code
    destination: Code
    quantity: QuantityAboveZero
    kind: ReservationKind = ReservationKind.HARD
    demand: Code
    priority: Priority
    contract: Code | None = None
    lot: Code | None = None
    condition: Condition | None = None
    aircraft: ForAircraft | None = None
    needed_at: Instant | None = None
    expires_at: Instant


class Extension(BaseModel):
    """Until when a reservation shall last."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"expires_at": "2026-03-06T00:00:00Z"}]}
    )

    expires_at: Instant


class NextStage(BaseModel):
    """How far the stock is now."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"stage": "picked"}]})

    stage: Stage


class ReleaseWhy(BaseModel):
    """Why a reservation is given back."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "The job was called off"}]}
    )

    reason: Reason | None = None


_KEPT: dict[str, Any] = {
    **_NEW,
    "id": _KEY,
    "version": 1,
    "contract": None,
    "aircraft": None,
    "lot": None,
    "state": "held",
    "stage": "reserved",
    "reserved_by": "noi",
    "reserved_at": "2026-03-02T08:00:00Z",
    "ended_by": None,
    "ended_at": None,
    "reason": None,
    "consent": None,
}


class ReservationOut(BaseModel):
    """A reservation. `quantity` is what is still to be taken of it; `reason` and `consent` tell why it ended so."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEPT]})

    id: UUID
    version: int
    part: str
    place: str
    destination: str
    lot: str | None
    quantity: Decimal
    kind: ReservationKind
    state: ReservationState
    stage: Stage
    demand: str
    priority: Priority
    contract: str | None
    aircraft: ForAircraft | None
    reserved_by: str
    reserved_at: datetime
    expires_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    reason: str | None
    consent: str | None


class Victim(BaseModel):
    """A reservation that a more urgent demand could take over, and what that would cost its own.

    `forbidden_by` are the rules that forbid it; those in `needs_consent` are lifted by a recorded consent, the others
    by nothing. `arrives` and `freight` are those of the stock that is kept now, `next` is the soonest other source;
    `delay_h` and `extra_freight` compare both, and are null where there is no other source. `not_acceptable` tells
    which acceptance rule the stock does not meet, for the aircraft where one is named; it cannot be taken for it then.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reservation": _KEPT,
                    "forbidden_by": [],
                    "needs_consent": [],
                    "arrives": "2026-03-02T12:00:00Z",
                    "freight": "6.80",
                    "next": None,
                    "delay_h": None,
                    "extra_freight": None,
                    "not_acceptable": None,
                }
            ]
        }
    )

    reservation: ReservationOut
    forbidden_by: list[Rule]
    needs_consent: list[Rule]
    arrives: datetime | None
    freight: Decimal | None
    next: SourceOut | None
    delay_h: float | None
    extra_freight: Decimal | None
    not_acceptable: str | None


class Preview(BaseModel):
    """Whose reservations a demand could take over: those that no rule forbids first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"victims": []}]})

    victims: list[Victim]


_CLAIM: dict[str, Any] = {
    "reservation": _KEY,
    "version": 1,
    "destination": "UTH",
    "quantity": "1",
    "demand": "J-1",
    "priority": "AOG",
    "expires_at": "2026-03-04T00:00:00Z",
    "reason": "Aircraft on ground at UTH",
    "rebook": True,
}


class Preemption(BaseModel):
    """A reservation to take over, in the version that the preview showed, and the demand that takes it.

    `consent` is who agreed and how, where a rule needs that. With `rebook` the soonest other stock that needs nobody's
    grant is reserved for the other demand at once. What the acceptance rules refuse is not taken: those for all
    aircraft, and with `aircraft` those of its registry.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_CLAIM]})

    reservation: UUID
    version: Annotated[int, Field(ge=1, lt=10**18)]
    destination: Code
    quantity: QuantityAboveZero
    demand: Code
    priority: Priority
    contract: Code | None = None
    aircraft: ForAircraft | None = None
    expires_at: Instant
    reason: Reason
    consent: Reason | None = None
    rebook: bool = False


class Preempted(BaseModel):
    """What became of it: the reservation that was taken over, the new one, and those that were booked in its stead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "preempted": _KEPT,
                    "made": _KEPT,
                    "rebooked": [],
                }
            ]
        }
    )

    preempted: ReservationOut
    made: ReservationOut
    rebooked: list[ReservationOut]
