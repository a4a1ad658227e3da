"""What a plan leaves: pieces of supplies, lacking pieces of needs, room in limits and lanes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from optimizer.replenishment.daily.model import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.replenishment.daily.model import Move, Problem


class Room(NamedTuple):
    """What a piece would use of something shared, and what is left of that."""

    name: str
    amount: float
    left: float


class State:
    """The problem after the moves. Bad lines hold and want nothing."""

    def __init__(self, problem: Problem, moves: Sequence[Move], bad: set[str]) -> None:
        self.problem, self.moves, self.bad = problem, moves, bad
        self.left = [0 if f"supply {n}" in bad else one.each for n, one in enumerate(problem.supplies)]
        self.lacking = [0 if f"need {n}" in bad else one.each for n, one in enumerate(problem.needs)]
        self.takers: defaultdict[int, list[Move]] = defaultdict(list)
        self.room = [limit.capacity for limit in problem.limits]
        self.lane_room = [float("inf") if one.capacity_kg is None else one.capacity_kg for one in problem.lanes]
        self.runs = {lane for move in moves for lane in move.lanes}
        for move in moves:
            self.left[move.supply] -= move.each
            self.lacking[move.need] -= move.each
            self.takers[move.supply].append(move)
            for number, amount in self._limits(move.supply, move.lanes):
                self.room[number] -= amount * move.each
            for lane in move.lanes:
                self.lane_room[lane] -= problem.parts[problem.supplies[move.supply].part].kg * move.each
        self.of_part: defaultdict[int, list[int]] = defaultdict(list)
        for number, supply in enumerate(problem.supplies):
            if f"supply {number}" not in bad and f"part {supply.part}" not in bad:
                self.of_part[supply.part].append(number)

    def short(self, supply: int, lanes: tuple[int, ...]) -> list[Room]:
        """Return everything shared that a further piece over the lanes finds no room in."""
        kg = self.problem.parts[self.problem.supplies[supply].part].kg
        used: defaultdict[int, float] = defaultdict(float)
        for number, amount in self._limits(supply, lanes):
            used[number] += amount
        rooms = [Room(self.problem.limits[n].name, amount, self.room[n]) for n, amount in used.items()]
        rooms += [Room(self.lane_name(lane), kg, self.lane_room[lane]) for lane in lanes]
        return [room for room in rooms if room.amount > room.left + 1e-6 * max(1.0, abs(room.left))]

    def lane_name(self, number: int) -> str:
        """Return a lane by its ends."""
        lane = self.problem.lanes[number]
        return f"{self.problem.places[lane.origin].code}-{self.problem.places[lane.destination].code}"

    def _limits(self, number: int, lanes: tuple[int, ...]) -> Iterator[tuple[int, float]]:
        supply = self.problem.supplies[number]
        kg = self.problem.parts[supply.part].kg
        prices = [
            (lane.limits, lane.cost_per_piece + lane.cost_per_kg * kg)
            for lane in map(self.problem.lanes.__getitem__, lanes)
        ]
        for limits, money in [*prices, (supply.limits, supply.unit_cost)]:
            for limit in limits:
                yield limit, {Unit.KG: kg, Unit.PIECES: 1.0, Unit.MONEY: money}[self.problem.limits[limit].unit]
