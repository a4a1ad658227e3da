"""An instance as a problem of the engine has the instance's rules."""

from __future__ import annotations

import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.dispatch.problems import problem, seats_of
from benchmarks.dispatch.readers import collect, read
from optimizer.dispatch.model import Problem
from tests.benchmarks.dispatch.tiny import published, write


def built(folder: Path, *names: str) -> Problem:
    return problem(read(write(folder, *names))[0])


def test_a_routing_instance(tmp_path: Path) -> None:
    told = built(tmp_path, "vrptw")
    assert [one.code for one in told.technicians] == ["1", "2"]
    assert {one.capacity for one in told.technicians} == {10}
    assert {one.pay.per_h for one in told.technicians} == {0}
    assert told.travel["road"].seconds[0, 1] == told.travel["road"].cost[0, 1] == 1.4
    assert all(job.mandatory for job in told.jobs)
    assert (told.jobs[0].windows[0].from_s, told.jobs[0].windows[0].until_s, told.jobs[0].load) == (10, 20, 6)


def test_a_technician_instance(tmp_path: Path) -> None:
    told = built(tmp_path, "trsp")
    first, second = told.technicians
    assert (first.shifts[0].start_place, second.shifts[0].end_place) == (1, 2)
    assert first.pay.per_h == 3600
    assert first.parts == {"part 0": 1}
    assert second.tools == {"tool 0"}
    assert told.travel["road"].cost.sum() == 0
    assert told.depots[0].tools == {"tool 0"}
    assert set(told.depots[0].stock.values()) == {math.inf}
    need = told.jobs[1]
    assert (need.number, need.place) == ("4", 4)
    assert need.tools == {"tool 0"}
    assert [(part.parts, part.quantity) for part in need.parts] == [(("part 0",), 1)]
    assert need.seats[0].qualifications == {"skill 0"}


def test_a_home_care_instance(tmp_path: Path) -> None:
    told = built(tmp_path, "hhcrsp")
    assert [job.number for job in told.jobs] == ["p1/0", "p2/0", "p2/1"]
    assert told.jobs[1].due_s == 11  # a start at 6 is in time, and it takes 5
    assert told.jobs[1].lateness[0].per_h == told.worst_lateness_per_h == 1200
    assert told.travel["road"].cost[0, 1] == 1
    (tied,) = told.precedence
    assert (tied.before, tied.after, tied.gap_min_s, tied.gap_max_s, tied.from_start) == ("p2/0", "p2/1", 2, 4, True)
    assert [(one.first, one.second, one.same) for one in told.together] == [("p2/0", "p2/1", False)]


def test_a_team_instance(tmp_path: Path) -> None:
    told = built(tmp_path, "tasks", "crew")
    assert told.jobs[0].outsourcing_cost == 200 + 4**1.5
    assert [sorted(seat.qualifications) for seat in told.jobs[1].seats] == [["1:2"], ["1:2"]]
    assert set(told.technicians[2].qualifications) == {"0:1", "1:1", "1:2"}


@given(st.data())
def test_people_in_all_seats_cover_what_the_task_asks(data: st.DataObject) -> None:
    domains, levels = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    count = st.lists(st.integers(0, 4), min_size=levels, max_size=levels)
    needs = data.draw(st.lists(count.map(lambda row: sorted(row, reverse=True)), min_size=domains, max_size=domains))
    level = st.lists(st.integers(0, levels), min_size=domains, max_size=domains)
    crew = [(str(number), reached) for number, reached in enumerate(data.draw(st.lists(level, max_size=8)))]
    seats = seats_of(needs, crew)
    for domain in range(domains):
        for at in range(levels):
            assert sum(seat.get(domain, 0) > at for seat in seats) == needs[domain][at]


def test_all_published_instances_are_problems() -> None:
    for one in read(collect(published())):
        assert problem(one).jobs
