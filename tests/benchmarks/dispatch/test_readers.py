"""Files are known by what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.dispatch.instances import Hhcrsp, Strsp, Trsp, Vrptw, truncated
from benchmarks.dispatch.readers import collect, read, read_releases
from tests.benchmarks.dispatch.tiny import TASKS, published, write


def test_each_form_is_recognised_under_any_name(tmp_path: Path) -> None:
    instances = read(write(tmp_path, "crew", "vrptw", "trsp", "tasks", "hhcrsp"))
    assert [one.kind for one in instances] == ["vrptw", "trsp", "strsp", "hhcrsp"]
    assert [one.bks for one in instances] == [None] * 4


def test_a_routing_instance_has_its_fleet_and_its_depot_first(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "vrptw"))
    assert isinstance(one, Vrptw)
    assert (one.vehicles, one.capacity, len(one.nodes)) == (2, 10, 4)
    assert (one.nodes[1].id, one.nodes[1].ready, one.nodes[1].due, one.nodes[1].service) == ("1", 10, 20, 5)
    assert truncated(one.nodes)[0, 1] == 1.4
    assert truncated(one.nodes)[0, 2] == 5.0


def test_a_technician_instance_has_outfits_of_homes_and_requests(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "trsp"))
    assert isinstance(one, Trsp)
    assert [node.id for node in one.homes] == ["1", "2"]
    assert [node.id for node in one.requests] == ["3", "4", "5"]
    assert one.outfits[1].skills == {0, 1}
    assert one.outfits[0].parts == (1, 0)
    assert one.outfits[4].tools == {0}


def test_a_home_care_instance_has_its_gaps(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "hhcrsp"))
    assert isinstance(one, Hhcrsp)
    second = one.patients[1]
    assert (second.gap, second.services) == ((2, 4), (("s1", 5), ("s2", 5)))


def test_a_crew_ends_where_its_number_says(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "tasks", "crew"))
    assert isinstance(one, Strsp)
    assert one.needs == (((2, 1), (1, 0)), ((0, 0), (2, 2)))
    assert [name for name, _ in one.crew] == ["1", "2", "3"]
    assert one.outsourcing(0) == 200 + 4**1.5


def test_a_heading_may_be_misspelt(tmp_path: Path) -> None:
    tasks, crew = write(tmp_path, "tasks", "crew")
    tasks.write_text(TASKS.replace("d12", "2d12"))
    (one,) = read([tasks, crew])
    assert isinstance(one, Strsp)
    assert len(one.needs) == 2


def test_tasks_without_their_crew_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="technicians file"):
        read(write(tmp_path, "tasks"))
    with pytest.raises(ValueError, match="without tasks"):
        read(write(tmp_path, "crew"))


def test_what_is_no_instance_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("nothing of use")
    with pytest.raises(ValueError, match="notes"):
        read([path])


@pytest.mark.parametrize("name", ["vrptw", "trsp", "hhcrsp"])
def test_what_breaks_off_is_refused(tmp_path: Path, name: str) -> None:
    (path,) = write(tmp_path, name)
    path.write_text(path.read_text()[: 100 if name != "hhcrsp" else -200])
    with pytest.raises(ValueError, match=r"file0"):
        read([path])


def test_the_best_known_value_stands_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "bks.csv").write_text("instance,n,bks_distance,bks_other\nfile1,3,9.5,7\nfile0,3,12.5,7\n")
    (one,) = read(write(tmp_path, "vrptw"))
    assert one.bks == 12.5


def test_releases(tmp_path: Path) -> None:
    releases, other = write(tmp_path, "releases", "trsp")
    assert read_releases(releases) == {"3": -1, "4": 12, "5": -1}
    with pytest.raises(ValueError, match="release dates"):
        read_releases(other)


def test_all_published_instances_are_read_with_their_best_values() -> None:
    instances = read(collect(published()))
    kinds = [one.kind for one in instances]
    assert {kind: kinds.count(kind) for kind in ("vrptw", "trsp", "hhcrsp")} == {"vrptw": 12, "trsp": 12, "hhcrsp": 8}
    assert all(one.bks is not None for one in instances if one.kind != "strsp")
