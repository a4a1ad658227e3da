"""Loads what becomes of the people and tools of a demo world: tasks, absences, standby, a loan, bookings, access."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.demo import rights
from fieldops.demo.world import World
from fieldops.dispatch.checklists.schemas import NewChecklist
from fieldops.dispatch.checklists.service import add_checklists
from fieldops.dispatch.tasks.schemas import NewTask
from fieldops.dispatch.tasks.service import add_tasks
from fieldops.equipment.models import Tool
from fieldops.equipment.schemas import NewBooking
from fieldops.equipment.service import book
from fieldops.workforce.kinds import AbsenceKind, CertificateKind
from fieldops.workforce.releasing.models import AccessRule
from fieldops.workforce.releasing.schemas import NewAccessRule
from fieldops.workforce.releasing.service import add_rules
from fieldops.workforce.roster.schemas import NewAbsence, NewSecondment, NewStandby
from fieldops.workforce.roster.service import add_absences, add_secondments, add_standby
from inventory.kernel.actor import SYSTEM
from inventory.kernel.errors import Conflict

TASKS = (
    ("05-21-10", "Weekly check", "周检", False),
    ("61-10-20", "Replace propeller", "更换螺旋桨", True),
    ("72-00-30", "Borescope inspection of engine", "发动机孔探检查", True),
    ("32-41-10", "Replace main wheel brake", "更换主轮刹车", True),
)
"""Chapter, title, title in Chinese, and whether they are critical: done by two people on two systems, inspected."""
CHECKLISTS: tuple[dict[str, Any], ...] = (
    {
        "code": "WEEKLY-CHECK",
        "title": "Weekly check",
        "title_zh": "周检",
        "task": "05-21-10",
        "steps": [
            {"name": "Chocks and pins in place", "name_zh": "轮挡和安全销就位", "kind": "tick"},
            {
                "name": "Pressure of the main wheels",
                "name_zh": "主轮胎压",
                "kind": "measure",
                "unit": "bar",
                "lowest": "5.5",
                "highest": "6.5",
            },
            {"name": "Damage that was seen", "name_zh": "发现的损伤", "kind": "text", "mandatory": False},
        ],
    },
    {
        "code": "MAIN-WHEEL-BRAKE",
        "title": "Brake of a main wheel",
        "title_zh": "主轮刹车",
        "task": "32-41-10",
        "steps": [
            {"name": "Aircraft on jacks, wheel free", "name_zh": "飞机顶起，机轮悬空", "kind": "tick"},
            {
                "name": "Torque of the axle nut",
                "name_zh": "轮轴螺母力矩",
                "kind": "measure",
                "unit": "Nm",
                "lowest": "210",
                "highest": "230",
            },
            {"name": "Brake tested, no leak", "name_zh": "刹车测试，无渗漏", "kind": "tick"},
            {"name": "Worn brake, as removed", "name_zh": "拆下的磨损刹车", "kind": "photo", "mandatory": False},
        ],
    },
    {
        "code": "AOG-CAUSE",
        "title": "Aircraft on ground",
        "title_zh": "飞机停场",
        "job_kind": "aog",
        "steps": [
            {"name": "Cause as found on site", "name_zh": "现场查明的原因", "kind": "text"},
            {"name": "Fault as found", "name_zh": "故障现状", "kind": "photo", "mandatory": False},
        ],
    },
)
"""Steps of two tasks, and of every job of an aircraft on ground."""
AWAY_EACH, READY_EACH, BOOKED = 20, 8, 6
"""Of so many people one is away and one can be called in; so many tools are booked."""


def load_duties(session: Session, world: World) -> None:
    """Load tasks, who is away, ready or lent in the week of the plan, and what stations ask."""
    add_tasks(session, SYSTEM, [_task(*one) for one in TASKS])
    add_checklists(session, SYSTEM, [NewChecklist.model_validate(one) for one in CHECKLISTS])
    start = datetime.combine(world.start, time(), UTC)
    friday, saturday, monday = (start + timedelta(days=day) for day in (4, 5, 7))
    people = [row.code for row in world.technicians]
    add_absences(
        session,
        SYSTEM,
        [
            NewAbsence(technician=code, kind=kind, starts_at=friday, ends_at=monday)
            for code, kind in zip(people[3::AWAY_EACH], list(AbsenceKind) * len(people), strict=False)
        ],
    )
    add_standby(
        session,
        SYSTEM,
        [
            NewStandby(technician=code, starts_at=saturday, ends_at=saturday + timedelta(hours=12), callout_min=90)
            for code in people[5::READY_EACH]
        ],
    )
    _lend(session, world, start)
    hubs = [place.code for place in world.places if place.tier in ("regional", "centre")]
    rules = [
        {"code": f"AIRSIDE-{code}", "place": code, "kinds": [CertificateKind.AIRSIDE_PASS], **rights.SOURCE}
        for code in hubs
    ]
    add_rules(session, SYSTEM, AccessRule, [NewAccessRule.model_validate(one) for one in rules])


def load_bookings(session: Session, world: World) -> None:
    """Book some tools, so that not all of them are free on the first day."""
    start = datetime.combine(world.start, time(), UTC)
    for key in session.scalars(select(Tool.id).order_by(Tool.kind, Tool.serial).limit(BOOKED)).all():
        span = {"starts_at": start + timedelta(hours=2), "ends_at": start + timedelta(hours=10)}
        try:
            with session.begin_nested():
                book(session, SYSTEM, key, NewBooking.model_validate({"document": "HANGAR", **span}))
        except Conflict:  # its calibration ends before
            continue


def _task(code: str, title: str, title_zh: str, critical: bool) -> NewTask:
    return NewTask.model_validate(
        {
            "code": code,
            "title": title,
            "title_zh": title_zh,
            "ata": code[:5],
            "critical": critical,
            "inspection": critical,
            "data_reference": f"AMM {code}",
            "data_revision": "12",
            "estimate_min": 120,
            "estimate_p90_min": 200,
        }
    )


def _lend(session: Session, world: World, start: datetime) -> None:
    """The region with the most people lends one to that with the fewest."""
    by_region = sorted(world.technicians, key=lambda row: row.region)
    teams = sorted(([*rows] for _region, rows in groupby(by_region, lambda row: row.region)), key=len)
    if len(teams) < 2:
        return
    loan = NewSecondment(
        technician=teams[-1][-1].code,
        region=teams[0][0].region,
        starts_at=start,
        ends_at=start + timedelta(days=14),
        reason="help with heavy checks",
    )
    add_secondments(session, SYSTEM, [loan])
