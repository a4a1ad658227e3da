"""What is refused of regions, places and lanes before the database is asked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from inventory.network.models import SITE_TIERS, VIRTUAL_TIERS, Tier
from inventory.network.schemas import LEAD_H_MAX, NewLane, NewPlace

SHELF: dict[str, Any] = {
    "code": "VTE",
    "name": "Vientiane",
    "tier": "regional",
    "region": "SEA",
    "area": "SEA",
    "latitude": 17.988,
    "longitude": 102.563,
    "time_zone": "Asia/Vientiane",
}
LANE: dict[str, Any] = {
    "origin": "XIY",
    "destination": "VTE",
    "mode": "aog",
    "lead_h": 32,
    "cost_per_kg": "9.5",
    "currency": "USD",
}


@pytest.mark.parametrize("field", ["region", "area", "latitude", "longitude", "time_zone"])
@pytest.mark.parametrize("tier", sorted(set(Tier) - VIRTUAL_TIERS))
def test_a_place_with_a_shelf_is_somewhere(tier: Tier, field: str) -> None:
    NewPlace(**SHELF | {"tier": tier})
    with pytest.raises(ValidationError, match=f"{field} is missing: place VTE has a shelf"):
        NewPlace(**{name: value for name, value in SHELF.items() if name != field} | {"tier": tier})


@pytest.mark.parametrize("tier", sorted(VIRTUAL_TIERS))
def test_a_virtual_place_is_nowhere(tier: Tier) -> None:
    assert NewPlace(code="X", name="Anywhere", tier=tier).region is None


def test_every_tier_is_a_site_a_kit_or_virtual() -> None:
    assert {*SITE_TIERS, Tier.KIT} == set(Tier) - VIRTUAL_TIERS


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"time_zone": "Asia/Vientian"}, "“Asia/Vientian” is not an IANA time zone"),
        ({"time_zone": "UTC+7"}, "not an IANA time zone"),
        ({"latitude": 90.1}, "latitude"),
        ({"longitude": -180.1}, "longitude"),
        ({"latitude": "nan"}, "latitude"),
        ({"tier": "palace"}, "tier"),
        ({"code": "V TE"}, "code"),
        ({"code": ""}, "code"),
        ({"name": "   "}, "name"),
        ({"country": "Laos"}, "country"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_place_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        NewPlace(**SHELF | wrong)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"destination": "XIY"}, "a lane from XIY to itself leads nowhere"),
        ({"lead_h": -1}, "lead_h"),
        ({"lead_h": "nan"}, "lead_h"),
        ({"lead_h": LEAD_H_MAX + 1}, "lead_h"),
        ({"cost_per_kg": "-0.01"}, "cost_per_kg"),
        ({"cost_per_kg": "0.00001"}, "cost_per_kg"),
        ({"cost_per_piece": "-1"}, "cost_per_piece"),
        ({"currency": "usd"}, "currency"),
    ],
)
def test_a_wrong_lane_is_refused(wrong: dict[str, Any], why: str) -> None:
    NewLane(**LANE)
    with pytest.raises(ValidationError, match=why):
        NewLane(**LANE | wrong)
