"""Days read from files: `PREFIX_arcs.csv`, `_needs.csv`, `_supplies.csv`, `_skus.csv` and `_params.json`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.replenishment.daily.core import PIECES_MAX, Core

CLASSES = ("0_AOG", "1_critical", "2_fsl_refill", "3_region_refill")
FILES = ("arcs.csv", "needs.csv", "supplies.csv", "skus.csv", "params.json")
Row = dict[str, str]


@dataclass(frozen=True)
class Nested:
    """One day in three sizes: without what is shared, with shared limits, with lanes that cost; and known answers."""

    alone: Core
    limits: Core
    lanes: Core
    answers: dict[str, float]

    def cases(self) -> Iterator[tuple[str, Core, float | None]]:
        """Yield each problem with its name and the known answer."""
        names = ("separable_min_cost_flow", "LP_with_shared_limits", "MIP_with_home_lane_fixed_cost")
        for case, core, name in zip(
            ("alone", "limits", "lanes"), (self.alone, self.limits, self.lanes), names, strict=True
        ):
            yield case, core, self.answers.get(name)


def found(folder: Path) -> list[str]:
    """Return the prefixes of the days in a folder."""
    return sorted(str(path)[: -len("_params.json")] for path in folder.glob("*_params.json") if is_day(str(path)))


def is_day(path: str) -> bool:
    """Tell whether all files of a day lie beside its parameters."""
    return all(Path(f"{path.removesuffix('_params.json')}_{file}").is_file() for file in FILES)


def read(prefix: str) -> Nested:
    """Return the day. Raises OSError without the files, ValueError where they are not what they should be."""
    try:
        return _read(prefix)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{prefix}: no files of a day ({error})") from None


def _read(prefix: str) -> Nested:
    arcs, needs, supplies, skus = (_rows(f"{prefix}_{file}") for file in FILES[:4])
    told = json.loads(Path(f"{prefix}_params.json").read_text())
    part = {row["sku"]: index for index, row in enumerate(skus)}
    supply = {(row["sku"], row["loc"]): index for index, row in enumerate(supplies)}
    need = {(row["sku"], row["loc"]): index for index, row in enumerate(needs)}
    urgency = np.array([int(row["cls"]) for row in needs])
    penalty = np.array([float(told["penalty_per_unmet_unit_by_cls"][name]) for name in CLASSES])
    shared = _Shared(told)
    uses = [use for move, row in enumerate(arcs) for use in shared.uses(move, row, float(skus[part[row["sku"]]]["kg"]))]
    use_move, use_shared, use_amount = (np.array(column) for column in zip(*uses, strict=True))
    lanes = Core(
        supply_each=np.array([int(row["qty"]) for row in supplies]),
        supply_part=np.array([part[row["sku"]] for row in supplies]),
        need_each=np.array([int(row["qty"]) for row in needs]),
        need_part=np.array([part[row["sku"]] for row in needs]),
        penalty=penalty[urgency],
        urgency=urgency,
        kit=np.full(urgency.size, -1),
        floor=np.zeros(len(CLASSES), np.int64),
        supply=np.array([supply[row["sku"], row["src"]] for row in arcs]),
        need=np.array([need[row["sku"], row["dst"]] for row in arcs]),
        cost=np.array([float(row["unit_cost"]) for row in arcs]),
        each=np.full(len(arcs), PIECES_MAX),
        capacity=np.array(shared.capacity),
        fixed=np.array(shared.fixed),
        use_move=use_move,
        use_shared=use_shared,
        use_amount=use_amount,
    )
    nothing, endless = np.zeros_like(lanes.fixed), np.full_like(lanes.capacity, np.inf)
    limits = replace(lanes, fixed=nothing, capacity=np.where(lanes.fixed > 0, np.inf, lanes.capacity))
    return Nested(replace(limits, capacity=endless), limits, lanes, told.get("answers", {}))


class _Shared:
    """Trucks of the centre to each region, money for its expedites, its handling, and the lane of each outlet."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.home: dict[str, str] = told["fsl_region"]
        trucks: dict[str, float] = told["truck_cap_kg_central_to_region"]
        self.truck = {region: index for index, region in enumerate(trucks)}
        self.expedite, self.handling, first = len(trucks), len(trucks) + 1, len(trucks) + 2
        self.lane = {outlet: first + index for index, outlet in enumerate(self.home)}
        common = [told["expedite_cost_budget_central_to_fsl"], told["central_handling_units"]]
        self.capacity = [*map(float, [*trucks.values(), *common]), *[float(told["home_lane_cap_kg"])] * len(self.home)]
        self.fixed = [0.0] * first + [float(told["home_lane_fixed_cost"])] * len(self.home)

    def uses(self, move: int, row: Row, kg: float) -> Iterator[tuple[int, int, float]]:
        """Yield what one piece of an arc uses."""
        if row["src"] == "C":
            yield move, self.handling, 1.0
            if row["dst"] in self.truck:
                yield move, self.truck[row["dst"]], kg
            else:
                yield move, self.expedite, float(row["unit_cost"])
        elif self.home.get(row["dst"]) == row["src"]:
            yield move, self.lane[row["dst"]], kg


def _rows(path: str) -> list[Row]:
    return list(csv.DictReader(Path(path).read_text().splitlines()))
