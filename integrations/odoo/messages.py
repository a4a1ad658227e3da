"""What we exchange with Odoo, in our own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Tracking(StrEnum):
    """How Odoo tells the pieces of a product apart."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Partner:
    """A supplier, customer or contact (res.partner); `code` is Odoo's reference, which need not be unique.

    `changed_at` is in whole seconds, though Odoo keeps and compares finer ones.
    """

    odoo_id: int
    code: str | None
    name: str
    email: str | None
    is_company: bool
    is_supplier: bool
    is_customer: bool
    active: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """A part (product.product); `code` is Odoo's internal reference, our part number, which need not be unique.

    `standard_cost` is for one `unit` in `currency`, as the company of the integration user values it.
    """

    odoo_id: int
    code: str | None
    name: str
    unit: str
    standard_cost: Decimal
    currency: str
    tracking: Tracking
    active: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CostPosting:
    """A cost to write on an analytic account (account.analytic.line).

    `key` identifies the posting for ever: the same key is written once however often it is sent. `account` is the code
    or, failing that, the name of an analytic account. `cost` is an amount of `currency` (ISO 4217), rounded to the
    currency's digits by the caller; a negative one is a credit, such as the reversal of an earlier posting.

    Raises ValueError for a cost that is not a Decimal or is zero, or for a key, currency or text that Odoo cannot take.
    """

    key: str
    account: str
    cost: Decimal
    currency: str
    day: date
    description: str
    reference: str

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError("the key of a posting must be 1 to 64 of A-Z, a-z, 0-9, _ and -, for example a UUID")
        if not (isinstance(self.cost, Decimal) and self.cost.is_finite() and self.cost):
            raise ValueError(f"the cost of a posting must be a Decimal other than zero, not {self.cost!r}")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"the currency of a posting must be an ISO 4217 code like USD, not {self.currency!r}")
        for name in ("account", "description"):
            if not getattr(self, name).strip():
                raise ValueError(f"the {name} of a posting must not be empty")

    def external_id(self, site: str) -> str:
        """Return the external id under which an installation keeps this posting in Odoo."""
        return f"__fieldops_{site}__.cost_{self.key}"


@dataclass(frozen=True, slots=True)
class PostedCost:
    """Proof of a posting: the id of the analytic line and the external id under which it is kept."""

    line_id: int
    external_id: str
