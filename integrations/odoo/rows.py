"""How Odoo spells its records: False for empty, [id, name] for a reference, naive UTC for a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from integrations.odoo.errors import OdooProtocolError
from integrations.odoo.messages import Partner, Product, Tracking

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]

PARTNER_FIELDS = ["name", "ref", "email", "is_company", "supplier_rank", "customer_rank", "active", "write_date"]
PRODUCT_FIELDS = [
    "name",
    "default_code",
    "uom_id",
    "standard_price",
    "cost_currency_id",
    "tracking",
    "active",
    "write_date",
]


def partner(row: Row) -> Partner:
    """Return the partner in a row of `PARTNER_FIELDS`. Raises OdooProtocolError for a row of another shape."""
    return Partner(
        odoo_id=record_id(row.get("id")),
        code=_text(row, "ref"),
        name=_text(row, "name") or "",
        email=_text(row, "email"),
        is_company=_typed(row, "is_company", bool),
        is_supplier=_typed(row, "supplier_rank", int) > 0,
        is_customer=_typed(row, "customer_rank", int) > 0,
        active=_typed(row, "active", bool),
        changed_at=_moment(row, "write_date"),
    )


def product(row: Row) -> Product:
    """Return the product in a row of `PRODUCT_FIELDS`. Raises OdooProtocolError for a row of another shape."""
    return Product(
        odoo_id=record_id(row.get("id")),
        code=_text(row, "default_code"),
        name=_text(row, "name") or "",
        unit=reference(row, "uom_id")[1],
        standard_cost=Decimal(_typed(row, "standard_price", int, Decimal)),
        currency=reference(row, "cost_currency_id")[1],
        tracking=_tracking(row),
        active=_typed(row, "active", bool),
        changed_at=_moment(row, "write_date"),
    )


def record_id(value: object) -> int:
    """Return a record id. Raises OdooProtocolError for anything but a positive int: Odoo takes null without a word."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise OdooProtocolError(f"Odoo sent a record id of type {type(value).__name__} that is no positive number")
    return value


def reference(row: Row, field: str) -> tuple[int, str]:
    """Return id and name of the record that a field refers to. Raises OdooProtocolError when it refers to none."""
    match row.get(field):
        case [number, str(name)]:
            return record_id(number), name
    raise _unlike(field)


def _text(row: Row, field: str) -> str | None:
    value = _typed(row, field, str, bool)
    return value if isinstance(value, str) and value else None


def _moment(row: Row, field: str) -> datetime:
    try:
        return datetime.strptime(_typed(row, field, str), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise _unlike(field) from None


def _tracking(row: Row) -> Tracking:
    try:
        return Tracking(_typed(row, "tracking", str))
    except ValueError:
        raise _unlike("tracking") from None


def _typed(row: Row, field: str, *types: type) -> Any:
    value = row.get(field)
    if type(value) not in types:
        raise _unlike(field)
    return value


def _unlike(field: str) -> OdooProtocolError:
    return OdooProtocolError(f"Odoo sent a {field} unlike any known version: check which module of Odoo changed it")
