"""Reads of the customers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.customers.schemas import OperatorOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _


def operator_page(session: Session, *, after: str, limit: int) -> list[OperatorOut]:
    """Return up to `limit` operators with a code after `after`, by code."""
    query = select(Operator).where(Operator.code > after).order_by(Operator.code).limit(limit)
    return [_told(one) for one in session.scalars(query)]


def operator_by_code(session: Session, code: str) -> OperatorOut:
    """Return an operator; raises NotFound."""
    found = session.scalar(select(Operator).where(Operator.code == code))
    if found is None:
        raise NotFound(
            _("Operator {code} does not exist; GET /api/v1/operators lists them").format(code=code),
            code="unknown_operator",
        )
    return _told(found)


def _told(one: Operator) -> OperatorOut:
    return OperatorOut(id=one.id, code=one.code, name=one.name, country=one.country)
