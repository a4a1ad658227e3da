"""What is said of a part must fit together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from inventory.catalogue.models import DgLimit, Essentiality, MelCategory, PartClass, Tracking
from inventory.catalogue.rules import is_countable
from inventory.catalogue.schemas import NewPart
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _

_OWN_FIELDS = {"en": "description", "zh": "description_zh", "zh-CN": "description_zh", "zh-Hans": "description_zh"}
"""The languages that have a field of their own."""

_RESTORED = (PartClass.ROTABLE, PartClass.REPAIRABLE)


def completed(part: NewPart) -> NewPart:
    """Return a part with what its class says of its tracking, and its UN number of its carriage, where it does not.

    What is restored is followed by its serial number. A UN number alone does not tell which aircraft may carry it.
    """
    usual = {
        "tracking": Tracking.SERIAL if part.part_class in _RESTORED else Tracking.NONE,
        "dg_limit": DgLimit.UNKNOWN if part.un_number else DgLimit.NONE,
    }
    return part.model_copy(update={name: value for name, value in usual.items() if getattr(part, name) is None})


def require_consistent(part: NewPart) -> None:
    """Raise Invalid for the first contradiction in what is said of a part that is completed."""
    for field, why in _contradictions(part):
        raise Invalid(
            _("Part {number} contradicts itself: {why}").format(number=part.part_number, why=why),
            code="part_contradicts",
            field=field,
        )


def require_countable(part: str, unit: str, quantity: Decimal) -> None:
    """Raise Invalid for a fraction of what is counted by the piece."""
    if not is_countable(unit, quantity):
        raise Invalid(
            _("Part {part} is counted in {unit}, of which there is no fraction; give a whole number").format(
                part=part, unit=unit
            ),
            code="fractional_quantity",
            field="quantity",
        )


def _contradictions(part: NewPart) -> Iterator[tuple[str, str]]:
    yield from _of_mel(part)
    yield from _of_tracking(part)
    yield from _of_dangerous_goods(part)
    if len({part.length_mm is None, part.width_mm is None, part.height_mm is None}) > 1:
        yield "length_mm", _("give length, width and height, or none of them")
    for language in sorted(part.descriptions.keys() & _OWN_FIELDS.keys()):
        yield (
            "descriptions",
            _("what it is called in “{language}” stands in {field}; put it there").format(
                language=language, field=_OWN_FIELDS[language]
            ),
        )
    minimum, pack = part.minimum_order_quantity, part.pack_quantity
    for field, quantity in (("minimum_order_quantity", minimum), ("pack_quantity", pack)):
        if quantity is not None and not is_countable(part.unit, quantity):
            yield field, _("there is no fraction of {unit}; give a whole number").format(unit=part.unit)
    if minimum is not None and pack is not None and minimum % pack:
        yield "minimum_order_quantity", _("the minimum order is not a number of whole packs; raise it to one")


def _of_mel(part: NewPart) -> Iterator[tuple[str, str]]:
    if part.mel_category is not None and part.essentiality is not Essentiality.GO_IF:
        yield "mel_category", _("only a GO_IF part has a MEL category; leave it out or correct the essentiality")
    if (part.mel_category is MelCategory.A) is (part.mel_interval_days is None):
        yield "mel_interval_days", _("MEL category A needs its interval in days, and no other category has one")


def _of_tracking(part: NewPart) -> Iterator[tuple[str, str]]:
    if part.part_class is PartClass.ROTABLE and part.tracking is not Tracking.SERIAL:
        yield "tracking", _("a rotable is followed by its serial number; set tracking to serial")
    if part.tracking is Tracking.NONE and part.shelf_life_days is not None:
        yield "shelf_life_days", _("a shelf life is kept by serial or lot; set tracking to one of them")
    if part.tracking is Tracking.NONE and part.in_store_actions:
        yield "in_store_actions", _("actions on the shelf are kept by serial or lot; set tracking to one of them")
    if len({one.action for one in part.in_store_actions}) < len(part.in_store_actions):
        yield "in_store_actions", _("an action on the shelf stands there twice; name it once")


def _of_dangerous_goods(part: NewPart) -> Iterator[tuple[str, str]]:
    carried = part.dg_limit in (DgLimit.PASSENGER, DgLimit.CARGO)
    if part.un_number is not None and part.dg_limit is DgLimit.NONE:
        yield "dg_limit", _("what has a UN number is a dangerous good; set dg_limit, to unknown if you do not know it")
    if part.un_number is None and (carried or part.dg_class or part.packing_instruction):
        yield "un_number", _("dangerous goods that are described need their UN number; add it")
    if carried and part.dg_class is None:
        yield "dg_class", _("dangerous goods that may fly need their class; add it or set dg_limit to unknown")
    if part.dg_quantity_per_package is not None and not carried:
        yield "dg_quantity_per_package", _("only what may fly as dangerous goods has a quantity per package")
