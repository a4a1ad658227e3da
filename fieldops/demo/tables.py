"""The constants of the demo world as data: regions, sizes, money. All are estimates which make it look right."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fieldops.demo.rows import Driver, Kind, Priority, Scale, Tier

CURRENCY = "USD"
CENTRAL = "XIY"
MAKER = "Tianhe Aircraft"


@dataclass(frozen=True, slots=True)
class RegionTable:
    """One region: its hub, the outlets at `small` and `region`, its sizes, and lanes from the central depot.

    `aircraft` and `technicians` are counts at the scales small, region, network (0: region not in that scale);
    `outlets_network` counts outlets chosen from the airport list. `flight_hours` are per aircraft and year;
    `aog_h` and `aog_per_kg` are ranges for an AOG shipment from the central depot to a door in the region.
    """

    code: str
    name: str
    registration_prefix: str
    hub: str
    outlets: tuple[str, ...]
    aircraft: tuple[int, int, int]
    technicians: tuple[int, int, int]
    outlets_network: int
    flight_hours: int
    aog_h: tuple[int, int]
    aog_per_kg: tuple[float, float]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SCALE_INDEX: dict[Scale, int] = {"small": 0, "region": 1, "network": 2}

# fmt: off
REGIONS: tuple[RegionTable, ...] = (
    RegionTable("CN", "China", "QC", "XIY", _codes("TSN HRB TYN LYA KMG TFU"),
                (12, 45, 480), (8, 46, 380), 70, 1300, (8, 18), (3, 6)),
    RegionTable("SEA", "South-East Asia", "QS", "VTE", _codes("LPQ PKZ KTI SAI RGN MDL MNL SUB KOE"),
                (8, 27, 300), (7, 30, 240), 55, 1100, (30, 48), (8, 14)),
    RegionTable("SA", "South Asia", "QL", "CMB", _codes("RML KTM KEP BIR"),
                (0, 8, 200), (0, 10, 160), 45, 900, (40, 72), (9, 15)),
    RegionTable("ESA", "East and South Africa", "QE", "NBO", _codes("HRE BUQ VFA LUN NLA JIB ASM BJM"),
                (6, 14, 140), (5, 17, 110), 40, 650, (48, 110), (12, 20)),
    RegionTable("CA", "Central Africa", "QD", "DLA", _codes("NSI GOU MVR BZV PNR"),
                (0, 8, 110), (0, 9, 90), 35, 650, (72, 130), (14, 24)),
    RegionTable("AND", "Andes", "QN", "CBB", _codes("LPB VVI TJA SRE"),
                (0, 4, 110), (0, 5, 90), 30, 600, (90, 160), (15, 25)),
    RegionTable("PAC", "Pacific", "QP", "NAN", _codes("TBU VAV"),
                (0, 4, 120), (0, 3, 95), 35, 700, (96, 170), (15, 25)),
    RegionTable("NEA", "North-East Asia", "QK", "ICN", (), (0, 0, 140), (0, 0, 115), 30, 1500, (18, 36), (5, 9)),
    RegionTable("CAS", "Central Asia", "QZ", "ALA", (), (0, 0, 150), (0, 0, 120), 30, 1000, (30, 60), (7, 12)),
    RegionTable("GLF", "Gulf", "QG", "DXB", (), (0, 0, 130), (0, 0, 105), 25, 1500, (30, 54), (8, 13)),
    RegionTable("EUR", "Europe", "QF", "FRA", (), (0, 0, 190), (0, 0, 155), 35, 1600, (36, 60), (8, 14)),
    RegionTable("NAF", "North Africa", "QH", "CAI", (), (0, 0, 90), (0, 0, 70), 20, 900, (48, 84), (10, 17)),
    RegionTable("SAM", "South America", "QB", "GRU", (), (0, 0, 140), (0, 0, 110), 20, 1100, (72, 130), (13, 22)),
    RegionTable("CAM", "Central America", "QM", "PTY", (), (0, 0, 80), (0, 0, 65), 15, 900, (72, 120), (13, 21)),
    RegionTable("NAM", "North America", "QA", "DFW", (), (0, 0, 120), (0, 0, 95), 15, 1500, (40, 72), (9, 15)),
)
# fmt: on

CENTRES_PER_REGION = 2
LEFT_OUT_COUNTRIES = frozenset(_codes("AF BY CU IR IQ KP LY RU SD SO SS SY TW UA VE YE"))
"""Embargoed, at war or of disputed name: no outlets are chosen there, a demonstration needs no such question."""

AIRCRAFT_TYPES: dict[Scale, tuple[str, ...]] = {
    "small": ("TH60",),
    "region": ("TH60",),
    "network": ("TH20", "TH60", "TH80"),
}
TYPE_SHARE = {"TH20": 0.25, "TH60": 0.5, "TH80": 0.25}
TYPE_COST = {"TH20": 0.7, "TH60": 1.0, "TH80": 1.3}
"""Cost of a component relative to the TH60's, by type."""

USAGE_PER_FLIGHT_HOUR: dict[Driver, float] = {"flight_hours": 1.0, "landings": 1.1, "apu_hours": 0.35}
"""What an aircraft uses in one flight hour; `calendar` is counted in days instead."""

PARTS: dict[Scale, int] = {"small": 200, "region": 3_000, "network": 20_000}
JOBS: dict[Scale, int] = {"small": 60, "region": 600, "network": 10_000}
STOCK_VALUE_USD: dict[Scale, float] = {"small": 12e6, "region": 40e6, "network": 1_000e6}
MOVING_SHARE = 0.15
"""Share of part numbers with at least one demand a year in the whole network."""

TAIL_HELD: dict[Scale, dict[Tier, int]] = {
    "small": {"regional": 60, "outlet": 8},
    "region": {"regional": 900, "outlet": 45},
    "network": {"regional": 5_000, "centre": 1_200, "outlet": 85},
}
"""Slow parts, beside the families, which a place of each tier holds; the central depot holds nearly all."""

MIX: dict[Kind, float] = {"aog": 0.05, "defect": 0.15, "check": 0.45, "bulletin": 0.20, "advisory": 0.15}
PRIORITY: dict[Kind, Priority] = {
    "aog": "AOG",
    "defect": "CRITICAL",
    "check": "ROUTINE",
    "bulletin": "ROUTINE",
    "advisory": "ROUTINE",
}
DELAY_COST_PER_H: dict[Priority, Decimal] = {
    "AOG": Decimal("800.00"),
    "CRITICAL": Decimal("150.00"),
    "ROUTINE": Decimal("15.00"),
}
PARTS_SHARE: dict[Kind, float] = {"aog": 1.0, "defect": 0.95, "check": 0.28, "bulletin": 0.55, "advisory": 0.0}
"""Share of jobs which need parts."""

QUALIFICATIONS = {
    "LINE": "Line maintenance release",
    "BASE": "Base maintenance release",
    "INSPECTOR": "Independent inspector",
    "ENGINE_RUN": "Engine ground run",
    "BORESCOPE": "Borescope inspection",
    "FOREIGN_VALIDATION": "Licence validated by a foreign authority",
    "RECURRENT": "Recurrent training",
}
CERTIFICATE_KIND = {
    "LINE": "authorisation",
    "BASE": "authorisation",
    "INSPECTOR": "authorisation",
    "ENGINE_RUN": "authorisation",
    "BORESCOPE": "authorisation",
    "FOREIGN_VALIDATION": "validation",
    "RECURRENT": "training",
    "HUMAN_FACTORS": "training",
}
"""What kind of certificate each of these is; a licence by each authority, type ratings and passes come beside them."""
SCOPE = {
    "LINE": "line",
    "BASE": "base",
    "INSPECTOR": "inspection",
    "ENGINE_RUN": "engine_run",
    "BORESCOPE": "borescope",
}
REGISTRY = {"CN": "CAAC", "EUR": "EASA", "NAM": "FAA"}
"""The authority of the registry by region; elsewhere it is made up, and named for the region."""
STANDARD = {"CAAC": "CCAR-66", "EASA": "PART-66", "FAA": "FAA-65"}
"""The licence standard of each authority; a made-up one has its own."""
TOOL_KINDS: dict[str, tuple[str, int | None]] = {
    "TORQUE-200": ("Torque wrench 40-200 Nm", 365),
    "TORQUE-250": ("Torque wrench 50-250 Nm", 365),
    "BORESCOPE-6": ("Video borescope 6 mm", 365),
    "PRESSURE-KIT": ("Pitot-static test set", 180),
    "JACK-15T": ("Aircraft jack 15 t", 730),
    "TOW-BAR": ("Tow bar", None),
}
"""{code: name and days between calibrations}."""

HELD_SHARE = {
    "TYPE": 0.70,
    "LINE": 0.45,
    "BASE": 0.15,
    "INSPECTOR": 0.12,
    "ENGINE_RUN": 0.20,
    "BORESCOPE": 0.10,
    "FOREIGN_VALIDATION": 0.30,
}
"""Share of technicians who hold each; recurrent training and the airside pass of the region are held by all."""
EXPIRING_SHARE, EXPIRED_SHARE = 0.10, 0.015
EXPATRIATE_SHARE = 0.12
RATE_CHINA, RATE_EXPATRIATE, RATE_LOCAL = (28, 45), (65, 95), (12, 25)
"""Ranges of US dollars an hour."""

OPERATING_USD: dict[Scale, float] = {"small": 4.3e6, "region": 18e6, "network": 450e6}
CAPITAL_USD: dict[Scale, float] = {"small": 1.0e6, "region": 3.5e6, "network": 85e6}
CATEGORY_SHARE = {
    "labour": 1.0 / 4.3,
    "travel": 0.35 / 4.3,
    "freight": 0.45 / 4.3,
    "expedite": 0.2 / 4.3,
    "parts": 2.2 / 4.3,
    "training": 0.1 / 4.3,
}
"""Share of the operating budget by category."""
CATEGORY_BY_PEOPLE = frozenset({"labour", "travel", "training"})
"""Categories divided over regions by technicians; the others by aircraft."""
