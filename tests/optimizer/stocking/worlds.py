"""Networks to be evaluated and stocked, and some of the values that are known of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import strategies as st

from optimizer.stocking.model import Line, Part, Place, Repair, Scenario


class Two(NamedTuple):
    """A depot that repairs and its bases: METRIC, two-moment and exact backorders, and ready rates by base."""

    turn_around_days: float
    depot: int
    rates: tuple[float, ...]
    transits: tuple[float, ...]
    bases: tuple[int, ...]
    values: tuple[float, float, float]
    ready: tuple[float, ...]


class Three(NamedTuple):
    """A centre that repairs, regions and forward places, all alike; the values are of one forward place."""

    regions: int
    forward: int
    rate: float
    turn_around_days: float
    transit_region: float
    transit_forward: float
    stock: tuple[int, int, int]
    values: tuple[float, float, float]
    ready: float


TWO = (
    Two(38.1, 0, (0.027972, 0.027548), (1.47, 7.61), (3, 2), (0.21743566,) * 3, (0.89903251, 0.64133723)),
    Two(26.2, 0, (0.014194, 0.012826), (3.89, 7.06), (3, 0), (0.42766973,) * 3, (0.9905412, 0.0)),
    Two(
        *(19.9, 3, (0.023742, 0.021474), (5.86, 6.44), (2, 2)),
        *((0.00098054, 0.00118119, 0.00124796), (0.98959587, 0.9898914)),
    ),
    Two(
        *(49.4, 3, (0.009048, 0.006946, 0.011933), (7.34, 6.24, 6.5), (1, 0, 3)),
        *((0.06421957, 0.06605713, 0.06601304), (0.91691407, 0.0, 0.99932328)),
    ),
    Two(
        *(44.2, 18, (0.301571, 0.032742), (1.09, 0.77), (1, 3)),
        *((0.22074116, 0.37215447, 0.35198756), (0.60497551, 0.9991972)),
    ),
    Two(
        *(39.3, 9, (0.147111, 0.091347), (7.15, 2.3), (0, 2)),
        *((1.96182699, 2.02721061, 2.02965182), (0.0, 0.81380092)),
    ),
    Two(
        *(33.4, 8, (0.244993, 0.195117), (6.15, 5.37), (2, 1)),
        *((6.34515864, 6.39379386, 6.41811238), (0.07041817, 0.03967447)),
    ),
)
THREE = (
    Three(4, 5, 0.0065474, 54.3, 1.0, 1.2, (1, 1, 0), (0.161972601, 0.163255936, 0.16354181), 0.0),
    Three(4, 3, 0.0047759, 27.9, 3.3, 1.9, (1, 1, 1), (0.000169976, 0.000665129, 0.0006209), 0.979547395),
    Three(4, 3, 0.0008803, 57.1, 1.9, 0.8, (1, 0, 2), (5.47e-07, 4.295e-06, 3.331e-06), 0.999754223),
    Three(5, 6, 0.0134881, 12.4, 1.1, 1.9, (2, 2, 0), (0.03247168, 0.03432949, 0.034223595), 0.0),
    Three(4, 7, 0.0017554, 44.1, 3.8, 1.8, (4, 3, 0), (0.003159874, 0.003162614, 0.003163712), 0.0),
)
KTH_RATES = (50, 40, 45, 50, 25, 48, 60, 35, 15)
KTH_HOURS = (6, 8, 14, 25, 12, 18, 33, 8, 12)
KTH_COSTS = (12, 14, 21, 20, 11, 45, 75, 30, 22)
KTH_CURVE = (
    *((0, 6.104), (20, 5.3905), (31, 5.13132), (52, 4.66391), (64, 4.40473), (78, 4.13088), (98, 3.77552)),
    *((143, 3.19699), (218, 2.33506), (248, 2.09084), (323, 1.50229), (345, 1.33756), (365, 1.20603)),
    *((386, 1.07415), (431, 0.85978), (506, 0.54187)),
)
KTH_OPTIMA = ((0, 0, 6.104), (100, 98, 3.77552), (150, 143, 3.19699), (350, 345, 1.33756), (500, 500, 0.63192))
KTH_500 = (1, 2, 2, 2, 1, 2, 3, 1, 1)
"""Nine parts at one base (course SF2863 of KTH, 2021): failures per 1,000 h, hours of repair, prices; known optima."""


def kth() -> Scenario:
    """Return the nine parts, with hours as days."""
    parts = [
        Part(f"LRU{index}", cost, repair=Repair(hours))
        for index, (cost, hours) in enumerate(zip(KTH_COSTS, KTH_HOURS, strict=True), 1)
    ]
    lines = [Line(part.number, "BASE", rate / 1000) for part, rate in zip(parts, KTH_RATES, strict=True)]
    return Scenario.of([Place("BASE")], parts, lines)


def two(case: Two) -> tuple[Scenario, dict[tuple[str, str], int]]:
    """Return a depot with its bases, and their stock."""
    bases = [f"B{index}" for index in range(len(case.rates))]
    places = [Place("D"), *(Place(base, "D", days) for base, days in zip(bases, case.transits, strict=True))]
    lines = [Line("PUMP", base, rate) for base, rate in zip(bases, case.rates, strict=True)]
    scenario = Scenario.of(places, [Part("PUMP", 1.0, repair=Repair(case.turn_around_days))], lines)
    stock = {("PUMP", base): pieces for base, pieces in zip(bases, case.bases, strict=True)}
    return scenario, stock | {("PUMP", "D"): case.depot}


def three(case: Three) -> tuple[Scenario, dict[tuple[str, str], int]]:
    """Return a centre with regions and forward places, and their stock."""
    regions = [f"R{index}" for index in range(case.regions)]
    forward = {f"{region}F{index}": region for region in regions for index in range(case.forward)}
    places = [
        Place("C"),
        *(Place(region, "C", case.transit_region) for region in regions),
        *(Place(code, region, case.transit_forward) for code, region in forward.items()),
    ]
    parts = [Part("PUMP", 1.0, repair=Repair(case.turn_around_days))]
    scenario = Scenario.of(places, parts, [Line("PUMP", code, case.rate) for code in forward])
    held = {"C": case.stock[0]} | dict.fromkeys(regions, case.stock[1]) | dict.fromkeys(forward, case.stock[2])
    return scenario, {("PUMP", code): pieces for code, pieces in held.items()}


def lindo() -> Scenario:
    """Return the METRIC sample of LINDO: a depot of 14 days of repair, two bases 2 days away."""
    places = [Place("D"), Place("A", "D", 2.0), Place("B", "D", 2.0)]
    lines = [Line("P", "A", 0.1), Line("P", "B", 0.1)]
    return Scenario.of(places, [Part("P", 1.0, repair=Repair(14.0))], lines)


def published() -> Path:
    """Return the folder of the known values; the test is skipped where there is none."""
    folder = Path(os.environ.get("FIELDOPS_BENCH_DATA", ""), "spares")
    if "FIELDOPS_BENCH_DATA" not in os.environ or not folder.is_dir():
        pytest.skip("the known values are not at hand: set FIELDOPS_BENCH_DATA to their folder")
    return folder


@st.composite
def scenarios(draw: st.DrawFn, *, places: int = 6, parts: int = 2, batches: bool = False) -> Scenario:
    """Draw a tree of places, and parts that are repaired somewhere or bought."""
    days = st.floats(0.5, 40)
    tree = [Place("P0")] + [
        Place(f"P{index}", f"P{draw(st.integers(0, index - 1))}", draw(days))
        for index in range(1, draw(st.integers(1, places)))
    ]
    made, lines = [], []
    for index in range(draw(st.integers(1, parts))):
        repair = Repair(draw(days), draw(st.integers(0, 2)), draw(st.sampled_from([0.0, 0.1, 1.0])))
        made.append(
            Part(
                f"N{index}",
                draw(st.floats(1, 50)),
                draw(days),
                draw(st.sampled_from([repair, None])),
                order_quantity=draw(st.sampled_from([1, 3])),
                dispersion=draw(st.sampled_from([1.0, 2.5])) if batches else 1.0,
            )
        )
        chosen = draw(st.lists(st.sampled_from(tree), min_size=1, unique_by=lambda place: place.code))
        lines += [
            Line(f"N{index}", place.code, draw(st.floats(0.001, 0.1)), draw(st.floats(0.1, 9))) for place in chosen
        ]
    return Scenario.of(tree, made, lines)
