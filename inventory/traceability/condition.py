"""The state of material, and what keeps it from being used."""

from __future__ import annotations

from enum import StrEnum


class Condition(StrEnum):
    """State of the material, apart from any hold on it. `SERVICEABLE` is of what nobody told more exactly."""

    NEW = "new"
    NEW_SURPLUS = "new_surplus"
    OVERHAULED = "overhauled"
    REPAIRED = "repaired"
    INSPECTED = "inspected"
    MODIFIED = "modified"
    SERVICEABLE = "serviceable"
    AS_REMOVED = "as_removed"
    UNSERVICEABLE = "unserviceable"
    BEYOND_ECONOMIC_REPAIR = "beyond_economic_repair"
    SCRAP = "scrap"


USABLE = frozenset(
    {
        Condition.NEW,
        Condition.NEW_SURPLUS,
        Condition.OVERHAULED,
        Condition.REPAIRED,
        Condition.INSPECTED,
        Condition.MODIFIED,
        Condition.SERVICEABLE,
    }
)
"""The conditions in which a part may be fitted."""


class Hold(StrEnum):
    """Why a part may not be used for the time being, whatever its condition."""

    NONE = "none"
    RECEIVING = "receiving"
    QUARANTINE = "quarantine"
    SUSPECTED_UNAPPROVED = "suspected_unapproved"
    CUSTOMS = "customs"
    DISPUTE = "dispute"
