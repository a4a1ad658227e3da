"""Travel times and fares between places, estimated from their coordinates."""

from __future__ import annotations

from integrations.travel.great_circle import EARTH_RADIUS_KM, great_circle_km
from integrations.travel.matrix import Mode, TravelMatrix, TravelProfile, travel_matrix

__all__ = ["EARTH_RADIUS_KM", "Mode", "TravelMatrix", "TravelProfile", "great_circle_km", "travel_matrix"]
