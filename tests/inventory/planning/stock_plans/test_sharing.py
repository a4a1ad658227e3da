"""Parts that stand in for each other are planned together, and each keeps the target that its own pieces fill."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from inventory.catalogue.link_schemas import NewInterchange
from inventory.catalogue.link_service import add_interchanges
from inventory.catalogue.models import InterchangeKind, PartClass
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.planning.queries import targets
from inventory.planning.stock_plans.demand import rates
from inventory.planning.stock_plans.kin import Group, kin_of
from inventory.planning.stock_plans.override_schemas import NewOverride
from inventory.planning.stock_plans.overriding import foresee_override, override
from inventory.planning.stock_plans.past import MONTHS
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.queries import Chosen, all_lines, note_page, plan_by_number
from inventory.planning.stock_plans.schemas import Accept, TargetLineOut
from inventory.planning.stock_plans.service import accept
from inventory.planning.stock_plans.sharing import shares, with_interchange
from optimizer.stocking.tree import nodes_of, tree_of
from tests.conftest import NOW
from tests.inventory.planning.stock_plans.pictures import DEPOT, UTH, VTE, a_day, part, picture, stated
from tests.planned import BUDGET, EXPOSURE, load_planned, make
from tests.worlds import LOADED_AT

TWO, ONE, NEW = InterchangeKind.TWO_WAY, InterchangeKind.ONE_WAY, InterchangeKind.SUPERSEDES
ISSUED = [(0, VTE, MONTHS - 2, 3), (1, VTE, MONTHS - 3, 2)]


def linked(links: Sequence[tuple[int, int, InterchangeKind]], count: int = 4, **more: Any) -> Picture:
    return picture([part(number) for number in range(count)], links=links, **more)


def test_groups_are_what_hangs_together_by_links() -> None:
    kin = kin_of(linked([(0, 1, TWO), (2, 1, TWO)]))
    assert (kin.two_way, kin.one_way) == ((Group(0, (1, 2)),), ())
    kin = kin_of(linked([(0, 1, ONE), (1, 2, ONE), (2, 3, TWO)]))
    assert (kin.two_way, kin.one_way) == ((Group(2, (3,)),), (Group(2, (0, 1)),))
    assert kin.ends() == {0: 2, 1: 2, 3: 2}


def test_the_new_number_is_bought_and_what_is_replaced_elsewhere_is_no_more_of_the_group() -> None:
    kin = kin_of(linked([(0, 1, TWO), (0, 1, NEW)]))
    assert (kin.two_way, kin.successions) == ((Group(1, (0,)),), {})
    kin = kin_of(linked([(0, 1, TWO), (0, 2, NEW)]))
    assert (kin.two_way, kin.successions) == ((), {0: 2})


def test_where_several_ways_or_a_circle_lead_on_each_part_is_its_own() -> None:
    kin = kin_of(linked([(0, 1, ONE), (0, 2, ONE)]))
    assert (kin.one_way, set(kin.unclear)) == ((), {0})
    kin = kin_of(linked([(0, 1, ONE), (1, 0, ONE)]))
    assert (kin.one_way, set(kin.unclear)) == ((), {0, 1})


def test_what_is_repaired_does_not_stand_in_for_what_is_used_up_nor_anything_without_a_price() -> None:
    items = [part(0), part(1, part_class=PartClass.ROTABLE), part(2, price=Decimal(0))]
    assert kin_of(picture(items, links=[(0, 1, TWO), (0, 2, TWO)])).two_way == ()


def test_two_way_parts_have_one_demand_and_one_stock() -> None:
    known = linked([(0, 1, TWO)], 2, issues=ISSUED, owned={(1, UTH): 4, (0, DEPOT): 1})
    assert {number for (number, _place), rate in a_day(rates(known)).items() if rate} == {0}
    alone = stated(known)
    told = with_interchange(alone, known)
    lines = told.scenario.lines
    assert [one.number for one in told.items] == ["PART-0"]
    assert lines.rate_per_day.sum() == pytest.approx(alone.scenario.lines.rate_per_day.sum())
    assert lines.owned.sum() == 5
    assert [(one.item.number, told.sites[one.place].code, one.owned) for one in told.sharing] == [("PART-1", "UTH", 4)]
    (note,) = (one for one in told.notes if one.why == "interchanged")
    assert (note.part, note.other, note.lines) == (part(1).id, part(0).id, 1)
    assert not [one for one in told.notes if one.why == "superseded"]


def test_one_way_old_pieces_count_as_far_as_the_old_demand_uses_them() -> None:
    known = linked([(0, 1, ONE)], 2, issues=ISSUED, owned={(0, VTE): 50})
    told = with_interchange(stated(known), known)
    assert [one.number for one in told.items] == ["PART-1"]
    (old,) = told.sharing
    assert 0 < old.owned < 50
    assert told.scenario.lines.owned.sum() == old.owned
    assert {(one.why.value, one.part, one.other) for one in told.notes if one.other} == {
        ("interchanged", part(0).id, part(1).id),
        ("used_first", part(0).id, part(1).id),
    }


def test_in_a_plan_of_a_region_what_lies_elsewhere_stays_as_it_is() -> None:
    known = linked([(0, 1, ONE)], 2, issues=ISSUED, owned={(0, VTE): 1}, targets=[(0, DEPOT), (1, DEPOT), (0, VTE)])
    told = with_interchange(stated(known, "SEA"), known)
    lines = told.scenario.lines
    frozen = ~told.open[lines.place]
    assert frozen.any()
    assert lines.least[frozen].tolist() == lines.most[frozen].tolist() == lines.owned[frozen].tolist() == [4]


@settings(max_examples=60)
@given(
    kind=st.sampled_from([TWO, ONE]),
    owned=st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from([DEPOT, VTE, UTH])), st.integers(1, 6)),
    wanted=st.sets(st.tuples(st.integers(0, 2), st.sampled_from([DEPOT, VTE, UTH]))),
    after=st.lists(st.integers(0, 7), min_size=3, max_size=3),
)
def test_shares_add_up_and_no_part_is_to_hold_more_than_it_has(
    kind: InterchangeKind, owned: Any, wanted: Any, after: list[int]
) -> None:
    known = linked([(0, 1, kind), (1, 2, kind)], 3, issues=ISSUED, owned=owned, targets=sorted(wanted))
    told = with_interchange(stated(known), known)
    tree, lines = tree_of(told.scenario), told.scenario.lines
    before = np.zeros(tree.place.size, np.int64)
    before[nodes_of(tree, lines.part, lines.place)] = told.before
    assert before.sum() == 2 * len(wanted)
    planned = np.array((after * tree.place.size)[: tree.place.size], np.int64)
    found = shares(told, tree, before, planned)
    for node in range(tree.place.size):
        mine = [one for one in found if one.node == node]
        assert sum(one.before for one in mine) <= before[node]
        assert sum(one.after for one in mine) <= planned[node]
    if (before != planned).any():
        for item in {one.item.id for one in told.sharing}:
            counted = sum(one.owned for one in told.sharing if one.item.id == item)
            assert sum(one.after for one in found if one.part == item) <= counted
        left = sum(one.owned for one in told.sharing) - sum(one.after for one in found)
        assert left == 0 or sum(one.after for one in found) == planned.sum()
    else:
        assert all(one.before == one.after for one in found)


def load_twins(engine: Engine) -> None:
    """Add PUMP-2, which stands in for PUMP-1 both ways, dearer than that, with a piece in Vientiane."""
    load_planned(engine)
    twin: dict[str, Any] = {"part_number": "PUMP-2", "manufacturer_code": "TEST0", "ata_chapter": "24-31"}
    twin |= {
        "currency": "USD",
        "weight_kg": 1,
        "lead_time_days": 30,
        "part_class": "repairable",
        "essentiality": "NO_GO",
    }
    twin |= {"usage_driver": "flight_hours", "description": "Pump", "standard_cost": 99_000, "tracking": "none"}
    link = {"part": "PUMP-2", "alternative": "PUMP-1", "kind": "two_way", "source": "IPC 29-11 rev 3"}
    move = NewMove(part="PUMP-2", origin="ADJUSTMENT", destination="VTE", quantity=Decimal(1), document="TEST")
    with writing(engine, SYSTEM) as session:
        add_parts(session, SYSTEM, [NewPart.model_validate(twin)])
        add_interchanges(session, SYSTEM, [NewInterchange.model_validate(link)])
        post(session, SYSTEM, [move], LOADED_AT)


def lines_of(engine: Engine, number: str) -> dict[tuple[str, str], TargetLineOut]:
    with reading(engine, SYSTEM) as session:
        return {(one.part, one.place): one for one in all_lines(session, plan_by_number(session, number).id, Chosen())}


def test_a_piece_that_stands_in_is_a_target_of_its_own_part_and_needs_no_money(any_engine: Engine) -> None:
    load_twins(any_engine)
    plan = make(any_engine, budget="0")
    lines = lines_of(any_engine, plan.number)
    there = {cell: (line.before, line.after) for cell, line in lines.items() if cell[0] == "PUMP-2"}
    assert sum(after for _before, after in there.values()) == 1
    assert {line.waits_after for cell, line in lines.items() if cell[0] == "PUMP-2"} == {0.0}
    with reading(any_engine, SYSTEM) as session:
        notes = note_page(session, plan_by_number(session, plan.number), limit=99, reason="interchanged")
    assert [(one.part, one.other) for one in notes] == [("PUMP-2", "PUMP-1")]
    with writing(any_engine, SYSTEM) as session:
        accept(session, SYSTEM, plan.number, Accept(), 1, NOW)
    with reading(any_engine, SYSTEM) as session:
        standing = {(one, place): pieces for one, place, pieces in targets(session)}
    assert {cell: pieces for cell, pieces in standing.items() if cell[0] == "PUMP-2"} == {
        cell: after for cell, (_before, after) in there.items() if after
    }
    again = make(any_engine, budget="0")
    assert again.changing == 0


def test_another_target_of_a_part_counts_for_all_that_it_stands_in_for(any_engine: Engine) -> None:
    load_twins(any_engine)
    number = make(any_engine, budget=BUDGET).number
    told = []
    for one in ("PUMP-1", "PUMP-2"):
        planned = lines_of(any_engine, number).get((one, "VTE"))
        pieces = (planned.after if planned else Decimal(0)) + 2
        wanted = NewOverride(part=one, place="VTE", quantity=pieces, reason="own spare")
        with reading(any_engine, SYSTEM) as session:
            told.append(foresee_override(session, EXPOSURE, number, wanted, NOW))
    assert told[0].waits == pytest.approx(told[1].waits)
    assert told[0].waits < told[0].waits_planned == pytest.approx(told[1].waits_planned)
    with writing(any_engine, SYSTEM) as session:
        override(any_engine, session, SYSTEM, EXPOSURE, number, wanted, 1, NOW)
    line = lines_of(any_engine, number)["PUMP-2", "VTE"]
    assert (line.decided, line.waits_after, line.saves) == (pieces, 0.0, 0.0)
