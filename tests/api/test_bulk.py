"""Many records in one request: all or none, or each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from starlette.responses import Response

from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.bulk import BulkResult, Mode, add_many
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict
from tests.api.serving import served_to
from tests.fieldops.app import bodies
from tests.worlds import load_tiny

MANAGER = Actor(
    "manager", permissions=frozenset({"dispatch.write", "dispatch.read"}), scope=Scope(regions=frozenset({"SEA"}))
)
CASES: list[tuple[str, list[Any], list[str | None], str, str]] = [
    ("/parts", [bodies.part(), bodies.part(part_number="PUMP-1")], [None, "part_exists"], "/parts", "PUMP-9"),
    (
        "/places",
        [bodies.place(), bodies.place(code="LPQ", parent="PKZ"), bodies.place(code="SAI", region="MOON")],
        [None, None, "unknown_region"],
        "/places",
        "LPQ",
    ),
    ("/lanes", [bodies.lane(mode="aog"), bodies.lane()], ["lane_exists", None], "/lanes", "boat"),
    ("/jobs/bulk", [bodies.job(number="J-8", place="MOON"), bodies.job()], ["unknown_place", None], "/jobs", "J-9"),
    (
        "/technicians/bulk",
        [bodies.technician(), bodies.technician(), bodies.technician(code="T-10", qualifications=[])],
        [None, "code_exists", None],
        "/technicians",
        "T-10",
    ),
]


@pytest.fixture
def http(any_engine: Engine) -> Iterator[httpx.Client]:
    """A client of the small world, on either database."""
    load_tiny(any_engine)
    with served_to(any_engine, SYSTEM) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=60) as http:
        yield http


@pytest.mark.parametrize(("path", "rows", "codes", "listed", "kept"), CASES, ids=[case[0] for case in CASES])
def test_one_refusal_refuses_all_or_only_itself(
    http: httpx.Client, path: str, rows: list[Any], codes: list[str | None], listed: str, kept: str
) -> None:
    refused = http.post(path, json=rows)
    assert refused.json()["code"] in codes
    assert kept not in http.get(listed).text
    each = http.post(path, json=rows, params={"mode": "each"})
    assert each.status_code == 207
    told = each.json()["items"]
    assert [one["index"] for one in told] == list(range(len(rows)))
    assert [one["code"] for one in told] == codes
    assert all((one["status"] == 201) == (one["code"] is None) == (one["detail"] is None) for one in told)
    assert kept in http.get(listed).text


def test_each_is_added_in_the_order_of_its_key_and_told_in_that_of_the_request(engine: Engine) -> None:
    added: list[int] = []

    def add(some: list[int]) -> None:
        if 2 in some:
            raise Conflict("two is refused", code="refused")
        added.extend(some)

    with writing(engine, SYSTEM) as session:
        answer = add_many(session, Mode.EACH, [3, 2, 1, 4], add, key=lambda number: -number)
    assert added == [4, 3, 1]
    assert isinstance(answer, Response)
    told = BulkResult.model_validate_json(bytes(answer.body)).items
    assert [(one.index, one.code) for one in told] == [(0, None), (1, "refused"), (2, None), (3, None)]


def test_without_a_refusal_both_keep_all(http: httpx.Client) -> None:
    first, second = bodies.part(), bodies.part(part_number="PUMP-8")
    assert http.post("/parts", json=[first]).status_code == 201
    assert [one["status"] for one in http.post("/parts?mode=each", json=[second]).json()["items"]] == [201]


def test_wrong_input_is_named_by_its_index_and_refuses_the_whole_request(http: httpx.Client) -> None:
    answer = http.post("/parts?mode=each", json=[bodies.part(), bodies.part(weight_kg="-1")])
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["body.1.weight_kg"]
    assert "PUMP-9" not in http.get("/parts").text


def test_results_are_told_again_to_the_same_request(http: httpx.Client) -> None:
    rows, key = [bodies.part(), bodies.part(part_number="PUMP-1")], {"Idempotency-Key": "K-1"}
    first = http.post("/parts?mode=each", json=rows, headers=key)
    again = http.post("/parts?mode=each", json=rows, headers=key)
    assert (again.status_code, again.json()) == (207, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"


def test_what_lies_outside_the_region_is_refused_by_itself(engine: Engine) -> None:
    load_tiny(engine)
    with served_to(engine, MANAGER) as address:
        rows = [bodies.job(place="XIY"), bodies.job(number="J-10")]
        told = httpx.post(f"{address}/api/v1/jobs/bulk?mode=each", json=rows).json()["items"]
    assert [(one["status"], one["code"]) for one in told] == [(403, "outside_region"), (201, None)]
