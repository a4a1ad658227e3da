"""`python -m benchmarks.stocking [FILES…]`: targets, models against exact answers, wrong decisions, simulated plans."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import report, show
from fieldops.compiled import keep_compiled

LIBRARIES = ("fieldops", "numpy", "numba")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser("python -m benchmarks.stocking", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="exact answers; else those of FIELDOPS_BENCH_DATA")
    parser.add_argument("--seed", type=int, default=0, help="of the generated networks (0)")
    parser.add_argument("--quick", action="store_true", help="a small network, one sum of money, no decisions")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args(arguments)
    keep_compiled()
    from benchmarks.stocking import answers, decisions, reckoned, simulated, targets

    data = os.environ.get("FIELDOPS_BENCH_DATA")
    files = told.files or (answers.found(Path(data, "spares")) if data else [])
    try:
        results = [*answers.measure(files), *targets.measure(told.seed, quick=told.quick)]
        results += reckoned.measure(told.seed, quick=told.quick)
        results += simulated.measure(files, told.seed, quick=told.quick)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not told.quick:
        results += decisions.measure()
    show(report("stocking", told.seed, results, LIBRARIES), as_json=told.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
