"""Files of exact answers: how far each model is from its own column."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.report import Result
from optimizer.stocking.evaluate import Method, evaluate
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario

NAMES = {Method.METRIC: "METRIC", Method.NEGATIVE_BINOMIAL: "VARI", Method.EXACT: "exact"}
Row = dict[str, str]
Stock = dict[tuple[str, str], int]


def measure(paths: Sequence[Path]) -> Iterator[Result]:
    """Return the largest error by file and model. Raises ValueError for a file that is none of answers."""
    for path in paths:
        rows = list(csv.DictReader(path.read_text().splitlines()))
        try:
            errors = [_errors(row) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: no file of exact answers ({error})") from None
        if not errors:
            raise ValueError(f"{path}: no rows")
        for method in Method:
            worst = max(error[method] for error in errors)
            yield Result(f"{path.stem}, {len(rows)} rows, {method}", "max_abs_error", worst, "pieces")


def found(folder: Path) -> list[Path]:
    """Return the files of exact answers of a folder."""
    return sorted(folder.glob("exact_*.csv"))


def _errors(row: Row) -> dict[Method, float]:
    scenario, stock = network(row)
    told = {method: evaluate(scenario, stock, method) for method in Method}
    three = "s_fsl" in row
    key = "EBO_fsl_" if three else "EBO_"
    return {
        method: abs((one.backorders[-1] if three else one.weighted) - float(row[key + NAMES[method]]))
        for method, one in told.items()
    }


def network(row: Row) -> tuple[Scenario, Stock]:
    """Return the network of a row and its stock."""
    return _three(row) if "s_fsl" in row else _two(row)


def _two(row: Row) -> tuple[Scenario, Stock]:
    rates, transits = map(float, row["lam"].split()), map(float, row["transit"].split())
    bases = {f"B{index}": leg for index, leg in enumerate(zip(rates, transits, strict=True))}
    places = [Place("D"), *(Place(code, "D", transit) for code, (_, transit) in bases.items())]
    lines = [Line("P", code, rate) for code, (rate, _) in bases.items()]
    held = dict(zip(bases, map(int, row["s"].split()), strict=True)) | {"D": int(row["s0"])}
    part = Part("P", 1.0, repair=Repair(float(row["depot_TAT"])))
    return Scenario.of(places, [part], lines), {("P", code): pieces for code, pieces in held.items()}


def _three(row: Row) -> tuple[Scenario, Stock]:
    regions = [f"R{index}" for index in range(int(row["regions"]))]
    forward = {f"{region}F{index}": region for region in regions for index in range(int(row["fsl_per_region"]))}
    places = [
        Place("C"),
        *(Place(region, "C", float(row["transit_region"])) for region in regions),
        *(Place(code, region, float(row["transit_fsl"])) for code, region in forward.items()),
    ]
    lines = [Line("P", code, float(row["lam_per_fsl_per_day"])) for code in forward]
    held = {"C": int(row["s_central"])} | dict.fromkeys(regions, int(row["s_region"]))
    held |= dict.fromkeys(forward, int(row["s_fsl"]))
    part = Part("P", 1.0, repair=Repair(float(row["central_TAT_days"])))
    return Scenario.of(places, [part], lines), {("P", code): pieces for code, pieces in held.items()}
