"""How many operations a region may submit a minute, however many ask at once."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.errors import TooMany
from inventory.kernel.operations import require_pace, submit
from tests.conftest import NOW
from tests.rivals import at_once


@pytest.mark.postgres
def test_rivals_together_submit_no_more_than_a_region_may(postgres_engine: Engine) -> None:
    def ask(number: int) -> str | None:
        region = ("CN", "SEA")[number % 2]
        try:
            with writing(postgres_engine, SYSTEM) as session:
                require_pace(session, region, NOW, 3)
                submit(session, SYSTEM, "plan.day", {}, NOW, region=region)
        except TooMany:
            return None
        return region

    passed = at_once(14, ask)
    assert [passed.count(region) for region in ("CN", "SEA", None)] == [3, 3, 8]
