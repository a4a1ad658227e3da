"""Reading records of Odoo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.odoo.errors import OdooProtocolError
from integrations.odoo.rows import record_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from integrations.odoo.rows import Row
    from integrations.odoo.transport import Transport

# the protocols never send the user's own context; translated names are compared in one language
CONTEXT = {"lang": "en_US", "tz": "UTC"}


def search(transport: Transport, model: str, domain: Sequence[object], fields: list[str]) -> list[Row]:
    """Return the records that meet a domain, without archived ones, by ascending id. Raises OdooError."""
    return _records(transport.call(model, "search_read", domain=domain, fields=fields, order="id", context=CONTEXT))


def all_records(transport: Transport, model: str, fields: list[str], *, page_size: int) -> Iterator[Row]:
    """Yield every record of a model, archived ones too, by ascending id. Raises OdooError.

    Each page starts after the last id, not at an offset: records that come or go meanwhile shift no other.
    """
    if page_size < 1:
        raise ValueError(f"a page must hold at least one record, not {page_size}")
    last = 0
    while True:
        page = _records(
            transport.call(
                model,
                "search_read",
                domain=[["id", ">", last]],
                fields=fields,
                limit=page_size,
                order="id",
                context={**CONTEXT, "active_test": False},
            )
        )
        for row in page:
            last = record_id(row.get("id"))
            yield row
        if len(page) < page_size:
            return


def _records(found: Any) -> list[Row]:
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise OdooProtocolError("Odoo sent no list of records: check what stands between us and Odoo")
    return found
