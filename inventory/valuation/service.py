"""Use cases of the stock's value: say how assets are written off, and add costs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.installation import require_currency
from inventory.kernel.texts import gettext as _
from inventory.ledger.costs import assets_in_force
from inventory.traceability.models import Lot
from inventory.valuation.models import AssetAddition, DepreciationPolicy
from inventory.valuation.schemas import NewAddition, Policy


def set_policies(session: Session, _actor: Actor, policies: Sequence[Policy]) -> None:
    """Put policies in the place of those of the same part or class; raises Invalid for an unknown part."""
    parts = part_ids(session, [one.part for one in policies if one.part is not None])
    for policy in policies:
        part = None if policy.part is None else parts[policy.part]
        same = (
            DepreciationPolicy.part_class == policy.part_class if part is None else DepreciationPolicy.part_id == part
        )
        kept = session.scalar(select(DepreciationPolicy).where(same))
        if kept is None:
            kept = DepreciationPolicy(part_id=part, part_class=policy.part_class)
            session.add(kept)
        kept.life_months, kept.residual_share = policy.life_months, policy.residual_share
        kept.starts = policy.starts
        session.flush()


def add_to_assets(session: Session, actor: Actor, additions: Sequence[NewAddition], now: datetime) -> None:
    """Add costs, such as overhauls, to the value of pieces.

    Raises Invalid for an unknown part, another currency and a date ahead, Conflict for a number that had no value of
    its own then.
    """
    parts = part_ids(session, [one.part for one in additions])
    require_currency(session, [one.currency for one in additions])
    keys = [(parts[one.part], one.lot) for one in additions]
    numbered = select(Lot).where(tuple_(Lot.part_id, Lot.number).in_(keys))
    lots = {(lot.part_id, lot.number): lot for lot in session.scalars(numbered)}
    for one, key in zip(additions, keys, strict=True):
        at = one.added_at or now
        if at > now:
            raise Invalid(
                _("A cost cannot arise in the future; leave added_at out for now, or give an instant before"),
                code="instant_ahead",
                field="added_at",
            )
        lot = lots.get(key)
        if lot is None or not list(assets_in_force(session, [lot.id], at)):
            raise Conflict(
                _("Number {lot} of part {part} had no value of its own then; receive it with its price first").format(
                    lot=one.lot, part=one.part
                ),
                code="no_asset",
                field="lot",
            )
        session.add(
            AssetAddition(
                lot_id=lot.id,
                added_at=at,
                amount=one.amount,
                document=one.document,
                added_by=actor.id,
                recorded_at=now,
            )
        )
    session.flush()
