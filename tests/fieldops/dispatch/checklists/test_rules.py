"""The answers to a checklist in the fold of a job: the last one counts, an open mandatory step blocks completion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fieldops.dispatch.checklists.rules import Step, StepKind, numbered, step_of
from fieldops.dispatch.execution.lifecycle import (
    COMPLETING,
    EventKind,
    Fault,
    Folded,
    Happening,
    JobState,
    Terms,
    fold,
    undoing,
)
from fieldops.workforce.kinds import Seat

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
E = EventKind
STEPS = (
    Step(1, "Chocks in place", StepKind.TICK),
    Step(2, "Torque", StepKind.MEASURE, unit="Nm", lowest=Decimal(210), highest=Decimal(230)),
    Step(3, "Remarks", StepKind.TEXT, mandatory=False),
    Step(4, "Worn disc", StepKind.PHOTO, mandatory=False, name_zh="磨损盘"),
)
TERMS = Terms(inspection=True, checklist=STEPS)
CREW = (("MECH", Seat.MECHANIC), ("INSP", Seat.INDEPENDENT_INSPECTOR), ("SIGN", Seat.RELEASE_SIGNATORY))
GOOD: dict[int, dict[str, Any]] = {1: {"done": True}, 2: {"value": "221.5"}, 3: {"text": "fine"}, 4: {"photo": "p"}}


def happening(minute: int, kind: EventKind, person: str | None = None, **told: Any) -> Happening:
    """An event so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    return Happening(UUID(int=5_000 + minute), kind, at, at, person, told)


def answer(minute: int, step: int, **told: Any) -> Happening:
    """An answer of the mechanic."""
    return happening(minute, E.STEP_ANSWERED, "MECH", answer={"step": step, **told})


def on_site() -> list[Happening]:
    """The crew has its seats, and the mechanic is there since noon."""
    then = NOON - timedelta(hours=1)
    seats = [
        Happening(UUID(int=number + 1), E.ASSIGN, then, then, told={"person": person, "seat": seat.value})
        for number, (person, seat) in enumerate(CREW)
    ]
    return [*seats, happening(-30, E.DISPATCH), happening(-20, E.ACCEPT, "MECH"), happening(0, E.ARRIVE, "MECH")]


def test_work_is_not_done_while_a_mandatory_step_is_open() -> None:
    events = [*on_site(), answer(1, 1, done=True), happening(20, E.FINISH, "MECH")]
    found = fold(TERMS, events)
    assert (found.state, set(found.faults.values())) == (JobState.ON_SITE, {Fault.STEPS_OPEN})
    assert [[one.number for one in some] for some in found.missing.values()] == [[2]]
    assert [one.number for one in found.open_steps] == [2]
    found = fold(TERMS, [*events[:-1], answer(2, 2, value="221.5"), events[-1]])
    assert (found.state, found.faults, found.open_steps) == (JobState.DONE, {}, ())


def test_the_last_answer_by_time_counts_whatever_came_in_first() -> None:
    events = [*on_site(), answer(3, 2, value="240"), answer(2, 2, value="221"), answer(1, 1, done=True)]
    assert [one.number for one in fold(TERMS, events).open_steps] == [2]
    corrected = [*events, answer(4, 2, value="215")]
    assert fold(TERMS, corrected).open_steps == ()
    assert fold(TERMS, corrected).answers[2].told["answer"]["value"] == "215"
    assert [one.number for one in fold(TERMS, [*corrected, answer(5, 1, done=False)]).open_steps] == [1]


def test_nothing_is_signed_with_a_step_that_was_opened_again() -> None:
    done = [*on_site(), answer(1, 1, done=True), answer(2, 2, value="221"), happening(3, E.FINISH, "MECH")]
    opened = [*done, answer(4, 1, done=False), happening(30, E.INSPECT, "INSP")]
    assert set(fold(TERMS, opened).faults.values()) == {Fault.STEPS_OPEN}
    assert fold(TERMS, [*opened, answer(5, 1, done=True)]).state is JobState.INSPECTED
    # what comes in after the signature does not undo it
    signed = [*done, happening(30, E.INSPECT, "INSP")]
    late = answer(4, 1, done=False)
    assert undoing(TERMS, [*signed, late], {late.id}) == {late.id}


def test_who_answered_does_not_inspect_the_work() -> None:
    mine = happening(2, E.STEP_ANSWERED, "INSP", answer={"step": 2, "value": "221"})
    events = [
        *on_site(),
        answer(1, 1, done=True),
        mine,
        happening(3, E.FINISH, "MECH"),
        happening(9, E.INSPECT, "INSP"),
    ]
    assert set(fold(TERMS, events).faults.values()) == {Fault.OWN_INSPECTION}


def test_a_job_that_is_planned_again_starts_its_checklist_anew() -> None:
    events = [*on_site(), answer(1, 1, done=True), happening(2, E.PAUSE, "MECH", reason="r")]
    assert fold(TERMS, events).answers.keys() == {1}
    assert fold(TERMS, [*events, happening(3, E.RECALL, reason="r")]).answers == {}


@pytest.mark.parametrize(
    ("step", "told"),
    [(9, {"done": True}), (1, {"value": "3"}), (2, {"text": "t"}), (3, {"done": True}), (4, {"text": "t"})],
)
def test_what_is_no_answer_to_the_step_waits(step: int, told: dict[str, Any]) -> None:
    found = fold(TERMS, [*on_site(), answer(1, step, **told)])
    assert set(found.faults.values()) == {Fault.WRONG_ANSWER}


def test_steps_are_kept_as_they_are() -> None:
    kept = numbered(one.kept() for one in STEPS)
    assert tuple(step_of(one) for one in kept) == STEPS
    assert kept[1] == {
        "number": 2,
        "name": "Torque",
        "kind": "measure",
        "mandatory": True,
        "unit": "Nm",
        "lowest": "210",
        "highest": "230",
    }


class Answering(RuleBasedStateMachine):
    """Steps are answered, corrected and opened again, and the work is said to be done in between."""

    def __init__(self) -> None:
        super().__init__()
        self.events = on_site()
        self.last: dict[int, dict[str, Any]] = {}
        self.minute = 0

    def _next(self) -> int:
        self.minute += 6  # beyond what clocks may be wrong by
        return self.minute

    @rule(step=st.sampled_from(sorted(GOOD)), how=st.sampled_from(("good", "open", "beyond")))
    def answers(self, step: int, how: str) -> None:
        """Somebody answers a step: well, that it is open, or outside the limits where it has some."""
        told = {"good": GOOD[step], "open": {"done": False}, "beyond": {"value": "99"} if step == 2 else GOOD[step]}[
            how
        ]
        self.events.append(answer(self._next(), step, **told))
        self.last[step] = told

    @rule(step=st.sampled_from(sorted(GOOD)))
    def hears_late(self, step: int) -> None:
        """An answer from before all others comes in now: it never counts against one that was given after it."""
        number, now = len(self.events), NOON + timedelta(minutes=self.minute)
        told, at = {"answer": {"step": step, "done": False}}, NOON + timedelta(seconds=number)
        self.events.append(Happening(UUID(int=90_000 + number), E.STEP_ANSWERED, at, now, "MECH", told))
        self.last.setdefault(step, {"done": False})

    @rule(step=st.sampled_from((E.FINISH, E.INSPECT, E.RELEASE, E.REJECT)))
    def completes(self, step: EventKind) -> None:
        """Somebody goes on."""
        person = {E.FINISH: "MECH", E.RELEASE: "SIGN"}.get(step, "INSP")
        told = {"approval": "A", "data_reference": "D", "data_revision": "1", "reason": "r"}
        now = happening(self._next(), step, person, **told)
        before = self._folded()
        after = fold(TERMS, [*self.events, now])
        if step in COMPLETING and self._open():
            assert now.id in after.faults
            assert after.state is before.state
        if after.state is not JobState.RELEASED:  # nothing is answered behind it
            self.events.append(now)

    def _folded(self) -> Folded:
        return fold(TERMS, self.events)

    def _open(self) -> list[int]:
        wanted = [one for one in STEPS if one.mandatory]
        return [one.number for one in wanted if self.last.get(one.number) != GOOD[one.number]]

    @invariant()
    def counts_the_last_answer(self) -> None:
        """The answers are the last ones, and what is open follows from them alone."""
        found = self._folded()
        assert {key: one.told["answer"] for key, one in found.answers.items()} == {
            key: {"step": key, **told} for key, told in self.last.items()
        }
        assert [one.number for one in found.open_steps] == self._open()


TestAnswering = Answering.TestCase
TestAnswering.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
