"""The published instances that the dispatch engine is measured on, as their files state them.

Times, distances and costs are in the one unit of the file. Ids are the file's own, as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Node:
    """A point to be served once: starts within [ready, due], takes `service`."""

    id: str
    x: float
    y: float
    ready: float
    due: float
    service: float
    demand: float = 0.0


@dataclass(frozen=True, slots=True)
class Vrptw:
    """Vehicle routing with time windows: `nodes[0]` is the depot, its window the day of each vehicle."""

    kind: ClassVar[str] = "vrptw"
    name: str
    bks: float | None
    vehicles: int
    capacity: float
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a technician has, or a request needs: skills, tools, and pieces of each spare part by its number."""

    skills: frozenset[int]
    tools: frozenset[int]
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trsp:
    """Technician routing: homes with a day and an outfit, requests with a window and needs; a depot with everything."""

    kind: ClassVar[str] = "trsp"
    name: str
    bks: float | None
    depot: Node
    homes: tuple[Node, ...]
    requests: tuple[Node, ...]
    outfits: tuple[Outfit, ...]
    """Of the homes, then of the requests."""
    title: str = ""
    """What the file calls itself."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The depot, the homes and the requests."""
        return (self.depot, *self.homes, *self.requests)


@dataclass(frozen=True, slots=True)
class Patient:
    """Someone to be visited from `ready` on, `due` at the latest without tardiness, by a caregiver for each service.

    Of two services the second starts between `gap[0]` and `gap[1]` after the first.
    """

    id: str
    ready: float
    due: float
    services: tuple[tuple[str, float], ...]
    """Name and duration of each."""
    gap: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Hhcrsp:
    """Home care: patients, caregivers (id and services), distances from and to the office, then the patients."""

    kind: ClassVar[str] = "hhcrsp"
    name: str
    bks: float | None
    patients: tuple[Patient, ...]
    caregivers: tuple[tuple[str, frozenset[str]], ...]
    distances: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Strsp:
    """Tasks that need several people's levels in domains: `needs[task][domain][level]` people of that level or above.

    `nodes[0]` is the depot; `needs` are those of the other nodes; `crew[i][domain]` is a level, 0 for none.
    """

    kind: ClassVar[str] = "strsp"
    name: str
    bks: float | None
    nodes: tuple[Node, ...]
    needs: tuple[tuple[tuple[int, ...], ...], ...]
    crew: tuple[tuple[str, tuple[int, ...]], ...]

    def outsourcing(self, task: int) -> float:
        """Return what it costs to give away the task of that index (of `needs`)."""
        return float(200 + sum(map(sum, self.needs[task])) ** 1.5)


Instance = Vrptw | Trsp | Hhcrsp | Strsp


@dataclass(frozen=True, slots=True)
class Releases:
    """When each request becomes known, -1 for those known at the start; `instance` is the title of that, if told."""

    known: dict[str, float]
    instance: str | None


def euclid(nodes: Sequence[Node]) -> NDArray[np.float64]:
    """Return the straight distances between nodes, in double precision."""
    points = np.array([(node.x, node.y) for node in nodes])
    between = points[:, None, :] - points[None, :, :]
    distances: NDArray[np.float64] = np.hypot(between[..., 0], between[..., 1])
    return distances


def truncated(nodes: Sequence[Node]) -> NDArray[np.float64]:
    """Return the straight distances cut after the first decimal, as the VRPTW values count them."""
    cut: NDArray[np.float64] = np.floor(euclid(nodes) * 10 + 1e-9) / 10
    return cut
