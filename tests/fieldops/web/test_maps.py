"""Maps: what is drawn lies where it is, labels leave each other alone, and nothing of it is markup of somebody's."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from fieldops.web.maps import HEIGHT, WIDTH, Spot, Way, draw

XIY = Spot("XIY", 34.44, 108.75, "stocked", "XIY 4", "Xi'an", "/places/XIY", 4)
VTE = Spot("VTE", 17.99, 102.56, "short", "VTE 0", "Vientiane", "/places/VTE")


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def test_the_outline_is_small_and_within_its_bounds() -> None:
    file = files("fieldops.web").joinpath("data/land.json")
    text = file.read_text(encoding="utf-8")
    assert len(text) <= 40_000
    told = json.loads(text)
    for ring in re.findall(r"M[^z]*z", told["path"]):
        numbers = [int(one) for one in re.findall(r"-?\d+", ring)]
        x = numbers[0]
        for step in numbers[2::2]:
            assert abs(step) < told["around"] / 4, "no streak across the map"
            x += step
            assert 0 <= x <= told["around"]


def test_north_is_up_and_east_is_right() -> None:
    svg = parsed(draw("Places", [XIY, VTE], [Way("XIY", "VTE", "flow", "T-1: 2")]))
    assert (svg.get("role"), svg.get("aria-label")) == ("group", "Places")
    circles = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in svg.iter("circle")]
    (east, north), (west, south) = circles
    assert east > west
    assert north < south
    assert [one.get("href") for one in svg.iter("a")] == ["/places/XIY", "/places/VTE"]
    assert "T-1: 2" in "".join(svg.itertext())
    assert "style" not in draw("Places", [XIY, VTE], [])


def test_a_way_to_a_place_that_is_not_shown_is_left_out() -> None:
    assert "T-9" not in draw("Places", [XIY], [Way("XIY", "VTE", "flow", "T-9")])


def test_what_people_typed_is_text_and_never_markup() -> None:
    evil = '"><script>alert(1)</script>'
    svg = parsed(draw(evil, [Spot(evil, 1, 1, "base", evil, evil, f"/places/{evil}")], [Way(evil, evil, evil, evil)]))
    assert not list(svg.iter("script"))
    assert svg.get("aria-label") == evil


_SPOTS = st.lists(
    st.builds(
        Spot,
        code=st.text("ABCDEFG", min_size=3, max_size=3),
        latitude=st.floats(-55, 80),
        longitude=st.floats(-180, 180),
        kind=st.sampled_from(["base", "aog", "far"]),
        label=st.text("ABC 广州", min_size=1, max_size=9),
        size=st.integers(1, 60),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda one: one.code,
)


@given(_SPOTS)
def test_every_place_is_on_the_map(spots: list[Spot]) -> None:
    svg = parsed(draw("Places", spots, []))
    points = [one for one in svg.iter("g") if (one.get("class") or "").startswith("spot ")]
    assert len(points) == len(spots)
    for circle in svg.iter("circle"):
        assert 0 <= float(circle.get("cx", "-1")) <= WIDTH
        assert 0 <= float(circle.get("cy", "-1")) <= HEIGHT
    ends = [(one.get("x"), one.get("y"), one.get("text-anchor")) for one in svg.iter("text")]
    assert len(set(ends)) == len(ends), "no two labels on one another"
