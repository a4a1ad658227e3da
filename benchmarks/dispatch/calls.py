"""How soon an AOG call is answered through the API: `recommend_api_ms_p95`, on the demonstration at region scale.

Each call enters a new job at a place of the network, one in two with a part, then asks for its five best places with at
most one job displaced: parts by the promise, money by the budget control. Only the question is timed, by the client;
the first of each area, which takes up its running plan, is told apart (`recommend_api_first_ms_p50`). `*_cpu_ms_*` is
processor time of the process that asks and answers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import select

from benchmarks.report import Result, percentile
from fieldops.app import create_app
from fieldops.planning.models import DayPlan
from fieldops.settings import Settings, sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading
from inventory.network.queries import sites
from tests.accounts import issue_token
from tests.serving import serving

CALLS, CALLS_QUICK = 100, 20


def measure(seed: int, *, quick: bool) -> list[Result]:
    """Return the figures on a demonstration of its own; `quick` takes the small one and a fifth of the calls."""
    scale, calls = ("small", CALLS_QUICK) if quick else ("region", CALLS)
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder, "demo.db"))
        command = [sys.executable, "-m", "fieldops", "demo", "--scale", scale, "--seed", str(seed), "--no-serve"]
        environment = os.environ | {"FIELDOPS_DATABASE_URL": url}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        return called(url, seed, calls, f"demonstration {scale}, sqlite")


def called(url: str, seed: int, calls: int, case: str) -> list[Result]:
    """Return the figures of so many calls on a demonstration that is there."""
    engine = open_engine(url)
    with reading(engine, SYSTEM) as session:
        day = session.scalars(select(DayPlan.plan_date).limit(1)).one()
        areas = {site.code: site.area for site in sites(session)}
    now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    app = create_app(engine, Settings(database_url=url, api_per_minute=1_000_000), clock=lambda: now)
    token = issue_token(engine, f"caller-{time.time_ns()}", roles=["administrator"], now=now)
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    first: list[float] = []
    later: list[float] = []
    cpu: list[float] = []
    known: set[str] = set()
    headers = {"Authorization": f"Bearer {token}"}
    with serving(app) as address, httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=120) as client:
        parts = [one["part_number"] for one in client.get("/parts").raise_for_status().json()["items"]]
        for number in range(calls):
            place = rng.choice(sorted(areas))
            job = _job(f"CALL-{time.time_ns()}", place, now, rng.choice(parts) if number % 2 else None)
            client.post("/jobs", json=job).raise_for_status()
            began, used = time.perf_counter(), time.process_time()
            client.post(f"/jobs/{job['number']}/recommendations", json={"displaced_max": 1}).raise_for_status()
            spent = (time.perf_counter() - began) * 1000
            if areas[place] in known:
                later.append(spent)
                cpu.append((time.process_time() - used) * 1000)
            else:
                first.append(spent)
            known.add(areas[place])
    engine.dispose()
    return [
        Result(case, "recommend_api_ms_p50", percentile(later, 0.5), "ms"),
        Result(case, "recommend_api_ms_p95", percentile(later, 0.95), "ms"),
        Result(case, "recommend_api_cpu_ms_p95", percentile(cpu, 0.95), "ms"),
        Result(case, "recommend_api_first_ms_p50", percentile(first, 0.5), "ms"),
    ]


def _job(number: str, place: str, now: datetime, part: str | None) -> dict[str, object]:
    return {
        "number": number,
        "work_order": number,
        "title": "Nose wheel steering fails",
        "kind": "aog",
        "priority": "AOG",
        "place": place,
        "duration_min": 120,
        "window_start": now.isoformat(),
        "window_end": (now + timedelta(days=3)).isoformat(),
        "due_at": (now + timedelta(hours=12)).isoformat(),
        "delay_cost_per_h": "800",
        "currency": "USD",
        "parts": [] if part is None else [{"part": part, "quantity": "1"}],
    }
