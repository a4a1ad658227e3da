"""Reasons are true, for stories with one cause each and for random problems, by trying every second."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest

from optimizer.dispatch.first import explain
from optimizer.dispatch.first.explain import Alternative, explain_assignment
from optimizer.dispatch.first.model import Job, Problem, Validity
from optimizer.dispatch.first.solve import solve
from optimizer.run import Limit, Reason
from tests.optimizer.dispatch.first.brute import Order, Rules
from tests.optimizer.dispatch.first.obstacles import Miss, extra_cost, obstacle, parts_miss
from tests.optimizer.dispatch.first.worlds import ALWAYS, DAY_S, FAR, HOUR_S, NEAR, job, technician, tiny, tours, world

CODES = set(re.findall(r"`(\w+)` \((?:None|days|minutes|money)\)", explain.__doc__ or ""))


def reasons_of(problem: Problem, number: str = "J1") -> tuple[Reason, ...]:
    return {line.job: line.reasons for line in solve(problem, limit=Limit(iterations=20)).unassigned}[number]


def test_no_technician() -> None:
    assert reasons_of(world(job(), technicians=())) == (Reason("no_technician"),)


def test_no_technician_holds_a_qualification() -> None:
    people = (technician("T1", qualifications={"X": ALWAYS}), technician("T2", qualifications={"V": ()}))
    wanted = job(needs=("X", "Z", "V"))
    assert reasons_of(world(wanted, technicians=people)) == (
        Reason("no_qualified_technician", None, {"qualifications": "V, Z"}),
    )


def test_no_technician_holds_all_qualifications_together() -> None:
    people = (technician("T1", qualifications={"X": ALWAYS}), technician("T2", qualifications={"Y": ALWAYS}))
    assert reasons_of(world(job(needs=("Y", "X")), technicians=people)) == (
        Reason("no_qualified_technician", None, {"qualifications": "X, Y"}),
    )


def test_the_only_technician_lacks_a_qualification() -> None:
    people = (technician("T1", qualifications={"X": ALWAYS}),)
    assert reasons_of(world(job(needs=("X", "Y")), technicians=people)) == (
        Reason("no_qualified_technician", None, {"qualifications": "Y"}),
    )


@pytest.mark.parametrize(
    ("validities", "missing_s"),
    [
        ([(0, 9 * HOUR_S)], HOUR_S + 1),
        ([(13 * HOUR_S, 40 * HOUR_S)], HOUR_S),
        ([(9 * HOUR_S, 10 * HOUR_S)], HOUR_S + 1),
        ([(0, 7 * HOUR_S), (14 * HOUR_S, 40 * HOUR_S)], 2 * HOUR_S),
        ([(0, 9 * HOUR_S), (9 * HOUR_S, 10 * HOUR_S)], 1),
        ([(8 * HOUR_S, 10 * HOUR_S), (0, 9 * HOUR_S)], 1),
    ],
)
def test_a_qualification_expired_by_days(validities: list[tuple[int, int]], missing_s: int) -> None:
    held = tuple(Validity(*span) for span in validities)
    problem = world(job(needs=("X",), window_h=(8, 12)), technicians=(technician(qualifications={"X": held}),))
    assert_same(reasons_of(problem), [("qualification_expired", missing_s / DAY_S)])


def test_qualifications_never_held_together_miss_by_no_amount() -> None:
    held = {"X": (Validity(0, 9 * HOUR_S),), "Y": (Validity(9 * HOUR_S, 48 * HOUR_S),)}
    problem = world(job(needs=("X", "Y")), technicians=(technician(qualifications=held),))
    assert reasons_of(problem) == (Reason("qualification_expired", None),)


def test_the_technician_nearest_to_being_qualified_counts() -> None:
    people = (
        technician("T1", qualifications={"X": (Validity(0, 9 * HOUR_S),)}),
        technician("T2", qualifications={"X": (Validity(0, 9 * HOUR_S + 1_801),)}),
        technician("T3"),
    )
    problem = world(job(needs=("X",), window_h=(8, 12)), technicians=people)
    assert_same(reasons_of(problem), [("qualification_expired", 1_800 / DAY_S)])


@pytest.mark.parametrize(
    ("wanted", "minutes"),
    [
        (job(duration_h=10), 120),
        (job(duration_h=8.25, window_h=(8, 40)), 15),
        (job(window_h=(15, 30)), 60),
        (job(window_h=(2, 6.5), duration_h=2), 90),
        (job(window_h=(17, 30), duration_h=2), 120),
        (job(window_h=(0, 30), parts_ready_h=15), 60),
    ],
)
def test_outside_shifts_by_minutes(wanted: Job, minutes: float) -> None:
    assert reasons_of(world(wanted)) == (Reason("outside_shifts", minutes),)


def test_a_qualification_that_holds_only_off_duty_has_expired() -> None:
    people = (technician(qualifications={"X": (Validity(0, 9 * HOUR_S + 1), Validity(17 * HOUR_S, 30 * HOUR_S))}),)
    problem = world(job(needs=("X",)), technicians=people)
    assert_same(reasons_of(problem), [("qualification_expired", HOUR_S / DAY_S)])


def test_a_shift_just_long_enough_leaves_the_qualification_to_blame() -> None:
    people = (technician(qualifications={"X": (Validity(0, 9 * HOUR_S),)}),)
    problem = world(job(needs=("X",), duration_h=8), technicians=people)
    assert_same(reasons_of(problem), [("qualification_expired", (7 * HOUR_S + 1) / DAY_S)])


def test_a_technician_without_shifts_misses_by_the_whole_job() -> None:
    assert reasons_of(world(job(), technicians=(technician(duties=()),))) == (Reason("outside_shifts", 120),)


def test_only_shifts_of_qualified_technicians_count() -> None:
    people = (technician("T1", duties=((8, 9),), qualifications={"X": ALWAYS}), technician("T2"))
    assert reasons_of(world(job(needs=("X",)), technicians=people)) == (Reason("outside_shifts", 60),)


def test_travel_too_long_by_minutes() -> None:
    assert reasons_of(world(job(place=FAR, window_h=(0, 10)))) == (Reason("travel_too_long", 120),)


def test_travel_too_long_counts_time_on_duty_only() -> None:
    people = (technician(duties=((8, 10), (32, 40))),)
    assert reasons_of(world(job(place=FAR, window_h=(0, 33)), technicians=people)) == (Reason("travel_too_long", 60),)


def test_a_technician_is_busy_by_minutes() -> None:
    dear = job("J2", window_h=(9, 9), unserved_penalty=9_000.0)
    assert reasons_of(world(job(window_h=(0, 10)), dear)) == (Reason("technicians_busy", 60),)


def test_a_job_that_keeps_others_from_being_done_is_left_out_as_busy() -> None:
    dear = job("J2", place=FAR, window_h=(12, 12.5), unserved_penalty=9_000.0)
    assert reasons_of(world(job(duration_h=1), dear)) == (Reason("technicians_busy", 30),)


def test_a_job_dearer_than_its_penalty() -> None:
    cost = 4 * 30 + 2 * 5
    assert reasons_of(world(job(unserved_penalty=10.0))) == (Reason("costs_more_than_penalty", cost - 10),)


def test_lateness_counts_against_the_penalty() -> None:
    cost = 4 * 30 + 2 * 5 + 3 * 100
    late = job(due_h=8, lateness_cost_per_h=100.0, unserved_penalty=400.0)
    assert_same(reasons_of(world(late)), [("costs_more_than_penalty", cost - 400)])


def test_parts_that_never_come() -> None:
    assert reasons_of(world(job(parts_ready_h=None))) == (Reason("parts_unavailable"),)


def test_parts_late_by_minutes() -> None:
    assert reasons_of(world(job(window_h=(0, 12), parts_ready_h=14))) == (Reason("parts_late", 120),)


def test_parts_stand_beside_another_reason() -> None:
    reasons = reasons_of(world(job(needs=("X",), window_h=(0, 12), parts_ready_h=14)))
    assert [reason.code for reason in reasons] == ["parts_late", "no_qualified_technician"]


def orders_of(problem: Problem, done: dict[str, list[str]]) -> list[Order]:
    index = {job.number: number for number, job in enumerate(problem.jobs)}
    return [tuple(index[number] for number in done.get(person.code, ())) for person in problem.technicians]


def assert_same(reasons: Sequence[Reason], misses: Sequence[Miss]) -> None:
    assert [reason.code for reason in reasons] == [code for code, _ in misses]
    for reason, (_, amount) in zip(reasons, misses, strict=True):
        assert reason.misses_by == (None if amount is None else pytest.approx(amount, abs=1e-9))


def test_reasons_of_random_problems_are_those_that_the_rules_give() -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        problem = tiny(Random(seed), most_jobs=12)
        plan = solve(problem, limit=Limit(iterations=10))
        rules, orders = Rules(problem), orders_of(problem, tours(plan))
        for line in plan.unassigned:
            number = next(at for at, job in enumerate(problem.jobs) if job.number == line.job)
            miss = obstacle(rules, orders, number, range(len(orders)))
            assert_same(line.reasons, [*parts_miss(problem.jobs[number]), *([miss] if miss else [])])
            for reason in line.reasons:
                seen[reason.code] += 1
                assert reason.misses_by is None or reason.misses_by > -1e-9
    assert min(seen.values()) >= 10, seen
    assert set(seen) == CODES - {"no_technician", "not_permitted"}


def test_what_another_technician_would_cost_is_the_difference_between_two_plans() -> None:
    able = 0
    for seed in range(150):
        problem = tiny(Random(seed), most_jobs=8)
        plan = solve(problem, limit=Limit(iterations=10))
        rules, done = Rules(problem), tours(plan)
        orders = orders_of(problem, done)
        for chosen, order in enumerate(orders):
            for number in order:
                found = explain_assignment(problem, done, problem.jobs[number].number)
                without = rules.cost(chosen, tuple(other for other in order if other != number))
                if without is not None:
                    able += assert_true(rules, orders, chosen, number, found, without)
    assert able > 100


def assert_true(
    rules: Rules, orders: list[Order], chosen: int, number: int, found: Sequence[Alternative], without: float
) -> int:
    """Compare alternatives with the plans that they stand for; return how many technicians could do the job."""
    people = {person.code: who for who, person in enumerate(rules.problem.technicians) if who != chosen}
    assert {one.technician for one in found} == set(people)
    costs = [one.extra_cost for one in found if one.extra_cost is not None]
    assert costs == sorted(costs)
    assert [one.extra_cost for one in found[len(costs) :]] == [None] * (len(found) - len(costs))
    with_it = rules.cost(chosen, orders[chosen])
    assert with_it is not None
    for one in found:
        who = people[one.technician]
        extra = extra_cost(rules, who, orders[who], number)
        if extra is None:
            assert one.extra_cost is None
            miss = obstacle(rules, orders, number, [who])
            assert miss
            assert_same(one.reasons, [miss])
        else:
            assert one.extra_cost == pytest.approx(extra + without - with_it, abs=1e-9)
            assert one.reasons == ()
    return len(costs)


def test_an_alternative_by_hand() -> None:
    people = (technician("T1"), technician("T2", base=NEAR, cost_per_h=50.0), technician("T3", duties=((8, 9),)))
    problem = world(job(), technicians=people)
    assert explain_assignment(problem, {"T1": ["J1"]}, "J1") == (
        Alternative("T2", 2 * 50 - (4 * 30 + 2 * 5), ()),
        Alternative("T3", None, (Reason("outside_shifts", 60),)),
    )


@pytest.mark.parametrize("number", ["J2", "J9"])
def test_a_job_that_nobody_does_has_no_alternatives(number: str) -> None:
    with pytest.raises(ValueError, match=f"{number} is not assigned"):
        explain_assignment(world(job(), job("J2")), {"T1": ["J1"]}, number)


def test_tours_that_break_a_rule_are_refused() -> None:
    problem = world(job(place=FAR, duration_h=4), job("J2", duration_h=4))
    with pytest.raises(ValueError, match="T1 does not fit"):
        explain_assignment(problem, {"T1": ["J1", "J2"]}, "J1")
