"""How the demand of a plan's parts was forecast, as it is told."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from inventory.catalogue.models import UsageDriver


class ForecastMethod(StrEnum):
    """What a part's demand was forecast from."""

    USE = "use"
    """The use of aircraft, and a removal rate that the issues of the whole network correct."""
    HISTORY = "history"
    """Issues by place."""


class ForecastOut(BaseModel):
    """How a plan forecast the demand of a part, for the places that it plans.

    By `use` of aircraft, with a removal rate of the whole network, or by `history` at each place. `months` (30 days
    each) count, and in `events` of them `pieces` were issued: by use in the whole network, so null for who does not see
    it. Pieces `left_out` were issued in months that the ledger, or the use, is not wholly known of, or that a
    place had run out in: of single places that are `months_short`. `per_year` are
    pieces, `deviation` is how unsure that is, `dispersion` variance over mean while supply is on its way. `mean_told`
    is the use between removals by the maker, `mean_found` after what was issued. Of what is used up the depot orders
    `order_quantity` pieces at a time. `weighted` is what waits of it by the plan, at all its places, weighted.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "part": "BRAKE-1",
                    "method": "use",
                    "months": 24,
                    "events": 9,
                    "pieces": 11,
                    "months_left_out": 36,
                    "months_short": 0,
                    "pieces_left_out": 1,
                    "per_year": 5.6,
                    "deviation": 1.6,
                    "dispersion": 1.05,
                    "replaces": ["BRAKE-0"],
                    "driver": "flight_hours",
                    "mean_told": 1500.0,
                    "mean_found": 1620.0,
                    "order_quantity": None,
                    "weighted": 0.31,
                }
            ]
        }
    )

    part: str
    method: ForecastMethod
    months: int
    events: int | None
    pieces: int | None
    months_left_out: int
    months_short: int
    pieces_left_out: int | None
    per_year: float
    deviation: float
    dispersion: float
    replaces: list[str]
    driver: UsageDriver | None
    mean_told: float | None
    mean_found: float | None
    order_quantity: int | None
    weighted: float
