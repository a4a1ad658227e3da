"""Where travel times come from, by the settings: one answer for plans, for crews and for what a job will cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from fieldops.settings import Settings, load_settings
from integrations.travel import (
    Departure,
    Pair,
    Point,
    TableService,
    TravelMatrix,
    TravelProfile,
    point,
    read_profile,
    read_timetable,
    road_pairs,
    travel_matrix,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place lies; degrees, and the ISO code of its country if known."""

    latitude: float
    longitude: float
    country: str | None

    @property
    def point(self) -> Point:
        """As measured ways are kept by."""
        return point(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of travel: how people travel as a rule, who measures ways by road, when flights go."""

    profile: TravelProfile
    service: TableService | None = None
    timetable: tuple[Departure, ...] = ()

    def estimate(self, spots: Sequence[Spot], flown: Collection[tuple[int, int]] = ()) -> TravelMatrix:
        """Return the ways between spots by great circle; where flights go (`flown`) one drives otherwise."""
        latitudes, longitudes = [one.latitude for one in spots], [one.longitude for one in spots]
        return travel_matrix(latitudes, longitudes, self.profile, [one.country for one in spots], flown=flown)


def pairs_of(spots: Sequence[Spot], matrix: TravelMatrix) -> set[Pair]:
    """Return the ways by road between spots."""
    return road_pairs([one.point for one in spots], matrix)


def sources_of(settings: Settings) -> Sources:
    """Return what the settings name; raises FileFault for a file that was changed to the worse since they were read."""
    url = settings.travel_url
    return Sources(
        profile=read_profile() if settings.travel_profile is None else read_profile(settings.travel_profile),
        service=None
        if url is None
        else TableService(url, timeout_s=settings.travel_timeout_s, points_max=settings.travel_points_max),
        timetable=() if settings.travel_flights is None else read_timetable(settings.travel_flights),
    )


@cache
def configured() -> Sources:
    """Return the sources of this installation, read once in a process; raises NotReady for wrong settings."""
    return sources_of(load_settings())
