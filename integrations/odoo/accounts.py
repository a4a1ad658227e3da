"""Finding the analytic account that a cost belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.odoo.errors import OdooAccountError
from integrations.odoo.rows import record_id, reference
from integrations.odoo.search import CONTEXT, search

if TYPE_CHECKING:
    from integrations.odoo.transport import Transport


@dataclass(frozen=True, slots=True)
class AnalyticAccount:
    """An account that can take costs: `column` is the field of the analytic line for accounts of its plan.

    `company_id` is None for an account that companies share.
    """

    odoo_id: int
    column: str
    currency: str
    company_id: int | None


def find_account(transport: Transport, code_or_name: str) -> AnalyticAccount:
    """Return the one active account with that code or, when no code is like that, with that name.

    Raises OdooAccountError when there is none or more than one, and OdooError when Odoo cannot be asked.
    """
    domain = ["|", ["code", "=", code_or_name], ["name", "=", code_or_name]]
    fields = ["code", "root_plan_id", "company_id", "currency_id"]
    found = search(transport, "account.analytic.account", domain, fields)
    found = [row for row in found if row["code"] == code_or_name] or found
    if not found:
        raise OdooAccountError(
            f"no active analytic account in Odoo has the code or name {code_or_name!r}: create it there or correct ours"
        )
    if len(found) > 1:
        raise OdooAccountError(
            f"{len(found)} analytic accounts in Odoo are called {code_or_name!r}: give the right one a code of its own"
        )
    row = found[0]
    return AnalyticAccount(
        odoo_id=record_id(row["id"]),
        column=_column(transport, plan_id=reference(row, "root_plan_id")[0]),
        currency=reference(row, "currency_id")[1] if row["currency_id"] else _shared_currency(transport, code_or_name),
        company_id=reference(row, "company_id")[0] if row["company_id"] else None,
    )


def _column(transport: Transport, *, plan_id: int) -> str:
    """Since Odoo 17 each plan but the one called Project has its own column, and Odoo does not refuse the wrong one."""
    own = f"x_plan{plan_id}_id"
    fields: dict[str, Any] = transport.call(
        "account.analytic.line", "fields_get", allfields=[own], attributes=["type"], context=CONTEXT
    )
    return own if own in fields else "account_id"


def _shared_currency(transport: Transport, code_or_name: str) -> str:
    companies = search(transport, "res.company", [], ["currency_id"])
    currencies = {reference(company, "currency_id")[1] for company in companies}
    if len(currencies) != 1:
        raise OdooAccountError(
            f"companies of different currencies share the analytic account {code_or_name!r}: give it a company in Odoo"
        )
    return currencies.pop()
