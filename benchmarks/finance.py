"""How fast money is checked and held, and summed up, once the ledger holds many expenses and their commitments.

On 5,000 budget lines of 14 regions, in files of SQLite and on PostgreSQL, both with durable commits.
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from statistics import median
from time import perf_counter
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from benchmarks.ledger import analysed, opened, timed
from benchmarks.report import Result, report, show
from fieldops.finance.approvals.service import spend
from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, Earmark
from fieldops.finance.budgets.overview import Dimension, overview
from fieldops.finance.budgets.queries import budget_lines, disagreements
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre
from fieldops.finance.budgets.service import add_cost_centres, open_lines
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import NewActual
from fieldops.finance.control.actuals import post_actuals
from fieldops.finance.control.models import BudgetActual
from fieldops.finance.control.proof import wrong_records
from fieldops.finance.control.schemas import NewHold
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import set_approval_limits, set_terms
from fieldops.terminal import collect_rarely
from inventory.kernel.actor import ALL_PERMISSIONS, NETWORK, SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.rows import add_to_rows, insert_rows
from inventory.network.schemas import NewRegion
from inventory.network.service import add_regions

REGIONS, CENTRES = 14, 51
NOW, DAY = datetime(2026, 3, 2, 8, tzinfo=UTC), date(2026, 3, 2)
YEAR = (date(2026, 1, 1), date(2027, 1, 1))
BATCH = 50_000
DISPATCHER = Actor("bench", roles=frozenset({"dispatcher"}), permissions=ALL_PERMISSIONS, scope=NETWORK)
ASKED = 200
_ENTRY = ("line_id", "kind", "amount", "document_kind", "document", "day", "plan_id", "actor", "entered_at")
_EARMARK = (
    *("id", "line_id", "stage", "document_kind", "document", "item", "holder", "amount", "consumed", "recovery"),
    *("recovered", "moved", "came", "closed", "held_by", "held_at"),
)
_ACTUAL = (
    *("id", "source", "line_id", "earmark_id", "document_kind", "document", "item", "day", "amount", "consumed"),
    *("released", "recovered", "given", "given_currency", "reverses", "terms", "reason", "posted_by", "posted_at"),
)
ZERO = Decimal(0)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=1_000_000, help="entries that the ledger holds in the end")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=("sqlite", "postgresql"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the postings")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    collect_rarely()
    postings = told.postings // 100 if told.quick else told.postings
    results: list[Result] = []
    for database in told.databases:
        with opened(database) as engine:
            results += measure(engine, database, postings, told.seed)
    show(report("finance", told.seed, results, ("fieldops", "sqlalchemy", "psycopg")), as_json=told.json)


def measure(engine: Engine, database: str, postings: int, seed: int) -> list[Result]:
    """Fill the ledger to a tenth and to the whole, and time at both; raises RuntimeError where it does not add up."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    lines = budgets(engine)
    results = []
    filled = 0
    for goal in (postings // 10, postings):
        while filled < goal:
            count = min(BATCH, goal - filled)
            fill(engine, rng, lines, count, filled)
            filled += count
        analysed(engine)
        case = f"{database} {filled} postings"
        results += [
            Result(case, "check_and_hold_ms", holding(engine, rng, f"{filled}"), "ms"),
            Result(case, "post_actual_ms", spending(engine, rng, f"{filled}"), "ms"),
            Result(case, "overview_ms", timed(engine, [picture] * 30), "ms"),
        ]
    with reading(engine, SYSTEM) as session:
        begun = perf_counter()
        if disagreements(session) or wrong_records(session):
            raise RuntimeError("the lines are not the sums of their entries")
        results.append(Result(case, "proof_s", perf_counter() - begun, "s"))
    return results


def picture(session: Session) -> None:
    """Sum all lines by region and category."""
    overview(session, DAY, by=[Dimension.REGION, Dimension.CATEGORY])


def budgets(engine: Engine) -> list[UUID]:
    """Open a line of a year for each region, cost centre and category; return their keys."""
    regions = [f"R{number:02}" for number in range(REGIONS)]
    centres = [(region, f"{region}-{number:02}") for region in regions for number in range(CENTRES)]
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_regions(session, SYSTEM, [NewRegion(code=code, name=code) for code in regions])
        add_cost_centres(
            session, SYSTEM, [NewCostCentre(code=code, name=code, region=region) for region, code in centres]
        )
        told = [
            NewBudgetLine(
                region=region,
                cost_centre=centre,
                category=category,
                period_start=YEAR[0],
                period_end=YEAR[1],
                currency="USD",
                budget=Decimal(100_000_000),
            )
            for region, centre in centres
            for category in Category
        ]
        open_lines(session, SYSTEM, told, NOW)
        set_approval_limits(session, {"finance": None}, "USD")
        set_terms(session, Terms.model_validate({"personal": [{"role": "dispatcher", "amount": "5000"}]}), version=0)
    with reading(engine, SYSTEM) as session:
        return [line.id for line in budget_lines(session)]


def fill(engine: Engine, rng: Random, lines: list[UUID], count: int, number: int) -> None:
    """Post expenses straight to the tables, each with the commitment that it took: entries and lines alike."""
    rows, earmarks, actuals = [], [], []
    added: dict[UUID, Decimal] = {}
    for offset in range(count):
        line, amount, held = rng.choice(lines), Decimal(rng.randint(1, 100_000)).scaleb(-2), uuid7()
        document = f"J-{number + offset}"
        rows.append((line, "actual", amount, "job", document, DAY, None, "bench", NOW))
        earmarks.append(
            (held, line, "commitment", "job", document, "", "", ZERO, amount, *[ZERO] * 4, False, "bench", NOW)
        )
        spent = (ZERO, ZERO, amount, "USD", None, None, None, "bench", NOW)
        actuals.append((uuid7(), f"bench/{document}", line, held, "job", document, "", DAY, amount, amount, *spent))
        added[line] = added.get(line, ZERO) + amount
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        insert_rows(session, BudgetEntry, _ENTRY, rows)
        insert_rows(session, Earmark, _EARMARK, earmarks)
        insert_rows(session, BudgetActual, _ACTUAL, actuals)
        add_to_rows(session, BudgetLine, "id", ("actual",), [(amount, line) for line, amount in added.items()])


def holding(engine: Engine, rng: Random, name: str) -> float:
    """Return the median milliseconds of a document of two items that is checked, held and committed."""
    spent = []
    for number in range(ASKED):
        region = rng.randrange(REGIONS)
        centre = f"R{region:02}-{rng.randrange(CENTRES):02}"
        item = {"amount": "12.50", "currency": "USD", "day": DAY, "cost_centre": centre}
        asked = NewHold.model_validate(
            {
                "document_kind": "order",
                "document": f"O-{name}-{number}",
                "region": f"R{region:02}",
                "items": [item | {"category": "freight"}, item | {"category": "labour"}],
            }
        )
        begun = perf_counter()
        with writing(engine, SYSTEM, clock=lambda: NOW) as session:
            spend(session, DISPATCHER, asked, NOW, DAY)
        spent.append((perf_counter() - begun) * 1000)
    return median(spent)


def spending(engine: Engine, rng: Random, name: str) -> float:
    """Return the median milliseconds of an expense that takes the money of its commitment, each a transaction."""
    spent = []
    with reading(engine, SYSTEM) as session:
        centres = {line.cost_centre: line.region for line in budget_lines(session)}
    for number in range(ASKED):
        centre = rng.choice(sorted(one for one in centres if one is not None))
        actual = NewActual.model_validate(
            {
                "source": f"h/{name}/{number}",
                "document_kind": "order",
                "document": f"O-{name}-{number}",
                "region": centres[centre],
                "cost_centre": centre,
                "category": "labour",
                "day": DAY,
                "amount": "11.20",
                "currency": "USD",
            }
        )
        begun = perf_counter()
        with writing(engine, SYSTEM, clock=lambda: NOW) as session:
            post_actuals(session, SYSTEM, [actual], NOW)
        spent.append((perf_counter() - begun) * 1000)
    return median(spent)


if __name__ == "__main__":
    main()
