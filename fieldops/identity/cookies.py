"""The cookie of a login session."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

_NAME = "fieldops_session"


def cookie_name(request: Request) -> str:
    """Return what the cookie is called; over https it is bound to this very host."""
    return f"__Host-{_NAME}" if is_https(request) else _NAME


def is_https(request: Request) -> bool:
    """Tell whether the browser came by https."""
    return request.url.scheme == "https"


def session_secret(request: Request) -> str | None:
    """Return what the cookie of the request holds."""
    return request.cookies.get(cookie_name(request))


def give_session(request: Request, response: Response, secret: str) -> None:
    """Give the browser the cookie of its session, for as long as it stays open."""
    response.set_cookie(cookie_name(request), secret, httponly=True, samesite="lax", secure=is_https(request), path="/")


def take_session(request: Request, response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(request), httponly=True, samesite="lax", secure=is_https(request), path="/")


def client_address(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else "-"
