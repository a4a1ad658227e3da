"""Settings of the installation: environment variables with the prefix FIELDOPS_, or a .env file in the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _


class Settings(BaseSettings):
    """What an installation can set; every value has a default that works on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="FIELDOPS_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = Field(default_factory=lambda: f"sqlite:///{user_data_path('fieldops') / 'fieldops.db'}")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080

    odoo_url: str | None = None
    odoo_database: str | None = None
    odoo_user: str | None = None
    odoo_api_key: SecretStr | None = None
    odoo_site: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] = "main"
    odoo_protocol: Literal["auto", "json2", "jsonrpc"] = "auto"
    odoo_timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0

    @field_validator("database_url")
    @classmethod
    def _is_a_database_we_know(cls, url: str) -> str:
        try:
            kind = make_url(url).drivername
        except (ArgumentError, ValueError):
            raise ValueError(_("it is not a database URL; give one such as sqlite:///fieldops.db")) from None
        if kind not in ("sqlite", "postgresql", "postgresql+psycopg"):
            raise ValueError(_("{kind} is not supported; use sqlite or postgresql").format(kind=kind))
        return url.replace("postgresql://", "postgresql+psycopg://", 1)


def load_settings() -> Settings:
    """Read the settings; raises NotReady with one line for each wrong one."""
    try:
        return Settings()
    except UnicodeDecodeError:
        raise NotReady(_("The file .env is not UTF-8 text; save it as UTF-8"), code="wrong_settings") from None
    except ValidationError as wrong:
        lines = [_line(error["loc"], error["msg"]) for error in wrong.errors()]
        raise NotReady(_("Wrong settings: {list}").format(list="; ".join(lines)), code="wrong_settings") from None


def _line(place: tuple[int | str, ...], message: str) -> str:
    name = "_".join(str(part) for part in place).upper()
    return f"FIELDOPS_{name}: {message.removeprefix('Value error, ')}"


def sqlite_url(file: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{file.absolute()}"
