"""Receiving inspection: by another person, all or nothing, and the life of a piece goes on with us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from inventory.inspection.history import history_page
from inventory.inspection.queries import inspection_page
from inventory.inspection.schemas import HistoryKind, NewInspection
from inventory.inspection.service import inspect
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading as reading_in
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import balance_page
from inventory.ledger.service import post
from inventory.traceability.kinds import LinkKind, WatchKind
from inventory.traceability.models import OperatorPeriod
from inventory.traceability.paper_schemas import NewLink, Numbered
from inventory.traceability.paper_service import add_documents, add_links, add_periods, add_readings
from inventory.traceability.queries import lots_by_number
from inventory.traceability.rule_schemas import NewEntry, NewLimit
from inventory.traceability.rule_service import set_limits
from inventory.traceability.watch import open_entry
from tests.conftest import NOW
from tests.inventory.traceability.pieces import (
    IN_SEA,
    INSPECTOR,
    KEEPER,
    SECOND,
    document,
    load_pieces,
    move,
    numbered,
    period,
    posted,
    reading,
)

CHECKS = ("identity", "documents", "trace", "shelf_life", "packaging")


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """DISK-1 S1 and ten of SEAL-1 L1 wait at TSN for their inspection, with a paper; the keeper received them."""
    load_pieces(any_engine)
    with writing(any_engine, SYSTEM) as session:
        add_documents(session, SYSTEM, [document("S1", "SEAL-1/L1", tracking_number="RX-0")], NOW)
    posted(any_engine, move("SUPPLIER", "TSN"), move("SUPPLIER", "TSN", "SEAL-1/L1", quantity=10))
    return any_engine


def told(lot: str = "S1", failed: str | None = None, **more: Any) -> NewInspection:
    """An inspection of one piece at TSN."""
    named = numbered(lot)
    checks = {name: {"passed": name != failed, "remark": "seen"} for name in CHECKS}
    return NewInspection.model_validate(
        {"part": named["part"], "place": "TSN", "lot": named["number"], "quantity": 1, "checks": checks}
        | {"document": "RI-1"}
        | more
    )


def inspected(engine: Engine, new: NewInspection, actor: Actor = INSPECTOR) -> None:
    """Inspect."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        inspect(session, actor, new, NOW)


def refused(engine: Engine, new: NewInspection, actor: Actor = INSPECTOR) -> DomainError:
    """Inspect, which is refused and changes nothing."""
    before = shelves(engine)
    with pytest.raises(DomainError) as refusal:
        inspected(engine, new, actor)
    assert shelves(engine) == before
    with reading_in(engine, SYSTEM) as session:
        assert inspection_page(session, limit=9) == []
    return refusal.value


def shelves(engine: Engine) -> list[tuple[str, str, str, int]]:
    """Return (number, condition, hold, quantity) of what lies at TSN."""
    with reading_in(engine, SYSTEM) as session:
        assert disagreements(session) == []
        rows = balance_page(session, limit=99, place="TSN")
        return sorted((one.lot or "", str(one.condition), str(one.hold), int(one.quantity)) for _key, one in rows)


def test_what_passes_every_check_leaves_its_hold_in_the_condition_of_its_papers(world: Engine) -> None:
    inspected(world, told(to_condition="overhauled", ordered_by="buyer"))
    inspected(world, told("SEAL-1/L1", quantity=4))
    assert shelves(world) == [
        ("L1", "serviceable", "none", 4),
        ("L1", "serviceable", "receiving", 6),
        ("S1", "overhauled", "none", 1),
    ]
    with reading_in(world, SYSTEM) as session:
        first, second = inspection_page(session, limit=9)
        assert (first.accepted, first.inspector, first.ordered_by) == (True, "inspector", "buyer")
        assert inspection_page(session, limit=9, after=first.id) == [second]
        assert inspection_page(session, limit=9, lot="L1", part="SEAL-1", place="TSN") == [second]


@pytest.mark.parametrize("failed", CHECKS)
def test_what_fails_one_check_goes_to_quarantine(world: Engine, failed: str) -> None:
    inspected(world, told("SEAL-1/L1", failed=failed, quantity=3))
    assert shelves(world)[:2] == [("L1", "serviceable", "quarantine", 3), ("L1", "serviceable", "receiving", 7)]


def test_quarantine_is_lifted_by_another_inspector(world: Engine) -> None:
    inspected(world, told(failed="trace"))
    again = told(hold="quarantine")
    with pytest.raises(Forbidden):
        inspected(world, again)
    inspected(world, told(hold="quarantine", failed="trace"), SECOND)
    assert shelves(world)[1] == ("S1", "serviceable", "quarantine", 1)
    inspected(world, again, SECOND)
    assert shelves(world)[1] == ("S1", "serviceable", "none", 1)


def test_who_received_or_ordered_does_not_inspect(world: Engine) -> None:
    assert refused(world, told(), KEEPER).code == "second_person_needed"
    assert refused(world, told(ordered_by="inspector")).code == "second_person_needed"


def test_only_what_lies_there_counts_as_received(world: Engine) -> None:
    """What the keeper received first has left; what is there now came by another hand."""
    inspected(world, told("SEAL-1/L1", quantity=10))
    posted(world, move("SUPPLIER", "TSN", "SEAL-1/L1", quantity=2), actor=SECOND)
    inspected(world, told("SEAL-1/L1", quantity=1), KEEPER)
    with pytest.raises(Forbidden):
        inspected(world, told("SEAL-1/L1", quantity=1), SECOND)


def test_wrong_inspections_are_refused(world: Engine) -> None:
    assert type(refused(world, told("S2"))) is Conflict
    assert type(refused(world, told("S7"))) is Invalid
    assert refused(world, told("SEAL-1/L1", quantity=11)).code == "too_little_stock"
    assert refused(world, told(), IN_SEA).status in (403, 422)
    wrongs: tuple[dict[str, Any], ...] = ({"hold": "customs"}, {"quantity": 0}, {"checks": {}}, {"owner": "nobody"})
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            told(**wrong)


def test_good_papers_are_on_file(world: Engine) -> None:
    posted(world, move("SUPPLIER", "TSN", "DISK-2/S9"))
    with pytest.raises(Conflict) as refusal:
        inspected(world, told("DISK-2/S9"))
    assert (refusal.value.code, refusal.value.field) == ("document_missing", "checks.documents")
    # that they are not there may be found, whatever else is
    inspected(world, told("DISK-2/S9", failed="documents"))


def test_what_is_on_the_watch_list_is_not_accepted(world: Engine) -> None:
    entry = NewEntry(kind=WatchKind.SERIAL, value="S1", reason="double", source="report")
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        open_entry(session, INSPECTOR, entry, NOW)
    assert refused(world, told(), SECOND).code == "not_acceptable"
    inspected(world, told(failed="identity"), SECOND)


def _limit(engine: Engine) -> None:
    limit = NewLimit.model_validate({"part": "DISK-1", "driver": "flight_hours", "most": 1000, "source": "ALS"})
    with writing(engine, INSPECTOR, clock=lambda: NOW) as session:
        set_limits(session, INSPECTOR, [limit])
        add_readings(session, INSPECTOR, [reading("2026-02-01", 500)], NOW)


def _own(engine: Engine) -> list[tuple[str, str | None]]:
    with reading_in(engine, SYSTEM) as session:
        rows = session.scalars(
            select(OperatorPeriod).where(OperatorPeriod.operator == "own").order_by(OperatorPeriod.starts_on)
        )
        return [(str(one.starts_on), None if one.ends_on is None else str(one.ends_on)) for one in rows]


def test_a_life_goes_on_with_us_once_its_way_back_is_whole(world: Engine) -> None:
    _limit(world)
    assert refused(world, told()).code == "not_acceptable"
    assert _own(world) == []
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        add_periods(session, INSPECTOR, [period("2020-01-01", "2026-02-28", 500)], NOW)
    inspected(world, told())
    assert _own(world) == [("2026-03-01", None)]


def test_time_at_a_customer_is_a_gap_until_it_is_told(world: Engine) -> None:
    _limit(world)
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        add_periods(session, INSPECTOR, [period("2020-01-01", "2026-02-28", 500)], NOW)
    inspected(world, told())
    issued, back = NOW + timedelta(days=2), NOW + timedelta(days=40)
    with writing(world, KEEPER, clock=lambda: back) as session:
        post(session, KEEPER, [move("TSN", "CUSTOMER", moved_at=issued)], back)
        post(session, KEEPER, [move("CUSTOMER", "TSN", moved_at=back)], back)
    with pytest.raises(Conflict, match="from 2026-03-04 to 2026-04-09"), writing(world, INSPECTOR) as session:
        inspect(session, INSPECTOR, told(), back)
    with writing(world, INSPECTOR, clock=lambda: back) as session:
        flown = period("2026-03-03", "2026-04-10", 90, operator="OP-B")
        # our own time ends on the day of the issue, which the customer's may share
        add_readings(session, INSPECTOR, [reading("2026-04-10", 590)], back)
        inspect_after(session, flown, back)
    assert _own(world) == [("2026-03-01", "2026-03-03"), ("2026-04-10", None)]


def inspect_after(session: Any, flown: Any, now: Any) -> None:
    """Tell the time at the customer, and inspect."""
    add_periods(session, INSPECTOR, [flown], now)
    inspect(session, INSPECTOR, told(), now)


def test_a_history_tells_everything_in_order_of_time(world: Engine) -> None:
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        add_readings(session, INSPECTOR, [reading("2025-01-01", 100)], NOW)
        add_periods(session, INSPECTOR, [period("2020-01-01", "2024-05-01", 500)], NOW)
        link = {
            "kind": LinkKind.INSTALLED,
            "other_part": "DISK-1",
            "other_number": "S1",
            "linked_at": "2025-06-01T00:00Z",
        }
        add_links(session, INSPECTOR, [NewLink.model_validate(numbered("S2") | link | {"document": "WO-1"})], NOW)
    inspected(world, told())
    with reading_in(world, SYSTEM) as session:
        (lot,) = lots_by_number(session, [Numbered(part="DISK-1", number="S1")])
        whole = history_page(session, lot, limit=99)
        assert [one.kind for one in whole] == [
            HistoryKind.MADE,
            HistoryKind.PERIOD,
            HistoryKind.READING,
            HistoryKind.LINK,
            HistoryKind.DOCUMENT,
            HistoryKind.INSPECTION,
            HistoryKind.MOVE,
            HistoryKind.MOVE,
        ]
        assert [one.told["hold"] for one in whole[-2:]] == ["receiving", "none"]
        paged: list[Any] = []
        while page := history_page(session, lot, limit=2, **({"after": _order(paged[-1])} if paged else {})):
            paged += page
        assert paged == whole


def _order(entry: Any) -> Any:
    return (entry.at, entry.kind, entry.key)
