"""What the log and the figures tell of each request, and what they never tell."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import pytest
import structlog

from fieldops import logs
from tests.fieldops.web.conftest import Log, Site

TOKEN = "fo_dispatcher-of-nothing"  # noqa: S105 - one of the tests
PASSWORD = "hunter2-hunter2"  # noqa: S105 - one of the tests


def test_a_request_is_one_line_with_all_that_helps_to_find_it(site: Site) -> None:
    answer = site.http.get(
        "/api/v1/me?secret=x", headers={"authorization": f"Bearer {TOKEN}", "x-request-id": "from-the-proxy.1"}
    )
    assert answer.headers["x-request-id"] == "from-the-proxy.1"
    (line,) = site.lines(1)
    assert line["duration_ms"] >= 0
    assert {name: line[name] for name in ("event", "level", "request_id", "actor", "method", "route", "status")} == {
        "event": "request",
        "level": "info",
        "request_id": "from-the-proxy.1",
        "actor": "li.fang",
        "method": "GET",
        "route": "/api/v1/me",
        "status": 200,
    }


@pytest.mark.parametrize(
    "told", ["", "short", "x" * 65, "has a blank in it", "line\\nbreak-line", "<script>alert()</script>"]
)
def test_an_id_that_is_not_sane_is_replaced(site: Site, told: str) -> None:
    given = site.http.get("/api/v1/errors/conflict", headers={"x-request-id": told}).headers["x-request-id"]
    assert given != told
    assert [line["request_id"] for line in site.lines(1)] == [given]


def test_an_unforeseen_error_is_logged_under_the_same_id(site: Site) -> None:
    problem = site.http.get("/api/v1/errors/broken").json()
    failed, request = site.lines(2)
    assert failed["request_id"] == request["request_id"] == problem["request_id"]
    assert "RuntimeError" in failed["exception"]
    assert (request["status"], request["route"]) == (500, "/api/v1/errors/{kind}")


def test_a_login_leaves_no_secret_in_the_log(site: Site) -> None:
    body = {
        "user": "li.fang",
        "password": PASSWORD,
        "token": TOKEN,
        "code": "123456",
        "more": [{"new_password": PASSWORD, "csrf": "abcdef"}],
    }
    headers = {"authorization": f"Bearer {TOKEN}", "cookie": "session=s3cr3t-cookie"}
    assert site.http.post("/api/v1/signin", json=body, headers=headers).json() == {"token": TOKEN}
    site.http.get("/api/v1/errors/broken", headers=headers)
    written = site.log.wait_for(5)
    assert "li.fang" in written
    assert "RuntimeError" in written
    for secret in (PASSWORD, TOKEN, "123456", "abcdef", "s3cr3t-cookie", "dispatcher-of"):
        assert secret not in written


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f"sent {TOKEN}, refused", "sent fo_…, refused"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer …"),
        ("postgresql+psycopg://me:hunter2@db/x", "postgresql+psycopg://me:…@db/x"),
        ("GET /signin/oidc?code=abc&state=def HTTP", "GET /signin/oidc?code=…&state=… HTTP"),
        ("GET /plans?region=CN", "GET /plans?region=CN"),
        ("http://localhost:8080/x", "http://localhost:8080/x"),
    ],
)
def test_what_looks_like_a_secret_is_scrubbed_wherever_it_stands(line: str, left: str) -> None:
    assert logs.scrub(line) == left


def test_a_person_at_a_terminal_reads_lines_and_not_json(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", log)
    logs.set_up("console")
    structlog.get_logger().info("begun", password=PASSWORD, job="J-1")
    logging.getLogger("library").warning("careful with %s", TOKEN)
    written = log.getvalue()
    assert "begun" in written
    assert "job=J-1" in written
    assert "careful with fo_…" in written
    assert PASSWORD not in written
    assert "{" not in written


def test_the_figures_count_by_route_and_not_by_address(site: Site) -> None:
    for path in ("/api/v1/errors/conflict", "/api/v1/errors/unknown", "/api/v1/nothing-7", "/wp-login.php"):
        site.http.get(path)
    site.http.request("PROPFIND", "/api/v1/me")
    figures = site.http.get("/metrics").text
    assert 'fieldops_requests_total{method="GET",route="/api/v1/errors/{kind}",status="409"} 1.0' in figures
    assert 'fieldops_requests_total{method="GET",route="none",status="404"} 2.0' in figures
    assert 'fieldops_request_seconds_count{method="GET",route="/api/v1/errors/{kind}"} 2.0' in figures
    assert 'method="other"' in figures
    assert "wp-login" not in figures
    assert "fieldops_requests_in_flight 1.0" in figures


def test_others_add_figures_that_are_read_when_asked_for(site: Site) -> None:
    waiting = [3]
    site.probes.metrics.gauge("fieldops_operations_queued", "Operations that wait.", lambda: waiting[0])
    assert "fieldops_operations_queued 3.0" in site.http.get("/metrics").text
    waiting[0] = 5
    assert "fieldops_operations_queued 5.0" in site.http.get("/metrics").text


def test_figures_are_for_this_machine_and_for_whoever_may_read_them(make_site: Callable[..., Site]) -> None:
    behind = make_site(proxy=("127.0.0.1",))
    far = {"x-forwarded-for": "203.0.113.9"}
    assert make_site().http.get("/metrics", headers=far).status_code == 401
    assert behind.http.get("/metrics", headers=far).status_code == 401
    bearer = {name: {**far, "authorization": f"Bearer {name}"} for name in (TOKEN, "fo_reader-of-the-figures")}
    assert behind.http.get("/metrics", headers=bearer[TOKEN]).status_code == 403
    assert behind.http.get("/metrics", headers=bearer["fo_reader-of-the-figures"]).status_code == 200
