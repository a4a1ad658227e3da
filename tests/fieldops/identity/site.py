"""A served site with users, whose clock the tests turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.identity import own_api, service
from fieldops.identity.api import router as managing
from fieldops.identity.authenticator import Authenticator
from fieldops.identity.models import MemberKind
from fieldops.identity.passwords import Passwords
from fieldops.identity.roles import seed_roles
from fieldops.identity.schemas import Member, NewUser
from fieldops.settings import Settings
from fieldops.web import problems, signin
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.edge import Edge
from inventory.kernel.engine import reading, writing
from inventory.network.schemas import NewRegion
from inventory.network.service import add_regions
from tests.conftest import NOW
from tests.serving import serving

PASSWORD = "correct horse battery"  # noqa: S105 - of the tests only
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NETWORK = Member(kind=MemberKind.NETWORK)


@dataclass
class Ticker:
    """A clock that stands still until it is turned."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass
class CountingPasswords(Passwords):
    """Passwords whose hashes are cheap and counted."""

    checked: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(CHEAP)

    def matches(self, kept: str | None, password: str) -> bool:
        self.checked.append(kept)
        return super().matches(kept, password)


def region(code: str) -> Member:
    """The membership of a region."""
    return Member(kind=MemberKind.REGION, code=code)


def add_user(
    engine: Engine,
    name: str,
    roles: Iterable[str] = (),
    memberships: Iterable[Member] = (),
    *,
    password: str | None = PASSWORD,
    **more: Any,
) -> None:
    """Add a user of the tests."""
    new = NewUser(
        name=name, display_name=name.title(), roles=frozenset(roles), memberships=frozenset(memberships), **more
    )
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        service.add_user(session, SYSTEM, new)
        if password is not None:
            service.set_password(session, SYSTEM, name, CHEAP.hash(password))


def furnish(engine: Engine) -> None:
    """Add the roles, two regions, and a user of each kind that the tests need."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        seed_roles(session)
        add_regions(session, SYSTEM, [NewRegion(code=code, name=code) for code in ("CN", "SEA")])
    add_user(engine, "admin", ["administrator"], [NETWORK])
    add_user(engine, "dora", ["dispatcher"], [region("CN")])
    add_user(engine, "fin", ["finance"], [NETWORK])


@dataclass(frozen=True)
class Site:
    """A served database with a clock; `audit` are the actions written down so far."""

    engine: Engine
    clock: Ticker
    authenticator: Authenticator
    passwords: CountingPasswords
    address: str
    open: ExitStack

    def client(self, **more: Any) -> httpx.Client:
        """A browser or program that nobody has signed in with yet; closed when the site is."""
        return self.open.enter_context(httpx.Client(base_url=self.address, timeout=30, **more))

    def signed_in(self, name: str, *, password: str = PASSWORD) -> httpx.Client:
        """A browser that is signed in and sends its CSRF token."""
        client = self.client()
        answer = client.post("/api/v1/session", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    def with_token(self, user: str, **token: Any) -> tuple[httpx.Client, dict[str, Any]]:
        """A program with a token of a user, and what was told of the token."""
        answer = self.signed_in(user).post("/api/v1/tokens", json={"name": "robot"} | token)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return self.client(headers={"Authorization": f"Bearer {told['token']}"}), told

    def audited(self) -> list[tuple[str, str, str]]:
        """(actor, action, key) of what was recorded by name, in order."""
        with reading(self.engine, SYSTEM) as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.subject == "user").order_by(AuditRow.id))
            return [(row.actor, row.action, row.subject_key) for row in rows]


@contextmanager
def served_site(engine: Engine, **settings: Any) -> Iterator[Site]:
    """Serve a database with the users of `furnish`."""
    furnish(engine)
    clock, passwords = Ticker(), CountingPasswords()
    told = Settings(database_url=engine.url.render_as_string(hide_password=False), **settings)
    authenticator = Authenticator(engine, clock, told, passwords=passwords)
    app = FastAPI()
    app.state.edge = Edge(engine, clock, authenticate=authenticator)
    app.state.authenticator = authenticator
    problems.install(app)
    app.include_router(own_api.router, prefix="/api/v1")
    app.include_router(managing, prefix="/api/v1")
    app.include_router(signin.router)
    with serving(app) as address, ExitStack() as opened:
        yield Site(engine, clock, authenticator, passwords, address, opened)


def in_system_session(engine: Engine, work: Callable[[Session], Any]) -> Any:
    """Do something in a session of the whole network and keep it."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        return work(session)


def code_of(answer: httpx.Response) -> str:
    """The stable code of a refusal."""
    code: str = answer.json()["code"]
    return code
