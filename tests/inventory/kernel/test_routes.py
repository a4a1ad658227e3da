"""Routes: answers that can be repeated, versions of records, deadlocks that nobody sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import Engine, func, select

from fieldops.web.problems import install
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.edge import Acting, Edge, Here, Reading, Writing
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Unauthenticated
from inventory.kernel.idempotency import KEPT, IdempotencyRecord, prune_answers
from inventory.kernel.installation import InstallationFact
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.numbering import NumberSeries, next_number
from inventory.kernel.routes import PUBLIC, Changing, Elsewhere, Route, access_of, needs, show_once, tag
from tests.conftest import NOW
from tests.rivals import at_once
from tests.serving import serving

CLERK = Actor("clerk", permissions=frozenset({"notes.write"}))
ACTORS = {"clerk": CLERK, "other": Actor("other", permissions=frozenset({"notes.write"})), "guest": Actor("guest")}


class Note(BaseModel):
    """A body."""

    text: str


@dataclass
class Served:
    """An application with a few routes, and what its requests have seen."""

    address: str
    engine: Engine
    runs: Counter[str] = field(default_factory=Counter)
    first_is_in: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)

    def client(self, actor: str = "clerk") -> httpx.Client:
        """Return a client that acts as somebody."""
        return httpx.Client(base_url=self.address, headers={"x-actor": actor}, timeout=30)

    def post(self, path: str, key: str | None = None, body: Any = None, actor: str = "clerk") -> httpx.Response:
        """Post a body, with an Idempotency-Key where one is given."""
        headers = {} if key is None else {"Idempotency-Key": key}
        with self.client(actor) as client:
            return client.post(path, json={"text": "hello"} if body is None else body, headers=headers)

    def effects(self) -> int:
        """Return how often a note was written."""
        with reading(self.engine, SYSTEM) as session:
            return session.scalar(select(NumberSeries.last).where(NumberSeries.series == "note")) or 0


def _routes(told: dict[str, Served]) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/notes", status_code=201, dependencies=[needs("notes.write", Elsewhere.SHARED)])
    def write(session: Writing, actor: Acting, response: Response, note: Note, mode: str = "all") -> dict[str, Any]:
        response.headers["Location"] = "/notes/1"
        return {"number": next_number(session, "note"), "by": actor.id, "text": note.text}

    @router.post("/secrets", dependencies=[needs("notes.write", Elsewhere.SHARED)])
    def make_secret(session: Writing, request: Request) -> dict[str, Any]:
        show_once(request, "secret")
        return {"number": next_number(session, "note"), "secret": "whsec"}

    @router.post("/refused", dependencies=[needs("notes.write", Elsewhere.SHARED)])
    def refuse(session: Writing) -> None:
        told["app"].runs["refused"] += 1
        next_number(session, "note")
        raise Conflict("No", code="no")

    @router.post("/slow", dependencies=[needs("notes.write", Elsewhere.SHARED)])
    def wait(session: Writing) -> dict[str, int]:
        number = next_number(session, "note")
        told["app"].first_is_in.set()
        assert told["app"].go_on.wait(20)
        return {"number": number}

    @router.put("/record", dependencies=[needs("notes.write", Elsewhere.SHARED)])
    def change(session: Writing, response: Response, version: Changing) -> dict[str, int]:
        require_version(7, version)
        tag(response, 8)
        return {"version": 8}

    @router.post("/crossing", dependencies=[needs("notes.write", Elsewhere.SHARED)])
    def lock_two(session: Writing, first: Annotated[str, Query()], second: Annotated[str, Query()], note: Note) -> str:
        """Lock two rows in the order that is asked for: the deadlock that the order of locks avoids."""
        served = told["app"]
        served.runs[first] += 1
        for name in (first, second):
            session.get_one(InstallationFact, name, with_for_update=True, populate_existing=True).value += note.text
            session.flush()
            if served.runs[first] == 1 and name == first:
                served.runs["holding"] += 1
                if served.runs["holding"] == 2:
                    served.go_on.set()
                assert served.go_on.wait(20)
        return "done"

    @router.get("/open", dependencies=[PUBLIC])
    def see() -> str:
        return "open"

    @router.get("/mine", dependencies=[needs(None, Elsewhere.SHARED)])
    def mine(_session: Reading, edge: Here, actor: Acting) -> str:
        return f"{actor.id} {edge.clock():%Y}"

    return router


def _who(request: Any) -> Actor:
    name = request.headers.get("x-actor")
    if name is None:
        raise Unauthenticated("Sign in", code="not_signed_in")
    return ACTORS[name]


@pytest.fixture
def app(any_engine: Engine) -> Iterator[Served]:
    """The application, served."""
    told: dict[str, Served] = {}
    app = FastAPI()
    app.state.edge = Edge(any_engine, lambda: NOW, authenticate=_who)
    install(app)
    app.include_router(_routes(told))
    with serving(app) as address:
        told["app"] = Served(address, any_engine)
        yield told["app"]


def test_the_same_request_gets_the_same_answer_and_happens_once(app: Served) -> None:
    first = app.post("/notes", "k1")
    again = app.post("/notes", "k1")
    assert (first.status_code, first.json()["number"]) == (201, 1)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"] == "/notes/1"
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert app.effects() == 1


def test_fifty_identical_requests_at_once_have_one_effect(app: Served) -> None:
    answers = at_once(50, lambda _number: app.post("/notes", "k1"))
    kinds = Counter(answer.status_code for answer in answers)
    assert set(kinds) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"request_in_flight"}
    assert {answer.content for answer in answers if answer.status_code == 201} == {app.post("/notes", "k1").content}
    assert app.effects() == 1


def test_a_key_belongs_to_one_body_one_actor_and_one_route(app: Served) -> None:
    app.post("/notes", "k1")
    other_body = app.post("/notes", "k1", {"text": "another"})
    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")
    assert app.post("/notes", "k1", actor="other").json()["by"] == "other"
    assert app.effects() == 2
    assert app.post("/notes").json()["number"] == 3
    assert app.post("/notes").json()["number"] == 4


def test_what_is_shown_once_is_not_kept_for_a_repetition(app: Served) -> None:
    assert app.post("/secrets", "k1").json() == {"number": 1, "secret": "whsec"}
    assert app.post("/secrets", "k1").json() == {"number": 1, "secret": "…"}
    with reading(app.engine, SYSTEM) as session:
        assert b"whsec" not in session.scalars(select(IdempotencyRecord.body)).one()


def test_another_query_is_another_request(app: Served) -> None:
    assert app.post("/notes?mode=each", "k1").status_code == 201
    other = app.post("/notes?mode=all", "k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_not_kept_so_that_it_can_be_mended(app: Served) -> None:
    for _time in range(2):
        assert app.post("/refused", "k1").status_code == 409
    assert app.runs["refused"] == 2
    assert app.effects() == 0


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_length(app: Served, key: str) -> None:
    refused = app.post("/notes", key)
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_idempotency_key")


@pytest.mark.postgres
def test_a_request_under_way_is_told_so(postgres_engine: Engine) -> None:
    told: dict[str, Served] = {}
    app = FastAPI()
    app.state.edge = Edge(postgres_engine, lambda: NOW, authenticate=_who)
    install(app)
    app.include_router(_routes(told))
    with serving(app) as address:
        served = told["app"] = Served(address, postgres_engine)

        def request(number: int) -> httpx.Response:
            if number == 1:
                assert served.first_is_in.wait(20)
            answer = served.post("/slow", "k1")
            served.go_on.set()
            return answer

        first, second = at_once(2, request)
        assert first.json() == {"number": 1}
        assert (second.status_code, second.json()["code"]) == (409, "request_in_flight")
        assert served.post("/slow", "k1").json() == {"number": 1}


def test_answers_are_forgotten_after_two_days(app: Served) -> None:
    app.post("/notes", "k1")
    with writing(app.engine, SYSTEM) as session:
        assert prune_answers(session, NOW + KEPT) == 0
        assert prune_answers(session, NOW + KEPT * 2) == 1
    with reading(app.engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyRecord)) == 0


def test_a_parameter_that_there_is_not_is_refused(app: Served) -> None:
    with app.client() as client:
        refused = client.get("/mine?regoin=CN")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_parameter")


def test_a_change_names_the_version_that_it_changes(app: Served) -> None:
    with app.client() as client:
        assert client.put("/record").json()["code"] == "version_required"
        stale = client.put("/record", headers={"If-Match": '"6"'})
        assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "stale", '"7"')
        assert "6" in stale.json()["detail"]
        assert "7" in stale.json()["detail"]
        assert client.put("/record", headers={"If-Match": "*"}).status_code == 412
        done = client.put("/record", headers={"If-Match": '"7"'})
        assert (done.status_code, done.headers["etag"]) == (200, '"8"')


def test_who_may_use_a_route_is_declared_and_kept(app: Served) -> None:
    assert app.post("/notes", actor="guest").json()["code"] == "not_permitted"
    with httpx.Client(base_url=app.address) as nobody:
        assert nobody.get("/open").text == '"open"'
        assert nobody.get("/mine").status_code == 401
        assert nobody.post("/notes", content=b"no json").status_code in (401, 422)
    with app.client("guest") as guest:
        assert guest.get("/mine").json() == "guest 2026"


def test_a_route_without_a_declaration_is_found() -> None:
    router = APIRouter(route_class=Route)

    @router.get("/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(LookupError, match="/forgotten"):
        access_of(router.routes[0])  # type: ignore[arg-type]


@pytest.mark.postgres
def test_a_deadlock_is_tried_again_and_both_requests_succeed_once(postgres_engine: Engine) -> None:
    told: dict[str, Served] = {}
    with writing(postgres_engine, SYSTEM) as session:
        session.add_all(InstallationFact(name=name, value="") for name in ("left", "right"))
    app = FastAPI()
    app.state.edge = Edge(postgres_engine, lambda: NOW, authenticate=_who)
    install(app)
    app.include_router(_routes(told))
    ways = (("left", "right"), ("right", "left"))
    with serving(app) as address:
        served = told["app"] = Served(address, postgres_engine)

        def cross(number: int) -> httpx.Response:
            first, second = ways[number]
            return served.post(f"/crossing?first={first}&second={second}", f"k{number}", {"text": str(number)})

        assert [answer.status_code for answer in at_once(2, cross)] == [200, 200]
    assert served.runs["left"] + served.runs["right"] == 3
    with reading(postgres_engine, SYSTEM) as session:
        for name in ("left", "right"):
            assert sorted(session.get_one(InstallationFact, name).value) == ["0", "1"]


def test_locks_are_taken_in_one_order(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        for lock in (Lock.JOB, Lock.JOB, Lock.STOCK, Lock.NUMBER):
            in_order(session, lock)
        with pytest.raises(RuntimeError, match="BUDGET_LINE is locked before NUMBER"):
            in_order(session, Lock.BUDGET_LINE)
    with writing(engine, SYSTEM) as session:
        in_order(session, Lock.JOB)
