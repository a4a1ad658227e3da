"""Users, roles, sessions and tokens as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from fieldops.identity.models import MemberKind
from fieldops.identity.passwords import PASSWORD_MAX, PASSWORD_MIN
from fieldops.identity.roles import PERMISSIONS
from fieldops.identity.rules import TOKEN_DAYS_MAX
from inventory.kernel.fields import Code, Text
from inventory.kernel.texts import gettext as _

_IN = ConfigDict(extra="forbid", frozen=True)
_RESERVED = frozenset({"system", "local", "unknown"})
"""Names under which the product itself acts."""


def _no_reserved_name(name: str) -> str:
    if name in _RESERVED:
        raise ValueError(_("{name} is a name of the product itself; choose another").format(name=name))
    return name


def _known_permission(permission: str) -> str:
    if permission not in PERMISSIONS:
        raise ValueError(_("there is no right “{permission}”; see those of the roles").format(permission=permission))
    return permission


LoginName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, min_length=1, max_length=48, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$"
    ),
    AfterValidator(_no_reserved_name),
]
"""What a user types to sign in: Latin letters, digits and . _ @ + -, small and capital alike."""

TypedName = Annotated[str, StringConstraints(max_length=48, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What somebody types as a name who may not have one."""

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=200, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
]
Language = Literal["en", "zh_CN"]
NewPassword = Annotated[SecretStr, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX)]
OldPassword = Annotated[SecretStr, Field(max_length=PASSWORD_MAX)]
TotpCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[0-9]{6}$")]
Permission = Annotated[str, StringConstraints(max_length=48), AfterValidator(_known_permission)]
Permissions = Annotated[frozenset[Permission], Field(max_length=len(PERMISSIONS))]


class SignIn(BaseModel):
    """A name and a password, with the code of the authenticator where the account has one."""

    model_config = _IN | ConfigDict(
        json_schema_extra={"examples": [{"name": "noi", "password": "a long sentence of your own", "code": None}]}
    )

    name: TypedName
    password: OldPassword
    code: TotpCode | None = None


class SessionOut(BaseModel):
    """Who is signed in, and what and where the user may do. `regions` null is the whole network.

    `csrf` goes back in the header X-CSRF-Token of every change that is sent with the cookie; null for API tokens.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "noi",
                    "display_name": "Noi Keo",
                    "language": "en",
                    "roles": ["regional_manager"],
                    "permissions": ["dispatch.read", "stock.read"],
                    "regions": ["SEA"],
                    "areas": [],
                    "places": [],
                    "second_factor": False,
                    "csrf": "tV9zQ2Vh",
                }
            ]
        }
    )

    name: str
    display_name: str
    language: str
    roles: list[str]
    permissions: list[str]
    regions: list[str] | None
    areas: list[str]
    places: list[str]
    second_factor: bool
    csrf: str | None


class ChangePassword(BaseModel):
    """One's own password, and the one to have from now on."""

    model_config = _IN | ConfigDict(
        json_schema_extra={
            "examples": [{"current": "a long sentence of your own", "new": "another sentence of your own"}]
        }
    )

    current: OldPassword
    new: NewPassword


class SetPassword(BaseModel):
    """The password that a user is given."""

    model_config = _IN | ConfigDict(json_schema_extra={"examples": [{"password": "a long sentence of your own"}]})

    password: NewPassword


class Proof(BaseModel):
    """One's own password, to prove that it is still oneself."""

    model_config = _IN | ConfigDict(json_schema_extra={"examples": [{"password": "a long sentence of your own"}]})

    password: OldPassword


class Confirmation(BaseModel):
    """A code of the authenticator that was set up."""

    model_config = _IN | ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: TotpCode


class Enrolment(BaseModel):
    """What the authenticator needs: the secret, and the same as an address to be shown as a QR code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"secret": "JBSWY3DPEHPK3PXP", "address": "otpauth://totp/fieldops:noi?secret=JBSWY3DPEHPK3PXP"}
            ]
        }
    )

    secret: str
    address: str


class Member(BaseModel):
    """A part of the network that a user belongs to; only the whole network has no code."""

    model_config = _IN

    kind: MemberKind
    code: Code | None = None

    @model_validator(mode="after")
    def _names_what_it_means(self) -> Self:
        if (self.code is None) != (self.kind is MemberKind.NETWORK):
            raise ValueError(_("give the code of a region, an area or a place; the network has none"))
        return self


class Rights(BaseModel):
    """What a user may do (`roles`) and where (`memberships`); customers see what is their operator's."""

    model_config = _IN | ConfigDict(
        json_schema_extra={
            "examples": [
                {"roles": ["regional_manager"], "memberships": [{"kind": "region", "code": "SEA"}], "operator": None}
            ]
        }
    )

    roles: Annotated[frozenset[Code], Field(max_length=50)] = frozenset()
    memberships: Annotated[frozenset[Member], Field(max_length=1_000)] = frozenset()
    operator: UUID | None = None


class NewUser(Rights):
    """A user to add. The password is set apart; without one only single sign-on lets the user in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "roles": ["regional_manager"],
                    "memberships": [{"kind": "region", "code": "SEA"}],
                    "operator": None,
                    "name": "noi",
                    "display_name": "Noi Keo",
                    "email": "noi@example.com",
                    "language": "en",
                }
            ]
        }
    )

    name: LoginName
    display_name: Text
    email: Email | None = None
    language: Language = "en"


class UserChange(BaseModel):
    """What to change about a user; what is left out stays."""

    model_config = _IN | ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    display_name: Text | None = None
    email: Email | None = None
    language: Language | None = None
    enabled: bool | None = None


class UserOut(BaseModel):
    """A user."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "noi",
                    "display_name": "Noi Keo",
                    "email": "noi@example.com",
                    "language": "en",
                    "enabled": True,
                    "roles": ["regional_manager"],
                    "memberships": [{"kind": "region", "code": "SEA"}],
                    "operator": None,
                    "has_password": True,
                    "second_factor": False,
                    "last_login_at": "2026-03-01T08:00:00Z",
                    "version": 3,
                }
            ]
        }
    )

    name: str
    display_name: str
    email: str | None
    language: str
    enabled: bool
    roles: list[str]
    memberships: list[Member]
    operator: UUID | None
    has_password: bool
    second_factor: bool
    last_login_at: datetime | None
    version: int


class LoginOut(BaseModel):
    """A session in which a user is signed in: since when, last used when, and when it ends at the latest."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "created_at": "2026-03-02T08:00:00Z",
                    "last_seen_at": "2026-03-02T09:10:00Z",
                    "expires_at": "2026-03-02T20:00:00Z",
                }
            ]
        },
    )

    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class LoginLinkOut(BaseModel):
    """A new link that signs a user in once. `link` is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"link": "http://localhost:8000/signin/link/shown-once", "expires_at": "2026-03-02T09:20:00Z"}]
        }
    )

    link: str
    expires_at: datetime


class RolePermissions(BaseModel):
    """The permissions that a role has from now on."""

    model_config = _IN | ConfigDict(json_schema_extra={"examples": [{"permissions": ["dispatch.read", "stock.read"]}]})

    permissions: Permissions


class RoleOut(BaseModel):
    """A role."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "regional_manager",
                    "name": "Regional manager",
                    "permissions": ["dispatch.read", "stock.read"],
                    "version": 1,
                }
            ]
        }
    )

    code: str
    name: str
    permissions: list[str]
    version: int


class NewToken(BaseModel):
    """A token to make; without `permissions` it may do whatever its user may."""

    model_config = _IN | ConfigDict(
        json_schema_extra={"examples": [{"name": "erp-bridge", "days": 90, "permissions": ["stock.read"]}]}
    )

    name: Code
    days: Annotated[int, Field(ge=1, le=TOKEN_DAYS_MAX)] = 30
    permissions: Permissions | None = None


class TokenOut(BaseModel):
    """A token, without what it is made of."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000051",
                    "user": "noi",
                    "name": "erp-bridge",
                    "permissions": ["stock.read"],
                    "created_at": "2026-03-01T09:00:00Z",
                    "expires_at": "2026-05-30T09:00:00Z",
                    "last_used_at": None,
                    "revoked_at": None,
                }
            ]
        }
    )

    id: UUID
    user: str
    name: str
    permissions: list[str] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class IssuedToken(TokenOut):
    """A new token. `token` is shown this once: keep it like a password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000051",
                    "user": "noi",
                    "name": "erp-bridge",
                    "permissions": ["stock.read"],
                    "created_at": "2026-03-01T09:00:00Z",
                    "expires_at": "2026-05-30T09:00:00Z",
                    "last_used_at": None,
                    "revoked_at": None,
                    "token": "fo_shown-once",
                }
            ]
        }
    )

    token: str
