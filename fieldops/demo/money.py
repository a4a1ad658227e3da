"""Budgets of the year by region, category and quarter, with what is spent and committed on the first day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from numpy.random import Generator

from fieldops.demo.places import regions_of
from fieldops.demo.rounding import cents
from fieldops.demo.rows import BudgetRow, JobRow, Scale, TechnicianRow
from fieldops.demo.tables import (
    CAPITAL_USD,
    CATEGORY_BY_PEOPLE,
    CATEGORY_SHARE,
    CURRENCY,
    OPERATING_USD,
    SCALE_INDEX,
)

WEEKS_PER_QUARTER = 13
TIGHT_CATEGORIES = ("labour", "travel", "freight")
TIGHT_SHARE = 0.67
"""Tight lines of the running quarter relative to the number of regions; at least one of each category."""
TIGHT_USED = (0.92, 0.99)
LABOUR_COVER, USUAL_COVER = 0.85, 0.5
"""What a tight line still covers: this part of the labour of the week's jobs, elsewhere of a usual week."""
PASSED_USED, PACE, MOST_USED = (0.93, 0.995), (0.88, 1.05), 0.88
COMMITTED = (0.01, 0.03)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line's year: `tight_usd` is what shall be left of the running quarter, None for no shortage."""

    region: str
    category: str
    yearly_usd: float
    tight_usd: float | None


def build_budgets(
    rng: Generator, scale: Scale, start: date, technicians: tuple[TechnicianRow, ...], jobs: tuple[JobRow, ...]
) -> tuple[BudgetRow, ...]:
    """Return the lines of the four quarters of the start's year; some of the running quarter are nearly used up."""
    lines = _lines(rng, scale, technicians, jobs)
    return tuple(_row(rng, line, start, quarter) for line in lines for quarter in range(4))


def _lines(
    rng: Generator, scale: Scale, technicians: tuple[TechnicianRow, ...], jobs: tuple[JobRow, ...]
) -> list[_Line]:
    tables = regions_of(scale)
    index = SCALE_INDEX[scale]
    people = sum(table.technicians[index] for table in tables)
    fleet = sum(table.aircraft[index] for table in tables)
    yearly_usd = {category: OPERATING_USD[scale] * share for category, share in CATEGORY_SHARE.items()}
    yearly_usd["capital"] = CAPITAL_USD[scale]
    tight_count = max(len(TIGHT_CATEGORIES), round(TIGHT_SHARE * len(tables)))
    tight = {
        (tables[int(i)].code, TIGHT_CATEGORIES[k % len(TIGHT_CATEGORIES)])
        for k, i in enumerate(rng.permutation(len(tables))[:tight_count])
    }
    labour_usd = _labour_of_week(technicians, jobs)
    lines = []
    for table in tables:
        for category, usd in yearly_usd.items():
            by_people = category in CATEGORY_BY_PEOPLE
            part = table.technicians[index] / people if by_people else table.aircraft[index] / fleet
            usual = usd * part / 4 / WEEKS_PER_QUARTER * USUAL_COVER
            left = labour_usd[table.code] * LABOUR_COVER if category == "labour" else usual
            lines.append(_Line(table.code, category, usd * part, left if (table.code, category) in tight else None))
    return lines


def _labour_of_week(technicians: tuple[TechnicianRow, ...], jobs: tuple[JobRow, ...]) -> dict[str, float]:
    """Return by region the hours of its jobs times the mean rate of its technicians."""
    rates: dict[str, list[float]] = defaultdict(list)
    hours: dict[str, float] = defaultdict(float)
    for person in technicians:
        rates[person.region].append(float(person.cost_per_h))
    for job in jobs:
        hours[job.region] += job.duration_min / 60
    return {region: hours[region] * sum(values) / len(values) for region, values in rates.items()}


def _row(rng: Generator, line: _Line, start: date, quarter: int) -> BudgetRow:
    begins = date(start.year, 3 * quarter + 1, 1)
    ends = date(start.year + quarter // 3, (3 * quarter + 3) % 12 + 1, 1)
    amount_usd = line.yearly_usd / 4
    passed, pace, committed = rng.uniform(*PASSED_USED), rng.uniform(*PACE), rng.uniform(*COMMITTED)
    if ends <= start:
        spent, committed = passed, 0.0
    elif start < begins:
        spent = committed = 0.0
    elif line.tight_usd is None:
        spent = min((start - begins) / (ends - begins) * pace, MOST_USED)
    else:
        low, high = TIGHT_USED
        spent = min(max(1 - line.tight_usd / amount_usd, low), high) - committed
    return BudgetRow(
        region=line.region,
        category=line.category,
        period_start=begins,
        period_end=ends,
        currency=CURRENCY,
        amount=cents(amount_usd),
        spent=cents(amount_usd * spent),
        committed=cents(amount_usd * committed),
    )
