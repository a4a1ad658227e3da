"""What a list costs the database: the same few statements, however many items a page holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fieldops.app.conftest import Api
from tests.statements import statements

MOST = 5
"""Statements that a list may take, beside those that open and close the transaction."""
MORE = {"/jobs": 7, "/stock/value": 8}
"""Those that a list adds up from more tables may take."""


def lists(api: Api) -> list[str]:
    """Return the paths of every list that needs no more than a page."""
    document: dict[str, Any] = api.app.openapi()
    found = []
    for path, methods in document["paths"].items():
        parameters = methods.get("get", {}).get("parameters", [])
        names = {one["name"] for one in parameters}
        required = {one["name"] for one in parameters if one.get("required")}
        if {"limit", "cursor"} <= names and not required:
            found.append(path.removeprefix("/api/v1"))
    return found


def cost(api: Api, path: str, limit: int) -> int:
    """Return how many statements a page takes."""
    with statements(api.engine) as seen:
        api.get(path, limit=limit)
    return len([one for one in seen if not one.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA"))])


def test_a_page_takes_as_many_statements_for_one_item_as_for_all(api: Api) -> None:
    api.have_plan()
    found = lists(api)
    assert {"/jobs", "/stock/balances", "/parts", "/technicians", "/plans", "/budgets", "/users", "/audit"} <= set(
        found
    )
    for path in found:
        api.get(path, limit=1)  # who asks is known from now on
        few, many = cost(api, path, 1), cost(api, path, 200)
        assert few == many, path
        assert many <= MORE.get(path, MOST), path


@pytest.mark.parametrize("path", ["/jobs", "/technicians"])
def test_a_list_with_parts_takes_one_statement_for_each_kind_of_them(api: Api, path: str) -> None:
    assert len(api.get(path, limit=200)["items"]) > 1
    assert cost(api, path, 200) == {"/jobs": 7, "/technicians": 2}[path]
