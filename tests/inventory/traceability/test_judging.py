"""Verdicts on stock by what the database holds: rules, papers, lives and the watch list, in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from inventory.catalogue.models import Part
from inventory.catalogue.rules import Aircraft
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading as reading_in
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict, DomainError, NotFound, Stale
from inventory.traceability.condition import Condition
from inventory.traceability.judging import Stock, require_issuable, verdicts
from inventory.traceability.kinds import WatchKind
from inventory.traceability.models import Lot
from inventory.traceability.paper_queries import limit_page, rule_page
from inventory.traceability.paper_service import add_documents, add_periods, add_readings
from inventory.traceability.rule_schemas import NewEntry, NewLimit, NewRule, RuleTerms
from inventory.traceability.rule_service import add_rules, change_rule, set_limits
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from inventory.traceability.watch import close_entry, open_entry
from tests.conftest import NOW
from tests.inventory.traceability.pieces import INSPECTOR, SECOND, document, load_pieces, period, reading

EASA = Aircraft("TP60", registry_authority="EASA")


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """Numbered pieces; DISK-1 S1 is overhauled and has a Form 1."""
    load_pieces(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        add_documents(session, SYSTEM, [document("S1")], NOW)
    return any_engine


def codes(engine: Engine, aircraft: Aircraft | None, *lots: tuple[str, str]) -> list[list[str]]:
    """Return what fails of overhauled pieces, each a part and a number."""
    with reading_in(engine, SYSTEM) as session:
        stocks = []
        for part, number in lots or (("DISK-1", "S1"),):
            lot = session.scalars(
                select(Lot).join(Part, Part.id == Lot.part_id).where(Part.part_number == part, Lot.number == number)
            ).one()
            stocks.append(Stock(lot.part_id, Condition.OVERHAULED, lot.id))
        return [[one.code for one in verdict.failures] for _unit, verdict in verdicts(session, stocks, aircraft, NOW)]


def test_the_papers_of_each_piece_decide(world: Engine) -> None:
    assert codes(world, EASA, ("DISK-1", "S1"), ("DISK-1", "S2")) == [[], ["document_missing"]]
    assert codes(world, Aircraft("TP60", registry_authority="FAA")) == [["dual_release_missing"]]
    assert codes(world, Aircraft("TP60")) == [["registry_unknown"]]
    assert codes(world, None, ("DISK-1", "S2")) == [[]]


def test_what_may_not_be_issued_is_refused_by_the_rule_that_fails(world: Engine) -> None:
    with reading_in(world, SYSTEM) as session:
        good, bad = [
            Stock(lot.part_id, Condition.OVERHAULED, lot.id)
            for lot in session.scalars(
                select(Lot).join(Part, Part.id == Lot.part_id).where(Part.part_number == "DISK-1").order_by(Lot.number)
            )
        ]
        require_issuable(session, [good], EASA, NOW)
        require_issuable(session, [good, bad], None, NOW)
        with pytest.raises(Conflict, match=r"DISK-1 S2 may not be issued.*rule: EASA-COMPONENT-USED") as refusal:
            require_issuable(session, [good, bad], EASA, NOW)
        assert refusal.value.code == "not_acceptable"


def test_a_life_limit_needs_a_whole_life(world: Engine) -> None:
    limit = NewLimit.model_validate({"part": "DISK-1", "driver": "flight_hours", "most": 1000, "source": "ALS"})
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        set_limits(session, INSPECTOR, [limit])
    assert codes(world, None) == [["back_to_birth_gap", "reading_missing"]]
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        add_periods(session, INSPECTOR, [period("2020-01-01", "2024-05-01", 500), period("2024-05-02", None)], NOW)
        add_readings(session, INSPECTOR, [reading("2024-05-01", 500)], NOW)
    assert codes(world, None) == [[]]
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        set_limits(session, INSPECTOR, [limit.model_copy(update={"most": 500})])
        assert [one.most for one in limit_page(session, limit=9)] == [500]
    assert codes(world, None) == [["life_used_up"]]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (WatchKind.SERIAL, "s1"),
        (WatchKind.CERTIFICATE, "rx-1"),
        (WatchKind.ORGANISATION, "SHOP GMBH"),
        (WatchKind.ORGANISATION, "DE.145.1"),
    ],
)
def test_what_meets_an_open_entry_is_not_issued(world: Engine, kind: WatchKind, value: str) -> None:
    entry = NewEntry(kind=kind, value=value, part="DISK-1", reason="false", source="report")
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        key = open_entry(session, INSPECTOR, entry, NOW).id
    assert codes(world, None) == [["on_watch_list"]]
    assert codes(world, None, ("DISK-2", "S1"), ("DISK-1", "S2"))[0] == []
    with pytest.raises(DomainError) as refusal, writing(world, INSPECTOR, clock=lambda: NOW) as session:
        close_entry(session, INSPECTOR, key, "it is genuine", NOW)
    assert refusal.value.code == "second_person_needed"
    with writing(world, SECOND, clock=lambda: NOW) as session:
        close_entry(session, SECOND, key, "it is genuine", NOW)
    assert codes(world, None) == [[]]
    with pytest.raises(DomainError) as refusal, writing(world, SECOND, clock=lambda: NOW) as session:
        close_entry(session, SECOND, key, "again", NOW)
    assert refusal.value.code == "entry_closed"


def test_rules_are_data(world: Engine) -> None:
    rule = NewRule.model_validate(
        {"code": "OWN-1", "authority": "EASA", "part_group": "component", "usage": "used", "forms": ["caac_aac_038"]}
        | {"source": "our manual", "edition": "rev 3"}
    )
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        add_rules(session, INSPECTOR, [rule])
        assert [one.code for one in rule_page(session, limit=99, authority="EASA")][-1] == "OWN-1"
    assert codes(world, EASA) == [["form_not_accepted"]]
    terms = RuleTerms.model_validate(rule.model_dump(exclude={"code"}) | {"forms": ["easa_form_1"]})
    with writing(world, INSPECTOR, clock=lambda: NOW) as session:
        change_rule(session, INSPECTOR, "OWN-1", terms, 1)
    assert codes(world, EASA) == [[]]
    for wrong, code in (
        (lambda session: change_rule(session, INSPECTOR, "OWN-1", terms, 1), Stale),
        (lambda session: change_rule(session, INSPECTOR, "OWN-2", terms, 1), NotFound),
        (lambda session: add_rules(session, INSPECTOR, [rule]), Conflict),
    ):
        with pytest.raises(code), writing(world, INSPECTOR, clock=lambda: NOW) as session:
            wrong(session)


def test_the_number_of_statements_does_not_grow_with_the_stock(world: Engine) -> None:
    numbers = [f"N{n}" for n in range(50)]
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        lots = [{"part": "DISK-1", "number": number, "kind": "serial", "made_on": "2020-01-01"} for number in numbers]
        add_lots(session, SYSTEM, [NewLot.model_validate(lot) for lot in lots])
    with reading_in(world, SYSTEM) as session:
        every = session.scalars(select(Lot).where(Lot.number.in_(numbers))).all()
        few, many = [
            _statements(world, lambda some=some: verdicts(session, some, EASA, NOW))
            for some in ([_stock(lot) for lot in every[:1]], [_stock(lot) for lot in every])
        ]
    assert 0 < many == few


def _stock(lot: Lot) -> Stock:
    return Stock(lot.part_id, Condition.OVERHAULED, lot.id)


def _statements(engine: Engine, work: Any) -> int:
    told: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Sequence[Any]) -> None:
        told.append(statement)

    event.listen(engine, "before_cursor_execute", heard)
    work()
    event.remove(engine, "before_cursor_execute", heard)
    return len(told)
