"""Tables of rolling plans."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.planning.models import PlanMode
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import PRIVATE, declare, within
from inventory.kernel.types import text_enum
from inventory.network.scope import region_codes_within, regions_around


@declare(within("region", region_codes_within, reading=regions_around))
class RollingPolicy(Identified, Versioned, Base):
    """How the plan of a region rolls; a region without one makes no plan by itself.

    What begins within `freeze_minutes` stays. Two plans that events cause are `quiet_minutes` apart. With the mode
    apply a plan that changes more than `changes_max` jobs is proposed all the same. `iterations` is the work limit.
    """

    __tablename__ = "rolling_policy"
    __table_args__ = (
        CheckConstraint("freeze_minutes >= 0", name="freeze"),
        CheckConstraint("quiet_minutes >= 0", name="quiet"),
        CheckConstraint("changes_max >= 0", name="changes"),
        CheckConstraint("iterations > 0", name="iterations"),
    )

    region: Mapped[str] = mapped_column(String(48), unique=True)
    enabled: Mapped[bool]
    mode: Mapped[PlanMode] = mapped_column(text_enum(PlanMode))
    freeze_minutes: Mapped[int]
    quiet_minutes: Mapped[int]
    changes_max: Mapped[int]
    iterations: Mapped[int]


@declare(PRIVATE, audited=False)
class RollingProgress(Base):
    """How far the events of a region have been looked at, and when they last caused a plan."""

    __tablename__ = "rolling_progress"

    region: Mapped[str] = mapped_column(String(48), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    replanned_at: Mapped[datetime | None]
