"""A plan in force that is served, with jobs that came in after it, and people who ask about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import Engine, select

from fieldops.app import create_app
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.models import JobKind, PlanAssignment
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.schemas import NewJob, PartNeed
from fieldops.dispatch.service import add_jobs
from fieldops.finance.budgets.models import BudgetLine
from fieldops.planning.models import DayPlan
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.priority import Priority
from inventory.ledger.models import Reservation, ReservationState
from optimizer.run import Limit
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.serving import serving
from tests.worlds import TINY_DATE, load_tiny

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def job(number: str, **more: Any) -> NewJob:
    """An AOG job at VTE on Monday, without parts."""
    told: dict[str, Any] = {
        "number": number,
        "work_order": f"W-{number}",
        "title": "Nose wheel steering fails",
        "kind": JobKind.AOG,
        "priority": Priority.AOG,
        "place": "VTE",
        "duration_min": 120,
        "window_start": MONDAY,
        "window_end": MONDAY + timedelta(days=2),
        "due_at": MONDAY + timedelta(hours=4),
        "delay_cost_per_h": Decimal(800),
        "currency": "USD",
        "qualifications": ("B1",),
    }
    return NewJob(**told | more)


LAMP = (PartNeed(part="LAMP-1", quantity=Decimal(1)),)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Served:
    """The product, its clock, and people who send requests."""

    def __init__(self, engine: Engine, client: httpx.Client, clock: Clock) -> None:
        self.engine, self.client, self.clock = engine, client, clock
        self.tokens = {
            name: issue_token(engine, name, roles=["regional_manager"], memberships=[("region", region)], now=NOW)
            for name, region in (("office", "SEA"), ("other", "SEA"), ("china", "CN"))
        }

    def send(self, path: str, body: Any, *, who: str = "office", expect: int = 200, key: str | None = None) -> Any:
        """Post something as somebody; fails for another status."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def change(
        self, number: str, what: str, body: Any = None, *, who: str = "office", expect: int = 200, version: int = 0
    ) -> Any:
        """Change the plan for a job, at the version that it has by now or at another."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "If-Match": f'"{version or self.version(number)}"'}
        answer = self.client.post(f"/jobs/{number}/{what}", json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def version(self, number: str) -> int:
        """The version of a job."""
        headers = {"Authorization": f"Bearer {self.tokens['office']}"}
        return int(self.client.get(f"/jobs/{number}", headers=headers).json()["version"])

    def everything(self) -> tuple[Any, ...]:
        """What a change of the plan that is undone must leave as it was: rows, seats, money and parts."""
        with reading(self.engine, SYSTEM) as session:
            plan = session.scalars(select(DayPlan.id).order_by(DayPlan.number.desc()).limit(1)).one()
            rows = sorted(assignments(session, plan), key=lambda one: (one.job, one.position))
            seats = select(Assignment.job_id, Assignment.technician_id, Assignment.seat, Assignment.starts_at)
            sits = session.execute(seats.where(Assignment.ended_at.is_(None)).order_by(Assignment.job_id)).all()
            lines = session.execute(select(BudgetLine.id, BudgetLine.reserved).order_by(BudgetLine.id)).all()
            held = select(Reservation.part_id, Reservation.place_id, Reservation.quantity, Reservation.demand)
            parts = session.execute(held.where(Reservation.state == ReservationState.HELD)).all()
        return rows, sits, lines, parts

    def ask(self, number: str = "A-1", **question: Any) -> Any:
        """Ask where a job goes."""
        return self.send(f"/jobs/{number}/recommendations", question)

    def take(self, told: Any, option: int = 1, **more: Any) -> Any:
        """Take an option of an answer."""
        return self.send(f"/jobs/{told['job']}/recommendations/{told['key']}/take", {"option": option}, **more)

    def crew(self, number: str) -> list[tuple[str, str]]:
        """Who sits on a job from when."""
        headers = {"Authorization": f"Bearer {self.tokens['office']}"}
        told = self.client.get(f"/jobs/{number}/crew", headers=headers).json()
        return [(one["technician"], one["starts_at"]) for one in told["assignments"]]

    def add(self, *jobs: NewJob) -> None:
        """Let jobs come in."""
        with writing(self.engine, SYSTEM, clock=self.clock) as session:
            add_jobs(session, SYSTEM, jobs)

    def money(self) -> Decimal:
        """What the assignments of the plan cost, lateness included."""
        with reading(self.engine, SYSTEM) as session:
            plan = select(DayPlan.id).order_by(DayPlan.number.desc()).limit(1).scalar_subquery()
            rows = session.scalars(select(PlanAssignment).where(PlanAssignment.plan_id == plan))
            return sum((one.labour_cost + one.travel_cost + one.lateness_cost for one in rows), Decimal(0))


@contextmanager
def served_plan(engine: Engine, region: str | None = None, jobs: Sequence[NewJob] = ()) -> Iterator[Served]:
    """Serve the small world and more jobs with their plan in force, and the job A-1 that came in after it."""
    load_tiny(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_jobs(session, SYSTEM, jobs)
    request = PlanRequest(TINY_DATE, region=region, limit=Limit(iterations=50))
    make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)
    clock = Clock()
    app = create_app(engine, Settings(database_url=engine.url.render_as_string(hide_password=False)), clock=clock)
    with serving(app) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=120) as client:
        made = Served(engine, client, clock)
        made.add(job("A-1"))
        yield made
