"""What is known of the removals of parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Invalid
from inventory.network.models import Tier
from inventory.planning.reliability.queries import reliability_page
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from tests.worlds import load_tiny


def brake(**changes: Any) -> NewReliability:
    """What is known of the brake."""
    usual = {"part": "BRAKE-1", "fits": [{"aircraft_type": "MA60", "quantity": 4}], "source": "tests"}
    return NewReliability.model_validate(usual | changes)


def test_what_is_told_again_replaces_what_was_told(any_engine: Engine) -> None:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        set_reliability(session, SYSTEM, [brake(repair_tier="regional"), brake(part="PUMP-1", fits=[])])
        set_reliability(session, SYSTEM, [brake(condemned_share="0.04", fits=[{"aircraft_type": "B", "quantity": 2}])])
    with reading(any_engine, SYSTEM) as session:
        first, second = reliability_page(session, limit=9)
        assert reliability_page(session, after="BRAKE-1", limit=9) == [second]
    assert [(one.aircraft_type, one.quantity) for one in first.fits] == [("B", 2)]
    assert (first.condemned_share, first.repair_tier, second.fits) == (Decimal("0.04"), None, [])


def test_a_shop_is_a_place_that_there_may_be() -> None:
    assert brake(repair_tier="centre").repair_tier is Tier.CENTRE
    for wrong in ({"repair_tier": "scrap"}, {"condemned_share": "1.1"}, {"fits": [{"aircraft_type": "B"}]}):
        with pytest.raises(ValidationError):
            brake(**wrong)
    twice = [{"aircraft_type": "B", "quantity": 2}, {"aircraft_type": "B", "quantity": 3}]
    with pytest.raises(ValidationError, match="twice"):
        brake(fits=twice)


def test_an_unknown_part_is_refused(engine: Engine) -> None:
    load_tiny(engine)
    with writing(engine, SYSTEM) as session, pytest.raises(Invalid, match="NONE"):
        set_reliability(session, SYSTEM, [brake(), brake(part="NONE")])
