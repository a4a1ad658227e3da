"""Read instance files, each known by what it holds and never by its name."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.dispatch.instances import Hhcrsp, Instance, Node, Outfit, Patient, Releases, Strsp, Trsp, Vrptw

_SUFFIXES = (".txt", ".json", ".dat", ".csv", ".vrp")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class _Tasks:
    """The tasks of an STRSP, which are an instance together with a crew."""

    name: str
    bks: float | None
    nodes: tuple[Node, ...]
    needs: tuple[tuple[tuple[int, ...], ...], ...]

    @property
    def size(self) -> tuple[int, int]:
        """How many domains and levels there are."""
        return len(self.needs[0]), len(self.needs[0][0])


@dataclass(frozen=True, slots=True)
class _Crew:
    """The technicians of an STRSP: an id and a level in each domain, out of `levels`."""

    name: str
    levels: int
    people: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def size(self) -> tuple[int, int]:
        """How many domains and levels there are."""
        return len(self.people[0][1]), self.levels


def read(paths: Sequence[Path]) -> list[Instance]:
    """Return the instances of the files in their order; STRSP tasks meet every crew of their domains and levels.

    Raises ValueError for a file of an unknown form and for tasks without a crew.
    """
    files = [_read(path) for path in paths]
    crews = [one for one in files if isinstance(one, _Crew)]
    instances: list[Instance] = []
    for one in files:
        if isinstance(one, _Tasks):
            fitting = [crew for crew in crews if crew.size == one.size]
            if not fitting:
                raise ValueError(
                    f"{one.name}: its tasks have {one.size[0]} domains and {one.size[1]} levels; "
                    "name a technicians file of the same numbers among the files"
                )
            instances += [
                Strsp(f"{one.name}+{crew.name}", one.bks, one.nodes, one.needs, crew.people) for crew in fitting
            ]
        elif not isinstance(one, _Crew):
            instances.append(one)
    if crews and not instances:
        raise ValueError("there are technicians without tasks; name a tasks file among the files")
    return instances


def read_releases(path: Path) -> Releases:
    """Return when each request of a dynamic TRSP becomes known. Raises ValueError for another kind of file."""
    text = path.read_text(errors="replace")
    if not _is_releases(text):
        raise ValueError(f"{path}: not a file of release dates; it has no heading `ID RD`")
    rows = (line.split() for line in text.split("RD", 1)[1].splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) == 2}


def collect(folder: Path) -> list[Path]:
    """Return the files under a folder that hold instances, sorted; solutions, tables and texts are passed by."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".json") and path.is_file())
    return [path for path in found if _form(path.read_text(errors="replace")) is not None]


def _read(path: Path) -> Instance | _Tasks | _Crew:
    text = path.read_text(errors="replace")
    name = next((path.name[: -len(end)] for end in _SUFFIXES if path.name.endswith(end)), path.name)
    best = _best_known(path.parent / "bks.csv", name)
    try:
        match _form(text):
            case "hhcrsp":
                return _hhcrsp(json.loads(text), name, best)
            case "trsp":
                return _trsp(text, name, best)
            case "tasks":
                return _tasks(text, name, best)
            case "crew":
                return _crew(text, name)
            case "vrptw":
                return _vrptw(text, name, best)
    except (KeyError, IndexError, StopIteration) as error:
        raise ValueError(f"{path}: it looks like an instance but breaks off or lacks something ({error})") from error
    raise ValueError(f"{path}: no instance of VRPTW, TRSP, HHCRSP or STRSP")


def _form(text: str) -> str | None:
    """Return the form that a text has, None where it is no instance."""
    if text.lstrip().startswith("{"):
        return "hhcrsp" if '"patients"' in text and '"caregivers"' in text else None
    head = text[:2000].upper()
    if re.search(r"CREW\s+COUNT", head):
        return "trsp"
    if "NUMBER OF TECHNICIANS" in head and "PROFICIENCY" in head:
        return "crew"
    if re.search(r"CUST\s+NO", head):
        return "tasks" if re.search(r"\bD11\b", head) else "vrptw" if "VEHICLE" in head else None
    return None


def _is_releases(text: str) -> bool:
    return re.search(r"^ID\s+RD\s*$", text, re.MULTILINE) is not None


def _best_known(table: Path, name: str) -> float | None:
    """Return the value of the first column `bks…` in the row of that instance, None without one."""
    if not table.is_file():
        return None
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            value = next((value for key, value in row.items() if key and key.startswith("bks")), None)
            if row.get("instance") == name and value:
                return float(value)
    return None


def _rows(text: str, width: int | None = None) -> list[list[float]]:
    """Return the lines that are numbers (so many, if told) and nothing else."""
    rows = []
    for line in text.splitlines():
        words = line.split()
        if len(words) == (width or len(words)) and all(_NUMBER.fullmatch(word) for word in words):
            rows.append([float(word) for word in words])
    return rows


def _vrptw(text: str, name: str, best: float | None) -> Vrptw:
    ((vehicles, capacity),) = _rows(text.upper().split("CUST", 1)[0], 2)
    nodes = tuple(
        Node(f"{row[0]:.0f}", x=row[1], y=row[2], demand=row[3], ready=row[4], due=row[5], service=row[6])
        for row in _rows(text, 7)
    )
    if len(nodes) < 2:
        raise ValueError(f"{name}: no customers")
    return Vrptw(name, best, int(vehicles), capacity, nodes)


def _trsp(text: str, name: str, best: float | None) -> Trsp:
    crew, _, _, parts = (int(value) for value in _rows(text, 4)[0])
    nodes, outfits = [], []
    for line in text.splitlines():
        words, lists = line.split("[", 1)[0].split(), re.findall(r"\[([^\]]*)\]", line)
        if len(lists) != 3:
            continue
        at, x, y, ready, due, service = words
        nodes.append(Node(at, float(x), float(y), float(ready), float(due), float(service)))
        skills, tools, pieces = ([int(one) for one in _NUMBER.findall(held)] for held in lists)
        outfits.append(Outfit(frozenset(skills), frozenset(tools), tuple(pieces or [0] * parts)))
    return Trsp(name, best, nodes[0], tuple(nodes[1 : crew + 1]), tuple(nodes[crew + 1 :]), tuple(outfits[1:]))


def _hhcrsp(told: dict[str, Any], name: str, best: float | None) -> Hhcrsp:
    usual = {service["id"]: service.get("default_duration", 0.0) for service in told["services"]}
    patients = tuple(_patient(patient, usual) for patient in told["patients"])
    caregivers = tuple((carer["id"], frozenset(carer["abilities"])) for carer in told["caregivers"])
    return Hhcrsp(name, best, patients, caregivers, np.array(told["distances"], dtype=np.float64))


def _patient(told: dict[str, Any], usual: dict[str, float]) -> Patient:
    services = tuple(
        (one["service"], float(one.get("duration", usual.get(one["service"], 0.0))))
        for one in told["required_caregivers"]
    )
    ready, due = told["time_window"]
    synchronised = told.get("synchronization") or {"type": "simultaneous"}
    first, last = (0.0, 0.0) if synchronised["type"] == "simultaneous" else synchronised["distance"]
    return Patient(told["id"], float(ready), float(due), services, (float(first), float(last)))


def _tasks(text: str, name: str, best: float | None) -> _Tasks:
    levels = max(int(level) for level in re.findall(r"\bd\d(\d)\b", text, re.IGNORECASE))
    nodes, needs = [], []
    for row in _rows(text):
        if len(row) <= 8 or (len(row) - 8) % levels:
            continue
        nodes.append(Node(f"{row[0]:.0f}", row[1], row[2], demand=row[3], ready=row[4], due=row[5], service=row[6]))
        people = [int(value) for value in row[8:]]
        needs.append(tuple(tuple(people[at : at + levels]) for at in range(0, len(people), levels)))
    if len(nodes) < 2 or len(set(map(len, needs))) != 1:
        raise ValueError(f"{name}: no tasks, or tasks that do not all have the same numbers")
    return _Tasks(name, best, tuple(nodes), tuple(needs[1:]))


def _crew(text: str, name: str) -> _Crew:
    told = re.search(r"Technicians:\s*(\d+).*?domains:\s*(\d+).*?level:\s*(\d+)", text, re.IGNORECASE | re.DOTALL)
    if told is None:
        raise ValueError(f"{name}: it does not say how many technicians, domains and proficiency levels there are")
    count, domains, levels = map(int, told.groups())
    people = tuple((f"{row[0]:.0f}", tuple(int(value) for value in row[1:])) for row in _rows(text, domains + 1))
    if len(people) < count:
        raise ValueError(f"{name}: it announces {count} technicians and has {len(people)}")
    return _Crew(name, levels, people[:count])
