"""The declarative base of every table in the product, with one naming convention for constraints."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from uuid_utils.compat import uuid7

from inventory.kernel.errors import Stale
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import UtcDateTime

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables; aware datetimes map to UtcDateTime."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {datetime: UtcDateTime}


class Identified:
    """Mixin of exposed records: a UUIDv7 key, unguessable and in order of creation."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


class Versioned:
    """Mixin of records that several people change: `version` counts the changes, and is the record's ETag.

    SQLAlchemy raises StaleDataError when two transactions change the same version.
    """

    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a directive of the class
        return {"version_id_col": cls.version}


def require_version(now: int, wanted: int) -> None:
    """Raise Stale where a record has another version than the request wants to change."""
    if now != wanted:
        raise Stale(
            _("You change version {wanted}, but it is at version {now} now; read it again and repeat").format(
                wanted=wanted, now=now
            ),
            code="stale",
            version=now,
        )
