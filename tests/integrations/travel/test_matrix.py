from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.travel import Mode, TravelProfile, great_circle_km, travel_matrix

PROFILE = TravelProfile()
KM_PER_DEGREE = float(great_circle_km([0.0, 1.0], [0.0, 0.0])[0, 1])


def north_of_equator(*distances_km: float) -> tuple[list[float], list[float]]:
    """Places on one meridian at these distances from the first one, which lies on the equator."""
    return [0.0, *(km / KM_PER_DEGREE for km in distances_km)], [0.0] * (len(distances_km) + 1)


def test_near_places_are_driven_to() -> None:
    travel = travel_matrix(*north_of_equator(120.0), PROFILE)
    assert travel.mode[0, 1] == Mode.ROAD
    assert travel.seconds[0, 1] == 2.6 * 3600  # 120 km x 1.3 at 60 km/h
    assert travel.cost[0, 1] == pytest.approx(93.6)  # 156 km x 0.6


def test_far_places_are_flown_to() -> None:
    travel = travel_matrix(*north_of_equator(1000.0), PROFILE)
    assert travel.mode[0, 1] == Mode.AIR
    assert travel.seconds[0, 1] == 5 * 3600  # 2 h in the air and 3 h around it
    assert travel.cost[0, 1] == pytest.approx(240.0)


def test_the_limit_itself_is_driven() -> None:
    latitudes, longitudes = north_of_equator(200.0)
    limit_km = float(great_circle_km(latitudes, longitudes)[0, 1])
    assert travel_matrix(latitudes, longitudes, replace(PROFILE, road_limit_km=limit_km)).mode[0, 1] == Mode.ROAD
    below_km = math.nextafter(limit_km, 0)
    assert travel_matrix(latitudes, longitudes, replace(PROFILE, road_limit_km=below_km)).mode[0, 1] == Mode.AIR


def test_seconds_are_rounded_up() -> None:
    travel = travel_matrix(*north_of_equator(0.001), replace(PROFILE, road_detour=1.0))
    assert travel.seconds[0, 1] == 1  # 0.06 s


def test_a_whole_second_stays_whole() -> None:
    one_second_a_km = replace(PROFILE, road_limit_km=1000.0, road_detour=1.0, road_speed_kmh=3600.0)
    travel = travel_matrix(*north_of_equator(*range(1, 401)), one_second_a_km)
    assert travel.seconds[0].tolist() == list(range(401))


def test_across_the_date_line_one_drives() -> None:
    assert travel_matrix([-17.8, -17.8], [179.5, -179.5], PROFILE).mode[0, 1] == Mode.ROAD


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=12))
def test_symmetric_zero_on_the_diagonal_and_slower_when_farther(points: list[tuple[float, float]]) -> None:
    latitudes, longitudes = [p[0] for p in points], [p[1] for p in points]
    travel = travel_matrix(latitudes, longitudes, PROFILE)
    for array in (travel.seconds, travel.cost, travel.mode):
        assert array.shape == (len(points), len(points))
        assert (array == array.T).all()
        assert (np.diagonal(array) == 0).all()
    assert np.issubdtype(travel.seconds.dtype, np.integer)
    distance_km = great_circle_km(latitudes, longitudes)
    for mode in Mode:
        of_mode = travel.mode == mode
        order = np.argsort(distance_km[of_mode], kind="stable")
        assert (np.diff(travel.seconds[of_mode][order]) >= 0).all()
        assert (np.diff(travel.cost[of_mode][order]) >= 0).all()


def test_the_largest_network() -> None:
    rng = np.random.default_rng(7)
    latitudes, longitudes = rng.uniform(-60, 70, 545), rng.uniform(-180, 180, 545)
    travel = travel_matrix(latitudes, longitudes, PROFILE)
    assert travel.seconds.shape == (545, 545)
    pair = travel_matrix(latitudes[[3, 544]], longitudes[[3, 544]], PROFILE)
    assert travel.seconds[3, 544] == pair.seconds[0, 1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"road_speed_kmh": 0.0}, "road_speed_kmh must be a number above 0, not 0.0"),
        ({"air_speed_kmh": math.nan}, "air_speed_kmh must be a number above 0, not nan"),
        ({"road_detour": 0.9}, "road_detour must be a number of at least 1, not 0.9"),
        ({"air_overhead_h": -1.0}, "air_overhead_h must be a number of at least 0, not -1.0"),
        ({"road_limit_km": math.inf}, "road_limit_km must be a number of at least 0, not inf"),
    ],
)
def test_an_impossible_profile_is_refused(change: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        TravelProfile(**change)  # type: ignore[arg-type]


def test_bad_coordinates_are_refused() -> None:
    with pytest.raises(ValueError, match="latitude nan at index 1"):
        travel_matrix([0.0, math.nan], [0.0, 0.0], PROFILE)
