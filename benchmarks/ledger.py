"""How fast the stock ledger takes entries, and how fast it answers once it holds millions of them.

On a network of 545 places and 20,000 part numbers, in files of SQLite and on PostgreSQL, both with durable commits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import Engine, text

from benchmarks.report import Result, report, show
from fieldops.migrations import upgrade
from fieldops.settings import sqlite_url
from fieldops.terminal import collect_rarely
from inventory.availability.promise import promise
from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.ledger.balances import rebuild
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import balance_page
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Tier
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_lanes, add_places, add_regions
from inventory.valuation.queries import stock_value
from inventory.valuation.schemas import By
from tests.postgres import running_server

PLACES, PARTS, REGIONS = 545, 20_000, 14
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
BATCH = 20_000
ASKED = 60
"""How often a read is timed."""
SINGLES_S = 5.0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000, help="entries that the ledger holds in the end")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=("sqlite", "postgresql"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the entries")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    collect_rarely()
    lines = told.lines // 100 if told.quick else told.lines
    results: list[Result] = []
    for database in told.databases:
        with opened(database) as engine:
            results += measure(engine, database, lines, told.seed)
    show(report("ledger", told.seed, results, ("fieldops", "sqlalchemy", "psycopg")), as_json=told.json)


@contextmanager
def opened(database: str) -> Iterator[Engine]:
    """Yield an engine on an empty database of its own."""
    with ExitStack() as stack:
        if database == "sqlite":
            url = sqlite_url(Path(stack.enter_context(TemporaryDirectory())) / "ledger.db")
        else:
            server = stack.enter_context(running_server(durable=True))
            first = open_engine(f"{server}&dbname=postgres").execution_options(isolation_level="AUTOCOMMIT")
            with first.connect() as connection:
                connection.execute(text("CREATE DATABASE bench"))
            first.dispose()
            url = f"{server}&dbname=bench"
        engine = open_engine(url)
        stack.callback(engine.dispose)
        upgrade(engine)
        yield engine


def measure(engine: Engine, database: str, lines: int, seed: int) -> list[Result]:
    """Fill the ledger to a tenth and to the whole, and time reads at both; then single moves and the rebuild."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    parts, places = network(engine)
    results = []
    filled, spent = 0, 0.0
    for goal in (lines // 10, lines):
        while filled < goal:
            moves = [receipt_or_transfer(rng, parts, places) for _ in range(min(BATCH, goal - filled))]
            begun = perf_counter()
            with writing(engine, SYSTEM, clock=lambda: NOW) as session:
                post(session, SYSTEM, moves, NOW)
            spent += perf_counter() - begun
            filled += len(moves)
        analysed(engine)
        case = f"{database} {filled} lines"
        place, part = rng.sample(places, ASKED), rng.sample(parts, ASKED)
        results += [
            Result(
                case,
                "stock_page_ms",
                timed(engine, [lambda s, p=p: balance_page(s, limit=50, place=p) for p in place]),
                "ms",
            ),
            Result(
                case,
                "network_picture_ms",
                timed(engine, [lambda s, p=p: balance_page(s, limit=600, part=p) for p in part]),
                "ms",
            ),
            Result(
                case,
                "promise_ms",
                timed(engine, [lambda s, p=p, d=d: promise(s, p, d, NOW) for p, d in zip(part, place, strict=True)]),
                "ms",
            ),
        ]
        for metric, at in (("valuation_s", None), ("valuation_then_s", NOW - timedelta(days=1))):
            begun = perf_counter()
            with reading(engine, SYSTEM) as session:
                stock_value(session, By.REGION, at, NOW)
            results.append(Result(case, metric, perf_counter() - begun, "s"))
    results.append(Result(f"{database} {filled} lines", "batch_lines_per_s", filled / spent, "1/s"))
    results.append(
        Result(f"{database} {filled} lines", "single_posts_per_s", singles(engine, rng, parts, places), "1/s")
    )
    begun = perf_counter()
    with writing(engine, SYSTEM) as session:
        rebuild(session)
    results.append(Result(f"{database} {filled} lines", "rebuild_s", perf_counter() - begun, "s"))
    with reading(engine, SYSTEM) as session:
        if disagreements(session):
            raise RuntimeError("the rebuilt balances are not the sum of the moves")
    return results


def network(engine: Engine) -> tuple[list[str], list[str]]:
    """Add places, lanes and parts; return the part numbers and the codes of the shelves.

    The central depot serves 14 regional ones, and each of them its outlets, both ways in two modes with legs.
    """
    parts = [f"P{number:05}" for number in range(PARTS)]
    places = [f"S{number:03}" for number in range(PLACES)]
    hubs, regions = places[1 : REGIONS + 1], [f"R{number:02}" for number in range(REGIONS + 1)]
    shelves, lanes = [], []
    for number, code in enumerate(places):
        region = regions[number if number <= REGIONS else 1 + number % REGIONS]
        tier = Tier.OUTLET if number > REGIONS else Tier.REGIONAL if number else Tier.CENTRAL
        told = {"region": region, "area": region, "latitude": 1, "longitude": 2, "time_zone": "Asia/Shanghai"}
        shelves.append(NewPlace.model_validate({"code": code, "name": code, "tier": tier} | told))
        if number:
            upper = places[0] if number <= REGIONS else hubs[number % REGIONS]
            lanes += [lane(*ends, mode) for ends in ((upper, code), (code, upper)) for mode in ("aog", "routine")]
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code=code, name=code) for code in regions])
        add_places(session, SYSTEM, [*shelves, NewPlace(code="OPENING", name="Opening", tier=Tier.ADJUSTMENT)])
        add_parts(session, SYSTEM, [a_part(number) for number in parts])
        add_lanes(session, SYSTEM, lanes)
    return parts, places


def lane(origin: str, destination: str, mode: str) -> NewLane:
    """Return a lane that is picked until four in the afternoon and cleared at the other end."""
    hours = 24 if mode == "aog" else 120
    legs = [
        {"kind": "pick", "median_h": 2, "p90_h": 4, "cut_off": "16:00", "zone": "origin"},
        {"kind": "transport", "median_h": hours, "p90_h": 2 * hours, "zone": "origin"},
        {"kind": "import_clearance", "median_h": 12, "p90_h": 48, "zone": "destination"},
    ]
    cost = {"cost_per_kg": 9 if mode == "aog" else 2, "currency": "USD", "legs": legs}
    return NewLane.model_validate({"origin": origin, "destination": destination, "mode": mode} | cost)


def a_part(number: str) -> NewPart:
    """Return a part number that is counted in pieces."""
    return NewPart(
        part_number=number,
        manufacturer_code="TEST0",
        ata_chapter="21",
        description="Part",
        part_class=PartClass.EXPENDABLE,
        essentiality=Essentiality.GO,
        currency="USD",
        standard_cost=Decimal(1),
        lead_time_days=1,
        weight_kg=Decimal(1),
        usage_driver=UsageDriver.CALENDAR,
    )


def receipt_or_transfer(rng: Random, parts: Sequence[str], places: Sequence[str]) -> NewMove:
    """Return a receipt: half the parts lie in few places, so that balances are as sparse as those of a network."""
    number = int(len(parts) * rng.random() ** 2)
    place = places[(number * 7 + int(rng.random() ** 3 * 90)) % len(places)]
    return NewMove(part=parts[number], origin="OPENING", destination=place, quantity=Decimal(3), document="BENCH")


def singles(engine: Engine, rng: Random, parts: Sequence[str], places: Sequence[str]) -> float:
    """Return how many moves a second are posted, each in a transaction of its own."""
    count, begun = 0, perf_counter()
    while perf_counter() - begun < SINGLES_S:
        move = receipt_or_transfer(rng, parts, places)
        with writing(engine, SYSTEM, clock=lambda: NOW) as session:
            post(session, SYSTEM, [move], NOW)
        count += 1
    return count / (perf_counter() - begun)


def timed(engine: Engine, reads: Sequence[Callable[..., object]]) -> float:
    """Return the median milliseconds of a read, each in a session of its own."""
    spent = []
    for read in reads:
        begun = perf_counter()
        with reading(engine, SYSTEM) as session:
            read(session)
        spent.append((perf_counter() - begun) * 1000)
    return median(spent)


def analysed(engine: Engine) -> None:
    """Have the database learn what its tables hold, as it does by itself after a while."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


if __name__ == "__main__":
    main()
