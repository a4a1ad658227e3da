"""The day's replenishment as people know it: pieces by lot, owner and hold, jobs and targets, lanes with cut-offs.

Parts, places, lanes, limits, supplies and needs are referred to by index. Times are whole seconds from the plan's
start, money is in one currency. Lines that make no sense are no error: they are named in the plan and the rest is
planned, see `faults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.replenishment.check import Violation
    from optimizer.run import Reason, Status


class Tier(IntEnum):
    """How far from the centre a place is."""

    CENTRAL = 0
    REGION = 1
    CENTRE = 2
    OUTLET = 3


class Mode(StrEnum):
    """How a lane carries."""

    ROAD = "road"
    SEA = "sea"
    CARGO = "cargo"
    PASSENGER = "passenger"
    HAND = "hand"


EVERY_MODE = frozenset(Mode) - {Mode.HAND}
"""Of a part that is no dangerous good; by hand only where it is allowed in so many words."""

UNKNOWN_GOODS = frozenset({Mode.ROAD, Mode.SEA})
"""Of a part whose dangerous goods data are missing: never by air."""


class Urgency(IntEnum):
    """What a need is for, the most urgent first."""

    AOG = 0
    CRITICAL = 1
    ROUTINE = 2
    REFILL = 3
    EXCESS = 4


class From(StrEnum):
    """Where pieces of a supply come from; those bought or repaired are proposals, made only if something needs them."""

    STOCK = "stock"
    DUE = "due"
    PURCHASE = "purchase"
    REPAIR = "repair"


class Unit(StrEnum):
    """What a limit counts."""

    KG = "kg"
    PIECES = "pieces"
    MONEY = "money"


class Kind(StrEnum):
    """What a move does in the network."""

    STAY = "stay"
    REPLENISH = "replenish"
    FORWARD = "forward"
    EXPEDITE = "expedite"
    LATERAL = "lateral"
    OFFER = "offer"
    RETURN = "return"
    DISPOSE = "dispose"


@dataclass(frozen=True, slots=True)
class Part:
    """A part number, its weight, and the modes that its dangerous goods data allow."""

    number: str
    kg: float
    modes: frozenset[Mode] = EVERY_MODE


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its region, which is asked before anything leaves it for another."""

    code: str
    region: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that lanes and proposals share: weight of a truck, pieces handled, money for expedites."""

    name: str
    unit: Unit
    capacity: float


@dataclass(frozen=True, slots=True)
class Lane:
    """A way between two places: its legs (pick and pack, clearance, transport …) with their seconds, and its cost.

    Pieces go at the first of `cut_offs_s` that they are ready for; without any they go at once. `fixed_cost` is due
    once if anything goes. `closed` names a control hold or an embargo, which nothing overrides.
    """

    origin: int
    destination: int
    mode: Mode
    legs: Mapping[str, int]
    cost_per_piece: float = 0.0
    cost_per_kg: float = 0.0
    cut_offs_s: tuple[int, ...] = ()
    fixed_cost: float = 0.0
    capacity_kg: float | None = None
    limits: tuple[int, ...] = ()
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Pieces of one lot or serial at a place, due there, or that could be bought or repaired for `unit_cost` each.

    `hold` names what keeps them where they are (quarantine, customs, a control hold); an owner lends to those needs
    only that name him. None of both: ours and free.
    """

    part: int
    place: int
    each: int
    source: From = From.STOCK
    available_s: int = 0
    lot: str | None = None
    serviceable: bool = True
    owner: str | None = None
    hold: str | None = None
    expires_s: int | None = None
    unit_cost: float = 0.0
    limits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """Pieces wanted at a place: of a job, or (`job` None) of a target, one need for pieces of the same worth.

    A piece not there costs its `penalty`, one that comes after `due_s` its `late_cost_per_h`, and after `latest_s` it
    is useless. For targets the penalty is the marginal value of the piece: a place that lends below its target pays it.
    All needs of a job are served or none, unless they are `partial`. Excess (urgency) is what getting rid of a piece
    is worth.
    """

    part: int
    place: int
    each: int
    penalty: float
    urgency: Urgency = Urgency.REFILL
    job: str | None = None
    due_s: int = 0
    latest_s: int = 10**9
    late_cost_per_h: float = 0.0
    partial: bool = False
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """Pieces of a supply for a need, over lanes (none: they stay), and what they cost in all.

    `grant` is the region that has to grant it, `credit` what its lender is credited a piece.
    """

    supply: int
    need: int
    each: int
    lanes: tuple[int, ...]
    departs_s: int
    arrives_s: int
    kind: Kind
    freight: float
    price: float
    lateness: float
    released: bool = False
    grant: str | None = None
    credit: float = 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """The day. `routes` are chains of lanes, each way that pieces may take; `released` moves stand as they are.

    A move of `planned` that is not made again costs `churn_cost` a piece.
    """

    parts: tuple[Part, ...]
    places: tuple[Place, ...]
    lanes: tuple[Lane, ...]
    routes: tuple[tuple[int, ...], ...]
    limits: tuple[Limit, ...]
    supplies: tuple[Supply, ...]
    needs: tuple[Need, ...]
    released: tuple[Move, ...] = ()
    planned: tuple[Move, ...] = ()
    churn_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """Pieces to buy or to repair, for `worth` in penalties that they avoid: the priority among proposals."""

    supply: int
    each: int
    cost: float
    worth: float


@dataclass(frozen=True, slots=True)
class Unmet:
    """Pieces that a need does not get, why, and the cheapest way out (None: there is none)."""

    need: int
    each: int
    reasons: tuple[Reason, ...]
    way_out: Reason | None = None


@dataclass(frozen=True)
class Plan:
    """Every piece of a supply is in `moves` or `left` (by supply), every piece of a need in `moves` or `unmet`.

    `cost_by_term` has freight, lanes, price, lateness, churn and unmet; `objective` is their sum without what released
    moves cost. `faults` name the lines that were left out.
    """

    status: Status
    objective: float
    bound: float
    avoidable_gap: float
    seconds: float
    moves: tuple[Move, ...]
    proposals: tuple[Proposal, ...]
    left: Mapping[int, int]
    unmet: tuple[Unmet, ...]
    cost_by_term: Mapping[str, float]
    faults: tuple[Violation, ...] = field(default=())


def kind_of(origin: Place, destination: Place) -> Kind:
    """Return what a move between two different places does."""
    if origin.region != destination.region and Tier.CENTRAL not in (origin.tier, destination.tier):
        return Kind.OFFER
    if origin.tier > destination.tier:
        return Kind.RETURN
    if origin.tier == destination.tier:
        return Kind.LATERAL
    if origin.tier is Tier.CENTRAL:
        return Kind.REPLENISH if destination.tier is Tier.REGION else Kind.EXPEDITE
    return Kind.FORWARD
