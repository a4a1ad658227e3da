"""Questions to the desk as they come in, and its answers as they go out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fieldops.finance.control.schemas import VerdictOut
from fieldops.planning.desk.rules import OPTIONS_MAX, OTHERS_MAX, WINDOWS_MAX
from fieldops.planning.schemas import CostOut, ReasonOut, TravelOut
from fieldops.workforce.kinds import Seat
from inventory.kernel.fields import Code, Instant
from inventory.kernel.texts import gettext as _

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]

_AT: dict[str, Any] = {"start": "2026-03-03T01:00:00Z", "end": "2026-03-03T02:30:00Z"}
SEAT_EXAMPLE: dict[str, Any] = {"job": "J-104", "seat": "mechanic", "technician": "T-9", "name": "Nguyễn An", **_AT}
COST_EXAMPLE: dict[str, Any] = {"currency": "USD", "total": "102.50", "by_term": {"labour": "88.00", "travel": "14.50"}}
COST_EXAMPLE |= {"real": "102.50", "weights": "0"}
TRAVEL_EXAMPLE: dict[str, Any] = {
    "source": "great_circle",
    "road_pairs": 12,
    "measured": 0,
    "no_road": 0,
    "fault": None,
    "flights": 0,
    "text": "Ways by road are estimated by great circle.",
}
_OPTION: dict[str, Any] = {
    "option": 1,
    "seats": [{**SEAT_EXAMPLE, "travel_min": 40}],
    "displaced": [
        {
            "job": "J-98",
            "technicians_before": ["T-9"],
            "start_before": "2026-03-03T01:30:00Z",
            "technicians": ["T-2"],
            "start": "2026-03-04T01:00:00Z",
        }
    ],
    "moved": [],
    "cost": COST_EXAMPLE,
    "budget": [],
}


class RecommendationQuestion(BaseModel):
    """Where does a job go, alone or with `others`: up to `most` ways, with at most `displaced_max` jobs displaced.

    A job is displaced that gets other people, is left out, or begins otherwise by more than a quarter of an hour.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"most": 3, "displaced_max": 1}]}
    )

    others: Annotated[tuple[Code, ...], Field(max_length=OTHERS_MAX)] = ()
    most: Annotated[int, Field(ge=1, le=OPTIONS_MAX)] = 5
    displaced_max: Annotated[int, Field(ge=0, le=2)] = 0


class SeatPlace(BaseModel):
    """Who takes a seat of a job, from when to when, and how long the way there is."""

    job: str
    seat: Seat
    technician: str
    name: str
    start: datetime
    end: datetime
    travel_min: int


class MovedJob(BaseModel):
    """A job of the plan that goes elsewhere, or to another time; without a start it is left out.

    One that is put back, as it was left out, has no `start_before`. Of a job of a region that is not the reader's
    nothing is told but that, without either.
    """

    job: str
    technicians_before: list[str]
    start_before: datetime | None
    technicians: list[str]
    start: datetime | None


class BudgetEffect(BaseModel):
    """What the budget control says of what a job would reserve; `refusal` where it cannot say: it has no line, say."""

    job: str
    verdict: VerdictOut | None
    refusal: str | None = None


WEIGHTS = ("unserved", "plan_change")
"""The terms that nobody pays: they say how bad it is to leave a job out, and to change what people were told."""


class PriceOut(CostOut):
    """What something costs more by term (negative: less): `total`, by which it is ranked, is `real` and `weights`.

    `real` is what it costs: work, travel, freight, and the delay of customers. `weights` are the terms `unserved` (a
    job is left out) and `plan_change` (what people were told is changed): nobody pays these.
    """

    real: Decimal = Decimal(0)
    weights: Decimal = Decimal(0)

    @classmethod
    def of(cls, currency: str, terms: Mapping[str, Decimal]) -> Self:
        """Return the price of some terms."""
        total = sum(terms.values(), Decimal(0))
        weights = sum((terms.get(name, Decimal(0)) for name in WEIGHTS), Decimal(0))
        return cls(currency=currency, total=total, by_term=dict(terms), real=total - weights, weights=weights)


class OptionOut(BaseModel):
    """One way to do the jobs. `cost` is what the whole plan costs more by it (negative: less).

    `displaced` go to others, begin otherwise by more than a quarter of an hour or are left out; `moved` begin
    otherwise by less. `budget` has each job whose money
    changes, as it would be decided if the option were taken now; who may not read budgets is told none. Only who is of
    `other_regions` too may take it.
    """

    option: int
    seats: list[SeatPlace]
    displaced: list[MovedJob]
    moved: list[MovedJob]
    cost: PriceOut
    budget: list[BudgetEffect]
    other_regions: list[str] = []

    def undone(self, seats: list[SeatPlace]) -> OptionOut:
        """Return what becomes of it all when it is undone, the jobs in these seats then."""
        displaced, moved = (
            [
                MovedJob(
                    job=one.job,
                    technicians_before=one.technicians,
                    start_before=one.start,
                    technicians=one.technicians_before,
                    start=one.start_before,
                )
                for one in some
            ]
            for some in (self.displaced, self.moved)
        )
        cost = PriceOut.of(self.cost.currency, {term: -amount for term, amount in self.cost.by_term.items()})
        told = {"seats": seats, "displaced": displaced, "moved": moved, "cost": cost, "budget": []}
        return self.model_copy(update=told)

    def without(self, hidden: Collection[str], regions: list[str]) -> OptionOut:
        """Return the option as somebody may hear it who is not of the regions of some jobs."""
        nothing = MovedJob(
            job=_("a job of another region"), technicians_before=[], start_before=None, technicians=[], start=None
        )
        displaced, moved = (
            [nothing if one.job in hidden else one for one in some] for some in (self.displaced, self.moved)
        )
        return self.model_copy(update={"displaced": displaced, "moved": moved, "other_regions": regions})


class PartSource(BaseModel):
    """A quantity of a part that comes from a shelf."""

    part: str
    place: str
    quantity: Decimal
    arrives: datetime
    freight: Decimal
    currency: str


class PartOffer(BaseModel):
    """A region that could send a part with its grant: how many pieces, from `at_least` to `at_most` (null: no end)."""

    part: str
    needs_grant_of: str
    arrives: datetime
    at_least: int | None
    at_most: int | None


class PartSupply(BaseModel):
    """When a part that a job needs is there: null is never, as `short` pieces lack that need nobody's grant.

    `offers` are what would be there sooner, with whose grant. `counted_on` are the jobs for which the plan counts on
    pieces of it: these are left alone. What the plan has provided for already is not told again.
    """

    job: str
    part: str
    quantity: Decimal
    ready_at: datetime | None
    short: Decimal
    sources: list[PartSource]
    offers: list[PartOffer] = []
    counted_on: list[str] = []


class RefusedPerson(BaseModel):
    """Somebody who cannot take a seat of a job as the plan is, and why."""

    job: str
    seat: Seat
    technician: str
    name: str
    reasons: list[ReasonOut]


class RecommendationOut(BaseModel):
    """The best ways to do a job, cheapest first, on the plan in force. Until `expires_at` one of them can be taken.

    The running plan was taken up `age_s` seconds ago, and nothing that it depends on has changed since. `unfit` are
    jobs that do not fit any more where the plan puts them, because of what people were given since: they hold no place.
    `leaving` is what leaving the jobs out counts, a weight. `travel` tells where the travel times come from;
    `time_zone` is that of the job's place.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a31",
                    "job": "J-104",
                    "plan": "P-000001",
                    "age_s": 12.5,
                    "unfit": [],
                    "time_zone": "Asia/Vientiane",
                    "travel": TRAVEL_EXAMPLE,
                    "expires_at": "2026-03-02T08:05:00Z",
                    "parts": [],
                    "options": [_OPTION],
                    "leaving": "1000000.00",
                    "refused": [
                        {
                            "job": "J-104",
                            "seat": "mechanic",
                            "technician": "T-4",
                            "name": "Somchai Vong",
                            "reasons": [
                                {
                                    "code": "no_qualified_technician",
                                    "text": "does not hold B2",
                                    "misses_by": None,
                                    "values": {"qualifications": "B2", "of_one": 1},
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    )

    key: UUID
    job: str
    plan: str
    age_s: float
    unfit: list[str]
    time_zone: str
    travel: TravelOut
    expires_at: datetime
    parts: list[PartSupply]
    options: list[OptionOut]
    leaving: Decimal
    refused: list[RefusedPerson]


class NamedSeat(BaseModel):
    """Who is to take a seat."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seat: Seat
    technician: Code


class MoveQuestion(BaseModel):
    """What if these people did the job from then on?"""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"start": "2026-03-03T01:00:00Z", "crew": [{"seat": "mechanic", "technician": "T-9"}]},
            ]
        },
    )

    start: Instant
    crew: Annotated[tuple[NamedSeat, ...], Field(min_length=1, max_length=20)]


class NewMove(MoveQuestion):
    """These people are to do the job from then on. The reason is kept; where a rule only warns, there has to be one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "start": "2026-03-03T01:00:00Z",
                    "crew": [{"seat": "mechanic", "technician": "T-9"}],
                    "reason": "The customer asked for the morning",
                }
            ]
        }
    )

    reason: Why | None = None


class Because(BaseModel):
    """Why something is done to a job; it is kept."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "The customer asked for him"}]}
    )

    reason: Why | None = None


class BrokenRule(BaseModel):
    """A rule against a move; a soft one (`hard` false) only warns. `misses_by` in minutes, pieces or money."""

    code: str
    text: str
    hard: bool
    misses_by: float | None = None


class MoveVerdict(BaseModel):
    """Whether a move is `possible`: every rule that it breaks, what it would cost, and what else it moves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job": "J-104",
                    "plan": "P-000001",
                    "age_s": 12.5,
                    "unfit": [],
                    "time_zone": "Asia/Vientiane",
                    "travel": TRAVEL_EXAMPLE,
                    "possible": False,
                    "rules": [
                        {
                            "code": "window",
                            "text": "job J-104 begins outside its window, by 30 min",
                            "hard": True,
                            "misses_by": 30.0,
                        }
                    ],
                    "seats": [{**SEAT_EXAMPLE, "travel_min": 40}],
                    "moved": [],
                    "cost": COST_EXAMPLE,
                }
            ]
        }
    )

    job: str
    plan: str
    age_s: float
    unfit: list[str]
    time_zone: str
    travel: TravelOut
    possible: bool
    rules: list[BrokenRule]
    seats: list[SeatPlace]
    moved: list[MovedJob]
    cost: PriceOut


class Taking(BaseModel):
    """Which option of an answer is taken: a way to do the jobs, or an appointment."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"option": 1}]})

    option: Annotated[int, Field(ge=1, le=WINDOWS_MAX)] = 1


class TakenOut(BaseModel):
    """A change of the plan in force: seats are given, parts reserved, money held. `version` is the job's ETag then.

    Where a change is undone, `taken` tells what that does: its cost has the other sign, its seats are those of before.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a31",
                    "version": 3,
                    "plan": "P-000001",
                    "taken": _OPTION,
                    "reservations": [],
                }
            ]
        }
    )

    key: UUID
    version: int
    plan: str
    taken: OptionOut
    reservations: list[UUID]
