"""What can be asked of the plan in force: slots that were missed, moves of every kind, whole crews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.schemas import PartNeed, SeatNeed
from fieldops.planning.queries import claims_elsewhere
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.ledger.queries import serviceable_stock
from tests.fieldops.planning.desk.served import MONDAY, Served, job, served_plan

START = (MONDAY + timedelta(hours=26)).isoformat()


@pytest.fixture
def desk(engine: Engine) -> Iterator[Served]:
    """A plan in force, and a job that came in after it."""
    with served_plan(engine) as made:
        yield made


def named(option: Any) -> list[dict[str, str]]:
    """The people of an option, as they are named for a move."""
    return [{"seat": one["seat"], "technician": one["technician"]} for one in option["seats"]]


def test_a_planned_job_whose_time_is_over_is_asked_anew_as_a_missed_slot(desk: Served) -> None:
    (first,) = (one for one in desk.everything()[0] if one.job == "J-3" and one.position == 0)
    desk.clock.now = first.ends_at + timedelta(hours=1)
    for question in ({}, {"displaced_max": 1}):
        options = desk.ask("J-3", **question)["options"]
        assert options
        assert all(MONDAY.fromisoformat(one["seats"][0]["start"]) >= desk.clock.now for one in options)
    crew = named(options[0])
    told = desk.send("/jobs/J-3/check-move", {"start": options[0]["seats"][0]["start"], "crew": crew})
    assert told["possible"], told["rules"]
    desk.take(desk.ask("J-3"))


def test_a_start_that_is_past_or_beyond_the_plan_is_refused_and_one_that_cannot_be_kept_is_a_rule(desk: Served) -> None:
    seats = desk.ask()["options"][0]["seats"]
    crew = named({"seats": seats})
    for days in (-2, 8, 365):
        start = (MONDAY + timedelta(days=days)).isoformat()
        refused = desk.send("/jobs/A-1/check-move", {"start": start, "crew": crew}, expect=422)
        assert refused["code"] == "start_outside_plan"
    who = seats[0]["technician"]
    busy = max((one for one in desk.everything()[0] if one.technician == who), key=lambda one: one.ends_at)
    start = (busy.starts_at + timedelta(minutes=5)).isoformat()
    told = desk.send("/jobs/A-1/check-move", {"start": start, "crew": crew})
    rules = {one["code"]: one for one in told["rules"]}
    assert not told["possible"]
    assert rules["start_later"]["misses_by"] > 0
    assert MONDAY.fromisoformat(told["seats"][0]["start"]) > busy.starts_at + timedelta(minutes=5)


def test_a_crew_of_two_mechanics_that_was_recommended_is_possible_and_nobody_is_named_in_vain(desk: Served) -> None:
    desk.add(job("A-2", seats=(SeatNeed(seat=Seat.MECHANIC, count=2),)))
    best = desk.ask("A-2")["options"][0]
    asked = {"start": best["seats"][0]["start"], "crew": named(best)}
    assert len({one["technician"] for one in asked["crew"]}) == 2
    told = desk.send("/jobs/A-2/check-move", asked)
    assert told["possible"], told["rules"]
    assert {one["technician"] for one in told["seats"]} == {one["technician"] for one in asked["crew"]}
    more = asked | {"crew": [*asked["crew"], asked["crew"][0]]}
    assert desk.send("/jobs/A-2/check-move", more, expect=422)["code"] == "seat_not_wanted"
    fewer = asked | {"crew": asked["crew"][:1]}
    assert desk.send("/jobs/A-2/check-move", fewer, expect=422)["code"] == "seat_without_person"


def test_a_move_tells_the_way_and_the_freight(desk: Served) -> None:
    desk.add(job("A-2", place="UTH"))
    best = desk.ask("A-2")["options"][0]
    told = desk.send("/jobs/A-2/check-move", {"start": best["seats"][0]["start"], "crew": named(best)})
    assert told["seats"][0]["travel_min"] == best["seats"][0]["travel_min"] > 0
    assert told["cost"]["total"] == best["cost"]["total"]


def test_jobs_of_a_group_are_not_promised_the_same_piece(desk: Served) -> None:
    desk.add(*(job(number, parts=(PartNeed(part="LAMP-1", quantity=Decimal(2)),)) for number in ("G-1", "G-2", "G-3")))
    alone = {one: desk.ask(one)["parts"][0] for one in ("G-1", "G-2")}
    assert alone["G-1"]["sources"] == alone["G-2"]["sources"]
    told = desk.ask("G-1", others=["G-2", "G-3"])["parts"]
    taken: Counter[tuple[str, str]] = Counter()
    for one in told:
        for source in one["sources"]:
            taken[source["part"], source["place"]] += Decimal(source["quantity"])
    with reading(desk.engine, SYSTEM) as session:
        there = {(part, place): quantity for part, place, quantity in serviceable_stock(session)}
    assert taken
    assert all(quantity <= there[cell] for cell, quantity in taken.items())
    assert told[0]["ready_at"] != told[2]["ready_at"]


def test_pieces_that_the_plan_counts_on_for_other_jobs_are_left_alone_and_named(desk: Served) -> None:
    with reading(desk.engine, SYSTEM) as session:
        claims = claims_elsewhere(session)
        there = sum(quantity for part, _place, quantity in serviceable_stock(session) if part == "LAMP-1")
    claimed = {key: pieces for key, pieces in claims.items() if key[:2] == ("J-3", "LAMP-1")}
    assert claimed
    desk.add(job("A-2", parts=(PartNeed(part="LAMP-1", quantity=there),)))
    (part,) = desk.ask("A-2")["parts"]
    assert part["ready_at"] is None
    assert Decimal(part["short"]) >= sum(claimed.values())
    assert part["counted_on"] == ["J-3"]
    (own,) = [one for one in desk.everything()[0] if one.job == "J-3" and one.position == 0]
    assert own.parts_ready_at is not None
