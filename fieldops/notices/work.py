"""Mails to technicians whose work another plan changes: one each, of what begins within the next days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.models import Job
from fieldops.events.schemas import EventOut
from fieldops.identity.models import User
from fieldops.notices.mail import Reader, queue
from fieldops.workforce.models import Technician
from inventory.kernel.lookup import portions
from inventory.network.models import Place

SOON = timedelta(days=7)
"""What begins later changes many times before it comes."""
LITTLE = timedelta(minutes=15)
"""A start that moves by less is not told."""


@dataclass(frozen=True, slots=True)
class _Worker:
    """A technician who has a login, and by which clock he lives."""

    reader: Reader
    zone: str


@dataclass(slots=True)
class _Turn:
    """A job of somebody's: when he began on it and in which seats before, and after; None where he did not."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


def tell_of_work(session: Session, events: Sequence[EventOut], now: datetime) -> None:
    """Queue the mails of changed work: whoever has changed it himself knows it. Few queries, whoever is told."""
    workers = _workers(session, {one.payload["technician"] for one in events})
    turns: defaultdict[str, dict[str, _Turn]] = defaultdict(dict)
    for event in events:
        code = event.payload["technician"]
        if code not in workers or workers[code].reader.name == event.payload["by"]:
            continue
        for one in event.payload["jobs"]:
            turns[code].setdefault(one["job"], _Turn(one["before"], None)).after = one["after"]
    told = {code: changes for code, jobs in turns.items() if (changes := _changes(jobs, now))}
    names = _names(session, {one["job"] for changes in told.values() for one in changes})
    for code, changes in told.items():
        read = workers[code].reader.language
        named = [one | names[one["job"]][read.startswith("zh")] for one in changes if one["job"] in names]
        values = {
            "zone": workers[code].zone,
            "added": [one for one in named if one["before"] is None],
            "gone": [one for one in named if one["after"] is None],
            "moved": [one for one in named if one["before"] is not None and one["after"] is not None],
        }
        key = f"work/{events[-1].number}/{code}"
        queue(session, workers[code].reader, "work_changed", values, now, key)


def _changes(jobs: Mapping[str, _Turn], now: datetime) -> list[dict[str, Any]]:
    """Return what is worth telling, by start: job, and when it begins before and after."""
    found = []
    for job, turn in jobs.items():
        before, after = _start(turn.before), _start(turn.after)
        starts = [start for start in (before, after) if start is not None]
        if not any(now <= start < now + SOON for start in starts):
            continue
        if before is not None and after is not None and abs(after - before) < LITTLE and _same_seats(turn):
            continue
        found.append({"job": job, "before": before, "after": after})
    return sorted(found, key=lambda one: (one["after"] or one["before"], one["job"]))


def _start(side: dict[str, Any] | None) -> datetime | None:
    return None if side is None else datetime.fromisoformat(side["start"])


def _same_seats(turn: _Turn) -> bool:
    return turn.before is not None and turn.after is not None and turn.before["seats"] == turn.after["seats"]


def _workers(session: Session, codes: Iterable[str]) -> dict[str, _Worker]:
    query = (
        select(Technician.code, Technician.time_zone, User.name, User.email, User.language)
        .join(User, User.name == Technician.user_name)
        .where(User.enabled, User.email.is_not(None))
    )
    return {
        code: _Worker(Reader(name, email, language), zone)
        for some in portions(sorted(codes))
        for code, zone, name, email, language in session.execute(query.where(Technician.code.in_(some)))
    }


def _names(session: Session, numbers: Iterable[str]) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Return {job: its title and place, in English and in Chinese}."""
    query = select(Job.number, Job.title, Job.title_zh, Place.code).join(Place, Place.id == Job.place_id)
    return {
        number: ({"title": title, "place": place}, {"title": title_zh or title, "place": place})
        for some in portions(sorted(numbers))
        for number, title, title_zh, place in session.execute(query.where(Job.number.in_(some)))
    }
