"""Tables of the customers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import Rule, declare


def _own_or_all(table: Any, actor: Actor) -> ColumnElement[bool]:
    """A customer sees its own operator only, those who belong somewhere in the network all."""
    scope = actor.scope
    if scope.operator is None:
        return true() if scope.regions or scope.areas or scope.places or scope.aog_everywhere else false()
    own: ColumnElement[bool] = table.id == scope.operator
    return own


@declare(Rule(visible=_own_or_all, writable=None))
class Operator(Identified, Base):
    """A customer that flies aircraft."""

    __tablename__ = "operator"

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
