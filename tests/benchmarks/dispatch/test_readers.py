"""Files are known by what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.dispatch.instances import Hhcrsp, Releases, Strsp, Trsp, Vrptw, truncated
from benchmarks.dispatch.readers import collect, read, read_releases
from tests.benchmarks.dispatch.tiny import FILES, TASKS, published, write


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


GARBLED = [
    ("vrptw", "     10         20", "    ten         20", ["line 11", "'ten'"]),
    ("vrptw", "    2          3          4          4          0         50          5\n", "", ["line 12", "id 2"]),
    ("vrptw", "         50          5\n    3", "         50\n    3", ["line 12", "7 numbers"]),
    ("vrptw", "10         20", "30         20", ["line 11", "window"]),
    ("vrptw", "tiny", "R101", ["25 or 50 or 100 customers", "3"]),
    ("vrptw", "  2         10", "  2", ["line 5", "2 numbers"]),
    ("trsp", "20     30     5      [0]", "20     30     5      [zero]", ["line 12", "'zero'"]),
    ("trsp", "[0,1]", "[0,7]", ["line 11", "2 skills"]),
    ("trsp", "[1,0]\n4", "[1]\n4", ["line 12", "2 spare parts"]),
    ("trsp", "[] \t[]\n1", "[]\n1", ["line 9", "brackets"]),
    ("trsp", "4    3     0     0      100    5      [0] \t[0] \t[1,0]\n", "", ["line 13", "id 4"]),
    ("trsp", "tiny", "tiny.100_2-1-2", ["100 requests", "3"]),
    ("trsp", "2      2       1       2", "9      2       1       2", ["requests", "break off"]),
    ("tasks", "Customer: 3", "Customer: 4", ["4 tasks", "3"]),
    ("tasks", "\t10\t100\t0\t0\t2\t2", "\t10\t100\t0\t0\t2", ["line 7", "12 numbers"]),
    ("crew", "2\t1\t1", "2\tone\t1", ["line 8", "'one'"]),
    ("crew", "3\t1\t2\n4\t2\t2\n", "", ["3 technicians", "2"]),
    ("hhcrsp", '"time_window": [0, 10]', '"time_window": null', ["patient p1", "time_window"]),
    ("hhcrsp", '"time_window": [0, 10]', '"time_window": [0, NaN]', ["patient p1", "time_window"]),
    ("hhcrsp", '"time_window": [0, 10]', '"time_window": [9, 1]', ["patient p1", "in order"]),
    ("hhcrsp", '"duration": 5', '"duration": "5"', ["patient p1", "duration"]),
    ("hhcrsp", "[3, 0, 3]", "[3, 0]", ["distances", "3 rows of 3"]),
    ("hhcrsp", "[3, 0, 3]", "[3, 0, -3]", ["distances", "negative"]),
    ("hhcrsp", '["s2"]', '["s3"]', ["patient p2", "s2", "no caregiver"]),
    ("hhcrsp", '"services"', '"others"', ["services"]),
    ("hhcrsp", '"abilities": ["s2"]', '"abilities": 5', ["wrong kind"]),
    ("hhcrsp", "]]}", "]]", ["line 1", "JSON"]),
]


@pytest.mark.parametrize(("form", "there", "instead", "told"), GARBLED)
def test_what_is_garbled_is_refused_with_file_and_line(
    tmp_path: Path, form: str, there: str, instead: str, told: list[str]
) -> None:
    """Nothing of it is passed by, so that no smaller instance is solved in its place."""
    assert there in FILES[form]
    path = tmp_path / "garbled"
    path.write_text(FILES[form].replace(there, instead, 1))
    with pytest.raises(ValueError, match="garbled") as refusal:
        read([path])
    assert [one for one in told if one not in str(refusal.value)] == []


@pytest.mark.parametrize(
    ("there", "instead", "told"),
    [("12\n", "twelve\n", "line 6"), ("12\n", "nan\n", "line 6"), ("12\n", "\n", "line 6"), ("\n5 ", "\n4 ", "twice")],
)
def test_garbled_release_dates_are_refused(tmp_path: Path, there: str, instead: str, told: str) -> None:
    path = tmp_path / "garbled"
    path.write_text(FILES["releases"].replace(there, instead, 1))
    with pytest.raises(ValueError, match="garbled") as refusal:
        read_releases(path)
    assert told in str(refusal.value)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "R1.txt" for folder in ("old", "new")] + [tmp_path / "R2.txt", tmp_path / "R2.dat"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(FILES["vrptw"])
    names = [one.name for one in read(paths)]
    assert names[:2] == ["old_R1", "new_R1"]
    assert len(set(names)) == 4
    assert [one.name for one in read(paths[1:3])] == ["R1", "R2"]


def test_the_best_known_value_stands_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "bks.csv").write_text("instance,n,bks_distance,bks_other\nfile1,3,9.5,7\nfile0,3,12.5,7\n")
    (one,) = read(write(tmp_path, "vrptw"))
    assert one.bks == 12.5


def test_releases(tmp_path: Path) -> None:
    releases, other = write(tmp_path, "releases", "trsp")
    assert read_releases(releases) == Releases({"3": -1, "4": 12, "5": -1}, "tiny")
    with pytest.raises(ValueError, match="release dates"):
        read_releases(other)


def test_all_published_instances_are_read_with_their_best_values() -> None:
    instances = read(collect(published()))
    kinds = [one.kind for one in instances]
    assert {kind: kinds.count(kind) for kind in ("vrptw", "trsp", "hhcrsp")} == {"vrptw": 12, "trsp": 12, "hhcrsp": 8}
    assert all(one.bks is not None for one in instances if one.kind != "strsp")
