"""Travel times and fares between places: estimated, measured by a table service, and scheduled flights."""

from __future__ import annotations

from integrations.travel.faults import FileFault
from integrations.travel.flights import Departure, ScheduledFlight, flights_between, read_timetable
from integrations.travel.great_circle import EARTH_RADIUS_KM, great_circle_km
from integrations.travel.matrix import (
    Leg,
    Legs,
    Mode,
    Pair,
    Point,
    TravelMatrix,
    measured,
    point,
    road_pairs,
    travel_matrix,
)
from integrations.travel.notice import Notice, TravelSource
from integrations.travel.profile import Country, TravelProfile, read_profile
from integrations.travel.table import Answer, TableService, TravelFault, ask

__all__ = [
    "EARTH_RADIUS_KM",
    "Answer",
    "Country",
    "Departure",
    "FileFault",
    "Leg",
    "Legs",
    "Mode",
    "Notice",
    "Pair",
    "Point",
    "ScheduledFlight",
    "TableService",
    "TravelFault",
    "TravelMatrix",
    "TravelProfile",
    "TravelSource",
    "ask",
    "flights_between",
    "great_circle_km",
    "measured",
    "point",
    "read_profile",
    "read_timetable",
    "road_pairs",
    "travel_matrix",
]
