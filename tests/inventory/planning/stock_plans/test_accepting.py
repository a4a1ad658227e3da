"""Lines of target plans become stock targets, are taken back, and are decided otherwise by a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from fieldops.fleet.utilisation.exposure import FleetExposure
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, NotFound, Stale
from inventory.planning.queries import targets
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from inventory.planning.stock_plans.comparing import differences
from inventory.planning.stock_plans.override_schemas import NewOverride, OverrideOut
from inventory.planning.stock_plans.overriding import foresee_override, override
from inventory.planning.stock_plans.queries import Chosen, acceptances, all_lines, plan_by_number, plan_told
from inventory.planning.stock_plans.schemas import (
    Accept,
    Accepted,
    CellOf,
    LineState,
    TargetLineOut,
    TargetPlanState,
)
from inventory.planning.stock_plans.service import accept, foresee, take_back
from inventory.ports import Usage
from tests.conftest import NOW
from tests.planned import CN, EXPOSURE, SEA, load_planned, make
from tests.rivals import at_once

LATER = NOW + timedelta(days=2)
Standing = dict[tuple[str, str], Decimal]


def standing(engine: Engine) -> Standing:
    with reading(engine, SYSTEM) as session:
        return {(part, place): quantity for part, place, quantity in targets(session)}


def lines_of(engine: Engine, number: str, state: LineState | None = None) -> list[TargetLineOut]:
    with reading(engine, SYSTEM) as session:
        return list(all_lines(session, plan_by_number(session, number).id, Chosen(state=state)))


def accepted(engine: Engine, number: str, actor: Actor = SYSTEM, cells: Sequence[tuple[str, str]] = ()) -> Accepted:
    wanted = Accept(lines=tuple(CellOf(part=part, place=place) for part, place in cells)) if cells else Accept()
    with writing(engine, actor) as session:
        version = plan_by_number(session, number).version
        return accept(session, actor, number, wanted, version, LATER)


def undone(engine: Engine, key: UUID, actor: Actor = SYSTEM) -> None:
    with writing(engine, actor) as session:
        take_back(session, actor, key, "a mistake", LATER)


def last_acceptance(engine: Engine, number: str) -> UUID:
    with reading(engine, SYSTEM) as session:
        return acceptances(session, plan_by_number(session, number).id)[-1].id


def overridden(engine: Engine, number: str, part: str, place: str, quantity: int, actor: Actor = SYSTEM) -> OverrideOut:
    wanted = NewOverride(part=part, place=place, quantity=Decimal(quantity), reason="own spare")
    with reading(engine, SYSTEM) as session:
        version = plan_by_number(session, number).version
    with writing(engine, actor) as session:
        return override(engine, session, actor, EXPOSURE, number, wanted, version, LATER)


def test_a_whole_plan_becomes_the_targets_and_can_be_taken_back(any_engine: Engine) -> None:
    load_planned(any_engine)
    number, before = make(any_engine).number, standing(any_engine)
    with reading(any_engine, SYSTEM) as session:
        foreseen = foresee(session, SYSTEM, number, Accept())
    told = accepted(any_engine, number)
    assert told == foreseen
    assert told.costs == sum(line.costs for line in lines_of(any_engine, number))
    wanted = {(line.part, line.place): line.after for line in lines_of(any_engine, number)}
    assert standing(any_engine) == {cell: pieces for cell, pieces in (before | wanted).items() if pieces}
    with reading(any_engine, SYSTEM) as session:
        assert plan_told(session, number).state is TargetPlanState.ACCEPTED
    with pytest.raises(Conflict) as refused:
        accepted(any_engine, number)
    assert refused.value.code == "nothing_to_accept"
    undone(any_engine, last_acceptance(any_engine, number))
    assert standing(any_engine) == before
    with reading(any_engine, SYSTEM) as session:
        assert plan_told(session, number).state is TargetPlanState.PROPOSED
    with pytest.raises(Conflict) as refused:
        undone(any_engine, last_acceptance(any_engine, number))
    assert refused.value.code == "taken_back_already"


def test_targets_that_were_changed_since_are_named_and_nothing_is_set(any_engine: Engine) -> None:
    load_planned(any_engine)
    number = make(any_engine).number
    with writing(any_engine, SYSTEM) as session:
        set_targets(session, SYSTEM, [NewTarget(part="PUMP-1", place="VTE", quantity=Decimal(7))])
    before = standing(any_engine)
    with reading(any_engine, SYSTEM) as session:
        assert foresee(session, SYSTEM, number, Accept()).stale == [CellOf(part="PUMP-1", place="VTE")]
    with pytest.raises(Conflict) as refused:
        accepted(any_engine, number)
    assert refused.value.code == "targets_changed"
    assert [what for what, _why in refused.value.details] == ["PUMP-1 VTE"]
    assert standing(any_engine) == before
    others = [(line.part, line.place) for line in lines_of(any_engine, number, LineState.OPEN) if line.part != "PUMP-1"]
    assert accepted(any_engine, number, cells=others).lines == len(others)
    with reading(any_engine, SYSTEM) as session:
        assert plan_told(session, number).state is TargetPlanState.PARTLY_ACCEPTED


def test_taking_back_is_refused_where_somebody_changed_a_target_since(any_engine: Engine) -> None:
    load_planned(any_engine)
    number = make(any_engine).number
    accepted(any_engine, number)
    with writing(any_engine, SYSTEM) as session:
        set_targets(session, SYSTEM, [NewTarget(part="PUMP-1", place="VTE", quantity=Decimal(7))])
    with pytest.raises(Conflict) as refused:
        undone(any_engine, last_acceptance(any_engine, number))
    assert [what for what, _why in refused.value.details] == ["PUMP-1 VTE"]


def test_a_manager_accepts_and_takes_back_her_own_lines_only(any_engine: Engine) -> None:
    load_planned(any_engine)
    number, before = make(any_engine).number, standing(any_engine)
    accepted(any_engine, number, SEA)
    changed = {cell for cell, pieces in standing(any_engine).items() if before.get(cell) != pieces}
    assert changed
    assert {place for _part, place in changed} <= {"VTE", "UTH"}
    with pytest.raises(NotFound):
        accepted(any_engine, number, SEA, [("BRAKE-1", "TSN")])
    undone(any_engine, last_acceptance(any_engine, number), SEA)
    accepted(any_engine, number)
    with pytest.raises((Forbidden, NotFound)):
        undone(any_engine, last_acceptance(any_engine, number), CN)


def test_a_fraction_that_stood_comes_back_when_taken_back(engine: Engine) -> None:
    load_planned(engine)
    with writing(engine, SYSTEM) as session:
        set_targets(session, SYSTEM, [NewTarget(part="BRAKE-1", place="VTE", quantity=Decimal("2.5"))])
    number, before = make(engine).number, standing(engine)
    accepted(engine, number)
    assert standing(engine) != before
    undone(engine, last_acceptance(engine, number))
    assert standing(engine) == before


def test_another_version_is_refused(engine: Engine) -> None:
    load_planned(engine)
    number = make(engine).number
    with writing(engine, SYSTEM) as session, pytest.raises(Stale):
        accept(session, SYSTEM, number, Accept(), 99, LATER)


def test_an_override_tells_its_cost_and_is_what_is_accepted(any_engine: Engine) -> None:
    load_planned(any_engine)
    number = make(any_engine).number
    planned = next(one for one in lines_of(any_engine, number) if (one.part, one.place) == ("BRAKE-1", "VTE"))
    more = int(planned.after) + 2
    told = overridden(any_engine, number, "BRAKE-1", "VTE", more, SEA)
    assert (told.planned, told.costs, told.currency) == (planned.after, Decimal(36_000), "USD")
    assert told.waits_planned == pytest.approx(planned.waits_after)
    assert told.waits < told.waits_planned
    assert told.weighted < told.weighted_planned
    line = next(one for one in lines_of(any_engine, number) if (one.part, one.place) == ("BRAKE-1", "VTE"))
    assert (int(line.decided), line.override_reason, line.override_by) == (more, "own spare", SEA.id)
    assert line.waits_after == told.waits
    accepted(any_engine, number, SEA)
    assert standing(any_engine)["BRAKE-1", "VTE"] == more
    with pytest.raises(Conflict) as refused:
        overridden(any_engine, number, "BRAKE-1", "VTE", 1)
    assert refused.value.code == "line_accepted"


def test_what_was_decided_otherwise_is_in_the_spending_told_anew(any_engine: Engine) -> None:
    load_planned(any_engine)
    plan = make(any_engine, budget="300", capital_budget="20000")
    assert [one.overrides for one in plan.spending] == [0, 0]
    line = next(one for one in lines_of(any_engine, plan.number) if one.part == "BRAKE-1" and one.place == "VTE")
    for _again in range(2):  # the second takes the place of the first
        overridden(any_engine, plan.number, "BRAKE-1", "VTE", int(line.after) + 2)
    with reading(any_engine, SYSTEM) as session:
        told = {one.budget: one for one in plan_told(session, plan.number).spending}
    assert {name: one.overrides for name, one in told.items()} == {"capital": 2 * line.price, "operating": 0}
    assert told["capital"].spent == plan.spending[0].spent


def test_what_was_decided_meanwhile_makes_an_override_stale(any_engine: Engine) -> None:
    """What is reckoned holds for the plan as it stood: the version is asked again where it is written."""
    load_planned(any_engine)
    number = make(any_engine).number
    wanted = NewOverride(part="BRAKE-1", place="VTE", quantity=Decimal(5), reason="own spare")

    class Deciding(FleetExposure):
        """Somebody decides otherwise while the demand is reckoned."""

        done = False

        def usage(self, session: Session, start: date, end: date) -> list[Usage]:
            if not self.done:
                self.done = True
                overridden(any_engine, number, "BRAKE-1", "TSN", 7)
            return super().usage(session, start, end)

    with writing(any_engine, SYSTEM) as session, pytest.raises(Stale):
        override(any_engine, session, SYSTEM, Deciding(), number, wanted, 1, LATER)
    line = next(one for one in lines_of(any_engine, number) if (one.part, one.place) == ("BRAKE-1", "VTE"))
    assert line.override is None


def test_a_place_where_the_plan_holds_nothing_can_be_given_something(any_engine: Engine) -> None:
    load_planned(any_engine)
    number = make(any_engine, budget="0").number
    cells = {(one.part, one.place) for one in lines_of(any_engine, number)}
    assert ("PUMP-1", "UTH") not in cells
    wanted = NewOverride(part="PUMP-1", place="UTH", quantity=Decimal(1), reason="far away")
    with reading(any_engine, SEA) as session:
        foreseen = foresee_override(session, EXPOSURE, number, wanted, LATER)
    assert foreseen.waits < foreseen.waits_planned
    assert overridden(any_engine, number, "PUMP-1", "UTH", 1, SEA) == foreseen
    accepted(any_engine, number, SEA, [("PUMP-1", "UTH")])
    assert standing(any_engine)["PUMP-1", "UTH"] == 1


@pytest.mark.parametrize(
    ("part", "place", "refusal", "code"),
    [
        ("BRAKE-1", "TSN", Forbidden, "outside_region"),
        ("BRAKE-1", "FAR", NotFound, "unknown_target_line"),
        ("SEAL-9", "VTE", NotFound, "unknown_target_line"),
        ("FILTER-1", "UTH", Conflict, "nobody_asks"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    engine: Engine, part: str, place: str, refusal: type[DomainError], code: str
) -> None:
    load_planned(engine)
    number = make(engine).number
    with pytest.raises(DomainError) as refused:
        overridden(engine, number, part, place, 1, SEA)
    assert (type(refused.value), refused.value.code) == (refusal, code)


def test_plans_are_compared_with_another_and_with_what_stands(any_engine: Engine) -> None:
    load_planned(any_engine)
    small, large = make(any_engine, budget="0").number, make(any_engine).number
    with reading(any_engine, SYSTEM) as session:
        first, second = plan_by_number(session, small).id, plan_by_number(session, large).id
        beside = {(one.part, one.place): (one.other, one.this) for one in differences(session, second, first, limit=99)}
        present = {(one.part, one.place): (one.other, one.this) for one in differences(session, second, None, limit=99)}
    after = [{(one.part, one.place): one.after for one in lines_of(any_engine, number)} for number in (small, large)]
    none = Decimal(0)
    assert beside == {
        cell: (after[0].get(cell, none), after[1].get(cell, none))
        for cell in after[0].keys() | after[1].keys()
        if after[0].get(cell, none) != after[1].get(cell, none)
    }
    changing = lines_of(any_engine, large, LineState.OPEN)
    assert present == {(one.part, one.place): (one.before, one.after) for one in changing}


@pytest.mark.parametrize("with_another", [True, False])
def test_what_is_compared_is_looked_up_by_its_keys_however_many_lines_there_are(
    engine: Engine, with_another: bool
) -> None:
    load_planned(engine)
    numbers = [make(engine, budget=budget).number for budget in ("0", "1000")]
    with reading(engine, SYSTEM) as session:
        first, second = (plan_by_number(session, number).id for number in numbers)
        with asked(engine) as queries:
            differences(session, second, first if with_another else None, limit=99)
        told = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {queries[-1][0]}", queries[-1][1])
        steps = [step for *_numbers, step in told]
    beside = [step.split()[0] for step in steps if "LEFT-JOIN" in step]
    assert beside == ["SEARCH", "SEARCH"]


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Yield the list that every statement inside the block is added to, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.postgres
def test_who_accepts_first_of_many_has_accepted(postgres_engine: Engine) -> None:
    load_planned(postgres_engine)
    number, other = make(postgres_engine).number, make(postgres_engine, budget="9600").number
    done: list[str] = []

    def accept_one(turn: int) -> None:
        one = number if turn % 2 else other
        try:
            accepted(postgres_engine, one)
            done.append(one)
        except (Conflict, Stale, StaleDataError):
            pass

    at_once(6, accept_one)
    assert len(done) == 1
    wanted = {(line.part, line.place): line for line in lines_of(postgres_engine, done[0])}
    now = standing(postgres_engine)
    assert all(now.get(cell, Decimal(0)) == line.decided for cell, line in wanted.items())


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), st.sampled_from(["all", "BRAKE-1", "LAMP-1"])),
        st.tuples(st.just("undo"), st.just("")),
        st.tuples(st.just("override"), st.sampled_from(["BRAKE-1", "LAMP-1"])),
        st.tuples(st.just("change"), st.sampled_from(["BRAKE-1", "LAMP-1"])),
    ),
    max_size=7,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_accepted_lines_are_what_stands_or_were_changed_by_somebody(
    steps: list[tuple[str, str]], engine: Engine
) -> None:
    """After any steps: each line that is accepted stood as decided when it was; taking all back in turn restores."""
    load_once(engine)
    number = make(engine).number
    others: set[tuple[str, str]] = set()
    start = standing(engine)
    for step, part in steps:
        try:
            match step:
                case "accept":
                    cells = [(one.part, one.place) for one in lines_of(engine, number) if part in ("all", one.part)]
                    accepted(engine, number, cells=cells)
                case "undo":
                    undone(engine, last_acceptance(engine, number))
                case "override":
                    overridden(engine, number, part, "VTE", 3)
                case "change":
                    with writing(engine, SYSTEM) as session:
                        set_targets(session, SYSTEM, [NewTarget(part=part, place="VTE", quantity=Decimal(9))])
                    others.add((part, "VTE"))
        except (DomainError, IndexError):
            continue
    now = standing(engine)
    for line in lines_of(engine, number):
        cell = (line.part, line.place)
        if cell in others:
            continue
        expected = line.decided if line.state is LineState.ACCEPTED else start.get(cell, Decimal(0))
        assert now.get(cell, Decimal(0)) == expected, cell
    with writing(engine, SYSTEM) as session:  # as it was, for the next example
        back = start.keys() | now.keys()
        set_targets(
            session,
            SYSTEM,
            [NewTarget(part=part, place=place, quantity=start.get((part, place), Decimal(0))) for part, place in back],
        )


def load_once(engine: Engine) -> None:
    """Load the world where the example is the first one of its database."""
    if not standing(engine):
        load_planned(engine)
