"""Where parts come from: the kit, also behind a depot stop, and the depot as long as it has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from optimizer.dispatch.building.supply import Holders, modes_of
from optimizer.dispatch.check import check
from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import PartNeed
from optimizer.dispatch.model import Depot, Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.routing import solve as routing
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Technician, Window
from optimizer.run import Limit
from tests.optimizer.dispatch.worlds import NEAR, STORE, job, shift, technician, world

LIMIT = Limit(iterations=200)
P, R = PartNeed(("p",)), PartNeed(("r",))


def sources(plan: Plan) -> list[tuple[str, str, str]]:
    """Return job, part and source of all that is taken, in the order of the tours."""
    stops = (stop for route in plan.routes for stop in route.stops if stop.kind is StopKind.JOB)
    return [(stop.name, taken.part, taken.source) for stop in stops for taken in stop.parts]


def test_the_kit_is_there_behind_a_depot_stop_as_well() -> None:
    """The depot has r and no p any more, the kit has p: one stop, and both."""
    store = Depot("D", STORE, {"r": 1, "p": 0})
    problem = world(job("J", NEAR, 4, parts=(P, R), load=0.5), people=[technician(parts={"p": 1})], depots=(store,))
    plan = solve(problem, limit=LIMIT)
    assert (plan.objective, check(problem, plan)) == (16, [])
    assert sources(plan) == [("J", "p", "kit"), ("J", "r", "D")]
    assert solve(problem, limit=LIMIT, start=plan).objective == 16


def test_a_finite_stock_is_used_up_by_none_who_has_the_part_in_the_kit() -> None:
    """Two jobs, one piece in the kit and one at the depot: a stop there before both, and one piece for each."""
    problem = world(
        *(job(number, NEAR, 4, parts=(P,), load=0.5) for number in "JK"),
        people=[technician(parts={"p": 1})],
        depots=(Depot("D", STORE, {"p": 1}),),
    )
    plan = solve(problem, limit=LIMIT)
    assert (plan.objective, check(problem, plan)) == (20, [])
    assert sorted(source for _, _, source in sources(plan)) == ["D", "kit"]


def test_two_needs_of_one_part_may_come_from_two_places() -> None:
    """One job needs p twice; kit and depot have one each."""
    problem = world(
        job("J", NEAR, 4, parts=(P, P), load=0.5),
        people=[technician(parts={"p": 1})],
        depots=(Depot("D", STORE, {"p": 1}),),
    )
    plan = solve(problem, limit=LIMIT)
    assert (plan.objective, check(problem, plan)) == (16, [])
    assert sorted(source for _, _, source in sources(plan)) == ["D", "kit"]


def test_a_part_in_the_kit_is_kept_for_another_shift() -> None:
    """The depot, visited for r, has p as well; the kit's p saves the later shift a way to the depot."""
    people = [technician("A", shift(0, 14), shift(20, 28), parts={"p": 1})]
    problem = world(
        job("J", NEAR, 4, parts=(P, R), load=0.5),
        job("K", NEAR, 4, parts=(P,), windows=(Window(20, 30),), load=0.5),
        people=people,
        depots=(Depot("D", STORE, {"p": 1, "r": 1}),),
    )
    plan = solve(problem, limit=LIMIT)
    assert (plan.objective, check(problem, plan)) == (28, [])


def test_what_is_missing_is_told_from_kit_and_depot_together() -> None:
    """Three needs of p, and two pieces: one is missing, not two."""
    problem = world(
        job("J", NEAR, 4, parts=(P, P, P)),
        people=[technician(parts={"p": 1})],
        depots=(Depot("D", STORE, {"p": 1}),),
    )
    (out,) = explained(problem, solve(problem, limit=LIMIT)).left_out
    assert [(reason.code, reason.misses_by) for reason in out.reasons] == [("parts_unavailable", 1)]


def test_the_second_solver_has_the_kit_where_the_depot_has_run_out() -> None:
    """The depot keeps p and has none left: it comes from the kit, r from the depot."""
    problem = world(
        job("J", NEAR, 4, parts=(P, R)),
        people=[technician(parts={"p": 1})],
        depots=(Depot("D", STORE, {"r": 1, "p": 0}),),
    )
    plan = routing.solve(problem, limit=Limit(iterations=20))
    assert (plan.objective, check(problem, plan)) == (16, [])


def seven(who: Sequence[Technician], **changes: Any) -> Problem:
    """A job with seven needs, each of which has an alternate."""
    needs = tuple(PartNeed((f"p{at}", f"a{at}"), alternate_cost=1) for at in range(7))
    return world(job("J", parts=needs), people=who, **changes)


ALTERNATES = {f"a{at}": 1.0 for at in range(7)}
FIRSTS = {f"p{at}": 1.0 for at in range(7)}


def test_who_has_all_the_alternates_does_the_job_however_many_ways_there_are_to_mix_them() -> None:
    """Of 128 combinations A has one, the dearest; B, who has the parts that are preferred, cannot come."""
    problem = seven([technician("A", parts=ALTERNATES), technician("B", shift(0, 1), parts=FIRSTS)])
    plan = solve(problem, limit=LIMIT)
    assert (plan.objective, check(problem, plan)) == (12 + 7, [])
    assert routing.solve(problem, limit=Limit(iterations=20)).objective == 12 + 7


def test_the_cheapest_mix_of_kit_and_depot_is_found() -> None:
    """The kit has all alternates and the depot the first three parts: four alternates, and a detour of four."""
    store = Depot("D", STORE, {f"p{at}": 1.0 for at in range(3)})
    problem = seven([technician("A", parts=ALTERNATES)], depots=(store,))
    assert solve(problem, limit=LIMIT).objective == 12 + 7
    dear = replace(
        problem,
        jobs=(
            replace(problem.jobs[0], parts=tuple(replace(need, alternate_cost=2) for need in problem.jobs[0].parts)),
        ),
    )
    assert solve(dear, limit=LIMIT).objective == 12 + 4 + 8


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.integers(0, 2**18 - 1))
def test_each_holder_has_its_cheapest_way_among_those_looked_at(prices: list[int], drawn: int) -> None:
    """Whatever kits and depots hold: of few ways the cheapest that one of them suffices for is the cheapest of all."""
    needs = [PartNeed((f"p{at}", f"a{at}"), alternate_cost=price) for at, price in enumerate(prices)]
    bits = iter(f"{drawn:018b}" * 2)
    kits = [{part: 1.0 for need in needs for part in need.parts if next(bits) == "1"} for _ in range(3)]
    people = [technician(code, parts=kit) for code, kit in zip("AB", kits[:2], strict=True)]
    holders = Holders(world(people=people, depots=(Depot("D", STORE, kits[2]),)))
    few, every = modes_of(needs, holders, 1), modes_of(needs, holders, 10_000)
    for one in holders.all:
        best = [min((mode.cost for mode in ways if one.suffices(mode)), default=None) for ways in (few, every)]
        assert best[0] == best[1]
