"""What is told of others' stock, how much can be promised day by day, and who may take what is kept for another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from inventory.kernel.priority import Priority
from inventory.ledger.models import OWN, Stage
from inventory.traceability.condition import Hold

_BANDS = ((1, 1), (2, 4), (5, 9), (10, None))


def band(quantity: Decimal) -> tuple[int, int | None]:
    """Return the band (at least, at most) that is told instead of a quantity of at least one piece."""
    pieces = int(quantity)
    return next((low, high) for low, high in _BANDS if high is None or pieces <= high)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What changes on a day, what there is at its end, and what can be promised for it in all.

    Whatever is promised for a day leaves enough for everything that is known of the days after.
    """

    day: date
    change: Decimal
    on_hand: Decimal
    promisable: Decimal


def promisable(changes: Iterable[tuple[date, Decimal]]) -> list[Bucket]:
    """Return a bucket for each day on which the stock changes, by day.

    `changes` add to the stock, or take from it where negative. What can be promised for a day is the least that there
    is on it and any later day, not less than nothing: promised once, it is a change of that day itself.
    """
    by_day: defaultdict[date, Decimal] = defaultdict(Decimal)
    for day, change in changes:
        by_day[day] += change
    days = sorted(by_day)
    levels = list(accumulate(by_day[day] for day in days))
    least = list(accumulate(reversed(levels), min))[::-1]
    return [
        Bucket(day, by_day[day], level, max(lowest, Decimal(0)))
        for day, level, lowest in zip(days, levels, least, strict=True)
    ]


class Rule(StrEnum):
    """A rule of pre-emption."""

    ON_ITS_WAY = "on_its_way"
    """What is packed or cleared stays with whom it was packed for."""
    AOG = "aog"
    """No AOG demand loses what is kept for it."""
    NOT_MORE_URGENT = "not_more_urgent"
    """Only the more urgent takes from the less urgent."""
    SAME_DEMAND = "same_demand"
    """A demand takes nothing from itself."""
    RING_FENCE = "ring_fence"
    """What a contract fences stays within it, unless there is consent."""
    OWNER = "owner"
    """What is another's stays with it, unless there is consent."""
    HOLD = "hold"
    """What is on hold stays so, unless there is consent."""


CONSENT = frozenset({Rule.RING_FENCE, Rule.OWNER, Rule.HOLD})
"""The rules that a recorded consent lifts."""
_URGENCY = {priority: place for place, priority in enumerate(Priority)}


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants stock that is kept for another."""

    demand: str
    priority: Priority
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Stock that is kept for a demand."""

    demand: str
    priority: Priority
    stage: Stage
    contract: str | None = None
    owner: str = OWN
    hold: Hold = Hold.NONE


def objections(claim: Claim, kept: Kept) -> Iterator[Rule]:
    """Yield the rules by which a claim may not take what is kept, those first that no consent lifts."""
    if kept.stage in (Stage.PACKED, Stage.CLEARED):
        yield Rule.ON_ITS_WAY
    if kept.priority is Priority.AOG:
        yield Rule.AOG
    elif _URGENCY[claim.priority] >= _URGENCY[kept.priority]:
        yield Rule.NOT_MORE_URGENT
    if claim.demand == kept.demand:
        yield Rule.SAME_DEMAND
    if kept.contract is not None and kept.contract != claim.contract:
        yield Rule.RING_FENCE
    if kept.owner != OWN:
        yield Rule.OWNER
    if kept.hold is not Hold.NONE:
        yield Rule.HOLD
