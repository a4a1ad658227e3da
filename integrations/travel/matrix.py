"""Travel time and fare between all pairs of places: by road when near, by air when far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from integrations.travel.great_circle import great_circle_km
from integrations.travel.profile import Country, TravelProfile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

S_PER_H = 3600
_DIGITS = 5
"""Digits of a degree that tell points apart: about a metre."""

Point = tuple[float, float]
"""Latitude and longitude in degrees, rounded."""
Pair = tuple[Point, Point]
"""From a point to another."""


class Mode(IntEnum):
    """How one travels between two places; the values of `TravelMatrix.mode`."""

    ROAD = 0
    AIR = 1


@dataclass(frozen=True, slots=True)
class Leg:
    """A way by road as it was measured."""

    seconds: int
    metres: int


Legs = Mapping[Pair, Leg | None]
"""Measured ways; None where there is no road."""


@dataclass(frozen=True, slots=True, eq=False)
class TravelMatrix:
    """Travel between n places; every array is (n, n), [origin, destination], and symmetric where it is estimated."""

    seconds: NDArray[np.int64]
    """Door to door, rounded up; zero on the diagonal."""
    cost: NDArray[np.float64]
    """Per person and direction, in the profile's currency; zero on the diagonal."""
    mode: NDArray[np.int8]
    """Values of `Mode`."""


def point(latitude: float, longitude: float) -> Point:
    """Return a point as measured ways are kept by."""
    return round(latitude, _DIGITS) + 0.0, round(longitude, _DIGITS) + 0.0  # no -0.0


def travel_matrix(
    latitudes: ArrayLike,
    longitudes: ArrayLike,
    profile: TravelProfile,
    countries: Sequence[str | None] = (),
    *,
    flown: Collection[tuple[int, int]] = (),
) -> TravelMatrix:
    """Return travel time and fare between n places given in degrees, with the ISO codes of their countries if known.

    Where scheduled flights go (`flown`, pairs of indices) one drives otherwise, however far it is. Time and memory
    grow with n squared. Near `road_limit_km` time jumps (the default road is slower than the default flight), so
    times need not satisfy the triangle inequality.

    Raises ValueError for coordinates out of range or NaN, or arrays of different lengths.
    """
    distance_km = great_circle_km(latitudes, longitudes)
    by_air = distance_km > profile.road_limit_km
    for pair in flown:
        by_air[pair] = False
    ends = [profile.countries.get(code or "", Country()) for code in countries] or [Country()] * len(distance_km)
    if len(ends) != len(distance_km):
        raise ValueError(f"give as many countries as places, not {len(ends)} for {len(distance_km)}")
    road_km = distance_km * profile.road_detour * _mean(np.array([one.detour for one in ends]))
    slow_km = distance_km * profile.road_detour * _mean(np.array([one.detour / one.speed for one in ends]))
    hours = np.where(
        by_air, profile.air_overhead_h + distance_km / profile.air_speed_kmh, slow_km / profile.road_speed_kmh
    )
    cost = np.where(
        by_air, profile.air_fare + profile.air_cost_per_km * distance_km, profile.road_cost_per_km * road_km
    )
    seconds = np.ceil(np.round(hours * S_PER_H, 6))  # a whole second must not become two by a rounding error
    mode = np.where(by_air, np.int8(Mode.AIR), np.int8(Mode.ROAD))
    return TravelMatrix(seconds=seconds.astype(np.int64), cost=cost, mode=mode)


def road_pairs(points: Sequence[Point], matrix: TravelMatrix) -> set[Pair]:
    """Return the pairs of different points that one drives between."""
    rows, columns = np.nonzero(matrix.mode == Mode.ROAD)
    found = {(points[row], points[column]) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)}
    return {(origin, destination) for origin, destination in found if origin != destination}


def measured(points: Sequence[Point], matrix: TravelMatrix, legs: Legs, profile: TravelProfile) -> TravelMatrix:
    """Return the matrix with the ways by road as they were measured, where they were and there is a road."""
    if not legs:
        return matrix
    seconds, cost = matrix.seconds.copy(), matrix.cost.copy()
    for row, origin in enumerate(points):
        for column, destination in enumerate(points):
            leg = legs.get((origin, destination))
            if leg is not None and row != column and matrix.mode[row, column] == Mode.ROAD:
                seconds[row, column] = leg.seconds
                cost[row, column] = profile.road_cost_per_km * leg.metres / 1000
    return TravelMatrix(seconds, cost, matrix.mode)


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of both ends for each pair."""
    return np.add.outer(values, values) / 2
