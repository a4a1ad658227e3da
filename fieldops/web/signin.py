"""The pages of signing in and out: forms that need no script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fieldops.identity import links, oidc
from fieldops.identity.actors import in_the_name_of
from fieldops.identity.authenticator import Authenticator
from fieldops.identity.cookies import client_address, give_session, is_https, session_secret, take_session
from fieldops.identity.models import User
from fieldops.identity.own_api import Signing
from fieldops.identity.passwords import PASSWORD_MAX
from fieldops.identity.schemas import TypedName
from fieldops.identity.sessions import end_session
from fieldops.identity.tokens import csrf_of, digest, is_csrf_of, new_secret
from fieldops.web.speech import COOKIE as LANGUAGE_COOKIE
from fieldops.web.templating import render
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.edge import Edge, Here
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError, Forbidden, TooMany, Unauthenticated
from inventory.kernel.routes import PUBLIC
from inventory.kernel.texts import gettext as _

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, dependencies=[PUBLIC])

_FORM_COOKIE = "fieldops_form"
_SSO_COOKIE = "fieldops_sso"
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f]*")

Next = Annotated[str, Query(alias="next", max_length=2_000)]
Csrf = Annotated[str, Form(max_length=200)]


@router.get("/signin")
def form(request: Request, signing: Signing, way: Next = "/") -> Response:
    """Ask for name and password."""
    return _form(request, signing, way)


@router.post("/signin")
def sign_in(
    request: Request,
    edge: Here,
    signing: Signing,
    csrf: Csrf = "",
    name: Annotated[TypedName, Form()] = "",
    password: Annotated[str, Form(max_length=PASSWORD_MAX)] = "",
    code: Annotated[str, Form(max_length=12)] = "",
    way: Annotated[str, Form(alias="next", max_length=2_000)] = "/",
) -> Response:
    """Sign in and go where the user wanted to; else ask again, and say why."""
    try:
        _require_form(request, csrf)
        secret = signing.door.sign_in(name, password, code.strip() or None, client_address(request))
    except DomainError as refused:
        return _form(request, signing, way, refused, name)
    return _welcome(request, edge, signing, secret, way)


@router.post("/signout")
def sign_out(request: Request, edge: Here, signing: Signing, csrf: Csrf = "") -> Response:
    """End the session of this browser."""
    secret = session_secret(request)
    response = RedirectResponse("/signin", 303)
    if secret is None:
        return response
    if not is_csrf_of(secret, csrf):
        raise _no_csrf()
    try:
        actor = signing.of_session(secret, client_address(request)).actor
    except Unauthenticated:
        actor = _stranger(request)
    with writing(edge.engine, in_the_name_of(actor.id, actor.origin), clock=edge.clock) as session:
        end_session(session, digest(secret), actor.id)
    signing.forget()
    take_session(request, response)
    return response


@router.get("/signin/link/{secret}")
def link(request: Request, edge: Here, signing: Signing, secret: str) -> Response:
    """Show whom a link signs in; looking does not use it up."""
    try:
        links.require_loopback(request.url.hostname, client_address(request))
        with reading(edge.engine, SYSTEM) as session:
            who = links.link_user(session, secret, edge.clock())
    except DomainError as refused:
        return _form(request, signing, "/", refused)
    return _page(request, "signin_link.html", who=who)


@router.post("/signin/link/{secret}")
def follow_link(request: Request, edge: Here, signing: Signing, secret: str, csrf: Csrf = "") -> Response:
    """Use a link up."""
    try:
        links.require_loopback(request.url.hostname, client_address(request))
        _require_form(request, csrf)
        with writing(edge.engine, _stranger(request), clock=edge.clock) as session:
            opened = links.follow_link(session, secret, edge.clock())
    except DomainError as refused:
        return _form(request, signing, "/", refused)
    return _welcome(request, edge, signing, opened, "/")


async def _few_at_a_time() -> AsyncIterator[None]:
    """Let those who go to the provider wait for each other, without a worker thread: it may be slow to answer."""
    yield


_FEW = Depends(_few_at_a_time, scope="function", max_concurrency=2)


@router.get("/signin/oidc", dependencies=[_FEW])
def go_to_provider(request: Request, edge: Here, signing: Signing) -> Response:
    """Send the browser to the provider of single sign-on."""
    try:
        provider = signing.provider
        told = provider.discover()
        with writing(edge.engine, _stranger(request), clock=edge.clock) as session:
            login = oidc.begin_login(session, edge.clock())
    except DomainError as refused:
        return _form(request, signing, "/", refused)
    response = RedirectResponse(provider.address(told, login, _callback(request)), 303)
    response.set_cookie(_SSO_COOKIE, login.state, httponly=True, samesite="lax", secure=is_https(request))
    return response


@router.get("/signin/oidc/callback", dependencies=[_FEW])
def come_from_provider(
    request: Request,
    edge: Here,
    signing: Signing,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """Sign in whom the provider names, in the browser that was sent there."""
    try:
        if not state or request.cookies.get(_SSO_COOKIE) != state:
            raise Unauthenticated(_("This single sign-on is over or was used; begin again"), code="sso_over")
        now, stranger = edge.clock(), _stranger(request)
        with writing(edge.engine, stranger, clock=edge.clock) as session:
            login = oidc.resume_login(session, state, now)
        claims = signing.provider.claims(code, login, _callback(request), now)
        with writing(edge.engine, stranger, clock=edge.clock) as session:
            secret = oidc.sign_in_as(session, signing.provider, claims, now)
    except DomainError as refused:
        return _form(request, signing, "/", refused)
    response = _welcome(request, edge, signing, secret, "/")
    response.delete_cookie(_SSO_COOKIE)
    return response


def _form(
    request: Request, signing: Authenticator, way: str, refused: DomainError | None = None, name: str = ""
) -> Response:
    return _page(
        request,
        "signin.html",
        refused,
        next=own_path(way),
        name=name,
        problem=None if refused is None else refused.message,
        sso=signing.settings.oidc_issuer is not None,
    )


def _page(request: Request, template: str, refused: DomainError | None = None, **values: str | bool | None) -> Response:
    """Return a page with a form that only this browser can send: its field fits the cookie."""
    secret = request.cookies.get(_FORM_COOKIE) or new_secret()
    response = HTMLResponse(
        render(template, csrf=csrf_of(secret), **values), 200 if refused is None else refused.status
    )
    response.set_cookie(_FORM_COOKIE, secret, httponly=True, samesite="lax", secure=is_https(request))
    response.headers["Cache-Control"] = "no-store"
    if isinstance(refused, TooMany):
        response.headers["Retry-After"] = str(refused.retry_after_s)
    return response


def _require_form(request: Request, csrf: str) -> None:
    secret = request.cookies.get(_FORM_COOKIE)
    if secret is None or not is_csrf_of(secret, csrf):
        raise _no_csrf()


def _no_csrf() -> Forbidden:
    return Forbidden(_("The request carries no valid CSRF token; load the page again and repeat"), code="csrf_failed")


def _welcome(request: Request, edge: Edge, signing: Authenticator, secret: str, way: str) -> Response:
    """Give the browser its session and the user's language, and send it on."""
    who = signing.of_session(secret, client_address(request))
    with reading(edge.engine, SYSTEM) as session:
        language = session.get_one(User, who.user_id).language
    response = RedirectResponse(own_path(way), 303)
    give_session(request, response, secret)
    response.set_cookie(LANGUAGE_COOKIE, language, samesite="lax", secure=is_https(request))
    response.delete_cookie(_FORM_COOKIE)
    return response


def own_path(path: str) -> str:
    """Return a path of this site: where somebody wants to go may come from anywhere."""
    return path if _OWN_PATH.fullmatch(path) else "/"


def _stranger(request: Request) -> Actor:
    return in_the_name_of("unknown", client_address(request))


def _callback(request: Request) -> str:
    return str(request.url_for("come_from_provider"))
