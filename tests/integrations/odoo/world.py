"""What the stub of Odoo holds in these tests, and how one connects to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from integrations.odoo import CostPosting, OdooSettings
from tests.integrations.odoo.stub import API_KEY, DATABASE, USER

if TYPE_CHECKING:
    from tests.integrations.odoo.stub import OdooStub

PROJECT_PLAN, REGION_PLAN = [1, "Project"], [7, "Region"]
USD, EUR = [1, "USD"], [2, "EUR"]
COMPANY = [1, "Fictional Air Support"]


def settings_for(stub: OdooStub, **changes: Any) -> OdooSettings:
    """Settings that fit a stub. Its timeout is only ever waited for where a test makes the stub silent."""
    fitting: dict[str, Any] = {
        "url": stub.url,
        "database": DATABASE,
        "user": USER,
        "api_key": SecretStr(API_KEY),
        "site": "test",
        "timeout_s": 5.0,
    }
    return OdooSettings(**fitting | changes)


def posting(**changes: Any) -> CostPosting:
    """A cost of USD 1234.50 on the account CC-E."""
    usual: dict[str, Any] = {
        "key": "0195-a7",
        "account": "CC-E",
        "cost": Decimal("1234.50"),
        "currency": "USD",
        "day": date(2026, 3, 2),
        "description": "Freight AOG 空运",
        "reference": "JOB-000017",
    }
    return CostPosting(**usual | changes)


def fill(stub: OdooStub) -> None:
    """One company, three partners and two products, of which one each is archived, and six analytic accounts."""
    add = stub.records.add
    add("res.company", name=COMPANY[1], currency_id=USD)
    partner = partial(add, "res.partner")
    partner(name="Fictional Rotables Ltd", ref="SUP-1", email="desk@example.invalid", is_company=True, supplier_rank=2)
    partner(name="Îles Airways 群岛航空", is_company=True, customer_rank=1)
    partner(name="Old Brakes Co", ref="SUP-0", is_company=True, supplier_rank=1, active=False)
    product = partial(add, "product.product", uom_id=[1, "Units"], cost_currency_id=USD)
    product(name="Brake assembly", default_code="2-1587", standard_price=18999.999, tracking="serial")
    product(name="O-ring", default_code="MS29513", standard_price=2, tracking="none", active=False)
    account = partial(add, "account.analytic.account", root_plan_id=PROJECT_PLAN, company_id=COMPANY, currency_id=USD)
    account(name="Region East", code="CC-E")
    account(name="Region West", code="CC-W", root_plan_id=REGION_PLAN)
    account(name="Twin")
    account(name="Twin")
    account(name="Closed", code="CC-X", active=False)
    account(name="Shared", code="CC-S", company_id=False, currency_id=False)
    stub.records.other_plans.add(7)
