"""Routes of the customers."""

from __future__ import annotations

from fastapi import APIRouter

from fieldops.customers import queries, service
from fieldops.customers.schemas import NewOperator, OperatorOut
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs

router = APIRouter(tags=["customers"], route_class=Route)


@router.get("/operators", dependencies=[needs("customers.read", Elsewhere.HIDDEN)])
def operators(session: Reading, paging: Paged) -> Page[OperatorOut]:
    """List operators, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.operator_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.get("/operators/{code}", dependencies=[needs("customers.read", Elsewhere.HIDDEN)])
def operator(session: Reading, code: str) -> OperatorOut:
    """Show an operator."""
    return queries.operator_by_code(session, code)


@router.post("/operators", status_code=201, dependencies=[needs("customers.write", Elsewhere.REFUSED)])
def add_operator(session: Writing, actor: Acting, operator: NewOperator) -> OperatorOut:
    """Add an operator."""
    service.add_operators(session, actor, [operator])
    return queries.operator_by_code(session, operator.code)
