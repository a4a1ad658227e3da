"""Read instance files, each known by what it holds and never by its name."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dispatch.homecare import hhcrsp
from benchmarks.dispatch.instances import Instance, Node, Outfit, Releases, Strsp, Trsp, Vrptw
from benchmarks.dispatch.rows import Row, counted_on, counts, lines_after, row, table, whole_numbers

_RELEASES = r"^\s*ID\s+RD\s*$"
_SUFFIXES = (".txt", ".json", ".dat", ".csv", ".vrp")


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

    Each has the name of its file, and where several share one also those of the folders that tell them apart. Raises
    ValueError for a file of an unknown form, one that breaks off or is garbled, and for tasks without a crew.
    """
    files = [_read(path, name) for path, name in zip(paths, _names(paths), strict=True)]
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
    """Return when each request of a dynamic TRSP becomes known. Raises ValueError for another or a garbled file."""
    text = path.read_text(errors="replace")
    if re.search(_RELEASES, text, re.MULTILINE) is None:
        raise ValueError(f"{path}: not a file of release dates; it has no heading `ID RD`")
    title = re.match(r"#\s*Instance\s+(\S+)", text)
    known: dict[str, float] = {}
    try:
        for line, told in lines_after(text, _RELEASES):
            request, released = row(line, told.split(), 2)
            if f"{request:.0f}" in known:
                raise ValueError(f"line {line}: the request {request:.0f} is there twice")
            known[f"{request:.0f}"] = released
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return Releases(known, title[1] if title else None)


def collect(folder: Path) -> list[Path]:
    """Return the files under a folder that hold instances, sorted; solutions, tables and texts are passed by."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".json") and path.is_file())
    return [path for path in found if _form(path.read_text(errors="replace")) is not None]


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the name of each file without its ending; where files share one, with as many folders as differ."""
    whole = [path.resolve() for path in paths]
    names = {path: _stem(path) for path in whole}
    for depth in range(1, max((len(path.parts) for path in whole), default=0)):
        shared = Counter(names.values())
        names = {
            path: "_".join((*path.parts[-1 - depth : -1], path.name if depth > 1 else _stem(path)))
            if shared[name] > 1
            else name
            for path, name in names.items()
        }
    return [names[path] for path in whole]


def _stem(path: Path) -> str:
    return next((path.name[: -len(end)] for end in _SUFFIXES if path.name.endswith(end)), path.name)


def _read(path: Path, name: str) -> Instance | _Tasks | _Crew:
    text = path.read_text(errors="replace")
    best = _best_known(path.parent / "bks.csv", _stem(path))
    try:
        match _form(text):
            case "hhcrsp":
                return hhcrsp(text, name, best)
            case "trsp":
                return _trsp(text, name, best)
            case "tasks":
                return _tasks(text, name, best)
            case "crew":
                return _crew(text, name)
            case "vrptw":
                return _vrptw(text, name, best)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
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


def _vrptw(text: str, name: str, best: float | None) -> Vrptw:
    line, fleet = next(lines_after(text, r"NUMBER\s+CAPACITY"), (0, ""))
    vehicles, capacity = row(line, fleet.split(), 2)
    nodes = tuple(_node(*one) for one in table(text, r"CUST\s+NO", 7))
    customers, sizes = len(nodes) - 1, _sizes(text.split(maxsplit=1)[0])
    if customers < 1 or (sizes and customers not in sizes):
        told = " or ".join(map(str, sizes)) or "some"
        raise ValueError(f"it must have {told} customers and has {customers}; does it break off?")
    return Vrptw(name, best, int(vehicles), capacity, nodes)


def _node(line: int, held: Sequence[float]) -> Node:
    """Return a node of a row: id, place, demand, window, service. Raises ValueError."""
    at, x, y, demand, ready, due, service = held
    if min(demand, ready, service) < 0 or due < ready:
        raise ValueError(f"line {line}: demand, time and service must be 0 or more, and the window in order")
    return Node(f"{at:.0f}", x, y, ready=ready, due=due, service=service, demand=demand)


def _sizes(title: str) -> tuple[int, ...]:
    """Return how many customers an instance of Solomon, or of Gehring and Homberger, may have by its title."""
    if re.fullmatch(r"(?:C|R|RC)[12]\d\d", title, re.IGNORECASE):
        return 25, 50, 100
    hundreds = re.fullmatch(r"(?:C|R|RC)[12]_(\d+)_\d+", title, re.IGNORECASE)
    return (100 * int(hundreds[1]),) if hundreds else ()


def _trsp(text: str, name: str, best: float | None) -> Trsp:
    line, info = next(lines_after(text, r"CREW\s+COUNT"), (0, ""))
    crew, skills, tools, parts = counts(line, info.split(), 4)
    title = text.split(maxsplit=1)[0]
    rows: list[Row] = []
    outfits: list[Outfit] = []
    for line, told in lines_after(text, r"^\s*ID\s+X\s+Y"):
        lists = re.findall(r"\[([^\]]*)\]", told)
        if len(lists) != 3:
            raise ValueError(f"line {line}: it must hold skills, tools and spare parts, each in brackets")
        rows.append((line, row(line, told.split("[", 1)[0].split(), 6)))
        has, uses, pieces = (whole_numbers(line, one) for one in lists)
        if not (set(has) <= set(range(skills)) and set(uses) <= set(range(tools)) and len(pieces) in (0, parts)):
            raise ValueError(f"line {line}: it must be of {skills} skills, {tools} tools and {parts} spare parts")
        outfits.append(Outfit(frozenset(has), frozenset(uses), tuple(pieces or [0] * parts)))
    nodes = [_node(line, [*held[:3], 0.0, *held[3:]]) for line, held in counted_on(rows)]
    requests = len(nodes) - 1 - crew
    told_size = re.search(r"\.(\d+)_[-\d]+$", title)
    if requests < 1 or (told_size and requests != int(told_size[1])):
        due = told_size[1] if told_size else "some"
        raise ValueError(f"it must have {due} requests behind {crew} technicians, not {requests}; does it break off?")
    return Trsp(
        name, best, nodes[0], tuple(nodes[1 : crew + 1]), tuple(nodes[crew + 1 :]), tuple(outfits[1:]), title=title
    )


def _tasks(text: str, name: str, best: float | None) -> _Tasks:
    kinds = re.findall(r"d(\d)(\d)\b", text, re.IGNORECASE)
    domains, levels = (max(int(kind[at]) for kind in kinds) for at in (0, 1))
    rows = table(text, r"CUST\s+NO", 8 + domains * levels)
    told = re.search(r"Customer:\s*(\d+)", text, re.IGNORECASE)
    if len(rows) < 2 or (told and len(rows) != int(told[1])):
        raise ValueError(f"it must have {told[1] if told else 'some'} tasks and has {len(rows)}; does it break off?")
    nodes = tuple(_node(line, held[:7]) for line, held in rows)
    needs = []
    for _, held in rows:
        people = [int(value) for value in held[8:]]
        needs.append(tuple(tuple(people[at : at + levels]) for at in range(0, len(people), levels)))
    return _Tasks(name, best, nodes, tuple(needs[1:]))


def _crew(text: str, name: str) -> _Crew:
    told = re.search(r"Technicians:\s*(\d+).*?domains:\s*(\d+).*?level:\s*(\d+)", text, re.IGNORECASE | re.DOTALL)
    if told is None:
        raise ValueError("it does not say how many technicians, domains and proficiency levels there are")
    count, domains, levels = map(int, told.groups())
    rows = table(text, r"^\s*ID\b", domains + 1)
    if len(rows) < count:
        raise ValueError(f"it announces {count} technicians and has {len(rows)}")
    people = tuple((f"{held[0]:.0f}", tuple(int(value) for value in held[1:])) for _, held in rows)
    return _Crew(name, levels, people[:count])
