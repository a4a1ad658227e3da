"""A part whose facts do not fit together is refused, and the fact at fault is named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from inventory.catalogue.consistency import completed, require_consistent
from inventory.catalogue.models import DgLimit, Essentiality, MelCategory, PartClass, Tracking
from inventory.catalogue.schemas import StoreAction
from inventory.kernel.errors import Invalid
from tests.inventory.catalogue.parts import DETAILS, part

RECHARGE = StoreAction(action="Recharge", every_days=90)
LOOSE = {"part_class": PartClass.EXPENDABLE, "tracking": Tracking.NONE}
CARRIED = {"un_number": "UN2795", "dg_class": "8", "dg_limit": DgLimit.CARGO}


@pytest.mark.parametrize(
    "facts",
    [
        {},
        DETAILS,
        {"essentiality": Essentiality.GO_IF},
        {"essentiality": Essentiality.GO_IF, "mel_category": MelCategory.C},
        LOOSE | {"tracking": Tracking.LOT, "shelf_life_days": 90, "in_store_actions": (RECHARGE,)},
        {"un_number": "UN2795"},
        {"un_number": "UN2795", "dg_limit": DgLimit.FORBIDDEN},
        {"dg_limit": DgLimit.UNKNOWN},
        CARRIED | {"dg_quantity_per_package": Decimal(1)},
        {"minimum_order_quantity": Decimal("2.5"), "pack_quantity": Decimal("0.5"), "unit": "KG"},
        {"minimum_order_quantity": Decimal(3)},
    ],
)
def test_facts_that_fit_together_are_let_in(facts: dict[str, Any]) -> None:
    require_consistent(completed(part("A", **facts)))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"mel_category": MelCategory.C}, "mel_category"),
        ({"essentiality": Essentiality.GO_IF, "mel_category": MelCategory.A}, "mel_interval_days"),
        ({"essentiality": Essentiality.GO_IF, "mel_category": "B", "mel_interval_days": 3}, "mel_interval_days"),
        ({"mel_interval_days": 3}, "mel_interval_days"),
        ({"tracking": Tracking.LOT}, "tracking"),
        (LOOSE | {"shelf_life_days": 90}, "shelf_life_days"),
        (LOOSE | {"in_store_actions": (RECHARGE,)}, "in_store_actions"),
        ({"in_store_actions": (RECHARGE, RECHARGE)}, "in_store_actions"),
        (CARRIED | {"dg_limit": DgLimit.NONE}, "dg_limit"),
        (CARRIED | {"un_number": None}, "un_number"),
        ({"dg_class": "8"}, "un_number"),
        ({"packing_instruction": "870"}, "un_number"),
        (CARRIED | {"dg_class": None}, "dg_class"),
        ({"dg_quantity_per_package": Decimal(1)}, "dg_quantity_per_package"),
        ({"length_mm": 10}, "length_mm"),
        ({"width_mm": 10, "height_mm": 10}, "length_mm"),
        ({"descriptions": {"en": "Brake"}}, "descriptions"),
        ({"descriptions": {"zh-Hans": "刹车"}}, "descriptions"),
        ({"minimum_order_quantity": Decimal(3), "pack_quantity": Decimal(2)}, "minimum_order_quantity"),
        ({"minimum_order_quantity": Decimal("2.5")}, "minimum_order_quantity"),
        ({"pack_quantity": Decimal("0.5"), "unit": "set"}, "pack_quantity"),
    ],
)
def test_a_contradiction_names_the_fact_at_fault(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid, match="Part A contradicts itself: ") as refusal:
        require_consistent(completed(part("A", **facts)))
    assert (refusal.value.code, refusal.value.field) == ("part_contradicts", field)
