"""How fast the dispatch board is in Chromium: 100 technicians and 1,000 jobs of a week, planned, on SQLite.

The server is a process of its own, the browser another, on the same cores. `first_render_ms` is from the address to two
frames after every bar is there, the median of cold loads, each in a browser that keeps nothing. `wire_kb` is all that
such a load receives. `push_ms_p95` is from the answer to somebody's change until the bar of another's board shows it,
`drop_ms_p95` from the mouse button that is let go over another time until the server's answer is there.
`slowest_page_ms` is how long the server takes for the slowest of all pages of the demonstration at scale `region`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import Engine

from benchmarks.board.heat import heat_table
from benchmarks.board.pages import slowest_page
from benchmarks.board.site import chromium, serving, signed_in
from benchmarks.report import Result, percentile, report, show
from fieldops.dispatch.models import JobKind
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.service import add_jobs
from fieldops.migrations import upgrade
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import sqlite_url
from fieldops.workforce.schemas import Duty, Held, NewTechnician
from fieldops.workforce.service import add_technicians
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine, writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from inventory.kernel.priority import Priority
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace
from inventory.network.service import add_places
from optimizer.run import Limit
from tests.accounts import issue_token
from tests.worlds import TINY_DATE, load_tiny

AREAS, PEOPLE, JOBS = 8, 100, 1_000
LOADS, CHANGES, DROPS = 5, 40, 40
TRIED_MAX = 4
"""For each drop at most so many jobs are lifted: not every one can go later."""
LATER_H = 72
LIFTED_MS = 5_000
TITLES = ("Landing light is out", "A check, package {n}", "Seat {n} torn", "Tyre wear at limit", "Bulletin 32-{n}")
DAYS = 7
_LOOK = """([job, title]) => new Promise((seen) => {
    const find = () => document.querySelector(`button.bar[data-job="${job}"]`)?.textContent.includes(title);
    const watch = new MutationObserver(() => find() && done());
    const done = () => (watch.disconnect(), requestAnimationFrame(() => requestAnimationFrame(() => seen(Date.now()))));
    watch.observe(document.body, {subtree: true, childList: true});
})"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a tenth of the jobs and people, few loads")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    results = [*measure(told.seed, quick=told.quick), *heat_table(quick=told.quick), *slowest_page(quick=told.quick)]
    libraries = ("fieldops", "fastapi", "uvicorn", "sqlalchemy", "playwright")
    show(report("board", told.seed, results, libraries), as_json=told.json)


def measure(seed: int, *, quick: bool) -> list[Result]:
    """Return the figures on a database of its own."""
    people, jobs = (PEOPLE // 10, JOBS // 10) if quick else (PEOPLE, JOBS)
    loads, changes, drops = (2, 5, 3) if quick else (LOADS, CHANGES, DROPS)
    case = f"{people} technicians, {jobs} jobs, sqlite"
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder, "board.db"))
        engine = open_engine(url)
        upgrade(engine)
        build(engine, seed, people, jobs)
        token = issue_token(engine, "bench", roles=["administrator"], now=system_clock())
        with serving(url) as address, chromium() as browser:
            client = httpx.Client(
                base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=120
            )
            rendered, wire = zip(*(load(browser, engine, address) for _load in range(loads)), strict=True)
            page = board(browser, engine, address)
            pushed = [push(page, client, number) for number in range(changes)]
            dropped = list(drop(page, drops))
        engine.dispose()
    return [
        Result(case, "first_render_ms", median(rendered), "ms"),
        Result(case, "wire_kb", max(wire) / 1024, "KiB"),
        Result(case, "push_ms_p50", percentile(pushed, 0.5), "ms"),
        Result(case, "push_ms_p95", percentile(pushed, 0.95), "ms"),
        Result(case, "drop_ms_p50", percentile(dropped, 0.5), "ms"),
        Result(case, "drop_ms_p95", percentile(dropped, 0.95), "ms"),
    ]


def build(engine: Engine, seed: int, people: int, jobs: int) -> None:
    """Fill a database with people of some areas and a week of jobs, and plan it."""
    load_tiny(engine)
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    monday = datetime.combine(TINY_DATE, clock_time(), UTC)
    with writing(engine, SYSTEM) as session:
        # whatever the hour is, the days planned lie ahead
        set_fact(session, DEMO_DATE, (TINY_DATE - timedelta(days=1)).isoformat())
        add_places(session, SYSTEM, [_place(number) for number in range(AREAS)])
        add_technicians(session, SYSTEM, [_technician(number) for number in range(people)])
        add_jobs(session, SYSTEM, [_job(number, rng, monday) for number in range(jobs)])
    make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=200)), clock=system_clock)


def _place(number: int) -> NewPlace:
    return NewPlace(
        code=f"S{number}",
        name=f"Station {number}",
        tier=Tier.OUTLET,
        region="SEA",
        area=f"AREA-{number}",
        parent="VTE",
        latitude=17.0 + number / 10,
        longitude=102.0,
        time_zone="Asia/Vientiane",
        country="LA",
    )


def _technician(number: int) -> NewTechnician:
    return NewTechnician(
        code=f"B-{number:03d}",
        name=f"Technician {number:03d}",
        base=f"S{number % AREAS}",
        time_zone="Asia/Vientiane",
        cost_per_h=Decimal(25),
        currency="USD",
        qualifications=(Held(code="B1", valid_from=date(2025, 1, 1), valid_until=date(2027, 1, 1)),),
        shifts=tuple(
            Duty(work_date=TINY_DATE + timedelta(days=day), starts=clock_time(8), ends=clock_time(18))
            for day in range(DAYS)
        ),
    )


def _job(number: int, rng: Random, monday: datetime) -> NewJob:
    priority = rng.choices(list(Priority), [1 if one is Priority.AOG else 5 for one in Priority])[0]
    return NewJob(
        number=f"W-{number:04d}",
        work_order=f"WO-{number:04d}",
        title=rng.choice(TITLES).format(n=number),
        kind=JobKind.DEFECT,
        priority=priority,
        place=f"S{number % AREAS}",
        duration_min=rng.randrange(45, 150, 15),
        window_start=monday,
        window_end=monday + timedelta(days=DAYS - 1),
        due_at=monday + timedelta(days=rng.randrange(2, DAYS)),
        delay_cost_per_h=Decimal(20),
        currency="USD",
        qualifications=("B1",),
    )


def load(browser: Browser, engine: Engine, address: str) -> tuple[float, float]:
    """Return the milliseconds until a cold load of the board is drawn, and the bytes that it received."""
    page = signed_in(browser, engine, address)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(f"{address}/board")
    drawn = page.locator("html[data-board]")
    drawn.wait_for(state="attached")
    milliseconds = float(drawn.get_attribute("data-board") or "nan")
    page.wait_for_timeout(300)
    page.context.close()
    return milliseconds, sum(received)


def board(browser: Browser, engine: Engine, address: str) -> Page:
    """A board that is drawn, a week of it."""
    page = signed_in(browser, engine, address)
    page.goto(f"{address}/board")
    page.locator("html[data-board]").wait_for(state="attached")
    return page


def push(page: Page, client: httpx.Client, number: int) -> float:
    """Have somebody change a job; returns the milliseconds from the answer until the bar says so."""
    job = page.locator("button.bar").nth(number * 7).get_attribute("data-job")
    title = f"Changed {number} times"
    page.evaluate("([job, title]) => { window.seen = (" + _LOOK + ")([job, title]); }", [job, title])
    version = client.get(f"/jobs/{job}").headers["ETag"]
    client.patch(f"/jobs/{job}", json={"title": title}, headers={"If-Match": version}).raise_for_status()
    answered = time.time() * 1000
    seen: float = page.evaluate("() => window.seen")
    page.wait_for_timeout(Random(number).randrange(50, 250))  # noqa: S311 - repeatable on purpose
    return seen - answered


def drop(page: Page, count: int) -> Iterator[float]:
    """Drag jobs to a later day of their row, and yield the milliseconds until the server has answered each drop."""
    made, tried = 0, 0
    bars = page.locator("button.bar:not(.begun)")
    page.locator("#board-zoom").select_option("168")
    while made < count and tried < TRIED_MAX * count:
        tried += 1
        one = _dropped(page, bars.nth((tried * 37) % bars.count()))
        if one is not None:
            made += 1
            yield one


def _dropped(page: Page, bar: Any) -> float | None:
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    if box is None or box["x"] < 200:
        return None
    hour_px = box["width"] / float(bar.evaluate("(bar) => bar.style.getPropertyValue('--for')"))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y, steps=2)
    page.mouse.move(x + LATER_H * hour_px, y, steps=3)
    verdict = page.locator(".verdict:not([hidden])")
    with suppress(PlaywrightTimeout):  # a bar that lies under another is not lifted
        verdict.locator("p.good, p.hard").first.wait_for(timeout=LIFTED_MS)
    if verdict.locator("p.good").count() == 0:
        page.keyboard.press("Escape")
        page.mouse.up()
        return None
    page.evaluate(
        """() => { window.answered = new Promise((seen) => {
            let let_go = 0;
            addEventListener("pointerup", () => { let_go = performance.now(); }, {capture: true, once: true});
            new PerformanceObserver((list, watch) => {
                const end = list.getEntries().find((one) => one.name.endsWith("/move"))?.responseEnd;
                if (end) (watch.disconnect(), seen(end - let_go));
            }).observe({type: "resource"});
        }); }"""
    )
    page.mouse.up()
    taken: float = page.evaluate("() => window.answered")
    page.wait_for_timeout(200)
    return taken


if __name__ == "__main__":
    main()
