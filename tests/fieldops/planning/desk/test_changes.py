"""Single changes of the plan in force: a job is assigned, moved, unassigned, locked, and all of it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from fieldops.checking import check_ledgers
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.finance.budgets.models import BudgetLine, Earmark
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre
from fieldops.finance.budgets.service import add_cost_centres, open_lines
from fieldops.finance.categories import Category
from fieldops.finance.control.authority import grant_authority
from fieldops.finance.control.authority_schemas import NewAuthority
from fieldops.planning.desk import moving
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.explaining import explain_job
from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.planning.versions.service import publish, undo
from fieldops.workforce.kinds import AbsenceKind
from fieldops.workforce.models import Shift, Technician
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.roster.schemas import NewAbsence
from fieldops.workforce.roster.service import add_absences
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
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
    assert kinds.count("job.placed") >= 3


def test_what_breaks_a_hard_rule_is_refused_with_each_of_them(desk: Served) -> None:
    seats = desk.ask()["options"][0]["seats"]
    before = desk.everything()
    night = place(seats) | {"start": (MONDAY + timedelta(hours=15)).isoformat()}
    refused = desk.change("A-1", "move", night, expect=409)
    assert refused["code"] == "move_refused"
    told = desk.send("/jobs/A-1/check-move", night)["rules"]
    assert [one["field"] for one in refused["errors"]] == [one["code"] for one in told if one["hard"]]
    assert desk.everything() == before


def test_where_rules_only_warn_a_reason_is_needed_and_kept(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    seats, before = desk.ask()["options"][0]["seats"], desk.everything()
    monkeypatch.setattr(
        moving,
        "against",
        lambda _session, _job, crew, _known: [
            (crew[0], Refusal("off_duty", {"since": MONDAY, "until": MONDAY}, hard=False))
        ],
    )
    assert desk.send("/jobs/A-1/check-move", place(seats))["possible"]
    refused = desk.change("A-1", "move", place(seats), expect=409)
    assert (refused["code"], {one["field"] for one in refused["errors"]}) == ("reason_needed", {"off_duty"})
    assert desk.everything() == before
    desk.change("A-1", "move", place(seats, reason="Called in from standby"))
    with reading(desk.engine, SYSTEM) as session:
        assert session.scalars(select(DeskAnswer.reason)).all()[-1] == "Called in from standby"


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
    options, nothing = desk.ask(most=2)["options"], desk.everything()
    desk.change("A-1", "move", place(options[0]["seats"]))
    stood = desk.everything()
    desk.change("A-1", "move", place(options[1]["seats"]))
    desk.change("A-1", "undo-change")
    assert desk.everything() == stood
    desk.change("A-1", "undo-change")
    assert desk.everything() == nothing
    assert desk.change("A-1", "undo-change", expect=409)["code"] == "nothing_to_undo"
    desk.change("A-1", "move", place(options[0]["seats"]))
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
    told = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW)
    assert told.dispatch.status is Status.INFEASIBLE
    (broken,) = told.lost_locks
    assert (broken.job, broken.technicians, broken.locked) == ("J-1", [seat.technician], True)
    assert broken.reasons
    assert broken.way_out is not None
    assert seat.technician not in broken.way_out.technicians
    assert broken.job in {one.job for one in told.dispatch.unassigned}


def _in_force(desk: Served) -> Any:
    headers = {"Authorization": f"Bearer {desk.tokens['office']}"}
    return desk.client.get("/plans/P-000001", headers=headers).json()


def test_a_plan_tells_what_was_changed_in_it_everywhere_the_same(desk: Served) -> None:
    before = _in_force(desk)
    taken = desk.take(desk.ask())
    told = _in_force(desk)
    (seat,) = taken["taken"]["seats"]
    (mine,) = [one for one in told["dispatch"]["assignments"] if one["job"] == "A-1"]
    assert (mine["technician"], mine["start"]) == (seat["technician"], seat["start"])
    assert told["dispatch"]["assigned"] == before["dispatch"]["assigned"] + 1
    more = Decimal(told["dispatch"]["cost"]["total"]) - Decimal(before["dispatch"]["cost"]["total"])
    assert more == Decimal(taken["taken"]["cost"]["total"])
    reserved = [
        next(Decimal(one["reserved"]) for one in plan["budget"]["lines"] if one["category"] == "labour")
        for plan in (before, told)
    ]
    assert reserved[1] - reserved[0] == Decimal(taken["taken"]["cost"]["by_term"]["labour"])
    why = explain_job(desk.engine, SYSTEM, "P-000001", "A-1")
    assert (why.technician, f"{why.start:%H:%M}") == (seat["technician"], seat["start"][11:16])
    desk.change("A-1", "unassign", {})
    assert explain_job(desk.engine, SYSTEM, "P-000001", "A-1").reasons[0].code == "taken_out"
    desk.change("A-1", "undo-change")
    desk.change("A-1", "undo-change")
    again = _in_force(desk)
    assert again["dispatch"]["cost"] == before["dispatch"]["cost"]
    assert again["budget"] == before["budget"]


def test_a_proposal_of_before_a_change_is_stale_and_one_of_after_it_keeps_its_money(desk: Served) -> None:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50))
    old = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW)
    desk.take(desk.ask())
    held = _money_of(desk, "A-1")
    assert held > 0
    with pytest.raises(Conflict) as refused, writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        publish(session, SYSTEM, old.plan)
    assert refused.value.code == "plan_base_stale"
    assert _money_of(desk, "A-1") == held
    new = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW)
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        publish(session, SYSTEM, new.plan)
    assert _money_of(desk, "A-1") > 0
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        undo(session, SYSTEM, new.plan)
    assert _money_of(desk, "A-1") == held
    assert check_ledgers(desk.engine).sound


def test_a_plan_that_was_changed_is_not_undone_before_the_change_is(desk: Served) -> None:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50))
    made = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW)
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        publish(session, SYSTEM, made.plan)
    desk.take(desk.ask())
    with pytest.raises(Conflict) as refused, writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        undo(session, SYSTEM, made.plan)
    assert refused.value.code == "plan_changed"
    desk.change("A-1", "undo-change")
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        undo(session, SYSTEM, made.plan)


def _money_of(desk: Served, number: str) -> Decimal:
    with reading(desk.engine, SYSTEM) as session:
        held = session.scalars(select(Earmark.amount).where(Earmark.document == number, Earmark.amount > 0))
        return sum(held, Decimal(0))


def test_a_job_that_is_taken_out_gives_back_what_its_parts_cost_on_the_way(desk: Served) -> None:
    """The transfers that serve it wait; undone, all is as it was."""
    with reading(desk.engine, SYSTEM) as session:
        freight = select(Earmark.document, Earmark.amount).join(BudgetLine, BudgetLine.id == Earmark.line_id)
        held = session.execute(freight.where(BudgetLine.category == "expedite", Earmark.amount > 0)).all()
        jobs = {line.job for line in desk.everything()[0]}
    number, amount = next((document, amount) for document, amount in held if document in jobs)
    before, stood = _in_force(desk), desk.everything()
    out = desk.change(number, "unassign", {})
    assert Decimal(out["taken"]["cost"]["by_term"]["freight"]) == -amount
    assert _money_of(desk, number) == 0
    assert all(one["held"] for one in _in_force(desk)["replenishment"]["moves"] if one["job"] == number)
    desk.change(number, "undo-change")
    assert desk.everything() == stood
    assert _in_force(desk)["replenishment"]["moves"] == before["replenishment"]["moves"]
    assert check_ledgers(desk.engine).sound


def test_what_the_budget_refuses_is_told_before_and_names_who_approves(desk: Served) -> None:
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        for line in session.scalars(select(BudgetLine).where(BudgetLine.category == "labour")):
            line.budget = line.taken
    told = desk.ask()
    (effect,) = [one for one in told["options"][0]["budget"] if one["job"] == "A-1"]
    assert effect["verdict"]["outcome"] == "approve"
    refused = desk.take(told, expect=409)
    assert effect["verdict"]["approver_role"] in refused["detail"]
    assert "Ask again" not in refused["detail"]
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        for line in session.scalars(select(BudgetLine).where(BudgetLine.category == "labour")):
            line.budget += 10_000
    desk.take(told)


def test_an_aog_answer_is_taken_by_the_envelope_by_which_it_was_told_to_pass(desk: Served) -> None:
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        for line in session.scalars(select(BudgetLine).where(BudgetLine.category == "labour")):
            line.budget = line.taken
        centre = NewCostCentre(code="AOG", name="AOG desk", region="SEA")
        add_cost_centres(session, SYSTEM, [centre])
        general = session.scalars(select(BudgetLine).where(BudgetLine.category == "labour").limit(1)).one()
        told = NewBudgetLine(
            region="SEA",
            category=Category.LABOUR,
            cost_centre="AOG",
            period_start=general.period_start,
            period_end=general.period_end,
            currency="USD",
            budget=Decimal(5000),
        )
        open_lines(session, SYSTEM, [told], NOW)
        line = session.scalars(select(BudgetLine).where(BudgetLine.cost_centre == "AOG")).one()
        wanted = NewAuthority(
            region="SEA",
            line=line.id,
            document_max=Decimal(2000),
            reason="Standing order",
            valid_from=TINY_DATE,
            valid_until=TINY_DATE,
        )
        grant_authority(session, SYSTEM, wanted, NOW)
    before = desk.everything()
    told_of = desk.ask()
    (effect,) = [one for one in told_of["options"][0]["budget"] if one["job"] == "A-1"]
    assert effect["verdict"]["outcome"] == "warn"
    desk.take(told_of)
    with reading(desk.engine, SYSTEM) as session:
        assert session.scalars(select(BudgetLine).where(BudgetLine.envelope)).one().reserved > 0
    desk.change("A-1", "undo-change")
    assert desk.everything() == before


def test_who_is_absent_by_now_keeps_no_seat_in_a_new_plan(desk: Served) -> None:
    desk.take(desk.ask())
    ((who, start),) = desk.crew("A-1")
    since = MONDAY.fromisoformat(start) - timedelta(minutes=30)
    away = NewAbsence(technician=who, kind=AbsenceKind.SICKNESS, starts_at=since, ends_at=since + timedelta(days=1))
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        add_absences(session, SYSTEM, [away])
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50))
    told = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW)
    (lost,) = [one for one in told.lost_locks if one.job == "A-1"]
    assert lost.technicians == [who]
    assert lost.reasons
    assert "A-1" in {one.job for one in told.dispatch.unassigned}


def test_a_plan_is_not_published_where_somebody_would_not_get_to_work_that_was_given_since(desk: Served) -> None:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=50))
    made = make_dispatch_plan(desk.engine, SYSTEM, request, clock=lambda: NOW)
    line = max((one for one in made.dispatch.assignments if one.place == "VTE"), key=lambda one: one.end)
    desk.add(job("A-9", place="UTH", window_start=line.end, window_end=line.end + timedelta(days=1), duration_min=60))
    desk.clock.now += timedelta(minutes=5)
    headers = {"Authorization": f"Bearer {desk.tokens['office']}", "If-Match": '"1"'}
    given = {"technician": line.technician, "seat": "mechanic", "starts_at": line.end.isoformat()}
    assert desk.client.post("/jobs/A-9/crew", json=given, headers=headers).status_code == 201
    with pytest.raises(Conflict) as refused, writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        publish(session, SYSTEM, made.plan)
    assert [field for field, _text in refused.value.details] == [f"technician.{line.technician}"]
    assert "A-9" in refused.value.message


def test_a_lock_and_its_end_stand_against_no_undo_of_a_change_before(desk: Served) -> None:
    before = desk.everything()
    desk.take(desk.ask())
    desk.change("A-1", "lock", {})
    assert desk.change("A-1", "undo-change", expect=409)["code"] == "job_locked"
    desk.change("A-1", "unlock")
    desk.change("A-1", "undo-change")
    assert desk.everything() == before


def test_a_change_that_moved_a_job_is_not_undone_while_that_is_locked_and_is_then(desk: Served) -> None:
    hours = [MONDAY + timedelta(hours=at) for at in (1, 2)]
    desk.add(job("A-3", window_start=hours[0], window_end=hours[1], delay_cost_per_h=Decimal(5000), duration_min=480))
    before = desk.everything()
    told = desk.ask("A-3", displaced_max=2, most=10)
    chosen = next(one for one in told["options"] if any(other["start"] for other in (*one["displaced"], *one["moved"])))
    other = next(one["job"] for one in (*chosen["displaced"], *chosen["moved"]) if one["start"])
    desk.take(told, chosen["option"])
    desk.change(other, "lock", {})
    refused = desk.change("A-3", "undo-change", expect=409)
    assert refused["title"] == "The plan cannot be changed so"
    assert other in {one["field"] for one in refused["errors"]}
    desk.change(other, "unlock")
    desk.change("A-3", "undo-change")
    assert desk.everything() == before


def test_where_money_refuses_a_lock_no_other_place_is_told_as_the_way_out(desk: Served) -> None:
    mine = select(Job.id).where(Job.number == "J-3").scalar_subquery()
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        session.execute(update(PlanAssignment).where(PlanAssignment.job_id == mine).values(held=True))
    refused = desk.change("J-3", "lock", {}, expect=409)
    assert "waits for an approval, which is to be decided first" in refused["detail"]
    assert [one["field"] for one in refused["errors"]] == ["J-3"]


def test_the_money_of_a_plan_that_was_changed_is_told_in_cents(desk: Served) -> None:
    desk.take(desk.ask())
    told = _in_force(desk)["dispatch"]
    amounts = [told["cost"]["total"], *told["cost"]["by_term"].values()]
    amounts += [one[name] for one in told["assignments"] for name in ("cost", "lateness_cost")]
    assert all(Decimal(one).as_tuple().exponent == -2 for one in amounts), amounts


def test_undoing_tells_what_it_does_and_not_what_was_undone(desk: Served) -> None:
    options = desk.ask(most=2)["options"]
    first = desk.change("A-1", "move", place(options[0]["seats"]))["taken"]
    second = desk.change("A-1", "move", place(options[1]["seats"]))["taken"]
    told = desk.change("A-1", "undo-change")["taken"]
    assert Decimal(told["cost"]["total"]) == -Decimal(second["cost"]["total"]) != 0
    assert [(one["technician"], one["start"]) for one in told["seats"]] == [
        (one["technician"], one["start"]) for one in first["seats"]
    ]
    assert desk.change("A-1", "undo-change")["taken"]["seats"] == []
