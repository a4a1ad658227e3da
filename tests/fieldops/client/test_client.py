"""The client against a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from fieldops.audit.service import seal
from fieldops.client import Client, Conflict, Forbidden, Invalid, NotFound, OperationFailed, Stale, transport
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.kernel.operations import Operation, OperationState, submit
from tests.api.serving import served_to
from tests.conftest import NOW
from tests.fieldops.app import bodies
from tests.worlds import load_tiny

ROOT = Path(__file__).parents[3]
SERVER_ONLY = {"sqlalchemy", "fastapi", "starlette", "pydantic", "alembic", "inventory", "optimizer", "integrations"}


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    """A client of the small world."""
    load_tiny(engine)
    with served_to(engine, SYSTEM) as address, Client(address) as client:
        yield client


def test_the_client_needs_nothing_of_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import fieldops.client"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "fieldops.client.transport" in loaded
    assert {name.partition(".")[0] for name in loaded} & SERVER_ONLY == set()
    ours = {name for name in loaded if name.startswith("fieldops.")}
    assert {name for name in ours if not name.startswith("fieldops.client")} == set()


def test_lists_are_read_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PAGE", 2)
    assert [job["number"] for job in client.jobs()] == ["J-1", "J-2", "J-3", "J-4", "J-5"]
    assert [job["number"] for job in client.jobs(region="SEA", priority="AOG")] == ["J-1"]
    assert len(list(client.places())) == 6
    assert [part["part_number"] for part in client.parts(ata=["29", "33"])] == ["LAMP-1", "PUMP-1"]


def test_what_is_added_is_read_again(client: Client) -> None:
    added = client.add_job(bodies.job())
    assert client.job("J-9").value == added
    client.post_moves([bodies.move()])
    assert {one["part"]: one["quantity"] for one in client.balances(place="VTE")}["LAMP-1"] == "7.000000"
    assert client.add_technician(bodies.technician()) in list(client.technicians(region="SEA"))


def test_a_record_is_changed_only_as_it_was_read(client: Client) -> None:
    job = client.job("J-3")
    changed = client.update(job, priority="AOG")
    assert changed.value["priority"] == "AOG"
    with pytest.raises(Stale) as refused:
        client.update(job, priority="ROUTINE")
    assert refused.value.code == "stale"
    assert client.update(changed, priority="ROUTINE").value["priority"] == "ROUTINE"
    limits = client.approval_limits()
    assert client.replace(limits, bodies.limits()).value["limits"]["finance"] == "1000.0000"


def test_refusals_have_types(client: Client) -> None:
    with pytest.raises(NotFound):
        client.job("NO-SUCH")
    with pytest.raises(Conflict, match="part_exists"):
        client.add_parts([bodies.part(part_number="PUMP-1")])
    with pytest.raises(Invalid) as refused:
        client.add_parts([bodies.part(weight_kg="-1")])
    assert [error["field"] for error in refused.value.errors] == ["body.0.weight_kg"]


def test_each_record_has_a_result(client: Client) -> None:
    results = client.add_each_part([bodies.part(), bodies.part(part_number="PUMP-1"), bodies.part(part_number="P-10")])
    assert [(one["index"], one["status"], one["code"]) for one in results] == [
        (0, 201, None),
        (1, 409, "part_exists"),
        (2, 201, None),
    ]
    assert {"PUMP-9", "P-10"} <= {part["part_number"] for part in client.parts()}


def test_a_token_without_rights_is_told_so(engine: Engine) -> None:
    nobody = Actor("nobody", scope=Scope(regions=frozenset({"SEA"})))
    with served_to(engine, nobody) as address, Client(address) as client, pytest.raises(Forbidden):
        next(client.jobs())


def test_the_trail_is_read(client: Client, engine: Engine) -> None:
    client.update(client.job("J-3"), priority="AOG")
    (row,) = client.audit(subject="job", action="changed")
    assert (row["actor"], row["after"] and row["after"]["priority"]) == ("system", "AOG")
    with writing(engine, SYSTEM) as session:
        seal(session, NOW)
    verdict = client.audit_verdict()
    assert verdict["sound"]
    assert verdict["unsealed"] == 0
    assert list(client.audit(since=NOW.replace(year=2027))) == []


class Worker:
    """Does the work while the client waits, a step at each pause."""

    def __init__(self, engine: Engine, ends: OperationState) -> None:
        self.engine = engine
        self.ends = ends
        with writing(engine, SYSTEM) as session:
            self.key: UUID = submit(session, SYSTEM, "test", {}, NOW).id

    def step(self, _seconds: float) -> None:
        """Take the next step."""
        with writing(self.engine, SYSTEM) as session:
            work = session.get_one(Operation, self.key)
            if work.state is OperationState.QUEUED:
                work.state, work.started_at, work.done, work.total = OperationState.RUNNING, NOW, 1, 2
            else:
                work.state, work.ended_at, work.result = self.ends, NOW, {"plan": "P-000001"}


def test_long_work_is_waited_for(engine: Engine) -> None:
    worker = Worker(engine, OperationState.DONE)
    seen: list[str] = []
    with served_to(engine, SYSTEM) as address, Client(address, sleep=worker.step) as client:
        done = client.operation(str(worker.key)).wait(progress=lambda now: seen.append(now["state"]))
    assert seen == ["queued", "running", "done"]
    assert done["result"] == {"plan": "P-000001"}


def test_long_work_that_fails_says_so(engine: Engine) -> None:
    worker = Worker(engine, OperationState.OUT_OF_MEMORY)
    with (
        served_to(engine, SYSTEM) as address,
        Client(address, sleep=worker.step) as client,
        pytest.raises(OperationFailed, match="out_of_memory"),
    ):
        client.operation(str(worker.key)).wait()


def test_long_work_is_cancelled_or_left_alone(engine: Engine) -> None:
    worker = Worker(engine, OperationState.DONE)
    with served_to(engine, SYSTEM) as address, Client(address) as client:
        work = client.operation(str(worker.key))
        with pytest.raises(TimeoutError):
            work.wait(timeout_s=0)
        assert work.cancel()["state"] == "cancelled"
