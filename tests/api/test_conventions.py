"""What every operation of the API has in common, proved on its document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from fieldops.exchange.tables import KINDS
from fieldops.web.openapi import example_of, operations

PROBLEM = {"$ref": "#/components/schemas/Problem"}
ALWAYS = {"401", "403", "422", "429"}
WITHOUT_KEY = {
    "POST /api/v1/me/calendar",
    "POST /api/v1/session",
    "POST /api/v1/session/totp",
    "POST /api/v1/session/totp/remove",
    "POST /api/v1/tokens",
}
"""Their answers hold secrets, which are kept nowhere to be told again."""
WITHOUT_KEY |= {f"POST /api/v1/imports/{name}" for name in KINDS}
"""To repeat an import changes nothing: what stands already is refused, or set to the same."""
WITHOUT_KEY |= {
    "POST /api/v1/assignments/check",
    "POST /api/v1/cost-estimates",
    "POST /api/v1/cost-estimates/comparison",
    "POST /api/v1/jobs/{number}/appointments",
    "POST /api/v1/jobs/{number}/check-move",
    "POST /api/v1/jobs/{number}/recommendations",
    "POST /api/v1/plans/{number}/check",
    "POST /api/v1/rosters/preview",
    "POST /api/v1/stock/target-plans/{number}/accept/check",
    "POST /api/v1/stock/target-plans/{number}/lines/override/check",
}
"""They only reckon; nothing is kept, but for some minutes what may be taken of an answer."""
WITHOUT_VERSION = {
    "DELETE /api/v1/me/calendar",
    "DELETE /api/v1/session",
    "DELETE /api/v1/sessions",
    "DELETE /api/v1/tokens/{token}",
    "DELETE /api/v1/users/{name}/sessions",
    "DELETE /api/v1/users/{name}/totp",
    "PUT /api/v1/session/password",
    "PUT /api/v1/session/totp",
    "PUT /api/v1/users/{name}/password",
}
"""What they set or end holds nothing of somebody else's that could be lost."""
UNPAGED = {
    "GET /api/v1/approvals/inbox",
    "GET /api/v1/budgets/overview",
    "GET /api/v1/certificates/forecast",
    "GET /api/v1/stock/offers",
    "GET /api/v1/users/{name}/sessions",
}
"""Lists that are short by nature, sums, or the most urgent of what waits."""

Document = dict[str, Any]


def named(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with what a failing test calls it."""
    for method, path, told in operations(document):
        yield f"{method.upper()} {path}", told


def headers(told: dict[str, Any]) -> set[str]:
    """Return the names of an operation's request headers."""
    return {one["name"] for one in told.get("parameters", ()) if one["in"] == "header"}


def contents(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON that an operation takes, and that it answers when all went well."""
    answers = {status: one for status, one in told["responses"].items() if status.startswith("2")}
    for what, one in {"body": told.get("requestBody", {}), **answers}.items():
        if "application/json" in one.get("content", {}):
            yield what, one["content"]["application/json"]


def _resolved(schema: dict[str, Any], document: Document) -> dict[str, Any]:
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def wrong(document: Document, sound: Any) -> list[str]:
    """Return the operations that a rule does not hold for."""
    return [name for name, told in named(document) if not sound(name, told)]


def test_every_operation_says_what_it_does(document: Document) -> None:
    assert wrong(document, lambda _n, told: told["summary"] and told["description"].endswith(".")) == []
    assert wrong(document, lambda _n, told: len(told["tags"]) >= 1) == []


def test_every_operation_has_a_name_of_its_own(document: Document) -> None:
    names = Counter(told["operationId"] for _name, told in named(document))
    assert [name for name, count in names.items() if count > 1] == []
    assert wrong(document, lambda _n, told: re.fullmatch(r"[a-z]+(_[a-z]+)+", told["operationId"])) == []


def test_every_operation_documents_its_refusals(document: Document) -> None:
    def sound(name: str, told: dict[str, Any]) -> bool:
        expected = set(ALWAYS)
        expected |= {"404"} if "{" in name else set()
        expected |= set() if name.startswith("GET") else {"409"}
        expected |= {"412", "428"} if "if-match" in headers(told) else set()
        refusals = {status: one for status, one in told["responses"].items() if status[0] in "45"}
        return expected <= set(refusals) and all(
            one["content"] == {"application/problem+json": {"schema": PROBLEM} | _example(one)}
            for one in refusals.values()
        )

    assert wrong(document, sound) == []


def _example(answer: dict[str, Any]) -> dict[str, Any]:
    content = answer["content"].get("application/problem+json", {})
    return {"example": content["example"]} if "example" in content else {}


def test_every_change_is_safe_to_repeat_and_to_race(document: Document) -> None:
    posts = {name: told for name, told in named(document) if name.startswith("POST")}
    assert {name for name, told in posts.items() if "idempotency-key" not in headers(told)} == WITHOUT_KEY
    changes = {name: told for name, told in named(document) if name.startswith(("PUT", "PATCH", "DELETE"))}
    assert {name for name, told in changes.items() if "if-match" not in headers(told)} == WITHOUT_VERSION


def test_every_list_is_read_in_pages_alike(document: Document) -> None:
    def sound(name: str, told: dict[str, Any]) -> bool:
        paging = {one["name"]: one for one in told.get("parameters", ()) if one["name"] in ("limit", "cursor")}
        answer = told["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        # a page may tell more beside its items, such as their total
        if not {"items", "next"} <= set(_resolved(answer, document).get("properties", ())):
            return not paging and answer.get("type") != "array"
        return set(paging) == {"limit", "cursor"} and paging["limit"]["schema"]["maximum"] == 200

    lists = [name for name in wrong(document, sound) if name.startswith("GET")]
    assert set(lists) == UNPAGED


def test_everything_that_goes_in_or_out_has_an_example_that_fits(document: Document) -> None:
    missing, unfit = [], []
    for name, told in named(document):
        for what, content in contents(told):
            if content.get("schema") and "example" not in content:
                missing.append(f"{name} {what} {content['schema']}")
            elif "example" in content:
                schema = content["schema"] | {"components": document["components"]}
                unfit += [
                    f"{name} {what}: {error.message}"
                    for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(content["example"])
                ]
    assert missing == []
    assert unfit == []


def test_an_example_is_found_through_lists_pages_and_choices() -> None:
    document = {"components": {"schemas": {"One": {"examples": [{"a": 1}]}, "None": {"type": "object"}}}}
    one = {"$ref": "#/components/schemas/One"}
    page = {"properties": {"items": {"type": "array", "items": one}, "next": {}}}
    assert example_of({"type": "array", "items": one}, document) == [{"a": 1}]
    assert example_of({"anyOf": [{"$ref": "#/components/schemas/None"}, one]}, document) == {"a": 1}
    assert example_of(page, document) == {"items": [{"a": 1}], "next": None}
    assert example_of({"type": "object"}, document) is None
