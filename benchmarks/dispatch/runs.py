"""Run our engine and its peers on published instances, alternating, every solution judged by the published rules."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from benchmarks.dispatch.evaluate import Tour, evaluate
from benchmarks.dispatch.instances import Instance
from benchmarks.dispatch.peers import PEERS, Unfit
from benchmarks.dispatch.problems import problem
from benchmarks.dispatch.tours import tours_of, written
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan
from optimizer.run import Limit, OnProgress

OURS = "fieldops"


class Solver(Protocol):
    """What `optimizer.dispatch.solve.solve` is, as far as it is needed here."""

    def __call__(
        self,
        problem: Problem,
        *,
        limit: Limit,
        seed: int = ...,
        threads: int = ...,
        on_progress: OnProgress = ...,
        start: Plan | None = ...,
    ) -> Plan:
        """Return the best plan found within the limit."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a solver found on an instance; `gap` is the part by which it is above the best known value.

    `value` is None where nothing was found, `gap` also where a rule is broken. The last four are of the dynamic
    variant: the value with everything known before, requests turned away, seconds of the slowest replanning by the
    clock and of the processor.
    """

    instance: str
    kind: str
    solver: str
    value: float | None
    bks: float | None
    feasible: bool
    cpu_s: float
    wall_s: float
    seed: int
    static_value: float | None = None
    rejected: int | None = None
    event_s_max: float | None = None
    event_cpu_s_max: float | None = None

    @property
    def gap(self) -> float | None:
        """Return the gap to the best known value, as a part of it."""
        if self.value is None or self.bks is None or not self.feasible:
            return None
        return self.value / self.bks - 1

    def told(self) -> dict[str, object]:
        """Return what is reported; the dynamic figures only where there are any."""
        keys = ["instance", "kind", "solver", "value", "bks", "gap", "feasible", "cpu_s", "wall_s", "seed"]
        if self.event_s_max is not None:
            keys += ["static_value", "rejected", "event_s_max", "event_cpu_s_max"]
        return {key: getattr(self, key) for key in keys}


@dataclass(frozen=True, slots=True)
class Settings:
    """How long each solver may run, with which seeds and threads, and against whom.

    `event_rounds` are those of search for each event of the dynamic variant.
    """

    seconds: float = 30.0
    seeds: tuple[int, ...] = (0,)
    threads: int = 1
    peers: tuple[str, ...] = ()
    solutions: Path | None = None
    event_rounds: int = 4_000


def cpu_now() -> float:
    """Return the processor seconds of this process with all its threads, and of its children that have ended."""
    return sum(os.times()[:4])


def run(instances: Sequence[Instance], settings: Settings, solver: Solver) -> Iterator[Case]:
    """Yield the case of each instance, seed and solver; peers get the processor time that ours has used before."""
    keep = Solutions(settings.solutions)
    for instance in instances:
        for seed in settings.seeds:
            case = keep(*measured(instance, OURS, seed, partial(ours, instance, settings, seed, solver)))
            yield case
            for peer in settings.peers:
                find = partial(PEERS[peer], instance, max(case.cpu_s, 0.1), seed)
                with suppress(Unfit):
                    yield keep(*measured(instance, peer, seed, find))


def ours(instance: Instance, settings: Settings, seed: int, solver: Solver) -> list[Tour]:
    """Return the tours of our plan."""
    plan = solver(problem(instance), limit=Limit(seconds=settings.seconds), seed=seed, threads=settings.threads)
    return tours_of(instance, plan)


def measured(
    instance: Instance, solver: str, seed: int, find: Callable[[], list[Tour] | None]
) -> tuple[Case, list[Tour]]:
    """Return what a solver found, judged, and how long it took."""
    began, spent = time.perf_counter(), cpu_now()
    tours = find()
    cpu_s, wall_s = cpu_now() - spent, time.perf_counter() - began
    verdict = evaluate(instance, tours) if tours is not None else None
    case = Case(
        instance.name,
        instance.kind,
        solver,
        verdict.value if verdict else None,
        instance.bks,
        verdict is not None and verdict.feasible,
        cpu_s,
        wall_s,
        seed,
    )
    tell_faults(instance.name, solver, seed, verdict.faults if verdict else ())
    return case, tours or []


def tell_faults(instance: str, solver: str, seed: int, faults: Iterable[str]) -> None:
    """Say which rules a solution breaks."""
    for fault in faults:
        sys.stderr.write(f"{instance}, {solver}, seed {seed}: {fault}\n")


class Solutions:
    """Keeps the best solution of each instance and solver in a folder, if one is named."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.best: dict[tuple[str, str], float] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, case: Case, tours: Sequence[Tour]) -> Case:
        """Return the case, after its solution has been written where none better was."""
        known = self.best.get((case.instance, case.solver), math.inf)
        rank = case.value if case.feasible and case.value is not None else sys.float_info.max
        if self.folder is not None and rank < known:
            self.best[case.instance, case.solver] = rank
            told = written(case.instance, case.solver, case.value, tours)
            (self.folder / f"{case.instance}.{case.solver}.json").write_text(json.dumps(told, indent=1) + "\n")
        return case
