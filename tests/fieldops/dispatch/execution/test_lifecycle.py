"""The table of a job's steps, and the fold of events through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fieldops.dispatch.checklists.rules import Step, StepKind
from fieldops.dispatch.execution.lifecycle import (
    ENTRIES,
    FINAL,
    HANDS_ON,
    OFFICE,
    STEPS,
    TABLE,
    TOLERANCE,
    Ending,
    EventKind,
    Fault,
    Happening,
    JobState,
    Terms,
    Who,
    fold,
    undoing,
)
from fieldops.workforce.kinds import Seat

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CERTIFICATE = {"approval": "145-1", "data_reference": "AMM 32-41", "data_revision": "17"}
ANYTHING: dict[str, Any] = {
    **CERTIFICATE,
    "reason": "r",
    "part": "P",
    "title": "t",
    "operator_release": "OP/1",
    "answer": {"step": 1, "done": True},
}
CHECKLIST = (Step(1, "Chocks in place", StepKind.TICK), Step(2, "Note", StepKind.TEXT, mandatory=False))
CREW = {
    "MECH": Seat.MECHANIC,
    "INSP": Seat.INDEPENDENT_INSPECTOR,
    "SIGN": Seat.RELEASE_SIGNATORY,
    "LEARN": Seat.TRAINEE,
    "ADV": Seat.ADVISORY_ENGINEER,
}


def happening(number: int, kind: EventKind, person: str | None = None, **more: Any) -> Happening:
    """An event `number` minutes after noon that tells all that any step needs."""
    told = {**ANYTHING, **more.pop("told", {})}
    at = NOON + timedelta(minutes=number)
    key = UUID(int=number + 1 if number >= 0 else 2_000 - number)
    return Happening(key, kind, at, at, person, told, **more)


def crewed() -> list[Happening]:
    """Everybody takes a seat before noon."""
    return [
        Happening(
            UUID(int=900 + number),
            EventKind.ASSIGN,
            NOON - timedelta(hours=1),
            NOON - timedelta(hours=1),
            told={"person": person, "seat": seat.value},
        )
        for number, (person, seat) in enumerate(CREW.items())
    ]


def told(*steps: tuple[EventKind, str | None]) -> list[Happening]:
    """The crew takes its seats, and then steps follow each other."""
    return [*crewed(), *(happening(number, kind, person) for number, (kind, person) in enumerate(steps))]


E = EventKind
TO_DONE = (
    (E.DISPATCH, None),
    (E.ACCEPT, "MECH"),
    (E.DEPART, "MECH"),
    (E.ARRIVE, "MECH"),
    (E.LABOUR, "MECH"),
    (E.FINISH, "MECH"),
)


def test_a_job_goes_from_its_plan_to_its_release() -> None:
    steps = told(*TO_DONE, (E.INSPECT, "INSP"), (E.RELEASE, "SIGN"), (E.CLOSE, None))
    found = fold(Terms(inspection=True), steps)
    assert (found.state, found.faults) == (JobState.CLOSED, {})
    assert found.worked == {"MECH", "LEARN"}  # who sat there while the work went on, too


def test_nothing_is_released_without_certificate_signatory_and_inspection() -> None:
    for number, name in enumerate(CERTIFICATE):
        steps = [*told(*TO_DONE), happening(50 + number, E.RELEASE, "SIGN", told={name: ""})]
        found = fold(Terms(), steps)
        assert (found.state, set(found.faults.values())) == (JobState.DONE, {Fault.INCOMPLETE})
    for terms, person, fault in (
        (Terms(), "MECH", Fault.NOT_IN_CREW),
        (Terms(inspection=True), "SIGN", Fault.NOT_ALLOWED),
        (Terms(Ending.ADVISORY), "SIGN", Fault.NOT_ALLOWED),
    ):
        found = fold(terms, told(*TO_DONE, (E.RELEASE, person)))
        assert (found.state, set(found.faults.values())) == (JobState.DONE, {fault})


def test_advice_ends_with_the_operators_own_release() -> None:
    steps = told(*TO_DONE, (E.CLOSE_ADVISORY, "ADV"))
    assert fold(Terms(Ending.ADVISORY), steps).state is JobState.ADVISORY_CLOSED
    assert fold(Terms(Ending.RELEASE), steps).state is JobState.DONE
    silent = [*told(*TO_DONE), happening(50, E.CLOSE_ADVISORY, "ADV", told={"operator_release": None})]
    assert fold(Terms(Ending.ADVISORY), silent).state is JobState.DONE


def test_nobody_inspects_own_work() -> None:
    moved = [
        happening(20, E.UNASSIGN, told={"person": "MECH", "seat": "mechanic"}),
        happening(21, E.ASSIGN, told={"person": "MECH", "seat": "independent_inspector"}),
        happening(22, E.INSPECT, "MECH"),
    ]
    found = fold(Terms(inspection=True), [*told(*TO_DONE), *moved])
    assert (found.state, set(found.faults.values())) == (JobState.DONE, {Fault.OWN_INSPECTION})


@pytest.mark.parametrize("kind", sorted(HANDS_ON))
def test_who_worked_by_events_does_not_inspect_whatever_the_seat(kind: EventKind) -> None:
    also = Happening(
        UUID(int=950),
        E.ASSIGN,
        NOON - timedelta(hours=1),
        NOON,
        told={"person": "SIGN", "seat": "independent_inspector"},
    )
    did = happening(5, kind, "SIGN", told={"answer": {"step": 2, "text": "Seen"}})
    steps = [also, *told(*TO_DONE[:4]), did, happening(6, E.FINISH, "MECH"), happening(7, E.INSPECT, "SIGN")]
    found = fold(Terms(inspection=True, checklist=CHECKLIST[1:]), steps)
    assert "SIGN" in found.worked
    assert (found.state, found.faults[UUID(int=8)]) == (JobState.DONE, Fault.OWN_INSPECTION)


def test_without_a_mechanic_who_releases_did_the_work() -> None:
    seats = [one for one in crewed() if one.told["person"] in ("SIGN", "INSP")]
    steps = [happening(number, kind, person and "SIGN") for number, (kind, person) in enumerate(TO_DONE)]
    assert fold(Terms(inspection=True), [*seats, *steps]).worked == {"SIGN"}


def test_who_had_hands_on_the_job_did_work_also_when_taken_out_before_the_end() -> None:
    extra = {"person": "INSP", "seat": "mechanic"}
    during = [happening(4, E.ASSIGN, told=extra), happening(5, E.UNASSIGN, told=extra)]
    steps = [*told(*TO_DONE[:4]), *during, happening(6, E.FINISH, "MECH"), happening(7, E.INSPECT, "INSP")]
    assert set(fold(Terms(inspection=True), steps).faults.values()) == {Fault.OWN_INSPECTION}
    before = [happening(number - 30, one.kind, told=extra) for number, one in enumerate(during)]
    steps = [*told(*TO_DONE[:4]), *before, happening(6, E.FINISH, "MECH"), happening(7, E.INSPECT, "INSP")]
    assert fold(Terms(inspection=True), steps).state is JobState.INSPECTED


def test_nothing_is_booked_before_the_dispatch_and_after_the_release() -> None:
    steps = [
        *told(*TO_DONE, (E.RELEASE, "SIGN")),
        happening(-60, E.PART_ISSUED, "MECH"),
        happening(5, E.LABOUR, "MECH"),
    ]
    late = happening(8, E.PART_ISSUED, "MECH")
    found = fold(Terms(), [*steps, late])
    assert found.faults == {steps[-2].id: Fault.NOT_ALLOWED, late.id: Fault.NOT_ALLOWED}
    advice = [*told(*TO_DONE, (E.CLOSE_ADVISORY, "ADV")), late]
    assert fold(Terms(Ending.ADVISORY), advice).faults == {late.id: Fault.NOT_ALLOWED}


def test_work_lies_neither_in_the_future_nor_before_the_dispatch() -> None:
    def work(start: int, end: int) -> Fault | None:
        span = {name: (NOON + timedelta(minutes=at)).isoformat() for name, at in (("start", start), ("end", end))}
        one = happening(7, E.LABOUR, "MECH", told={"work": span})
        return fold(Terms(), [*told(*TO_DONE[:4]), one]).faults.get(one.id)

    assert work(4, 7) is work(-4, 12) is None  # the tolerance counts on both sides
    assert (work(4, 13), work(-6, 7)) == (Fault.IN_FUTURE, Fault.BEFORE_DISPATCH)


def test_a_clock_that_is_behind_answers_a_dispatch_just_after_it() -> None:
    sent = happening(0, E.DISPATCH)
    near = [happening(-4, E.ACCEPT, "MECH"), happening(-3, E.DEPART, "MECH"), happening(1, E.ARRIVE, "MECH")]
    found = fold(Terms(), [*crewed(), *near, sent])
    assert (found.state, found.faults) == (JobState.ON_SITE, {})
    assert found.order[-4:] == (sent.id, near[0].id, near[1].id, near[2].id)
    early = happening(-6, E.ACCEPT, "MECH")
    assert fold(Terms(), [*crewed(), early, sent]).faults == {early.id: Fault.NOT_ALLOWED}
    again = [sent, happening(1, E.ACCEPT, "MECH"), happening(2, E.RECALL), happening(3, E.DISPATCH)]
    assert fold(Terms(), [*crewed(), *again]).state is JobState.DISPATCHED  # it answered the first


def test_a_clock_that_is_fast_makes_nobody_elses_step_wrong() -> None:
    fast = [happening(4, E.ARRIVE, "MECH"), happening(8, E.FINISH, "MECH")]
    true = [happening(3, E.PAUSE, "ADV"), happening(5, E.RESUME, "ADV")]
    signed = [happening(6, E.INSPECT, "INSP"), happening(7, E.RELEASE, "SIGN")]
    found = fold(Terms(inspection=True), [*told(*TO_DONE[:2]), *fast, *true, *signed])
    assert (found.state, found.faults) == (JobState.RELEASED, {})
    early = happening(2, E.INSPECT, "INSP")
    assert fold(Terms(inspection=True), [*told(*TO_DONE[:2]), *fast, early]).faults == {early.id: Fault.NOT_ALLOWED}


def test_what_was_told_twice_is_no_early_step() -> None:
    back = [happening(6, E.REJECT, "INSP"), replace(happening(7, E.REJECT, "INSP"), person="INSP")]
    found = fold(Terms(), [*told(*TO_DONE), *back, happening(9, E.FINISH, "MECH")])
    assert (found.state, set(found.faults)) == (JobState.DONE, {back[1].id})
    again = [happening(3, E.ACCEPT, "SIGN"), happening(4, E.RECALL), happening(5, E.DISPATCH)]
    found = fold(Terms(), [*told(*TO_DONE[:2]), *again])
    assert (found.state, set(found.faults)) == (JobState.DISPATCHED, {again[0].id})


@pytest.mark.parametrize("turned", [False, True])
def test_of_one_instant_the_table_tells_the_order(turned: bool) -> None:
    steps = [(kind, person) for kind, person in (*TO_DONE, (E.RELEASE, "SIGN")) if kind is not E.DEPART]
    keys = range(1, len(steps) + 1)
    at_once = [
        replace(happening(1, kind, person), id=UUID(int=key))
        for (kind, person), key in zip(steps, reversed(keys) if turned else keys, strict=True)
    ]
    found = fold(Terms(), [*crewed(), *at_once])
    assert (found.state, found.faults) == (JobState.RELEASED, {})


def test_what_comes_in_late_undoes_no_signature() -> None:
    steps = told(*TO_DONE, (E.INSPECT, "INSP"), (E.RELEASE, "SIGN"), (E.CLOSE, None))
    terms = Terms(inspection=True)
    for number, kind, person in ((2, E.DECLINE, "MECH"), (4, E.LABOUR, "INSP"), (6, E.REJECT, "INSP")):
        late = happening(number, kind, person)
        late = replace(late, id=UUID(int=99), happened_at=late.happened_at - timedelta(seconds=15))
        assert fold(terms, [*steps, late]).state is not JobState.CLOSED
        assert undoing(terms, [*steps, late], {late.id}) == {late.id}
        found = fold(terms, [*steps, replace(late, behind=True)])
        assert (found.state, found.faults) == (JobState.CLOSED, {late.id: Fault.BEHIND_SIGNATURE})
    fine = replace(happening(4, E.LABOUR, "MECH"), id=UUID(int=98))
    assert undoing(terms, [*steps, fine], {fine.id}) == set()


def test_what_a_person_did_after_the_job_was_reassigned_does_not_count() -> None:
    gone = happening(2, E.UNASSIGN, told={"person": "MECH", "seat": "mechanic"})
    late = [happening(3, E.DEPART, "MECH"), happening(4, E.LABOUR, "MECH")]
    found = fold(Terms(), [*told(*TO_DONE[:2]), gone, *late])
    assert found.state is JobState.ACCEPTED
    assert found.faults == {one.id: Fault.NOT_IN_CREW for one in late}


def test_clocks_that_go_backward_or_ahead_are_found_and_may_be_waived() -> None:
    sent = happening(-30, E.DISPATCH)
    first = happening(0, E.LABOUR, "MECH", device="d", sequence=1)
    back = Happening(UUID(int=77), E.LABOUR, NOON - timedelta(minutes=10), NOON, "MECH", device="d", sequence=2)
    near = Happening(UUID(int=78), E.LABOUR, NOON - TOLERANCE, NOON, "MECH", device="d", sequence=3)
    ahead = Happening(UUID(int=79), E.LABOUR, NOON + timedelta(minutes=6), NOON, "MECH", device="d", sequence=0)
    events = [*crewed(), sent, first, back, near, ahead]
    assert fold(Terms(), events).faults == {back.id: Fault.CLOCK_BACKWARD, ahead.id: Fault.IN_FUTURE}
    waived = Happening(back.id, back.kind, back.happened_at, NOON, "MECH", device="d", sequence=2, waived=True)
    assert fold(Terms(), [*crewed(), sent, first, waived]).faults == {}


def test_the_table_has_one_step_from_each_state_by_each_event() -> None:
    assert len(STEPS) == len(TABLE)
    reached = {JobState.PLANNED}
    while more := {one.target for one in TABLE if one.origin in reached} - reached:
        reached |= more
    assert reached == set(JobState)
    assert {one.kind for one in TABLE} == set(EventKind) - ENTRIES - {E.ASSIGN, E.UNASSIGN}
    assert all((one.who is Who.OFFICE) == (one.kind in OFFICE) for one in TABLE)
    assert {one.origin for one in TABLE if one.target is JobState.RELEASED} == {JobState.DONE, JobState.INSPECTED}


@st.composite
def batches(draw: st.DrawFn) -> list[Happening]:
    """Events of a crew, whose clocks may be wrong, about a job that is reassigned meanwhile."""
    kinds = st.sampled_from(list(EventKind))
    made = []
    for number in range(draw(st.integers(0, 25))):
        kind = draw(kinds)
        person = draw(st.sampled_from(sorted(CREW)))
        at = NOON + timedelta(minutes=draw(st.integers(-30, 90)))
        seat = {"person": person, "seat": CREW[person].value}
        made.append(
            Happening(
                UUID(int=number + 1),
                kind,
                at,
                NOON + timedelta(minutes=60),
                None if kind in OFFICE else person,
                {
                    **(ANYTHING if draw(st.booleans()) else {}),
                    **seat,
                    "answer": {"step": 1, "done": draw(st.booleans())},
                },
                device=person,
                sequence=draw(st.none() | st.integers(0, 30)),
            )
        )
    return made


@settings(max_examples=300, deadline=None)
@given(batches(), st.randoms(use_true_random=False), st.sampled_from(list(Ending)), st.booleans())
def test_the_same_events_in_any_order_give_the_same_state(
    events: list[Happening], random: Any, ending: Ending, inspection: bool
) -> None:
    terms = Terms(ending, inspection, CHECKLIST)
    straight = fold(terms, [*crewed(), *events])
    shuffled = [*crewed(), *events]
    random.shuffle(shuffled)
    assert fold(terms, shuffled) == straight
    assert fold(terms, iter(shuffled)) == straight


def brought_up(terms: Terms, batches: Iterable[Iterable[Happening]]) -> list[Happening]:
    """Take batches in one after another, as a job is brought up: what would undo a signature waits."""
    known: list[Happening] = []
    for batch in batches:
        new = list(batch)
        known += new
        behind = undoing(terms, known, {one.id for one in new})
        known = [replace(one, behind=one.behind or one.id in behind) for one in known]
    return known


@settings(max_examples=300, deadline=None)
@given(batches(), st.randoms(use_true_random=False), st.sampled_from(list(Ending)), st.booleans())
def test_events_that_arrive_before_the_first_signature_do_so_in_any_order(
    events: list[Happening], random: Any, ending: Ending, inspection: bool
) -> None:
    terms = Terms(ending, inspection, CHECKLIST)
    signed = [one for one in events if one.kind in FINAL]
    before = [one for one in events if one.kind not in FINAL]
    straight = fold(terms, brought_up(terms, [[*crewed(), *before], signed]))
    random.shuffle(before)
    cut = random.randint(0, len(before))
    portions = [before[:cut], crewed(), before[cut:], signed]
    assert fold(terms, brought_up(terms, portions)) == straight == fold(terms, [*crewed(), *events])


@settings(max_examples=300, deadline=None)
@given(batches(), st.sampled_from(list(Ending)), st.booleans())
def test_no_event_that_arrives_undoes_a_signature(events: list[Happening], ending: Ending, inspection: bool) -> None:
    terms = Terms(ending, inspection, CHECKLIST)
    steps = [
        *told(
            *TO_DONE[:5],
            (E.STEP_ANSWERED, "MECH"),
            TO_DONE[5],
            (E.INSPECT, "INSP"),
            (E.RELEASE, "SIGN"),
            (E.CLOSE_ADVISORY, "ADV"),
        )
    ]
    late = [replace(one, id=UUID(int=500 + number)) for number, one in enumerate(events) if one.kind is not E.REOPEN]
    standing = fold(terms, steps)
    finals = {one.id for one in steps if one.kind in FINAL} - standing.faults.keys()
    found = fold(terms, brought_up(terms, [steps, *([one] for one in late)]))
    assert not finals & found.faults.keys()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(EventKind)), st.sampled_from(sorted(CREW)), st.integers(0, 40))),
    st.sampled_from(list(Ending)),
)
def test_no_event_that_arrives_undoes_a_step_of_the_office(
    arriving: list[tuple[EventKind, str, int]], ending: Ending
) -> None:
    terms, known = Terms(ending, checklist=CHECKLIST), [*told(*TO_DONE[:2])]
    for number, (kind, person, back) in enumerate(arriving, 10):
        now = NOON + timedelta(minutes=number * 3)
        ago = timedelta() if kind in OFFICE else timedelta(minutes=back)
        seat = {"person": person, "seat": CREW[person].value}
        by = None if kind in OFFICE else person
        more = seat | {"answer": {"step": 1, "done": back % 2 == 0}}
        one = Happening(UUID(int=number), kind, now - ago, now, by, ANYTHING | more)
        tried = brought_up(terms, [known, [one]])
        if kind in OFFICE and one.id in fold(terms, tried).faults:
            continue  # the office is refused what is no step
        known = tried
    faults = fold(terms, known).faults
    assert not [one for one in known if one.kind in OFFICE and one.id in faults]


def test_the_last_that_came_in_late_gives_way_to_a_step_of_the_office() -> None:
    steps = [*told(*TO_DONE[:2]), happening(10, E.RECALL)]
    came = NOON + timedelta(minutes=60)
    late = [
        replace(happening(number, kind, "MECH"), recorded_at=came)
        for number, kind in enumerate((E.DEPART, E.ARRIVE, E.LABOUR, E.PAUSE, E.RESUME), 3)
    ]
    found = fold(Terms(), [*steps, *late])
    assert (found.state, found.faults) == (JobState.PLANNED, {late[-1].id: Fault.BEHIND_OFFICE})
    without = fold(Terms(), [*steps, *late[:3]])
    assert without.faults == {late[1].id: Fault.BEHIND_OFFICE}
    waived = replace(late[1], recorded_at=NOON, since=came, waived=True)
    assert fold(Terms(), [*steps, late[0], waived]).faults == {waived.id: Fault.BEHIND_OFFICE}
    known = [replace(one, recorded_at=NOON) for one in late[:2]]
    assert fold(Terms(), [*steps, *known]).faults == {steps[-1].id: Fault.NOT_ALLOWED}  # no step from where it was


def walked(terms: Terms, events: Iterable[Happening], order: Iterable[UUID]) -> JobState:
    """Follow the events in force through the table by hand; raises where one is not in it."""
    state = JobState.PLANNED
    known = {one.id: one for one in events}
    for one in (known[key] for key in order):
        if one.kind not in ENTRIES | {E.ASSIGN, E.UNASSIGN}:
            step = next(row for row in TABLE if (row.origin, row.kind) == (state, one.kind) and row.open_to(terms))
            state = step.target
    return state


@settings(max_examples=300, deadline=None)
@given(batches(), st.sampled_from(list(Ending)), st.booleans())
def test_no_step_is_taken_outside_the_table(events: list[Happening], ending: Ending, inspection: bool) -> None:
    terms, everything = Terms(ending, inspection, CHECKLIST), [*crewed(), *events]
    found = fold(terms, everything)
    assert walked(terms, everything, found.order) is found.state
    assert {*found.faults, *found.order} == {one.id for one in everything}
    assert len(found.faults) + len(found.order) == len({one.id for one in everything})


class Lifecycle(RuleBasedStateMachine):
    """Sends events one after another, some of them late, and looks at the job after each."""

    def __init__(self) -> None:
        super().__init__()
        self.terms = Terms(inspection=True)
        self.events = crewed()
        self.minute = 0

    @rule(kind=st.sampled_from(list(EventKind)), person=st.sampled_from(sorted(CREW)), minutes=st.integers(0, 3))
    def send(self, kind: EventKind, person: str, minutes: int) -> None:
        """Something happens now, or a little later."""
        self.minute += minutes
        number = len(self.events)
        at = NOON + timedelta(minutes=self.minute)
        seat = {"person": person, "seat": CREW[person].value}
        by = None if kind in OFFICE else person
        self.events.append(
            Happening(UUID(int=number), kind, at, at, by, ANYTHING | seat, device=person, sequence=number)
        )

    @rule(minutes=st.integers(6, 30))
    @precondition(lambda self: len(self.events) > len(CREW))
    def send_late(self, minutes: int) -> None:
        """What a device held back comes in now; its own clock went on."""
        number = len(self.events)
        now = NOON + timedelta(minutes=self.minute)
        self.events.append(
            Happening(UUID(int=number), E.LABOUR, now - timedelta(minutes=minutes), now, "MECH", device="late")
        )

    @invariant()
    def is_where_the_table_leads(self) -> None:
        """No step outside the table, and none back in time on one device."""
        found = fold(self.terms, self.events)
        assert walked(self.terms, self.events, found.order) is found.state
        latest: dict[str, datetime] = {}
        for one in self.events:
            if one.sequence is not None and one.id not in found.faults:
                assert one.happened_at >= latest.get(one.device, one.happened_at) - TOLERANCE
                latest[one.device] = max(latest.get(one.device, one.happened_at), one.happened_at)

    @invariant()
    def is_released_only_after_an_inspection_by_another(self) -> None:
        """A release in force has an inspection before it by somebody who did no work."""
        found = fold(self.terms, self.events)
        known = {one.id: one for one in self.events}
        in_force = [known[key] for key in found.order]
        for position, one in enumerate(in_force):
            if one.kind is E.RELEASE:
                inspectors = [before.person for before in in_force[:position] if before.kind is E.INSPECT]
                assert inspectors
                assert one.person == "SIGN"


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("step", TABLE, ids=lambda step: f"{step.origin}-{step.kind}")
def test_each_step_is_refused_to_who_may_not_take_it(step: Any) -> None:
    who = {Who.WORKER: "LEARN", Who.INSPECTOR: "MECH", Who.SIGNATORY: "MECH"}.get(step.who)
    terms = Terms(next(iter(sorted(step.endings))), bool(step.inspection))
    if step.who is Who.OFFICE:
        return
    found = fold(terms, [*crewed(), happening(1, step.kind, who)], start=step.origin)
    assert set(found.faults.values()) == {Fault.NOT_IN_CREW}
