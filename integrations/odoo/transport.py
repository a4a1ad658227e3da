"""Odoo's two remote protocols behind one call, each a subclass of odoo-client-lib's connection over our own channel."""

from __future__ import annotations

import itertools
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from odoolib.json2 import Json2Connection, Json2Connector, JsonModel
from odoolib.rpc import Connection, JsonRPCConnector, Service
from odoolib.tools import AuthenticationError

from integrations.odoo.errors import OdooProtocolError, error_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from integrations.odoo.channel import HttpChannel
    from integrations.odoo.settings import OdooSettings

OLDEST_MAJOR = 16
FIRST_MAJOR_WITH_JSON2 = 19


class Transport(Protocol):
    """Calls methods of Odoo's models."""

    def call(self, model: str, method: str, /, **arguments: object) -> Any:
        """Return what Odoo returned, numbers with a fraction as Decimal. Raises OdooError.

        Only for methods of a whole model (search_read, load, fields_get): JSON-RPC takes record ids by position only.
        """


def open_transport(settings: OdooSettings, channel: HttpChannel) -> Transport:
    """Return the transport that the settings name; for `auto` ask the server for its version.

    Raises OdooError when the server cannot be asked or is too old.
    """
    protocol = settings.protocol
    if protocol == "auto":
        protocol = "json2" if server_major(channel) >= FIRST_MAJOR_WITH_JSON2 else "jsonrpc"
    return Json2Transport(settings, channel) if protocol == "json2" else JsonRpcTransport(settings, channel)


def server_major(channel: HttpChannel) -> int:
    """Return the major version of the server, for which no login is needed. Raises OdooError, also for one too old."""
    reply = channel.get("/web/version")  # since 19; the JSON-RPC service goes away after it
    version = reply.body if reply.status == 200 else JsonRpcConnector(channel).get_service("common").version()
    info = version.get("version_info", version.get("server_version_info")) if isinstance(version, dict) else None
    number = re.search(r"\d+", str(info[0])) if isinstance(info, list) and info else None  # 17 or "saas~17"
    if number is None:
        raise _not_odoo()
    major = int(number[0])
    if major < OLDEST_MAJOR:
        raise OdooProtocolError(f"this is Odoo {major}: the bridge needs Odoo {OLDEST_MAJOR} or newer")
    return major


class JsonRpcTransport:
    """JSON-RPC, logging in at the first call."""

    def __init__(self, settings: OdooSettings, channel: HttpChannel) -> None:
        api_key = settings.api_key.get_secret_value()
        self._connection = Connection(JsonRpcConnector(channel), settings.database, settings.user, api_key)

    def call(self, model: str, method: str, /, **arguments: object) -> Any:
        connection = self._connection
        try:
            connection.check_login(force=False)
        except AuthenticationError:
            raise error_of({"name": "odoo.exceptions.AccessDenied"}) from None
        # not through the library's Model: its search_read is two calls, in two transactions
        execute = connection.get_service("object").execute_kw
        return execute(connection.database, connection.user_id, connection.password, model, method, [], arguments)


class JsonRpcConnector(JsonRPCConnector):  # type: ignore[misc]  # the library is untyped
    """The library's connector over our channel."""

    def __init__(self, channel: HttpChannel) -> None:
        self.url = "/jsonrpc"  # the channel knows the server
        self._channel = channel
        self._ids = itertools.count(1)

    def get_service(self, service_name: str) -> SilentService:
        return SilentService(self, service_name)

    def send(self, service_name: str, method: str, *args: object) -> Any:
        parameters = {"service": service_name, "method": method, "args": args}
        envelope = {"jsonrpc": "2.0", "method": "call", "params": parameters, "id": next(self._ids)}
        reply = self._channel.post(self.url, envelope)
        if reply.status != 200 or not isinstance(reply.body, dict):
            raise _not_odoo()
        if "error" in reply.body:
            error = reply.body["error"]
            raise _error_of(error.get("data") if isinstance(error, dict) else None)
        return reply.body.get("result")


class SilentService(Service):  # type: ignore[misc]  # the library is untyped
    """The library's service without its debug log, which would write the API key."""

    connector: JsonRpcConnector
    service_name: str

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):  # else copying or inspecting this object would call Odoo
            raise AttributeError(method)
        return partial(self.connector.send, self.service_name, method)


class Json2Transport:
    """JSON-2, with the API key in every call."""

    def __init__(self, settings: OdooSettings, channel: HttpChannel) -> None:
        api_key = settings.api_key.get_secret_value()
        self._connection = Json2PooledConnection(Json2PooledConnector(channel), settings.database, api_key)

    def call(self, model: str, method: str, /, **arguments: object) -> Any:
        return getattr(self._connection.get_model(model), method)(**arguments)


class Json2PooledConnector(Json2Connector):  # type: ignore[misc]  # the library is untyped
    """The library's connector over our channel."""

    def __init__(self, channel: HttpChannel) -> None:
        self.url = "/json/2/"  # the channel knows the server
        self.channel = channel


class Json2PooledConnection(Json2Connection):  # type: ignore[misc]  # the library is untyped
    """The library's connection, giving out our models."""

    connector: Json2PooledConnector
    bearer_header: dict[str, str]

    def get_model(self, model_name: str) -> Json2Model:
        return Json2Model(self, model_name)


class Json2Model(JsonModel):  # type: ignore[misc]  # the library is untyped
    """A model whose methods take keywords only: positions would need the right to read Odoo's own documentation."""

    connection: Json2PooledConnection

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):  # else copying or inspecting this object would call Odoo
            raise AttributeError(method)
        return partial(self._post, self._url(method))

    def _post(self, path: str, /, **arguments: object) -> Any:
        reply = self.connection.connector.channel.post(path, arguments, headers=self.connection.bearer_header)
        if not reply.is_json:  # an unknown database is a page, not JSON
            raise _not_odoo()
        if reply.status != 200:
            raise _error_of(reply.body)
        return reply.body


def _error_of(fault: object) -> Exception:
    return error_of(fault) if isinstance(fault, dict) else _not_odoo()


def _not_odoo() -> OdooProtocolError:
    return OdooProtocolError(
        "what answers is not this Odoo database: check the address, the database name and any proxy or login page"
    )
