"""The door: foreign hosts, foreign origins, large bodies, the headers of every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import Api

MOVES = "/api/v1/stock/moves"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:8080", "10.0.0.7", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/v1/regions", "/static/style.css", "/healthz"])
def test_a_foreign_host_is_refused(tiny: Api, host: str, path: str) -> None:
    answer = tiny.http.get(path, headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "foreign_host")


@pytest.mark.parametrize("host", ["localhost", "LocalHost:1", "127.0.0.1:65535", "[::1]", "[::1]:8080"])
def test_the_names_of_this_machine_are_served_on_any_port(tiny: Api, host: str) -> None:
    assert tiny.http.get("/api/v1/regions", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_page_changes_nothing(tiny: Api, headers: dict[str, str]) -> None:
    before = tiny.content()
    answer = tiny.http.post(MOVES, json=[bodies.move()], headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert tiny.content() == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_a_foreign_origin_is_refused_whatever_it_asks(tiny: Api, method: str, origin: str) -> None:
    answer = tiny.http.request(method, "/api/v1/regions", headers={"origin": origin})
    assert answer.status_code == 403
    assert method == "HEAD" or answer.json()["code"] == "foreign_origin"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_link_from_another_site_may_be_followed(tiny: Api, site: str) -> None:
    assert tiny.http.get("/", headers={"sec-fetch-site": site}).status_code == 200


def test_our_own_page_may_change_things(api: Api) -> None:
    own = {"origin": str(api.http.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    assert api.http.post(MOVES, json=[bodies.move()], headers=own).status_code == 201
    assert api.http.get("/api/v1/regions", headers=own).status_code == 200


def _megabytes(count: int) -> Iterator[bytes]:
    for _megabyte in range(count):
        yield b" " * 1_000_000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_refused_before_it_is_read(tiny: Api, chunked: bool) -> None:
    content: bytes | Iterator[bytes] = _megabytes(3) if chunked else b"".join(_megabytes(3))
    answer = tiny.http.post(MOVES, content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/api/v1/docs", "/api/v1/regions", "/api/v1/nothing", "/static/style.css"])
def test_every_answer_carries_the_headers(tiny: Api, path: str) -> None:
    headers = tiny.http.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_hold_nothing_that_their_own_policy_forbids(tiny: Api) -> None:
    for path in ("/", "/api/v1/docs", "/nothing"):
        page = tiny.http.get(path, headers={"accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        # scripts are files of our own; what they say is data, which no browser runs
        assert not re.findall(r'<script(?! type="application/json"| type="module" src="/static/)', page.text)
        for forbidden in ("<style", " style=", " onclick=", "//cdn", "https://"):
            assert forbidden not in page.text


def test_the_probes_tell_life_from_readiness(tiny: Api) -> None:
    assert tiny.http.get("/healthz").json() == {"status": "alive"}
    assert tiny.http.get("/readyz").json() == {"status": "ready", "checks": {"database": "ok"}}


def test_an_answer_to_a_browser_that_lost_its_way_is_a_page(tiny: Api) -> None:
    answer: httpx.Response = tiny.http.get("/plans/P-9", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert "There is no plan P-9" in answer.text
