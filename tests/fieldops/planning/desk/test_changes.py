"""Single changes of the plan in force: a job is assigned, moved, unassigned, locked, and all of it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from fieldops.checking import check_ledgers
from fieldops.finance.budgets.models import Earmark
from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.workforce.models import Shift, Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.outbox import OutboxEvent
from optimizer.run import Limit, Status
from tests.conftest import NOW
from tests.fieldops.planning.desk.served import LAMP, MONDAY, Served, job, served_plan
from tests.worlds import TINY_DATE


@pytest.fixture
def desk(any_engine: Engine) -> Iterator[Served]:
    """A plan in force, and a job that came in after it."""
    with served_plan(any_engine) as made:
        yield made


def place(seats: list[dict[str, Any]], *, later: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    """The move that puts a job where an answer does."""
    starts = min(one["start"] for one in seats)
    told = MONDAY.fromisoformat(starts) + later
    return {
        "start": told.isoformat(),
        "crew": [{key: one[key] for key in ("seat", "technician")} for one in seats],
    } | more


def test_a_job_is_assigned_moved_and_unassigned_each_at_the_price_that_was_told(desk: Served) -> None:
    desk.add(job("A-2", parts=LAMP))
    nothing = desk.everything()
    seats = desk.ask("A-2")["options"][0]["seats"]
    before = desk.money()
    told = desk.send("/jobs/A-2/check-move", place(seats))
    made = desk.change("A-2", "move", place(seats))
    assert made["taken"]["cost"] == told["cost"]
    freight = Decimal(told["cost"]["by_term"].get("freight", 0))
    assert desk.money() - before == Decimal(told["cost"]["total"]) - freight
    assert [who for who, _start in desk.crew("A-2")] == [one["technician"] for one in seats]
    assert made["version"] == desk.version("A-2")
    later = timedelta(minutes=30)
    before = desk.money()
    told = desk.send("/jobs/A-2/check-move", place(seats, later=later))
    assert told["possible"], told["rules"]
    moved = desk.change("A-2", "move", place(seats, later=later))
    assert desk.money() - before == Decimal(told["cost"]["total"]) == Decimal(moved["taken"]["cost"]["total"])
    starts = {MONDAY.fromisoformat(start) for _who, start in desk.crew("A-2")}
    assert starts == {MONDAY.fromisoformat(seats[0]["start"]) + later}
    desk.change("A-2", "unassign", {"reason": "The aircraft stays away"})
    rows, seats_now, _lines, parts = desk.everything()
    assert (seats_now, parts) == (nothing[1], nothing[3])
    assert "A-2" not in {line.job for line in rows}
    with reading(desk.engine, SYSTEM) as session:
        assert not session.scalars(select(Earmark).where(Earmark.document == "A-2", Earmark.amount > 0)).all()
    assert check_ledgers(desk.engine).sound
    with reading(desk.engine, SYSTEM) as session:
        kinds = list(session.scalars(select(OutboxEvent.kind)))
    assert kinds.count("plan.changed") == 3
    assert kinds.count("job.changed") >= 3


def test_what_breaks_a_hard_rule_is_refused_with_each_of_them(desk: Served) -> None:
    seats = desk.ask()["options"][0]["seats"]
    before = desk.everything()
    night = place(seats) | {"start": (MONDAY + timedelta(hours=15)).isoformat()}
    refused = desk.change("A-1", "move", night, expect=409)
    assert refused["code"] == "move_refused"
    told = desk.send("/jobs/A-1/check-move", night)["rules"]
    assert [one["field"] for one in refused["errors"]] == [one["code"] for one in told if one["hard"]]
    assert desk.everything() == before


def test_of_two_who_edit_one_job_the_second_is_told_and_then_sees_what_the_first_did(desk: Served) -> None:
    options = desk.ask(most=3)["options"]
    version = desk.version("A-1")
    first = desk.change("A-1", "move", place(options[0]["seats"]), version=version)
    late = desk.change("A-1", "move", place(options[1]["seats"]), version=version, who="other", expect=412)
    assert f"version {version}," in late["detail"]
    assert f"version {first['version']} now" in late["detail"]
    assert [who for who, _start in desk.crew("A-1")] == [one["technician"] for one in options[0]["seats"]]
    desk.change("A-1", "move", place(options[1]["seats"]), who="other")
    assert [who for who, _start in desk.crew("A-1")] == [one["technician"] for one in options[1]["seats"]]
    assert check_ledgers(desk.engine).sound


def test_an_answer_that_was_taken_is_undone_with_its_parts_and_its_money(desk: Served) -> None:
    desk.add(job("A-2", parts=LAMP))
    before = desk.everything()
    desk.change("A-2", "undo-change", expect=409)
    taken = desk.take(desk.ask("A-2"))
    assert taken["reservations"]
    assert desk.everything() != before
    desk.change("A-2", "undo-change", version=taken["version"] - 1, expect=412)
    undone = desk.change("A-2", "undo-change")
    assert undone["version"] == desk.version("A-2")
    assert desk.everything() == before
    assert check_ledgers(desk.engine).sound
    assert desk.change("A-2", "undo-change", expect=409)["code"] == "nothing_to_undo"


def test_a_move_and_an_unassignment_are_undone_each_as_the_last_change(desk: Served) -> None:
    options = desk.ask(most=2)["options"]
    desk.change("A-1", "move", place(options[0]["seats"]))
    stood = desk.everything()
    desk.change("A-1", "move", place(options[1]["seats"]))
    desk.change("A-1", "undo-change")
    assert desk.everything() == stood
    assert desk.change("A-1", "undo-change", expect=409)["code"] == "answer_refused"
    desk.change("A-1", "unassign", {})
    assert desk.crew("A-1") == []
    desk.change("A-1", "undo-change")
    assert desk.everything() == stood
    assert check_ledgers(desk.engine).sound


def test_what_has_moved_on_is_not_undone_and_is_named(desk: Served) -> None:
    taken = desk.take(desk.ask())
    headers = {"Authorization": f"Bearer {desk.tokens['other']}", "If-Match": f'"{taken["version"]}"'}
    changed = desk.client.patch("/jobs/A-1", json={"delay_cost_per_h": "700"}, headers=headers)
    assert changed.status_code == 200, changed.text
    before = desk.everything()
    refused = desk.change("A-1", "undo-change", expect=409)
    assert refused["code"] == "answer_refused"
    assert [one["field"] for one in refused["errors"]] == ["A-1"]
    assert desk.everything() == before


def test_the_same_move_sent_again_gets_the_same_answer(desk: Served) -> None:
    seats = desk.ask()["options"][0]["seats"]
    headers = {"Authorization": f"Bearer {desk.tokens['office']}", "If-Match": '"1"', "Idempotency-Key": "move-1"}
    once, again = (desk.client.post("/jobs/A-1/move", json=place(seats), headers=headers) for _each in range(2))
    assert (once.status_code, again.json()) == (200, once.json())
    assert len(desk.crew("A-1")) == len(seats)


def test_a_locked_job_stays_where_it_is_until_it_is_unlocked(desk: Served) -> None:
    best = desk.ask()["options"][0]
    desk.take(desk.ask())
    before = desk.everything()
    locked = desk.change("A-1", "lock", {"reason": "Promised to the customer"})
    assert (locked["locked_by"], locked["lock_reason"]) == ("office", "Promised to the customer")
    assert desk.change("A-1", "lock", {}, expect=409)["code"] == "job_locked"
    other = place(best["seats"], later=timedelta(minutes=30))
    assert desk.change("A-1", "move", other, expect=409)["code"] == "job_locked"
    assert desk.change("A-1", "unassign", {}, expect=409)["code"] == "job_locked"
    assert desk.change("A-1", "undo-change", expect=409)["code"] == "job_locked"
    headers = {"Authorization": f"Bearer {desk.tokens['other']}", "If-Match": f'"{locked["version"]}"'}
    longer = desk.client.patch("/jobs/A-1", json={"duration_min": 240}, headers=headers)
    assert longer.json()["code"] == "job_locked"
    desk.change("A-1", "unlock", version=1, expect=412)
    unlocked = desk.change("A-1", "unlock")
    assert unlocked["locked_by"] is None
    assert desk.everything() == before
    desk.change("A-1", "move", other)


def test_a_lock_gives_the_seats_of_the_plan_and_unlocking_takes_them_back(desk: Served) -> None:
    before, starts = desk.everything(), {line.job: line.starts_at for line in desk.everything()[0]}
    assert desk.crew("J-1") == []
    desk.change("J-1", "lock", {})
    assert {MONDAY.fromisoformat(start) for _who, start in desk.crew("J-1")} == {starts["J-1"]}
    hours = [MONDAY + timedelta(hours=at) for at in (1, 2)]
    desk.add(job("A-3", window_start=hours[0], window_end=hours[1], delay_cost_per_h=Decimal(5000), duration_min=480))
    for option in desk.ask("A-3", displaced_max=2, most=10)["options"]:
        assert "J-1" not in {one["job"] for one in (*option["displaced"], *option["moved"])}
    planned = make_dispatch_plan(
        desk.engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW
    )
    assert {one.start for one in planned.dispatch.assignments if one.job == "J-1"} == {starts["J-1"]}
    desk.change("J-1", "unlock")
    assert desk.everything()[1:] == before[1:]
    assert desk.change("A-3", "lock", {}, expect=409)["code"] == "job_not_in_plan"


def test_a_lock_that_cannot_be_kept_is_refused_with_the_cheapest_way_out(desk: Served) -> None:
    (line,) = [one for one in desk.everything()[0] if one.job == "J-1" and one.position == 0]
    headers = {"Authorization": f"Bearer {desk.tokens['office']}", "If-Match": '"1"'}
    desk.add(job("A-4", duration_min=540))
    given = {"technician": line.technician, "seat": "mechanic", "starts_at": "2026-03-02T01:00:00Z"}
    answer = desk.client.post("/jobs/A-4/crew", json=given, headers=headers)
    assert answer.status_code == 201, answer.text
    refused = desk.change("J-1", "lock", {}, expect=409)
    assert refused["code"] == "answer_refused"
    assert line.technician in refused["detail"]
    assert refused["errors"][-1]["field"] == "way_out"
    assert desk.crew("J-1") == []


def test_a_lock_that_a_plan_cannot_keep_is_told_with_the_way_out(desk: Served) -> None:
    desk.change("J-1", "lock", {})
    seat = next(one for one in desk.everything()[0] if one.job == "J-1")
    who = select(Technician.id).where(Technician.code == seat.technician).scalar_subquery()
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        session.execute(delete(Shift).where(Shift.technician_id == who))
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50))
    told = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW).dispatch
    assert told.status is Status.INFEASIBLE
    (broken,) = told.broken_locks
    assert (broken.job, broken.technicians, broken.locked) == ("J-1", [seat.technician], True)
    assert broken.reasons
    assert broken.way_out is not None
    assert seat.technician not in broken.way_out.technicians
    assert broken.job in {one.job for one in told.unassigned}
