"""What the bridge does in Odoo: read partners and products, write costs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from integrations.odoo.accounts import AnalyticAccount, find_account
from integrations.odoo.channel import HttpChannel
from integrations.odoo.errors import OdooAccountError, OdooBusyError, OdooProtocolError, OdooRejectedError, is_conflict
from integrations.odoo.messages import PostedCost
from integrations.odoo.rows import PARTNER_FIELDS, PRODUCT_FIELDS, partner, product, record_id
from integrations.odoo.search import CONTEXT, all_records
from integrations.odoo.transport import open_transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from integrations.odoo.messages import CostPosting, Partner, Product
    from integrations.odoo.settings import OdooSettings
    from integrations.odoo.transport import Transport

PAGE_SIZE = 500


@contextmanager
def connect(settings: OdooSettings) -> Iterator[OdooClient]:
    """Open a connection to Odoo for the length of a `with` block. Raises OdooError."""
    with HttpChannel(settings) as channel:
        yield OdooClient(open_transport(settings, channel), settings.site)


class OdooClient:
    """One database of Odoo, as the integration user sees it. Every method raises OdooError."""

    def __init__(self, transport: Transport, site: str) -> None:
        self._transport = transport
        self._site = site
        self._accounts: dict[str, AnalyticAccount] = {}

    def read_partners(self, *, page_size: int = PAGE_SIZE) -> Iterator[Partner]:
        """Yield all partners by ascending id, archived ones too, fetched page by page."""
        return map(partner, all_records(self._transport, "res.partner", PARTNER_FIELDS, page_size=page_size))

    def read_products(self, *, page_size: int = PAGE_SIZE) -> Iterator[Product]:
        """Yield all products by ascending id, archived ones too, fetched page by page."""
        return map(product, all_records(self._transport, "product.product", PRODUCT_FIELDS, page_size=page_size))

    def post_cost(self, posting: CostPosting) -> PostedCost:
        """Write a cost on its analytic account, once however often it is sent.

        Sending it again is the way to settle an unknown outcome. A line that someone deleted in Odoo is written anew.
        The account is looked up once for each connection.

        Raises OdooAccountError when no account or more than one fits, or it is kept in another currency.
        """
        account = self._account(posting.account)
        if account.currency != posting.currency:
            raise OdooAccountError(
                f"the analytic account {posting.account!r} is kept in {account.currency}, the posting is in "
                f"{posting.currency}: convert it first"
            )
        cells = {
            "id": posting.external_id(self._site),
            "name": posting.description,
            f"{account.column}/.id": str(account.odoo_id),
            "amount": format(-posting.cost, "f"),  # in Odoo a cost is negative
            "date": posting.day.isoformat(),
            "ref": posting.reference,
        }
        company = {"allowed_company_ids": [account.company_id]} if account.company_id else {}
        outcome = self._transport.call(
            "account.analytic.line",
            "load",
            fields=list(cells),
            data=[list(cells.values())],
            context={**CONTEXT, **company},
        )
        return PostedCost(_loaded_id(outcome), cells["id"])

    def _account(self, code_or_name: str) -> AnalyticAccount:
        if code_or_name not in self._accounts:
            self._accounts[code_or_name] = find_account(self._transport, code_or_name)
        return self._accounts[code_or_name]


def _loaded_id(outcome: Any) -> int:
    """Return the id of the one row given to `load()`, which reports errors in a good answer."""
    match outcome:
        case {"ids": [line_id]}:
            return record_id(line_id)
        case {"ids": False, "messages": [*messages]}:
            if any(is_conflict(message.get("message")) for message in messages):
                raise OdooBusyError("Odoo was writing the same record: send again in a moment")
            fields = ", ".join(sorted({str(message["field"]) for message in messages if "field" in message}))
            raise OdooRejectedError(
                f"Odoo refuses the posting (fields: {fields or 'not named'}): correct it or Odoo's accounting settings"
            )
    raise OdooProtocolError("Odoo gave an unknown answer to load(): look for the posting before sending it again")
