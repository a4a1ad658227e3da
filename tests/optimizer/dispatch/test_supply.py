"""Where parts come from: the kit, also behind a depot stop, and the depot as long as it has them."""

from __future__ import annotations

from optimizer.dispatch.check import check
from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import PartNeed
from optimizer.dispatch.model import Depot
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.routing import solve as routing
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Window
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
