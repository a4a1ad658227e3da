"""The earliest arrival over the lanes, against every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.network.arrival import Leg, Quantile, arrive
from inventory.network.models import DangerousGoods
from inventory.network.routing import Link, Route, Router, carries
from tests.inventory.network.calendars import OFFICE, ZONES

PLACES = "ABCDE"
MONDAY = datetime(2026, 5, 11, tzinfo=UTC)
HOUR = 3600

one_leg = st.builds(
    lambda median, spread, calendar, cut_off, zone: Leg("transport", median, median + spread, calendar, cut_off, zone),
    # few different values, so that ties come up
    median=st.integers(0, 4).map(lambda hours: hours * HOUR),
    spread=st.sampled_from([0, HOUR, 5 * HOUR]),
    calendar=st.sampled_from([None, None, OFFICE]),
    cut_off=st.sampled_from([None, 720]),
    zone=st.sampled_from(ZONES),
)
networks = st.lists(
    st.builds(
        Link,
        origin=st.sampled_from(PLACES),
        destination=st.sampled_from(PLACES),
        mode=st.sampled_from(["air", "road"]),
        legs=st.lists(one_leg, max_size=2).map(tuple),
        cost_per_kg=st.integers(0, 2).map(Decimal),
        cost_per_piece=st.integers(0, 2).map(Decimal),
        currency=st.just("USD"),
    ).filter(lambda link: link.origin != link.destination),
    max_size=14,
    unique_by=lambda link: (link.origin, link.destination, link.mode),
)
ready_times = st.dictionaries(
    st.sampled_from(PLACES), st.integers(0, 200).map(lambda hours: MONDAY + timedelta(hours=hours)), max_size=5
)


def chains(links: list[Link], origin: str, destination: str) -> Iterator[tuple[Link, ...]]:
    """Yield every chain of lanes that comes to no place twice."""
    if origin == destination:
        yield ()
        return
    between = [place for place in PLACES if place not in (origin, destination)]
    for stops in range(len(between) + 1):
        for middle in permutations(between, stops):
            stations = (origin, *middle, destination)
            steps = [[link for link in links if (link.origin, link.destination) == ends] for ends in pairwise(stations)]
            yield from product(*steps)


def arrival(chain: tuple[Link, ...], ready: datetime, quantile: Quantile) -> datetime:
    """Return when a chain arrives, lane by lane."""
    for link in chain:
        ready = arrive(ready, link.legs, quantile).at
    return ready


@settings(max_examples=150, deadline=None)
@given(links=networks, origins=ready_times, quantile=st.sampled_from(Quantile))
def test_it_is_the_best_of_all_ways(links: list[Link], origins: dict[str, datetime], quantile: Quantile) -> None:
    found = Router(links, quantile).earliest(origins, "A", Decimal(2))
    for origin, ready in origins.items():
        ways = [arrival(chain, ready, quantile) for chain in chains(links, origin, "A")]
        assert (origin in found) == bool(ways)
        if ways:
            route = found[origin]
            assert route.arrives == min(ways) == arrival(route.links, ready, quantile)
            assert route.links in list(chains(links, origin, "A"))
            assert route.cost == sum((one.cost_per_piece + 2 * one.cost_per_kg for one in route.links), Decimal(0))


def link(origin: str, destination: str, hours: int, mode: str = "air", **more: object) -> Link:
    """A lane that costs 2 a kilogram and 1 a piece."""
    legs = more.pop("legs", (Leg("transport", hours * HOUR, hours * HOUR),))
    return Link(origin, destination, mode, legs, Decimal(2), Decimal(1), "USD", **more)  # type: ignore[arg-type]


def test_a_slower_lane_that_is_open_beats_a_quicker_one_that_is_closed() -> None:
    saturday = datetime(2026, 5, 9, 8, tzinfo=UTC)
    quick = link("A", "B", 2, legs=(Leg("transport", 2 * HOUR, 2 * HOUR, OFFICE, None, "Africa/Nairobi"),))
    slow = [link("A", "C", 10), link("C", "B", 10)]
    on_monday = {"A": saturday + timedelta(days=2)}
    weekend, week = (Router([quick, *slow]).earliest(ready, "B") for ready in ({"A": saturday}, on_monday))
    assert weekend == {"A": Route(saturday + timedelta(hours=20), Decimal(2), tuple(slow))}
    assert week["A"].links == (quick,)


def test_what_is_there_already_arrives_when_it_is_ready() -> None:
    assert Router([]).earliest({"A": MONDAY, "B": MONDAY}, "A") == {"A": Route(MONDAY, Decimal(0), ())}


def test_of_equally_quick_lanes_the_cheaper_is_taken() -> None:
    dear = Link("A", "B", "air", (Leg("transport", HOUR, HOUR),), Decimal(3), Decimal(0), "USD")
    cheap = Link("A", "B", "road", (Leg("transport", HOUR, HOUR),), Decimal(1), Decimal(0), "USD")
    assert Router([dear, cheap]).earliest({"A": MONDAY}, "B", Decimal(5))["A"] == Route(
        MONDAY + timedelta(hours=1), Decimal(5), (cheap,)
    )


@pytest.mark.parametrize(
    ("limit", "taken"),
    [
        ("none", {"none", "passenger", "cargo", "all"}),
        ("passenger", {"passenger", "cargo", "all"}),
        ("cargo", {"cargo", "all"}),
        ("forbidden", {"all"}),
        ("unknown", {"all"}),
        ("anything else", {"all"}),
    ],
)
def test_dangerous_goods_go_by_the_lanes_that_take_them(limit: str, taken: set[str]) -> None:
    lanes = [link("A", "B", 1, dg_allowed=kind) for kind in DangerousGoods]
    assert {one.dg_allowed.value for one in lanes if carries(one, Decimal(1), limit)} == taken


def test_a_heavy_piece_goes_by_the_lanes_that_carry_it() -> None:
    lanes = [link("A", "B", 1, max_weight_kg=weight) for weight in (None, Decimal(10), Decimal("9.999"))]
    assert [carries(one, Decimal(10), "none") for one in lanes] == [True, True, False]
