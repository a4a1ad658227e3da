"""What there is to do: titles in English and Chinese, hours, qualifications and parts of one piece of work."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from fieldops.demo.catalogue import Catalogue
from fieldops.demo.families import UNIT_CLASSES, Family
from fieldops.demo.rows import Kind, PartRow, StockRow
from fieldops.demo.tables import PARTS_SHARE

SLOT_MIN = 15
PACKAGE_LIMIT_MIN = 420
"""Longest work package: less than the shortest usual shift of eight hours, so that the way to the job fits too."""
HEAVY_SHARE = 0.05
HOURS: dict[str, tuple[float, float]] = {
    "aog": (2, 6),
    "defect": (2, 6),
    "check": (2, 6),
    "heavy": (20, 60),
    "bulletin": (8, 30),
    "advisory": (1, 4),
}
CHECKS = (
    ("Weekly check", "周检"),
    ("50 flight-hour check", "50飞行小时检查"),
    ("300 flight-hour check", "300飞行小时检查"),
    ("600 flight-hour check", "600飞行小时检查"),
    ("Propeller balance check", "螺旋桨平衡检查"),
    ("Corrosion inspection", "腐蚀检查"),
)
HEAVY_CHECKS = (("C check", "C检"), ("Structural inspection", "结构检查"), ("Four-year check", "四年检"))
ADVISORY = (
    ("Advise on vibration trend", "振动趋势技术咨询"),
    ("Review of reliability report", "可靠性报告评审"),
    ("Brief operator on bulletin planning", "服务通告计划说明"),
    ("Survey of ground equipment", "地面设备调查"),
    ("Advise on stock of line spares", "航线备件储备咨询"),
)
BULLETINS = (
    ("inspection", "检查"),
    ("replacement with improved part", "更换为改进件"),
    ("installation modified", "安装改装"),
)
DISCREPANCIES = (
    ("unserviceable, replace", "故障更换"),
    ("damaged, replace", "损伤更换"),
    ("failed, replace", "失效更换"),
)
BY_CHAPTER = {"72": ("BORESCOPE", 0.5), "73": ("ENGINE_RUN", 0.7), "61": ("ENGINE_RUN", 0.6), "74": ("ENGINE_RUN", 0.3)}
"""Qualification that work in an ATA chapter asks for besides, and how often."""
INSPECTION_SHARE = 0.12
FOREIGN_VALIDATION_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work; `packages_min` are the minutes of the work packages it is done in, one a day."""

    title: str
    title_zh: str
    packages_min: tuple[int, ...]
    qualifications: frozenset[str]
    parts: tuple[tuple[str, int], ...]


class WorkList:
    """Draws work of each kind for an aircraft type out of the catalogue."""

    def __init__(self, rng: Generator, catalogue: Catalogue, stock: tuple[StockRow, ...]) -> None:
        self._rng = rng
        self._line: dict[str, list[tuple[PartRow, Family]]] = defaultdict(list)
        for part, family in zip(catalogue.parts, catalogue.families, strict=False):
            if family.echelon != "central":
                self._line[part.aircraft_types[0]].append((part, family))
        in_stock = {row.part_number for row in stock}
        self._missing = defaultdict(list)
        for part in catalogue.parts[len(catalogue.families) :]:
            if part.part_number not in in_stock and part.part_class in UNIT_CLASSES:
                for name in part.aircraft_types:
                    self._missing[name].append(part)

    def draw(self, kind: Kind, aircraft_type: str, *, missing: bool = False) -> Work:
        """Return work of a kind; with `missing` it needs a part which nobody in the network has."""
        if kind == "advisory":
            return self._advisory(aircraft_type)
        if kind == "check":
            return self._check(aircraft_type)
        if kind == "bulletin":
            return self._bulletin(aircraft_type)
        return self._repair(kind, aircraft_type, missing=missing)

    def _pick(self, options: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        return options[int(self._rng.integers(len(options)))]

    def _minutes(self, hours: str) -> tuple[int, ...]:
        """Return equal packages of quarter hours for work of a duration drawn from HOURS."""
        total = self._rng.uniform(*HOURS[hours]) * 60
        count = -(-int(total) // PACKAGE_LIMIT_MIN)
        return (round(total / count / SLOT_MIN) * SLOT_MIN,) * count

    def _part(self, aircraft_type: str, echelons: tuple[str, ...] = ("hub", "outlet")) -> tuple[PartRow, int]:
        """Draw a part of the line, the fast movers more often, and a quantity."""
        options = [part for part, family in self._line[aircraft_type] if family.echelon in echelons]
        wear = np.array([p.quantity_per_aircraft / float(p.mean_usage_between_removals) for p in options])
        weights = np.sqrt(wear)
        part = options[int(self._rng.choice(len(options), p=weights / weights.sum()))]
        quantity = 1 if part.quantity_per_aircraft < 4 else int(self._rng.integers(1, 3))
        return part, quantity

    def _repair(self, kind: Kind, aircraft_type: str, *, missing: bool) -> Work:
        if missing and self._missing[aircraft_type]:
            options = self._missing[aircraft_type]
            part, quantity = options[int(self._rng.integers(len(options)))], 1
        else:
            part, quantity = self._part(aircraft_type)
        what, what_zh = self._pick(DISCREPANCIES)
        needed = missing or self._rng.random() < PARTS_SHARE[kind]
        return Work(
            f"{part.description} {what}",
            f"{part.description_zh}{what_zh}",
            self._minutes(kind),
            frozenset({aircraft_type, "LINE"}) | self._besides(part.ata_chapter),
            ((part.part_number, quantity),) if needed else (),
        )

    def _check(self, aircraft_type: str) -> Work:
        heavy = self._rng.random() < HEAVY_SHARE
        title, title_zh = self._pick(HEAVY_CHECKS if heavy else CHECKS)
        release = {"BASE"} if heavy else {"LINE"} if self._rng.random() < 0.5 else set()
        part, quantity = self._part(aircraft_type, ("outlet",))
        needed = self._rng.random() < PARTS_SHARE["check"]
        return Work(
            title,
            title_zh,
            self._minutes("heavy" if heavy else "check"),
            frozenset({aircraft_type, *release}),
            ((part.part_number, quantity),) if needed else (),
        )

    def _bulletin(self, aircraft_type: str) -> Work:
        part, quantity = self._part(aircraft_type)
        what, what_zh = self._pick(BULLETINS)
        number = f"SB {aircraft_type}-{part.ata_chapter}-{int(self._rng.integers(1, 60)):03d}"
        release = {"LINE"} if self._rng.random() < 0.4 else set()
        needed = self._rng.random() < PARTS_SHARE["bulletin"]
        return Work(
            f"{number}: {part.description}, {what}",
            f"{number}:{part.description_zh}{what_zh}",
            self._minutes("bulletin"),
            frozenset({aircraft_type, *release}) | self._besides(part.ata_chapter),
            ((part.part_number, quantity),) if needed else (),
        )

    def _advisory(self, aircraft_type: str) -> Work:
        title, title_zh = self._pick(ADVISORY)
        asked = aircraft_type if self._rng.random() < 0.5 else "RECURRENT"
        return Work(title, title_zh, self._minutes("advisory"), frozenset({asked}), ())

    def _besides(self, ata_chapter: str) -> frozenset[str]:
        codes = set()
        code, share = BY_CHAPTER.get(ata_chapter[:2], ("", 0.0))
        if self._rng.random() < share:
            codes.add(code)
        if self._rng.random() < INSPECTION_SHARE:
            codes.add("INSPECTOR")
        if self._rng.random() < FOREIGN_VALIDATION_SHARE:
            codes.add("FOREIGN_VALIDATION")
        return frozenset(codes)
