"""Who acts: handed to every use case, written to every record of an action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from inventory.kernel.errors import Forbidden
from inventory.kernel.texts import gettext as _

ALL_PERMISSIONS = frozenset({"*"})
"""The permissions of the product itself: whatever there is."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows an actor may see and write: codes of regions, dispatch areas and places, and one operator.

    `regions` None is the whole network. `granted` are regions whose rows may be read for the time of a grant, but not
    written. `aog_everywhere` adds the AOG jobs of the whole network, `jobs` single ones that one is lent to, by number,
    to be read.
    """

    regions: frozenset[str] | None = frozenset()
    areas: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    operator: UUID | None = None
    granted: frozenset[str] = frozenset()
    aog_everywhere: bool = False
    jobs: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """True for the whole network."""
        return self.regions is None

    def holds_region(self, region: str) -> bool:
        """Tell whether a whole region is within the scope, to be written as well as read."""
        return self.regions is None or region in self.regions


NETWORK = Scope(regions=None)
"""The whole network."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program or the product itself, with what it may do (`permissions`) and where (`scope`).

    `origin` says where from: an address and a client, a command, a schedule.
    """

    id: str
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    scope: Scope = Scope()
    origin: str = ""

    def may(self, permission: str) -> bool:
        """Tell whether the actor has a permission, wherever it holds."""
        return permission in self.permissions or self.permissions == ALL_PERMISSIONS

    def require(self, permission: str) -> None:
        """Raise Forbidden without a permission."""
        if not self.may(permission):
            raise Forbidden(
                _("This needs the right “{permission}”; ask an administrator for a role that has it").format(
                    permission=permission
                ),
                code="not_permitted",
            )

    def require_region(self, region: str) -> None:
        """Raise Forbidden for a region outside the actor's scope."""
        if not self.scope.holds_region(region):
            raise Forbidden(
                _("{region} is not your region; ask its manager, or request a grant").format(region=region),
                code="outside_region",
                field="region",
            )

    def require_planning(self, region: str | None) -> None:
        """Raise Forbidden unless the actor may plan a region, or without one the whole network."""
        if region is not None:
            self.require_region(region)
        elif not self.scope.everything:
            raise Forbidden(
                _("You plan for {regions}, not the whole network; name one of your regions").format(
                    regions=", ".join(sorted(self.scope.regions or ())) or _("no region")
                ),
                code="region_needed",
                field="region",
            )

    def require_network(self) -> None:
        """Raise Forbidden for an actor whose scope is less than the whole network."""
        if not self.scope.everything:
            raise Forbidden(
                _("This concerns every region; ask somebody who is responsible for the whole network"),
                code="network_only",
            )

    def as_json(self) -> dict[str, Any]:
        """Return the actor for a record that outlives the request, such as an operation."""
        scope = self.scope
        return {
            "id": self.id,
            "roles": sorted(self.roles),
            "permissions": sorted(self.permissions),
            "regions": None if scope.regions is None else sorted(scope.regions),
            "areas": sorted(scope.areas),
            "places": sorted(scope.places),
            "operator": None if scope.operator is None else str(scope.operator),
            "granted": sorted(scope.granted),
            "aog_everywhere": scope.aog_everywhere,
            "jobs": sorted(scope.jobs),
            "origin": self.origin,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return the actor that `as_json` told."""
        return cls(
            id=told["id"],
            roles=frozenset(told["roles"]),
            permissions=frozenset(told["permissions"]),
            scope=Scope(
                regions=None if told["regions"] is None else frozenset(told["regions"]),
                areas=frozenset(told["areas"]),
                places=frozenset(told["places"]),
                operator=None if told["operator"] is None else UUID(told["operator"]),
                granted=frozenset(told["granted"]),
                aog_everywhere=told["aog_everywhere"],
                jobs=frozenset(told.get("jobs", ())),
            ),
            origin=told["origin"],
        )


SYSTEM = Actor(id="system", roles=frozenset({"administrator"}), permissions=ALL_PERMISSIONS, scope=NETWORK)
"""The product itself, and whoever holds its command line: demo loading, migrations, scheduled plans."""
