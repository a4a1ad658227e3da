"""Alembic's environment: runs on the connection that `fieldops.migrations` hands over."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from fieldops.migrations.tables import metadata


def _plain_types(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write column types as what the database stores, so that old revisions outlive changes of our classes."""
    if kind != "type":
        return False
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    if isinstance(item, sa.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_plain_types,
)
with context.begin_transaction():
    context.run_migrations()
