"""Solutions are judged by the published rules."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.dispatch.evaluate import Tour, Visit, evaluate
from benchmarks.dispatch.instances import Instance
from benchmarks.dispatch.readers import collect, read
from tests.benchmarks.dispatch.tiny import TRSP, published, write


def instance(folder: Path, *names: str) -> Instance:
    return read(write(folder, *names))[0]


def tour(resource: str, *stops: str) -> Tour:
    """A tour over jobs, and the depot 0."""
    return Tour(resource, tuple(Visit("depot" if stop == "0" else "job", stop) for stop in stops))


def at(resource: str, *stops: tuple[str, str | None, float]) -> Tour:
    """A tour of (id, service, start)."""
    return Tour(resource, tuple(Visit("job", name, service, start) for name, service, start in stops))


def test_a_route_costs_its_distance_cut_after_the_first_decimal(tmp_path: Path) -> None:
    one = instance(tmp_path, "vrptw")
    told = evaluate(one, [tour("1", "1"), tour("2", "2", "3")])
    assert told.feasible
    assert told.value == pytest.approx(2 * 1.4 + 5 + 3.1 + 5)


@pytest.mark.parametrize(
    ("tours", "fault"),
    [
        ([tour("1", "1", "2", "3")], "carries more"),
        ([tour("1", "1"), tour("2", "2")], "3 is done 0 times"),
        ([tour("1", "1", "2"), tour("2", "2", "3")], "2 is done 2 times"),
        ([tour("1", "1"), tour("2", "2"), tour("3", "3")], "vehicles"),
        ([tour("1", "1"), tour("1", "2", "3")], "2 routes"),
        ([tour("1", "1"), tour("2", "2", "3", "9")], "9 is unknown"),
        ([at("1", ("1", None, 1.0)), tour("2", "2", "3")], "can begin at 10"),
        ([at("1", ("1", None, 21.0)), tour("2", "2", "3")], "later than 20"),
    ],
)
def test_a_routing_rule_that_is_broken_is_told(tmp_path: Path, tours: list[Tour], fault: str) -> None:
    told = evaluate(instance(tmp_path, "vrptw"), tours)
    assert any(fault in one for one in told.faults), told.faults


def test_working_time_counts_from_the_latest_useful_departure(tmp_path: Path) -> None:
    one = instance(tmp_path, "trsp")
    told = evaluate(one, [tour("1", "3", "0", "4"), tour("2", "5")])
    assert told.feasible
    home = 10.44030650891055  # from request 4 at (3, 0) to the home at (0, 10)
    assert told.value == pytest.approx((2 + 5 + 12 + 3 + 5 + home) + (4 + 5 + 4))


def test_waiting_is_working_time_only_where_it_cannot_be_avoided(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "trsp")
    path.write_text(
        TRSP.replace("12    20     30", "12    40     50").replace("3     0     0      100", "3     0     0      15")
    )
    (one,) = read([path])
    told = evaluate(one, [tour("1", "0", "4", "3"), tour("2", "5")])
    assert told.feasible
    # leaves at 2 for the depot to begin 4 at 15 at the latest, and is back from 3 at 47
    assert told.value == pytest.approx((47 - 2) + 13)


@pytest.mark.parametrize(
    ("tours", "fault"),
    [
        ([tour("1", "3", "4"), tour("2", "5")], "lacks a tool for 4"),
        ([tour("1", "3"), tour("2", "4", "5")], "no part left for 4"),
        ([tour("1", "3", "0", "4", "5")], "lacks a skill for 5"),
        ([tour("1", "3"), tour("2", "5")], "4 is done 0 times"),
        ([tour("1", "0", "4", "3", "3"), tour("2", "5")], "3 is done 2 times"),
    ],
)
def test_a_technician_rule_that_is_broken_is_told(tmp_path: Path, tours: list[Tour], fault: str) -> None:
    told = evaluate(instance(tmp_path, "trsp"), tours)
    assert any(fault in one for one in told.faults), told.faults


def test_care_costs_a_third_of_distance_tardiness_and_worst_tardiness(tmp_path: Path) -> None:
    one = instance(tmp_path, "hhcrsp")
    told = evaluate(one, [at("c1", ("p2", "s1", 6), ("p1", "s1", 14)), at("c2", ("p2", "s2", 8))])
    assert told.feasible
    assert told.value == pytest.approx((6 + 3 + 3 + 12 + (4 + 2) + 4) / 3)


@pytest.mark.parametrize(
    ("tours", "fault"),
    [
        ([at("c1", ("p2", "s1", 6), ("p1", "s1", 14)), at("c2", ("p2", "s2", 7))], "starts 1"),
        ([at("c1", ("p2", "s1", 6), ("p1", "s1", 14)), at("c2", ("p2", "s2", 11))], "starts 5"),
        ([at("c1", ("p2", "s1", 5), ("p1", "s1", 14)), at("c2", ("p2", "s2", 8))], "as early as 5"),
        ([at("c1", ("p2", "s1", 6), ("p1", "s1", 14))], "p2 s2 is done 0 times"),
        ([at("c1", ("p2", "s1", 6), ("p2", "s2", 11), ("p1", "s1", 20))], "does both"),
        ([at("c2", ("p2", "s1", 6)), at("c1", ("p2", "s2", 8), ("p1", "s1", 16))], "cannot do s1"),
    ],
)
def test_a_care_rule_that_is_broken_is_told(tmp_path: Path, tours: list[Tour], fault: str) -> None:
    told = evaluate(instance(tmp_path, "hhcrsp"), tours)
    assert any(fault in one for one in told.faults), told.faults


def test_a_team_covers_its_task_and_what_nobody_does_is_outsourced(tmp_path: Path) -> None:
    one = instance(tmp_path, "tasks", "crew")
    told = evaluate(one, [at("1", ("2", None, 6)), at("2", ("2", None, 6))])
    assert told.feasible
    assert told.value == pytest.approx(2 * 10 + 200 + 4**1.5)


@pytest.mark.parametrize(
    ("tours", "fault"),
    [
        ([at("2", ("2", None, 6)), at("3", ("2", None, 6))], "fewer than 1 of level 2 in domain 1"),
        ([at("1", ("2", None, 6)), at("2", ("2", None, 7))], "start together"),
        ([at("1", ("2", None, 6), ("2", None, 20)), at("2", ("2", None, 6))], "twice"),
        ([at("9", ("2", None, 6))], "unknown"),
    ],
)
def test_a_team_rule_that_is_broken_is_told(tmp_path: Path, tours: list[Tour], fault: str) -> None:
    told = evaluate(instance(tmp_path, "tasks", "crew"), tours)
    assert any(fault in one for one in told.faults), told.faults


def published_tours(routes: str) -> list[Tour]:
    """Read `<home,...,end|...>`, where depot visits have the numbers from 151 on."""
    tours = []
    for route in filter(None, routes.strip("<>").split("|")):
        home, *stops, _ = route.split(",")
        tours.append(tour(home, *("0" if int(stop) > 150 else stop for stop in stops)))
    return tours


@pytest.mark.parametrize("table", ["published_solutions.csv", "improved_solutions.csv"])
def test_published_technician_routes_are_worth_what_was_published(table: str) -> None:
    folder = published() / "trsp"
    instances = {one.name: one for one in read(collect(folder))}
    with (folder / table).open(newline="") as file:
        for row in csv.DictReader(file):
            told = evaluate(instances[row["instance"]], published_tours(row["routes"]))
            assert told.faults == ()
            assert told.value == pytest.approx(float(row["value"]), abs=1e-4)


def test_published_care_routes_are_worth_what_was_published() -> None:
    folder = published() / "hhcrsp"
    for one in read(collect(folder)):
        routes = json.loads((folder / "bks_solutions" / f"{one.name}.sol.json").read_text())["routes"]
        tours = [
            at(
                route["caregiver_id"],
                *((stop["patient"], stop["service"], stop["arrival_time"]) for stop in route.get("locations") or ()),
            )
            for route in routes
        ]
        told = evaluate(one, tours, tolerance=2e-3)  # the files give three decimals
        assert told.faults == ()
        assert told.value == pytest.approx(one.bks, abs=1e-2)
        assert not evaluate(one, [replace(route, visits=route.visits[1:]) for route in tours]).feasible
