"""Parts and tools as arrays: the ways in which each op can be supplied, kits, depots and what is shared."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice, product

import numpy as np

from optimizer.dispatch.building.flat import begins, floats, ints
from optimizer.dispatch.building.ops import BEGUN, Op
from optimizer.dispatch.jobs import PartNeed
from optimizer.dispatch.kernel.arrays import Ints
from optimizer.dispatch.model import Problem

MODES_MAX = 64
"""Of a job with more combinations of alternates and deliveries than this, so many are looked at.

The cheapest for each kit, alone and with each depot, is always among them.
"""

TRIED_MAX = 4096
"""So many of the cheapest combinations are tried until one is found that a kit and a depot suffice for."""

WORD = 62
"""Tools are bits of words of this many."""


Option = tuple[str, bool]
"""A part that meets a need, and whether it is delivered."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to supply a job: delivered by `ready_s`, the rest carried; `choices` name part and whether delivered.

    `lines` are part and quantity of each need that is carried, in the order of the needs.
    """

    ready_s: float
    cost: float
    lines: tuple[tuple[str, float], ...]
    choices: tuple[Option, ...]

    @property
    def carried(self) -> Mapping[str, float]:
        """Return how much of each part is carried."""
        found: dict[str, float] = {}
        for part, quantity in self.lines:
            found[part] = found.get(part, 0.0) + quantity
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Holder:
    """What one tour could take parts from: a kit, and a depot stop."""

    kit: Mapping[str, float]
    stock: Mapping[str, float]

    def suffices(self, mode: Mode) -> bool:
        """Say whether the holder has all of a mode, each need from the one or the other."""
        kit, stock = dict(self.kit), dict(self.stock)
        for part, quantity in sorted(mode.lines, key=lambda line: -line[1]):
            source = stock if stock.get(part, 0.0) >= quantity else kit
            source[part] = source.get(part, 0.0) - quantity
            if source[part] < 0.0:
                return False
        return True


class Holders:
    """All kits of a problem, alone and with each depot, and all parts that one of them has."""

    def __init__(self, problem: Problem) -> None:
        stocks: list[Mapping[str, float]] = [{}, *(depot.stock for depot in problem.depots)]
        self.all = [Holder(person.parts, stock) for person in problem.technicians for stock in stocks]
        self.parts = {part for person in problem.technicians for part in person.parts}.union(*stocks)

    def of(self, parts: Collection[str]) -> list[Holder]:
        """Return one of those that have the same of some parts."""
        named = sorted(parts)
        return list(
            {
                tuple((one.kit.get(part, 0.0), one.stock.get(part, 0.0)) for part in named): one for one in self.all
            }.values()
        )


def modes_of(needs: Sequence[PartNeed], holders: Holders, most: int = MODES_MAX) -> list[Mode]:
    """Return the ways to supply needs, cheapest and soonest first.

    Where there are more than `most`, these are the cheapest of each holder in turn; of all, if no holder has any.
    """
    options = [list(_options(need, holders.parts)) for need in needs]
    if math.prod(map(len, options)) <= most:
        found = [_mode(needs, chosen) for chosen in product(*options)]
    else:
        found = _of_each(needs, options, holders.of({part for need in needs for part in need.parts}), most)
        found = found or [_mode(needs, chosen) for chosen in islice(_cheapest_first(needs, options), most)]
    return sorted(found, key=lambda mode: (mode.cost, len(mode.carried), mode.ready_s))


def _of_each(
    needs: Sequence[PartNeed], options: Sequence[Sequence[Option]], holders: Sequence[Holder], most: int
) -> list[Mode]:
    """Return the cheapest mode of each holder, then the next of each, up to `most` if that is more."""
    found: dict[tuple[Option, ...], Mode] = {}
    waiting = [_held(needs, options, one) for one in holders]
    first = True
    while waiting and (first or len(found) < most):
        going: list[Iterator[Mode]] = []
        for modes in waiting:
            if not first and len(found) >= most:
                break
            mode = next(modes, None)
            if mode is not None:
                found.setdefault(mode.choices, mode)
                going.append(modes)
        waiting, first = going, False
    return list(found.values())


def _held(needs: Sequence[PartNeed], options: Sequence[Sequence[Option]], one: Holder) -> Iterator[Mode]:
    """Yield the modes that a holder suffices for, cheapest first."""

    def has(need: PartNeed, option: Option) -> bool:
        part, delivered = option
        return delivered or max(one.kit.get(part, 0.0), one.stock.get(part, 0.0)) >= need.quantity

    own = [[option for option in group if has(need, option)] for need, group in zip(needs, options, strict=True)]
    for chosen in islice(_cheapest_first(needs, own), TRIED_MAX):
        mode = _mode(needs, chosen)
        if one.suffices(mode):
            yield mode


def _cheapest_first(needs: Sequence[PartNeed], options: Sequence[Sequence[Option]]) -> Iterator[tuple[Option, ...]]:
    """Yield one option of each need, in all combinations, those that cost least first.

    From each combination lead the steps to the next dearer option of the need stepped last, or of one behind it.
    """
    if not all(options):
        return
    cost = [
        [0.0 if part == need.parts[0] else need.alternate_cost for part, _ in group]
        for need, group in zip(needs, options, strict=True)
    ]
    waiting = [(sum(group[0] for group in cost), (0,) * len(options), 0)]
    while waiting:
        total, at, last = heappop(waiting)
        yield tuple(group[index] for group, index in zip(options, at, strict=True))
        for step in range(last, len(options)):
            index = at[step] + 1
            if index < len(options[step]):
                more = cost[step][index] - cost[step][index - 1]
                heappush(waiting, (total + more, (*at[:step], index, *at[step + 1 :]), step))


def _mode(needs: Sequence[PartNeed], chosen: tuple[Option, ...]) -> Mode:
    """Return the way to supply needs that is chosen for each."""
    ready, cost, lines = 0.0, 0.0, list[tuple[str, float]]()
    for need, (part, delivered) in zip(needs, chosen, strict=True):
        if delivered:
            ready = max(ready, need.ready_s or 0.0)
        else:
            lines.append((part, need.quantity))
        cost += need.alternate_cost if part != need.parts[0] else 0.0
    return Mode(ready, cost, tuple(lines), chosen)


def _options(need: PartNeed, known: Collection[str]) -> Iterator[Option]:
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
    """The supply of a problem: modes of each op, part and tool numbers, counted on behind those given."""

    def __init__(
        self, problem: Problem, ops: Sequence[Op], parts: Sequence[str] = (), tools: Sequence[str] = ()
    ) -> None:
        self.problem = problem
        wanted = {part for job in problem.jobs for need in job.parts for part in need.parts}
        holders = Holders(problem)
        self.parts = [*parts, *sorted((holders.parts & wanted) - set(parts))]
        self.tools = [*tools, *sorted({tool for job in problem.jobs for tool in job.tools} - set(tools))]
        nothing = [Mode(0.0, 0.0, (), ())]
        self.modes = [modes_of(problem.jobs[op.job].parts, holders) if brings(problem, op) else nothing for op in ops]
        self.op_tools = self._bits(
            [problem.jobs[op.job].tools if brings(problem, op) else frozenset[str]() for op in ops]
        )

    def behind(self, before: Supply, at: int, more: int) -> Supply:
        """Return the supply of all ops: those from `before`, with `more` of these put in at a place."""
        whole = copy(self)
        whole.modes = [*before.modes[:at], *self.modes[:more], *before.modes[at:]]
        return whole

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
