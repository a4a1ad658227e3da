from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.travel import EARTH_RADIUS_KM, great_circle_km

LATITUDE = st.floats(-90, 90)
LONGITUDE = st.floats(-180, 180)
POINTS = st.lists(st.tuples(LATITUDE, LONGITUDE), min_size=3, max_size=8)


def by_vectors_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Angle between the unit vectors, by the arctangent of cross over dot product."""

    def unit(point: tuple[float, float]) -> np.ndarray:
        latitude, longitude = map(math.radians, point)
        return np.array(
            [
                math.cos(latitude) * math.cos(longitude),
                math.cos(latitude) * math.sin(longitude),
                math.sin(latitude),
            ]
        )

    u, v = unit(a), unit(b)
    return EARTH_RADIUS_KM * math.atan2(float(np.linalg.norm(np.cross(u, v))), float(u @ v))


def test_xian_to_nairobi_by_the_spherical_law_of_cosines() -> None:
    xiy, nbo = (34.447, 108.752), (-1.319, 36.928)
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (xiy, nbo))
    cosine = math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(lon_a - lon_b)
    distance_km = great_circle_km([xiy[0], nbo[0]], [xiy[1], nbo[1]])[0, 1]
    assert distance_km == pytest.approx(EARTH_RADIUS_KM * math.acos(cosine), abs=1e-6)
    assert 8_000 < distance_km < 9_000


def test_a_degree_of_the_equator_and_a_quarter_of_a_meridian() -> None:
    distance_km = great_circle_km([0.0, 0.0, 90.0], [0.0, 1.0, 0.0])
    assert distance_km[0, 1] == pytest.approx(111.195, abs=1e-3)
    assert distance_km[0, 2] == pytest.approx(math.pi / 2 * EARTH_RADIUS_KM)


def test_the_date_line_is_no_wall() -> None:
    assert great_circle_km([-17.8, -17.8], [179.5, -179.5])[0, 1] == pytest.approx(
        great_circle_km([-17.8, -17.8], [9.5, 10.5])[0, 1]
    )
    assert great_circle_km([10.0, 10.0], [180.0, -180.0])[0, 1] == pytest.approx(0.0, abs=1e-6)


def test_a_pole_is_one_point_whatever_its_longitude() -> None:
    distance_km = great_circle_km([90.0, 90.0, -90.0], [0.0, 137.0, 12.0])
    assert distance_km[0, 1] == pytest.approx(0.0, abs=1e-6)
    assert distance_km[0, 2] == pytest.approx(math.pi * EARTH_RADIUS_KM)


@given(POINTS)
def test_it_is_a_metric_and_agrees_with_another_formula(points: list[tuple[float, float]]) -> None:
    distance_km = great_circle_km([p[0] for p in points], [p[1] for p in points])
    assert (distance_km == distance_km.T).all()
    assert (np.diagonal(distance_km) == 0).all()
    assert (distance_km >= 0).all()
    assert (distance_km <= math.pi * EARTH_RADIUS_KM + 1e-6).all()
    detour_km = distance_km[:, :, None] + distance_km[None, :, :]  # [a, b, c]: a to b, then b to c
    assert (distance_km[:, None, :] <= detour_km + 1e-3).all()
    for i, a in enumerate(points):
        for j, b in enumerate(points):
            # near antipodes the haversine loses half of the digits: a metre is fair
            assert distance_km[i, j] == pytest.approx(by_vectors_km(a, b), abs=1e-3)


@pytest.mark.parametrize(
    ("latitudes", "longitudes", "says"),
    [
        ([0.0, 90.1], [0.0, 0.0], r"latitude 90\.1 at index 1 is not within ±90"),
        ([0.0, -91.0], [0.0, 0.0], r"latitude -91\.0 at index 1"),
        ([math.nan], [0.0], r"latitude nan at index 0"),
        ([0.0], [math.nan], r"longitude nan at index 0"),
        ([0.0], [math.inf], r"longitude inf at index 0"),
        ([0.0], [180.5], r"longitude 180\.5 at index 0 is not within ±180"),
        ([0.0, 1.0], [0.0], r"as many longitudes as latitudes, not 1 for 2"),
        ([[0.0]], [0.0], r"latitudes as a one-dimensional array"),
    ],
)
def test_bad_coordinates_are_refused(latitudes: list[float], longitudes: list[float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        great_circle_km(latitudes, longitudes)
