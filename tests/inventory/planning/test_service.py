"""Stock targets, and the orders that a plan keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from uuid_utils.compat import uuid7

from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, unit_of_work, writing
from inventory.kernel.errors import Invalid
from inventory.planning.queries import orders, targets
from inventory.planning.schemas import NewTarget
from inventory.planning.service import OrderLine, keep_orders, set_targets
from tests.conftest import NOW
from tests.rivals import at_once
from tests.worlds import load_tiny

TRANSFER = OrderLine(
    number="R-000001",
    part="LAMP-1",
    origin="XIY",
    destination="UTH",
    quantity=Decimal(4),
    mode="aog",
    departs_at=NOW,
    arrives_at=NOW + timedelta(hours=36),
    freight_cost=Decimal("27.2000"),
    purchase_cost=Decimal(0),
    currency="USD",
    serves_job="J-1",
    held=True,
)
PURCHASE = replace(TRANSFER, number="R-000002", origin=None, mode="purchase", serves_job=None, held=False)


def _target(place: str, quantity: str) -> NewTarget:
    return NewTarget(part="LAMP-1", place=place, quantity=Decimal(quantity))


def test_the_last_target_holds_and_zero_is_none(any_engine: Engine) -> None:
    load_tiny(any_engine)
    with reading(any_engine, SYSTEM) as session:
        before = targets(session)
    with writing(any_engine, SYSTEM) as session:
        set_targets(session, SYSTEM, [_target("XIY", "5"), _target("UTH", "0"), _target("XIY", "7.5")])
    with reading(any_engine, SYSTEM) as session:
        after = targets(session)
    changed = {(part, place): quantity for part, place, quantity in before} | {("LAMP-1", "XIY"): Decimal("7.5")}
    del changed["LAMP-1", "UTH"]
    assert after == [(*cell, changed[cell]) for cell in sorted(changed)]


def test_the_trail_shows_what_a_target_was_and_is(any_engine: Engine) -> None:
    load_tiny(any_engine)

    def written(*given: NewTarget) -> list[tuple[str, object, object]]:
        with writing(any_engine, SYSTEM) as session:
            before = session.scalar(select(func.max(AuditRow.id)))
            set_targets(session, SYSTEM, given)
        with reading(any_engine, SYSTEM) as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.id > before, AuditRow.subject == "stock_target"))
            return [
                (row.action, row.before and row.before["quantity"], row.after and row.after["quantity"]) for row in rows
            ]

    assert written(_target("VTE", "3")) == [("created", None, "3")]
    assert written(_target("VTE", "3")) == []
    assert written(_target("VTE", "9"), _target("TSN", "4")) == [("changed", "3.000000", "9"), ("created", None, "4")]


@pytest.mark.postgres
def test_many_set_the_same_targets_at_the_same_time(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    given = [_target(place, "8") for place in ("XIY", "TSN", "UTH", "VTE")]

    def set_them(number: int) -> None:
        wanted = given if number % 2 else given[::-1]
        unit_of_work(postgres_engine, SYSTEM, lambda session: set_targets(session, SYSTEM, wanted))

    at_once(6, set_them)
    with reading(postgres_engine, SYSTEM) as session:
        assert {quantity for part, _place, quantity in targets(session) if part == "LAMP-1"} == {Decimal(8)}


@pytest.mark.parametrize("wrong", [{"part": "NONE"}, {"place": "NONE"}])
def test_a_target_for_nothing_is_refused(engine: Engine, wrong: dict[str, str]) -> None:
    load_tiny(engine)
    with writing(engine, SYSTEM) as session, pytest.raises(Invalid, match="NONE"):
        set_targets(session, SYSTEM, [_target("XIY", "5"), _target("TSN", "1").model_copy(update=wrong)])
    with reading(engine, SYSTEM) as session:
        assert ("LAMP-1", "XIY", Decimal(5)) not in targets(session)


def test_orders_come_back_as_they_were_kept(any_engine: Engine) -> None:
    load_tiny(any_engine)
    plan, other = uuid7(), uuid7()
    with writing(any_engine, SYSTEM) as session:
        keep_orders(session, plan, [PURCHASE, TRANSFER])
        keep_orders(session, other, [])
    with reading(any_engine, SYSTEM) as session:
        assert orders(session, plan) == [TRANSFER, PURCHASE]
        assert orders(session, other) == []
