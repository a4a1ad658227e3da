"""Checklists through the API: given to new jobs, answered in the field, and what they stand against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.checklists.schemas import NewChecklist, NewStep
from fieldops.dispatch.checklists.service import add_checklists, change_checklist
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from tests.hangar import brake_job
from tests.served_hangar import Hangar, event, served_hangar, worked

STEPS: list[dict[str, Any]] = [
    {"name": "Chocks in place", "name_zh": "轮挡就位", "kind": "tick"},
    {"name": "Torque", "kind": "measure", "unit": "Nm", "lowest": "210", "highest": "230"},
    {"name": "Remarks", "kind": "text", "mandatory": False},
]
LIST: dict[str, Any] = {"code": "BRAKE", "title": "Brake", "task": "32-41-10", "steps": STEPS}


@pytest.fixture
def hangar(engine: Engine) -> Iterator[Hangar]:
    """A job of the task of the checklist, H-2; H-1 was there before it."""
    with served_hangar(engine) as made:
        with writing(engine, SYSTEM) as session:
            add_checklists(session, SYSTEM, [NewChecklist.model_validate(LIST)])
        yield made


def answered(step: int, minutes: int, **told: Any) -> dict[str, Any]:
    """An answer to a step of the job."""
    return event("step_answered", minutes, answer={"step": step, **told}, job="H-2")


def sent_off(hangar: Hangar) -> list[dict[str, Any]]:
    """Have the crew of H-2 sent off, which has arrived."""
    told = brake_job("H-2", tools=(), parts=()).model_dump(mode="json", exclude_unset=True)
    hangar.send("office", "POST", "/jobs", 201, json=told)
    for person, seat in (("MECH", "mechanic"), ("INSP", "independent_inspector"), ("SIGN", "release_signatory")):
        hangar.seat(person, seat, job="H-2")
    hangar.send("office", "POST", "/jobs/H-2/dispatch", version=hangar.version("H-2"))
    hangar.clock.now = hangar.clock.now.replace(hour=8)
    return hangar.tell("mech", event("accept", -50, job="H-2"), event("arrive", 0, job="H-2"))


def test_a_job_gets_the_steps_of_its_task_and_keeps_them(engine: Engine, hangar: Hangar) -> None:
    sent_off(hangar)
    assert hangar.send("office", "GET", "/jobs/H-1/checklist") == {"job": "H-1", "open": [], "steps": []}
    told = hangar.send("office", "GET", "/jobs/H-2/checklist")
    assert (told["open"], [one["name"] for one in told["steps"]]) == ([1, 2], ["Chocks in place", "Torque", "Remarks"])
    with writing(engine, SYSTEM) as session:
        terms = NewChecklist.model_validate(LIST | {"steps": STEPS[:1]})
        change_checklist(session, SYSTEM, "BRAKE", terms, 1)
    assert hangar.send("office", "GET", "/jobs/H-2/checklist") == told


def test_work_is_not_done_before_its_mandatory_steps(hangar: Hangar) -> None:
    sent_off(hangar)
    hangar.tell("mech", answered(1, 1, done=True), answered(2, 2, value="250"))
    (refused,) = hangar.tell("mech", event("finish", 10, job="H-2"))
    assert (refused["standing"], refused["reason"]) == ("quarantined", "steps_open")
    assert "2 Torque" in refused["detail"]
    assert "1 Chocks" not in refused["detail"]
    hangar.tell("mech", answered(2, 30, value="221.5"))
    (done,) = hangar.tell("mech", event("finish", 31, job="H-2"))
    assert done["standing"] == "applied"
    steps = hangar.send("office", "GET", "/jobs/H-2/card")["checklist"]
    assert [(one["settled"], one["technician"], one["answers"]) for one in steps] == [
        (True, "MECH", 1),
        (True, "MECH", 2),
        (False, None, 0),
    ]
    assert steps[1]["answer"]["value"] == "221.5"
    assert steps[1]["name_of_technician"] == "Mech Vong"


def test_an_answer_that_names_a_photo_is_told_where_to_send_it(hangar: Hangar) -> None:
    sent_off(hangar)
    told = answered(1, 1, photo="0195e6a4-7a11-7c0e-9d0e-0d8f5c1f2a31")
    (refused,) = hangar.tell("mech", told)
    assert refused["standing"] == "refused"
    assert "photos" in refused["detail"]


def test_another_region_sees_no_checklist(hangar: Hangar) -> None:
    sent_off(hangar)
    hangar.send("china", "GET", "/jobs/H-2/checklist", 404)


def test_lists_are_for_those_who_see_the_network(hangar: Hangar) -> None:
    hangar.send("office", "POST", "/checklists", 403, json=[LIST | {"code": "OTHER"}])
    told = hangar.send("office", "GET", "/checklists/BRAKE")
    assert (told["version"], told["active"], len(told["steps"])) == (1, True, 3)
    assert [one["code"] for one in hangar.send("office", "GET", "/checklists?task=32-41-10")["items"]] == ["BRAKE"]


@pytest.mark.parametrize(
    "step",
    [
        {"name": "S", "kind": "tick", "unit": "Nm"},
        {"name": "S", "kind": "measure"},
        {"name": "S", "kind": "text", "lowest": "1"},
        {"name": "S", "kind": "measure", "unit": "Nm", "lowest": "2", "highest": "1"},
    ],
)
def test_units_and_limits_belong_to_what_is_measured(step: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="step S"):
        NewStep.model_validate(step)


def test_a_job_without_checklist_goes_on_as_before(hangar: Hangar) -> None:
    assert {one["standing"] for one in hangar.tell("mech", *worked(hangar))} == {"applied"}
