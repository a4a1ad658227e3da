"""Reads of rolling plans."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.planning.rolling.models import RollingPolicy
from fieldops.planning.rolling.schemas import RollingPlan, RollingPlanOut
from inventory.kernel.errors import NotFound
from inventory.kernel.scope import actor_of, readable_regions
from inventory.kernel.texts import gettext as _
from inventory.network.models import Region

OFF = RollingPlan(enabled=False)
"""What holds in a region where nobody has said anything."""


def rolling_plan(session: Session, region: str) -> RollingPlanOut:
    """Return how the plan of a region rolls; raises NotFound for a region that the actor does not see."""
    scope = actor_of(session).scope
    known = session.scalar(select(Region.id).where(Region.code == region)) is not None
    if not known or not (scope.everything or region in readable_regions(scope)):
        raise NotFound(
            _("There is no region {region}; the list of regions shows yours").format(region=region),
            code="unknown_region",
            field="region",
        )
    found = session.scalar(select(RollingPolicy).where(RollingPolicy.region == region))
    if found is None:
        return RollingPlanOut(region=region, version=0, **OFF.model_dump())
    return RollingPlanOut(**{name: getattr(found, name) for name in RollingPlanOut.model_fields})


def policies_in_use(session: Session) -> Sequence[RollingPolicy]:
    """Return the rolling plans that are switched on, by region."""
    return session.scalars(select(RollingPolicy).where(RollingPolicy.enabled).order_by(RollingPolicy.region)).all()
