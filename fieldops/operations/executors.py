"""Where operations run: in processes of this machine, or as tasks of a Dask cluster."""

from __future__ import annotations

from typing import Protocol

from fieldops.operations.child import Task
from fieldops.operations.processes import Execution, ProcessExecution
from fieldops.settings import Settings
from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _


class Executor(Protocol):
    """Starts tasks."""

    def start(self, task: Task) -> Execution:
        """Start a task."""

    def close(self) -> None:
        """Let go of what it holds; nothing runs any more."""


class LocalProcesses:
    """Runs each task in a child process."""

    def start(self, task: Task) -> Execution:
        """Start a task."""
        return ProcessExecution(task)

    def close(self) -> None:
        """Hold nothing."""


def open_executor(settings: Settings) -> Executor:
    """Return the executor that the settings name; raises NotReady for a cluster that is not there."""
    if settings.executor == "process":
        return LocalProcesses()
    if settings.dask_scheduler is None:
        raise NotReady(
            _("FIELDOPS_EXECUTOR is dask; name its scheduler in FIELDOPS_DASK_SCHEDULER, such as tcp://host:8786"),
            code="no_cluster",
        )
    try:
        from fieldops.operations.cluster import Cluster
    except ImportError:
        raise NotReady(
            _("Dask is missing; install fieldops with the extra “cluster”"), code="no_cluster_library"
        ) from None
    return Cluster(settings.dask_scheduler)
