"""Judge a plan's expected backorders by simulation, and name what makes them differ by leaving that out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.run import Limit, ShouldStop, never_stop
from optimizer.simulation.groups import groups_of
from optimizer.simulation.intervals import CONFIDENCE, student
from optimizer.simulation.kernel import replication as kernel
from optimizer.simulation.model import shops_of
from optimizer.simulation.simulate import simulate
from optimizer.stocking.evaluate import evaluated
from optimizer.stocking.model import Lines
from optimizer.stocking.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

    from optimizer.simulation.model import Problem, World
    from optimizer.simulation.simulate import Simulation
    from optimizer.stocking.evaluate import Evaluation, Method
    from optimizer.stocking.model import Scenario

SHOWN = 0.01
"""Backorders up to this are not compared."""
CLOSE = 0.10
"""What the simulated ones may differ by, as a share of the plan's."""
FEW = 100
"""With fewer pieces that wait, seen or expected, no interval can be trusted."""
NOTICED = 0.05
"""A cause that changes the difference by less, as a share of the larger value, is not named."""


class Cause(StrEnum):
    """Why a plan and its simulation differ.

    The first four are of the world and found by leaving them out: `repair_queue` (any number is repaired at a time),
    `batches` (single pieces, in the plan's model as well), `laterals`, `varying_times` (all times are their mean).
    `approximation` is what is left then, of the plan's model itself; `too_short`: nothing is established yet.
    """

    REPAIR_QUEUE = "repair_queue"
    BATCHES = "batches"
    LATERALS = "laterals"
    VARYING_TIMES = "varying_times"
    APPROXIMATION = "approximation"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class Effect:
    """A cause, and how many backorders it has the simulation see beyond the plan; what is open if it is too short."""

    cause: Cause
    backorders: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A part at a place where plan and simulation differ by more than 10 %, and by what, the largest effects first.

    `half_width` is of the interval of the simulated value, wide enough for all that are compared to hold together.
    Without `causes` the search was stopped before.
    """

    part: str
    place: str
    planned: float
    simulated: float
    half_width: float
    causes: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of the places of parts where more than .01 wait, by plan or by simulation: how many agree, and the others.

    `planned` and `simulated` are the weighted backorders of all, the latter with its interval of 95 %.
    """

    method: Method
    planned: float
    simulated: float
    half_width: float
    compared: int
    agreeing: int
    findings: tuple[Finding, ...]


def judge(
    problem: Problem,
    evaluation: Evaluation,
    simulation: Simulation,
    *,
    confidence: float = CONFIDENCE,
    should_stop: ShouldStop = never_stop,
    executor: Executor | None = None,
) -> Judgement:
    """Compare the backorders of a plan with simulated ones, both of the same stock, and name why they differ.

    The parts that differ are simulated again from the same random numbers, without what plans do not know, one thing at
    a time: what brings plan and simulation nearest is left out for good, until they agree (within 10 %, or the plan
    within the interval). At most two to the power of the things to leave out, of which there are four, are the
    simulations. The intervals of all that is compared hold together with `confidence`: more of it is needed by who
    judges many problems and wants none of them told wrong. Raises ValueError for stocks or days that are not the same,
    with fewer than two replications, and for a confidence that is none.
    """
    if not np.array_equal(evaluation.stock, problem.stock) or not np.array_equal(simulation.stock, problem.stock):
        raise ValueError("plan, simulation and problem must be of the same stock")
    if (simulation.days, simulation.warm_up_days) != (problem.days, problem.warm_up):
        raise ValueError("the simulation must be of the problem's days")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    if simulation.replications < 2:
        raise ValueError("a simulation of fewer than two replications cannot be judged; give it more")
    shown = int((np.maximum(evaluation.backorders, simulation.backorders.mean) > SHOWN).sum())
    wider = _wider(simulation.replications, shown, confidence)
    pairs = _pairs(evaluation, simulation, wider)
    nodes = [node for node, pair in enumerate(pairs) if pair.apart]
    firm = [node for node in nodes if not pairs[node].short]
    search = _Search(problem, evaluation, simulation, firm, wider, should_stop, executor) if firm else None
    findings = []
    for node in nodes:
        pair = pairs[node]
        causes = (pair.open(),) if pair.short or search is None else search.causes(node, pair)
        part = problem.scenario.parts[evaluation.part[node]].number
        place = problem.scenario.places[evaluation.place[node]].code
        findings.append(Finding(part, place, pair.planned, pair.simulated, pair.half_width, causes))
    whole = simulation.weighted
    return Judgement(
        method=evaluation.method,
        planned=evaluation.weighted,
        simulated=float(whole.mean[0]),
        half_width=float(whole.half_width[0]),
        compared=shown,
        agreeing=shown - len(findings),
        findings=tuple(findings),
    )


class _Pair(NamedTuple):
    """What a plan and a simulation have waiting at a node; `waits` are pieces that had or were expected to wait."""

    planned: float
    simulated: float
    half_width: float
    waits: float

    @property
    def apart(self) -> bool:
        return max(self.planned, self.simulated) > SHOWN and abs(self.difference) > CLOSE * self.planned

    @property
    def short(self) -> bool:
        """Whether the simulation is too short to tell that they are apart."""
        return self.waits < FEW or abs(self.difference) <= self.half_width

    @property
    def difference(self) -> float:
        return self.simulated - self.planned

    @property
    def share(self) -> float:
        """How far they are apart, from -1 (nothing is simulated) to 1 (nothing is planned)."""
        return self.difference / max(self.planned, self.simulated, SHOWN)

    def open(self) -> Effect:
        """Return what is left to be explained when nothing of the world is."""
        return Effect(Cause.TOO_SHORT if self.short else Cause.APPROXIMATION, self.difference)


def _wider(replications: int, comparisons: int, confidence: float) -> float:
    """Return by how much intervals must be wider for all of so many to hold together (Bonferroni)."""
    each = 1.0 - (1.0 - confidence) / max(1, comparisons)
    return student(replications - 1, each) / student(replications - 1)


def _pairs(evaluation: Evaluation, simulation: Simulation, wider: float) -> list[_Pair]:
    asked, at_once = simulation.books[:, kernel.ASKED], simulation.books[:, kernel.AT_ONCE]
    waits = np.maximum(asked - at_once, asked * (1.0 - evaluation.fill))
    told = simulation.backorders
    columns = (evaluation.backorders, told.mean, told.half_width * wider, waits)
    return [_Pair(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


class _Search:
    """The parts that differ, with those that share their shops, and what is seen of them without some causes."""

    def __init__(
        self,
        problem: Problem,
        evaluation: Evaluation,
        simulation: Simulation,
        nodes: Iterable[int],
        wider: float,
        should_stop: ShouldStop,
        executor: Executor | None,
    ) -> None:
        kept = _together(problem, {int(evaluation.part[node]) for node in nodes})
        self.problem = _narrowed(problem, kept)
        self.method, self.simulation, self.wider = evaluation.method, simulation, wider
        self.should_stop, self.executor = should_stop, executor
        self.node_at = {node: at for at, node in enumerate(np.flatnonzero(np.isin(evaluation.part, kept)).tolist())}
        self.seen: dict[frozenset[Cause], list[_Pair] | None] = {}
        self.present = [cause for cause, without in WITHOUT.items() if _unlike(without(self.problem), self.problem)]

    def causes(self, node: int, pair: _Pair) -> tuple[Effect, ...]:
        """Return the causes of a difference at a node, the largest first; none if this is stopped."""
        off: frozenset[Cause] = frozenset()
        named: list[Effect] = []
        while pair.apart and not pair.short and len(off) < len(self.present):
            tried: dict[Cause, _Pair] = {}
            for cause in self.present:
                if cause not in off:
                    pairs = self._without(off | {cause})
                    if pairs is None:
                        return ()
                    tried[cause] = pairs[self.node_at[node]]
            best = min(tried, key=lambda cause: abs(tried[cause].share))
            if abs(pair.share - tried[best].share) > NOTICED:
                named.append(Effect(best, pair.difference - tried[best].difference))
            off, pair = off | {best}, tried[best]
        if (pair.apart and not pair.short) or not named:
            named.append(pair.open())
        return tuple(sorted(named, key=lambda effect: -abs(effect.backorders)))

    def _without(self, off: frozenset[Cause]) -> list[_Pair] | None:
        if off not in self.seen:
            problem = self.problem
            for cause in off:
                problem = WITHOUT[cause](problem)
            limit = Limit(iterations=self.simulation.replications)
            simulation = simulate(
                problem, limit=limit, seed=self.simulation.seed, should_stop=self.should_stop, executor=self.executor
            )
            whole = simulation.replications == self.simulation.replications
            plan = evaluated(problem.scenario, tree_of(problem.scenario), problem.stock, self.method)
            self.seen[off] = _pairs(plan, simulation, self.wider) if whole else None
        return self.seen[off]


def _together(problem: Problem, parts: set[int]) -> list[int]:
    """Return parts and all that share a shop with one of them, by index."""
    numbers = {problem.scenario.parts[part].number for part in parts}
    groups = [set(group.parts) for group in groups_of(problem)]
    wanted = set().union(*(group for group in groups if group & numbers))
    return [index for index, part in enumerate(problem.scenario.parts) if part.number in wanted]


def _narrowed(problem: Problem, parts: list[int]) -> Problem:
    """Return the problem of some parts, of whose shops no other part has any."""
    scenario = problem.scenario
    tree = tree_of(scenario)
    of_node = np.repeat(np.arange(len(scenario.parts)), np.diff(tree.at))
    nodes = np.isin(of_node, parts)
    busy = set(shops_of(problem, tree)[nodes].tolist())
    shops = tuple(shop for index, shop in enumerate(problem.world.shops) if index in busy)
    return replace(
        problem,
        scenario=_of_parts(scenario, parts),
        stock=problem.stock[nodes],
        world=replace(problem.world, shops=shops),
        warm_up_days=problem.warm_up,
    )


def _of_parts(scenario: Scenario, parts: list[int]) -> Scenario:
    lines = scenario.lines
    mine = np.isin(lines.part, parts)
    some = Lines(
        np.searchsorted(parts, lines.part[mine]),
        lines.place[mine],
        lines.rate_per_day[mine],
        lines.weight[mine],
        lines.least[mine],
        lines.most[mine],
        lines.owned[mine],
    )
    return replace(scenario, parts=tuple(scenario.parts[part] for part in parts), lines=some)


def _unlike(one: Problem, other: Problem) -> bool:
    return one.world != other.world or one.scenario.parts != other.scenario.parts


def _single(problem: Problem) -> Problem:
    parts = tuple(replace(part, dispersion=1.0) for part in problem.scenario.parts)
    return replace(problem, scenario=replace(problem.scenario, parts=parts))


def _in(problem: Problem, world: World) -> Problem:
    return replace(problem, world=world)


def _always_the_mean(world: World) -> World:
    return replace(world, turn_around_variation=0.0, transit_variation=0.0, lead_variation=0.0)


WITHOUT: dict[Cause, Callable[[Problem], Problem]] = {
    Cause.REPAIR_QUEUE: lambda problem: _in(problem, replace(problem.world, shops=())),
    Cause.BATCHES: _single,
    Cause.LATERALS: lambda problem: _in(problem, replace(problem.world, pools=())),
    Cause.VARYING_TIMES: lambda problem: _in(problem, _always_the_mean(problem.world)),
}
"""How a problem is without a cause."""
