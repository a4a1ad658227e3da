"""The pages of users and roles: who may sign in, what they may do and where, and what each role allows."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from fieldops.identity import queries
from fieldops.identity.cookies import client_address
from fieldops.identity.links import LOOPBACK, is_demo
from fieldops.identity.models import MemberKind
from fieldops.identity.passwords import PASSWORD_MAX, PASSWORD_MIN
from fieldops.identity.roles import ADMINISTRATOR, PERMISSIONS
from fieldops.identity.rules import TOKEN_DAYS_MAX
from fieldops.identity.schemas import RoleOut
from fieldops.locale.words import words
from fieldops.web.pages.admin_words import action_words, area_words, form_words
from fieldops.web.pages.shell import Frame, Framed, kept
from inventory.kernel.edge import Here, Paged
from inventory.kernel.errors import NotFound
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(prefix="/admin", include_in_schema=False, default_response_class=HTMLResponse)

_ALL = 200
_READERS = needs("users.read", Elsewhere.HIDDEN)
_FIRST = UUID(int=0)
_STATES = {"enabled": True, "disabled": False}


@router.get("/users", dependencies=[_READERS])
def users(
    frame: Framed,
    paging: Paged,
    text: Annotated[str, Query(alias="q", max_length=80)] = "",
    role: Annotated[str, Query(max_length=48)] = "",
    state: Annotated[str, Query(max_length=16)] = "",
) -> str:
    """List users by name, found by a text, a role or whether they may sign in; and let add one."""
    (after,) = paging.after(("",))
    found = queries.user_page(
        frame.session,
        after=after,
        limit=paging.rows,
        text=text.strip(),
        role=role or None,
        enabled=_STATES.get(state),
    )
    return frame.page(
        "admin/users.html",
        page=paging.page(found, lambda one: (one.name,)),
        filters=kept(paging, q=text, role=role, state=state),
        started=paging.cursor is not None,
        roles=_roles(frame),
        may_write=_may_write(frame),
        words=words(),
        page_words=form_words(),
    )


@router.get("/users/{name}", dependencies=[_READERS])
def user(request: Request, frame: Framed, edge: Here, name: str) -> str:
    """Show a user: details, rights, ways to sign in, tokens and the browsers that are signed in."""
    told = queries.user_by_name(frame.session, name)
    row = queries.user_row(frame.session, name)
    here = request.url.hostname in LOOPBACK and client_address(request) != "-"
    return frame.page(
        "admin/user.html",
        user=told,
        networked=any(one.kind is MemberKind.NETWORK for one in told.memberships),
        codes={kind.value: [one.code for one in told.memberships if one.kind is kind] for kind in MemberKind},
        roles=_roles(frame),
        tokens=queries.token_page(frame.session, row, after=_FIRST, limit=_ALL),
        logins=queries.login_page(frame.session, row, edge.clock(), limit=_ALL),
        now=edge.clock(),
        linked=here and is_demo(frame.session),
        may_write=_may_write(frame),
        rights=sorted(queries.permissions_of(frame.session, row.id)),
        length=(PASSWORD_MIN, PASSWORD_MAX),
        days_max=TOKEN_DAYS_MAX,
        words=words(),
        page_words=form_words(),
    )


@router.get("/roles", dependencies=[needs("users.read", Elsewhere.SHARED)])
def roles(frame: Framed, role: Annotated[str, Query(max_length=48)] = "") -> str:
    """Show what each role allows as a table, of one role or of all, and let change it."""
    found = _roles(frame)
    shown = [one for one in found if role in ("", one.code)]
    if not shown:
        raise NotFound(_("There is no role {code} here").format(code=role), code="unknown_role")
    return frame.page(
        "admin/roles.html",
        roles=found,
        shown=shown,
        role=role,
        groups=[(area, list(some)) for area, some in groupby(sorted(PERMISSIONS), lambda one: one.partition(".")[0])],
        held={one.code: frozenset(one.permissions) for one in shown},
        fixed=ADMINISTRATOR,
        may_write=_may_write(frame),
        areas=area_words(),
        actions=action_words(),
        words=words(),
        page_words=form_words(),
    )


def _roles(frame: Frame) -> list[RoleOut]:
    return queries.role_page(frame.session, after="", limit=_ALL)


def _may_write(frame: Frame) -> bool:
    """Tell whether the visitor may change users: that is for those who see the whole network."""
    return frame.shell.may("users.write") and frame.actor.scope.everything
