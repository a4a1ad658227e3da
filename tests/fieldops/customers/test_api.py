"""Operators, as those of the network and their customers see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import Engine

from fieldops.customers.api import router
from fieldops.customers.queries import operator_by_code
from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.web import problems
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.edge import Edge
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.serving import serving

OPERATORS = "/operators"
CODES = ["OP1", "OP2", "OP3"]


@pytest.fixture
def http(any_engine: Engine) -> Iterator[httpx.Client]:
    """A client of a server that takes whoever the header X-Actor names."""
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        add_operators(session, SYSTEM, [NewOperator(code=code, name=f"老挝 {code}", country="LA") for code in CODES])
    with reading(any_engine, SYSTEM) as session:
        own = operator_by_code(session, "OP2").id
    read, change = frozenset({"customers.read"}), frozenset({"customers.read", "customers.write"})
    actors = {
        "customer": Actor("customer", permissions=change, scope=Scope(operator=own)),
        "regional": Actor("regional", permissions=change, scope=Scope(regions=frozenset({"SEA"}))),
        "nobody": Actor("nobody", scope=replace(SYSTEM.scope)),
        "reader": Actor("reader", permissions=read, scope=SYSTEM.scope),
        "staff": Actor("staff", permissions=change, scope=SYSTEM.scope),
    }

    def authenticate(request: Request) -> Actor:
        return actors[request.headers["X-Actor"]]

    app = FastAPI()
    app.state.edge = Edge(any_engine, lambda: NOW, authenticate=authenticate)
    problems.install(app)
    app.include_router(router)
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    ("actor", "codes"), [("customer", ["OP2"]), ("regional", CODES), ("reader", CODES), ("staff", CODES)]
)
def test_a_customer_sees_its_own_operator_only(http: httpx.Client, actor: str, codes: list[str]) -> None:
    http.headers["X-Actor"] = actor
    assert [one["code"] for one in http.get(OPERATORS).json()["items"]] == codes
    for code in CODES:
        assert http.get(f"{OPERATORS}/{code}").status_code == (200 if code in codes else 404)


def test_pages_are_as_long_as_asked_for(http: httpx.Client) -> None:
    http.headers["X-Actor"] = "staff"
    first = http.get(OPERATORS, params={"limit": 2}).json()
    second = http.get(OPERATORS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["code"] for one in first["items"] + second["items"]] == CODES
    assert second["next"] is None


@pytest.mark.parametrize(
    ("actor", "status", "code"),
    [
        ("staff", 201, None),
        ("reader", 403, "not_permitted"),
        ("nobody", 403, "not_permitted"),
        ("regional", 403, "outside_region"),
        ("customer", 403, "outside_region"),
    ],
)
def test_the_networks_staff_adds_operators(http: httpx.Client, actor: str, status: int, code: str | None) -> None:
    body = {"code": "NEW", "name": "New", "country": "KH"}
    answer = http.post(OPERATORS, json=body, headers={"X-Actor": actor})
    assert (answer.status_code, answer.json().get("code") if code else None) == (status, code)
    found = http.get(f"{OPERATORS}/NEW", headers={"X-Actor": "staff"})
    assert found.status_code == (200 if code is None else 404)


def test_a_code_is_given_once(http: httpx.Client) -> None:
    answer = http.post(OPERATORS, json={"code": "OP1", "name": "x", "country": "KH"}, headers={"X-Actor": "staff"})
    assert (answer.status_code, answer.json()["code"]) == (409, "code_exists")
