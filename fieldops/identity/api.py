"""Routes of those who manage users and roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import event
from sqlalchemy.orm import Session

from fieldops.identity import accounts, links, queries, service
from fieldops.identity.cookies import client_address
from fieldops.identity.own_api import Signing
from fieldops.identity.schemas import (
    LoginLinkOut,
    LoginOut,
    NewUser,
    Rights,
    RoleOut,
    RolePermissions,
    SetPassword,
    UserChange,
    UserOut,
)
from inventory.kernel.edge import PAGE_MAX, Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.engine import writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, show_once, tag

router = APIRouter(tags=["identity"], route_class=Route)


def _managing(session: Writing, signing: Signing) -> Session:
    event.listen(session, "after_commit", lambda _session: signing.forget())
    return session


Managing = Annotated[Session, Depends(_managing)]
"""The unit of work of a request that changes who may do what; once it is committed, nothing old is remembered."""


@router.get("/users", dependencies=[needs("users.read", Elsewhere.HIDDEN)])
def users(session: Reading, paging: Paged) -> Page[UserOut]:
    """List users, by name."""
    (after,) = paging.after(("",))
    return paging.page(queries.user_page(session, after=after, limit=paging.rows), lambda one: (one.name,))


@router.post("/users", status_code=201, dependencies=[needs("users.write", Elsewhere.REFUSED)])
def add_user(session: Managing, actor: Acting, response: Response, user: NewUser) -> UserOut:
    """Add a user; the password is set apart."""
    service.add_user(session, actor, user)
    return _shown(session, user.name, response)


@router.get("/users/{name}", dependencies=[needs("users.read", Elsewhere.HIDDEN)])
def user(session: Reading, name: str, response: Response) -> UserOut:
    """Show a user."""
    return _shown(session, name, response)


@router.patch("/users/{name}", dependencies=[needs("users.write", Elsewhere.HIDDEN)])
def change_user(
    session: Managing, actor: Acting, name: str, change: UserChange, version: Changing, response: Response
) -> UserOut:
    """Change what is given about a user; `enabled` false signs the user out and keeps it out."""
    service.change_user(session, actor, name, change, version)
    return _shown(session, name, response)


@router.put("/users/{name}/rights", dependencies=[needs("users.write", Elsewhere.HIDDEN)])
def set_rights(
    session: Managing,
    actor: Acting,
    name: str,
    rights: Rights,
    version: Changing,
    response: Response,
) -> UserOut:
    """Replace what a user may do and where; the user must sign in again."""
    service.set_rights(session, actor, name, rights, version)
    return _shown(session, name, response)


@router.put("/users/{name}/password", status_code=204, dependencies=[needs("users.write", Elsewhere.HIDDEN)])
def set_password(actor: Acting, edge: Here, signing: Signing, name: str, given: SetPassword) -> None:
    """Give a user a password; the user must sign in again."""
    password_hash = signing.door.passwords.hash(given.password.get_secret_value())
    # not the request's session: what it answers could be kept with a hash of the password
    with writing(edge.engine, actor, clock=edge.clock) as session:
        service.set_password(session, actor, name, password_hash)
    signing.forget()


@router.delete("/users/{name}/totp", status_code=204, dependencies=[needs("users.write", Elsewhere.HIDDEN)])
def remove_totp(session: Managing, actor: Acting, name: str) -> None:
    """Take a lost second factor away from a user."""
    found = queries.user_row(session, name)
    service.require_reach(session, actor, found)
    accounts.remove_totp(session, found)


@router.get("/users/{name}/sessions", dependencies=[needs("users.read", Elsewhere.HIDDEN)])
def user_sessions(session: Reading, edge: Here, name: str) -> list[LoginOut]:
    """List in how many browsers a user is signed in, the one used last first."""
    return queries.login_page(session, queries.user_row(session, name), edge.clock(), limit=PAGE_MAX)


@router.delete("/users/{name}/sessions", status_code=204, dependencies=[needs("users.write", Elsewhere.HIDDEN)])
def sign_user_out(session: Managing, actor: Acting, name: str) -> None:
    """Sign a user out of every browser."""
    service.sign_out(session, actor, name)


@router.post("/users/{name}/link", status_code=201, dependencies=[needs("users.write", Elsewhere.HIDDEN)])
def make_link(request: Request, session: Writing, actor: Acting, edge: Here, name: str) -> LoginLinkOut:
    """Make a link that signs a user of a demonstration in once, within ten minutes, on this machine only."""
    show_once(request, "link")
    links.require_loopback(request.url.hostname, client_address(request))
    return links.link_for(session, actor, str(request.base_url), name, edge.clock())


@router.get("/roles", dependencies=[needs("users.read", Elsewhere.SHARED)])
def roles(session: Reading, paging: Paged) -> Page[RoleOut]:
    """List roles with their permissions, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.role_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.get("/roles/{code}", dependencies=[needs("users.read", Elsewhere.SHARED)])
def role(session: Reading, code: str, response: Response) -> RoleOut:
    """Show a role."""
    return _shown_role(session, code, response)


@router.put("/roles/{code}", dependencies=[needs("users.write", Elsewhere.REFUSED)])
def set_permissions(
    session: Managing,
    actor: Acting,
    code: str,
    role: RolePermissions,
    version: Changing,
    response: Response,
) -> RoleOut:
    """Replace the permissions of a role, for everybody who has it."""
    service.set_permissions(session, actor, code, role.permissions, version)
    return _shown_role(session, code, response)


def _shown(session: Session, name: str, response: Response) -> UserOut:
    told = queries.user_by_name(session, name)
    tag(response, told.version)
    return told


def _shown_role(session: Session, code: str, response: Response) -> RoleOut:
    told = queries.role_by_code(session, code)
    tag(response, told.version)
    return told
