"""Where the travel times of a plan came from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from integrations.travel.matrix import Legs, Pair
from integrations.travel.table import TravelFault


class TravelSource(StrEnum):
    """Where ways by road came from; those by air are estimated, or scheduled flights."""

    GREAT_CIRCLE = "great_circle"
    TABLE_SERVICE = "table_service"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Notice:
    """How many ways by road there are (a pair of places counts in both directions), and which are measured.

    The others are estimated: `no_road` since the service knows no road there, the rest since it did not tell, for the
    reason in `fault` if it was asked.
    """

    road_pairs: int
    measured: int
    no_road: int
    fault: TravelFault | None = None

    @property
    def source(self) -> TravelSource:
        """In one word."""
        if self.measured == 0:
            return TravelSource.GREAT_CIRCLE
        return TravelSource.TABLE_SERVICE if self.measured == self.road_pairs else TravelSource.MIXED

    @classmethod
    def of(cls, pairs: Collection[Pair], legs: Legs, fault: TravelFault | None = None) -> Notice:
        """Return the notice of some ways by road."""
        told = [legs[pair] for pair in pairs if pair in legs]
        return cls(len(pairs), sum(leg is not None for leg in told), told.count(None), fault)
