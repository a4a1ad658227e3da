"""Which parts may replace another, and what an assembly holds: pure functions over the links between parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from inventory.catalogue.models import InterchangeKind


@dataclass(frozen=True, slots=True)
class Aircraft:
    """An aircraft as the catalogue sees it: its maker's type and serial number, and who registered and operates it.

    `modifications` are the codes of those that it has.
    """

    type: str
    serial: str | None = None
    registry_authority: str | None = None
    operator: str | None = None
    modifications: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effectivity:
    """Aircraft of a type, by serial number from first to last; an empty end is no limit."""

    aircraft_type: str
    first_serial: int | None = None
    last_serial: int | None = None

    def covers(self, aircraft: Aircraft) -> bool:
        """Tell whether it is one of them; an aircraft whose serial is no number is within no range of numbers."""
        if aircraft.type != self.aircraft_type:
            return False
        if self.first_serial is None and self.last_serial is None:
            return True
        if aircraft.serial is None or not aircraft.serial.isdecimal():
            return False
        serial = int(aircraft.serial)
        return (self.first_serial or 0) <= serial and (self.last_serial is None or serial <= self.last_serial)


@dataclass(frozen=True, slots=True)
class Link:
    """`alternative` may replace `part`, each a part number; the fields are those of `inventory.catalogue.models`."""

    part: str
    alternative: str
    kind: InterchangeKind
    source: str
    starts_on: date | None = None
    ends_on: date | None = None
    effectivity: tuple[Effectivity, ...] = ()
    modifications: frozenset[str] = frozenset()
    ship_set: bool = False
    needs_acceptance: bool = False
    accepted_by: frozenset[str] = frozenset()

    def holds(self, aircraft: Aircraft | None, on: date) -> bool:
        """Tell whether it holds on an aircraft on a day; without an aircraft, whether it holds on all of them."""
        if (self.starts_on is not None and on < self.starts_on) or (self.ends_on is not None and on > self.ends_on):
            return False
        if aircraft is None:
            return not (self.effectivity or self.modifications or self.needs_acceptance)
        return (
            (not self.effectivity or any(one.covers(aircraft) for one in self.effectivity))
            and self.modifications <= aircraft.modifications
            and (not self.needs_acceptance or aircraft.operator in self.accepted_by)
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One link as it was followed. `superseded_on` is the day from which `by` is the new number, if it is that."""

    replaces: str
    by: str
    kind: InterchangeKind
    source: str
    ship_set: bool
    superseded_on: date | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """A part that may stand in for another, with the steps that lead to it; none for the part itself."""

    part: str
    steps: tuple[Step, ...] = ()

    @property
    def ship_set(self) -> bool:
        """Tell whether all of the aircraft's must be replaced together."""
        return any(step.ship_set for step in self.steps)

    @property
    def rank(self) -> tuple[Any, ...]:
        """What replacements are sorted by: few steps, both ways before one way, the newest supersession, the number.

        What follows decides between two ways to the same part.
        """
        superseded = [step.superseded_on.toordinal() for step in self.steps if step.superseded_on is not None]
        return (
            len(self.steps),
            any(step.kind is not InterchangeKind.TWO_WAY for step in self.steps),
            -max(superseded, default=0),
            self.part,
            self.ship_set,
            [(one.replaces, one.kind, one.source, one.ship_set, one.superseded_on or date.min) for one in self.steps],
        )


def replacements(links: Iterable[Link], part: str, aircraft: Aircraft | None, on: date) -> list[Replacement]:
    """Return what may stand in for a part on an aircraft on a day, the part itself first, each by its shortest way.

    Links that do not hold for the aircraft, its operator or the day are never followed. Without an aircraft the answer
    is what holds on all. O(links × steps).
    """
    ways = _ways(links, aircraft, on)
    found = {part: Replacement(part)}
    front = [found[part]]
    while front:
        reached: dict[str, Replacement] = {}
        for one in front:
            for step in ways[one.part]:
                new = Replacement(step.by, (*one.steps, step))
                if step.by not in found and (step.by not in reached or new.rank < reached[step.by].rank):
                    reached[step.by] = new
        found |= reached
        front = list(reached.values())
    return sorted(found.values(), key=lambda one: one.rank)


def _ways(links: Iterable[Link], aircraft: Aircraft | None, on: date) -> defaultdict[str, list[Step]]:
    """Return the steps that lead away from each part."""
    ways: defaultdict[str, list[Step]] = defaultdict(list)
    for link in links:
        if not link.holds(aircraft, on):
            continue
        since = link.starts_on if link.kind is InterchangeKind.SUPERSEDES else None
        ends = [(link.part, link.alternative)]
        if link.kind is InterchangeKind.TWO_WAY:
            ends.append((link.alternative, link.part))
        for replaces, by in ends:
            ways[replaces].append(Step(replaces, by, link.kind, link.source, link.ship_set, since))
    return ways


def cycle_among(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Return a chain of edges, each (from, to), that ends where it begins; empty where there is none. O(edges)."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for origin, end in sorted(edges):
        order.add(end, origin)
    try:
        order.prepare()
    except CycleError as cyclic:
        chain: list[str] = cyclic.args[1]
        return chain
    return []


@dataclass(frozen=True, slots=True)
class Contained:
    """How much of a part there is in all; `level` counts the levels between, along the longest way."""

    part: str
    level: int
    quantity: Decimal


def exploded(uses: Iterable[tuple[str, str, Decimal]], top: str) -> list[Contained]:
    """Return all that a part leads to by `uses`, each (from, to, quantity), by level, then number.

    From assemblies to components that is what one assembly holds; from components to assemblies, how much of the
    component one of each assembly holds. All that is used from must be reached from `top`, without a cycle. O(uses).
    """
    onward: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    order: TopologicalSorter[str] = TopologicalSorter()
    for origin, end, quantity in uses:
        onward[origin].append((end, quantity))
        order.add(end, origin)
    quantities: defaultdict[str, Decimal] = defaultdict(Decimal, {top: Decimal(1)})
    levels: defaultdict[str, int] = defaultdict(int)
    for origin in order.static_order():
        for end, quantity in onward[origin]:
            quantities[end] += quantities[origin] * quantity
            levels[end] = max(levels[end], levels[origin] + 1)
    found = [Contained(part, level, _rounded(quantities[part])) for part, level in levels.items() if level]
    return sorted(found, key=lambda one: (one.level, one.part))


def _rounded(quantity: Decimal) -> Decimal:
    """Return a quantity with the decimal places that quantities have; no number is too large for it."""
    return Decimal(f"{quantity:.6f}")


WHOLE_UNITS = frozenset({"EA", "PC", "PCE", "PCS", "C62", "H87", "PR", "ST", "SET", "KT", "KIT", "AY", "BX", "RL"})
"""Units that are counted, by their codes in use with spares: X12 and UN/ECE Recommendation 20; others are measured."""


def is_countable(unit: str, quantity: Decimal) -> bool:
    """Tell whether there can be such a quantity in a unit: no half piece."""
    return unit.upper() not in WHOLE_UNITS or quantity == quantity.to_integral_value()
