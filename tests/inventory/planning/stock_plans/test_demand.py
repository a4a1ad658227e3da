"""What is asked for where: by use, by history, of parts that others replace or that nobody asks for any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inventory.catalogue.link_schemas import NewInterchange
from inventory.catalogue.link_service import add_interchanges
from inventory.catalogue.models import UsageDriver
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.planning.stock_plans.demand import rates
from inventory.planning.stock_plans.forecast_schemas import ForecastMethod
from inventory.planning.stock_plans.making import make_target_plan
from inventory.planning.stock_plans.past import MONTH_DAYS, MONTHS
from inventory.planning.stock_plans.picture import _least_order, take_picture
from inventory.planning.stock_plans.queries import forecast_page, plan_by_number
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.schemas import MakeTargets
from inventory.planning.stock_plans.used import used_of
from inventory.ports import Usage
from tests.inventory.planning.stock_plans.pictures import (
    DEPOT,
    HOURS,
    UTH,
    VTE,
    a_day,
    part,
    picture,
    stated,
    used,
)
from tests.planned import SEA, load_planned
from tests.worlds import LOADED_AT

LATER = LOADED_AT + timedelta(days=20 * MONTH_DAYS)


class Flown:
    """One aircraft at Vientiane, three hours each day from the first month of the ledger on."""

    def usage(self, session: Session, start: date, end: date) -> Sequence[Usage]:
        """Return what it was used."""
        months = [date(2026 + number // 12, number % 12 + 1, 1) for number in range(2, 30)]
        return [used(month) for month in months if start.replace(day=1) <= month < end.replace(day=1)]


def issue(engine: Engine, part: str, place: str, months_ago: float, pieces: int = 1) -> None:
    at = LATER - timedelta(days=months_ago * MONTH_DAYS)
    common: dict[str, Any] = {"part": part, "quantity": Decimal(pieces), "document": "TEST"}
    got = NewMove(**common, origin="ADJUSTMENT", destination=place)
    sold = NewMove(**common, origin=place, destination="CUSTOMER", without_aircraft="sale")
    with writing(engine, SYSTEM, clock=lambda: LATER) as session:
        post(session, SYSTEM, [got], at)
        post(session, SYSTEM, [sold], at)


def test_a_removal_rate_is_the_makers_corrected_by_the_ledger(any_engine: Engine) -> None:
    """By hand: 19 months of use are told wholly, 6 pieces were issued in them, and one since.

    4 on the aircraft, a tenth without fault: 19 × 90 h × 3.6 = 6156 hours of a piece. The maker's 700 hours count as
    one removal, so that it is 7 in 6856; the months with one piece each are no batches.
    """
    load_planned(any_engine)
    for months_ago in (2.5, 5.5, 6.5, 9.5, 12.5, 17.5):
        issue(any_engine, "LAMP-1", "VTE", months_ago)
    issue(any_engine, "LAMP-1", "XIY", 0.5)
    request = TargetRequest(MakeTargets(budget=Decimal(10_000)), "test")
    plan = make_target_plan(any_engine, SYSTEM, request, Flown(), clock=lambda: LATER)
    with reading(any_engine, SYSTEM) as session:
        known = take_picture(session, Flown(), LATER.date(), LATER)
        kept = forecast_page(session, plan_by_number(session, plan.number).id, limit=99)
    here = stated(known)
    number = [one.number for one in here.items].index("LAMP-1")
    lines = here.scenario.lines
    rate = HOURS * 4 * 0.9 * 7 / 6856
    assert lines.rate_per_day[lines.part == number].max() == pytest.approx(rate)
    assert lines.rate_per_day[lines.part == number].sum() == pytest.approx(rate)
    vte = next(site for site in known.sites if site.code == "VTE")
    dispersion = 1 + rate * (here.items[number].lead_days + (vte.transit_days or 0)) / 7
    assert here.scenario.parts[number].dispersion == pytest.approx(dispersion)
    assert next(one for one in kept if one.part == "LAMP-1").model_dump() == {
        "part": "LAMP-1",
        "method": ForecastMethod.USE,
        "months": 19,
        "events": 6,
        "pieces": 6,
        "months_left_out": 41,
        "pieces_left_out": 1,
        "per_year": pytest.approx(rate * 365),
        "deviation": pytest.approx(rate * 365 / 7**0.5),
        "dispersion": pytest.approx(dispersion),
        "replaces": [],
        "driver": UsageDriver.FLIGHT_HOURS,
        "mean_told": 700,
        "mean_found": pytest.approx(6856 / 7),
        "months_short": 0,
        "order_quantity": 1,
        "weighted": pytest.approx(0, abs=1e-9),
    }


def test_what_is_issued_goes_into_a_plan_or_is_told_as_left_out(any_engine: Engine) -> None:
    load_planned(any_engine)
    for months_ago in (0.5, 1.5, 4.5, 7.5, 11.5):
        issue(any_engine, "FILTER-1", "VTE", months_ago, 2)
    request = TargetRequest(MakeTargets(budget=Decimal(10_000)), "test")
    plan = make_target_plan(any_engine, SYSTEM, request, Flown(), clock=lambda: LATER)
    with reading(any_engine, SYSTEM) as session:
        (told,) = forecast_page(session, plan_by_number(session, plan.number).id, limit=99, parts=["FILTER-1"])
    assert (told.method, told.months, told.events, told.pieces) == (ForecastMethod.HISTORY, 20, 5, 10)
    assert told.pieces_left_out == 3  # on the first day of the ledger: what it tells of that month is not all
    assert 0 < told.per_year < 10 / 20 * 365 / 30 * 2


def test_what_is_superseded_counts_for_its_successor(any_engine: Engine) -> None:
    load_planned(any_engine)
    link: dict[str, Any] = {"part": "FILTER-1", "alternative": "SEAL-9", "source": "SB 1"}
    later = {"kind": "supersedes", "starts_on": LATER.date() + timedelta(days=1)}
    with writing(any_engine, SYSTEM) as session:
        add_interchanges(session, SYSTEM, [NewInterchange.model_validate(link | later)])
    issue(any_engine, "FILTER-1", "VTE", 2.5, 5)
    with reading(any_engine, SYSTEM) as session:
        before = take_picture(session, Flown(), LATER.date(), LATER)
        after = take_picture(session, Flown(), LATER.date() + timedelta(days=1), LATER, parts=["SEAL-9"])
    assert before.replaced == []
    assert [one.number for one in after.items] == ["FILTER-1", "SEAL-9"]
    demand = rates(after)
    assert set(demand.part[demand.per_day > 0].tolist()) == {1}
    assert demand.bases[0].pieces.sum() == 5
    assert demand.known.all()


def test_a_manager_is_told_what_her_plan_was_forecast_from_and_nothing_of_other_regions(any_engine: Engine) -> None:
    load_planned(any_engine)
    issue(any_engine, "LAMP-1", "TSN", 2.5)
    issue(any_engine, "FILTER-1", "VTE", 2.5)
    issue(any_engine, "FILTER-1", "TSN", 3.5, 7)
    numbers = []
    for actor, region in ((SEA, "SEA"), (SYSTEM, None)):
        request = TargetRequest(MakeTargets(budget=Decimal(10_000), region=region), "test")
        numbers.append(make_target_plan(any_engine, actor, request, Flown(), clock=lambda: LATER).number)
    with reading(any_engine, SEA) as session:
        own, whole = (plan_by_number(session, number).id for number in numbers)
        told = {one.part: one for one in forecast_page(session, own, limit=99)}
        assert forecast_page(session, whole, limit=99) == []
    assert (told["LAMP-1"].pieces, told["LAMP-1"].events, told["LAMP-1"].pieces_left_out) == (None, None, None)
    assert (told["FILTER-1"].pieces, told["FILTER-1"].pieces_left_out) == (1, 0)
    with reading(any_engine, SYSTEM) as session:
        told = {one.part: one for one in forecast_page(session, whole, limit=99)}
    assert (told["LAMP-1"].pieces, told["FILTER-1"].pieces) == (1, 8)


def test_a_dead_part_asks_for_nothing_and_is_told() -> None:
    months = range(MONTHS - 48, MONTHS - 18)
    known = picture([part(0), part(1)], [(0, VTE, month, 1) for month in months] + [(1, VTE, MONTHS - 2, 1)])
    here = stated(known)
    assert a_day(rates(known))[0, "VTE"] == 0
    assert [(one.why, one.part, one.lines) for one in here.notes if one.why == "dead"] == [("dead", part(0).id, 1)]
    (gone,) = (one for one in here.forecasts if one.part_id == part(0).id)
    assert (gone.pieces, gone.per_year, gone.dispersion) == (30, 0, 1)


def test_a_part_of_which_nothing_is_known_is_left_out() -> None:
    known = picture([part(0), part(1)], [(0, VTE, MONTHS - 1, 1)], targets=[(1, VTE)])
    assert rates(known).known.tolist() == [True, False]
    assert [(one.why, one.part) for one in stated(known).notes if one.part == part(1).id] == [
        ("demand_unknown", part(1).id)
    ]


def test_a_superseded_part_asks_for_nothing_and_its_successor_for_both() -> None:
    issues = [(0, VTE, MONTHS - 9, 4), (0, UTH, MONTHS - 7, 1), (1, VTE, MONTHS - 2, 2)]
    here = stated(picture([part(0), part(1)], issues, replaced=[(0, 1)], targets=[(0, UTH)]))
    lines = here.scenario.lines
    assert [one.number for one in here.items] == ["PART-0", "PART-1"]
    assert not lines.rate_per_day[lines.part == 0].any()
    (told,) = here.forecasts
    assert (told.part_id, told.pieces, told.events, told.replaces) == (part(1).id, 7, 3, ("PART-0",))
    assert ("superseded", part(0).id, 1) in [(one.why, one.part, one.lines) for one in here.notes]


def test_of_two_successors_none_is_taken() -> None:
    known = picture([part(0), part(1), part(2)], [(0, VTE, MONTHS - 2, 1)], replaced=[(0, 1), (0, 2)])
    assert set(a_day(rates(known))) == {(0, "VTE")}
    assert [one.part for one in stated(known).notes if one.why == "succession_unclear"] == [part(0).id]


def test_a_successor_without_figures_of_its_own_has_those_of_what_it_replaces() -> None:
    old = part(0, usage=Decimal(900))
    known = picture(
        [old, part(1)],
        replaced=[(0, 1)],
        fits=[(0, "MA60", 2), (1, "MA60", 2)],
        usage=[used(date(2026, 1, 1)), used(date(2026, 2, 1))],
        whole=0,
    )
    assert a_day(rates(known)) == {(1, "VTE"): pytest.approx(HOURS * 2 / 900)}  # the same two positions


def test_types_places_and_drivers_add_up() -> None:
    usage = [used(date(2026, 1, 1)), used(date(2026, 1, 1), "UTH", "Y12"), used(date(2026, 1, 1), "UTH")]
    items = [part(0, usage=Decimal(600)), part(1, usage=Decimal(300), driver=UsageDriver.CALENDAR)]
    known = picture(items, fits=[(0, "MA60", 2), (0, "Y12", 1), (1, "Y12", 3)], usage=usage, whole=0)
    assert a_day(rates(known)) == {
        (0, "VTE"): pytest.approx(2 * HOURS / 600),
        (0, "UTH"): pytest.approx(3 * HOURS / 600),
        (1, "UTH"): pytest.approx(3 / 300),
    }
    assert rates(known).doubt[0] == pytest.approx((2 * HOURS / 600) ** 2)  # as unsure as one removal is


def test_months_without_issue_lengthen_the_time_between_removals() -> None:
    months = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(14)]
    common: dict[str, Any] = {"fits": [(0, "MA60", 1)], "usage": [used(month) for month in months]}
    silent = rates(picture([part(0, usage=Decimal(500))], whole=10, **common))
    assert silent.rates[0].mean_found == pytest.approx(500 + 10 * MONTH_DAYS * HOURS)


def test_fractions_are_carried_on() -> None:
    issues = [(0, VTE, MONTHS - 6 + month, 0.4) for month in range(6)]
    assert rates(picture([part(0)], issues)).bases[0].pieces.sum() == 3


CELLS = st.tuples(st.integers(0, 4), st.sampled_from([DEPOT, VTE, UTH]), st.integers(0, MONTHS - 1), st.integers(1, 9))


@settings(max_examples=25, deadline=None)
@given(
    issues=st.lists(CELLS, min_size=1, max_size=30),
    whole=st.integers(0, MONTHS),
    replaced=st.sampled_from([[], [(0, 1)], [(0, 1), (1, 2)], [(0, 3), (1, 3)], [(2, 0), (2, 1)], [(3, 4)]]),
)
def test_counts_in_are_counts_out(
    issues: list[tuple[int, UUID, int, int]], whole: int, replaced: list[tuple[int, int]]
) -> None:
    """Of parts that are planned; two are worn by use that is told of, three have their history alone."""
    items = [part(number, usage=Decimal(700) if number > 2 else None) for number in range(5)]
    months = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(14)]
    known = picture(
        items,
        issues,
        whole=whole,
        replaced=replaced,
        fits=[(3, "MA60", 1), (4, "MA60", 2)],
        usage=[used(month) for month in months],
    )
    demand, here = rates(known), stated(known)
    went = {item.id: 0 for item in items}
    for number, _place, _month, pieces in issues:
        end = number
        while end in demand.replaced:
            end = demand.replaced[end]
        went[items[end].id] += pieces
    planned = {one.part_id: one.pieces + one.pieces_left_out for one in here.forecasts}
    assert planned == {key: went[key] for key in planned}
    left_out = {one.part for one in here.notes if one.why == "demand_unknown"}
    assert {key for key, pieces in went.items() if pieces} <= planned.keys() | left_out
    assert all(one.dispersion >= 1 for one in here.scenario.parts)
    assert (demand.per_day >= 0).all()


def test_months_before_a_type_is_told_of_at_a_place_are_not_months_without_use() -> None:
    """Uthai reports from January on: its three hours a day are three hours, not a sixth of that."""
    months = [date(2025, number, 1) for number in range(3, 13)] + [date(2026, 1, 1), date(2026, 2, 1)]
    usage = [used(month) for month in months] + [used(month, "UTH") for month in months[-2:]]
    told = used_of(picture([part(0)], usage=usage))
    assert told.a_day[UsageDriver.FLIGHT_HOURS][0].tolist() == pytest.approx([0.0, HOURS, HOURS])


@pytest.mark.parametrize(
    ("least", "pack", "ordered"), [("10", "4", "12"), ("1", "6", "6"), ("10", None, "10"), ("12", "4", "12")]
)
def test_the_least_order_is_of_whole_packs(least: str, pack: str | None, ordered: str) -> None:
    assert _least_order(Decimal(least), None if pack is None else Decimal(pack)) == Decimal(ordered)


def flows_of(held: Sequence[int], asked: Sequence[int]) -> list[tuple[int, UUID, int, float, float]]:
    """Return what came and went of part 0 at VTE: `held` at the end of each month, `asked` being issued in it."""
    flows, before = [], 0
    for month, (left, gone) in enumerate(zip(held, asked, strict=True)):
        came = left + gone - before
        flows.append((0, VTE, month, float(came), float(came - gone)))
        before = left
    return flows


def test_months_in_which_a_place_had_run_out_are_left_out_with_the_one_after() -> None:
    asked = [1] * 40 + [0] * 6 + [7] + [1] * 13
    held = [3] * 39 + [0] * 7 + [3] * 14
    issues = [(0, VTE, month, pieces) for month, pieces in enumerate(asked) if pieces]
    told = stated(picture([part(0)], issues, flows=flows_of(held, asked)))
    blind = stated(picture([part(0)], issues))
    (found,), (other,) = told.forecasts, blind.forecasts
    assert (found.months_short, found.pieces, found.pieces_left_out) == (7, 53, 7)
    assert (other.months_short, other.pieces, other.pieces_left_out) == (0, 60, 0)
    assert found.per_year == pytest.approx(365 / MONTH_DAYS, rel=0.05)
    assert abs(found.per_year - 365 / MONTH_DAYS) < abs(other.per_year - 365 / MONTH_DAYS)


def test_a_single_piece_that_goes_and_comes_makes_no_month_without_demand() -> None:
    asked = [1 if month % 12 == 6 else 0 for month in range(60)]
    held = [0 if month % 12 == 6 else 1 for month in range(60)]
    issues = [(0, VTE, month, pieces) for month, pieces in enumerate(asked) if pieces]
    told, blind = (stated(picture([part(0)], issues, flows=some)) for some in (flows_of(held, asked), ()))
    assert told.forecasts == blind.forecasts


def test_where_pieces_pass_through_nothing_is_left_out() -> None:
    asked = [1 if month % 3 == 0 else 0 for month in range(60)]
    issues = [(0, VTE, month, pieces) for month, pieces in enumerate(asked) if pieces]
    told, blind = (stated(picture([part(0)], issues, flows=some)) for some in (flows_of([0] * 60, asked), ()))
    assert told.forecasts == blind.forecasts


@settings(max_examples=60, deadline=None)
@given(
    held=st.lists(st.integers(0, 2), min_size=MONTHS, max_size=MONTHS),
    asked=st.lists(st.integers(0, 3), min_size=MONTHS, max_size=MONTHS),
)
def test_what_was_issued_counts_or_is_told_as_left_out(held: list[int], asked: list[int]) -> None:
    flowing = flows_of(held, [max(asks, was - left) for asks, was, left in zip(asked, [0, *held], held, strict=False)])
    issues = [(0, VTE, month, int(came - more)) for _part, _at, month, came, more in flowing if came > more]
    told = stated(picture([part(0)], [*issues, (0, VTE, MONTHS - 1, 1)], flows=flowing))
    (found,) = told.forecasts
    assert found.pieces + found.pieces_left_out == sum(pieces for *_rest, pieces in issues) + 1
    assert found.months_short < MONTHS / 2


def test_the_ledger_tells_when_a_place_had_run_out(any_engine: Engine) -> None:
    load_planned(any_engine)
    bought: dict[str, Any] = {"part": "FILTER-1", "document": "TEST", "origin": "ADJUSTMENT", "destination": "VTE"}
    sold = bought | {"origin": "VTE", "destination": "CUSTOMER", "without_aircraft": "sale"}
    ages = {19.5: bought, 18.5: sold, 14.5: bought, 10.5: bought, 9.5: sold, 9.4: sold, 5.5: bought}
    for age, told in ages.items():
        with writing(any_engine, SYSTEM, clock=lambda: LATER) as session:
            move = NewMove(quantity=Decimal(1), **told)
            post(session, SYSTEM, [move], LATER - timedelta(days=age * MONTH_DAYS))
    with reading(any_engine, SYSTEM) as session:
        known = take_picture(session, Flown(), LATER.date(), LATER)
    vte = next(site.id for site in known.sites if site.code == "VTE")
    part_id = next(item.id for item in known.items if item.number == "FILTER-1")
    mine = [one for one in known.past.flows if one[:2] == (part_id, vte)]
    flows = {MONTHS - 1 - month: (came, more) for _part, _at, month, came, more in mine}
    assert flows == {19: (1, 1), 18: (0, -1), 14: (1, 1), 10: (1, 1), 9: (0, -2), 5: (1, 1)}
    # empty in the months 17 to 15 and 8 to 6, the first came again in 14 and 5
    assert sum(basis.short.sum() for basis in rates(known).bases) == 8
