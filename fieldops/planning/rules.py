"""What the day plan trades off against each other, in the plan's currency. Estimates, to be replaced by policy data."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from inventory.catalogue.models import Essentiality
from inventory.kernel.priority import Priority

HORIZON_DAYS = 7

UNSERVED_PENALTY = {Priority.AOG: 1_000_000.0, Priority.CRITICAL: 200_000.0, Priority.ROUTINE: 50_000.0}
"""Charged for a job that is not done within the horizon: each step outweighs any detour, and the steps below it."""

PROMISED_PENALTY = 10_000_000.0
"""Charged per piece that a scheduled job would miss: the second look at the stock never breaks the first one's word."""

REFILL_FACTOR = {Essentiality.NO_GO: Decimal(3), Essentiality.GO_IF: Decimal(2), Essentiality.GO: Decimal("1.2")}
REFILL_VALUE_MIN, REFILL_VALUE_MAX = Decimal(200), Decimal(40_000)
"""What a piece missing from a target is worth: its cost times its essentiality, always below any job's penalty."""

REFILL_HORIZON_DAYS = 365
"""A refill that arrives later than this is no answer to today's need."""

RANK = {Priority.AOG: 0, Priority.CRITICAL: 1, Priority.ROUTINE: 2}
REFILL_RANK = {Essentiality.NO_GO: 3, Essentiality.GO_IF: 4, Essentiality.GO: 5}
"""The order in which documents get the money: jobs by priority, then refills by essentiality."""


def refill_value(standard_cost: Decimal, essentiality: Essentiality) -> Decimal:
    """Return what one piece missing from a stock target is worth."""
    value = standard_cost * REFILL_FACTOR[essentiality]
    return min(max(value, REFILL_VALUE_MIN), REFILL_VALUE_MAX)


SIGNING_TIME = timedelta(minutes=30)
"""Who only inspects or signs is there for so long at the end of the work, which the job's duration includes."""

SEARCH_ITERATIONS = 10_000
"""Default work limit of one area's dispatch search: rounds of ruin and recreate, a few seconds for 200 jobs."""

CHANGE_TECHNICIAN, CHANGE_PER_H = 60.0, 15.0
"""What a plan of dispatch pays for a seat that goes to somebody else than in the plan in force, or to nobody, and for
each hour that a start moves from what was told: about an hour of work, and a routine job's hour of delay."""

CHANGE_NEAR = timedelta(days=1)
"""For a job that is done both are doubled if it begins at once, and fall to their plain value over so long from the
plan's first minute."""

PROPOSAL_VALID = timedelta(hours=12)
"""So long may a plan wait to be published; after that too much has changed, and it is made again."""

FREEZE_MAX_MIN = HORIZON_DAYS * 1_440
"""Longer than a plan reaches nothing is frozen."""

CAUSES_MAX = 20
"""A plan tells at most so many events for which it was made."""
