"""Ways round the control, each of which somebody would try; and money that would be counted twice or not at all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.finance.approvals.models import ApprovalState
from fieldops.finance.approvals.schemas import NewSubstitution
from fieldops.finance.approvals.service import substitute
from fieldops.finance.budgets.schemas import Freeze
from fieldops.finance.budgets.service import open_lines, set_frozen
from fieldops.finance.categories import Category
from fieldops.finance.control.authority import grant_authority, place_hold, remind_of_reviews
from fieldops.finance.control.authority_schemas import NewComplianceHold
from fieldops.finance.control.holding import check, release
from fieldops.finance.control.queries import actual_page, override_page
from fieldops.finance.control.schemas import Release
from fieldops.finance.control.terms import set_approval_limits
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.fieldops.finance.spending import (
    BOSS,
    CHIEF,
    DAY,
    LI,
    add_people,
    authority,
    by_key,
    decide,
    enveloped,
    hold,
    line,
    opened,
    person,
    post_all,
    refused,
    reverse,
    set_control,
    sound,
    spent,
    wanted,
    year_line,
)
from tests.worlds import load_tiny


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world: 50,000 for labour in SEA, 10 for freight; managers approve to 20,000, finance to 100,000."""
    load_tiny(any_engine)
    return any_engine


def test_an_envelope_is_for_nothing_else_and_for_nobody_who_granted_it(world: Engine) -> None:
    envelope = enveloped(world, BOSS)
    named = wanted("O-1", "10", category="expedite")
    item = named.items[0].model_copy(update={"programme": "AOG-DESK"})
    hold(world, named.model_copy(update={"items": (item,)}))
    assert by_key(world, envelope).committed == 0
    urgent = wanted("O-2", "400", category="freight", priority="AOG")
    assert not hold(world, urgent, BOSS).held
    assert hold(world, urgent, LI).held
    capital = wanted("O-3", "400", category="capital", priority="AOG")
    with writing(world, SYSTEM) as session:
        open_lines(session, SYSTEM, [year_line(category="capital", budget="1")], NOW)
    assert not hold(world, capital).held
    for key, code in ((line(world).id, "wrong_line"), (opened(world, programme="X", committed="5"), "line_in_use")):
        with refused(code), writing(world, CHIEF) as session:
            grant_authority(session, CHIEF, authority(key), NOW)


def test_to_call_a_document_aog_lifts_no_personal_limit_unseen(world: Engine) -> None:
    set_control(world, personal=[{"role": "dispatcher", "amount": "300"}])
    assert not hold(world, wanted("O-1", "400", priority="AOG")).held
    envelope = enveloped(world, CHIEF)
    assert hold(world, wanted("O-1", "400", priority="AOG")).held
    assert [by_key(world, envelope).committed, line(world).committed] == [400, 0]
    with reading(world, SYSTEM) as session:
        (one,) = override_page(session)
    assert [one.kind, one.amount] == ["envelope", 400]


def test_what_a_person_may_commit_alone_counts_for_the_whole_document(world: Engine) -> None:
    set_control(world, personal=[{"role": "dispatcher", "amount": "2000"}])
    first = wanted("O-1", "2000", item="a")
    assert hold(world, first).held
    post_all(world, spent("s/1", "2000", item="a", final=True))
    assert not hold(world, wanted("O-1", "1", item="b")).held


@pytest.mark.parametrize(
    ("terms", "passing"),
    [
        ({"bands": [{"action": "block", "percent": "10"}]}, 2_000),
        ({"personal": [{"role": "regional_manager", "amount": "100"}]}, 7_000),
    ],
)
def test_every_override_that_was_needed_is_on_record(world: Engine, terms: dict[str, Any], passing: int) -> None:
    set_control(world, **terms)
    aog: dict[str, Any] = {"priority": "AOG", "override": True, "reason": "aircraft waits"}
    assert hold(world, wanted("O-1", "7000", **aog), BOSS).held
    assert hold(world, wanted("O-2", "50", **aog), CHIEF if "personal" in terms else BOSS).held
    with reading(world, SYSTEM) as session:
        told = override_page(session)
    assert [told[0].kind, told[0].document, told[0].amount] == ["named", "O-1", passing]
    assert len(told) == (1 if "personal" in terms else 2)


def test_an_approval_is_for_what_was_asked_and_not_for_something_of_the_same_size(world: Engine) -> None:
    number = str(hold(world, wanted("O-1", "60000", item="engine")).approval)
    assert decide(world, CHIEF, number) is ApprovalState.APPROVED
    assert hold(world, wanted("O-1", "59000", item="engine")).held
    assert not hold(world, wanted("O-1", "59000", item="dinner")).held


def test_four_eyes_are_two_persons_in_two_authorities(world: Engine) -> None:
    set_control(world, four_eyes_above="50000")
    add_people(world, ("zhao.min", "finance"), ("sun.li", "finance"), ("wang.fang", "finance"))
    wish = NewSubstitution(substitute="sun.li", first_day=DAY, last_day=DAY)
    with writing(world, CHIEF) as session:
        substitute(session, CHIEF, wish, NOW)
    number = str(hold(world, wanted("O-1", "60000"), person("sun.li", "finance", None)).approval)
    assert decide(world, CHIEF, number) is ApprovalState.SECONDED
    with refused("own_request"):
        decide(world, CHIEF, number)
    with refused("own_request"):  # asked for it, and stands in for who approved already
        decide(world, person("sun.li", "finance", None), number)
    assert decide(world, person("wang.fang", "finance", None), number) is ApprovalState.APPROVED


def test_a_substitute_has_the_authority_only_where_it_counts(world: Engine) -> None:
    add_people(world, ("cn.chief", "finance", "CN"), ("sea.boss", "regional_manager", "SEA"), ("both", "finance"))
    chief = person("cn.chief", "finance", "CN")
    for name in ("sea.boss", "nobody", "cn.chief"):
        wish = NewSubstitution(substitute=name, first_day=DAY, last_day=DAY)
        with refused("wrong_substitute"), writing(world, chief) as session:
            substitute(session, chief, wish, NOW)
    number = str(hold(world, wanted("O-1", "60000")).approval)
    with writing(world, chief) as session:
        substitute(session, chief, NewSubstitution(substitute="both", first_day=DAY, last_day=DAY), NOW)
    with refused("beyond_authority"):
        decide(world, person("both", "dispatcher", None), number)


def test_a_stopped_document_is_stopped_by_any_other_name(world: Engine) -> None:
    stop = NewComplianceHold(region="SEA", document_kind="order", document="O-1", reason="licence")
    with writing(world, SYSTEM) as session:
        place_hold(session, SYSTEM, stop, NOW)
    with refused("compliance_hold"):
        hold(world, wanted("O-1", "5", document_kind="orders"))


def test_what_came_back_is_expected_no_more_when_the_document_is_told_again(world: Engine) -> None:
    asked = wanted("O-1", "300", recovery="100")
    hold(world, asked)
    post_all(world, spent("s/1", "150", recovered="50"))
    hold(world, asked)
    assert [line(world).committed, line(world).recovery, line(world).recovered] == [150, 50, 50]
    assert sound(world)


def test_an_expense_takes_a_reservation_where_nothing_is_committed(world: Engine) -> None:
    hold(world, wanted("O-1", "500", stage="reservation"))
    post_all(world, spent("s/1", "450", final=True))
    assert [line(world).reserved, line(world).committed, line(world).actual] == [0, 0, 450]
    assert sound(world)


def test_an_expense_takes_only_money_of_its_own_region_and_category(world: Engine) -> None:
    hold(world, wanted("O-1", "500"))
    post_all(world, spent("s/1", "20", category="travel"), spent("s/2", "30", region="CN"))
    assert [line(world).committed, line(world).actual] == [500, 0]
    assert line(world, Category.TRAVEL).actual == 20
    assert line(world, region="CN").actual == 30
    assert sound(world)


def test_a_reversal_gives_everything_back_but_to_what_was_released(world: Engine) -> None:
    hold(world, wanted("O-1", "500"))
    post_all(world, spent("s/1", "450", final=True))
    reverse(world, "s/1")
    assert [line(world).committed, line(world).actual] == [500, 0]
    post_all(world, spent("s/2", "450"))
    with writing(world, LI) as session:
        release(session, LI, Release(document_kind="order", document="O-1", reason="off"), NOW, DAY)
    reverse(world, "s/2")
    assert [line(world).committed, line(world).actual] == [0, 0]
    with reading(world, SYSTEM) as session:
        assert [one.reason for one in actual_page(session, document="O-1")] == [
            None,
            "credit note",
            None,
            "credit note",
        ]
    assert sound(world)


def test_the_same_source_with_anything_else_is_refused(world: Engine) -> None:
    post_all(world, spent("s/1", "20"))
    assert post_all(world, spent("s/1", "20.00")) == 0
    for more in ({"recovered": "5"}, {"final": True}, {"document_kind": "job"}, {"category": "travel"}):
        with refused("source_used"):
            post_all(world, spent("s/1", "20", **more))


def test_a_slip_of_the_pen_does_not_charge_the_general_line(world: Engine) -> None:
    for more, code in (
        ({"cost_centre": "CC-NO"}, "unknown_cost_centre"),
        ({"area": "NOWHERE"}, "unknown_area"),
        ({"programme": "XX"}, "unknown_programme"),
    ):
        asked = wanted("O-1", "5")
        with refused(code):
            hold(world, asked.model_copy(update={"items": (asked.items[0].model_copy(update=more),)}))
        with refused(code):
            post_all(world, spent("s/1", "5", **more))


def test_documents_of_two_regions_with_one_number_are_two(world: Engine) -> None:
    hold(world, wanted("O-1", "500"))
    hold(world, wanted("O-1", "70", region="CN"), CHIEF)
    with refused("several_regions"), writing(world, CHIEF) as session:
        release(session, CHIEF, Release(document_kind="order", document="O-1", reason="off"), NOW, DAY)
    with writing(world, CHIEF) as session:
        release(session, CHIEF, Release(document_kind="order", document="O-1", region="CN", reason="off"), NOW, DAY)
    assert [line(world).committed, line(world, region="CN").committed] == [500, 0]


def test_the_question_without_the_deed_is_refused_as_the_deed(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        set_frozen(session, SYSTEM, line(world).id, Freeze(frozen=True, reason="stop"), NOW)
    with refused("line_frozen"), reading(world, LI) as session:
        check(session, LI, wanted("O-1", "5"), DAY)


def test_a_review_that_is_due_is_told_once(world: Engine) -> None:
    hold(world, wanted("O-1", "60", category="freight", priority="AOG", override=True, reason="waits"), BOSS)
    told = []
    for hours in (23, 25, 26):
        with writing(world, SYSTEM) as session:
            told.append(remind_of_reviews(session, NOW + timedelta(hours=hours)))
    assert told == [0, 1, 0]


def test_limits_leave_somebody_who_may_approve_everything_and_name_nobody_who_may_not(world: Engine) -> None:
    for limits, code in (
        ({"administrator": Decimal(5)}, "no_last_authority"),
        ({"dispatcher": Decimal(2_000)}, "wrong_role"),
    ):
        with refused(code), writing(world, SYSTEM) as session:
            set_approval_limits(session, limits, "USD")
