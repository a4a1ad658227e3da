"""One request for each route, about something in SEA, with who is within its reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyotp

from fieldops.identity.tokens import csrf_of
from tests.conftest import NOW
from tests.fieldops.authorisation import papers, rows, work, workforce
from tests.fieldops.authorisation.building import KEPT, PASSWORD, RECEIVED, TOTP_SECRET, new_job
from tests.fieldops.authorisation.people import AOG, Where
from tests.fieldops.authorisation.rows import Labels, Told, each
from tests.fieldops.authorisation.world import FORM_COOKIE

REGION: Labels = frozenset({Where.OWN})
AT_UTH: Labels = frozenset({Where.OWN, Where.PLACE})
CHINA: Labels = frozenset({Where.OTHER})
"""From whom a list of SEA is hidden."""
IN_THE_PLAN: Labels = frozenset({Where.OWN, Where.PLACE, Where.OTHER, AOG})
"""Those of whom the plan of the whole network tells something."""
NETWORK: Labels = frozenset()
"""What only those reach who see the whole network; they reach everything."""


@dataclass(frozen=True)
class Sample:
    """A request that succeeds for whoever may make it.

    `path` fills the names of the route's path; `{…}` in it stands for a key of the world. `reach` is who is near
    enough: the region, where it is not given, and everybody for a list, of which `told` says whose its rows are. Who
    is not, but among `seen_by`, knows of the record and is refused. Something is in the list that is `hidden_from` each
    of these, and it is `complete` where everybody is told all that is for them. `version_of` is what tells the ETag of
    the version that the request changes. `file` is the CSV that it sends, `content` another body. `in_person` is what a
    token cannot do. `after` is the name and the sample of what an administrator does just before.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None
    file: str | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reach: Labels | None = None
    told: Told | None = None
    seen_by: Labels = frozenset()
    hidden_from: Labels = frozenset({Where.OWN, Where.OTHER})
    version_of: str | None = None
    in_person: bool = False
    after: tuple[str, Sample] | None = None
    complete: bool = True
    status: int | None = None
    """What a public route answers where that is not a success."""

    @property
    def reached_by(self) -> Labels:
        """Who is near enough."""
        if self.reach is not None:
            return self.reach
        return REGION if self.told is None else rows.EVERYBODY


def grant(number: str) -> dict[str, str]:
    """Return the path of a grant."""
    return {"number": number}


def changing(path: str, name: str, what: str, body: Any, **more: Any) -> Sample:
    """Return a sample that changes the version of a record of SEA."""
    return Sample(path={name: what}, body=body, version_of=f"/api/v1/{path}/{what}", **more)


def stocktake(number: str, body: Any = None) -> Sample:
    """Return a sample that takes a stocktake of UTH further."""
    return Sample(path={"number": number}, body=body, version_of=f"/api/v1/stocktakes/{number}", reach=AT_UTH)


def order(number: str, body: Any = None) -> Sample:
    """Return a sample that takes an order of UTH further."""
    return Sample(path={"number": number}, body=body, version_of=f"/api/v1/orders/{number}", reach=AT_UTH)


def of_kept(body: Any) -> Sample:
    """Return a sample that changes the reservation at UTH."""
    where = f"/api/v1/stock/reservations/{KEPT}"
    return Sample(path={"key": str(KEPT)}, body=body, version_of=where, reach=AT_UTH)


def period(of: Mapping[str, str], number: str) -> Sample:
    """Return a sample that closes or reopens a period of a calendar."""
    path = dict(of) | {"period": f"2026-{number}"}
    where = f"/api/v1/fiscal-calendars/{path['calendar']}/periods/{path['period']}"
    return Sample(path=path, body={"reason": "month"}, version_of=where, reach=NETWORK, seen_by=rows.EVERYBODY)


LIST = Sample()
"""The sample of a list that is the same for everybody."""
SUBJECT = {"name": "subject"}
WEBHOOK = {"webhook": "{webhook}"}
TARGET_PLAN = {"number": "T-000001"}
WHOLE_TARGET_PLAN = {"number": "T-000002"}
TARGET_OVERRIDE = {"part": "PUMP-1", "place": "VTE", "quantity": "2", "reason": "own spare"}
NIGHTLY = {"name": "NIGHTLY"}
CREWED = {"number": "J-10"}
PHOTO = CREWED | {"key": "{photo}"}
WAITING = {"key": "{event}"}
HTML = {"Accept": "text/html"}
FORM = {"Cookie": f"fieldops_form={FORM_COOKIE}", **HTML}
CSRF = {"csrf": csrf_of(FORM_COOKIE)}
TECHNICIAN = {
    "code": "T-9",
    "name": "Nguyễn An",
    "base": "UTH",
    "time_zone": "Asia/Vientiane",
    "cost_per_h": "21.50",
    "currency": "USD",
    "qualifications": [{"code": "B1", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}],
    "shifts": [{"work_date": "2026-03-02", "starts": "08:00:00", "ends": "16:00:00"}],
}
PLACE = {
    "code": "PKZ",
    "name": "Pakse",
    "tier": "outlet",
    "region": "SEA",
    "area": "SEA",
    "parent": "VTE",
    "latitude": 15.13,
    "longitude": 105.78,
    "time_zone": "Asia/Vientiane",
    "country": "LA",
}
LANE = {
    "origin": "TSN",
    "destination": "UTH",
    "mode": "routine",
    "lead_h": 40,
    "cost_per_kg": "4",
    "cost_per_piece": "5",
    "currency": "USD",
}
PART = {
    "part_number": "SEAL-9",
    "manufacturer_code": "TEST0",
    "ata_chapter": "29-11-03",
    "description": "Seal",
    "part_class": "expendable",
    "essentiality": "GO",
    "currency": "USD",
    "standard_cost": "9",
    "lead_time_days": 60,
    "weight_kg": "0.1",
    "usage_driver": "flight_hours",
}
ORDER = {
    "origin": "UTH",
    "destination": "VTE",
    "mode": "routine",
    "freight": "0",
    "lines": [{"part": "FILTER-1", "quantity": "1"}],
}
MOVE = {"part": "LAMP-1", "origin": "ADJUSTMENT", "destination": "UTH", "quantity": "2", "document": "COUNT-1"}
OVERHAUL = {"part": "FILTER-1", "lot": "SN-UTH", "amount": "40", "currency": "USD", "document": "RO-000007"}
ASKING = {
    "kind": "stock",
    "asking_region": "SEA",
    "granting_region": "EU",
    "part": "LAMP-1",
    "quantity": "1",
    "destination": "UTH",
    "purpose": "landing light at UTH",
    "ends_at": "2026-03-04T00:00:00Z",
}
LINE = {
    "region": "SEA",
    "category": "freight",
    "period_start": "2026-04-01",
    "period_end": "2026-07-01",
    "currency": "USD",
    "budget": "50000",
}
LABOUR = {"line": "{labour}"}
FINDING = {"finding": "justified"}
NOTE = {"note": "agreed"}
REQUEST = {"number": "{request}"}
JANUARY = {"calendar": "GROUP", "period": "2026-P01"}
LOAN = {"kind": "loan", "currency": "USD", "per_day": "90", "days": 4, "days_max": 30}
SPENDING = {
    "document_kind": "order",
    "document": "O-1",
    "region": "SEA",
    "items": [{"category": "labour", "amount": "10", "currency": "USD", "day": "2026-03-02"}],
}
EXPENSE = {
    "source": "hours/1",
    "document_kind": "job",
    "document": "J-9",
    "region": "SEA",
    "category": "labour",
    "day": "2026-03-02",
    "amount": "9",
    "currency": "USD",
}
ACCRUAL = {
    "day": "2026-03-10",
    "reverse_on": "2026-03-11",
    "items": [{"document_kind": "order", "document": "O-SEA"}],
}
CARRY_OVER = {"region": "SEA", "period_end": "2026-03-20", "reason": "end of the period"}
SCHEDULE = {"name": "WEEKLY", "kind": "plan.day", "cron": "0 3 * * 1", "time_zone": "UTC"}
TOTP_CODE = pyotp.TOTP(TOTP_SECRET).at(NOW)

RESERVATION = {
    "part": "LAMP-1",
    "place": "UTH",
    "destination": "UTH",
    "quantity": "1",
    "demand": "J-5",
    "priority": "ROUTINE",
    "expires_at": "2026-03-04T00:00:00Z",
}

AT_UTH_NUMBERED = {"part": "FILTER-1", "number": papers.DOUBLES["UTH"]}
TERMS = {
    "authority": "EASA",
    "part_group": "tool",
    "usage": "new",
    "source": "our manual",
    "edition": "rev 3",
}

ROSTER = {
    "technician": "T-2",
    "pattern": "DAYS",
    "begins": "2026-03-16",
    "first_day": "2026-03-16",
    "last_day": "2026-03-22",
}
RELEASE = {"authority": "OWN", "seat": "release_signatory", "standards": ["CCAR-66"], **workforce.SOURCED}
REST = {
    "authority": "OWN",
    "duty_max_h": "12",
    "rest_min_h": "11",
    "night_rest_h": "12",
    "weekly_rest_h": "24",
    **workforce.SOURCED,
}
TAIL = {"registration": "B-UTH"}
ASIDE = {"key": "{aside}"}
ROTATION = {"key": "{rotation}"}
ENDING = {"reason": "back early"}
MOVE_JOB, LOCK_JOB = "POST /api/v1/jobs/{number}/move", "POST /api/v1/jobs/{number}/lock"
MOVED = changing(
    "jobs",
    "number",
    "J-14",
    {"start": "2026-03-04T02:00:00Z", "crew": [{"seat": "mechanic", "technician": "T-2"}]},
)
LOCKED = changing("jobs", "number", "J-14", {})
BOARD_SPAN = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-09T00:00:00Z"}

SAMPLES: dict[str, tuple[Sample, ...]] = {
    "GET /healthz": (LIST,),
    "GET /readyz": (LIST,),
    "GET /metrics": (LIST,),
    "GET /problems": (LIST,),
    "GET /problems/{code}": (Sample(path={"code": "not_found"}),),
    "GET /api/v1/docs": (LIST,),
    "GET /api/v1/regions": (LIST,),
    "POST /api/v1/regions": (Sample(body=[{"code": "AF", "name": "Africa"}]),),
    "GET /api/v1/places": (LIST, Sample(query={"region": "SEA"})),
    "GET /api/v1/places/{code}": (Sample(path={"code": "UTH"}),),
    "POST /api/v1/places": (Sample(body=[PLACE]), Sample(body=[PLACE], query={"mode": "each"})),
    "PATCH /api/v1/places/{code}": (changing("places", "code", "UTH", {"name": "Udon"}),),
    "GET /api/v1/places/{code}/sources": (Sample(path={"code": "UTH"}),),
    "PUT /api/v1/places/{code}/sources": (
        Sample(path={"code": "UTH"}, body={"sources": ["XIY"]}, version_of="/api/v1/places/UTH/sources"),
    ),
    "GET /api/v1/calendars": (LIST,),
    "POST /api/v1/calendars": (
        Sample(body=[{"code": "DAY", "name": "Day", "hours": [{"weekday": 1, "opens": "08:00", "closes": "16:00"}]}]),
    ),
    "POST /api/v1/calendars/replacements": (
        Sample(
            body=[{"code": "OFFICE", "name": "New", "hours": [{"weekday": 2, "opens": "08:00", "closes": "09:00"}]}]
        ),
    ),
    "GET /api/v1/lanes": (LIST,),
    "POST /api/v1/lanes/replacements": (Sample(body=[LANE | {"origin": "VTE", "mode": "aog", "cost_per_kg": "7"}]),),
    "POST /api/v1/lanes": (Sample(body=[LANE]),),
    "GET /api/v1/parts": (LIST,),
    "GET /api/v1/parts/{number:path}": (Sample(path={"number": "LAMP-1"}),),
    "POST /api/v1/parts": (Sample(body=[PART]),),
    "PATCH /api/v1/parts/{number:path}": (changing("parts", "number", "LAMP-1", {"lead_time_days": 20}),),
    "GET /api/v1/interchangeability": (LIST, Sample(query={"part": "LAMP-1"})),
    "POST /api/v1/interchangeability": (
        Sample(body=[{"part": "LAMP-1", "alternative": "PUMP-1", "kind": "one_way", "source": "SB 1"}]),
    ),
    "GET /api/v1/interchangeability/replacements": (Sample(query={"part": "LAMP-1", "on": "2026-03-02"}),),
    "GET /api/v1/interchangeability/{link}": (Sample(path={"link": "{interchange}"}),),
    "DELETE /api/v1/interchangeability/{link}": (changing("interchangeability", "link", "{interchange}", None),),
    "GET /api/v1/assemblies": (LIST, Sample(query={"assembly": "BRAKE-1"})),
    "POST /api/v1/assemblies": (Sample(body=[{"assembly": "PUMP-1", "component": "LAMP-1", "quantity": "1"}]),),
    "GET /api/v1/assemblies/components": (Sample(query={"part": "BRAKE-1"}),),
    "GET /api/v1/assemblies/uses": (Sample(query={"part": "LAMP-1"}),),
    "GET /api/v1/assemblies/{component}": (Sample(path={"component": "{component}"}),),
    "DELETE /api/v1/assemblies/{component}": (changing("assemblies", "component", "{component}", None),),
    "GET /api/v1/stock/balances": (
        Sample(told=each(rows.of_shelf)),
        Sample(query={"place": "UTH"}, told=each(rows.of_shelf), hidden_from=CHINA),
    ),
    "GET /api/v1/stock/moves": (Sample(told=each(rows.by_ends)),),
    "POST /api/v1/stock/moves": (Sample(body=[MOVE], reach=AT_UTH),),
    "POST /api/v1/stock/reversals": (Sample(body={"moves": [str(RECEIVED)], "document": "BACK-1"}, reach=AT_UTH),),
    "GET /api/v1/stock/then": (
        Sample(query={"part": "LAMP-1", "at": "2026-03-02T00:00:00Z"}, told=each(rows.by_place)),
    ),
    "GET /api/v1/stock/lots": (Sample(told=each(rows.of_lot)),),
    "POST /api/v1/stock/lots": (
        Sample(body=[{"part": "LAMP-1", "number": "SN-9", "kind": "serial"}], reach=rows.EVERYBODY),
    ),
    "GET /api/v1/stock/lots/suspicions": (Sample(told=each(rows.of_lot)),),
    "GET /api/v1/stock/lots/verdict": (Sample(query=AT_UTH_NUMBERED, reach=AT_UTH),),
    "GET /api/v1/stock/lots/history": (Sample(query=AT_UTH_NUMBERED, reach=AT_UTH),),
    "POST /api/v1/stock/lots/dates": (Sample(body=AT_UTH_NUMBERED | {"made_on": "2025-01-01"}, reach=AT_UTH),),
    "GET /api/v1/stock/readings": (Sample(told=each(rows.of_lot)),),
    "POST /api/v1/stock/readings": (
        Sample(body=[AT_UTH_NUMBERED | papers.READING | {"read_at": "2026-02-02T00:00:00Z"}], reach=AT_UTH),
    ),
    "GET /api/v1/stock/documents": (Sample(told=each(rows.of_lot)),),
    "POST /api/v1/stock/documents": (
        Sample(body=[papers.DOCUMENT | {"tracking_number": "D-9", "lots": [AT_UTH_NUMBERED]}], reach=AT_UTH),
    ),
    "POST /api/v1/stock/documents/{document}/attachments": (
        Sample(
            path={"document": "{document}"},
            body={"lots": [{"part": "FILTER-2", "number": papers.DOUBLES["UTH"]}]},
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/stock/periods": (Sample(told=each(rows.of_lot)),),
    "POST /api/v1/stock/periods": (
        Sample(body=[AT_UTH_NUMBERED | papers.PERIOD | {"starts_on": "2025-02-01"}], reach=AT_UTH),
    ),
    "GET /api/v1/stock/links": (Sample(told=each(rows.of_lot)),),
    "POST /api/v1/stock/links": (
        Sample(
            body=[
                AT_UTH_NUMBERED
                | papers.LINK
                | {"kind": "installed", "other_part": "FILTER-2", "other_number": papers.DOUBLES["UTH"]}
            ],
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/stock/life-limits": (LIST,),
    "POST /api/v1/stock/life-limits": (
        Sample(body=[{"part": "LAMP-1", "driver": "landings", "most": "9", "source": "ALS"}], reach=NETWORK),
    ),
    "GET /api/v1/stock/acceptance-rules": (LIST,),
    "POST /api/v1/stock/acceptance-rules": (Sample(body=[{"code": "OWN-1", **TERMS}], reach=NETWORK),),
    "GET /api/v1/stock/acceptance-rules/{code}": (Sample(path={"code": "EASA-TOOL-NEW"}, reach=rows.EVERYBODY),),
    "PUT /api/v1/stock/acceptance-rules/{code}": (
        changing("stock/acceptance-rules", "code", "EASA-TOOL-NEW", TERMS, reach=NETWORK, seen_by=rows.EVERYBODY),
    ),
    "GET /api/v1/stock/watch": (LIST,),
    "POST /api/v1/stock/watch": (
        Sample(body={"kind": "batch", "value": "B-9", "reason": "recall", "source": "letter"}, reach=NETWORK),
    ),
    "GET /api/v1/stock/watch/{entry}/evidence": (Sample(path={"entry": "{entry}"}, reach=NETWORK),),
    "POST /api/v1/stock/watch/{entry}/closing": (
        Sample(path={"entry": "{entry}"}, body={"reason": "it is genuine"}, reach=NETWORK),
    ),
    "GET /api/v1/stock/inspections": (Sample(told=each(rows.by_place)),),
    "POST /api/v1/stock/inspections": (
        Sample(
            body={"part": "FILTER-2", "place": "UTH", "quantity": "1", "checks": papers.CHECKS, "document": "RI-9"},
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/stock/closing": (LIST,),
    "POST /api/v1/stock/closing": (Sample(body={"closed_through": "2026-01-31"}, reach=NETWORK),),
    "GET /api/v1/stock/value": (
        Sample(told=each(rows.of_value)),
        Sample(query={"by": "region", "at": "2026-03-01T09:00:00Z"}, told=each(rows.of_value)),
    ),
    "GET /api/v1/stock/costs": (LIST, Sample(query={"part": "LAMP-1"})),
    "GET /api/v1/stock/costs/changes": (Sample(told=each(rows.for_the_network)),),
    "GET /api/v1/stock/depreciation": (LIST,),
    "POST /api/v1/stock/depreciation": (
        Sample(body=[{"part_class": "rotable", "life_months": 120, "residual_share": "0.1"}], reach=NETWORK),
    ),
    "POST /api/v1/stock/additions": (Sample(body=[OVERHAUL], reach=NETWORK),),
    "POST /api/v1/stocktakes": (Sample(body={"place": "UTH"}, reach=AT_UTH),),
    "GET /api/v1/stocktakes": (Sample(told=each(rows.by_place)),),
    "GET /api/v1/stocktakes/{number}": (Sample(path={"number": "ST-000001"}, reach=AT_UTH),),
    "GET /api/v1/stocktakes/{number}/lines": (Sample(path={"number": "ST-000003"}, reach=AT_UTH),),
    "POST /api/v1/stocktakes/{number}/counts": (
        Sample(path={"number": "ST-000001"}, body=[{"part": "LAMP-1", "quantity": "3"}], reach=AT_UTH),
    ),
    "POST /api/v1/stocktakes/{number}/submit": (stocktake("ST-000002"),),
    "POST /api/v1/stocktakes/{number}/approve": (stocktake("ST-000003"),),
    "POST /api/v1/stocktakes/{number}/reject": (stocktake("ST-000003", {"reason": "count again"}),),
    "POST /api/v1/stocktakes/{number}/cancel": (stocktake("ST-000001", {"reason": "wrong place"}),),
    "GET /api/v1/stock/repair-benches": (Sample(told=each(rows.by_place)),),
    "POST /api/v1/stock/repair-benches": (
        Sample(body=[{"place": "UTH", "chapter": "32", "benches": 1, "source": "workshop plan"}], reach=AT_UTH),
    ),
    "POST /api/v1/orders": (Sample(body=ORDER, reach=AT_UTH),),
    "POST /api/v1/orders/proposals": (Sample(body={"plan": "{day_plan}", "proposals": ["R-000001"]}, reach=AT_UTH),),
    "GET /api/v1/orders": (Sample(told=each(rows.by_ends)),),
    "GET /api/v1/orders/{number}": (Sample(path={"number": "TO-000001"}, reach=AT_UTH),),
    "PATCH /api/v1/orders/{number}": (order("TO-000001", {"priority": "AOG"}),),
    "POST /api/v1/orders/{number}/release": (order("TO-000001"),),
    "POST /api/v1/orders/{number}/ship": (order("TO-000002", {}),),
    "POST /api/v1/orders/{number}/receive": (order("TO-000003", {}),),
    "POST /api/v1/orders/{number}/cancel": (order("TO-000002", {"reason": "no need"}),),
    "GET /api/v1/stock/weights": (LIST,),
    "POST /api/v1/stock/weights": (
        Sample(
            body=[
                {"essentiality": "GO", "consequence": "0.1", "authority": "CAAC", "edition": "1", "source": "own MEL"}
            ],
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/stock/target-plans": (Sample(body={"budget": "100.00", "region": "SEA"}),),
    "POST /api/v1/stock/target-plans/{number}/simulate": (Sample(path=TARGET_PLAN, body={"count": 3}, reach=REGION),),
    "GET /api/v1/stock/target-plans": (
        Sample(told=each(rows.of_target_plan), hidden_from=CHINA),
        Sample(query={"region": "SEA"}, told=each(rows.of_target_plan), hidden_from=CHINA),
    ),
    "GET /api/v1/stock/target-plans/{number}": (Sample(path=TARGET_PLAN, reach=REGION),),
    "GET /api/v1/stock/target-plans/{number}/lines": (
        Sample(path=WHOLE_TARGET_PLAN, told=each(rows.by_place), reach=rows.EVERYBODY),
    ),
    "GET /api/v1/stock/target-plans/{number}/notes": (Sample(path=TARGET_PLAN, reach=REGION),),
    "GET /api/v1/stock/target-plans/{number}/forecasts": (Sample(path=TARGET_PLAN, reach=REGION),),
    "GET /api/v1/stock/target-plans/{number}/curve": (Sample(path=TARGET_PLAN, reach=REGION),),
    "GET /api/v1/stock/target-plans/{number}/difference": (Sample(path=TARGET_PLAN, reach=REGION),),
    "GET /api/v1/stock/target-plans/{number}/acceptances": (Sample(path=TARGET_PLAN, reach=REGION),),
    "POST /api/v1/stock/target-plans/{number}/accept/check": (Sample(path=TARGET_PLAN, body={}, reach=REGION),),
    "POST /api/v1/stock/target-plans/{number}/accept": (
        Sample(
            path=TARGET_PLAN,
            body={},
            version_of="/api/v1/stock/target-plans/T-000001",
            reach=REGION,
        ),
    ),
    "POST /api/v1/stock/target-plans/{number}/lines/override/check": (
        Sample(path=TARGET_PLAN, body=TARGET_OVERRIDE, reach=REGION),
    ),
    "POST /api/v1/stock/target-plans/{number}/lines/override": (
        Sample(
            path=TARGET_PLAN,
            body=TARGET_OVERRIDE,
            version_of="/api/v1/stock/target-plans/T-000001",
            reach=REGION,
        ),
    ),
    "POST /api/v1/stock/target-acceptances/{key}/undo": (
        Sample(path={"key": "{target_acceptance}"}, body={"reason": "a mistake"}, reach=REGION),
    ),
    "GET /api/v1/stock/targets": (Sample(told=each(rows.by_place)),),
    "POST /api/v1/stock/targets": (Sample(body=[{"part": "FILTER-1", "place": "UTH", "quantity": "6"}], reach=AT_UTH),),
    "GET /api/v1/stock/promise": (Sample(query={"part": "LAMP-1", "destination": "UTH"}),),
    "GET /api/v1/stock/availability": (Sample(query={"part": "LAMP-1", "place": "UTH"}, reach=AT_UTH),),
    "GET /api/v1/stock/reservations": (Sample(told=each(rows.of_reservation)),),
    "GET /api/v1/stock/reservations/{key}": (Sample(path={"key": str(KEPT)}, reach=AT_UTH),),
    "POST /api/v1/stock/reservations": (Sample(body=RESERVATION, reach=AT_UTH),),
    "POST /api/v1/stock/reservations/{key}/extend": (of_kept({"expires_at": "2026-03-04T00:00:00Z"}),),
    "POST /api/v1/stock/reservations/{key}/stage": (of_kept({"stage": "picked"}),),
    "POST /api/v1/stock/reservations/{key}/release": (of_kept({"reason": "called off"}),),
    "GET /api/v1/stock/preemptions/preview": (
        Sample(query={"part": "LAMP-1", "destination": "UTH", "demand": "J-1", "priority": "AOG"}, told=rows.victims),
    ),
    "POST /api/v1/stock/preemptions": (
        Sample(
            body={
                "reservation": str(KEPT),
                "version": 1,
                "destination": "UTH",
                "quantity": "1",
                "demand": "J-1",
                "priority": "AOG",
                "expires_at": "2026-03-04T00:00:00Z",
                "reason": "aircraft on ground",
            },
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/stock/offers": (Sample(query={"part": "LAMP-1", "place": "UTH"}),),
    "GET /api/v1/aog-wait": (LIST,),
    "POST /api/v1/aog-wait": (Sample(body={"minutes": 45}, reach=NETWORK),),
    "GET /api/v1/grants": (
        Sample(told=each(rows.of_grant)),
        Sample(query={"state": "taken"}, told=each(rows.of_grant), hidden_from=CHINA),
    ),
    "GET /api/v1/grants/{number}": (
        Sample(path=grant("G-000001")),
        Sample(path=grant("G-000003"), reach=REGION | {AOG}),
    ),
    "POST /api/v1/grants": (Sample(body=ASKING),),
    "POST /api/v1/grants/{number}/decision": (
        Sample(path=grant("G-000002"), body={"granted": True}, version_of="/api/v1/grants/G-000002"),
        Sample(
            path=grant("G-000001"),
            body={"granted": True},
            version_of="/api/v1/grants/G-000001",
            reach=NETWORK,
            seen_by=REGION,
        ),
    ),
    "POST /api/v1/grants/{number}/withdrawal": (
        Sample(path=grant("G-000001"), version_of="/api/v1/grants/G-000001"),
        Sample(path=grant("G-000003"), version_of="/api/v1/grants/G-000003", reach=NETWORK, seen_by=REGION | {AOG}),
    ),
    "POST /api/v1/grants/{number}/taking": (
        Sample(
            path=grant("G-000003"),
            body={"note": "aircraft on ground"},
            version_of="/api/v1/grants/G-000003",
            reach=REGION | {AOG},
        ),
    ),
    "POST /api/v1/grants/{number}/review": (
        Sample(path=grant("G-000004"), body={"note": "rightly so"}, version_of="/api/v1/grants/G-000004"),
    ),
    "GET /api/v1/qualifications": (LIST,),
    "POST /api/v1/qualifications": (Sample(body=[{"code": "NDT", "name": "Non-destructive testing"}]),),
    "GET /api/v1/technicians": (
        Sample(told=each(rows.of_technician)),
        Sample(query={"region": "SEA"}, told=each(rows.of_technician), hidden_from=CHINA),
    ),
    "GET /api/v1/technicians/{code}": (Sample(path={"code": "T-2"}),),
    "POST /api/v1/technicians": (Sample(body=TECHNICIAN, reach=AT_UTH),),
    "POST /api/v1/technicians/bulk": (Sample(body=[TECHNICIAN], reach=AT_UTH),),
    "PATCH /api/v1/technicians/{code}": (changing("technicians", "code", "T-2", {"languages": ["lo"]}),),
    "GET /api/v1/technicians/{code}/missing": (Sample(path={"code": "T-2"}, query={"authorisation": "B1"}),),
    "GET /api/v1/licence-standards": (LIST,),
    "POST /api/v1/licence-standards": (
        Sample(body=[{"code": "OWN-66", "authority": "OWN", "name": "Own", **workforce.SOURCED}], reach=NETWORK),
    ),
    "GET /api/v1/certificates": (
        Sample(told=each(rows.of_person)),
        Sample(query={"expires_by": "2026-03-04"}, told=each(rows.of_person), hidden_from=CHINA),
    ),
    "POST /api/v1/certificates": (
        Sample(body=[{"technician": "T-2", "code": "B2", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}]),
    ),
    "GET /api/v1/certificates/forecast": (Sample(query={"months": "12"}, told=rows.of_forecast),),
    "GET /api/v1/experience": (Sample(told=each(rows.of_person)),),
    "POST /api/v1/experience": (
        Sample(
            body=[{"technician": "T-2", "aircraft_type": "TH80", "starts_on": "2025-01-01", "ends_on": "2025-02-01"}]
        ),
    ),
    "GET /api/v1/cost-rates": (Sample(told=each(rows.of_person)),),
    "POST /api/v1/cost-rates": (
        Sample(body=[{"technician": "T-2", "valid_from": "2026-01-01", "per_h": "22", "currency": "USD"}]),
    ),
    "GET /api/v1/authorisation-needs": (LIST, Sample(query={"authorisation": "B1"})),
    "POST /api/v1/authorisation-needs": (Sample(body=[workforce.NEED | {"qualification": "BORE"}], reach=NETWORK),),
    "GET /api/v1/shift-patterns": (LIST,),
    "POST /api/v1/shift-patterns": (Sample(body=[workforce.PATTERN | {"code": "OTHER"}], reach=NETWORK),),
    "GET /api/v1/rosters": (Sample(query={"first_day": "2026-03-02"}, told=each(rows.of_person)),),
    "POST /api/v1/rosters/preview": (Sample(body=ROSTER),),
    "POST /api/v1/rosters": (Sample(body=ROSTER),),
    "GET /api/v1/absences": (Sample(told=each(rows.of_person)),),
    "POST /api/v1/absences": (Sample(body=[{"technician": "T-2", "kind": "training", **workforce.SPAN}]),),
    "POST /api/v1/absences/{key}/end": (Sample(path={"key": "{absence}"}, body=ENDING),),
    "POST /api/v1/standby/{key}/end": (Sample(path={"key": "{standby}"}, body=ENDING),),
    "POST /api/v1/secondments/{key}/end": (Sample(path={"key": "{secondment}"}, body=ENDING),),
    "POST /api/v1/rosters/remove": (
        Sample(
            body={"technician": "T-2", "first_day": "2026-03-02", "last_day": "2026-03-02", "reason": "course"},
        ),
    ),
    "GET /api/v1/standby": (Sample(told=each(rows.of_person)),),
    "POST /api/v1/standby": (Sample(body=[{"technician": "T-2", "callout_min": 60, **workforce.SPAN}]),),
    "GET /api/v1/secondments": (Sample(told=each(rows.of_person)),),
    "POST /api/v1/secondments": (
        Sample(body=[{"technician": "T-2", "region": "EU", "reason": "help", **workforce.SPAN}]),
    ),
    "GET /api/v1/release-rules": (LIST,),
    "POST /api/v1/release-rules": (Sample(body=[RELEASE | {"code": "OWN-1"}], reach=NETWORK),),
    "GET /api/v1/release-rules/{code}": (Sample(path={"code": "CAAC-RELEASE"}, reach=rows.EVERYBODY),),
    "PUT /api/v1/release-rules/{code}": (
        changing("release-rules", "code", "CAAC-RELEASE", RELEASE, reach=NETWORK, seen_by=rows.EVERYBODY),
    ),
    "GET /api/v1/access-rules": (LIST,),
    "POST /api/v1/access-rules": (Sample(body=[workforce.ACCESS | {"code": "LA-2"}], reach=NETWORK),),
    "GET /api/v1/access-rules/{code}": (Sample(path={"code": "LA-1"}, reach=rows.EVERYBODY),),
    "PUT /api/v1/access-rules/{code}": (
        changing("access-rules", "code", "LA-1", workforce.ACCESS, reach=NETWORK, seen_by=rows.EVERYBODY),
    ),
    "GET /api/v1/rest-rules": (LIST,),
    "POST /api/v1/rest-rules": (Sample(body=[REST | {"code": "OWN-1"}], reach=NETWORK),),
    "GET /api/v1/rest-rules/{code}": (Sample(path={"code": "CN-LABOUR"}, reach=rows.EVERYBODY),),
    "PUT /api/v1/rest-rules/{code}": (
        changing("rest-rules", "code", "CN-LABOUR", REST, reach=NETWORK, seen_by=rows.EVERYBODY),
    ),
    "GET /api/v1/organisation-approvals": (LIST,),
    "POST /api/v1/organisation-approvals": (
        Sample(body=[workforce.APPROVAL | {"number": "D.2", "source": "letter"}], reach=NETWORK),
    ),
    "POST /api/v1/assignments/check": (
        Sample(body={"technician": "T-2", "job": "J-3", "seat": "mechanic", "starts_at": "2026-03-03T02:00:00Z"}),
    ),
    "GET /api/v1/aircraft": (
        Sample(told=each(rows.of_tail)),
        Sample(query={"region": "SEA"}, told=each(rows.of_tail), hidden_from=CHINA),
    ),
    "POST /api/v1/aircraft": (
        Sample(body=[workforce.AIRCRAFT | {"registration": "B-9", "base": "UTH"}], reach=AT_UTH),
    ),
    "GET /api/v1/aircraft/{registration}": (Sample(path=TAIL, reach=AT_UTH),),
    "PATCH /api/v1/aircraft/{registration}": (
        changing("aircraft", "registration", "B-UTH", {"authority": "EASA"}, reach=AT_UTH),
    ),
    "GET /api/v1/aircraft/{registration}/ground-windows": (
        Sample(path=TAIL, query={"starts_at": "2026-03-02T00:00:00Z"}, reach=AT_UTH),
    ),
    "GET /api/v1/utilisation": (Sample(told=each(rows.of_use)),),
    "POST /api/v1/utilisation": (
        Sample(
            body=[{"aircraft_type": "TH60", "place": "UTH", "month": "2026-02-01", "flight_hours": "80"}], reach=AT_UTH
        ),
    ),
    "GET /api/v1/stock/reliability": (LIST,),
    "POST /api/v1/stock/reliability": (Sample(body=[{"part": "LAMP-1", "source": "maker"}], reach=NETWORK),),
    "GET /api/v1/rotations": (
        Sample(told=each(rows.of_tail)),
        Sample(query={"registration": "B-UTH"}, told=each(rows.of_tail), hidden_from=CHINA),
    ),
    "POST /api/v1/rotations": (
        Sample(
            body=[
                workforce.ROTATION
                | {
                    "registration": "B-UTH",
                    "arrives_at": "2026-03-03T00:00:00Z",
                    "departs_at": "2026-03-03T06:00:00Z",
                }
            ],
            reach=rows.EVERYBODY,
        ),
    ),
    "GET /api/v1/rotations/{key}": (Sample(path=ROTATION, reach=AT_UTH),),
    "PATCH /api/v1/rotations/{key}": (
        changing("rotations", "key", "{rotation}", {"departs_at": "2026-03-02T06:30:00Z"}, reach=AT_UTH),
    ),
    "DELETE /api/v1/rotations/{key}": (changing("rotations", "key", "{rotation}", None, reach=AT_UTH),),
    "GET /api/v1/rotations/quarantine": (Sample(told=each(rows.of_quarantine)),),
    "GET /api/v1/rotations/quarantine/{key}": (Sample(path=ASIDE, reach=AT_UTH),),
    "POST /api/v1/rotations/quarantine/{key}/correct": (
        Sample(
            path=ASIDE,
            body={"arrives_at": "2026-03-02T06:00:00Z", "note": "late"},
            version_of="/api/v1/rotations/quarantine/{aside}",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/rotations/quarantine/{key}/discard": (
        Sample(
            path=ASIDE, body={"note": "told twice"}, version_of="/api/v1/rotations/quarantine/{aside}", reach=AT_UTH
        ),
    ),
    "GET /api/v1/tool-kinds": (LIST,),
    "POST /api/v1/tool-kinds": (Sample(body=[{"code": "JACK", "name": "Jack"}], reach=NETWORK),),
    "GET /api/v1/tools": (Sample(told=each(rows.by_place)),),
    "POST /api/v1/tools": (Sample(body=[{"kind": "TORQUE", "serial": "N-1", "place": "UTH"}], reach=AT_UTH),),
    "GET /api/v1/tools/bookings": (Sample(told=each(rows.of_booking)),),
    "POST /api/v1/tools/bookings/{booking}/release": (Sample(path={"booking": "{booking}"}, reach=AT_UTH),),
    "GET /api/v1/tools/{key}": (Sample(path={"key": "{tool}"}, reach=AT_UTH),),
    "POST /api/v1/tools/{key}/bookings": (
        Sample(path={"key": "{tool}"}, body={"document": "J-5", **workforce.SPAN}, reach=AT_UTH),
    ),
    "POST /api/v1/tools/{key}/loan": (
        changing("tools", "key", "{tool}", {"lent_to": "Air", "lent_until": "2026-04-01T00:00:00Z"}, reach=AT_UTH),
    ),
    "POST /api/v1/tools/{key}/return": (changing("tools", "key", "{tool_lent}", None, reach=AT_UTH),),
    "POST /api/v1/tools/{key}/calibrations": (
        changing(
            "tools",
            "key",
            "{tool}",
            {"calibrated_on": "2026-03-01", "verdict": "good", "certificate": "C-2", "laboratory": "L"},
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/tools/{key}/finding": (Sample(path={"key": "{tool_out}"}, reach=AT_UTH),),
    "GET /api/v1/jobs": (
        Sample(told=each(rows.of_job)),
        Sample(query={"region": "SEA"}, told=each(rows.of_job), hidden_from=CHINA),
    ),
    "GET /api/v1/jobs/{number}": (
        Sample(path={"number": "J-5"}, reach=AT_UTH),
        Sample(path={"number": "J-1"}, reach=AT_UTH | {AOG}),
    ),
    "PATCH /api/v1/jobs/{number}": (
        changing("jobs", "number", "J-5", {"priority": "CRITICAL"}, reach=AT_UTH),
        changing("jobs", "number", "J-1", {"title": "Brake seized"}, reach=AT_UTH, seen_by=frozenset({AOG})),
    ),
    "GET /api/v1/tasks": (LIST,),
    "GET /api/v1/tasks/{code}": (Sample(path={"code": "TASK-1"}),),
    "POST /api/v1/tasks": (Sample(body=[work.TASK | {"code": "TASK-2"}], reach=NETWORK),),
    "GET /api/v1/checklists": (LIST,),
    "GET /api/v1/checklists/{code}": (Sample(path={"code": "LIST-1"}),),
    "POST /api/v1/checklists": (Sample(body=[work.CHECKLIST | {"code": "LIST-2"}], reach=NETWORK),),
    "PUT /api/v1/checklists/{code}": (
        Sample(
            path={"code": "LIST-1"},
            body={name: value for name, value in work.CHECKLIST.items() if name != "code"},
            version_of="/api/v1/checklists/LIST-1",
            reach=NETWORK,
        ),
    ),
    "GET /api/v1/jobs/{number}/checklist": (
        Sample(path=CREWED, reach=AT_UTH),
        Sample(path={"number": "J-1"}, reach=AT_UTH | {AOG}),
    ),
    "GET /api/v1/jobs/{number}/photos": (
        Sample(path=CREWED, reach=AT_UTH),
        Sample(path={"number": "J-1"}, reach=AT_UTH | {AOG}),
    ),
    "POST /api/v1/jobs/{number}/photos": (
        Sample(
            path=CREWED,
            query={"id": str(UUID(int=991)), "taken_at": NOW.isoformat()},
            content=work.PIXEL,
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/jobs/{number}/photos/{key}": (Sample(path=PHOTO, reach=AT_UTH),),
    "GET /api/v1/jobs/{number}/photos/{key}/picture": (Sample(path=PHOTO, reach=AT_UTH),),
    "POST /api/v1/jobs/{number}/photos/{key}/strike": (
        Sample(path=PHOTO, body={"reason": "blurred"}, version_of="/api/v1/jobs/J-10/photos/{photo}", reach=AT_UTH),
    ),
    "GET /api/v1/jobs/{number}/crew": (
        Sample(path=CREWED, reach=AT_UTH),
        Sample(path={"number": "J-1"}, reach=AT_UTH | {AOG}),
    ),
    "POST /api/v1/jobs/{number}/crew": (
        Sample(
            path={"number": "J-5"},
            body={"technician": "T-2", "seat": "mechanic", "starts_at": "2026-03-06T02:00:00Z"},
            version_of="/api/v1/jobs/J-5",
            seen_by=frozenset({Where.PLACE}),
        ),
    ),
    "DELETE /api/v1/jobs/{number}/crew/{key}": (
        Sample(path=CREWED | {"key": "{seat}"}, version_of="/api/v1/jobs/J-10", reach=AT_UTH),
    ),
    "POST /api/v1/jobs/{number}/dispatch": (
        Sample(path=CREWED, version_of="/api/v1/jobs/J-10", seen_by=frozenset({Where.PLACE})),
    ),
    "POST /api/v1/jobs/{number}/steps": (
        Sample(
            path={"number": "J-6"},
            body={"kind": "cancel", "reason": "not needed"},
            version_of="/api/v1/jobs/J-6",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/jobs/events": (
        Sample(body=[work.event("J-10")], reach=rows.EVERYBODY),
        Sample(body=[work.event("J-10", technician="T-2")], reach=rows.EVERYBODY),
    ),
    "GET /api/v1/jobs/{number}/events": (Sample(path=CREWED, reach=AT_UTH),),
    "GET /api/v1/job-events/quarantine": (Sample(told=each(rows.of_work)),),
    "GET /api/v1/job-events/quarantine/{key}": (Sample(path=WAITING, reach=AT_UTH),),
    "POST /api/v1/job-events/quarantine/{key}/decision": (
        Sample(
            path=WAITING,
            body={"apply": False, "note": "told twice"},
            version_of="/api/v1/job-events/quarantine/{event}",
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/me/jobs": (Sample(told=each(rows.of_work), hidden_from=frozenset()),),
    "GET /api/v1/jobs/{number}/card": (
        Sample(path=CREWED, reach=AT_UTH),
        Sample(path={"number": "J-1"}, reach=AT_UTH | {AOG}),
    ),
    "GET /api/v1/jobs/{number}/card.pdf": (
        Sample(path=CREWED, query={"language": "zh_CN"}, reach=AT_UTH),
        Sample(path={"number": "J-1"}, reach=AT_UTH | {AOG}),
    ),
    "GET /api/v1/jobs/{number}/release-certificate.pdf": (Sample(path=CREWED, reach=AT_UTH),),
    "GET /api/v1/technicians/{code}/calendar.ics": (Sample(path={"code": "T-2"}),),
    "POST /api/v1/me/calendar": (Sample(in_person=True),),
    "DELETE /api/v1/me/calendar": (Sample(in_person=True),),
    "GET /api/v1/release-certificates": (Sample(told=each(rows.of_work)),),
    "GET /api/v1/release-certificates/{number}": (Sample(path={"number": "CRS-000001"}, reach=AT_UTH),),
    "GET /api/v1/removed-units": (Sample(told=each(rows.by_place)),),
    "GET /api/v1/removed-units/{number}": (Sample(path={"number": "RU-000001"}, reach=AT_UTH),),
    "POST /api/v1/removed-units/{number}/settlement": (
        Sample(
            path={"number": "RU-000001"},
            body={"note": "accepted"},
            version_of="/api/v1/removed-units/RU-000001",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/jobs": (Sample(body=new_job("J-9", "UTH"), reach=AT_UTH),),
    "POST /api/v1/jobs/bulk": (
        Sample(body=[new_job("J-9", "UTH")], reach=AT_UTH),
        Sample(body=[new_job("J-9", "VTE")]),
        Sample(body=[new_job("J-9", "VTE")], query={"mode": "each"}),
    ),
    "GET /api/v1/budgets": (
        Sample(told=each(rows.by_region)),
        Sample(query={"region": "SEA"}, told=each(rows.by_region), hidden_from=CHINA),
    ),
    "POST /api/v1/budgets": (Sample(body=[LINE]),),
    "GET /api/v1/budgets/overview": (Sample(told=rows.of_overview),),
    "GET /api/v1/budgets/transfers": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/budgets/carry-over/preview": (Sample(body=CARRY_OVER),),
    "POST /api/v1/budgets/carry-over": (Sample(body=CARRY_OVER),),
    "POST /api/v1/budgets/transfers": (Sample(body={"to_line": "{labour}", "amount": "5", "reason": "more work"}),),
    "GET /api/v1/budgets/lines/{line}": (Sample(path=LABOUR),),
    "GET /api/v1/budgets/lines/{line}/entries": (Sample(path=LABOUR),),
    "POST /api/v1/budgets/lines/{line}/freeze": (Sample(path=LABOUR, body={"frozen": True, "reason": "stop"}),),
    "GET /api/v1/cost-centres": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/cost-centres": (Sample(body=[{"code": "CC-9", "name": "Line", "region": "SEA"}]),),
    "GET /api/v1/budget-versions": (LIST,),
    "POST /api/v1/budget-versions": (Sample(body={"name": "Budget", "lines": [LINE]}, reach=NETWORK),),
    "GET /api/v1/budget-versions/{number}": (Sample(path={"number": "BV-000001"}, reach=rows.EVERYBODY),),
    "GET /api/v1/budget-versions/{number}/lines": (
        Sample(path={"number": "BV-000001"}, told=each(rows.by_region), hidden_from=frozenset({Where.OTHER})),
    ),
    "POST /api/v1/budget-versions/{number}/decide": (
        changing(
            "budget-versions",
            "number",
            "BV-000001",
            {"approved": True, "reason": "board"},
            reach=NETWORK,
            seen_by=rows.EVERYBODY,
        ),
    ),
    "GET /api/v1/budgets/control-terms": (LIST,),
    "PUT /api/v1/budgets/control-terms": (
        Sample(body={"four_eyes_above": "9000"}, version_of="/api/v1/budgets/control-terms"),
    ),
    "GET /api/v1/budgets/overrides": (Sample(told=each(rows.by_region)),),
    "GET /api/v1/budgets/overrides/{key}": (Sample(path={"key": "{override}"}),),
    "POST /api/v1/budgets/overrides/{key}/review": (changing("budgets/overrides", "key", "{override}", FINDING),),
    "GET /api/v1/budgets/standing-authorities": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/budgets/standing-authorities": (
        Sample(
            body={
                "region": "SEA",
                "line": "{envelope}",
                "document_max": "50",
                "valid_from": "2026-03-01",
                "valid_until": "2026-03-31",
                "reason": "AOG desk",
            }
        ),
    ),
    "POST /api/v1/budgets/standing-authorities/{key}/end": (Sample(path={"key": "{authority}"}),),
    "GET /api/v1/compliance-holds": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/compliance-holds": (
        Sample(body={"region": "SEA", "document_kind": "order", "document": "O-9", "reason": "licence"}),
    ),
    "GET /api/v1/compliance-holds/{key}": (Sample(path={"key": "{stop}"}),),
    "POST /api/v1/compliance-holds/{key}/lift": (
        changing("compliance-holds", "key", "{stop}", {"reason": "licensed"}),
    ),
    "POST /api/v1/commitments/check": (Sample(body=SPENDING),),
    "POST /api/v1/commitments": (Sample(body=SPENDING),),
    "GET /api/v1/commitments": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/commitments/release": (
        Sample(body={"document_kind": "order", "document": "O-SEA", "reason": "cancelled"}),
    ),
    "GET /api/v1/actuals": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/actuals": (Sample(body=[EXPENSE]),),
    "POST /api/v1/actuals/accruals": (Sample(body=ACCRUAL),),
    "POST /api/v1/actuals/reverse": (Sample(body={"source": "hours/SEA", "day": "2026-03-02", "reason": "wrong"}),),
    "GET /api/v1/approvals": (Sample(told=each(rows.by_region)),),
    "GET /api/v1/approvals/inbox": (Sample(told=rows.of_inbox),),
    "GET /api/v1/approvals/{number}": (Sample(path=REQUEST),),
    "POST /api/v1/approvals/{number}/approve": (changing("approvals", "number", "{request}", NOTE),),
    "POST /api/v1/approvals/{number}/reject": (changing("approvals", "number", "{request}", NOTE),),
    "POST /api/v1/approvals/{number}/withdraw": (changing("approvals", "number", "{request}", NOTE),),
    "GET /api/v1/substitutions": (LIST,),
    "POST /api/v1/substitutions": (
        Sample(
            body={"substitute": "deputy", "first_day": "2026-03-02", "last_day": "2026-03-09"}, reach=rows.EVERYBODY
        ),
    ),
    "POST /api/v1/substitutions/{key}/end": (Sample(path={"key": "{substitution}"}, reach=NETWORK),),
    "GET /api/v1/exchange-rates": (LIST,),
    "POST /api/v1/exchange-rates": (
        Sample(body=[{"currency": "EUR", "valid_from": "2026-03-01", "rate": "1.1", "source": "own"}], reach=NETWORK),
    ),
    "GET /api/v1/fiscal-calendars": (LIST,),
    "POST /api/v1/fiscal-calendars": (
        Sample(
            body={"code": "SEA", "name": "SEA", "pattern": "months", "first_day": "2026-04-01", "region": "SEA"},
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/fiscal-calendars/{calendar}/years": (Sample(path={"calendar": "GROUP"}, body={}, reach=NETWORK),),
    "GET /api/v1/fiscal-calendars/{calendar}/periods/{period}": (Sample(path=JANUARY, reach=rows.EVERYBODY),),
    "POST /api/v1/fiscal-calendars/{calendar}/periods/{period}/close": (period(JANUARY, "P02"),),
    "POST /api/v1/fiscal-calendars/{calendar}/periods/{period}/reopen": (period(JANUARY, "P01"),),
    "POST /api/v1/cost-estimates": (Sample(body={"spending": LOAN}),),
    "POST /api/v1/cost-estimates/comparison": (Sample(body={"planned": LOAN, "actual": LOAN}),),
    "GET /api/v1/budgets/approval-limits": (LIST,),
    "PUT /api/v1/budgets/approval-limits": (
        Sample(body={"currency": "USD", "limits": {"finance": "90000"}}, version_of="/api/v1/budgets/approval-limits"),
    ),
    "POST /api/v1/plans/day": (Sample(body={"date": "2026-03-02", "region": "SEA"}),),
    "POST /api/v1/plans/dispatch": (Sample(body={"date": "2026-03-02", "region": "SEA"}),),
    "GET /api/v1/regions/{code}/rolling-plan": (Sample(path={"code": "SEA"}),),
    "PUT /api/v1/regions/{code}/rolling-plan": (
        Sample(path={"code": "SEA"}, body={"enabled": True}, version_of="/api/v1/regions/SEA/rolling-plan"),
    ),
    "GET /api/v1/plans": (Sample(told=rows.plans_listed),),
    "GET /api/v1/plans/{number}": (
        Sample(path={"number": "P-000002"}, reach=AT_UTH | {AOG}),
        Sample(path={"number": "P-000001"}, reach=IN_THE_PLAN, told=rows.plan_told),
    ),
    "GET /api/v1/plans/{number}/difference": (
        Sample(path={"number": "P-000003"}, query={"with": "P-000001"}, reach=AT_UTH | {AOG}),
    ),
    "POST /api/v1/plans/{number}/check": (
        Sample(path={"number": "P-000003"}, body={"step": "publish"}, seen_by=AT_UTH | {AOG}),
    ),
    "POST /api/v1/plans/{number}/publish": (
        Sample(path={"number": "P-000003"}, version_of="/api/v1/plans/P-000003", seen_by=AT_UTH | {AOG}),
    ),
    "POST /api/v1/plans/{number}/withdraw": (
        Sample(path={"number": "P-000003"}, version_of="/api/v1/plans/P-000003", seen_by=AT_UTH | {AOG}),
    ),
    "POST /api/v1/plans/{number}/undo": (
        Sample(path={"number": "P-000002"}, version_of="/api/v1/plans/P-000002", seen_by=AT_UTH | {AOG}),
    ),
    "POST /api/v1/plans/{number}/assignments": (Sample(path={"number": "P-000001"}, reach=IN_THE_PLAN),),
    "GET /api/v1/plans/{number}/explain": (
        Sample(path={"number": "P-000002"}, query={"job": "J-5"}, reach=AT_UTH),
        Sample(
            path={"number": "P-000002"},
            query={"job": "J-1"},
            reach=AT_UTH | {AOG},
            told=rows.alternatives,
            hidden_from=CHINA,
        ),
        Sample(path={"number": "P-000002"}, query={"part": "LAMP-1"}, reach=AT_UTH | {AOG}),
    ),
    "POST /api/v1/jobs/{number}/recommendations": (
        Sample(path={"number": "J-3"}, body={}),
        Sample(path={"number": "J-6"}, body={}, seen_by=AT_UTH),
    ),
    "POST /api/v1/jobs/{number}/appointments": (Sample(path={"number": "J-3"}, body={"day": "2026-03-03"}),),
    "POST /api/v1/jobs/{number}/check-move": (
        Sample(
            path={"number": "J-3"},
            body={"start": "2026-03-03T02:00:00Z", "crew": [{"seat": "mechanic", "technician": "T-2"}]},
        ),
    ),
    "POST /api/v1/jobs/{number}/recommendations/{key}/take": (
        Sample(path={"number": "J-3", "key": "{answer}"}, body={"option": 1}),
    ),
    MOVE_JOB: (MOVED,),
    "POST /api/v1/jobs/{number}/unassign": (changing("jobs", "number", "J-14", {}),),
    "POST /api/v1/jobs/{number}/undo-change": (changing("jobs", "number", "J-14", None, after=(MOVE_JOB, MOVED)),),
    LOCK_JOB: (LOCKED,),
    "POST /api/v1/jobs/{number}/unlock": (changing("jobs", "number", "J-14", None, after=(LOCK_JOB, LOCKED)),),
    "GET /api/v1/budgets/holds": (Sample(told=each(rows.by_region)),),
    "GET /api/v1/operations": (Sample(told=each(rows.by_region)),),
    "GET /api/v1/operations/{key}": (Sample(path={"key": "{operation}"}),),
    "POST /api/v1/operations/{key}/cancel": (Sample(path={"key": "{operation}"}),),
    "GET /api/v1/schedules": (Sample(told=each(rows.for_the_network)),),
    "POST /api/v1/schedules": (Sample(body=SCHEDULE, reach=NETWORK),),
    "GET /api/v1/schedules/{name}": (Sample(path=NIGHTLY, reach=NETWORK),),
    "PATCH /api/v1/schedules/{name}": (changing("schedules", "name", "NIGHTLY", {"enabled": False}, reach=NETWORK),),
    "POST /api/v1/schedules/{name}/run": (Sample(path=NIGHTLY, reach=NETWORK),),
    "GET /api/v1/schedules/{name}/runs": (Sample(path=NIGHTLY, reach=NETWORK),),
    "GET /api/v1/events": (Sample(query={"after": "0"}, told=rows.streamed),),
    "GET /api/v1/events/log": (Sample(query={"limit": "200"}, told=each(rows.of_event)),),
    "GET /api/v1/webhooks": (Sample(told=each(rows.by_region)),),
    "POST /api/v1/webhooks": (Sample(body={"url": "https://example.org/new", "region": "SEA"}),),
    "GET /api/v1/webhooks/{webhook}": (Sample(path=WEBHOOK),),
    "PATCH /api/v1/webhooks/{webhook}": (changing("webhooks", "webhook", "{webhook}", {"enabled": False}),),
    "DELETE /api/v1/webhooks/{webhook}": (changing("webhooks", "webhook", "{webhook}", None),),
    "POST /api/v1/webhooks/{webhook}/test": (Sample(path=WEBHOOK),),
    "GET /api/v1/webhooks/{webhook}/deliveries": (Sample(path=WEBHOOK),),
    "POST /api/v1/webhooks/deliveries/{delivery}/retry": (Sample(path={"delivery": "{delivery}"}),),
    "GET /api/v1/users": (Sample(query={"limit": "200"}, told=each(rows.for_the_network)),),
    "POST /api/v1/users": (
        Sample(
            body={
                "name": "new",
                "display_name": "New",
                "roles": ["technician"],
                "memberships": [{"kind": "region", "code": "SEA"}],
            },
            reach=NETWORK,
        ),
    ),
    "GET /api/v1/users/{name}": (Sample(path=SUBJECT, reach=NETWORK),),
    "PATCH /api/v1/users/{name}": (changing("users", "name", "subject", {"display_name": "Other"}, reach=NETWORK),),
    "PUT /api/v1/users/{name}/rights": (
        changing("users", "name", "subject", {"roles": ["dispatcher"]}, reach=NETWORK),
    ),
    "GET /api/v1/users/{name}/sessions": (Sample(path=SUBJECT, reach=NETWORK),),
    "DELETE /api/v1/users/{name}/sessions": (Sample(path=SUBJECT, reach=NETWORK),),
    "POST /api/v1/users/{name}/link": (Sample(path=SUBJECT, reach=NETWORK),),
    "PUT /api/v1/users/{name}/password": (Sample(path=SUBJECT, body={"password": PASSWORD}, reach=NETWORK),),
    "DELETE /api/v1/users/{name}/totp": (Sample(path=SUBJECT, reach=NETWORK),),
    "GET /api/v1/roles": (LIST,),
    "GET /api/v1/roles/{code}": (Sample(path={"code": "storekeeper"}),),
    "PUT /api/v1/roles/{code}": (
        changing("roles", "code", "storekeeper", {"permissions": ["stock.read"]}, reach=NETWORK),
    ),
    "POST /api/v1/session": (Sample(body={"name": "subject", "password": PASSWORD}),),
    "GET /api/v1/session": (LIST,),
    "DELETE /api/v1/session": (Sample(in_person=True),),
    "DELETE /api/v1/sessions": (Sample(in_person=True),),
    "PUT /api/v1/session/password": (
        Sample(body={"current": PASSWORD, "new": "another good password"}, in_person=True),
    ),
    "POST /api/v1/session/totp": (Sample(body={"password": PASSWORD}, in_person=True),),
    "PUT /api/v1/session/totp": (Sample(body={"code": TOTP_CODE}, in_person=True),),
    "POST /api/v1/session/totp/remove": (Sample(body={"password": PASSWORD}, in_person=True),),
    "GET /api/v1/tokens": (LIST,),
    "POST /api/v1/tokens": (Sample(body={"name": "export"}, in_person=True),),
    "DELETE /api/v1/tokens/{token}": (Sample(path={"token": "{own_token}"}, in_person=True),),
    "GET /api/v1/operators": (Sample(told=each(rows.of_operator), hidden_from=frozenset({Where.OPERATOR})),),
    "GET /api/v1/operators/{code}": (Sample(path={"code": "OP-A"}, reach=rows.EVERYBODY - {Where.OPERATOR}),),
    "POST /api/v1/operators": (Sample(body={"code": "OP-C", "name": "Air C", "country": "LA"}, reach=NETWORK),),
    "GET /api/v1/audit": (Sample(query={"limit": "200", "subject": "job"}, told=each(rows.by_audience)),),
    "GET /api/v1/audit/export": (Sample(told=rows.exported),),
    "GET /api/v1/audit/verdict": (LIST,),
    "POST /api/v1/imports/regions": (Sample(file="code,name\nNEW,New\n", reach=NETWORK),),
    "POST /api/v1/imports/calendars": (Sample(file="code,name,hours\nNEW,New,1|08:00|12:00\n", reach=NETWORK),),
    "POST /api/v1/imports/places": (Sample(file="code,name,tier\nNEW,New,supplier\n", reach=NETWORK),),
    "POST /api/v1/imports/lanes": (
        Sample(file="origin,destination,mode,lead_h,cost_per_kg,currency\nUTH,VTE,walk,1,1,USD\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/sources": (Sample(file="place,sources\nUTH,XIY\n", reach=NETWORK),),
    "POST /api/v1/imports/parts": (
        Sample(
            file="part_number,manufacturer_code,ata_chapter,description,part_class,essentiality,currency,"
            "standard_cost,lead_time_days,weight_kg,usage_driver\nNEW,TEST0,24,New,expendable,GO,USD,1,1,1,calendar\n",
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/imports/interchangeability": (
        Sample(file="part,alternative,kind,source\nLAMP-1,FILTER-1,one_way,SB\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/assemblies": (
        Sample(file="assembly,component,quantity\nFILTER-1,LAMP-1,1\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/life-limits": (
        Sample(file="part,driver,most,source\nPUMP-1,landings,9,ALS\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/acceptance-rules": (
        Sample(file="code,authority,part_group,usage,source,edition\nNEW,EASA,component,used,S,E\n", reach=NETWORK),
    ),
    "GET /api/v1/exports/life-limits": (LIST,),
    "GET /api/v1/exports/acceptance-rules": (LIST,),
    "POST /api/v1/imports/lots": (Sample(file="part,number,kind\nPUMP-1,SN-NEW,serial\n"),),
    "POST /api/v1/imports/links": (
        Sample(
            file="part,number,kind,other_part,other_number,linked_at,document\n"
            "FILTER-1,DBL-UTH,installed,FILTER-2,DBL-UTH,2026-02-01T00:00:00Z,WO\n",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/imports/readings": (
        Sample(
            file="part,number,driver,read_at,since_new,document\n"
            "FILTER-1,DBL-UTH,flight_hours,2026-02-02T00:00:00Z,11,LOG\n",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/imports/periods": (
        Sample(
            file="part,number,operator,starts_on,status,document\nFILTER-1,DBL-UTH,own,2025-02-01,in_service,LLP\n",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/imports/documents": (
        Sample(
            file="form,tracking_number,dated,authority,organisation,approval,signatory,status,lots\n"
            "easa_form_1,D-9,2026-02-01,EASA,Shop,DE.145,A. Example,new,FILTER-1|DBL-UTH\n",
            reach=AT_UTH,
        ),
    ),
    "POST /api/v1/imports/watch-list": (
        Sample(file="kind,value,reason,source\nbatch,B-9,why,letter\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/depreciation": (Sample(file="part_class,life_months\nrotable,120\n", reach=NETWORK),),
    "GET /api/v1/exports/links": (Sample(told=rows.written(rows.of_number)),),
    "GET /api/v1/exports/readings": (Sample(told=rows.written(rows.of_number)),),
    "GET /api/v1/exports/periods": (Sample(told=rows.written(rows.of_number)),),
    "GET /api/v1/exports/documents": (Sample(told=rows.written(rows.of_number)),),
    "GET /api/v1/exports/watch-list": (LIST,),
    "GET /api/v1/exports/depreciation": (LIST,),
    "POST /api/v1/imports/opening-stock": (
        Sample(file="place,part,quantity,owner\nUTH,LAMP-1,1,pool:X\n", reach=AT_UTH),
    ),
    "POST /api/v1/imports/stock-targets": (Sample(file="part,place,quantity\nFILTER-1,UTH,6\n", reach=AT_UTH),),
    "POST /api/v1/imports/qualifications": (Sample(file="code,name\nNEW,New\n", reach=NETWORK),),
    "POST /api/v1/imports/technicians": (
        Sample(
            file="code,name,base,time_zone,cost_per_h,currency\nT-NEW,New,UTH,Asia/Vientiane,20,USD\n", reach=AT_UTH
        ),
    ),
    "POST /api/v1/imports/operators": (Sample(file="code,name,country\nOP-C,Air C,LA\n", reach=NETWORK),),
    "POST /api/v1/imports/exchange-rates": (
        Sample(file="currency,valid_from,rate,source\nEUR,2026-01-01,1.1,own\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/cost-centres": (Sample(file="code,name,region\nCC-9,Line,SEA\n"),),
    "POST /api/v1/imports/budgets": (
        Sample(
            file="region,category,period_start,period_end,currency,budget\nSEA,freight,2040-01-01,2040-04-01,USD,9\n"
        ),
    ),
    "POST /api/v1/imports/budget-drafts": (
        Sample(
            file="region,category,period_start,period_end,currency,budget\nSEA,freight,2040-01-01,2040-04-01,USD,9\n",
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/imports/licence-standards": (
        Sample(file="code,authority,name,edition,source\nOWN-66,OWN,Own,1,manual\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/certificates": (
        Sample(file="technician,code,valid_from,valid_until\nT-2,B2,2026-01-01,2026-12-31\n"),
    ),
    "POST /api/v1/imports/experience": (
        Sample(file="technician,aircraft_type,starts_on,ends_on\nT-2,TH80,2025-01-01,2025-02-01\n"),
    ),
    "POST /api/v1/imports/cost-rates": (Sample(file="technician,valid_from,per_h,currency\nT-2,2026-01-01,22,USD\n"),),
    "POST /api/v1/imports/authorisation-needs": (
        Sample(file="authorisation,qualification,source\nB1,BORE,manual\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/shift-patterns": (
        Sample(file="code,name,cycle_days,duties\nOTHER,O,7,0|08:00|16:00\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/absences": (
        Sample(file="technician,kind,starts_at,ends_at\nT-2,leave,2026-04-01T00:00:00Z,2026-04-02T00:00:00Z\n"),
    ),
    "POST /api/v1/imports/standby": (
        Sample(file="technician,starts_at,ends_at,callout_min\nT-2,2026-04-01T00:00:00Z,2026-04-02T00:00:00Z,9\n"),
    ),
    "POST /api/v1/imports/secondments": (
        Sample(
            file="technician,region,starts_at,ends_at,reason\nT-2,EU,2026-04-01T00:00:00Z,2026-04-02T00:00:00Z,help\n"
        ),
    ),
    "POST /api/v1/imports/release-rules": (
        Sample(
            file="code,authority,seat,standards,source,edition\nOWN-1,OWN,release_signatory,CCAR-66,S,E\n",
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/imports/access-rules": (
        Sample(file="code,country,kinds,source,edition\nLA-2,LA,visa,S,E\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/rest-rules": (
        Sample(
            file="code,authority,duty_max_h,rest_min_h,night_rest_h,weekly_rest_h,source,edition\n"
            "OWN-1,OWN,12,11,12,24,S,E\n",
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/imports/organisation-approvals": (
        Sample(
            file="number,authority,levels,valid_from,valid_until,source\nD.2,CAAC,line,2025-01-01,2026-12-31,S\n",
            reach=NETWORK,
        ),
    ),
    "POST /api/v1/imports/aircraft": (
        Sample(file="registration,aircraft_type,serial,authority,base\nB-9,TH60,9,CAAC,UTH\n", reach=AT_UTH),
    ),
    "POST /api/v1/imports/rotations": (
        Sample(
            file="registration,station,arrives_at,departs_at\nB-UTH,UTH,2026-03-03T00:00:00Z,2026-03-03T06:00:00Z\n",
            reach=rows.EVERYBODY,
        ),
    ),
    "POST /api/v1/imports/utilisation": (
        Sample(file="aircraft_type,place,month,flight_hours\nTH60,UTH,2026-02-01,80\n", reach=AT_UTH),
    ),
    "GET /api/v1/exports/utilisation": (Sample(told=rows.written(rows.of_use)),),
    "POST /api/v1/imports/reliability": (Sample(file="part,source\nPUMP-1,maker\n", reach=NETWORK),),
    "GET /api/v1/exports/reliability": (LIST,),
    "POST /api/v1/imports/repair-benches": (Sample(file="place,benches,source\nUTH,3,plan\n", reach=AT_UTH),),
    "GET /api/v1/exports/repair-benches": (Sample(told=rows.written(rows.by_place)),),
    "POST /api/v1/imports/stocking-weights": (
        Sample(file="essentiality,consequence,authority,edition,source\nGO,0.1,CAAC,1,MEL\n", reach=NETWORK),
    ),
    "GET /api/v1/exports/stocking-weights": (LIST,),
    "POST /api/v1/imports/tool-kinds": (Sample(file="code,name\nJACK,Jack\n", reach=NETWORK),),
    "POST /api/v1/imports/tasks": (
        Sample(file="code,title,ata,estimate_min,estimate_p90_min\nTASK-2,Task,32-41,60,90\n", reach=NETWORK),
    ),
    "POST /api/v1/imports/jobs": (
        Sample(
            file=(
                "number,work_order,title,kind,priority,place,duration_min,window_start,window_end,due_at,"
                "delay_cost_per_h,currency\nJ-9,W-9,Lamp,defect,ROUTINE,UTH,60,2026-03-02T00:00:00Z,"
                "2026-03-06T00:00:00Z,2026-03-05T00:00:00Z,15,USD\n"
            ),
            reach=AT_UTH,
        ),
    ),
    "GET /api/v1/exports/tasks": (LIST,),
    "GET /api/v1/exports/jobs": (Sample(told=rows.written(rows.of_job)),),
    "POST /api/v1/imports/tools": (Sample(file="kind,serial,place\nTORQUE,N-1,UTH\n", reach=AT_UTH),),
    "GET /api/v1/exports/licence-standards": (LIST,),
    "GET /api/v1/exports/certificates": (Sample(told=rows.written(rows.of_person)),),
    "GET /api/v1/exports/experience": (Sample(told=rows.written(rows.of_person)),),
    "GET /api/v1/exports/cost-rates": (Sample(told=rows.written(rows.of_person)),),
    "GET /api/v1/exports/authorisation-needs": (LIST,),
    "GET /api/v1/exports/shift-patterns": (LIST,),
    "GET /api/v1/exports/absences": (Sample(told=rows.written(rows.of_person)),),
    "GET /api/v1/exports/standby": (Sample(told=rows.written(rows.of_person)),),
    "GET /api/v1/exports/secondments": (Sample(told=rows.written(rows.of_person)),),
    "GET /api/v1/exports/release-rules": (LIST,),
    "GET /api/v1/exports/access-rules": (LIST,),
    "GET /api/v1/exports/rest-rules": (LIST,),
    "GET /api/v1/exports/organisation-approvals": (LIST,),
    "GET /api/v1/exports/aircraft": (Sample(told=rows.written(rows.of_tail)),),
    "GET /api/v1/exports/rotations": (Sample(told=rows.written(rows.of_tail)),),
    "GET /api/v1/exports/tool-kinds": (LIST,),
    "GET /api/v1/exports/tools": (Sample(told=rows.written(rows.by_place)),),
    "GET /api/v1/exports/regions": (LIST,),
    "GET /api/v1/exports/calendars": (LIST,),
    "GET /api/v1/exports/places": (LIST,),
    "GET /api/v1/exports/lanes": (LIST,),
    "GET /api/v1/exports/sources": (LIST,),
    "GET /api/v1/exports/parts": (LIST,),
    "GET /api/v1/exports/interchangeability": (LIST,),
    "GET /api/v1/exports/assemblies": (LIST,),
    "GET /api/v1/exports/qualifications": (LIST,),
    "GET /api/v1/exports/lots": (Sample(reach=rows.EVERYBODY),),
    "GET /api/v1/exports/opening-stock": (Sample(told=rows.written(rows.of_shelf)),),
    "GET /api/v1/exports/stock-targets": (Sample(told=rows.written(rows.by_place)),),
    "GET /api/v1/exports/technicians": (Sample(told=rows.written(rows.of_technician)),),
    "GET /api/v1/exports/operators": (
        Sample(told=rows.written(rows.of_operator), hidden_from=frozenset({Where.OPERATOR})),
    ),
    "GET /api/v1/exports/budgets": (Sample(told=rows.written(rows.by_region)),),
    "GET /api/v1/exports/budget-drafts": (Sample(told=rows.written(rows.by_region)),),
    "GET /api/v1/exports/exchange-rates": (LIST,),
    "GET /api/v1/exports/cost-centres": (Sample(told=rows.written(rows.by_region)),),
    "GET /": (Sample(headers=HTML, told=rows.jobs_waiting, hidden_from=CHINA, complete=False),),
    "GET /board/map": (
        Sample(
            query={"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}, headers=HTML, reach=rows.EVERYBODY
        ),
    ),
    "GET /plans": (Sample(headers=HTML, reach=rows.EVERYBODY),),
    "GET /plans/compare": (Sample(query={"plan": "P-000003", "with": "P-000001"}, headers=HTML, reach=AT_UTH | {AOG}),),
    "GET /plans/making/{key}": (Sample(path={"key": "{operation}"}, headers=HTML),),
    "GET /plans/{number}/cost.svg": (Sample(path={"number": "P-000002"}, headers=HTML, reach=AT_UTH | {AOG}),),
    "GET /plans/{number}/seats.{kind}": (
        Sample(path={"number": "P-000002", "kind": "csv"}, headers=HTML, reach=AT_UTH | {AOG}),
        Sample(path={"number": "P-000001", "kind": "csv"}, headers=HTML, reach=IN_THE_PLAN, told=rows.jobs_written),
    ),
    "GET /plans/{number}/why": (
        Sample(path={"number": "P-000002"}, query={"job": "J-5"}, headers=HTML, reach=AT_UTH),
        Sample(path={"number": "P-000002"}, query={"part": "LAMP-1"}, headers=HTML, reach=AT_UTH | {AOG}),
    ),
    "GET /target-plans": (Sample(headers=HTML, reach=rows.EVERYBODY),),
    "GET /target-plans/{number}": (Sample(path=TARGET_PLAN, headers=HTML, reach=REGION),),
    "GET /target-plans/{number}/compare": (Sample(path=TARGET_PLAN, headers=HTML, reach=REGION),),
    "GET /target-plans/{number}/curve.svg": (Sample(path=TARGET_PLAN, headers=HTML, reach=REGION),),
    "GET /target-plans/{number}/lines.csv": (
        Sample(path=TARGET_PLAN, headers=HTML, reach=REGION),
        Sample(path=WHOLE_TARGET_PLAN, headers=HTML, reach=rows.EVERYBODY, told=rows.written(rows.by_place)),
    ),
    "GET /search": (Sample(query={"q": "J-"}, headers=HTML, told=rows.jobs_found, complete=False),),
    "GET /search.json": (Sample(query={"q": "J-"}, headers=HTML, told=rows.jobs_found, complete=False),),
    "GET /theme/{theme}": (Sample(path={"theme": "dark"}, headers=HTML, status=303),),
    "GET /region": (Sample(query={"code": "SEA"}, headers=HTML, status=303),),
    "GET /my": (Sample(headers=HTML, reach=rows.EVERYBODY),),
    "GET /my/jobs/{number}": (Sample(path=CREWED, headers=HTML, reach=AT_UTH),),
    "GET /sw.js": (Sample(),),
    "GET /manifest.webmanifest": (Sample(),),
    "GET /board": (Sample(headers=HTML, reach=rows.EVERYBODY),),
    "GET /board.json": (Sample(query=BOARD_SPAN, headers=HTML, told=rows.board_told),),
    "GET /board/barred.json": (Sample(query={"job": "J-3"}, headers=HTML),),
    "GET /budgets": (Sample(headers=HTML, told=rows.money_shown),),
    "GET /charts/vega.js": (Sample(),),
    "GET /budgets/burn-up.svg": (Sample(query={"currency": "USD", "region": "SEA"}, headers=HTML),),
    "GET /budgets/lines/{key}": (Sample(path={"key": "{labour}"}, headers=HTML),),
    "GET /budgets/documents/{kind}/{number}": (Sample(path={"kind": "order", "number": "O-SEA"}, headers=HTML),),
    "GET /budgets/held": (Sample(headers=HTML, told=rows.holds_shown),),
    "GET /overrides": (Sample(headers=HTML, told=rows.overrides_shown),),
    "GET /approvals": (Sample(headers=HTML, told=rows.approvals_shown),),
    "GET /approvals/substitutions": (Sample(headers=HTML),),
    "GET /stock": (Sample(headers=HTML, told=rows.shelves_shown),),
    "GET /stock.json": (Sample(query={"start": "0"}, headers=HTML, reach=rows.EVERYBODY),),
    "GET /stock.csv": (Sample(headers=HTML, told=rows.shelves_written),),
    "GET /parts/{number:path}": (
        Sample(path={"number": "LAMP-1"}, query={"destination": "UTH"}, headers=HTML, reach=rows.EVERYBODY),
    ),
    "GET /places/{code}": (Sample(path={"code": "UTH"}, headers=HTML, reach=rows.EVERYBODY),),
    "GET /offers": (Sample(query={"part": "LAMP-1", "place": "UTH"}, headers=HTML, told=rows.grants_shown),),
    "GET /field-reports": (Sample(headers=HTML, told=rows.reports_shown),),
    "GET /stocktakes": (Sample(headers=HTML, told=rows.stocktakes_shown),),
    "GET /stocktakes/{number}": (Sample(path={"number": "ST-000001"}, headers=HTML, reach=AT_UTH),),
    "GET /orders": (Sample(headers=HTML, told=rows.orders_shown),),
    "GET /orders.csv": (Sample(headers=HTML, told=rows.orders_written),),
    "GET /orders/{number}": (Sample(path={"number": "TO-000001"}, headers=HTML, reach=AT_UTH),),
    "GET /admin/users": (Sample(query={"limit": "200"}, headers=HTML, told=rows.users_shown),),
    "GET /admin/users/{name}": (Sample(path=SUBJECT, headers=HTML, reach=NETWORK),),
    "GET /admin/roles": (Sample(headers=HTML, reach=rows.EVERYBODY),),
    "GET /admin/schedules": (Sample(headers=HTML, told=rows.schedules_shown),),
    "GET /admin/schedules/{name}": (Sample(path=NIGHTLY, headers=HTML, reach=NETWORK),),
    "GET /admin/audit": (Sample(query={"limit": "200", "subject": "job"}, headers=HTML, told=rows.trail_shown),),
    "GET /admin/audit/verdict": (Sample(headers=HTML, reach=rows.EVERYBODY),),
    "GET /admin/checks": (Sample(headers=HTML),),
    "GET /admin/checks/findings": (Sample(headers=HTML),),
    "GET /operations": (Sample(headers=HTML, told=rows.work_shown),),
    "GET /operations/{key}": (Sample(path={"key": "{operation}"}, headers=HTML),),
    "GET /notifications": (Sample(query={"limit": "200"}, headers=HTML, told=rows.news_shown, complete=False),),
    "GET /plans/{number}": (
        Sample(path={"number": "P-000002"}, headers=HTML, reach=AT_UTH | {AOG}),
        Sample(path={"number": "P-000001"}, headers=HTML, reach=IN_THE_PLAN, told=rows.jobs_shown),
    ),
    "GET /language/{language}": (Sample(path={"language": "zh_CN"}, headers=HTML, status=303),),
    "GET /signin": (Sample(headers=HTML),),
    "POST /signin": (Sample(form=CSRF | {"name": "subject", "password": PASSWORD}, headers=FORM, status=303),),
    "POST /signout": (Sample(headers=HTML, status=303),),
    "GET /signin/link/{secret}": (Sample(path={"secret": "{link}"}, headers=HTML),),
    "POST /signin/link/{secret}": (Sample(path={"secret": "{link}"}, form=CSRF, headers=FORM, status=303),),
    "GET /calendars/{secret}.ics": (Sample(path={"secret": "{calendar}"}),),
    "GET /signin/oidc": (Sample(headers=HTML, status=404),),
    "GET /signin/oidc/callback": (Sample(headers=HTML, status=401),),
}
"""By method and path; several where a route answers in several ways."""
