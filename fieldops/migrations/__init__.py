"""The database schema: bring it up to date, and refuse to work on one that does not fit the code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _


def upgrade(engine: Engine) -> None:
    """Create or upgrade the schema; raises NotReady when the database is newer than this program."""
    found = _revision(engine)
    if found is not None:
        _refuse_newer(found)
    config = _config()
    with _migrating(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction in which SQLite may put a new table in place of one that others refer to.

    It looks at the references once, at the end; a pragma for that works only outside a transaction.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"a row of {broken[0]} would refer to no row of {broken[2]}")
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def require_current(engine: Engine) -> None:
    """Raise NotReady unless the schema is exactly this program's."""
    found = _revision(engine)
    if found is None:
        raise NotReady(
            _(
                "The database {database} is empty; run “fieldops migrate”, or “fieldops demo” for a demonstration"
            ).format(database=_name(engine)),
            code="no_schema",
        )
    _refuse_newer(found)
    if found != ScriptDirectory.from_config(_config()).get_current_head():
        raise NotReady(
            _("The database {database} is older than this program; run “fieldops migrate”").format(
                database=_name(engine)
            ),
            code="schema_old",
        )


def wipe(engine: Engine) -> None:
    """Drop every table of the product; for demonstration databases, which are made anew."""
    from fieldops.migrations.tables import metadata

    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION IF EXISTS refuse_audit_change"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _name(engine: Engine) -> str:
    """Return the address of a database without its password, for whoever means another one."""
    return engine.url.render_as_string()


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(found: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found not in known:
        raise NotReady(
            _("The database is newer than this program (schema {found}); install a newer fieldops").format(found=found),
            code="schema_newer",
        )
