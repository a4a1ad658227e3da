"""The OpenAPI document and the page made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.openapi.models import OpenAPI

from tests.fieldops.app.conftest import Api

OPERATIONS = {
    ("GET", "/api/v1/regions"),
    ("POST", "/api/v1/regions"),
    ("GET", "/api/v1/places"),
    ("POST", "/api/v1/places"),
    ("GET", "/api/v1/lanes"),
    ("POST", "/api/v1/lanes"),
    ("GET", "/api/v1/parts"),
    ("POST", "/api/v1/parts"),
    ("GET", "/api/v1/stock/balances"),
    ("POST", "/api/v1/stock/moves"),
    ("GET", "/api/v1/stock/targets"),
    ("POST", "/api/v1/stock/targets"),
    ("GET", "/api/v1/qualifications"),
    ("POST", "/api/v1/qualifications"),
    ("GET", "/api/v1/technicians"),
    ("POST", "/api/v1/technicians"),
    ("GET", "/api/v1/jobs"),
    ("POST", "/api/v1/jobs"),
    ("GET", "/api/v1/budgets"),
    ("POST", "/api/v1/budgets"),
    ("GET", "/api/v1/budgets/approval-limits"),
    ("PUT", "/api/v1/budgets/approval-limits"),
    ("GET", "/api/v1/budgets/holds"),
    ("POST", "/api/v1/plans/day"),
    ("GET", "/api/v1/plans"),
    ("GET", "/api/v1/plans/{number}"),
    ("GET", "/api/v1/plans/{number}/explain"),
    ("GET", "/api/v1/schedules"),
}


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
    assert {(method, path) for method, path, _told in _operations(document)} == OPERATIONS


def test_every_reference_of_the_document_leads_somewhere(tiny: Api) -> None:
    document = tiny.get("/openapi.json")
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    used = set(_references(document))
    assert used
    assert used <= known


def test_every_operation_tells_its_purpose_and_its_errors(tiny: Api) -> None:
    for method, path, told in _operations(tiny.get("/openapi.json")):
        assert told["description"].endswith("."), (method, path)
        assert "application/problem+json" in told["responses"]["4XX"]["content"], (method, path)
        assert "application/json" not in told["responses"]["4XX"]["content"], (method, path)


def test_money_is_text_in_the_document(tiny: Api) -> None:
    schemas = tiny.get("/openapi.json")["components"]["schemas"]
    assert schemas["BudgetLineOut"]["properties"]["available"]["type"] == "string"


def test_the_page_shows_every_operation(tiny: Api) -> None:
    page = tiny.http.get("/api/v1/docs").text
    for _method, path in OPERATIONS:
        assert f"<code>{path}</code>" in page
    assert "integer (≥ 1, ≤ 200)" in page
