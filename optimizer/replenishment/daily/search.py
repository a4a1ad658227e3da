"""Find the moves of a day: exactly where that is possible in the time, else close to a proven bound."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.replenishment.daily.check_core import check_core
from optimizer.replenishment.daily.decompose import near, relax
from optimizer.replenishment.daily.flow import unavoidable
from optimizer.replenishment.daily.greedy import greedy
from optimizer.replenishment.daily.prices import Prices, bound
from optimizer.replenishment.daily.program import GAP, Work, solve_program
from optimizer.run import Limit, OnProgress, Progress, ShouldStop, Status, never_stop, no_progress

if TYPE_CHECKING:
    from optimizer.replenishment.daily.core import Core, Ints

WHOLE_MAX = 20_000
"""So many useful moves go into one whole-number program; more are decomposed."""

URGENT = 2
"""Urgencies below this are aircraft on ground and critical needs."""


@dataclass(frozen=True)
class Found:
    """The pieces of each move. No plan costs less than `bound`; `unavoidable` are the penalties of needs that no supply
    could serve, which every plan pays.
    """

    status: Status
    pieces: Ints
    objective: float
    bound: float
    unavoidable: float
    seconds: float

    @property
    def gap(self) -> float:
        """What the plan may cost too much, as a share of its cost."""
        return max(self.objective - self.bound, 0.0) / abs(self.objective) if self.objective else 0.0

    @property
    def avoidable_gap(self) -> float:
        """What the plan may cost too much, as a share of what is avoidable of its cost."""
        avoidable = self.objective - self.unavoidable
        return max(self.objective - self.bound, 0.0) / avoidable if avoidable > 0 else 0.0


def search(
    core: Core,
    *,
    limit: Limit,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
    urgent_as_greedy: bool = False,
) -> Found:
    """Return a plan with its bound; `limit.iterations` counts nodes of the whole-number program's search tree.

    There is always a plan: the rule of thumb, if nothing better was found in the time. It is optimal where value and
    bound differ by no more than a millionth. With `urgent_as_greedy`, needs of an aircraft on ground and critical ones
    get no fewer pieces, each of both, than by the rule of thumb, whatever that costs others.
    """
    begin = greedy(core)
    if urgent_as_greedy:
        floor = core.floor.copy()
        floor[:URGENT] = core.served(begin)[:URGENT]
        core = replace(core, floor=floor)
    return _Search(core, begin, limit, seed, should_stop, on_progress).found()


class _Search:
    """One search."""

    def __init__(
        self, core: Core, begin: Ints, limit: Limit, seed: int, should_stop: ShouldStop, on_progress: OnProgress
    ) -> None:
        self.core, self.limit, self.seed = core, limit, seed
        self.should_stop, self.on_progress = should_stop, on_progress
        self.started_s = time.monotonic()
        self.unavoidable = unavoidable(core)
        self.pieces, self.value = begin, core.price(begin)
        self.bound, self.plain = bound(core, Prices.none(core))
        self.stage = 0
        self._tell()

    def found(self) -> Found:
        """Search, and return what was found."""
        if self.core.separable and not self.core.floor.any():
            self._offer(self.plain)
        elif int((self.core.most > 0).sum()) <= WHOLE_MAX:
            self._exactly()
        else:
            self._decomposed()
        proven = self.value - self.bound <= GAP * max(abs(self.value), 1.0)
        return Found(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            pieces=self.pieces,
            objective=self.value,
            bound=min(self.bound, self.value),
            unavoidable=self.unavoidable,
            seconds=time.monotonic() - self.started_s,
        )

    def _exactly(self) -> None:
        core = self.core
        moves, nothing = np.flatnonzero(core.most > 0), np.zeros(core.supply.size, np.int64)
        for whole in (False, True):
            if self._ended():
                return
            solved = solve_program(core, moves, nothing, whole=whole, work=self._work())
            if solved is None:
                return
            self.bound = max(self.bound, solved.bound)
            if whole:
                self._offer(np.rint(solved.pieces).astype(np.int64))

    def _decomposed(self) -> None:
        relaxed = relax(self.core, self.pieces, self.plain, self.seed, self._work, self._ended)
        self.bound = max(self.bound, relaxed.bound)
        self._tell()
        if relaxed.value < np.inf:
            for pieces in near(self.core, relaxed, self._work, self._ended):
                self._offer(pieces)

    def _offer(self, pieces: Ints) -> None:
        """Take the pieces, and what still fits beside them, if that is possible and cheaper."""
        pieces = greedy(self.core, pieces)
        value = self.core.price(pieces)
        if value < self.value and not check_core(self.core, pieces, value):
            self.pieces, self.value = pieces, value
        self._tell()

    def _tell(self) -> None:
        self.stage += 1
        self.on_progress(Progress(self.stage, time.monotonic() - self.started_s, self.value, self.bound))

    def _work(self) -> Work:
        if self.limit.seconds is None:
            return Work(nodes=self.limit.iterations)
        return Work(seconds=self.limit.seconds - (time.monotonic() - self.started_s))

    def _ended(self) -> bool:
        spent = self.limit.seconds is not None and time.monotonic() - self.started_s >= self.limit.seconds
        return spent or self.should_stop()
