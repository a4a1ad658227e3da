"""The arithmetic of the chain: what one link covers, and its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What stands in the first link for the hash of the link before."""

FIELDS = (
    "id",
    "at",
    "actor",
    "origin",
    "request_id",
    "action",
    "subject",
    "subject_key",
    "audience",
    "before",
    "after",
)
"""What a link covers of an audit row. Never changed: the hashes of the past were made of exactly these."""


SEALED_WITHIN = timedelta(minutes=10)
"""A row that was sealed later than this after it was written is remarked upon: the worker seals each minute."""


def covered(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a link covers, ready for JSON: an audit row and the instant of its sealing, None before that.

    `row` holds what the database keeps, read without types: a value that somebody made unreadable is covered as it
    stands, and then has another hash.
    """
    told = {name: row[name] for name in FIELDS}
    for name in ("before", "after"):
        told[name] = _document(told[name])
    return told | {"at": _instant(row["at"]), "sealed_at": _instant(row["sealed_at"])}


def sealed_late(covered: Mapping[str, Any]) -> bool:
    """Tell whether a sealed row was sealed later than SEALED_WITHIN, also where its instants cannot be read."""
    try:
        written, sealed = (datetime.fromisoformat(covered[name]) for name in ("at", "sealed_at"))
        return sealed - written > SEALED_WITHIN
    except (TypeError, ValueError):
        return True


def link_hash(previous: str, covered: Mapping[str, Any]) -> str:
    """Return the hash, in hex, of the link behind the one with the hash `previous`."""
    # sorted and in ASCII, so that one row has one form; a lone surrogate could not be written in UTF-8
    canonical = json.dumps(covered, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(f"{previous}{canonical}".encode()).hexdigest()


def _document(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if not isinstance(value, datetime):
        return value
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")
