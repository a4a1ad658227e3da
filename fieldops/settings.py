"""Settings of the installation: environment variables with the prefix FIELDOPS_, or a .env file in the folder."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from fieldops.locale.validation import told
from integrations.notify.mail import SmtpSender, require_address
from integrations.travel import FileFault, read_profile, read_timetable
from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _


def _is_a_network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(_("{text} is no address or network; give one such as 10.0.0.0/24").format(text=text)) from None
    return text


Network = Annotated[str, AfterValidator(_is_a_network)]


class Settings(BaseSettings):
    """What an installation can set; every value has a default that works on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="FIELDOPS_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = Field(default_factory=lambda: f"sqlite:///{user_data_path('fieldops') / 'fieldops.db'}")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "http://localhost:8080"

    # who stands on job cards and certificates
    organisation: Annotated[str, Field(min_length=1, max_length=200)] = "Maintenance organisation"

    odoo_url: str | None = None
    odoo_database: str | None = None
    odoo_user: str | None = None
    odoo_api_key: SecretStr | None = None
    odoo_site: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] = "main"
    odoo_protocol: Literal["auto", "json2", "jsonrpc"] = "auto"
    odoo_timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0

    # travel times: a table service for ways by road, a timetable of flights, how people travel else
    travel_url: Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")] | None = None
    travel_timeout_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    travel_points_max: Annotated[int, Field(ge=2, le=10_000)] = 100
    travel_flights: Path | None = None
    travel_profile: Path | None = None

    @field_validator("travel_flights")
    @classmethod
    def _is_a_timetable(cls, path: Path | None) -> Path | None:
        try:
            if path is not None:
                read_timetable(path)
        except FileFault as wrong:
            raise ValueError(_("it is no timetable of flights: {why}").format(why=wrong)) from None
        return path

    @field_validator("travel_profile")
    @classmethod
    def _is_a_travel_profile(cls, path: Path | None) -> Path | None:
        try:
            if path is not None:
                read_profile(path)
        except FileFault as wrong:
            raise ValueError(_("it is no travel profile: {why}").format(why=wrong)) from None
        return path

    # the edge: names and proxies (comma-separated), limits, log
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    proxy: Annotated[tuple[Network, ...], NoDecode] = ()
    api_per_minute: Annotated[int, Field(ge=1)] = 600
    submissions_per_minute: Annotated[int, Field(ge=1)] = 6
    processes: Annotated[int, Field(ge=1, le=256)] = 1
    log: Literal["auto", "console", "json"] = "auto"

    @field_validator("allowed_hosts", "proxy", mode="before")
    @classmethod
    def _is_a_list(cls, text: object) -> object:
        return [one.strip() for one in text.split(",") if one.strip()] if isinstance(text, str) else text

    # the worker: how many operations at once, where, and how much memory each may take
    workers: Annotated[int, Field(ge=2, le=64)] = 2
    worker_inside: bool = True
    executor: Literal["process", "dask"] = "process"
    dask_scheduler: str | None = None
    memory_mb: Annotated[int, Field(ge=512)] = 2_048
    network_memory_mb: Annotated[int, Field(ge=512)] = 6_144

    # the outside: where mail goes (a folder, without a server), and whether webhooks may reach private networks
    smtp_url: SecretStr | None = None
    mail_from: str = "fieldops@localhost"
    mail_folder: Path = Field(default_factory=lambda: user_data_path("fieldops") / "mail")
    webhook_private: bool = False

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            if url is not None:
                SmtpSender(url.get_secret_value())
        except ValueError:
            raise ValueError(_("it is no mail server; give one such as smtp://user:password@host:587")) from None
        return url

    @field_validator("mail_from")
    @classmethod
    def _is_a_mail_address(cls, address: str) -> str:
        try:
            require_address(address)
        except ValueError:
            raise ValueError(_("{address} is no mail address; correct it").format(address=address)) from None
        return address

    # single sign-on, in force where issuer, id and secret are set; whether its users cannot choose their own names
    oidc_issuer: Annotated[str, Field(max_length=400)] | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_trust_username: bool = False

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
        lines = [_line(error["loc"], told(error)) for error in wrong.errors()]
        raise NotReady(_("Wrong settings: {list}").format(list="; ".join(lines)), code="wrong_settings") from None


def _line(place: tuple[int | str, ...], message: str) -> str:
    return f"FIELDOPS_{str(place[0]).upper()}: {message}"


def sqlite_url(file: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{file.absolute()}"
