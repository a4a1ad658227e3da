from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from integrations.odoo import OdooProtocolError, OdooSettings, Partner, Product, Tracking, connect
from integrations.odoo.rows import record_id
from tests.integrations.odoo.world import settings_for

if TYPE_CHECKING:
    from tests.integrations.odoo.stub import OdooStub


def test_partners_of_every_version(settings: OdooSettings) -> None:
    with connect(settings) as odoo:
        supplier, customer, archived = odoo.read_partners()
    assert supplier == Partner(
        odoo_id=1,
        code="SUP-1",
        name="Fictional Rotables Ltd",
        email="desk@example.invalid",
        is_company=True,
        is_supplier=True,
        is_customer=False,
        active=True,
        changed_at=datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC),
    )
    assert (customer.name, customer.code, customer.email) == ("Îles Airways 群岛航空", None, None)
    assert (customer.is_supplier, customer.is_customer) == (False, True)
    assert (archived.code, archived.active) == ("SUP-0", False)


def test_products_of_every_version(settings: OdooSettings) -> None:
    with connect(settings) as odoo:
        brake, ring = odoo.read_products()
    assert brake == Product(
        odoo_id=1,
        code="2-1587",
        name="Brake assembly",
        unit="Units",
        standard_cost=Decimal("18999.999"),
        currency="USD",
        tracking=Tracking.SERIAL,
        active=True,
        changed_at=brake.changed_at,
    )
    assert (ring.standard_cost, ring.tracking, ring.active) == (Decimal(2), Tracking.NONE, False)


@pytest.mark.parametrize("page_size", [1, 2, 3, 4, 500])
def test_pages_join_without_gap_or_repeat(stub19: OdooStub, page_size: int) -> None:
    with connect(settings_for(stub19)) as odoo:
        assert [partner.odoo_id for partner in odoo.read_partners(page_size=page_size)] == [1, 2, 3]
    assert len(stub19.calls) == 3 // page_size + 1


def test_a_record_deleted_between_pages_hides_no_other(stub19: OdooStub) -> None:
    with connect(settings_for(stub19)) as odoo:
        partners = odoo.read_partners(page_size=1)
        assert next(partners).odoo_id == 1
        del stub19.records.tables["res.partner"][1]
        assert [partner.odoo_id for partner in partners] == [2, 3]


def test_an_empty_model_yields_nothing(stub: OdooStub) -> None:
    stub.records.tables["product.product"].clear()
    with connect(settings_for(stub)) as odoo:
        assert list(odoo.read_products()) == []


def test_all_calls_share_one_connection(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        assert len(list(odoo.read_partners(page_size=1))) == len(list(odoo.read_partners()))
    assert stub.connections == 1


def test_a_page_of_no_record_is_refused(stub19: OdooStub) -> None:
    with connect(settings_for(stub19)) as odoo, pytest.raises(ValueError, match="at least one record, not 0"):
        next(odoo.read_partners(page_size=0))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"is_company": "yes"}, "a is_company unlike"),
        ({"supplier_rank": False}, "a supplier_rank unlike"),
        ({"write_date": "2026-03-02T08:00:00Z"}, "a write_date unlike"),
    ],
)
def test_a_row_of_unknown_shape_is_refused(stub19: OdooStub, change: dict[str, object], says: str) -> None:
    stub19.records.tables["res.partner"][1].update(change)
    with connect(settings_for(stub19)) as odoo, pytest.raises(OdooProtocolError, match=says):
        list(odoo.read_partners())


@pytest.mark.parametrize("change", [{"uom_id": False}, {"tracking": "batch"}, {"standard_price": "12"}])
def test_a_product_of_unknown_shape_is_refused(stub19: OdooStub, change: dict[str, object]) -> None:
    stub19.records.tables["product.product"][1].update(change)
    with (
        connect(settings_for(stub19)) as odoo,
        pytest.raises(OdooProtocolError, match=f"a {next(iter(change))} unlike"),
    ):
        list(odoo.read_products())


@pytest.mark.parametrize("value", [None, False, True, 0, -4, "7", Decimal(7)])
def test_only_a_positive_number_is_a_record_id(value: object) -> None:
    with pytest.raises(OdooProtocolError, match="no positive number"):
        record_id(value)
