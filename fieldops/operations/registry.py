"""Which kinds of long work there are: a mapping that the composition root fills, since the kernel knows none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from inventory.kernel.actor import Actor
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Job:
    """What an operation gets to work with, in a process of its own.

    It opens the database at `database_url` and acts as `actor`. `report` tells stage, done and total; `incumbent` keeps
    a result so far, which stays whatever happens; when `should_stop` is true it ends soon, by raising a DomainError if
    there is no result. A worker that dies is followed by another that runs the same `id` again: what was committed
    under it must not be done twice.
    """

    id: UUID
    database_url: str
    actor: Actor
    parameters: dict[str, Any]
    report: Callable[[str, int, int], None]
    incumbent: Callable[[dict[str, Any]], None]
    should_stop: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of long work.

    `run`, a function of a module's top level, returns the result as JSON can tell it; `permission` is what somebody
    needs to have it done; `parameters` checks what it is given; it may take `limit_s` seconds and `memory_mb` MiB,
    work across regions as much as the settings allow the network. `allowed` raises Forbidden for parameters that an
    actor may not give; `overrides` names those that set a rule aside in a person's name, which no schedule may.
    """

    run: Callable[[Job], dict[str, Any]]
    permission: str
    parameters: type[BaseModel]
    limit_s: float
    memory_mb: int
    allowed: Callable[[Actor, dict[str, Any]], None] = lambda _actor, _parameters: None
    overrides: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The name by which a process of its own imports `run`."""
        return f"{self.run.__module__}:{self.run.__qualname__}"


Kinds = Mapping[str, Kind]


def require_allowed(kind: Kind, actor: Actor, parameters: dict[str, Any]) -> None:
    """Raise Forbidden where the actor may not have work of a kind done with the parameters."""
    actor.require(kind.permission)
    kind.allowed(actor, parameters)


def checked(kinds: Kinds, actor: Actor, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a kind as a schedule keeps them.

    Raises Invalid for an unknown kind, wrong parameters or an override, Forbidden where the actor may not have that
    work done.
    """
    kind = kinds.get(name)
    if kind is None:
        raise Invalid(
            _("There is no work of the kind {kind}; there are {known}").format(
                kind=name, known=", ".join(sorted(kinds))
            ),
            code="unknown_kind",
            field="kind",
        )
    actor.require(kind.permission)
    try:
        wanted = kind.parameters.model_validate(parameters)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(("parameters", *(str(part) for part in first["loc"])))
        raise Invalid(
            _("{where}: {why}").format(where=where, why=first["msg"].removeprefix("Value error, ")),
            code="wrong_parameters",
            field=where,
        ) from None
    kept = wanted.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for name in sorted(kind.overrides & kept.keys()):
        raise Invalid(
            _("Somebody answers for an override each time; leave {name} out of the schedule").format(name=name),
            code="no_override_in_schedule",
            field=f"parameters.{name}",
        )
    kind.allowed(actor, kept)
    return kept


async def kinds_of(request: Request) -> Kinds:
    """Return the kinds that the composition root registered on the application."""
    return cast(Kinds, request.app.state.kinds)


Registered = Annotated[Kinds, Depends(kinds_of)]
