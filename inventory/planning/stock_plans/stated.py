"""What is asked of the optimizer for a plan of stock targets, with notes of what is left out or assumed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from inventory.planning.stock_plans.cells import Ints
from inventory.planning.stock_plans.forecasts import PartForecast
from inventory.planning.stock_plans.picture import Item, Site
from optimizer.stocking.indenture import Needs
from optimizer.stocking.model import Scenario
from optimizer.stocking.orders import Ordering


class Why(StrEnum):
    """Why lines are left out of a plan, or what it assumes of them."""

    TOOL = "tool"
    NO_PRICE = "no_price"
    DEMAND_UNKNOWN = "demand_unknown"
    CUT_OFF = "cut_off"
    POOLED = "pooled"
    ASSUMED_TRANSIT = "assumed_transit"
    ASSUMED_LEAD = "assumed_lead"
    ASSUMED_TURN_AROUND = "assumed_turn_around"
    ASSUMED_MEL = "assumed_mel"
    UNWEIGHED = "unweighed"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    SUCCESSION_UNCLEAR = "succession_unclear"
    SHELF_LIFE = "shelf_life"
    NOT_WORTH = "not_worth"
    INTERCHANGED = "interchanged"
    USED_FIRST = "used_first"
    NEEDS_CIRCLE = "needs_circle"
    BENCHES_SHORT = "benches_short"
    NO_FLEET = "no_fleet"


@dataclass(frozen=True, slots=True)
class Note:
    """Something left out or assumed: why, of which part or place, how many lines that concerns, which days are assumed.

    Each line that is left out is counted in one note. `money` is what a change was worth that is left undone, `other`
    a part that this one is planned with.
    """

    why: Why
    part: UUID | None
    place: UUID | None
    lines: int
    days: float | None = None
    money: Decimal | None = None
    other: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """A part at a place whose stock counts for another one, which is planned for both.

    `into` and `place` are their index in what is stated; of `owned` pieces so many count.
    """

    item: Item
    into: int
    place: int
    before: int
    owned: int


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the benches of a place for a chapter (empty: all others) are, and the days that a piece waits for one.

    No days where there are too few, so that what waits grows for ever.
    """

    place: str
    region: str
    chapter: str
    benches: int
    utilisation: float
    wait_days: float | None


@dataclass(frozen=True, slots=True)
class Stated:
    """What is asked of the optimizer: its parts and places in the order of the scenario.

    `before` are present targets by line of the scenario, `open` tells which places are planned, the others being left
    as they are. Of parts that stand in for each other one is in the scenario, with the targets and pieces of all;
    `sharing` tells those of the others. `lines` counts those that there are at these places, planned or noted as left
    out. `forecasts` tell of the parts that are planned how their demand was forecast, `orderings` of what is
    used up how it is ordered, `needs` what repairs ask for, `loads` how
    busy benches are.
    """

    scenario: Scenario
    items: tuple[Item, ...]
    sites: tuple[Site, ...]
    before: Ints
    open: NDArray[np.bool_]
    notes: tuple[Note, ...]
    parts: int
    lines: int
    planned: int
    forecasts: tuple[PartForecast, ...]
    sharing: tuple[Sharing, ...] = ()
    orderings: tuple[Ordering, ...] = ()
    needs: Needs | None = None
    loads: tuple[Load, ...] = ()
