"""The catalogue as a client meets it: over HTTP, from a real server, on the small world."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fieldops.app.conftest import Api, api, tiny

__all__ = ["api", "tiny"]

SUPERSEDED = {
    "part": "PUMP-1",
    "alternative": "BRAKE-1",
    "kind": "supersedes",
    "source": "SB 29-11-031 rev 2",
    "starts_on": "2026-03-01",
    "effectivity": [{"aircraft_type": "TP60", "first_serial": 101}],
    "modifications": ["MOD-1", "MOD-2"],
    "ship_set": True,
    "needs_acceptance": True,
    "accepted_by": ["OP-A"],
}
AIRCRAFT: dict[str, Any] = {
    "aircraft_type": "TP60",
    "serial": "150",
    "operator": "OP-A",
    "modification": ["MOD-1", "MOD-2"],
}


def test_a_part_is_changed_in_the_version_that_was_read(api: Api) -> None:
    part = api.http.get("/api/v1/parts/LAMP-1")
    change = {"lead_time_days": 20, "descriptions": {"fr": "Phare"}}
    answer = api.http.patch("/api/v1/parts/LAMP-1", json=change, headers={"If-Match": part.headers["etag"]})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json() == part.json() | change | {"version": 2}
    assert api.get("/parts/LAMP-1") == answer.json()
    stale = api.http.patch("/api/v1/parts/LAMP-1", json=change, headers={"If-Match": part.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    blind = api.http.patch("/api/v1/parts/LAMP-1", json=change)
    assert (blind.status_code, blind.json()["code"]) == (428, "version_required")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"part_number": "LAMP-2"}, "invalid_request"),
        ({"tracking": "serial"}, "invalid_request"),
        ({"shelf_life_days": 90}, "part_contradicts"),
    ],
)
def test_a_wrong_change_of_a_part_is_refused(tiny: Api, change: dict[str, Any], code: str) -> None:
    answer = tiny.http.patch("/api/v1/parts/LAMP-1", json=change, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert next(iter(change)) in answer.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (AIRCRAFT, ["PUMP-1", "BRAKE-1"]),
        (AIRCRAFT | {"on": "2026-02-28"}, ["PUMP-1"]),
        (AIRCRAFT | {"serial": "100"}, ["PUMP-1"]),
        (AIRCRAFT | {"operator": "OP-B"}, ["PUMP-1"]),
        (AIRCRAFT | {"modification": "MOD-1"}, ["PUMP-1"]),
        ({"aircraft_type": "TP60"}, ["PUMP-1"]),
        ({}, ["PUMP-1"]),
    ],
)
def test_replacements_are_told_with_the_way_to_them(api: Api, asked: dict[str, Any], found: list[str]) -> None:
    assert api.post("/interchangeability", [SUPERSEDED]).status_code == 201
    told = api.get("/interchangeability/replacements", part="PUMP-1", **asked)
    assert (told["part"], told["on"]) == ("PUMP-1", asked.get("on", "2026-03-01"))
    assert [one["part"] for one in told["replacements"]] == found
    for one in told["replacements"][1:]:
        assert one["ship_set"] is True
        (step,) = one["steps"]
        assert step == {
            "replaces": "PUMP-1",
            "by": "BRAKE-1",
            "kind": "supersedes",
            "source": "SB 29-11-031 rev 2",
            "ship_set": True,
            "superseded_on": "2026-03-01",
        }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"part": "NONE"}, 422, "unknown_part"),
        ({"part": "PUMP-1", "serial": "1"}, 422, "wrong_parameters"),
        ({"part": "PUMP-1", "on": "yesterday"}, 422, "invalid_request"),
        ({"part": "PUMP-1", "registry": "CAAC"}, 422, "unknown_parameter"),
        ({}, 422, "invalid_request"),
    ],
)
def test_a_wrong_question_for_replacements_is_refused(tiny: Api, query: dict[str, str], status: int, code: str) -> None:
    answer = tiny.http.get("/api/v1/interchangeability/replacements", params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


ONE_WAY = {"part": "PUMP-1", "alternative": "BRAKE-1", "kind": "one_way", "source": "IPC 1"}
HELD = {"assembly": "PUMP-1", "component": "LAMP-1", "quantity": "2"}


@pytest.mark.parametrize(
    ("path", "good", "bad", "code"),
    [
        ("/interchangeability", ONE_WAY, ONE_WAY, "interchange_exists"),
        ("/assemblies", HELD, {"assembly": "LAMP-1", "component": "PUMP-1", "quantity": "1"}, "assembly_cycle"),
    ],
)
def test_links_are_added_listed_and_removed(
    api: Api, path: str, good: dict[str, str], bad: dict[str, str], code: str
) -> None:
    refused = api.post(path, [good, bad])
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert api.get(path)["items"] == []
    each = api.http.post(f"/api/v1{path}?mode=each", json=[good, bad])
    assert [(one["status"], one["code"]) for one in each.json()["items"]] == [(201, None), (409, code)]
    (listed,) = api.get(path)["items"]
    assert listed["version"] == 1
    one = f"/api/v1{path}/{listed['id']}"
    read = api.http.get(one)
    assert (read.json(), read.headers["etag"]) == (listed, '"1"')
    assert api.http.delete(one).status_code == 428
    assert api.http.delete(one, headers={"If-Match": '"2"'}).status_code == 412
    assert api.http.delete(one, headers={"If-Match": '"1"'}).status_code == 204
    assert api.http.get(one).status_code == 404
    assert api.get(path)["items"] == []


def test_lists_keep_what_concerns_a_part(api: Api) -> None:
    api.post("/interchangeability", [ONE_WAY, ONE_WAY | {"part": "LAMP-1"}])
    api.post("/assemblies", [HELD, HELD | {"assembly": "BRAKE-1"}])
    assert [one["part"] for one in api.get("/interchangeability", part="LAMP-1")["items"]] == ["LAMP-1"]
    assert [one["assembly"] for one in api.get("/assemblies", assembly="BRAKE-1")["items"]] == ["BRAKE-1"]
    first = api.get("/interchangeability", limit=1)
    assert [one["part"] for one in first["items"]] == ["PUMP-1"]
    assert [one["part"] for one in api.get("/interchangeability", cursor=first["next"])["items"]] == ["LAMP-1"]
    unknown = api.http.get("/api/v1/interchangeability", params={"part": "NONE"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_part")


def test_an_assembly_is_exploded_and_a_part_is_found_in_it(api: Api) -> None:
    api.post("/assemblies", [HELD, {"assembly": "LAMP-1", "component": "FILTER-1", "quantity": "2"}])
    assert api.get("/assemblies/components", part="PUMP-1") == {
        "part": "PUMP-1",
        "components": [
            {"part": "LAMP-1", "level": 1, "quantity": "2.000000"},
            {"part": "FILTER-1", "level": 2, "quantity": "4.000000"},
        ],
    }
    assert [one["part"] for one in api.get("/assemblies/uses", part="FILTER-1")["assemblies"]] == ["LAMP-1", "PUMP-1"]
