"""Errors as problem details: stable types, titles in the reader's language, what each kind asks for."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import httpx
import pytest

from fieldops.web.codes import KINDS, MEANINGS
from inventory.kernel import errors
from inventory.kernel.errors import DomainError
from tests.fieldops.web.conftest import Site
from tests.test_architecture import calls, modules, place

HTML = {"accept": "text/html,*/*;q=0.8"}
CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}
STATUS = {
    name: kind.status for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DomainError)
}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("conflict", 409, "stopped"),
        ("unknown", 404, "unknown_part"),
        ("forbidden", 403, "not_permitted"),
        ("too-many", 429, "too_many_requests"),
        ("version", 428, "version_required"),
        ("late", 412, "stale"),
        ("busy", 503, "database_busy"),
        ("broken", 500, "unexpected"),
    ],
)
def test_each_error_is_a_problem_with_a_type_that_explains_it(shared: Site, kind: str, status: int, code: str) -> None:
    answer = shared.http.get(f"/api/v1/errors/{kind}")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"] == KINDS[code][1]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert shared.http.get(problem["type"]).json()["title"]["en"] == problem["title"]


def test_titles_and_details_are_in_the_readers_language(shared: Site) -> None:
    english = shared.http.get("/api/v1/errors/unknown").json()
    chinese = shared.http.get("/api/v1/errors/unknown", headers=CHINESE).json()
    assert english["type"] == chinese["type"]
    for part in ("title", "detail"):
        assert english[part].isascii()
        assert not chinese[part].isascii()
    invalid = shared.http.post("/api/v1/numbers", json={"many": 1}, headers=CHINESE).json()
    assert invalid["errors"][0]["field"] == "body.many"
    assert "3" in invalid["errors"][0]["detail"]
    assert "greater" not in invalid["detail"]


def test_a_program_without_login_is_told_how_and_a_browser_is_led_there(shared: Site) -> None:
    answer = shared.http.get("/api/v1/me", headers=HTML)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "not_signed_in"
    page = shared.http.get("/private?region=CN&x=1", headers=HTML)
    assert (page.status_code, page.headers["location"]) == (303, "/signin?next=%2Fprivate%3Fregion%3DCN%26x%3D1")
    form = shared.http.post("/private", headers=HTML)
    assert (form.status_code, form.headers["location"]) == (303, "/signin?next=%2F")
    assert shared.http.get("/private").status_code == 401


def test_whoever_comes_too_often_is_told_when_to_come_again(shared: Site) -> None:
    assert shared.http.get("/api/v1/errors/too-many").headers["retry-after"] == "7"


def test_a_request_that_a_deadlock_broke_is_tried_again(site: Site) -> None:
    assert site.http.post("/api/v1/deadlocks").json() == 3
    assert len(site.deadlocks) == 3


def test_a_browser_gets_a_page_about_the_error(shared: Site) -> None:
    answer = shared.http.get("/nothing", headers=HTML | CHINESE)
    assert answer.status_code == 404
    assert '<html lang="zh-CN">' in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_the_list_explains_every_code_in_both_languages(shared: Site) -> None:
    items = shared.http.get("/problems").json()["items"]
    assert {one["code"] for one in items} == KINDS.keys()
    for one in items:
        for told in (one["title"], one["meaning"]):
            assert told["en"].isascii()
            assert not told["zh-CN"].isascii(), one["code"]
    page = shared.http.get("/problems/stale", headers=HTML)
    assert KINDS["stale"][1] in page.text
    assert shared.http.get("/problems/stale", headers=HTML | CHINESE).headers["content-language"] == "zh-CN"
    unknown: httpx.Response = shared.http.get("/problems/nonsense")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_problem")


def test_every_code_that_is_used_is_in_the_table_under_its_status() -> None:
    used = _used_codes()
    assert len(used) > 50
    assert {code: places for code, places in used.items() if code not in KINDS} == {}
    wrong = {code: sorted(statuses) for code, statuses in _statuses().items() if KINDS[code][0] not in statuses}
    assert wrong == {}
    assert {status for status, _title in KINDS.values()} == MEANINGS.keys()


def _used_codes() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, call, _kind, code in _refusals():
        found[code].append(place(path, call))
    return dict(found)


def _statuses() -> dict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for _path, _call, kind, code in _refusals():
        found[code].add(STATUS[kind])
    return dict(found)


def _refusals() -> list[tuple[Path, ast.Call, str, str]]:
    """Return every refusal in the code: where, of what kind, with which code."""
    return [
        (path, call, call.func.id, str(keyword.value.value))
        for path in modules("fieldops", "inventory")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in STATUS
        for keyword in call.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    ]
