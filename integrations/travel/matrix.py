"""Travel time and fare between all pairs of places: by road when near, by air when far."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from integrations.travel.great_circle import great_circle_km

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

S_PER_H = 3600


class Mode(IntEnum):
    """How one travels between two places; the values of `TravelMatrix.mode`."""

    ROAD = 0
    AIR = 1


@dataclass(frozen=True, slots=True)
class TravelProfile:
    """How a technician travels. The defaults are estimates, to be replaced by an organisation's own data.

    Up to `road_limit_km` (great circle) one drives: the distance is stretched by `road_detour`. Beyond it one flies
    at block speed, with `air_overhead_h` for transfers and check-in, door to door. Money is in `currency`.

    Raises ValueError for a speed that is not positive, a detour below 1, or any other value that is negative.
    """

    road_limit_km: float = 250.0
    road_speed_kmh: float = 60.0
    road_detour: float = 1.3
    road_cost_per_km: float = 0.6
    air_speed_kmh: float = 500.0
    air_overhead_h: float = 3.0
    air_fare: float = 120.0
    air_cost_per_km: float = 0.12
    currency: str = "USD"

    def __post_init__(self) -> None:
        for name in ("road_speed_kmh", "air_speed_kmh"):
            _require(name, getattr(self, name), above=0.0)
        _require("road_detour", self.road_detour, least=1.0)
        for name in ("road_limit_km", "road_cost_per_km", "air_overhead_h", "air_fare", "air_cost_per_km"):
            _require(name, getattr(self, name), least=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class TravelMatrix:
    """Travel between n places; every array is (n, n), symmetric, [origin, destination]."""

    seconds: NDArray[np.int64]
    """Door to door, rounded up; zero on the diagonal."""
    cost: NDArray[np.float64]
    """Per person and direction, in the profile's currency; zero on the diagonal."""
    mode: NDArray[np.int8]
    """Values of `Mode`."""


def travel_matrix(latitudes: ArrayLike, longitudes: ArrayLike, profile: TravelProfile) -> TravelMatrix:
    """Return travel time and fare between n places given in degrees.

    Time and memory grow with n squared. Near `road_limit_km` time jumps (the default road is slower than the default
    flight), so times need not satisfy the triangle inequality.

    Raises ValueError for coordinates out of range or NaN, or arrays of different lengths.
    """
    distance_km = great_circle_km(latitudes, longitudes)
    by_air = distance_km > profile.road_limit_km
    road_km = distance_km * profile.road_detour
    hours = np.where(
        by_air, profile.air_overhead_h + distance_km / profile.air_speed_kmh, road_km / profile.road_speed_kmh
    )
    cost = np.where(
        by_air, profile.air_fare + profile.air_cost_per_km * distance_km, profile.road_cost_per_km * road_km
    )
    seconds = np.ceil(np.round(hours * S_PER_H, 6))  # a whole second must not become two by a rounding error
    mode = np.where(by_air, np.int8(Mode.AIR), np.int8(Mode.ROAD))
    return TravelMatrix(seconds=seconds.astype(np.int64), cost=cost, mode=mode)


def _require(name: str, value: float, *, above: float = -math.inf, least: float = -math.inf) -> None:
    if not (math.isfinite(value) and value > above and value >= least):
        bound = f"above {above:g}" if above > -math.inf else f"of at least {least:g}"
        raise ValueError(f"{name} must be a number {bound}, not {value}")
