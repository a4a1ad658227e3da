"""Fair shares as a tie-break: pieces that could as well go to one target as to another go to the one that got less."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from optimizer.replenishment.daily.model import Urgency

if TYPE_CHECKING:
    from optimizer.replenishment.daily.build import Built
    from optimizer.replenishment.daily.core import Ints
    from optimizer.replenishment.daily.model import Problem


def evened(problem: Problem, built: Built, pieces: Ints) -> Ints:
    """Return the pieces evened out between targets of the same worth, at the same cost.

    Moves are alike where they take of the same supply, cost the same and use the same of what is shared.
    """
    core, found = built.core, pieces.copy()
    uses: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for move, shared, amount in zip(
        core.use_move.tolist(), core.use_shared.tolist(), core.use_amount.tolist(), strict=True
    ):
        uses[move].append((shared, amount))
    alike: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for move, (supply, number) in enumerate(built.ends):
        need = problem.needs[number]
        if need.job is None and need.urgency is not Urgency.EXCESS and core.most[move] and not built.again[move]:
            key = (supply, round(float(core.cost[move]), 6), need.penalty, need.urgency, tuple(sorted(uses[move])))
            alike[key].append(move)
    lacking = core.unmet(found).tolist()
    got = [each - lack for each, lack in zip(core.need_each.tolist(), lacking, strict=True)]
    for moves in alike.values():
        while len(moves) > 1:
            giving = [move for move in moves if found[move] > 0]
            taking = [move for move in moves if lacking[built.ends[move][1]] and found[move] < core.each[move]]
            if not giving or not taking:
                break
            most = max(giving, key=lambda move: got[built.ends[move][1]])
            least = min(taking, key=lambda move: got[built.ends[move][1]])
            rich, poor = built.ends[most][1], built.ends[least][1]
            if got[rich] - got[poor] < 2:
                break
            found[most] -= 1
            found[least] += 1
            got[rich], got[poor] = got[rich] - 1, got[poor] + 1
            lacking[rich], lacking[poor] = lacking[rich] + 1, lacking[poor] - 1
    return found
