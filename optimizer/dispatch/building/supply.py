"""Parts and tools as arrays: the ways in which each op can be supplied, kits, depots and what is shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from optimizer.dispatch.building.flat import begins, floats, ints
from optimizer.dispatch.building.ops import BEGUN, Op
from optimizer.dispatch.jobs import PartNeed
from optimizer.dispatch.kernel.arrays import Ints
from optimizer.dispatch.model import Problem

MODES_MAX = 64
"""Of the combinations of alternates and deliveries of a job, so many of the cheapest are looked at."""

WORD = 62
"""Tools are bits of words of this many."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to supply a job: delivered by `ready_s`, the rest carried; `choices` name part and whether delivered.

    `lines` are part and quantity of each need that is carried, in the order of the needs.
    """

    ready_s: float
    cost: float
    lines: tuple[tuple[str, float], ...]
    choices: tuple[tuple[str, bool], ...]

    @property
    def carried(self) -> Mapping[str, float]:
        """Return how much of each part is carried."""
        found: dict[str, float] = {}
        for part, quantity in self.lines:
            found[part] = found.get(part, 0.0) + quantity
        return found


def modes_of(needs: Sequence[PartNeed], known: frozenset[str]) -> list[Mode]:
    """Return the ways to supply needs, cheapest and soonest first; `known` are the parts that kits or depots have."""
    options = [list(_options(need, known)) for need in needs]
    found = [_mode(needs, chosen) for chosen in islice(product(*options), MODES_MAX * MODES_MAX)]
    return sorted(found, key=lambda mode: (mode.cost, len(mode.carried), mode.ready_s))[:MODES_MAX]


def _mode(needs: Sequence[PartNeed], chosen: tuple[tuple[str, bool], ...]) -> Mode:
    """Return the way to supply needs that is chosen for each."""
    ready, cost, lines = 0.0, 0.0, list[tuple[str, float]]()
    for need, (part, delivered) in zip(needs, chosen, strict=True):
        if delivered:
            ready = max(ready, need.ready_s or 0.0)
        else:
            lines.append((part, need.quantity))
        cost += need.alternate_cost if part != need.parts[0] else 0.0
    return Mode(ready, cost, tuple(lines), chosen)


def _options(need: PartNeed, known: frozenset[str]) -> Iterable[tuple[str, bool]]:
    if need.ready_s is not None:
        yield need.parts[0], True
    if need.carried:
        yield from ((part, False) for part in need.parts if part in known)


def brings(problem: Problem, op: Op) -> bool:
    """Say whether an op brings the parts and tools of its job: the first seat, of what has not begun."""
    if op.appointment is not None or op.seat > 0:
        return False
    pin = problem.jobs[op.job].pin
    return pin is None or pin.kind not in BEGUN


class Supply:
    """The supply of a problem: modes of each op, part and tool numbers."""

    def __init__(self, problem: Problem, ops: Sequence[Op]) -> None:
        self.problem = problem
        wanted = {part for job in problem.jobs for need in job.parts for part in need.parts}
        held = {part for person in problem.technicians for part in person.parts}
        known = frozenset(held | {part for depot in problem.depots for part in depot.stock}) & wanted
        self.parts = sorted(known)
        self.tools = sorted({tool for job in problem.jobs for tool in job.tools})
        nothing = [Mode(0.0, 0.0, (), ())]
        self.modes = [modes_of(problem.jobs[op.job].parts, known) if brings(problem, op) else nothing for op in ops]
        self.op_tools = self._bits(
            [problem.jobs[op.job].tools if brings(problem, op) else frozenset[str]() for op in ops]
        )

    def _bits(self, tools: Sequence[frozenset[str]]) -> Ints:
        numbers = {tool: index for index, tool in enumerate(self.tools)}
        bits = np.zeros((len(tools), len(self.tools) // WORD + 1), dtype=np.int64)
        for row, names in enumerate(tools):
            for tool in names:
                if tool in numbers:
                    bits[row, numbers[tool] // WORD] |= 1 << (numbers[tool] % WORD)
        return bits

    def arrays(self, ops: Sequence[Op]) -> dict[str, object]:
        """Return the arrays of `kernel.arrays.Data` that tell of parts and tools."""
        problem, parts = self.problem, {part: index for index, part in enumerate(self.parts)}
        modes = [mode for ways in self.modes for mode in ways]
        lines = [[(parts[part], quantity) for part, quantity in mode.lines] for mode in modes]
        kit = np.zeros((len(problem.technicians), max(1, len(parts))))
        for row, person in enumerate(problem.technicians):
            for part, quantity in person.parts.items():
                if part in parts:
                    kit[row, parts[part]] = quantity
        stock = np.full((len(problem.depots), max(1, len(parts))), -1.0)
        for row, depot in enumerate(problem.depots):
            for part, quantity in depot.stock.items():
                if part in parts:
                    stock[row, parts[part]] = quantity
        shared = sorted(problem.shared_tools)
        asked = [
            sorted(shared.index(tool) for tool in problem.jobs[op.job].shared_tools)
            if op.appointment is None and op.seat == 0
            else []
            for op in ops
        ]
        return {
            "modes_at": begins(self.modes),
            "mode_ready_s": floats([[mode.ready_s] for mode in modes]),
            "mode_cost": floats([[mode.cost] for mode in modes]),
            "lines_at": begins(lines),
            "line_part": ints([[part for part, _ in one] for one in lines]),
            "line_quantity": floats([[quantity for _, quantity in one] for one in lines]),
            "op_tools": self.op_tools,
            "kit": kit,
            "person_tools": self._bits([person.tools for person in problem.technicians]),
            "depot_place": ints([[depot.place] for depot in problem.depots]),
            "depot_from_s": floats([[depot.window.from_s] for depot in problem.depots]),
            "depot_until_s": floats([[depot.window.until_s] for depot in problem.depots]),
            "depot_length_s": floats([[depot.handling_s] for depot in problem.depots]),
            "depot_stock": stock,
            "depot_tools": self._bits([depot.tools for depot in problem.depots]),
            "shared_at": begins(asked),
            "shared": ints(asked),
            "shared_count": ints([[problem.shared_tools[tool]] for tool in shared]),
        }
