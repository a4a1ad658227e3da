"""Requests that become known over the day: what is begun stands, nobody leaves before he knows, all time counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.dispatch.__main__ import main
from benchmarks.dispatch.dynamic import foreseen, without
from benchmarks.dispatch.evaluate import Tour, Visit, evaluate
from benchmarks.dispatch.insertion import Insertion
from benchmarks.dispatch.instances import Trsp
from benchmarks.dispatch.problems import problem
from benchmarks.dispatch.readers import read
from benchmarks.dispatch.running import continued
from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import PinKind
from tests.benchmarks.dispatch.stub import Stub, plan_of

LINE = """tiny

INFO
CREW COUNT  SKILLS  TOOLS   SPARE PARTS
2      1       1       1

DEPOT TECHNICIANS AND REQUESTS
ID   X     Y     TWS    TWE    Serv   SKILLS   TOOLS    SPARE PARTS
0    0     0     0      100    0      [] 	[] 	[]
1    10    0     0      100    0      [0] 	[] 	[0]
2    90    0     0      100    0      [0] 	[] 	[0]
3    20    0     0      100    5      [0] 	[] 	[0]
4    15    0     0      100    5      [0] 	[] 	[0]
5    12    0     0      100    5      [0] 	[0] 	[1]
6    60    0     0      70     5      [0] 	[] 	[0]
"""
RELEASES = "ID    RD\n3    -1\n4    12\n5    30\n6    69\n"
"""At 69 nobody can be at request 6 by 70."""


@pytest.fixture
def line(tmp_path: Path) -> Trsp:
    (tmp_path / "line").write_text(LINE)
    (one,) = read([tmp_path / "line"])
    assert isinstance(one, Trsp)
    return one


def going() -> Stub:
    """An engine that takes request 4 after 3 once it knows of it, and nothing else."""
    return Stub({"1": ["3", "4"]}, {"1": ["3"]})


def test_a_day_is_planned_as_it_becomes_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("line", LINE), ("releases", RELEASES)):
        (tmp_path / name).write_text(text)
    given = [str(tmp_path / "line"), "--releases", str(tmp_path / "releases"), "--solutions", str(tmp_path), "--json"]
    assert main(given, going()) == 0
    out, err = capsys.readouterr()
    ours, insertion = json.loads(out)["cases"]
    assert (ours["solver"], insertion["solver"]) == ("fieldops", "insertion")
    for case, rejected in ((ours, 2), (insertion, 1)):
        assert (case["kind"], case["feasible"], case["rejected"]) == ("dtrsp", True, rejected), err
        assert min(case["event_s_max"], case["event_cpu_s_max"]) >= 0
    assert ours["value"] == ours["static_value"] == 30
    assert insertion["value"] == 59  # from home once more, by the depot to request 5
    assert (tmp_path / "line.insertion.json").exists()


def test_each_event_gets_so_many_rounds(tmp_path: Path) -> None:
    """Not seconds: what else the machine does changes nothing."""
    for name, text in (("line", LINE), ("releases", RELEASES)):
        (tmp_path / name).write_text(text)
    engine = going()
    given = [str(tmp_path / "line"), "--releases", str(tmp_path / "releases"), "--event-rounds", "7", "--seconds", "2"]
    assert main(given, engine) == 0
    whole, first, *events = [limit for limit, _, _ in engine.asked[-5:]]
    assert (whole.seconds, first.seconds) == (2.0, 2.0)
    assert [limit.iterations for limit in events] == [7, 7, 7]


def test_as_many_files_of_releases_as_instances(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("line", LINE), ("releases", RELEASES)):
        (tmp_path / name).write_text(text)
    releases = str(tmp_path / "releases")
    assert main([str(tmp_path / "line"), "--releases", releases, releases], going()) == 1
    assert "one for each" in capsys.readouterr().err


def test_release_dates_of_another_instance_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their requests may be the same."""
    for name, text in (("line", LINE), ("releases", f"# Instance other - 4 requests\n{RELEASES}")):
        (tmp_path / name).write_text(text)
    engine = going()
    assert main([str(tmp_path / "line"), "--releases", str(tmp_path / "releases")], engine) == 1
    assert "those of other" in capsys.readouterr().err
    assert engine.asked == []


def test_what_is_broken_on_the_day_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("line", LINE), ("releases", RELEASES)):
        (tmp_path / name).write_text(text)
    whole = Stub({"1": ["3", "4", "5"]}, {"1": ["3", "4"]}, {"1": ["3"]})
    assert main([str(tmp_path / "line"), "--releases", str(tmp_path / "releases"), "--json"], whole) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["cases"][0]["feasible"] is False
    assert "line, fieldops, seed 0: " in err


def test_what_is_left_for_stands_and_the_rest_begins_now(line: Trsp) -> None:
    whole = problem(line)
    plan = plan_of(whole, {"1": ["4", "3", "5"], "2": []})
    # 4 from 5 to 10, 3 from 15 to 20, 5 from 28 to 33
    at_12, _ = continued(whole, plan, 12.0)
    pins = {job.number: job.pin for job in at_12.jobs}
    done, started = pins["4"], pins["3"]
    assert done is not None
    assert (done.kind, done.technicians, done.start_s) == (PinKind.DONE, ("1",), 5.0)
    assert started is not None
    assert (started.kind, started.start_s) == (PinKind.STARTED, 15.0)
    assert pins["5"] is None
    assert at_12.technicians[0].appointments == ()
    assert at_12.technicians[1].shifts[0].start_s == 12.0


def test_who_waits_is_where_he_is_and_who_went_home_is_there(line: Trsp) -> None:
    whole = problem(line)
    plan = plan_of(whole, {"1": ["4"]})
    (here,) = continued(whole, plan, 14.0)[0].technicians[0].appointments
    assert (here.place, here.start_s) == (1, 15.0)  # on the way home until 15
    later, _ = continued(whole, plan, 30.0)
    (home,) = later.technicians[0].appointments
    assert (home.place, home.start_s) == (1, 15.0)
    permitted = {job.number: job.seats[0].permitted for job in later.jobs}
    assert permitted["3"] is not None
    assert permitted["3"]["1"][0].from_s == 40.0  # leaves at 30
    assert permitted["3"]["2"][0].from_s == 0.0


@pytest.mark.parametrize("now", range(0, 60, 3))
def test_the_running_plan_is_one_of_the_day_that_is_left(line: Trsp, now: int) -> None:
    """At each time, also through several replannings: only its costs and the new requests are still to be told."""
    whole = problem(line)
    plan = plan_of(whole, {"1": ["0", "5", "3", "4"], "2": ["6"]})
    for at in (now / 2, float(now)):
        asked, plan = continued(whole, plan, at)
        rules = {violation.code for violation in check(asked, plan)} - {"total", "price", "outcome", "status"}
        assert rules == set()


def test_a_request_that_was_foreseen_is_told(line: Trsp) -> None:
    tours = [Tour("1", (Visit("job", "4", None, 16.0), Visit("job", "3", None, 26.0)))]
    known = {"3": -1.0, "4": 12.0, "5": 30.0, "6": 69.0}
    assert foreseen(line, known, tours) == ["4"]
    assert foreseen(line, {**known, "4": 11.0}, tours) == []


def test_who_was_at_home_between_two_requests_leaves_from_there(line: Trsp) -> None:
    """From home it is ten to 3, from 4 it would be five: he is there at 35 and left at 25."""
    early = [Tour("1", (Visit("job", "4", None, 5.0), Visit("job", "3", None, 35.0)))]
    home = [Tour("1", (Visit("job", "4", None, 5.0), Visit("home", "1", None, 15.0), Visit("job", "3", None, 35.0)))]
    for known, told in ((26.0, ["3"]), (25.0, [])):
        assert foreseen(line, {"3": known, "4": -1.0}, home) == told
    assert foreseen(line, {"3": 26.0, "4": -1.0}, early) == []
    only = without(line, {"5", "6"})
    verdict = evaluate(only, home)
    assert (verdict.faults, verdict.value) == ((), 50.0)  # from 0 to 50
    elsewhere = [Tour("1", (Visit("job", "4", None, 5.0), Visit("home", "2", None, 80.0)))]
    assert "1 is at home at 2" in evaluate(only, elsewhere).faults


def test_insertion_goes_by_the_depot_where_it_must(line: Trsp) -> None:
    plan = Insertion(line)
    plan.add(["3", "4", "5", "6"])
    told = evaluate(line, plan.solution())
    assert told.feasible, told.faults
    assert told.value == pytest.approx(sum(tour.cost for tour in plan.tours))
    assert plan.turned_away == []
