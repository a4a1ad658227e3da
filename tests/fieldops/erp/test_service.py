"""The bridge from the outbox to the ERP, against the stub of Odoo: each posting arrives once, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select
from uuid_utils.compat import uuid7

from fieldops.erp import service
from fieldops.erp.models import DeliveryState, ErpDelivery
from fieldops.erp.queries import delivery_counts, undelivered
from fieldops.erp.schemas import SyncResult
from fieldops.erp.service import bridge_status, odoo_settings, synchronise
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import PlanRef, release_plan
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import NotReady
from inventory.kernel.outbox import emit
from tests.conftest import NOW
from tests.fieldops.finance.money import Account, reserve_all
from tests.integrations.odoo.records import Fault
from tests.integrations.odoo.stub import API_KEY, DATABASE, USER, OdooStub, Trouble
from tests.integrations.odoo.world import COMPANY, PROJECT_PLAN, USD, fill
from tests.worlds import load_tiny

LABOUR, TRAVEL = Category.LABOUR, Category.TRAVEL
PLAN = PlanRef(uuid7(), "P-000001")
COSTS: dict[Account, Decimal | int] = {
    ("CN", LABOUR): Decimal("120.5"),
    ("CN", TRAVEL): Decimal("30"),
    ("SEA", LABOUR): Decimal("77.25"),
}
UNCONFIGURED = Settings(odoo_url=None)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world, in which one plan has reserved money on three lines."""
    load_tiny(engine)
    with writing(engine, SYSTEM) as session:
        reserve_all(session, PLAN, COSTS)
    return engine


@pytest.fixture
def odoo() -> Iterator[OdooStub]:
    """An Odoo with an analytic account for each line of the small world."""
    with OdooStub(19) as stub:
        fill(stub)
        for region in ("CN", "SEA"):
            for category in Category:
                _account(stub, f"{region}-{category}")
        yield stub


def _account(stub: OdooStub, code: str) -> None:
    stub.records.add(
        "account.analytic.account",
        name=f"Budget {code}",
        code=code,
        root_plan_id=PROJECT_PLAN,
        company_id=COMPANY,
        currency_id=USD,
    )


def _settings(stub: OdooStub, **changes: Any) -> Settings:
    right: dict[str, Any] = {
        "odoo_url": stub.url,
        "odoo_database": DATABASE,
        "odoo_user": USER,
        "odoo_api_key": SecretStr(API_KEY),
        "odoo_site": "main",
        "odoo_timeout_s": 5,
    }
    return Settings(**right | changes)


def _clock() -> datetime:
    return NOW


def _sync(engine: Engine, stub: OdooStub, *, dry_run: bool = False) -> SyncResult:
    return synchronise(engine, _settings(stub), dry_run=dry_run, clock=_clock)


def _written(stub: OdooStub) -> list[tuple[str, float]]:
    """Return (account, amount) of every analytic line, in the order of writing."""
    accounts = stub.records.tables["account.analytic.account"]
    rows = stub.records.tables["account.analytic.line"].values()
    return [(str(accounts[row["account_id"][0]]["code"]), row["amount"]) for row in rows]


def _counts(engine: Engine) -> dict[DeliveryState, int]:
    with reading(engine, SYSTEM) as session:
        return delivery_counts(session)


ALL_WRITTEN = [("CN-labour", -120.5), ("CN-travel", -30.0), ("SEA-labour", -77.25)]


def test_unconfigured_the_bridge_says_so_and_shows_what_waits(world: Engine) -> None:
    status = bridge_status(world, UNCONFIGURED)
    assert (status.configured, status.pending, status.unknown, status.dead, status.done) == (False, 3, 0, 0, 0)
    assert "not configured" in status.as_text()
    result = synchronise(world, UNCONFIGURED, dry_run=True, clock=_clock)
    assert (result.configured, result.catalogue, result.sent) == (False, None, 0)
    assert {(one.document, one.account, one.amount, one.currency) for one in result.pending} == {
        ("P-000001", f"{region}-{category}", amount, "USD") for (region, category), amount in COSTS.items()
    }
    assert "3 postings would be sent; nothing was." in result.as_text()
    with pytest.raises(NotReady, match="set FIELDOPS_ODOO_URL"):
        synchronise(world, UNCONFIGURED, dry_run=False, clock=_clock)
    assert _counts(world) == {}


@pytest.mark.parametrize("missing", ["odoo_database", "odoo_user", "odoo_api_key"])
def test_half_a_configuration_is_refused(engine: Engine, odoo: OdooStub, missing: str) -> None:
    with pytest.raises(NotReady, match="FIELDOPS_ODOO_URL is set; set FIELDOPS_ODOO_DATABASE, _USER and _API_KEY too"):
        bridge_status(engine, _settings(odoo, **{missing: None}))


def test_settings_that_odoo_could_not_take_are_refused(odoo: OdooStub) -> None:
    with pytest.raises(NotReady, match="scheme, host and port only"):
        odoo_settings(_settings(odoo, odoo_url=f"{odoo.url}/web"))


def test_a_dry_run_writes_nothing_on_either_side(world: Engine, odoo: OdooStub) -> None:
    result = _sync(world, odoo, dry_run=True)
    assert (result.dry_run, result.configured, len(result.pending), result.sent) == (True, True, 3, 0)
    assert _written(odoo) == []
    assert _counts(world) == {}


def test_the_catalogues_are_compared(world: Engine, odoo: OdooStub) -> None:
    odoo.records.add(
        "product.product",
        name="Lamp",
        default_code="LAMP-1",
        uom_id=[1, "Units"],
        cost_currency_id=USD,
        tracking="none",
        active=True,
    )
    found = _sync(world, odoo, dry_run=True).catalogue
    assert found is not None
    # an archived product counts for neither side
    assert (found.products_read, found.partners_read) == (2, 3)
    assert found.missing_in_erp == ["BRAKE-1", "FILTER-1", "PUMP-1"]
    assert found.unknown_here == ["2-1587"]
    assert (found.missing_in_erp_count, found.unknown_here_count) == (3, 1)


def test_a_difference_is_counted_beyond_the_names_it_gives(
    world: Engine, odoo: OdooStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "NAMED_MAX", 2)
    result = _sync(world, odoo, dry_run=True)
    assert result.catalogue is not None
    assert result.catalogue.missing_in_erp == ["BRAKE-1", "FILTER-1"]
    assert result.catalogue.missing_in_erp_count == 4
    assert "Parts: 4 not in the ERP, 1 only there." in result.as_text()


def test_every_posting_is_sent_once(world: Engine, odoo: OdooStub) -> None:
    first = _sync(world, odoo)
    assert (first.sent, first.failed, first.errors) == (3, 0, [])
    assert sorted(_written(odoo)) == ALL_WRITTEN
    again = _sync(world, odoo)
    assert (again.sent, again.pending) == (0, [])
    assert len(_written(odoo)) == 3
    status = bridge_status(world, _settings(odoo))
    assert (status.configured, status.pending, status.unknown, status.dead, status.done) == (True, 0, 0, 0, 3)
    with reading(world, SYSTEM) as session:
        for delivery in session.scalars(select(ErpDelivery)):
            assert (delivery.attempts, delivery.last_error, delivery.changed_at) == (1, None, NOW)
            assert delivery.remote_id in odoo.records.tables["account.analytic.line"]


def test_a_line_carries_the_plan_its_day_and_a_key_of_its_own(world: Engine, odoo: OdooStub) -> None:
    _sync(world, odoo)
    for row in odoo.records.tables["account.analytic.line"].values():
        assert (row["ref"], row["date"]) == ("P-000001", "2026-03-01")
        assert "P-000001" in row["name"]
    assert len(odoo.records.external_ids) == 3
    assert all(name.startswith("__fieldops_main__.cost_") for name in odoo.records.external_ids)


def test_what_a_plan_gives_back_is_sent_too(world: Engine, odoo: OdooStub) -> None:
    _sync(world, odoo)
    with writing(world, SYSTEM) as session:
        release_plan(session, SYSTEM, PLAN, "CN", NOW)
    assert {(one.account, one.amount) for one in _sync(world, odoo).pending} == {
        ("CN-labour", Decimal("-120.5")),
        ("CN-travel", Decimal(-30)),
    }
    totals: dict[str, float] = {}
    for account, amount in _written(odoo):
        totals[account] = totals.get(account, 0) + amount
    assert totals == {"CN-labour": 0, "CN-travel": 0, "SEA-labour": -77.25}


@pytest.mark.parametrize("crash_at", range(1, 7))
def test_a_crash_at_any_moment_costs_nothing_and_repeats_nothing(world: Engine, odoo: OdooStub, crash_at: int) -> None:
    """The clock is read in each transaction that notes a delivery; there the process dies."""
    readings = 0

    def clock() -> datetime:
        nonlocal readings
        readings += 1
        if readings == crash_at:
            raise ZeroDivisionError
        return NOW

    with pytest.raises(ZeroDivisionError):
        synchronise(world, _settings(odoo), dry_run=False, clock=clock)
    # odd readings are before a call, even ones behind it
    assert len(_written(odoo)) == crash_at // 2
    status = bridge_status(world, _settings(odoo))
    assert (status.done, status.unknown) == ((crash_at - 1) // 2, 1 - crash_at % 2)
    assert status.pending + status.unknown + status.done == 3
    result = _sync(world, odoo)
    assert result.sent == 3 - status.done
    assert sorted(_written(odoo)) == ALL_WRITTEN
    assert _counts(world) == {DeliveryState.DONE: 3}


@pytest.mark.parametrize("trouble", [Trouble.DROP, Trouble.BAD_GATEWAY, Trouble.TOO_MANY, Trouble.LOST_RACE])
def test_trouble_on_the_way_ends_the_run_and_the_next_one_finishes(
    world: Engine, odoo: OdooStub, trouble: Trouble
) -> None:
    odoo.next("load", trouble)
    result = _sync(world, odoo)
    assert (result.sent, result.failed, len(result.errors)) == (0, 1, 1)
    assert result.errors[0].startswith("P-000001 ")
    status = bridge_status(world, _settings(odoo))
    assert (status.pending, status.unknown, status.dead, status.done) == (2, 1, 0, 0)
    assert _sync(world, odoo).sent == 3
    assert sorted(_written(odoo)) == ALL_WRITTEN
    with reading(world, SYSTEM) as session:
        attempts = session.scalars(select(ErpDelivery.attempts).order_by(ErpDelivery.attempts)).all()
    assert attempts == [1, 1, 2]


def test_a_missing_right_kills_no_posting(world: Engine, odoo: OdooStub) -> None:
    odoo.records.denied.add("account.analytic.line")
    assert _sync(world, odoo).failed == 1
    assert bridge_status(world, _settings(odoo)).dead == 0
    odoo.records.denied.clear()
    assert _sync(world, odoo).sent == 3
    assert sorted(_written(odoo)) == ALL_WRITTEN


def test_what_the_erp_refuses_for_good_is_not_sent_again_and_stops_no_other(world: Engine, odoo: OdooStub) -> None:
    accounts = odoo.records.tables["account.analytic.account"]
    (lost,) = [key for key, row in accounts.items() if row["code"] == "CN-labour"]
    del accounts[lost]
    result = _sync(world, odoo)
    assert (result.sent, result.failed) == (2, 1)
    assert "CN-labour" in result.errors[0]
    assert "1 not" in result.as_text()
    status = bridge_status(world, _settings(odoo))
    assert (status.pending, status.unknown, status.dead, status.done) == (0, 0, 1, 2)
    assert "1 refused" in status.as_text()
    _account(odoo, "CN-labour")
    assert (_sync(world, odoo).sent, len(_written(odoo))) == (0, 2)
    with reading(world, SYSTEM) as session:
        assert undelivered(session) == []
        (dead,) = session.scalars(select(ErpDelivery).where(ErpDelivery.state == DeliveryState.DEAD))
    assert (dead.attempts, dead.remote_id) == (1, None)
    assert dead.last_error is not None
    assert "CN-labour" in dead.last_error


def test_a_posting_that_odoo_finds_wrong_is_refused_for_good(world: Engine, odoo: OdooStub) -> None:
    odoo.next("load", Fault("odoo.exceptions.ValidationError", "The fiscal year is closed."))
    result = _sync(world, odoo)
    assert (result.sent, result.failed) == (2, 1)
    assert _counts(world) == {DeliveryState.DEAD: 1, DeliveryState.DONE: 2}


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_erp_that_does_not_serve_us_is_told_in_one_line(world: Engine, odoo: OdooStub, dry_run: bool) -> None:
    wrong = _settings(odoo, odoo_api_key=SecretStr("expired"))
    with pytest.raises(NotReady, match="The ERP does not serve us: Odoo refused the login") as refusal:
        synchronise(world, wrong, dry_run=dry_run, clock=_clock)
    assert "expired" not in refusal.value.message
    assert _counts(world) == {}


def test_other_events_are_none_of_the_erps_business(world: Engine, odoo: OdooStub) -> None:
    with writing(world, SYSTEM) as session:
        emit(session, "stock.moved", {}, NOW)
    assert len(_sync(world, odoo).pending) == 3
