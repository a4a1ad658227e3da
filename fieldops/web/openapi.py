"""What every operation of the OpenAPI document says alike: its refusals, its examples, its name."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from fastapi.routing import APIRoute

from fieldops.web.problems import problem_schemas

METHODS = ("get", "put", "post", "delete", "patch")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALWAYS = (400, 401, 403, 422, 429, 500, 503)


def operation_id(route: APIRoute) -> str:
    """Return the stable name of an operation: its tag and its function."""
    tag = str(route.tags[0]).replace(" ", "_") if route.tags else ""
    return f"{tag}_{route.name}" if tag else route.name


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation of everything in a document."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method, path, methods[method]


def documented(document: dict[str, Any]) -> dict[str, Any]:
    """Complete a document, in place: the statuses that each operation can answer, and an example of each content."""
    schemas = document["components"]["schemas"]
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas.update(problem_schemas())
    for method, path, told in operations(document):
        answers = told["responses"]
        for status in _refusals(method, path, told):
            answers[str(status)] = {"description": HTTPStatus(status).phrase, "content": deepcopy(_PROBLEM)}
        for part in (told.get("requestBody", {}), *answers.values()):
            for content in part.get("content", {}).values():
                example = example_of(content.get("schema", {}), document)
                if example is not None:
                    content.setdefault("example", example)
    return document


def _refusals(method: str, path: str, told: dict[str, Any]) -> list[int]:
    headers = {one["name"] for one in told.get("parameters", ()) if one["in"] == "header"}
    found = list(_ALWAYS)
    if "{" in path or method != "get" or "404" in told["responses"]:
        # a body, too, can name what does not exist for the actor
        found.append(404)
    if method != "get":
        found += [409, 413]
    if "if-match" in headers:
        found += [412, 428]
    return sorted(found)


def example_of(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return an example of a schema: its own, or one composed of its parts'; None where there is none."""
    schema = _resolved(schema, document)
    if schema.get("examples"):
        return _with_nulls(schema["examples"][0], schema, document)
    if "anyOf" in schema:
        return next((told for one in schema["anyOf"] if (told := example_of(one, document)) is not None), None)
    if schema.get("type") == "array":
        item = example_of(schema.get("items", {}), document)
        return None if item is None else [item]
    properties = schema.get("properties", {})
    if set(properties) == {"items", "next"}:
        items = example_of(properties["items"], document)
        return None if items is None else {"items": items, "next": None}
    return None


def _with_nulls(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return an example with the nulls that FastAPI leaves out of documents where they are required."""
    schema = _resolved(schema, document)
    if isinstance(value, list):
        return [_with_nulls(one, schema.get("items", {}), document) for one in value]
    if not isinstance(value, dict):
        return value
    for one in schema.get("anyOf", ()):
        if "properties" in _resolved(one, document):
            return _with_nulls(value, one, document)
    properties = schema.get("properties", {})
    return {name: None for name in schema.get("required", ()) if name not in value} | {
        name: _with_nulls(one, properties.get(name, {}), document) for name, one in value.items()
    }


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found
