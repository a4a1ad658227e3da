"""The stub answers as real servers were seen to do; only what the bridge meets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integrations.odoo.stub import API_KEY, DATABASE, USER, USER_ID, OdooStub

BEARER = {"Authorization": f"Bearer {API_KEY}", "X-Odoo-Database": DATABASE}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def jsonrpc(http: httpx.Client, stub: OdooStub, service: str, method: str, *args: Any) -> dict[str, Any]:
    parameters = {"service": service, "method": method, "args": args}
    envelope = {"jsonrpc": "2.0", "method": "call", "params": parameters, "id": 11}
    response = http.post(f"{stub.url}/jsonrpc", json=envelope)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    assert (answer.pop("jsonrpc"), answer.pop("id")) == ("2.0", 11)
    return answer


def execute(http: httpx.Client, stub: OdooStub, model: str, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return jsonrpc(http, stub, "object", "execute_kw", DATABASE, USER_ID, API_KEY, model, method, args, kwargs)


def test_who_may_ask_the_version_and_log_in(http: httpx.Client, stub: OdooStub) -> None:
    assert jsonrpc(http, stub, "common", "version")["result"]["server_version_info"][0] == stub.version
    assert jsonrpc(http, stub, "common", "login", DATABASE, USER, API_KEY) == {"result": USER_ID}
    assert jsonrpc(http, stub, "common", "login", DATABASE, USER, "wrong") == {"result": False}
    page = http.get(f"{stub.url}/web/version")
    assert page.status_code == (200 if stub.version == 19 else 404)


def test_a_fault_of_jsonrpc_has_status_200_and_a_code_that_depends_on_the_version(
    http: httpx.Client, stub: OdooStub
) -> None:
    error = execute(http, stub, "res.partner", "nosuchmethod")["error"]
    assert error["code"] == (0 if stub.version == 19 else 200)
    assert error["message"] == "Odoo Server Error"
    assert set(error["data"]) == {"name", "message", "arguments", "context", "debug"}


@pytest.mark.parametrize(
    ("model", "method", "kwargs", "name"),
    [
        ("res.partner", "nosuchmethod", {}, "builtins.AttributeError"),
        ("res.partner", "_private", {}, "odoo.exceptions.AccessError"),
        ("no.model", "search_read", {}, "odoo.exceptions.UserError"),
        ("res.partner", "search_read", {"nosucharg": 1}, "builtins.TypeError"),
        ("res.partner", "search_read", {"fields": ["nosuch"]}, "builtins.ValueError"),
        ("res.partner", "load", {"fields": ["id", "nosuch"], "data": []}, "builtins.ValueError"),
    ],
)
def test_names_of_faults_in_jsonrpc(
    http: httpx.Client, stub: OdooStub, model: str, method: str, kwargs: dict[str, Any], name: str
) -> None:
    assert execute(http, stub, model, method, **kwargs)["error"]["data"]["name"] == name


@pytest.mark.parametrize(
    ("path", "kwargs", "status", "name"),
    [
        ("res.partner/nosuchmethod", {}, 404, "werkzeug.exceptions.NotFound"),
        ("res.partner/_private", {}, 403, "odoo.exceptions.AccessError"),
        ("no.model/search_read", {}, 404, "werkzeug.exceptions.NotFound"),
        ("res.partner/search_read", {"nosucharg": 1}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("res.partner/search_read", {"domain": [["nosuch", "=", 1]]}, 500, "builtins.ValueError"),
        ("res.partner/search_read", {"domain": [["name", "~~", "x"]]}, 500, "builtins.ValueError"),
    ],
)
def test_faults_of_json2(
    http: httpx.Client, stub19: OdooStub, path: str, kwargs: dict[str, Any], status: int, name: str
) -> None:
    response = http.post(f"{stub19.url}/json/2/{path}", json=kwargs, headers=BEARER)
    assert (response.status_code, response.json()["name"]) == (status, name)
    assert set(response.json()) == {"name", "message", "arguments", "context", "debug"}


def test_json2_before_the_model_is_reached(http: httpx.Client, stub19: OdooStub) -> None:
    url = f"{stub19.url}/json/2/res.partner/search_read"
    assert http.post(url, json={}, headers=BEARER | {"Authorization": "Bearer wrong"}).status_code == 401
    assert http.post(url, content=b'{"domain": [', headers=BEARER).status_code == 400
    lost = http.post(url, json={}, headers={"Authorization": f"Bearer {API_KEY}"})
    assert (lost.status_code, lost.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_read_leaves_out_what_is_missing(http: httpx.Client, stub: OdooStub) -> None:
    assert execute(http, stub, "res.partner", "read", [999], ["name"]) == {"result": []}
    assert execute(http, stub, "res.partner", "read", [2, 999, 1], ["ref"]) == {
        "result": [{"id": 2, "ref": False}, {"id": 1, "ref": "SUP-1"}]
    }


def test_a_moment_is_cut_to_seconds_and_compared_as_the_version_does(http: httpx.Client, stub: OdooStub) -> None:
    (row,) = execute(http, stub, "res.partner", "read", [1], ["write_date"])["result"]
    assert row["write_date"] == "2026-03-02 08:00:00"

    def found(sign: str) -> bool:
        domain = [["id", "=", 1], ["write_date", sign, row["write_date"]]]
        return bool(execute(http, stub, "res.partner", "search_read", domain=domain)["result"])

    # up to 18 the record is later than its own moment
    assert (found(">"), found("="), found(">=")) == ((False, True, True) if stub.version == 19 else (True, False, True))


def test_load_is_all_or_nothing(http: httpx.Client, stub: OdooStub) -> None:
    columns = ["id", "name", "account_id/.id", "amount", "date"]
    good = ["__x__.1", "Freight", "1", "-1234.567", "2026-03-02"]
    bad = ["__x__.2", "Freight", "1", "abc", "2026-03-02"]

    def load(*rows: list[str]) -> Any:
        return execute(http, stub, "account.analytic.line", "load", columns, [*rows])["result"]

    refused = load(good, bad)
    assert (refused["ids"], refused["nextrow"]) == (False, 0)
    (message,) = refused["messages"]
    assert (message["type"], message["record"], message["field"]) == ("error", 1, "amount")
    assert stub.records.tables["account.analytic.line"] == {}
    assert load(good) == load(good) == {"ids": [1], "messages": [], "nextrow": 0}
    assert stub.records.tables["account.analytic.line"][1]["amount"] == -1234.57
    del stub.records.tables["account.analytic.line"][1]
    assert load(good)["ids"] == [1]
