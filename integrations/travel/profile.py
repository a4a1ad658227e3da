"""How technicians travel where nothing better is known: speeds, detours and fares, by country."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from integrations.travel.faults import FileFault, text_of

SHIPPED = Path(__file__).with_name("profile.toml")
"""The profile that comes with the product."""


@dataclass(frozen=True, slots=True)
class Country:
    """Factors on the profile's own road detour and road speed. Raises ValueError for what is not above 0."""

    detour: float = 1.0
    speed: float = 1.0

    def __post_init__(self) -> None:
        _require("detour", self.detour, above=0.0)
        _require("speed", self.speed, above=0.0)


@dataclass(frozen=True, slots=True)
class TravelProfile:
    """How a technician travels. The defaults are estimates, to be replaced by an organisation's own data.

    Up to `road_limit_km` (great circle) one drives: the distance is stretched by `road_detour`. Beyond it one flies
    at block speed, with `air_overhead_h` for transfers and check-in, door to door. Money is in `currency`.
    `countries` are factors by ISO code; half of a way counts as driven in the country of each end.

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
    countries: Mapping[str, Country] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("road_speed_kmh", "air_speed_kmh"):
            _require(name, getattr(self, name), above=0.0)
        _require("road_detour", self.road_detour, least=1.0)
        for name in ("road_limit_km", "road_cost_per_km", "air_overhead_h", "air_fare", "air_cost_per_km"):
            _require(name, getattr(self, name), least=0.0)

    def priced(self, currency: str, worth: float) -> TravelProfile:
        """Return the profile with its money in another currency, of which one unit of its own is worth so much."""
        return replace(
            self,
            road_cost_per_km=self.road_cost_per_km * worth,
            air_fare=self.air_fare * worth,
            air_cost_per_km=self.air_cost_per_km * worth,
            currency=currency,
        )


def read_profile(path: Path = SHIPPED) -> TravelProfile:
    """Read a profile from a TOML file; what it leaves out is as `TravelProfile` has it. Raises FileFault."""
    try:
        told = tomllib.loads(text_of(path))
    except tomllib.TOMLDecodeError as wrong:
        raise FileFault(str(wrong)) from None
    countries = told.pop("countries", {})
    if not isinstance(countries, dict):
        raise FileFault("countries must be tables such as [countries.CN]")
    by_code = {}
    for code, factors in countries.items():
        if not (len(code) == 2 and code.isascii() and code.isupper()):
            raise FileFault(f"{code} is no ISO code of a country, such as CN")
        by_code[code] = _made(f"countries.{code}", Country, factors)
    profile: TravelProfile = _made("the profile", TravelProfile, told, countries=by_code)
    return profile


def _made(name: str, kind: Any, told: object, **more: object) -> Any:
    """Return a dataclass from what a file tells of it; FileFault names what is unknown or wrong."""
    if not isinstance(told, dict):
        raise FileFault(f"{name} must be a table")
    known = {one.name: one.type for one in fields(kind)}
    for key, value in told.items():
        if key not in known:
            raise FileFault(f"{name}: there is no {key}; there are {', '.join(known)}")
        wanted = str if known[key] == "str" else (int, float)
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise FileFault(f"{name}: {key} must be a {'text' if wanted is str else 'number'}, not {value}")
    try:
        return kind(**told, **more)
    except ValueError as wrong:
        raise FileFault(f"{name}: {wrong}") from None


def _require(name: str, value: float, *, above: float = -math.inf, least: float = -math.inf) -> None:
    if not (math.isfinite(value) and value > above and value >= least):
        bound = f"above {above:g}" if above > -math.inf else f"of at least {least:g}"
        raise ValueError(f"{name} must be a number {bound}, not {value}")
