"""`python -m benchmarks.forecast [FILES…]`: quantile loss against fixed methods, and stock laid by the forecast."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.report import Result, report, show
from fieldops.compiled import keep_compiled

LIBRARIES = ("fieldops", "numpy", "numba")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser("python -m benchmarks.forecast", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="demand by part; else FIELDOPS_BENCH_DATA, else generated")
    parser.add_argument("--seed", type=int, default=0, help="of generated demand, samples and intervals (0)")
    parser.add_argument("--policy", action="store_true", help="run stock through the last months of files with prices")
    parser.add_argument("--quick", action="store_true", help="300 parts of each file, no timing of 20,000")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args(arguments)
    keep_compiled()
    from benchmarks.forecast import data, losses, policy

    folder = os.environ.get("FIELDOPS_BENCH_DATA")
    results: list[Result] = []
    try:
        files = told.files or (data.found(Path(folder, "spares")) if folder else [])
        sets = [data.read(path) for path in files] or [data.generated(300, 60, told.seed)]
        for one in sets:
            results += losses.measure(one, told.seed, quick=told.quick)
        if told.policy:
            priced = [one for one in sets if one.lead is not None and one.price is not None]
            for one in priced or sets[:1]:  # the first one is refused, with what it lacks
                results += policy.measure(one, quick=told.quick)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not told.quick:
        results.append(losses.speed(20_000, 84, told.seed, data.generated))
    peers = ("statsforecast",) if find_spec("statsforecast") else ()
    show(report("forecast", told.seed, results, (*LIBRARIES, *peers)), as_json=told.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
