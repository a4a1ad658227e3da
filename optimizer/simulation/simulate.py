"""Play a problem through, replication after replication, side by side where there is an executor."""

from __future__ import annotations

import itertools
import time
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.run import Limit, OnProgress, Progress, ShouldStop, never_stop, no_progress
from optimizer.simulation.groups import Group, groups_of
from optimizer.simulation.intervals import Estimate, Ratio
from optimizer.simulation.kernel import replication as kernel
from optimizer.stocking.tree import parts_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from optimizer.simulation.model import Problem

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WORTH = 50_000.0
"""Groups are simulated in one job until so many pieces are removed."""
AHEAD = 64
"""So many jobs are given to the executor before the first of them is waited for."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was seen, by node as in an evaluation; means per replication, with intervals.

    `due` are pieces ordered, in repair or on their way; `fill` is of pieces, `wait_days` of all asked for, those
    served at once included; `borrowed` the share that came from beside. NaN where nothing was asked for. By shop:
    `utilisation` of its servers, pieces in `queue`, and `queue_days` of each. `books` are the sums of what the kernel
    tells (`optimizer.simulation.kernel.replication`), which `check` adds up.
    """

    seed: int
    replications: int
    days: float
    warm_up_days: float
    part: NDArray[np.int64]
    place: NDArray[np.int32]
    stock: NDArray[np.int64]
    backorders: Estimate
    own_backorders: Estimate
    due: Estimate
    fill: Estimate
    wait_days: Estimate
    borrowed: Estimate
    utilisation: Estimate
    queue: Estimate
    queue_days: Estimate
    weighted: Estimate
    books: Floats
    seconds: float


def simulate(
    problem: Problem,
    *,
    limit: Limit,
    seed: int,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
    executor: Executor | None = None,
) -> Simulation:
    """Return what a stock leaves waiting; `limit.iterations` counts replications, and only whole ones are told.

    Each part has its own random numbers in each replication, so that the same seed gives the same result whatever the
    executor (threads do: the kernel runs without the interpreter's lock). Fewer than two replications have no
    interval; with none, by an early end, all means are NaN. O(removals × levels × log of what is under way).
    """
    return _Run(problem, limit, seed, should_stop, on_progress, executor).simulation()


class _Run:
    """One simulation."""

    def __init__(
        self,
        problem: Problem,
        limit: Limit,
        seed: int,
        should_stop: ShouldStop,
        on_progress: OnProgress,
        executor: Executor | None,
    ) -> None:
        self.problem, self.limit, self.seed, self.executor = problem, limit, seed, executor
        self.should_stop, self.on_progress = should_stop, on_progress
        self.began_s = time.monotonic()
        self.tree = tree_of(problem.scenario)
        self.begin, self.end = problem.warm_up, problem.warm_up + problem.days
        self.jobs = _jobs(groups_of(problem), self.end)
        nodes, shops = self.tree.place.size, len(problem.world.shops)
        self.books = np.zeros((nodes, kernel.COLUMNS))
        self.waiting, self.own, self.due, self.fill, self.wait, self.borrowed = (Ratio(nodes) for _ in range(6))
        self.busy, self.queue, self.delay = (Ratio(shops) for _ in range(3))
        self.weighted = Ratio(1)

    def simulation(self) -> Simulation:
        """Return the simulation."""
        done = 0
        for told, used in self._replications():
            self._add(told, used)
            done += 1
            mean = float(self.weighted.told().mean[0])
            self.on_progress(Progress(done, time.monotonic() - self.began_s, mean))
        return Simulation(
            seed=self.seed,
            replications=done,
            days=self.problem.days,
            warm_up_days=self.begin,
            part=parts_of(self.tree),
            place=self.tree.place,
            stock=self.problem.stock,
            backorders=self.waiting.told(),
            own_backorders=self.own.told(),
            due=self.due.told(),
            fill=self.fill.told(),
            wait_days=self.wait.told(),
            borrowed=self.borrowed.told(),
            utilisation=self.busy.told(),
            queue=self.queue.told(),
            queue_days=self.delay.told(),
            weighted=self.weighted.told(),
            books=self.books,
            seconds=time.monotonic() - self.began_s,
        )

    def _replications(self) -> Iterator[tuple[Floats, Floats]]:
        """Yield what each whole replication tells by node and by shop, in their order."""
        told = np.zeros((self.tree.place.size, kernel.COLUMNS))
        used = np.zeros((len(self.problem.world.shops), kernel.SHOP_COLUMNS))
        for groups, results in self._results():
            for group, (by_node, by_shop) in zip(groups, results, strict=True):
                told[group.nodes], used[group.shops] = by_node, by_shop
            if groups is self.jobs[-1]:
                yield told, used

    def _results(self) -> Iterator[tuple[tuple[Group, ...], _Told]]:
        """Yield the results of jobs in order, until there is no time left or somebody stops it."""
        jobs = ((job, number) for number in itertools.count() for job in self.jobs)
        count = None if self.limit.iterations is None else self.limit.iterations * len(self.jobs)
        asked = itertools.islice(jobs, count)
        under_way: deque[tuple[tuple[Group, ...], Future[_Told]]] = deque()
        try:
            while not self._over():
                for job, number in itertools.islice(asked, (AHEAD if self.executor else 1) - len(under_way)):
                    under_way.append((job, self._submit(job, number)))
                if not under_way:
                    return
                job, future = under_way.popleft()
                yield job, future.result()
        finally:
            for _, future in under_way:
                future.cancel()

    def _submit(self, job: tuple[Group, ...], number: int) -> Future[_Told]:
        arguments = (job, self.seed, number, self.begin, self.end)
        if self.executor is not None:
            return self.executor.submit(_replicate, *arguments)
        done: Future[_Told] = Future()
        done.set_result(_replicate(*arguments))
        return done

    def _over(self) -> bool:
        seconds = time.monotonic() - self.began_s
        return (self.limit.seconds is not None and seconds >= self.limit.seconds) or self.should_stop()

    def _add(self, told: Floats, used: Floats) -> None:
        days = self.problem.days
        self.books += told
        self.waiting.add(told[:, kernel.WAITING], days)
        self.own.add(told[:, kernel.OWN], days)
        self.due.add(told[:, kernel.DUE], days)
        self.fill.add(told[:, kernel.AT_ONCE], told[:, kernel.ASKED])
        self.wait.add(told[:, kernel.WAITED], told[:, kernel.ASKED])
        self.borrowed.add(told[:, kernel.BORROWED], told[:, kernel.ASKED])
        servers = np.array([shop.servers for shop in self.problem.world.shops], np.float64)
        self.busy.add(used[:, kernel.BUSY], servers * days)
        self.queue.add(used[:, kernel.QUEUED], days)
        self.delay.add(used[:, kernel.DELAYED], used[:, kernel.TAKEN])
        self.weighted.add(np.array([told[:, kernel.OWN] @ self.tree.weight]), days)


_Told = list[tuple["Floats", "Floats"]]


def _jobs(groups: list[Group], days: float) -> list[tuple[Group, ...]]:
    """Return groups bundled into jobs that are worth a call."""
    jobs: list[list[Group]] = [[]]
    removed = 0.0
    for group in groups:
        if removed >= WORTH:
            jobs.append([])
            removed = 0.0
        jobs[-1].append(group)
        removed += group.work * days
    return [tuple(job) for job in jobs]


def _replicate(groups: tuple[Group, ...], seed: int, replication: int, begin: float, end: float) -> _Told:
    results = []
    for group in groups:
        told = np.zeros((group.nodes.size, kernel.COLUMNS))
        used = np.zeros((group.shops.size, kernel.SHOP_COLUMNS))
        kernel.replicate(group.net, group.streams(seed, replication), begin, end, told, used)
        results.append((told, used))
    return results
