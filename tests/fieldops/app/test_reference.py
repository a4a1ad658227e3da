"""The OpenAPI document and the page made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
from fastapi.openapi.models import OpenAPI

from tests.fieldops.app.conftest import Api

CONTRACT = {
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/events"),
    ("GET", "/api/v1/audit"),
    ("POST", "/api/v1/grants"),
    ("GET", "/api/v1/stock/offers"),
    ("POST", "/api/v1/plans/day"),
    ("GET", "/api/v1/plans/{number}"),
    ("GET", "/api/v1/plans/{number}/explain"),
    ("GET", "/api/v1/operations/{key}"),
    ("POST", "/api/v1/operations/{key}/cancel"),
}
"""What clients were promised first; nothing of all the rest goes without a word, says the comparison of documents."""


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def test_the_document_is_openapi_3_1_and_lists_every_operation(tiny: Api) -> None:
    document = tiny.get("/openapi.json")
    assert document["openapi"].startswith("3.1.")
    OpenAPI.model_validate(document)
    told = {(method, path) for method, path, _told in _operations(document)}
    assert told >= CONTRACT
    assert len({one["operationId"] for _method, _path, one in _operations(document)}) == len(told) > len(CONTRACT)


def test_what_is_documented_needs_a_login_unless_it_is_the_login(tiny: Api) -> None:
    before = tiny.content()
    opened = set()
    for method, path, _told in _operations(tiny.get("/openapi.json")):
        answer = httpx.request(method, f"{tiny.http.base_url}{path}", content=b"{}", timeout=60)
        if answer.status_code != 401:
            opened.add((method, path))
            assert answer.status_code == 422, (method, path, answer.text)
        else:
            assert (answer.json()["code"], answer.headers["www-authenticate"]) == ("not_signed_in", "Bearer")
    assert opened == {("POST", "/api/v1/session")}
    assert tiny.content() == before


def test_every_reference_of_the_document_leads_somewhere(tiny: Api) -> None:
    document = tiny.get("/openapi.json")
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    used = set(_references(document))
    assert used
    assert used <= known


def test_every_operation_tells_its_purpose_and_its_errors(tiny: Api) -> None:
    for method, path, told in _operations(tiny.get("/openapi.json")):
        assert told["description"].endswith("."), (method, path)
        refusals = {status: one for status, one in told["responses"].items() if int(status) >= 400}
        assert refusals.keys() >= {"400", "401", "403", "422", "429", "500", "503"}, (method, path)
        assert all(set(one["content"]) == {"application/problem+json"} for one in refusals.values()), (method, path)


def test_money_is_text_in_the_document(tiny: Api) -> None:
    schemas = tiny.get("/openapi.json")["components"]["schemas"]
    assert schemas["BudgetLineOut"]["properties"]["available"]["type"] == "string"


def test_the_page_shows_every_operation(tiny: Api) -> None:
    page = tiny.http.get("/api/v1/docs").text
    for _method, path, _told in _operations(tiny.get("/openapi.json")):
        assert f"<code>{path}</code>" in page
    assert "integer (≥ 1, ≤ 200)" in page
