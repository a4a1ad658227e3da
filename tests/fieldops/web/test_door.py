"""The door: names, proxies, origins, bodies, and the headers of every answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from fieldops.web.guard import BODY_MAX, served_names
from tests.fieldops.web.conftest import Site

PATHS = ("/page", "/api/v1/errors/conflict", "/api/v1/errors/broken", "/healthz", "/nothing", "/problems")


def test_only_the_names_of_this_machine_are_served_until_others_are_set(make_site: Callable[..., Site]) -> None:
    site = make_site()
    for name in ("plan.example.com", "10.0.0.7"):
        answer = site.http.get("/healthz", headers={"host": name})
        assert (answer.status_code, answer.json()["code"]) == (421, "foreign_host")
    open_site = make_site(allowed_hosts=("plan.example.com",), host="10.0.0.7")
    for name in ("plan.example.com", "PLAN.example.com:8443", "10.0.0.7:1", "localhost"):
        assert open_site.http.get("/healthz", headers={"host": name}).status_code == 200
    assert open_site.http.get("/healthz", headers={"host": "evil.example.com"}).status_code == 421


def test_listening_everywhere_names_nothing() -> None:
    own = {"localhost", "127.0.0.1", "[::1]"}
    assert served_names([], "0.0.0.0") == served_names([], "::") == own  # noqa: S104
    assert served_names([" Plan.Example.com "], "fd00::7") == own | {"plan.example.com", "[fd00::7]"}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(shared: Site, path: str) -> None:
    headers = shared.http.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) >= 8
    assert "strict-transport-security" not in headers


def test_only_a_trusted_proxy_says_that_the_browser_speaks_https(make_site: Callable[..., Site]) -> None:
    said = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
    assert "strict-transport-security" not in make_site().http.get("/healthz", headers=said).headers
    behind = make_site(proxy=("127.0.0.0/8",), allowed_hosts=("plan.example.com",))
    assert "max-age=" in behind.http.get("/healthz", headers=said).headers["strict-transport-security"]
    own = said | {"host": "plan.example.com", "origin": "https://plan.example.com"}
    assert behind.http.post("/api/v1/bodies", json=[], headers=own).status_code == 200
    assert behind.http.post("/api/v1/bodies", json=[], headers=own | {"origin": "http://x.com"}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "cookie": "session=1"}, 403),
        ({"sec-fetch-site": "same-origin", "cookie": "session=1"}, 200),
        ({"authorization": "Bearer fo_dispatcher-of-nothing"}, 200),
    ],
)
def test_another_sites_page_changes_nothing_and_a_program_with_a_token_does(
    shared: Site, headers: dict[str, str], status: int
) -> None:
    assert shared.http.post("/api/v1/bodies", json=[], headers=headers).status_code == status


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "body", [_nested(20), "[" + ",".join(["{}"] * 50) + "]", '"' + "[" * 50 + '\\"' + "{" * 50 + '"']
)
def test_a_body_of_twenty_levels_is_taken(shared: Site, body: str) -> None:
    answer = shared.http.post("/api/v1/bodies", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "body", [_nested(21), '{"a":' * 21 + "1" + "}" * 21, "[" * 100_000, '["]",' + _nested(20) + "]"]
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_deeper_body_is_refused_clearly(shared: Site, body: str, chunked: bool) -> None:
    parts = (body[start : start + 7].encode() for start in range(0, min(len(body), 500), 7))
    answer = shared.http.post(
        "/api/v1/bodies", content=parts if chunked else body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "json_too_deep")


def test_json_is_json_however_it_is_spelt(shared: Site) -> None:
    answer = shared.http.post("/api/v1/bodies", content=_nested(21), headers={"content-type": "Application/JSON"})
    assert (answer.status_code, answer.json()["code"]) == (400, "json_too_deep")


def test_a_string_that_never_ends_is_looked_through_once() -> None:
    """To begin again at each of its quotes would take hours."""
    look = "from fieldops.web.guard import _too_deep; assert _too_deep(b'[' * 21 + b'\"' + b'\\\\\"' * 2**19)"
    assert subprocess.run([sys.executable, "-c", look], timeout=120, check=False).returncode == 0


def test_only_a_route_for_files_takes_more_than_a_megabyte(shared: Site) -> None:
    content = b"x" * (BODY_MAX + 1)
    refused = shared.http.post("/api/v1/bodies", content=content)
    assert (refused.status_code, refused.json()["code"]) == (413, "content_too_large")
    assert shared.http.post("/api/v1/uploads", content=content).json() == {"took": len(content)}
    assert shared.http.post("/api/v1/uploads", content=b"x" * (10 * BODY_MAX + 1)).status_code == 413
