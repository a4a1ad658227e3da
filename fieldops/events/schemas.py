"""Events and webhooks as they come in and go out."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from fieldops.events.models import DeliveryState
from inventory.kernel.fields import Code
from inventory.kernel.texts import gettext as _


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _can_be_posted_to(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError(_("it is no address to post to; give one such as https://example.org/hook"))
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ValueError(_("events leave this machine by https only; give an address that begins with https://"))
    return url


KindPrefix = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_.]*$")]
"""The beginning of a kind of event, such as “job.”."""

HookAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^[\x21-\x7e]+$"),
    AfterValidator(_can_be_posted_to),
]
"""An https address; http for this machine only."""

Kinds = Annotated[tuple[KindPrefix, ...], Field(max_length=50)]


class EventOut(BaseModel):
    """An event. `audience` is “*” for everybody, “-” for the whole network's staff, or the code of a region."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "number": 4711,
                    "kind": "job.changed",
                    "audience": "SEA",
                    "area": "SEA",
                    "place": "VTE",
                    "happened_at": "2026-03-02T06:00:00Z",
                    "payload": {"number": "J-104"},
                }
            ]
        },
    )

    number: int
    kind: str
    audience: str
    area: str | None
    place: str | None
    happened_at: datetime
    payload: dict[str, Any]


class NewWebhook(BaseModel):
    """An address to post events to; `region` may be left out by whoever has exactly one, or the whole network."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"url": "https://erp.example.com/hooks/fieldops", "kinds": ["job."], "region": "SEA", "enabled": True}
            ]
        },
    )

    url: HookAddress
    kinds: Kinds = ()
    region: Code | None = None
    enabled: bool = True


class WebhookChange(BaseModel):
    """What to change of a webhook; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"enabled": False}]})

    url: HookAddress | None = None
    kinds: Kinds | None = None
    enabled: bool | None = None


class WebhookOut(BaseModel):
    """A webhook, without its secret. `owner` is who added or changed it last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000061",
                    "version": 1,
                    "url": "https://erp.example.com/hooks/fieldops",
                    "kinds": ["job."],
                    "region": "SEA",
                    "enabled": True,
                    "owner": "01900000-0000-7000-8000-000000000007",
                    "created_at": "2026-03-01T09:00:00Z",
                }
            ]
        }
    )

    id: UUID
    version: int
    url: str
    kinds: list[str]
    region: str
    enabled: bool
    owner: str
    created_at: datetime


class WebhookAdded(WebhookOut):
    """A webhook that was just added; the secret is told now and never again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000061",
                    "version": 1,
                    "url": "https://erp.example.com/hooks/fieldops",
                    "kinds": ["job."],
                    "region": "SEA",
                    "enabled": True,
                    "owner": "01900000-0000-7000-8000-000000000007",
                    "created_at": "2026-03-01T09:00:00Z",
                    "secret": "whsec_shown-once",
                }
            ]
        }
    )

    secret: str


class DeliveryOut(BaseModel):
    """The delivery of one event; without `number` it is a test."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000071",
                    "number": 4711,
                    "state": "done",
                    "attempts": 1,
                    "queued_at": "2026-03-02T06:00:00Z",
                    "next_at": "2026-03-02T06:00:00Z",
                    "ended_at": "2026-03-02T06:00:01Z",
                    "last_status": 204,
                    "last_error": None,
                }
            ]
        }
    )

    id: UUID
    number: int | None
    state: DeliveryState
    attempts: int
    queued_at: datetime
    next_at: datetime
    ended_at: datetime | None
    last_status: int | None
    last_error: str | None
