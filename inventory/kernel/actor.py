"""Who acts: handed to every use case, written to every record of an action."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a process of the system itself; `regions` None means all regions."""

    id: str
    roles: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None


SYSTEM = Actor(id="system", roles=frozenset({"administrator"}))
"""The product itself: demo loading and scheduled plans."""
