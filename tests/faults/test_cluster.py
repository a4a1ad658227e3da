"""The same operations as tasks of a Dask cluster on this machine."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster
from sqlalchemy import Engine

from fieldops.operations import processes
from fieldops.operations.executors import open_executor
from fieldops.settings import Settings
from inventory.kernel.errors import NotReady
from inventory.kernel.operations import OperationState
from tests.faults.kinds import kinds
from tests.faults.test_ends import alive
from tests.faults.working import ask, cancel, ended, incumbent, told, until, working


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A cluster of one worker with two threads."""
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


def test_results_refusals_and_faults_come_back(engine: Engine, scheduler: str) -> None:
    with working(engine, executor="dask", dask_scheduler=scheduler):
        done, refused, lost = ask(engine, "double", number=4), ask(engine, "refuse"), ask(engine, "vanish")
        assert (ended(engine, done).result or {})["twice"] == 8
        assert ended(engine, refused).code == "plan_stale"
        assert (ended(engine, lost).state, ended(engine, lost).code) == (OperationState.FAILED, "crashed")
        stream = ended(engine, ask(engine, "stream"))
    assert (stream.result, stream.incumbent) == ({"objective": 0}, {"objective": 1})


def test_what_is_cancelled_stops(engine: Engine, scheduler: str) -> None:
    with working(engine, executor="dask", dask_scheduler=scheduler):
        key = ask(engine, "wait")
        incumbent(engine, key)
        cancel(engine, key)
        operation = ended(engine, key)
    assert (operation.state, operation.incumbent) == (OperationState.CANCELLED, {"objective": 7.5, "bound": 5})


def test_what_an_ending_worker_gave_back_runs_again(engine: Engine, scheduler: str, tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", tmp_path / "file"
    with working(engine, executor="dask", dask_scheduler=scheduler):
        key = ask(engine, "wait_for_file", mark=str(mark), file=str(file))
        until(lambda: told(engine, key).stage)
    assert told(engine, key).state is OperationState.QUEUED
    with working(engine, executor="dask", dask_scheduler=scheduler):
        until(lambda: len(mark.read_text().split()) == 2)
        until(lambda: (seen := told(engine, key)).ended_at or (seen.heartbeat_at != seen.started_at and seen.stage))
        first = told(engine, key).heartbeat_at
        until(lambda: (seen := told(engine, key)).ended_at or seen.heartbeat_at != first)  # long enough to be stopped
        file.touch()
        operation = ended(engine, key)
    assert (operation.state, operation.result) == (OperationState.DONE, {"done": True})


def test_what_takes_too_long_and_does_not_stop_is_killed(
    engine: Engine, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE_S", 1.0)
    with working(engine, kinds(limit_s=5.0), executor="dask", dask_scheduler=scheduler):
        operation = ended(engine, ask(engine, "deaf"))
    assert operation.state is OperationState.TIMED_OUT
    for process in (operation.incumbent or {})["group"]:
        until(lambda process=process: not alive(process))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("address", "text"), [(None, "FIELDOPS_DASK_SCHEDULER"), ("tcp://127.0.0.1:1", "No Dask scheduler answers")]
)
def test_a_cluster_that_is_not_there_is_refused(
    address: str | None, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldops.operations.cluster._CONNECT_S", 0.5)
    with pytest.raises(NotReady, match=text):
        open_executor(Settings(executor="dask", dask_scheduler=address))
