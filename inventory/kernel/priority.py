"""How urgent a demand is."""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """Spec 2000 priorities, most urgent first."""

    AOG = "AOG"
    CRITICAL = "CRITICAL"
    ROUTINE = "ROUTINE"
