"""Orders over HTTP: the way of one from draft to receipt, repeated requests, and the pages that show it."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.fieldops.app.conftest import Api, served
from tests.inventory.orders.world import build

HTML = {"accept": "text/html"}
ORDER: dict[str, Any] = {
    "origin": "VTE",
    "destination": "UTH",
    "mode": "routine",
    "freight": "0",
    "lines": [{"part": "LAMP-1", "quantity": "2"}],
}


@pytest.fixture
def world(engine: Engine) -> Any:
    """The API on the small world with ways for orders."""
    build(engine)
    with served(engine) as api:
        yield api


def take(api: Api, number: str, act: str, body: Any = None, version: int | None = None) -> httpx.Response:
    """Take an order a step further, in the version that it has unless another is told."""
    told = api.http.get(f"/api/v1/orders/{number}")
    tag = told.headers["etag"] if version is None else f'"{version}"'
    return api.http.post(f"/api/v1/orders/{number}/{act}", json=body, headers={"If-Match": tag})


def page(api: Api, path: str) -> str:
    """A page that is there."""
    answer = api.http.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_order_goes_its_way(world: Api) -> None:
    key = {"Idempotency-Key": "draft-1"}
    first, again = (world.http.post("/api/v1/orders", json=ORDER, headers=key) for _time in range(2))
    assert (first.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    number = first.json()["number"]
    assert again.json() == first.json()
    assert [one["number"] for one in world.get("/orders", place="UTH")["items"]] == [number]
    assert world.get("/orders", state="released")["items"] == []
    assert world.http.post(f"/api/v1/orders/{number}/release").status_code == 428
    assert take(world, number, "release", version=9).status_code == 412
    assert take(world, number, "release").json()["state"] == "released"
    assert take(world, number, "release").json()["code"] == "order_state"
    assert world.get("/stock/reservations", demand=number)["items"][0]["quantity"] == "2.000000"
    assert take(world, number, "ship", {"carrier": "Lao Airlines"}).json()["state"] == "shipped"
    due = world.get("/stock/availability", part="LAMP-1", place="UTH")["buckets"]
    assert due[-1]["promisable"] == "2.000000"
    part = take(world, number, "receive", {"lines": [{"line": 1, "quantity": "1"}]}).json()
    assert (part["state"], part["lines"][0]["received"]) == ("shipped", "1.000000")
    assert take(world, number, "receive", {"short": "one was stolen"}).json()["lines"][0]["lost"] == "1.000000"


def test_everything_that_vanished_is_in_the_problem(world: Api) -> None:
    lines = [{"part": "LAMP-1", "quantity": "6"}, {"part": "FILTER-1", "quantity": "1"}]
    number = world.post("/orders", ORDER | {"lines": lines}).json()["number"]
    problem = take(world, number, "release").json()
    assert problem["code"] == "order_vanished"
    assert [one["field"] for one in problem["errors"]] == ["LAMP-1", "FILTER-1"]


def test_the_pages_of_orders(world: Api) -> None:
    assert "There is no such order" in page(world, "/orders")
    number = world.post("/orders", ORDER).json()["number"]
    other = world.post("/orders", ORDER | {"kind": "purchase", "origin": "MAKER", "mode": None}).json()["number"]
    assert number in page(world, "/orders")
    assert number not in page(world, "/orders?kind=purchase")
    rows = list(csv.DictReader(StringIO(page(world, "/orders.csv?kind=transfer").removeprefix("\ufeff"))))
    assert [(row["number"], row["part"], row["quantity"]) for row in rows] == [(number, "LAMP-1", "2.000000")]
    shown = page(world, f"/orders/{number}")
    assert 'data-ask="/orders/TO-000001/release"' in shown
    assert "/ship" not in shown
    assert "It stays a draft here" in page(world, f"/orders/{other}")
    take(world, number, "release")
    assert f'href="/orders/{number}"' in page(world, "/places/UTH")
    assert f'href="/orders/{number}"' in page(world, "/parts/LAMP-1")
    assert f'href="/orders/{number}"' in page(world, f"/search?q={number}")
    take(world, number, "ship", {})
    assert 'data-line="1"' in page(world, f"/orders/{number}")
    take(world, number, "receive", {})
    assert "data-ask" not in page(world, f"/orders/{number}")
    assert world.http.get("/orders/TO-000009", headers=HTML).status_code == 404


def test_a_region_sees_its_own_ends_only(world: Api) -> None:
    number = world.post("/orders", ORDER).json()["number"]
    with world.user("chen", "regional_manager", "CN") as chen:
        assert chen.get("/orders")["items"] == []
        assert chen.http.get(f"/api/v1/orders/{number}").status_code == 404
        assert number not in page(chen, "/orders")
