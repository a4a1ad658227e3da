"""Every route of the application, with the path that clients use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from fieldops.app import create_app
from fieldops.settings import Settings
from inventory.kernel.engine import open_engine
from inventory.kernel.routes import Access, access_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Declared:
    """A route as it stands in the application; `access` is what it declares, None for a public one."""

    method: str
    template: str
    access: Access | None

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.template}"

    @property
    def is_safe(self) -> bool:
        """Tell whether its method changes nothing."""
        return self.method in SAFE_METHODS

    @property
    def is_page(self) -> bool:
        """Tell whether it is for browsers, not for programs."""
        return not self.template.startswith("/api/")

    def path(self, values: Mapping[str, str]) -> str:
        """Return the path with values for its names."""
        return self.template.replace(":path}", "}").format(**values)


def routes_of(app: FastAPI) -> list[Declared]:
    """Return every route; raises LookupError for one that does not declare who may use it."""
    found = []
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            # it answers for the route, with what the routers around it add to path and dependencies
            access = access_of(cast(APIRoute, route))
            found += [Declared(method, str(route.path), access) for method in sorted(route.methods or ())]
    return found


def other_paths(app: FastAPI) -> set[str | None]:
    """Return the paths of what is served without a route of the product."""
    return {route.path for route in iter_route_contexts(app.routes) if not isinstance(route.original_route, APIRoute)}


APP = create_app(open_engine("sqlite://"), Settings(database_url="sqlite://"))
ROUTES = {route.name: route for route in routes_of(APP)}
