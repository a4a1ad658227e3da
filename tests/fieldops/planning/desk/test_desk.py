"""An AOG call is answered, and the answer taken: whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from fieldops.checking import check_ledgers
from fieldops.commands.recommend import recommend
from fieldops.planning.desk import asking
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.desk.question import Asked
from fieldops.planning.desk.ranking import ranked
from fieldops.planning.desk.running import Desk
from fieldops.planning.desk.schemas import RecommendationQuestion
from fieldops.planning.telling import KIND
from fieldops.workforce.releasing.models import AccessRule
from fieldops.workforce.releasing.schemas import NewAccessRule
from fieldops.workforce.releasing.service import add_rules
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.outbox import OutboxEvent
from optimizer.dispatch.live.answers import Recommendation
from tests.fieldops.planning.desk.served import LAMP, MONDAY, Served, job, served_plan
from tests.rivals import at_once
from tests.statements import statements


@pytest.fixture
def desk(any_engine: Engine) -> Iterator[Served]:
    """A plan in force, and a job that came in after it."""
    with served_plan(any_engine) as made:
        yield made


def test_an_aog_call_is_answered_and_taken_at_the_price_that_was_told(desk: Served) -> None:
    told = desk.ask(most=3)
    assert told["plan"] == "P-000001"
    best = told["options"][0]
    totals = [Decimal(one["cost"]["total"]) for one in told["options"]]
    assert totals == sorted(totals)
    assert best["budget"][0]["verdict"]["outcome"] == "pass"
    assert desk.crew("A-1") == []
    before = desk.money()
    desk.take(told)
    assert [who for who, _start in desk.crew("A-1")] == [best["seats"][0]["technician"]]
    assert desk.money() - before == Decimal(best["cost"]["total"])
    with reading(desk.engine, SYSTEM) as session:
        told_of = select(OutboxEvent.payload).where(OutboxEvent.kind == KIND).order_by(OutboxEvent.id.desc())
        event = session.scalars(told_of.limit(1)).one()
    assert (event["technician"], event["by"]) == (best["seats"][0]["technician"], "office")
    assert "A-1" in {one["job"] for one in event["jobs"] if one["before"] is None}
    assert check_ledgers(desk.engine).sound
    desk.take(told, expect=409)


def test_those_who_cannot_are_told_with_the_reason(desk: Served) -> None:
    desk.add(job("A-2", qualifications=("B2",)))
    told = desk.ask("A-2")
    (lacking,) = [one for one in told["refused"] if one["technician"] == "T-2"]
    assert lacking["name"] == "Somchai Vong"
    assert lacking["reasons"][0]["code"] == "no_qualified_technician"
    assert "B2" in lacking["reasons"][0]["text"]


def test_which_rule_keeps_somebody_from_the_seat_is_told(desk: Served) -> None:
    rule = {"code": "VTE", "place": "VTE", "kinds": ["airside_pass"], "source": "x", "edition": "x"}
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        add_rules(session, SYSTEM, AccessRule, [NewAccessRule.model_validate(rule)])
    told = desk.ask()
    assert told["options"] == []
    texts = {one["technician"]: one["reasons"][0]["text"] for one in told["refused"]}
    assert texts["T-2"] == "may not take the seat: no airside pass of VTE"


def test_parts_are_reserved_from_where_they_were_promised(desk: Served) -> None:
    desk.add(job("A-2", parts=LAMP))
    told = desk.ask("A-2")
    (part,) = told["parts"]
    assert part["ready_at"] is not None
    (source,) = part["sources"]
    taken = desk.take(told)
    assert len(taken["reservations"]) == 1
    kept = desk.client.get(
        "/stock/reservations", params={"demand": "A-2"}, headers={"Authorization": f"Bearer {desk.tokens['office']}"}
    ).json()["items"]
    assert [(one["part"], one["place"]) for one in kept] == [("LAMP-1", source["place"])]


def test_an_answer_is_over_after_some_minutes(desk: Served) -> None:
    told = desk.ask()
    desk.clock.now += timedelta(minutes=6)
    assert desk.take(told, expect=409)["code"] == "answer_expired"
    assert desk.crew("A-1") == []


def test_nothing_that_is_told_begins_before_the_answer_is_over(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins earlier all the same is not taken once that is past."""
    desk.clock.now = MONDAY + timedelta(hours=2)
    told = desk.ask()
    over = MONDAY.fromisoformat(told["expires_at"])
    assert min(MONDAY.fromisoformat(one["start"]) for option in told["options"] for one in option["seats"]) >= over
    desk.clock.now += timedelta(minutes=4)
    desk.take(told)
    desk.add(job("A-2"))
    monkeypatch.setattr(asking, "ANSWER_HOLDS", timedelta())
    soon = desk.ask("A-2")
    start = MONDAY.fromisoformat(soon["options"][0]["seats"][0]["start"])
    with writing(desk.engine, SYSTEM, clock=desk.clock) as session:
        for answer in session.scalars(select(DeskAnswer)):
            answer.expires_at = start + timedelta(hours=1)
    desk.clock.now = start + timedelta(minutes=1)
    refused = desk.take(soon, expect=409)
    assert f"{start:%H:%MZ}" in refused["detail"]
    assert refused["detail"].endswith("Ask again")


def test_an_answer_about_a_job_that_was_changed_meanwhile_names_it(desk: Served) -> None:
    told = desk.ask()
    headers = {"Authorization": f"Bearer {desk.tokens['other']}", "If-Match": '"1"'}
    changed = desk.client.patch("/jobs/A-1", json={"delay_cost_per_h": "700"}, headers=headers)
    assert changed.status_code == 200, changed.text
    refused = desk.take(told, expect=409)
    assert refused["code"] == "answer_refused"
    assert "A-1" in refused["detail"]
    assert desk.crew("A-1") == []


def test_of_two_who_take_at_once_one_wins_and_nothing_is_lost(desk: Served) -> None:
    desk.add(job("A-2"))
    first, second = desk.ask("A-1"), desk.ask("A-1")
    path = "/jobs/A-1/recommendations/{}/take"

    def one(number: int) -> int:
        told, who = ((first, "office"), (second, "other"))[number]
        headers = {"Authorization": f"Bearer {desk.tokens[who]}"}
        return desk.client.post(path.format(told["key"]), json={}, headers=headers).status_code

    assert sorted(at_once(2, one)) == [200, 409]
    assert len(desk.crew("A-1")) == 1
    assert check_ledgers(desk.engine).sound


def test_two_answers_on_one_persons_empty_day_are_not_both_taken(desk: Served) -> None:
    day = MONDAY + timedelta(days=2)
    spans = {"A-2": ("VTE", 1, 2), "A-3": ("UTH", 5, 6)}
    for number, (place, first, last) in spans.items():
        hours = {"window_start": day + timedelta(hours=first), "window_end": day + timedelta(hours=last)}
        desk.add(job(number, place=place, due_at=day + timedelta(hours=9), **hours))
    first, second = desk.ask("A-2"), desk.ask("A-3")
    (who,) = {told["options"][0]["seats"][0]["technician"] for told in (first, second)}
    desk.take(second)
    refused = desk.take(first, who="other", expect=409)
    assert [one["field"] for one in refused["errors"]] == [f"technician.{who}"]
    assert desk.crew("A-2") == []
    desk.take(desk.ask("A-2"))
    assert check_ledgers(desk.engine).sound


def test_a_seat_that_was_given_by_hand_meanwhile_is_noticed(desk: Served) -> None:
    desk.add(job("A-2", window_start=MONDAY + timedelta(hours=5)))
    told = desk.ask("A-1")
    who = told["options"][0]["seats"][0]["technician"]
    headers = {"Authorization": f"Bearer {desk.tokens['other']}", "If-Match": '"1"'}
    given = {"technician": who, "seat": "mechanic", "starts_at": "2026-03-02T06:00:00Z"}
    assert desk.client.post("/jobs/A-2/crew", json=given, headers=headers).status_code == 201
    refused = desk.take(told, expect=409)
    assert [one["field"] for one in refused["errors"]] == [f"technician.{who}"]
    assert desk.take(desk.ask("A-1"), option=9, expect=422)["code"] == "no_such_option"


def test_what_is_kept_is_the_job_as_it_was_asked_about(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(running: Desk, asked: Asked, question: RecommendationQuestion) -> Recommendation:
        headers = {"Authorization": f"Bearer {desk.tokens['other']}", "If-Match": '"1"'}
        changed = desk.client.patch("/jobs/A-1", json={"duration_min": 240}, headers=headers)
        assert changed.status_code == 200, changed.text
        return ranked(running, asked, question)

    monkeypatch.setattr(asking, "ranked", meanwhile)
    refused = desk.take(desk.ask("A-1"), expect=409)
    assert [one["field"] for one in refused["errors"]] == ["A-1"]


def test_the_same_taking_sent_again_gets_the_same_answer(desk: Served) -> None:
    told = desk.ask()
    once = desk.take(told, key="call-1")
    assert desk.take(told, key="call-1") == once
    assert len(desk.crew("A-1")) == 1


def test_other_regions_see_nothing_of_it(desk: Served) -> None:
    told = desk.ask()
    desk.send("/jobs/A-1/recommendations", {}, who="china", expect=404)
    desk.send("/jobs/A-1/appointments", {"day": "2026-03-03"}, who="china", expect=404)
    desk.take(told, who="china", expect=404)


def test_an_appointment_outside_all_shifts_says_so(desk: Served) -> None:
    night, morning = MONDAY + timedelta(hours=15), MONDAY + timedelta(hours=26)
    windows = [(night, night + timedelta(hours=1)), (morning, morning + timedelta(hours=3))]
    asked = {"windows": [{"starts_at": one.isoformat(), "ends_at": other.isoformat()} for one, other in windows]}
    outside, inside = desk.send("/jobs/A-1/appointments", asked)["appointments"]
    assert outside["seats"] == []
    assert "outside_shifts" in {one["code"] for one in outside["reasons"]}
    assert inside["seats"]
    assert Decimal(inside["cost"]["total"]) > 0
    day = desk.send("/jobs/A-1/appointments", {"day": "2026-03-03", "length_min": 360})["appointments"]
    assert len(day) == 4


def test_a_move_is_judged_by_hard_and_soft_rules_and_changes_nothing(desk: Served) -> None:
    best = desk.ask()["options"][0]["seats"][0]
    asked = {"start": best["start"], "crew": [{"seat": best["seat"], "technician": best["technician"]}]}
    sound = desk.send("/jobs/A-1/check-move", asked)
    assert sound["possible"], sound["rules"]
    night = asked | {"start": (MONDAY + timedelta(hours=15)).isoformat()}
    wrong = desk.send("/jobs/A-1/check-move", night)
    assert not wrong["possible"]
    assert {one["code"] for one in wrong["rules"] if one["hard"]} & {"shift", "permission", "arrival"}
    assert desk.crew("A-1") == []
    unknown = asked | {"crew": [{"seat": best["seat"], "technician": "T-1"}]}
    assert desk.send("/jobs/A-1/check-move", unknown, expect=422)["code"] == "technician_elsewhere"


def test_a_displaced_job_goes_elsewhere_in_the_plan(desk: Served) -> None:
    hours = [MONDAY + timedelta(hours=at) for at in (1, 2)]
    desk.add(job("A-3", window_start=hours[0], window_end=hours[1], delay_cost_per_h=Decimal(5000), duration_min=480))
    told = desk.ask("A-3", displaced_max=2, most=10)
    displacing = [one for one in told["options"] if one["displaced"]]
    assert displacing
    chosen = displacing[0]
    before = desk.money()
    desk.take(told, chosen["option"])
    assert desk.money() - before == Decimal(chosen["cost"]["real"])


def test_a_running_plan_is_kept_and_a_question_takes_as_many_statements_however_many_jobs_there_are(
    desk: Served,
) -> None:
    desk.ask()
    with statements(desk.engine) as few:
        assert desk.ask()["age_s"] >= 0
    desk.add(*(job(f"B-{number}") for number in range(10)))
    with statements(desk.engine) as many:
        desk.ask()
    assert len(many) == len(few)


def test_a_planned_job_is_given_to_whom_the_plan_has_for_it(desk: Served) -> None:
    told = desk.send("/jobs/J-3/recommendations", {"most": 1})
    (option,) = told["options"]
    assert option["moved"] == option["displaced"] == []
    desk.take(told)
    assert [who for who, _start in desk.crew("J-3")] == [option["seats"][0]["technician"]]
    desk.change("J-3", "undo-change")
    assert desk.crew("J-3") == []


def test_more_options_take_no_more_statements(desk: Served) -> None:
    desk.ask()
    counted = []
    for most in (1, 4):
        with statements(desk.engine) as seen:
            assert len(desk.ask(most=most)["options"]) == most
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_what_fits_no_more_where_the_plan_puts_it_is_told_and_holds_no_place(desk: Served) -> None:
    (best, *_rest) = desk.ask()["options"]
    seat = best["seats"][0]
    headers = {"Authorization": f"Bearer {desk.tokens['office']}", "If-Match": '"1"'}
    given = {"technician": "T-2", "seat": seat["seat"], "starts_at": "2026-03-02T01:00:00Z"}
    desk.add(job("A-4", duration_min=540))
    answer = desk.client.post("/jobs/A-4/crew", json=given, headers=headers)
    assert answer.status_code == 201, answer.text
    told = desk.ask()
    assert "J-1" in told["unfit"] or "J-3" in told["unfit"]
    assert told["options"]


def test_jobs_are_asked_about_and_taken_together_at_the_price_that_was_told(desk: Served) -> None:
    desk.add(job("A-2"))
    told = desk.ask("A-1", others=["A-2"])
    best = told["options"][0]
    assert {one["job"] for one in best["seats"]} == {"A-1", "A-2"}
    before = desk.money()
    desk.take(told)
    assert desk.money() - before == Decimal(best["cost"]["total"])
    assert desk.crew("A-1")
    assert desk.crew("A-2")


def test_the_command_tells_the_same_as_the_api(
    desk: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fieldops.commands.recommend.ready_engine", lambda: desk.engine)
    monkeypatch.setattr("inventory.kernel.clock.system_clock", desk.clock)
    told = desk.ask(most=2)["options"]
    capsys.readouterr()
    recommend("A-1", displaced=0, most=2, as_json=True)
    assert [one["seats"] for one in json.loads(capsys.readouterr().out)["options"]] == [one["seats"] for one in told]
    recommend("A-1", displaced=0, most=2, as_json=False)
    shown = capsys.readouterr().out
    assert f"1. {told[0]['seats'][0]['technician']} {told[0]['seats'][0]['name']}" in shown
