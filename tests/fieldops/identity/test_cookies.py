"""The cookie of a session over http and https."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from fieldops.identity.cookies import give_session, session_secret, take_session


def request_by(scheme: str, cookie: str = "") -> Request:
    """A request as the server hands it over."""
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": scheme,
            "path": "/",
            "query_string": b"",
            "server": ("fieldops.example.org", 443),
            "headers": [(b"cookie", cookie.encode())],
        }
    )


@pytest.mark.parametrize(
    ("scheme", "name", "secure"), [("http", "fieldops_session", False), ("https", "__Host-fieldops_session", True)]
)
def test_over_https_the_cookie_is_bound_to_the_host(scheme: str, name: str, secure: bool) -> None:
    given, taken = Response(), Response()
    give_session(request_by(scheme), given, "secret")
    take_session(request_by(scheme), taken)
    for response, value in ((given, "secret"), (taken, '""')):
        head, *attributes = response.headers["set-cookie"].split("; ")
        assert head == f"{name}={value}"
        flags = {attribute.partition("=")[0].lower() for attribute in attributes}
        assert {"httponly", "path", "samesite"} <= flags
        assert "domain" not in flags
        assert ("secure" in flags) == secure


def test_over_https_a_cookie_that_another_host_could_set_is_not_read() -> None:
    assert session_secret(request_by("https", "fieldops_session=planted")) is None
    assert session_secret(request_by("https", "__Host-fieldops_session=ours")) == "ours"
