"""How fast the API answers on PostgreSQL, and how soon a change reaches other clients' event streams.

One API process on a demonstration network; the load comes from this process, on the same cores. Requests arrive at a
fixed rate whether or not earlier ones are answered (open loop), and each is timed from when it was due.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from random import Random
from time import perf_counter

import httpx
from sqlalchemy import text

from benchmarks.report import Result, percentile, report, show
from inventory.kernel.engine import open_engine
from tests.postgres import running_server

LISTS = (
    "/jobs",
    "/stock/balances",
    "/parts",
    "/technicians",
    "/places",
    "/lanes",
    "/budgets",
    "/stock/targets",
    "/plans",
)
PAGE = 50
CONNECTIONS = 64
"""What is due while all are busy waits for one; its time counts from when it was due."""
LATE_MS = 1_000
"""A rate is beyond saturation where the 99th percentile exceeds this."""


@dataclass(frozen=True)
class Served:
    """The API under test: its address and an administrator's tokens, each with a rate limit of its own."""

    address: str
    tokens: Sequence[str]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=150, help="requests a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--streams", type=int, default=200, help="open event streams")
    parser.add_argument("--changes", type=int, default=100, help="changes whose way to the streams is timed")
    parser.add_argument("--scale", default="region", choices=("small", "region"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="small network, few seconds")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    if told.quick:
        told.scale, told.seconds, told.streams, told.changes = "small", 5, 20, 10
    with running_server(durable=True) as server:
        engine = open_engine(f"{server}&dbname=postgres").execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        engine.dispose()
        with serving(f"{server}&dbname=bench", told.scale, told.seed) as served:
            results = asyncio.run(measure(served, told, f"postgresql {told.scale}"))
    libraries = ("fieldops", "fastapi", "uvicorn", "sqlalchemy", "psycopg", "httpx")
    show(report("api", told.seed, results, libraries), as_json=told.json)


@contextmanager
def serving(url: str, scale: str, seed: int) -> Iterator[Served]:
    """Load the demonstration, serve it in a process of its own, end that at the end."""
    environment = os.environ | {
        "FIELDOPS_DATABASE_URL": url,
        "FIELDOPS_WORKER_INSIDE": "false",
        "FIELDOPS_API_PER_MINUTE": "1000000",
    }
    program = [sys.executable, "-m", "fieldops"]

    def run(*arguments: str, typed: str = "") -> str:
        done = subprocess.run(  # noqa: S603 - our own program
            [*program, *arguments], env=environment, input=typed, text=True, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.strip()

    run("demo", "--scale", scale, "--seed", str(seed), "--no-serve")
    run(
        "user",
        "add",
        "bench",
        "--role",
        "administrator",
        "--network",
        "--password-stdin",
        typed="only for this run 1\n",
    )
    token = run("user", "token", "bench")
    server = subprocess.Popen(  # noqa: S603 - our own program
        [*program, "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None  # noqa: S101 - it is a pipe
    try:
        address = next(word for line in server.stderr for word in line.split() if word.startswith("http://"))
        drain = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)  # noqa: S607 - whichever is there
        yield Served(address, [token])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        drain.terminate()


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Caller:
    """Sends GET requests over connections that it keeps, with next to no work of its own: it shares the cores."""

    def __init__(self, served: Served) -> None:
        self._host, self._port = served.address.removeprefix("http://").rsplit(":", 1)
        self._token = served.tokens[0]
        self._idle: list[Connection] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def get(self, path: str) -> None:
        """Get a path of the API; raises RuntimeError for any answer but 200."""
        async with self._slots:
            await self._get(path, await self._connection())

    async def _connection(self) -> Connection:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():  # the server closes what was idle for some seconds
                return reader, writer
        return await asyncio.open_connection(self._host, int(self._port))

    async def _get(self, path: str, opened: Connection) -> None:
        reader, writer = opened
        head = (
            f"GET /api/v1{path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAuthorization: Bearer {self._token}\r\n"
        )
        writer.write(f"{head}\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        told = dict(line.lower().split(b": ", 1) for line in answer.split(b"\r\n")[1:] if line)
        body = await reader.readexactly(int(told[b"content-length"]))
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{path}: {answer.splitlines()[0].decode()} {body[:200].decode()}")
        self._idle.append(opened)


async def measure(served: Served, told: argparse.Namespace, case: str) -> list[Result]:
    """Return the latency of reads at the rate asked for, the rate that is too much, and the way of events."""
    caller = Caller(served)
    for path in LISTS:  # once, so that nothing is timed that happens once
        await caller.get(path)
    latencies, rate = await load(caller, told.rate, told.seconds, told.seed)
    results = [
        Result(case, "read_ms_p50", percentile(latencies, 0.5), "ms"),
        Result(case, "read_ms_p99", percentile(latencies, 0.99), "ms"),
        Result(case, "reads_per_s", rate, "1/s"),
        Result(case, "saturation_reads_per_s", await saturation(caller, told), "1/s"),
    ]
    delays = await events(served, told.streams, told.changes)
    results += [
        Result(f"{case} {told.streams} streams", "event_ms_p50", percentile(delays, 0.5), "ms"),
        Result(f"{case} {told.streams} streams", "event_ms_p99", percentile(delays, 0.99), "ms"),
    ]
    return results


async def load(caller: Caller, rate: int, seconds: int, seed: int) -> tuple[list[float], float]:
    """Send requests at random instants, `rate` a second; return their latencies in ms and how many a second ended."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    due, moment = [], 0.0
    while (moment := moment + rng.expovariate(rate)) < seconds:
        due.append(moment)
    latencies: list[float] = []
    start = perf_counter()

    async def one(path: str, at: float) -> None:
        await caller.get(f"{path}?limit={PAGE}")
        latencies.append((perf_counter() - start - at) * 1000)

    async with asyncio.TaskGroup() as tasks:
        for path, at in zip(cycle(LISTS), due, strict=False):
            await asyncio.sleep(max(0.0, at - (perf_counter() - start)))
            tasks.create_task(one(path, at))
    return latencies, len(latencies) / (perf_counter() - start)


async def saturation(caller: Caller, told: argparse.Namespace) -> float:
    """Return the highest number of reads a second that ended while the rate rose by a quarter each time."""
    best, rate = 0.0, float(told.rate)
    while True:
        latencies, ended = await load(caller, int(rate), max(3, told.seconds // 6), told.seed)
        best = max(best, ended)
        if percentile(latencies, 0.99) > LATE_MS or ended < rate * 0.8:
            return best
        rate *= 1.25


async def events(served: Served, streams: int, changes: int) -> list[float]:
    """Return the milliseconds from sending a change until each open stream has told of it: the commit lies between."""
    heard: dict[str, list[float]] = {}
    listening = asyncio.Semaphore(0)
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {served.tokens[0]}"}
    async with httpx.AsyncClient(base_url=served.address, headers=headers, limits=limits, timeout=60) as client:

        async def listen() -> None:
            async with client.stream("GET", "/api/v1/events", params={"kind": "region"}) as stream:
                listening.release()
                async for line in stream.aiter_lines():
                    if line.startswith("data:"):
                        now = perf_counter()
                        for code in json.loads(line[5:])["payload"]["what"]:
                            heard.setdefault(code, []).append(now)

        listeners = [asyncio.create_task(listen()) for _stream in range(streams)]
        for _stream in range(streams):
            await listening.acquire()
        delays: list[float] = []
        for number in range(changes):
            code = f"BENCH-{number}"
            sent = perf_counter()
            answer = await client.post("/api/v1/regions", json=[{"code": code, "name": code}])
            answer.raise_for_status()
            while len(heard.get(code, ())) < streams:
                await asyncio.sleep(0.005)
                if perf_counter() - sent > 30:
                    raise TimeoutError(f"{code} reached {len(heard.get(code, ()))} of {streams} streams")
            delays += [(at - sent) * 1000 for at in heard[code]]
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
    return delays


if __name__ == "__main__":
    main()
