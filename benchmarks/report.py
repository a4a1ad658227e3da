"""The form that every benchmark reports in."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """One measured value; `peer` names what was measured beside it, where there is something."""

    case: str
    metric: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None


def report(benchmark: str, seed: int, results: Sequence[Result], libraries: Sequence[str]) -> dict[str, Any]:
    """Return the results with what they depend on: commit, versions, machine, seed."""
    results_told = [asdict(result) for result in results]
    return {"benchmark": benchmark, **conditions(libraries), "seed": seed, "results": results_told}


def conditions(libraries: Sequence[str]) -> dict[str, Any]:
    """Return what figures depend on: commit, versions, machine."""
    pages, page_size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "commit": _commit(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in libraries},
        "machine": {"cores": os.cpu_count(), "memory_gb": round(pages * page_size / 2**30, 1)},
    }


def show(told: dict[str, Any], *, as_json: bool) -> None:
    """Print a report: one JSON object, or a line for each value."""
    if as_json:
        json.dump(told, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    for one in told["results"]:
        digits = 1 if abs(one["value"]) >= 10 else 3
        peer = f" ({one['peer']} {one['peer_value']:,.{digits}f})" if one["peer"] else ""
        sys.stdout.write(f"{one['case']:<32} {one['metric']:<24} {one['value']:>12,.{digits}f} {one['unit']}{peer}\n")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)] if ordered else float("nan")


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    told = subprocess.run([git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout.strip() or "unknown"
