"""Use cases of the customers: add operators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.customers.schemas import NewOperator
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.texts import gettext as _


def add_operators(session: Session, _actor: Actor, operators: Sequence[NewOperator]) -> None:
    """Add operators; raises Conflict for a code that exists."""
    refuse_taken(session, Operator.code, (one.code for one in operators), _taken)
    session.add_all(Operator(**one.model_dump()) for one in operators)
    session.flush()


def _taken(code: str) -> Conflict:
    return Conflict(_("{code} exists already; choose another code").format(code=code), code="code_exists", field="code")
