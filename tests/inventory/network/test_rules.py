"""The quickest paths over the lanes, against every path there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.network.queries import LaneRow
from inventory.network.rules import Path, paths

PLACES = "ABCDE"

one_lane = st.builds(
    LaneRow,
    origin=st.sampled_from(PLACES),
    destination=st.sampled_from(PLACES),
    mode=st.sampled_from(["aog", "routine"]),
    # few different values, so that ties come up
    lead_s=st.integers(0, 4),
    cost_per_kg=st.integers(0, 2).map(Decimal),
    cost_per_piece=st.integers(0, 2).map(Decimal),
    currency=st.just("USD"),
)
networks = st.lists(
    one_lane.filter(lambda lane: lane.origin != lane.destination),
    max_size=14,
    unique_by=lambda lane: (lane.origin, lane.destination, lane.mode),
)


def _every_path(lanes: list[LaneRow], mode: str, among: str, origin: str, destination: str) -> Iterator[Path]:
    by_ends = {(lane.origin, lane.destination): lane for lane in lanes if lane.mode == mode}
    between = [place for place in among if place not in (origin, destination)]
    for stops in range(len(between) + 1):
        for middle in permutations(between, stops):
            legs = [by_ends.get(ends) for ends in pairwise((origin, *middle, destination))]
            whole = [leg for leg in legs if leg is not None]
            if len(whole) == len(legs):
                yield Path(
                    mode=mode,
                    lead_s=sum(leg.lead_s for leg in whole),
                    cost_per_kg=sum((leg.cost_per_kg for leg in whole), Decimal(0)),
                    cost_per_piece=sum((leg.cost_per_piece for leg in whole), Decimal(0)),
                )


@settings(max_examples=150)
@given(lanes=networks, among=st.lists(st.sampled_from(PLACES), unique=True).map("".join))
def test_each_mode_takes_the_quickest_way_and_the_cheapest_of_those(lanes: list[LaneRow], among: str) -> None:
    expected: dict[tuple[str, str], tuple[Path, ...]] = {}
    for origin, destination in permutations(among, 2):
        modes = [list(_every_path(lanes, mode, among, origin, destination)) for mode in ("aog", "routine")]
        best = tuple(
            min(ways, key=lambda way: (way.lead_s, way.cost_per_kg, way.cost_per_piece)) for ways in modes if ways
        )
        if best:
            expected[origin, destination] = best
    assert paths(lanes, among) == expected


@given(lanes=networks, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_lanes_does_not_matter(lanes: list[LaneRow], shuffled: object) -> None:
    mixed = sorted(lanes, key=lambda _lane: shuffled.random())  # type: ignore[attr-defined]
    assert list(paths(mixed, PLACES).items()) == list(paths(lanes, PLACES).items())


def test_a_way_over_a_place_outside_is_not_used() -> None:
    leg = LaneRow("A", "B", "aog", 3600, Decimal(1), Decimal(0), "USD")
    lanes = [leg, replace(leg, origin="B", destination="C")]
    assert set(paths(lanes, {"A", "B", "C"})) == {("A", "B"), ("B", "C"), ("A", "C")}
    assert paths(lanes, {"A", "C"}) == {}
