"""`python -m benchmarks.dispatch`: published instances, their dynamic variant, and the figures of a live network."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.dispatch import daily, dynamic, live
from benchmarks.dispatch.peers import PEERS
from benchmarks.dispatch.readers import collect, read, read_releases
from benchmarks.dispatch.runs import Case, Settings, Solver, run
from benchmarks.dispatch.table import table
from benchmarks.dispatch.warmup import warm_up
from benchmarks.report import conditions, report, show
from fieldops.compiled import keep_compiled

QUICK_S, QUICK_ROUNDS = 2.0, 400
LIBRARIES = ("fieldops", "numpy", "numba", "ortools", "pyvrp", "pyvroom")


def main(arguments: Sequence[str] | None = None, solver: Solver | None = None) -> int:
    """Run the benchmark and return the exit status; `solver` is our engine unless given."""
    parser = _parser()
    told = parser.parse_intermixed_args(arguments)
    told.files += [Path(one) for one in told.seed if not _is_whole(one)]  # `--seed 1 2 FILE` takes the file as well
    told.seed = [int(one) for one in told.seed if _is_whole(one)]
    if wrong := _wrong(told):
        parser.error(wrong)
    keep_compiled()
    if solver is None:
        from optimizer.dispatch.solve import solve

        solver = solve
    try:
        if told.live:
            return _live(told, solver)
        return _published(told, solver)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _published(told: argparse.Namespace, solver: Solver) -> int:
    instances = read(_files(told.files))
    days = dynamic.days(instances, [read_releases(path) for path in told.releases]) if told.releases else []
    settings = Settings(
        min(told.seconds, QUICK_S) if told.quick else told.seconds,
        tuple(told.seed),
        told.threads,
        tuple(told.peers),
        told.solutions,
        min(told.event_rounds, QUICK_ROUNDS) if told.quick else told.event_rounds,
    )
    if told.quick and not told.files:
        instances = list({instance.kind: instance for instance in reversed(instances)}.values())
    began = time.perf_counter()
    warm_up(solver, settings.threads)
    sys.stderr.write(f"compile_s {time.perf_counter() - began:.1f}\n")
    cases: list[Case] = []
    for case in dynamic.run(days, settings, solver) if days else run(instances, settings, solver):
        cases.append(case)
        sys.stderr.write(f"{case.instance} {case.solver} seed {case.seed}: {case.value}, {case.cpu_s:.1f} cpu s\n")
    if told.json:
        told_cases = [case.told() for case in cases]
        json.dump({"benchmark": "dispatch", **conditions(_installed()), "cases": told_cases}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(table(cases))
    return 0


def _live(told: argparse.Namespace, solver: Solver) -> int:
    from benchmarks.dispatch import calls  # loads the whole application, which no other figure needs

    results = daily.measure(told.seed[0], told.threads, quick=told.quick)
    results += calls.measure(told.seed[0], quick=told.quick)
    if not told.daily:
        results += live.measure(told.seed[0], told.threads, quick=told.quick, solver=solver)
    show(report("dispatch", told.seed[0], results, _installed()), as_json=told.json)
    return 0


def _is_whole(word: str) -> bool:
    return re.fullmatch(r"-?\d+", word) is not None


def _wrong(told: argparse.Namespace) -> str | None:
    """Return what options cannot be together, or have no such value."""
    if not told.seed or min(told.seed) < 0:
        return f"--seed takes whole numbers, 0 or more, not {', '.join(map(str, told.seed)) or 'only files'}"
    if told.releases and told.peers:
        return "--peers have no dynamic variant; leave them out, or --releases"
    given = {"FILES": told.files, "--peers": told.peers, "--releases": told.releases, "--solutions": told.solutions}
    if told.live and any(given.values()):
        return f"--live has a network of its own; leave out {', '.join(name for name, one in given.items() if one)}"
    if told.live and len(told.seed) > 1:
        return "--live takes one --seed"
    return None


def _files(given: Sequence[Path]) -> list[Path]:
    """Return the files given (folders: what they hold), or those of the benchmark data. Raises ValueError for none."""
    if not given:
        data = os.environ.get("FIELDOPS_BENCH_DATA")
        if data is None:
            raise ValueError("name instance files, or set FIELDOPS_BENCH_DATA to the folder of the benchmark data")
        given = [Path(data, "dispatch") if Path(data, "dispatch").is_dir() else Path(data)]
    files = [file for path in given for file in (collect(path) if path.is_dir() else [path])]
    if not files:
        raise ValueError(f"{', '.join(map(str, given))}: no instance files there")
    return files


def _installed() -> list[str]:
    """Return the libraries that are there: the peers are an extra."""
    found = []
    for name in LIBRARIES:
        try:
            version(name)
        except PackageNotFoundError:
            continue
        found.append(name)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks.dispatch", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="instances: VRPTW, TRSP, HHCRSP, STRSP (tasks and crews)")
    parser.add_argument("--seconds", type=_seconds, default=30.0, help="for each solve of ours (30)")
    parser.add_argument("--seed", nargs="+", default=["0"], help="one or several (0)")
    parser.add_argument("--threads", type=_one_or_more, default=1, help="of ours (1)")
    parser.add_argument("--peers", type=_peers, default=(), help=f"of {','.join(PEERS)}; each gets our processor time")
    parser.add_argument("--solutions", type=Path, metavar="DIR", help="write each solution there")
    parser.add_argument("--releases", type=Path, nargs="+", default=[], help="one a TRSP instance: the dynamic variant")
    parser.add_argument(
        "--event-rounds", type=_one_or_more, default=4_000, help="of search for each of its events (4000)"
    )
    parser.add_argument("--live", action="store_true", help="figures of a network of 2,000 technicians and 10,000 jobs")
    parser.add_argument("--daily", action="store_true", help="with --live: only the figures of a plan in daily use")
    parser.add_argument("--quick", action="store_true", help="a short version")
    parser.add_argument("--json", action="store_true")
    return parser


def _seconds(given: str) -> float:
    seconds = float(given)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{given} is no time to search in")
    return seconds


def _one_or_more(given: str) -> int:
    number = int(given)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return number


def _peers(given: str) -> tuple[str, ...]:
    names = tuple(filter(None, given.split(",")))
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(PEERS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
