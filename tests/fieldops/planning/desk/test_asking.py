"""What can be asked of the plan in force: slots that were missed, moves of every kind, whole crews."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from fieldops.commands.recommend import appointments, check_move, recommend
from fieldops.dispatch.schemas import PartNeed, SeatNeed
from fieldops.planning.queries import claims_elsewhere
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.installation import DEMO_DATE, begin_demo, set_fact
from inventory.ledger.queries import serviceable_stock
from tests.conftest import NOW
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
    busy = min((one for one in desk.everything()[0] if one.job in ("J-1", "J-3")), key=lambda one: one.starts_at)
    crew = [crew[0] | {"technician": busy.technician}]
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
    taken: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
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
        there = sum((one[2] for one in serviceable_stock(session) if one[0] == "LAMP-1"), Decimal(0))
    claimed = {key: pieces for key, pieces in claims.items() if key[:2] == ("J-3", "LAMP-1")}
    assert claimed
    desk.add(job("A-2", parts=(PartNeed(part="LAMP-1", quantity=there),)))
    (part,) = desk.ask("A-2")["parts"]
    assert part["ready_at"] is None
    assert Decimal(part["short"]) >= sum(claimed.values())
    assert part["counted_on"] == ["J-3"]
    (own,) = [one for one in desk.everything()[0] if one.job == "J-3" and one.position == 0]
    assert own.parts_ready_at is not None


def test_without_displacing_nobody_is_moved_by_more_than_a_quarter_of_an_hour(desk: Served) -> None:
    hours = [MONDAY + timedelta(hours=at) for at in (1, 4)]
    desk.add(job("A-3", window_start=hours[0], window_end=hours[1], delay_cost_per_h=Decimal(5000), duration_min=300))
    for most in (0, 1, 2):
        for option in desk.ask("A-3", displaced_max=most, most=10)["options"]:
            assert sum(is_elsewhere(one) for one in (*option["displaced"], *option["moved"])) <= most
    displacing = [one for one in desk.ask("A-3", displaced_max=2, most=10)["options"] if one["displaced"]]
    assert displacing
    for option in displacing:
        cost = option["cost"]
        assert Decimal(cost["by_term"].get("plan_change", "0")) + Decimal(cost["by_term"].get("unserved", "0")) > 0
        assert Decimal(cost["total"]) == Decimal(cost["real"]) + Decimal(cost["weights"])


def is_elsewhere(one: Any) -> bool:
    """Tell whether a job goes to others, is left out, or begins otherwise by more than a quarter of an hour."""
    if one["start"] is None or one["technicians"] != one["technicians_before"]:
        return True
    return abs(MONDAY.fromisoformat(one["start"]) - MONDAY.fromisoformat(one["start_before"])) > timedelta(minutes=15)


def test_people_who_exchange_equal_seats_are_one_option(desk: Served) -> None:
    desk.add(job("A-2", seats=(SeatNeed(seat=Seat.MECHANIC, count=2),)))
    told = desk.ask("A-2", most=10)["options"]
    crews = [(frozenset(one["technician"] for one in option["seats"]), option["seats"][0]["start"]) for option in told]
    assert crews
    assert len(set(crews)) == len(crews)


def test_an_appointment_is_taken_at_the_price_that_was_told(desk: Served) -> None:
    desk.add(job("A-2", place="UTH", parts=(PartNeed(part="LAMP-1", quantity=Decimal(1)),)))
    told = desk.send("/jobs/A-2/appointments", {"day": "2026-03-03", "length_min": 240})
    kept = [one for one in told["appointments"] if one["option"] is not None]
    chosen = kept[-1]
    assert chosen["seats"][0]["travel_min"] > 0
    assert Decimal(chosen["cost"]["by_term"]["freight"]) > 0
    assert chosen["starts_at"] <= chosen["seats"][0]["start"] <= chosen["ends_at"]
    before = desk.money()
    taken = desk.take(told, chosen["option"])
    assert taken["reservations"]
    assert desk.crew("A-2")[0][1] == chosen["seats"][0]["start"]
    freight = Decimal(chosen["cost"]["by_term"]["freight"])
    assert desk.money() - before == Decimal(chosen["cost"]["real"]) - freight


def test_windows_that_are_past_beyond_the_plan_or_outside_the_jobs_own_say_so(desk: Served) -> None:
    days = (-3, 1, 3, 30)
    windows = [(MONDAY + timedelta(days=day, hours=1), MONDAY + timedelta(days=day, hours=5)) for day in days]
    asked = {"windows": [{"starts_at": one.isoformat(), "ends_at": other.isoformat()} for one, other in windows]}
    past, inside, outside, beyond = desk.send("/jobs/A-1/appointments", asked)["appointments"]
    assert [one["code"] for one in past["reasons"]] == ["window_past"]
    assert [one["code"] for one in beyond["reasons"]] == ["beyond_plan"]
    assert (inside["option"], inside["outside_window"]) == (1, False)
    assert (outside["option"], outside["outside_window"]) == (None, True)
    assert outside["seats"]


def test_answers_tell_where_the_ways_come_from_and_what_leaving_the_job_out_counts(desk: Served) -> None:
    told = desk.ask()
    assert told["travel"]["source"] == "great_circle"
    assert told["travel"]["text"]
    assert Decimal(told["leaving"]) > 0


def test_the_terminal_tells_all_of_an_answer_and_takes_it(
    desk: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fieldops.commands.recommend.ready_engine", lambda: desk.engine)
    monkeypatch.setattr("inventory.kernel.clock.system_clock", desk.clock)
    desk.add(job("A-2", place="UTH", parts=(PartNeed(part="LAMP-1", quantity=Decimal(1)),)))
    told = desk.ask("A-2", most=1)
    (seat,) = told["options"][0]["seats"]
    capsys.readouterr()
    recommend("A-2", most=1)
    shown = capsys.readouterr().out
    start = MONDAY.fromisoformat(seat["start"]).astimezone(ZoneInfo("Asia/Bangkok"))
    for expected in (
        f"{start:%Y-%m-%d %H:%M} +0700",
        f"{seat['travel_min']} min of way",
        "part LAMP-1: there",
        "budget of A-2: passes",
        "costs ",
        "Holds until",
        "great circle",
    ):
        assert expected in shown
    key = shown.split("--key ")[1].strip()
    recommend("A-2", take=1, key=UUID(key))
    assert "Taken on plan P-000001" in capsys.readouterr().out
    assert [who for who, _start in desk.crew("A-2")] == [seat["technician"]]
    appointments("A-1", day=datetime(2026, 3, 3), length=240)  # noqa: DTZ001 - a day as it is typed
    assert "1. 2026-03-03" in capsys.readouterr().out
    appointments("A-1", day=datetime(2026, 3, 3), length=240, take=1)  # noqa: DTZ001 - a day as it is typed
    assert "Taken on plan" in capsys.readouterr().out
    ((who, since),) = desk.crew("A-1")
    check_move("A-1", start=since, crew=[f"mechanic={who}"])
    assert "Possible." in capsys.readouterr().out
    check_move("A-1", start="2026-03-02T15:00:00Z", crew=[f"mechanic={who}"], as_json=True)
    assert json.loads(capsys.readouterr().out)["possible"] is False


def test_in_a_demonstration_a_call_with_a_window_of_its_days_is_entered_asked_about_and_taken(desk: Served) -> None:
    desk.clock.now = NOW + timedelta(days=20)
    call = job("A-2").model_dump(mode="json", exclude_unset=True)
    assert desk.send("/jobs", call, expect=422)["code"] == "job_past"
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        set_fact(session, DEMO_DATE, "2026-03-01")
        begin_demo(session, desk.clock.now)
    desk.send("/jobs", call, expect=201)
    told = desk.ask("A-2")
    assert told["expires_at"].startswith("2026-03-01T")
    desk.take(told)
    assert desk.crew("A-2")


def test_who_stays_out_over_night_is_asked_about_and_taken_like_others(engine: Engine) -> None:
    far = job("A-9", place="UTH", duration_min=560, window_end=MONDAY + timedelta(days=4))
    with served_plan(engine, jobs=[far]) as desk:
        planned = {line.job: line for line in desk.everything()[0]}
        assert "A-9" in planned
        told = desk.ask("A-1", displaced_max=1)
        assert told["options"]
        before = desk.money()
        best = told["options"][0]
        desk.take(told)
        assert desk.money() - before == Decimal(best["cost"]["real"])
        again = desk.ask("A-9")["options"]
        assert again
        start = MONDAY.fromisoformat(again[0]["seats"][0]["start"])
        assert start >= planned["A-9"].starts_at or Decimal(again[0]["cost"]["total"]) <= 0
