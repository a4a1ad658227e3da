"""Profiles from files: what they leave out, what is wrong with them, and what a country does to a way."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.travel import Country, FileFault, TravelProfile, read_profile, travel_matrix


def test_the_shipped_profile_is_the_default_with_countries() -> None:
    shipped = read_profile()
    assert shipped == TravelProfile(countries=shipped.countries)
    assert shipped.countries["NO"] == Country(detour=1.2)
    assert "LA" not in shipped.countries


def test_a_file_tells_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text("road_speed_kmh = 80\n[countries.LA]\nspeed = 0.5\n")
    assert read_profile(path) == TravelProfile(road_speed_kmh=80, countries={"LA": Country(speed=0.5)})


def test_half_of_a_way_is_driven_in_the_country_of_each_end() -> None:
    plain = TravelProfile(road_detour=1.0, countries={"LA": Country(detour=1.5, speed=0.5)})
    places = [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]
    bare = travel_matrix(*places, plain)
    both = travel_matrix(*places, plain, [None, "LA", "TH"])
    assert both.seconds[0, 1] == pytest.approx(bare.seconds[0, 1] * (1 + 3) / 2, abs=1)
    assert both.cost[0, 1] == pytest.approx(bare.cost[0, 1] * (1 + 1.5) / 2)
    assert both.seconds[0, 2] == bare.seconds[0, 2]
    assert (both.seconds == both.seconds.T).all()
    with pytest.raises(ValueError, match="as many countries as places, not 1 for 3"):
        travel_matrix(*places, plain, ["LA"])


def test_where_scheduled_flights_go_one_drives_otherwise() -> None:
    places = [0.0, 10.0], [0.0, 0.0]
    profile = TravelProfile()
    plain, flown = travel_matrix(*places, profile), travel_matrix(*places, profile, flown=[(0, 1)])
    assert flown.mode.tolist() == [[0, 0], [1, 0]]
    assert flown.seconds[0, 1] > 20 * 3600 > plain.seconds[0, 1] == flown.seconds[1, 0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("road_speed_kmh = \n", "at line 1, column 18"),
        ("walking_kmh = 4", "the profile: there is no walking_kmh; there are road_limit_km,"),
        ("road_speed_kmh = 'fast'", "the profile: road_speed_kmh must be a number, not fast"),
        ("road_speed_kmh = true", "road_speed_kmh must be a number, not True"),
        ("currency = 1", "currency must be a text, not 1"),
        ("road_speed_kmh = -1", "the profile: road_speed_kmh must be a number above 0, not -1"),
        ("countries = 1", r"countries must be tables such as \[countries.CN\]"),
        ("[countries.Laos]", "Laos is no ISO code of a country"),
        ("[countries]\nLA = 1", "countries.LA must be a table"),
        ("[countries.LA]\nspeed = 0", "countries.LA: speed must be a number above 0, not 0"),
        ("[countries.LA]\nrain = 0", "countries.LA: there is no rain; there are detour, speed"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text)
    with pytest.raises(FileFault, match=says):
        read_profile(path)
