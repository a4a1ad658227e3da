from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integrations.odoo.world import posting


def test_the_external_id_names_site_and_posting() -> None:
    assert posting(key="0195-a7").external_id("hq_1") == "__fieldops_hq_1__.cost_0195-a7"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": ""}, "key of a posting must be 1 to 64"),
        ({"key": "a.b"}, "key of a posting"),
        ({"key": "a b"}, "key of a posting"),
        ({"key": "a\n"}, "key of a posting"),
        ({"cost": Decimal(0)}, "Decimal other than zero"),
        ({"cost": Decimal("NaN")}, "Decimal other than zero"),
        ({"cost": Decimal("Infinity")}, "Decimal other than zero"),
        ({"cost": 12.5}, "Decimal other than zero"),
        ({"currency": "usd"}, "ISO 4217"),
        ({"account": " "}, "account of a posting must not be empty"),
        ({"description": ""}, "description of a posting must not be empty"),
    ],
)
def test_a_posting_that_odoo_cannot_take_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        posting(**change)
