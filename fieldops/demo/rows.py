"""The rows of the demo world. Money is in US dollars rounded to cents, instants are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

Scale = Literal["small", "region", "network"]
Tier = Literal["central", "regional", "centre", "outlet"]
Mode = Literal["routine", "aog"]
PartClass = Literal["rotable", "repairable", "expendable", "material", "standard_part", "tool"]
Essentiality = Literal["NO_GO", "GO_IF", "GO"]
Driver = Literal["flight_hours", "landings", "apu_hours", "calendar"]
Priority = Literal["AOG", "CRITICAL", "ROUTINE"]
Kind = Literal["aog", "defect", "check", "bulletin", "advisory"]

DG_CLASSES = {
    "UN0323": "1.4S",
    "UN1044": "2.2",
    "UN1072": "2.2",
    "UN1133": "3",
    "UN1263": "3",
    "UN1950": "2.1",
    "UN1993": "3",
    "UN2795": "8",
    "UN3356": "5.1",
}
"""{UN number: class of dangerous goods}, as the UN Model Regulations list them."""
CARGO_ONLY = frozenset({"UN3356"})
"""UN numbers that passenger aircraft do not carry: chemical oxygen generators."""


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region: the area of one logistics base, its hub."""

    code: str
    name: str
    hub_place: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A depot, centre or outlet at an airport.

    `area` is the dispatch area, `parent` the place it is replenished from (None for the central depot),
    `name_local` the name in the script of the place.
    """

    code: str
    name: str
    name_local: str
    tier: Tier
    region: str
    area: str
    parent: str | None
    latitude: float
    longitude: float
    time_zone: str
    country: str


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A way for parts from door to door; a shipment costs `cost_per_kg` times weight plus `cost_per_piece` a piece."""

    origin: str
    destination: str
    mode: Mode
    lead_h: int
    cost_per_kg: Decimal
    cost_per_piece: Decimal

    @property
    def dg_allowed(self) -> str:
        """Dangerous goods that it takes: AOG shipments go with passenger flights, the others by freighter, too."""
        return "passenger" if self.mode == "aog" else "cargo"


@dataclass(frozen=True, slots=True)
class QualificationRow:
    """Something a technician can hold and a job can ask for, and what it is good for."""

    code: str
    name: str
    kind: str = "other"
    standard: str | None = None
    authority: str | None = None
    category: str | None = None
    aircraft_type: str | None = None
    country: str | None = None
    places: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """What becomes of removed pieces of a part, as shares; `fits` are (aircraft type, pieces)."""

    part: str
    fits: tuple[tuple[str, int], ...]
    no_fault_found_share: Decimal
    condemned_share: Decimal
    repair_tier: Tier | None
    source: str


@dataclass(frozen=True, slots=True)
class UtilisationRow:
    """What an aircraft was used at a place in a month, named by its first day."""

    aircraft_type: str
    tail: str
    place: str
    month: date
    flight_hours: Decimal
    cycles: Decimal
    landings: Decimal
    apu_hours: Decimal


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part number. `mean_usage_between_removals` is in the unit of `usage_driver` (calendar: days)."""

    part_number: str
    manufacturer_code: str
    ata_chapter: str
    description: str
    description_zh: str
    part_class: PartClass
    essentiality: Essentiality
    unit: str
    standard_cost: Decimal
    repair_cost: Decimal | None
    turn_around_days: int | None
    lead_time_days: int
    weight_kg: Decimal
    usage_driver: Driver
    mean_usage_between_removals: Decimal
    quantity_per_aircraft: int
    un_number: str | None
    aircraft_types: tuple[str, ...]

    @property
    def mel_category(self) -> str | None:
        """How long an aircraft may fly without it, if that is limited: radios and instruments are repaired sooner."""
        if self.essentiality != "GO_IF":
            return None
        return "B" if self.ata_chapter[:2] in ("23", "34") else "C"

    @property
    def dg_class(self) -> str | None:
        """The class of dangerous goods that it belongs to."""
        return None if self.un_number is None else DG_CLASSES[self.un_number]

    @property
    def dg_limit(self) -> str | None:
        """Which aircraft may carry it; of no dangerous goods nothing is said."""
        return None if self.un_number is None else "cargo" if self.un_number in CARGO_ONLY else "passenger"


@dataclass(frozen=True, slots=True)
class AircraftRow:
    """An aircraft with its yearly utilisation."""

    registration: str
    type: str
    serial: str
    operator: str
    base: str
    flight_hours_per_year: int


@dataclass(frozen=True, slots=True)
class RotationRow:
    """A stay of an aircraft on ground, until it departs."""

    registration: str
    station: str
    arrives_at: datetime
    departs_at: datetime
    flight: str


@dataclass(frozen=True, slots=True)
class ExperienceRow:
    """A technician worked on an aircraft type from one day to another, both inclusive."""

    technician: str
    aircraft_type: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool at the place that it belongs to."""

    kind: str
    serial: str
    place: str
    calibrated_on: date
    calibration_due: date


@dataclass(frozen=True, slots=True)
class TargetRow:
    """The quantity that a place shall hold of a part."""

    part_number: str
    place: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """The quantity that a place holds of a part; a part which a place lacks has no row."""

    part_number: str
    place: str
    condition: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PieceRow:
    """What lies at a place under one serial or lot number, or of a part without numbers."""

    part_number: str
    place: str
    condition: str
    quantity: int
    number: str | None
    kind: Literal["serial", "lot"] | None
    made_on: date | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """The release or conformity document of a number."""

    form: str
    tracking_number: str
    dated: date
    authority: str
    organisation: str
    approval: str
    signatory: str
    releases_under: tuple[str, ...]
    status: str
    batch: str | None
    part_number: str
    number: str


@dataclass(frozen=True, slots=True)
class InterchangeRow:
    """A part that may replace another one."""

    part: str
    alternative: str
    kind: str
    source: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """Who flies aircraft; `country` is that of most of their bases."""

    code: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class HeldQualification:
    """A qualification held from `valid_from` through `valid_until`, both inclusive."""

    code: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift in local time of the technician's base; `ends` at or before `starts` means the next day."""

    work_date: date
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class TechnicianRow:
    """A technician with what he holds and when he works in the week of the plan."""

    code: str
    name: str
    base: str
    region: str
    area: str
    time_zone: str
    cost_per_h: Decimal
    qualifications: tuple[HeldQualification, ...]
    shifts: tuple[ShiftRow, ...]
    employment: str
    home_country: str
    languages: tuple[str, ...]
    security_level: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """One work package of one technician; it may start within `window_start` .. `window_end`.

    Packages of one order share `work_order`. Finished after `due_at`, each hour costs `delay_cost_per_h`.
    """

    number: str
    work_order: str
    title: str
    title_zh: str
    place: str
    region: str
    area: str
    aircraft: str | None
    priority: Priority
    kind: Kind
    duration_min: int
    window_start: datetime
    window_end: datetime
    due_at: datetime
    delay_cost_per_h: Decimal
    qualifications: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget line of a quarter; `period_end` is exclusive; what is left is amount - spent - committed."""

    region: str
    category: str
    period_start: date
    period_end: date
    currency: str
    amount: Decimal
    spent: Decimal
    committed: Decimal
