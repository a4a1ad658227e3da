"""The use case of weights: to set them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.planning.weights.models import NO_CATEGORY, StockingWeight
from inventory.planning.weights.schemas import NewWeight


def set_weights(session: Session, _actor: Actor, weights: Sequence[NewWeight]) -> None:
    """Set what waiting weighs; the last one given for an essentiality and category holds, in place of what stood."""
    for one in weights:
        values = one.model_dump() | {"mel_category": one.mel_category or NO_CATEGORY}
        session.merge(StockingWeight(**values))
    session.flush()
