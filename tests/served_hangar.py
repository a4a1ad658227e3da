"""A job at a hangar that is served, and people who send requests about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.settings import Settings
from tests.accounts import issue_token
from tests.hangar import MORNING, brake_job, load_hangar
from tests.serving import serving

BULBS = {"part": "BULB-9", "lot": "LOT-9", "condition": "new", "quantity": "2", "origin": "VTE"}


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = MORNING - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now


class Hangar:
    """The product, its clock, and people who send requests."""

    def __init__(self, engine: Engine, client: httpx.Client, clock: Clock) -> None:
        self.client, self.clock = client, clock
        issued, sea = self.clock.now, [("region", "SEA")]
        self.tokens = {
            "office": issue_token(engine, "office", roles=["regional_manager"], memberships=sea, now=issued),
            "china": issue_token(
                engine, "china", roles=["regional_manager"], memberships=[("region", "CN")], now=issued
            ),
            "finance": issue_token(engine, "money", roles=["finance"], now=issued),
            **{
                name: issue_token(engine, name, roles=["technician"], memberships=sea, now=issued)
                for name in ("mech", "insp", "sign", "learn", "advise")
            },
        }

    def send(self, who: str, method: str, path: str, expect: int = 200, version: int | None = None, **more: Any) -> Any:
        """Send a request as somebody; fails for another status."""
        return self.fetch(who, method, path, expect, version, **more).json()

    def fetch(
        self, who: str, method: str, path: str, expect: int = 200, version: int | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request as somebody, and return the whole answer; fails for another status."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", **more.pop("headers", {})}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.client.request(method, path, headers=headers, **more)
        assert answer.status_code == expect, answer.text
        return answer

    def version(self, job: str = "H-1") -> int:
        """The version of a job."""
        return int(self.send("office", "GET", f"/jobs/{job}")["version"])

    def seat(self, person: str, seat: str, expect: int = 201, job: str = "H-1") -> Any:
        """Give somebody a seat."""
        wanted = {"technician": person, "seat": seat, "starts_at": MORNING.isoformat()}
        return self.send("office", "POST", f"/jobs/{job}/crew", expect, self.version(job), json=wanted)

    def tell(self, who: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Send events of the field."""
        return list(self.send(who, "POST", "/jobs/events", json=list(events)))


@contextmanager
def served_hangar(engine: Engine, organisation: str = "Qinling Aircraft Support") -> Iterator[Hangar]:
    """Serve a job that is planned, and nobody on it."""
    load_hangar(engine)
    clock = Clock()
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(engine, Settings(database_url=url, organisation=organisation), clock=clock)
    with serving(app) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client:
        made = Hangar(engine, client, clock)
        told = brake_job().model_dump(mode="json", exclude_unset=True)
        made.send("office", "POST", "/jobs", 201, json=told)
        yield made


def event(kind: str, minutes: int, **told: Any) -> dict[str, Any]:
    """An event so many minutes after the morning began."""
    at = MORNING + timedelta(minutes=minutes)
    return {"id": str(uuid4()), "job": "H-1", "kind": kind, "happened_at": at.isoformat(), **told}


def worked(hangar: Hangar) -> list[dict[str, Any]]:
    """Send the mechanic off, who changes the brake off line; return the events."""
    for person, seat in (("MECH", "mechanic"), ("INSP", "independent_inspector"), ("SIGN", "release_signatory")):
        hangar.seat(person, seat)
    sent = hangar.send("office", "POST", "/jobs/H-1/dispatch", version=hangar.version())
    assert (sent["dispatched"], sent["state"], sent["verdict"]["held"]) == (True, "dispatched", True)
    hangar.clock.now = MORNING + timedelta(hours=6)
    work = {"start": MORNING.isoformat(), "end": (MORNING + timedelta(hours=2)).isoformat()}
    return [
        event("accept", -50),
        event("arrive", 0),
        event("part_issued", 20, issue={"part": "BRAKE-1", "lot": "SN-B4", "quantity": "1", "origin": "VTE"}),
        event("part_issued", 25, issue=BULBS),
        event(
            "unit_removed",
            30,
            removal={
                "part": "BRAKE-1",
                "serial": "SN-OLD",
                "kind": "exchange_core",
                "reason": "worn",
                "position": "LH",
                "value": "4000",
            },
        ),
        event("labour", 121, work=work),
        event("finish", 122),
    ]
