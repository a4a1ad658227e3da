"""The records of the API. Written by tools/client-records from its document; not to be edited."""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class ApprovalLimits(TypedDict):
    """The largest amount that each role may approve; null is no limit. `by_category` holds where it names the role."""

    currency: str
    limits: dict[str, Any]
    by_category: dict[str, dict[str, Any]]


class AuditRow(TypedDict):
    """One change of one record, or one action that changed none: who, what, when, from where, before and after."""

    id: int
    at: str
    actor: str
    origin: str
    request_id: str | None
    action: str
    subject: str
    subject_key: str
    audience: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Balance(TypedDict):
    """What lies at a place in one condition, hold and ownership; `lot` null is stock without a number."""

    part: str
    place: str
    condition: Literal[
        "new",
        "new_surplus",
        "overhauled",
        "repaired",
        "inspected",
        "modified",
        "serviceable",
        "as_removed",
        "unserviceable",
        "beyond_economic_repair",
        "scrap",
    ]
    hold: Literal["none", "receiving", "quarantine", "suspected_unapproved", "customs", "dispute"]
    owner: str
    lot: str | None
    quantity: str


class BudgetLine(TypedDict):
    """A budget line with what is taken of it and what is left."""

    area: str | None
    cost_centre: str | None
    programme: str | None
    person: str | None
    id: str
    region: str
    category: Literal["labour", "travel", "freight", "expedite", "parts", "training", "capital"]
    period_start: str
    period_end: str
    currency: str
    budget: str
    reserved: str
    committed: str
    actual: str
    overridden: str
    available: str
    recovery: str
    recovered: str
    parent: str | None
    frozen: bool
    envelope: bool


class Event(TypedDict):
    """An event. `audience` is “*” for everybody, “-” for the whole network's staff, or the code of a region."""

    number: int
    kind: str
    audience: str
    area: str | None
    place: str | None
    happened_at: str
    payload: dict[str, Any]


class Finding(TypedDict):
    """One fault of the chain, at a position; `audit_id` names the row, where there is one."""

    fault: Literal["row_changed", "row_missing", "wrong_position", "truncated", "other_head"]
    position: int
    audit_id: int | None


class Head(TypedDict):
    """The last link of the chain at some instant. Kept elsewhere, it shows later that nothing was cut off."""

    position: int
    hash: str


class Held(TypedDict):
    """A qualification held from one date until another, both included, in the technician's time zone."""

    code: str
    valid_from: str
    valid_until: str
    issued_on: str | None
    issuer: str | None
    reference: str | None
    evidence: str | None
    limits: str | None


class Hold(TypedDict):
    """A document of a plan that waits for an approval."""

    plan: str
    document: str
    kind: str
    region: str
    category: Literal["labour", "travel", "freight", "expedite", "parts", "training", "capital"]
    currency: str
    amount: str
    available: str
    shortfall: str
    priority: str
    approver_role: str


class ItemResult(TypedDict):
    """What became of the record at `index`: status 201, or that of its refusal with a stable code and what to do."""

    index: int
    status: int
    code: str | None
    detail: str | None
    field: str | None


class Job(TypedDict):
    """A job; `version` is its ETag."""

    version: int
    number: str
    work_order: str
    title: str
    title_zh: str | None
    kind: Literal["aog", "defect", "check", "bulletin", "advisory"]
    status: Literal["open", "closed"]
    priority: Literal["AOG", "CRITICAL", "ROUTINE"]
    place: str
    region: str | None
    aircraft: str | None
    duration_min: int
    window_start: str
    window_end: str
    due_at: str
    delay_cost_per_h: str
    currency: str
    qualifications: list[str]
    parts: list[PartNeed]
    state: Literal[
        "planned",
        "dispatched",
        "accepted",
        "travelling",
        "on_site",
        "paused",
        "done",
        "inspected",
        "released",
        "advisory_closed",
        "closed",
    ]
    tail: str | None
    task: str | None
    system: str | None
    release_level: str | None
    inspection: bool
    data_reference: str | None
    data_revision: str | None
    duration_p90_min: int | None
    learned_from: int | None
    seats: list[SeatNeed]
    tools: list[ToolNeed]
    after: list[str]
    locked_by: str | None
    locked_at: str | None
    lock_reason: str | None


class Lane(TypedDict):
    """A lane: door-to-door lead time in hours, cost per kg and per piece."""

    origin: str
    destination: str
    mode: str
    lead_h: float
    cost_per_kg: str
    cost_per_piece: str
    currency: str
    legs: list[Leg]
    dg_allowed: Literal["none", "passenger", "cargo", "all"]
    max_weight_kg: str | None
    active: bool


class Leg(TypedDict):
    """A leg of a lane: median and 90th percentile of its hours of work."""

    kind: Literal["pick", "export_clearance", "transport", "import_clearance", "delivery"]
    median_h: float
    p90_h: float
    calendar: str | None
    cut_off: str | None
    zone: Literal["origin", "destination"]


class Operation(TypedDict):
    """An operation with what it was given and what it found: `incumbent` is the best result so far."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled", "timed_out", "out_of_memory"]
    actor: str
    region: str
    urgency: int
    submitted_at: str
    started_at: str | None
    ended_at: str | None
    stage: str | None
    done: int
    total: int
    code: str | None
    text: str | None
    cancel_requested: bool
    attempts: int
    parameters: dict[str, Any]
    incumbent: dict[str, Any] | None
    result: dict[str, Any] | None


class Part(TypedDict):
    """A part number; `version` is its ETag."""

    part_number: str
    manufacturer_code: str
    ata_chapter: str
    description: str
    description_zh: str | None
    descriptions: dict[str, Any]
    part_class: Literal["rotable", "repairable", "expendable", "material", "standard_part", "tool"]
    essentiality: Literal["NO_GO", "GO_IF", "GO"]
    mel_category: Literal["A", "B", "C", "D"] | None
    mel_interval_days: int | None
    tracking: Literal["serial", "lot", "none"]
    shelf_life_days: int | None
    in_store_actions: list[StoreAction]
    unit: str
    minimum_order_quantity: str | None
    pack_quantity: str | None
    currency: str
    standard_cost: str
    repair_cost: str | None
    turn_around_days: int | None
    lead_time_days: int
    weight_kg: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    usage_driver: Literal["flight_hours", "cycles", "landings", "apu_hours", "calendar"]
    mean_usage_between_removals: str | None
    dg_limit: Literal["none", "passenger", "cargo", "forbidden", "unknown"]
    un_number: str | None
    dg_class: str | None
    packing_instruction: str | None
    dg_quantity_per_package: str | None
    hs_code: str | None
    origin_country: str | None
    export_classification: str | None
    version: int


class PartNeed(TypedDict):
    """A part that must be at the place before the job starts."""

    part: str
    quantity: str
    alternates: list[str]


class Place(TypedDict):
    """A place."""

    code: str
    name: str
    name_local: str | None
    tier: Literal[
        "central",
        "regional",
        "centre",
        "outlet",
        "kit",
        "supplier",
        "customer",
        "repair_shop",
        "in_transit",
        "scrap",
        "adjustment",
    ]
    region: str | None
    area: str | None
    parent: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str | None
    country: str | None
    calendar: str | None
    version: int


class PlanState(TypedDict):
    """What a plan is in a region: `supersedes` is the plan that was in force there when it was made."""

    region: str
    status: Literal["proposed", "current", "superseded", "withdrawn", "expired"]
    supersedes: str | None
    published_by: str | None
    published_at: str | None


class PlanSummary(TypedDict):
    """A plan in a list; `expires_at` is until when a proposed one may be published."""

    plan: str
    kind: Literal["day", "dispatch"]
    date: str
    regions: list[str]
    current_in: list[str]
    states: list[PlanState]
    expires_at: str | None
    made_by: str
    made_at: str
    plan_hash: str


class Qualification(TypedDict):
    """A qualification."""

    code: str
    name: str
    kind: Literal[
        "licence",
        "validation",
        "type_rating",
        "authorisation",
        "training",
        "airside_pass",
        "work_permit",
        "visa",
        "medical",
        "other",
    ]
    standard: str | None
    authority: str | None
    category: str | None
    aircraft_type: str | None
    country: str | None
    places: list[str]
    scope: list[str]


class Region(TypedDict):
    """A region."""

    code: str
    name: str


class Run(TypedDict):
    """One run of a schedule: the slot that it was due at, or asked for where `manual`, and what became of it."""

    slot: str
    fired_at: str
    manual: bool
    operation: str | None
    state: Literal["queued", "running", "done", "failed", "cancelled", "timed_out", "out_of_memory"] | None
    code: str | None
    text: str | None


class Schedule(TypedDict):
    """A schedule and its last run; it runs in the name of `owner`, who made or changed it last."""

    name: str
    kind: str
    parameters: dict[str, Any]
    cron: str
    time_zone: str
    enabled: bool
    owner: str
    version: int
    last_run: Run | None


class SeatNeed(TypedDict):
    """Seats of one kind on a job, and what each who takes one must hold beside what the rules ask."""

    seat: Literal["release_signatory", "independent_inspector", "mechanic", "trainee", "advisory_engineer"]
    count: int
    qualifications: list[str]
    security_level: int


class StoreAction(TypedDict):
    """What must be done to a part on the shelf, and how often."""

    action: str
    every_days: int


class Target(TypedDict):
    """How much of a part a place shall hold."""

    part: str
    place: str
    quantity: str


class Technician(TypedDict):
    """A technician; `version` is the ETag."""

    version: int
    code: str
    name: str
    base: str
    region: str | None
    time_zone: str
    cost_per_h: str
    currency: str
    employment: Literal["own", "expatriate", "local", "contractor"]
    home_country: str | None
    languages: list[str]
    security_level: int
    advisory_only: bool
    user_name: str | None
    qualifications: list[Held]


class ToolNeed(TypedDict):
    """A kind of tool that a job needs, calibrated through its end."""

    kind: str
    count: int


class Verdict(TypedDict):
    """What the verification of the chain found; `oldest_unsealed_at` tells how far sealing lags behind."""

    sound: bool
    sealed: int
    sealed_late: int
    unsealed: int
    oldest_unsealed_at: str | None
    head: Head | None
    findings: list[Finding]
