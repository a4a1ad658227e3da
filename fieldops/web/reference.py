"""The reference of the API as a page, rendered from its own OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from fieldops.web.templating import render
from inventory.kernel.routes import PUBLIC

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an operation or a property of a schema."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What a path does for one method; `body` and `answer` name types, empty where there is none."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: str
    status: str
    answer: str


@router.get("/api/v1/docs", response_class=HTMLResponse, dependencies=[PUBLIC])
def reference(request: Request) -> str:
    """Show the operations and the types of the API."""
    document = request.app.openapi()
    operations: defaultdict[str, list[Operation]] = defaultdict(list)
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            operations[told.get("tags", ["other"])[0]].append(_operation(method.upper(), path, told))
    types = {
        name: (schema.get("description", ""), _properties(schema), schema.get("enum", []))
        for name, schema in sorted(document["components"]["schemas"].items())
    }
    return render("reference.html", operations=operations, types=types)


def _operation(method: str, path: str, told: dict[str, Any]) -> Operation:
    status, answer = next((status, answer) for status, answer in told["responses"].items() if status.startswith("2"))
    return Operation(
        method=method,
        path=path,
        summary=told["summary"],
        description=told.get("description", ""),
        parameters=[
            Field(one["name"], _kind(one["schema"]), one.get("required", False), one.get("description", ""))
            for one in told.get("parameters", [])
        ],
        body=_content(told["requestBody"]) if "requestBody" in told else "",
        status=status,
        answer=_content(answer),
    )


def _properties(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _kind(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def _content(part: dict[str, Any]) -> str:
    """Return the type of a body: a JSON type, the media type of anything else, nothing where there is none."""
    for media, content in part.get("content", {}).items():
        return _kind(content["schema"]) if media == "application/json" else str(media)
    return ""


def _kind(schema: dict[str, Any]) -> str:
    """Return a schema's type in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}[]"
    kind = str(schema.get("format", schema.get("type", "any")))
    limits = [f"{sign} {schema[name]}" for name, sign in _LIMITS.items() if name in schema]
    return f"{kind} ({', '.join(limits)})" if limits else kind


_LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
