"""Files over HTTP: the same rules as on the command line, within the rights and the regions of whoever sends them."""

from __future__ import annotations

from collections.abc import Iterator
from csv import DictReader
from io import BytesIO, StringIO

import httpx
import pytest
from fastapi import FastAPI, Request
from openpyxl import load_workbook
from sqlalchemy import Engine

from fieldops.exchange.api import UPLOAD_MAX, router
from fieldops.exchange.tables import KINDS
from fieldops.web import problems
from fieldops.web.guard import Guard, served_names
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.edge import Edge
from tests.conftest import NOW
from tests.fieldops.exchange.world import fill
from tests.serving import serving

RIGHTS = frozenset({"network.read", "targets.read", "targets.write", "stock.read"})
ACTORS = {
    "staff": SYSTEM,
    "regional": Actor("regional", permissions=RIGHTS, scope=Scope(regions=frozenset({"SEA"}))),
    "elsewhere": Actor("elsewhere", permissions=RIGHTS, scope=Scope(regions=frozenset({"CN"}))),
}


@pytest.fixture
def http(engine: Engine) -> Iterator[httpx.Client]:
    """A client of a server that takes whoever the header X-Actor names."""
    fill(engine)

    def authenticate(request: Request) -> Actor:
        return ACTORS[request.headers["X-Actor"]]

    app = FastAPI()
    app.state.edge = Edge(engine, lambda: NOW, authenticate=authenticate)
    problems.install(app)
    app.include_router(router)
    app.add_middleware(Guard, names=served_names((), "127.0.0.1"))
    with serving(app) as address, httpx.Client(base_url=address, timeout=30, headers={"X-Actor": "staff"}) as client:
        yield client


def send(http: httpx.Client, kind: str, content: str, name: str = "../t.csv", **query: str) -> httpx.Response:
    """Send a file."""
    return http.post(f"/imports/{kind}", params=query, files={"file": (name, content.encode())})


def test_every_kind_goes_out_and_is_told_to_be_there(http: httpx.Client) -> None:
    for kind in KINDS.values():
        answer = http.get(f"/exports/{kind.name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        told = http.post(f"/imports/{kind.name}?dry_run=true", files={"file": ("t.csv", answer.content)}).json()
        assert told["rows"] == len(list(DictReader(StringIO(answer.text)))) > 0
        assert (told["ok"] == 0) is (kind.standing is not None), told


def test_a_file_goes_in(http: httpx.Client) -> None:
    rows = "code,name\nCN,China\n"
    told = send(http, "regions", rows, dry_run="true").json()
    assert (told["file"], told["ok"], told["applied"]) == ("t.csv", 1, False)
    assert send(http, "regions", rows).json()["applied"] is True
    told = send(http, "regions", rows).json()
    assert (told["bad"][0]["row"], told["applied"]) == (2, False)
    workbook = load_workbook(BytesIO(http.get("/exports/regions", params={"format": "xlsx"}).content))
    assert [cell.value for cell in workbook["regions"]["A"]] == ["code", "CN", "FAR", "SEA"]


def test_refusals_are_problems(http: httpx.Client) -> None:
    for answer, code in (
        (send(http, "regions", "code\n"), "wrong_columns"),
        (send(http, "regions", "", name="t.exe"), "wrong_file"),
        (send(http, "regions", "no zip", name="t.xlsx"), "wrong_file"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert send(http, "regions", "x" * (UPLOAD_MAX + 1)).status_code == 413
    assert send(http, "regions", "code,name\n" + "x" * (2 * 1024 * 1024)).status_code == 422
    assert http.get("/exports/things").status_code == 404


def test_rights_and_regions_hold(http: httpx.Client) -> None:
    target = "part,place,quantity\n-LAMP,VTE,9\n"
    http.headers["X-Actor"] = "elsewhere"
    assert http.get("/exports/stock-targets").text == "part,place,quantity\r\n"
    assert send(http, "stock-targets", target).status_code == 403
    http.headers["X-Actor"] = "regional"
    assert send(http, "regions", "code,name\nCN,China\n").json()["code"] == "not_permitted"
    assert http.get("/exports/budgets").status_code == 403
    assert send(http, "stock-targets", target).json()["applied"] is True
    assert "'-LAMP,VTE,9.000000" in http.get("/exports/stock-targets").text
    # what stock cost is not for everybody who sees it
    assert ",9000.1" not in http.get("/exports/opening-stock").text
    http.headers["X-Actor"] = "staff"
    assert ",9000.1" in http.get("/exports/opening-stock").text
