"""Processes killed at named points around a commit: what was acknowledged is there, and nothing is half done."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, func, select

from fieldops.app import create_app
from fieldops.checking import check_ledgers
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.kernel.idempotency import IdempotencyRecord
from inventory.kernel.outbox import OutboxEvent
from inventory.ledger.models import StockMove
from tests.accounts import issue_token
from tests.faults.victim import POINTS, body, post
from tests.worlds import load_tiny

ROOT = Path(__file__).parents[2]
REQUESTS = 6
SEEDS = int(os.environ.get("FIELDOPS_CHAOS_SEEDS", "1"))
"""How often each point is tried, the moment chosen anew; `make chaos` sets more."""


def killed(url: str, token: str, point: str, nth: int) -> tuple[set[int], set[int]]:
    """Let a process post until it dies at the point; return the numbers of what it sent and what was acknowledged."""
    victim = [sys.executable, "-m", "tests.faults.victim", url, token, point, str(nth), str(REQUESTS)]
    done = subprocess.run(victim, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    answered = {int(line[1]): line[2] for line in lines if line[0] == "answered"}
    assert set(answered.values()) <= {"201"}
    return {int(line[1]) for line in lines if line[0] == "sent"}, set(answered)


async def repeat(engine: Engine, url: str, token: str) -> list[httpx.Response]:
    """Send every request again, with its key, to a new server."""
    transport = httpx.ASGITransport(create_app(engine, Settings(database_url=url)))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        return [await post(client, number) for number in range(REQUESTS)]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("point", POINTS)
def test_what_was_acknowledged_is_kept_and_nothing_is_half_done(any_engine: Engine, point: str, seed: int) -> None:
    load_tiny(any_engine)
    token = issue_token(any_engine, "keeper", roles=["administrator"])
    url = any_engine.url.render_as_string(hide_password=False)
    nth = Random(f"{point}/{seed}").randint(1, REQUESTS)
    _sent, acknowledged = killed(url, token, point, nth)

    with reading(any_engine, SYSTEM) as session:
        kept = set(session.scalars(select(StockMove.move_id)))
        answers = set(session.scalars(select(IdempotencyRecord.key)))
        told = session.scalar(select(func.count()).select_from(OutboxEvent).where(OutboxEvent.kind == "stock.moved"))
    done = set()
    for number in range(REQUESTS):
        legs = [UUID(move["move_id"]) in kept for move in body(number)]
        assert len(set(legs)) == 1, f"request {number} is half done"
        assert (f"key-{number}" in answers) == legs[0]
        if legs[0]:
            done.add(number)
    assert acknowledged <= done
    opening = 3
    assert told == opening + 2 * len(done)
    assert check_ledgers(any_engine).sound

    again = asyncio.run(repeat(any_engine, url, token))
    assert {answer.status_code for answer in again} == {201}
    assert {number for number, answer in enumerate(again) if "idempotent-replayed" in answer.headers} == done
    with reading(any_engine, SYSTEM) as session:
        documents = Counter(session.scalars(select(StockMove.document).where(StockMove.document != "OPENING")))
    assert documents == Counter({f"D-{number}": 2 for number in range(REQUESTS)})
    assert check_ledgers(any_engine).sound
