"""Everybody who can stand before a route: each role in each part of the network, and nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldops.identity.roles import AOG_CONTROLLER, ROLES


class Where(StrEnum):
    """The part of the network that a user belongs to; the samples are about the region SEA."""

    OWN = "own"
    """A member of SEA."""
    PLACE = "place"
    """A member of UTH, one place in SEA."""
    OTHER = "other"
    """A member of CN."""
    OPERATOR = "operator"
    """Somebody of another operator than the samples are about, and a member of nothing."""
    NETWORK = "network"


RIGHT = "right:"
"""How the label begins of a row that only those are told who have a right beside the route's own."""
AOG = "aog"
"""The label of what the AOG controllers see wherever they are."""
MEMBERSHIPS: dict[Where, tuple[tuple[str, str | None], ...]] = {
    Where.OWN: (("region", "SEA"),),
    Where.PLACE: (("place", "UTH"),),
    Where.OTHER: (("region", "CN"),),
    Where.OPERATOR: (),
    Where.NETWORK: (("network", None),),
}


@dataclass(frozen=True)
class Person:
    """A user with one role in one part of the network."""

    role: str
    where: Where

    @property
    def name(self) -> str:
        """The login name."""
        return f"{self.role}.{self.where}"

    @property
    def labels(self) -> frozenset[str]:
        """The names under which samples and rows tell who may see them."""
        return frozenset({self.where, AOG} if self.role == AOG_CONTROLLER else {self.where})

    def is_told(self, row: frozenset[str]) -> bool:
        """Tell whether a row is for this person, from the labels of those whom it is for and the rights it needs."""
        needed = [label.removeprefix(RIGHT) for label in row if label.startswith(RIGHT)]
        return all(map(self.may, needed)) and (self.where is Where.NETWORK or bool(row & self.labels))

    def may(self, permission: str | None) -> bool:
        """Tell whether the role has a permission; None is what everybody has."""
        return permission is None or permission in ROLES[self.role]


PEOPLE = tuple(Person(role, where) for role in sorted(ROLES) for where in Where)
ADMINISTRATOR = Person("administrator", Where.NETWORK)
