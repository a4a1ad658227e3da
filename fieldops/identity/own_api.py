"""Routes of everybody about themselves: sign in and out, password, second factor, tokens.

They work in sessions of the whole network in the user's name, since nobody below it sees the tables of identity, and
never in the request's own: an answer that is kept to be repeated would keep the secret in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from fieldops.identity import accounts, queries
from fieldops.identity.actors import in_the_name_of
from fieldops.identity.authenticator import Authenticator, SignedIn
from fieldops.identity.cookies import client_address, give_session, session_secret, take_session
from fieldops.identity.models import Credential, User
from fieldops.identity.schemas import (
    ChangePassword,
    Confirmation,
    Enrolment,
    IssuedToken,
    NewToken,
    Proof,
    SessionOut,
    SignIn,
    TokenOut,
)
from fieldops.identity.sessions import end_session, end_sessions, open_session
from fieldops.identity.tokens import csrf_of
from fieldops.identity.totp import totp_address
from inventory.kernel.actor import Actor
from inventory.kernel.edge import Edge, Here, Page, Paged
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Forbidden
from inventory.kernel.routes import PUBLIC, Elsewhere, Route, needs
from inventory.kernel.texts import gettext as _

router = APIRouter(tags=["identity"], route_class=Route)

SELF = needs(None, Elsewhere.SHARED)
_FIRST = UUID(int=0)


async def authenticator_of(request: Request) -> Authenticator:
    """Return what tells who acts; the composition root puts it on the application."""
    return cast(Authenticator, request.app.state.authenticator)


Signing = Annotated[Authenticator, Depends(authenticator_of)]


def _who(request: Request, signing: Signing) -> SignedIn:
    return signing.identify(request)


async def _in_person(who: Annotated[SignedIn, Depends(_who)]) -> SignedIn:
    if who.session is None:
        raise Forbidden(_("A token of the API cannot do this; sign in with your password"), code="sign_in_required")
    return who


Who = Annotated[SignedIn, Depends(_who)]
InPerson = Annotated[SignedIn, Depends(_in_person)]
"""Somebody who signed in; API tokens cannot make more of themselves."""


@contextmanager
def _changing(edge: Edge, signing: Authenticator, actor: Actor) -> Iterator[Session]:
    with writing(edge.engine, in_the_name_of(actor.id, actor.origin), clock=edge.clock) as session:
        yield session
    signing.forget()


@router.post("/session", status_code=201, dependencies=[PUBLIC])
def sign_in(request: Request, response: Response, edge: Here, signing: Signing, given: SignIn) -> SessionOut:
    """Sign in with a password; the answer sets the cookie of the session."""
    secret = signing.door.sign_in(given.name, given.password.get_secret_value(), given.code, client_address(request))
    give_session(request, response, secret)
    return _shown(edge, signing.of_session(secret, client_address(request)), secret)


@router.get("/session", dependencies=[SELF])
def session_shown(request: Request, edge: Here, who: Who) -> SessionOut:
    """Tell who is signed in, and what and where the user may do."""
    return _shown(edge, who, session_secret(request) if who.session else None)


@router.delete("/session", status_code=204, dependencies=[SELF])
def sign_out(request: Request, response: Response, edge: Here, signing: Signing, who: InPerson) -> None:
    """Sign out of this browser."""
    with _changing(edge, signing, who.actor) as session:
        end_session(session, who.session or "", who.actor.id)
    take_session(request, response)


@router.delete("/sessions", status_code=204, dependencies=[SELF])
def sign_out_everywhere(request: Request, response: Response, edge: Here, signing: Signing, who: InPerson) -> None:
    """Sign out of every browser."""
    with _changing(edge, signing, who.actor) as session:
        end_sessions(session, who.user_id, who.actor.id)
    take_session(request, response)


@router.put("/session/password", dependencies=[SELF])
def change_password(
    request: Request, response: Response, edge: Here, signing: Signing, who: InPerson, given: ChangePassword
) -> SessionOut:
    """Change one's own password; every other browser is signed out, this one gets a new session."""
    signing.door.prove(who.actor.id, given.current.get_secret_value(), client_address(request))
    password_hash = signing.door.passwords.hash(given.new.get_secret_value())
    with _changing(edge, signing, who.actor) as session:
        accounts.change_own_password(session, session.get_one(User, who.user_id), password_hash)
        secret = open_session(session, who.user_id, who.actor.id, edge.clock(), by="new password")
    give_session(request, response, secret)
    return _shown(edge, who, secret)


@router.post("/session/totp", dependencies=[SELF])
def set_up_totp(request: Request, edge: Here, signing: Signing, who: InPerson, given: Proof) -> Enrolment:
    """Set up a second factor; it is in force once its first code has confirmed it."""
    signing.door.prove(who.actor.id, given.password.get_secret_value(), client_address(request))
    with _changing(edge, signing, who.actor) as session:
        secret = accounts.enrol_totp(session, session.get_one(User, who.user_id))
    return Enrolment(secret=secret, address=totp_address(secret, who.actor.id))


@router.put("/session/totp", dependencies=[SELF])
def confirm_totp(
    request: Request, response: Response, edge: Here, signing: Signing, who: InPerson, given: Confirmation
) -> SessionOut:
    """Put the second factor in force; every other browser is signed out, this one gets a new session."""
    with _changing(edge, signing, who.actor) as session:
        now = edge.clock()
        accounts.confirm_totp(session, session.get_one(User, who.user_id), given.code, now)
        secret = open_session(session, who.user_id, who.actor.id, now, by="second factor")
    give_session(request, response, secret)
    return _shown(edge, who, secret)


@router.post("/session/totp/remove", status_code=204, dependencies=[SELF])
def remove_own_totp(request: Request, edge: Here, signing: Signing, who: InPerson, given: Proof) -> None:
    """Take one's second factor away."""
    signing.door.prove(who.actor.id, given.password.get_secret_value(), client_address(request))
    with _changing(edge, signing, who.actor) as session:
        accounts.remove_totp(session, session.get_one(User, who.user_id))


Whose = Annotated[
    str | None, Query(alias="user", description="Another user's, for those with the right users.write.", max_length=48)
]


@router.get("/tokens", dependencies=[SELF])
def tokens(edge: Here, who: Who, paging: Paged, whose: Whose = None) -> Page[TokenOut]:
    """List tokens, oldest first."""
    (after,) = paging.after((_FIRST,))
    with reading(edge.engine, in_the_name_of(who.actor.id, who.actor.origin)) as session:
        rows = queries.token_page(session, _owner(session, who, whose), after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/tokens", status_code=201, dependencies=[SELF])
def issue_token(edge: Here, signing: Signing, who: InPerson, new: NewToken, whose: Whose = None) -> IssuedToken:
    """Make a token for a program; what it is made of is shown this once."""
    with _changing(edge, signing, who.actor) as session:
        return accounts.issue_token(session, who.actor, _owner(session, who, whose), new, edge.clock())


@router.delete("/tokens/{token}", status_code=204, dependencies=[SELF])
def revoke_token(edge: Here, signing: Signing, who: InPerson, token: UUID, whose: Whose = None) -> None:
    """Revoke a token for good."""
    with _changing(edge, signing, who.actor) as session:
        accounts.revoke_token(session, who.actor, _owner(session, who, whose), token, edge.clock())


def _owner(session: Session, who: SignedIn, whose: str | None) -> User:
    """Return whose tokens are meant; raises Forbidden, NotFound."""
    if whose is None or whose == who.actor.id:
        return session.get_one(User, who.user_id)
    who.actor.require("users.write")
    if not who.actor.scope.everything:
        raise queries.unknown_user(whose)
    return queries.user_row(session, whose)


def _shown(edge: Edge, who: SignedIn, secret: str | None) -> SessionOut:
    actor = who.actor
    with reading(edge.engine, in_the_name_of(actor.id, actor.origin)) as session:
        user = session.get_one(User, who.user_id)
        second_factor = session.get_one(Credential, who.user_id).totp_step is not None
    regions = actor.scope.regions
    return SessionOut(
        name=actor.id,
        display_name=user.display_name,
        language=user.language,
        roles=sorted(actor.roles),
        permissions=sorted(actor.permissions),
        regions=None if regions is None else sorted(regions),
        areas=sorted(actor.scope.areas),
        places=sorted(actor.scope.places),
        second_factor=second_factor,
        csrf=None if secret is None else csrf_of(secret),
    )
