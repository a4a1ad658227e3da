"""What breaks the users of the API is told before it is released; what is added passes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "openapi-diff"
RELEASED = ROOT / "docs" / "reference" / "openapi.json"

Document = dict[str, Any]
Change = Callable[[Document], Any]

JOB = {
    "type": "object",
    "required": ["number", "state"],
    "properties": {
        "number": {"type": "string", "maxLength": 48},
        "state": {"$ref": "#/components/schemas/State"},
        "weight": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "before": {"anyOf": [{"$ref": "#/components/schemas/Job"}, {"type": "null"}]},
    },
    "additionalProperties": False,
}
DOCUMENT: Document = {
    "paths": {
        "/jobs": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}
                            }
                        }
                    }
                },
            },
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewJob"}}},
                },
                "responses": {"201": {"content": {}}},
            },
        }
    },
    "components": {
        "schemas": {
            "Job": JOB,
            "NewJob": json.loads(json.dumps(JOB).replace("/Job", "/NewJob")),
            "State": {"type": "string", "enum": ["open", "closed"]},
        }
    },
}


def job(document: Document) -> Any:
    """The record that is given."""
    return document["components"]["schemas"]["Job"]


def new_job(document: Document) -> Any:
    """The record that is taken."""
    return document["components"]["schemas"]["NewJob"]


def get(document: Document) -> Any:
    """The operation that lists."""
    return document["paths"]["/jobs"]["get"]


def compared(tmp_path: Path, old: Document, new: Document) -> tuple[int, str]:
    """Return exit status and output of the tool."""
    files = [tmp_path / "old.json", tmp_path / "new.json"]
    for file, document in zip(files, (old, new), strict=True):
        file.write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run([sys.executable, TOOL, *files], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


BREAKING: list[tuple[Change, str]] = [
    (lambda d: d["paths"].pop("/jobs"), "GET /jobs is gone"),
    (lambda d: d["paths"]["/jobs"].pop("post"), "POST /jobs is gone"),
    (lambda d: get(d)["parameters"].clear(), "parameter limit (query) is gone"),
    (lambda d: get(d)["parameters"][0].update(required=True), "parameter limit (query) is required now"),
    (
        lambda d: get(d)["parameters"].append({"name": "a", "in": "query", "required": True, "schema": {}}),
        "parameter a (query) is required now",
    ),
    (lambda d: get(d)["parameters"][0]["schema"].update(maximum=50), "maximum is 50 now"),
    (lambda d: get(d)["responses"].update({"202": get(d)["responses"].pop("200")}), "answer 200 is gone"),
    (lambda d: job(d)["properties"].pop("weight"), "weight is gone"),
    (lambda d: job(d)["properties"].update(number={"type": "integer"}), "string became integer"),
    (lambda d: job(d)["properties"].update(weight={"type": "string"}), "string is given now"),
    (lambda d: job(d)["required"].remove("number"), "number may be missing now"),
    (lambda d: d["components"]["schemas"]["State"]["enum"].remove("closed"), "the value 'closed' is gone"),
    (
        lambda d: job(d)["properties"].update(number={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "null is given now",
    ),
    (lambda d: new_job(d)["required"].append("weight"), "weight is required now"),
    (lambda d: new_job(d)["properties"].pop("weight"), "weight is gone"),
    (lambda d: new_job(d)["properties"].update(weight={"type": "number"}), "null is taken no more"),
    (lambda d: new_job(d)["properties"]["number"].update(maxLength=10), "maxLength is 10 now"),
    (lambda d: new_job(d)["properties"]["number"].update(minLength=1), "minLength is 1 now"),
    (lambda d: new_job(d)["properties"]["number"].update(pattern="^a"), "pattern is ^a now"),
    (lambda d: new_job(d)["properties"]["number"].update(enum=["a"]), "only certain values are taken now"),
]
HARMLESS: list[Change] = [
    lambda d: d.update(info={"version": "2"}),
    lambda d: d["paths"].update({"/more": {"get": {}}}),
    lambda d: get(d)["parameters"].append({"name": "a", "in": "query", "required": False, "schema": {}}),
    lambda d: job(d)["properties"].update(more={"type": "string"}),
    lambda d: job(d)["required"].append("weight"),
    lambda d: d["components"]["schemas"]["State"]["enum"].append("held"),
    lambda d: job(d)["properties"].update(weight={"type": "number"}),
    lambda d: new_job(d)["properties"].update(more={"type": "string"}),
    lambda d: new_job(d)["required"].remove("number"),
    lambda d: new_job(d)["properties"]["number"].update(maxLength=100),
    lambda d: new_job(d)["properties"].update(number={"anyOf": [{"type": "string"}, {"type": "null"}]}),
]


@pytest.mark.parametrize(("change", "told"), BREAKING, ids=[told for _change, told in BREAKING])
def test_what_breaks_is_told(tmp_path: Path, change: Change, told: str) -> None:
    new = deepcopy(DOCUMENT)
    change(new)
    status, lines = compared(tmp_path, DOCUMENT, new)
    assert status == 1
    assert told in lines


@pytest.mark.parametrize("change", HARMLESS)
def test_what_is_added_passes(tmp_path: Path, change: Change) -> None:
    new = deepcopy(DOCUMENT)
    change(new)
    assert compared(tmp_path, DOCUMENT, new) == (0, "")


def test_nothing_that_was_released_breaks(document: Document, tmp_path: Path) -> None:
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    assert compared(tmp_path, released, document) == (0, "")


def test_the_records_of_the_client_are_those_of_the_document(document: Document, tmp_path: Path) -> None:
    current = tmp_path / "openapi.json"
    current.write_text(json.dumps(document), encoding="utf-8")
    written = subprocess.run(
        [sys.executable, ROOT / "tools" / "client-records", current], capture_output=True, text=True, check=True
    )
    formatted = subprocess.run(
        ["ruff", "format", "--stdin-filename", "records.py", "-"],
        input=written.stdout,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PATH": str(Path(sys.executable).parent)},
    )
    assert (ROOT / "fieldops" / "client" / "records.py").read_text(encoding="utf-8") == formatted.stdout
