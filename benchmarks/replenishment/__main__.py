"""`python -m benchmarks.replenishment [DAILY_PREFIX…]`: the moves of days, published and generated, with bounds."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.replenishment.measure import generated, published, quiet
from benchmarks.replenishment.published import found
from benchmarks.report import report, show

LIBRARIES = ("fieldops", "numpy", "ortools")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser("python -m benchmarks.replenishment", description=__doc__)
    parser.add_argument(
        "prefixes", nargs="*", help="days in files, PREFIX_arcs.csv …; else those of FIELDOPS_BENCH_DATA"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the generated networks (0)")
    parser.add_argument("--parts", type=int, nargs="*", help="sizes of the generated networks (500, 3,000 and 20,000)")
    parser.add_argument("--seconds", type=float, help="limit of each solve (none)")
    parser.add_argument("--quick", action="store_true", help="a small network, and no files but those named")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args(arguments)
    data = None if told.quick else os.environ.get("FIELDOPS_BENCH_DATA")
    prefixes = [prefix.removesuffix("_params.json") for prefix in told.prefixes]
    prefixes = prefixes or (found(Path(data, "spares")) if data else [])
    sizes = told.parts if told.parts is not None else [60] if told.quick else [500, 3_000, 20_000]
    try:
        with quiet():
            results = [*published(prefixes, told.seconds), *generated(sizes, told.seed, told.seconds)]
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    show(report("replenishment", told.seed, results, LIBRARIES), as_json=told.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
