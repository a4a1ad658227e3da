"""Tables of identity.

What proves who somebody is (`Credential`, `UserIdentity`, `LoginSession`, `ApiToken`, `LoginLink`,
`CalendarSecret`) stands apart from
the person, and random values are kept as their hash only. Uses are not written to the audit trail row by row; the
services record them by name.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import PRIVATE, SHARED, declare
from inventory.kernel.types import text_enum

HASH = String(64)
"""A SHA-256 in hexadecimal digits."""


class MemberKind(StrEnum):
    """What a membership opens: the whole network, a region, a dispatch area or one place."""

    NETWORK = "network"
    REGION = "region"
    AREA = "area"
    PLACE = "place"


@declare(PRIVATE)
class User(Identified, Versioned, Base):
    """Somebody who can sign in. `name` is the login name and stands in every record of what the user did."""

    __tablename__ = "user_account"

    name: Mapped[str] = mapped_column(String(48), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(200), index=True)
    language: Mapped[str] = mapped_column(String(8))
    enabled: Mapped[bool] = mapped_column(default=True)
    operator_id: Mapped[UUID | None]


@declare(PRIVATE, audited=False)
class Credential(Base):
    """How a user proves who it is; without a password only single sign-on and login links let the user in.

    A second factor is in force once `totp_step` is set: the 30-second step of the last code that was accepted, so that
    no code counts twice.
    """

    __tablename__ = "credential"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]
    last_login_at: Mapped[datetime | None]


@declare(PRIVATE)
class UserIdentity(Base):
    """Who a user is at a provider of single sign-on: bound at the first login there, and the only match ever after."""

    __tablename__ = "user_identity"
    __table_args__ = (UniqueConstraint("issuer", "user_id"),)

    issuer: Mapped[str] = mapped_column(String(400), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)


@declare(SHARED)
class Role(Versioned, Base):
    """A set of permissions under a name."""

    __tablename__ = "role"

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class RolePermission(Base):
    """A role has a permission."""

    __tablename__ = "role_permission"

    role: Mapped[str] = mapped_column(ForeignKey("role.code"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(48), primary_key=True)


@declare(PRIVATE)
class UserRole(Base):
    """A user has a role."""

    __tablename__ = "user_role"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(ForeignKey("role.code"), primary_key=True, index=True)


@declare(PRIVATE)
class Membership(Base):
    """A user belongs to a part of the network; `code` names it, "*" for the whole."""

    __tablename__ = "membership"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    kind: Mapped[MemberKind] = mapped_column(text_enum(MemberKind), primary_key=True)
    code: Mapped[str] = mapped_column(String(48), primary_key=True)


@declare(PRIVATE, audited=False)
class LoginSession(Base):
    """A browser that is signed in; `id` is the hash of what its cookie holds."""

    __tablename__ = "login_session"

    id: Mapped[str] = mapped_column(HASH, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


@declare(PRIVATE, audited=False)
class ApiToken(Identified, Base):
    """A program's key to the API in a user's name; `permissions` null is all that the user has."""

    __tablename__ = "api_token"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(48))
    digest: Mapped[str] = mapped_column(HASH, unique=True)
    permissions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@declare(PRIVATE, audited=False)
class LoginLink(Base):
    """An address that signs a user in once; its row goes when it is used."""

    __tablename__ = "login_link"

    digest: Mapped[str] = mapped_column(HASH, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


@declare(PRIVATE, audited=False)
class CalendarSecret(Base):
    """What a user's calendar is read with, without a login, and nothing else; a user has one at most."""

    __tablename__ = "calendar_secret"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(HASH, unique=True)
    created_at: Mapped[datetime]


@declare(PRIVATE, audited=False)
class LoginThrottle(Base):
    """How often somebody failed to sign in lately: an account or an address, as `key` says."""

    __tablename__ = "login_throttle"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    since: Mapped[datetime]
    attempts: Mapped[int]
    strikes: Mapped[int]
    blocked_until: Mapped[datetime] = mapped_column(index=True)


@declare(PRIVATE, audited=False)
class OidcLogin(Base):
    """A browser that was sent to the provider of single sign-on and has not come back yet."""

    __tablename__ = "oidc_login"

    state: Mapped[str] = mapped_column(HASH, primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[datetime] = mapped_column(index=True)
