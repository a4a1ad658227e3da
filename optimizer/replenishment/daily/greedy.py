"""The rule of thumb: the most urgent need first, each by its cheapest move that is still possible.

It starts and backs the search: its plan is there at once, and from any plan it adds what still fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.replenishment.daily.core import SLACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.daily.core import Core, Ints


def greedy(core: Core, begin: Ints | None = None) -> Ints:
    """Return pieces of each move: those to begin with, and more by the rule. O(moves log moves)."""
    fill = _Fill(core, np.zeros(core.supply.size, np.int64) if begin is None else begin)
    for needs in _groups(core):
        fill.serve(needs)
    return np.array(fill.pieces, dtype=np.int64)


def _groups(core: Core) -> Iterator[list[int]]:
    """Return needs from the most urgent one and the highest penalty on; those of a kit together."""
    kits: dict[int, list[int]] = {}
    kit = core.kit.tolist()
    for need in np.flatnonzero(core.kit >= 0).tolist():
        kits.setdefault(kit[need], []).append(need)
    for need in np.lexsort((-core.penalty, core.urgency)).tolist():
        if kit[need] < 0:
            yield [need]
        elif kit[need] in kits:
            yield kits.pop(kit[need])


class _Fill:
    """A plan under construction."""

    def __init__(self, core: Core, begin: Ints) -> None:
        self.pieces: list[int] = begin.tolist()
        self.held: list[int] = (core.supply_each - core.drawn(begin)).tolist()
        self.lacking: list[int] = core.unmet(begin).tolist()
        self.room: list[float] = (core.capacity * (1 + SLACK) - core.used(begin)).tolist()
        runs = core.fixed == 0
        runs[core.running(begin)] = True
        self.runs: list[bool] = runs.tolist()
        self.supply, self.need = core.supply.tolist(), core.need.tolist()
        self.cost, self.most = core.cost.tolist(), core.most.tolist()
        self.fixed, self.penalty, self.kit = core.fixed.tolist(), core.penalty.tolist(), core.kit.tolist()
        order = np.lexsort((core.cost, core.need))
        self.moves = order.tolist()
        self.at = np.searchsorted(core.need[order], np.arange(core.need_each.size + 1)).tolist()
        uses = np.argsort(core.use_move, kind="stable")
        self.use_at = np.searchsorted(core.use_move[uses], np.arange(core.supply.size + 1)).tolist()
        self.shared, self.amount = core.use_shared[uses].tolist(), core.use_amount[uses].tolist()

    def serve(self, needs: list[int]) -> None:
        """Give the needs what they lack: one by one, or all of them or none where they are a kit."""
        if self.kit[needs[0]] < 0:
            self._serve(needs[0], [], [])
            return
        saved = sum(self.penalty[need] * self.lacking[need] for need in needs)
        taken: list[tuple[int, int]] = []
        opened: list[int] = []
        spent = sum(self._serve(need, taken, opened) for need in needs)
        if spent >= saved or any(self.lacking[need] for need in needs):
            for move, pieces in taken:
                self._take(move, -pieces)
            for lane in opened:
                self.runs[lane] = False

    def _serve(self, need: int, taken: list[tuple[int, int]], opened: list[int]) -> float:
        """Serve a need as far as its moves allow; return what that costs, and add moves and lanes to the lists."""
        spent = 0.0
        for move in self.moves[self.at[need] : self.at[need + 1]]:
            pieces = min(self.lacking[need], self.held[self.supply[move]], self.most[move] - self.pieces[move])
            uses = range(self.use_at[move], self.use_at[move + 1])
            for use in uses:
                if pieces > 0 and self.amount[use] > 0 and self.room[self.shared[use]] < pieces * self.amount[use]:
                    pieces = int(self.room[self.shared[use]] / self.amount[use])
            if pieces <= 0:
                continue
            lanes = [self.shared[use] for use in uses if not self.runs[self.shared[use]]]
            cost = pieces * self.cost[move] + sum(self.fixed[lane] for lane in lanes)
            if cost >= pieces * self.penalty[need] and self.kit[need] < 0:
                continue
            self._take(move, pieces)
            for lane in lanes:
                self.runs[lane] = True
            spent += cost
            taken.append((move, pieces))
            opened += lanes
            if not self.lacking[need]:
                break
        return spent

    def _take(self, move: int, pieces: int) -> None:
        self.pieces[move] += pieces
        self.held[self.supply[move]] -= pieces
        self.lacking[self.need[move]] -= pieces
        for use in range(self.use_at[move], self.use_at[move + 1]):
            self.room[self.shared[use]] -= pieces * self.amount[use]
