"""A server on loopback that speaks Odoo's remote protocols: JSON-RPC up to version 19, JSON-2 from 19 on."""

from __future__ import annotations

import inspect
import json
import sys
import threading
from collections import deque
from enum import Enum, auto
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.integrations.odoo.records import Fault, Records

DATABASE, USER, USER_ID = "erp", "bridge", 5
API_KEY = "0123456789abcdef0123456789abcdef01234567"
METHODS = {"search_read", "read", "fields_get", "load"}
DEBUG = 'Traceback (most recent call last):\n  File "/srv/odoo/http.py", line 1, in dispatch\n'
NO_DATABASE = "<!DOCTYPE html>\n<title>404 Not Found</title>\n<p>No database is selected.</p>\n"
NOT_FOUND, UNPROCESSABLE = "werkzeug.exceptions.NotFound", "werkzeug.exceptions.UnprocessableEntity"
STATUS = {
    "werkzeug.exceptions.BadRequest": 400,
    "werkzeug.exceptions.Unauthorized": 401,
    "odoo.exceptions.AccessDenied": 403,
    "odoo.exceptions.AccessError": 403,
    "odoo.exceptions.MissingError": 404,
    NOT_FOUND: 404,
    "odoo.exceptions.UserError": 422,
    "odoo.exceptions.ValidationError": 422,
    UNPROCESSABLE: 422,
}


class Trouble(Enum):
    """What may befall a call on its way."""

    SILENCE = auto()
    """Carried out, but no answer comes while the stub lives."""
    DROP = auto()
    """Carried out, then the connection is closed."""
    BAD_GATEWAY = auto()
    """A proxy answers 502 with a page."""
    TOO_MANY = auto()
    """A proxy answers 429 and names 7 seconds."""
    LOGIN_PAGE = auto()
    """A proxy answers 200 with a page."""
    GARBAGE = auto()
    """A proxy answers 200 with JSON cut short."""
    LOST_RACE = auto()
    """load() reports that another transaction was faster."""


class OdooStub:
    """One server with one database, to be used in a `with` block."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.records = Records(version)
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.connections = 0
        self.defects: list[BaseException | None] = []
        self.closing = threading.Event()
        self._troubles: dict[str, deque[Trouble | Fault]] = {}
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        assert not self.defects, self.defects

    def next(self, method: str, *troubles: Trouble | Fault) -> None:
        """Let the next calls of a method run into these troubles, one each."""
        self._troubles.setdefault(method, deque()).extend(troubles)

    def trouble_of(self, method: str) -> Trouble | Fault | None:
        """Take the trouble that waits for a call of this method."""
        waiting = self._troubles.get(method)
        return waiting.popleft() if waiting else None

    def execute(self, model: str, method: str, args: list[Any], kwargs: dict[str, Any], *, json2: bool) -> Any:
        """Run a method as Odoo's dispatcher does. Raises Fault, which the two protocols name differently."""
        if method.startswith("_"):
            raise Fault(
                "odoo.exceptions.AccessError", f"Private methods (such as '{model}.{method}') cannot be called."
            )
        if model not in self.records.tables:
            raise Fault(NOT_FOUND if json2 else "odoo.exceptions.UserError", f"the model '{model}' does not exist")
        if method not in METHODS:
            name = NOT_FOUND if json2 else "builtins.AttributeError"
            raise Fault(name, f"The method '{model}.{method}' does not exist")
        try:
            inspect.signature(getattr(self.records, method)).bind(model, *args, **kwargs)
        except TypeError as error:
            raise Fault(UNPROCESSABLE if json2 else "builtins.TypeError", str(error)) from None
        with self._lock:
            self.calls.append((model, method, kwargs))
            return self.records.call(model, method, *args, **kwargs)


class _Server(ThreadingHTTPServer):
    def __init__(self, stub: OdooStub) -> None:
        self.stub = stub
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.stub.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, *_: object) -> None:
        error = sys.exception()
        if not isinstance(error, ConnectionError):  # a client that went away is part of the game
            self.stub.defects.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"  # keeps connections, as Odoo's do
    wbufsize = -1  # head and body in one packet, else each answer waits 40 ms for an acknowledgement

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet."""

    def do_GET(self) -> None:
        if self.path in ("/web/version", "/json/version") and self.server.stub.version >= 19:
            version = self.server.stub.version
            self._json(200, {"version_info": [version, 0, 0, "final", 0, ""], "version": f"{version}.0"})
        else:
            self._page(404, NO_DATABASE)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/jsonrpc" and self.server.stub.version < 20:
            self._jsonrpc(json.loads(text))
        elif self.path.startswith("/json/2/") and self.server.stub.version >= 19:
            self._json2(text)
        else:
            self._page(404, NO_DATABASE)

    def _jsonrpc(self, envelope: dict[str, Any]) -> None:
        call = envelope["params"]
        answer = {"jsonrpc": "2.0", "id": envelope["id"]}
        try:
            if call["service"] == "object":
                database, user_id, password, model, method, args, kwargs = call["args"]
                if (database, user_id, password) != (DATABASE, USER_ID, API_KEY):
                    raise Fault("odoo.exceptions.AccessDenied", "Access Denied")
                self._execute(model, method, args, kwargs, lambda result: answer | {"result": result})
            else:
                self._json(200, answer | {"result": self._common(call["method"], call["args"])})
        except Fault as fault:
            code = 0 if self.server.stub.version >= 19 else 200
            error = {"code": code, "message": "Odoo Server Error", "data": _fault_body(fault)}
            self._json(200, answer | {"error": error})

    def _common(self, method: str, args: list[Any]) -> Any:
        version = self.server.stub.version
        if method == "version":
            serie = f"{version}.0"
            info = [version, 0, 0, "final", 0, ""]
            return {
                "server_version": serie,
                "server_version_info": info,
                "server_serie": serie,
                "protocol_version": 1,
            }
        database, user, password = args
        if database != DATABASE:
            raise Fault("psycopg2.OperationalError", f'FATAL:  database "{database}" does not exist\n')
        return USER_ID if (user, password) == (USER, API_KEY) else False

    def _json2(self, text: bytes) -> None:
        if self.headers["x-odoo-database"] != DATABASE:
            return self._page(404, NO_DATABASE)
        try:
            if self.headers["authorization"] != f"Bearer {API_KEY}":
                raise Fault("werkzeug.exceptions.Unauthorized", "Invalid apikey")
            try:
                model, method = self.path.removeprefix("/json/2/").split("/")
            except ValueError:
                raise Fault(NOT_FOUND, "Did you mean POST /json/2/<model>/<method>?") from None
            try:
                kwargs = json.loads(text)
            except ValueError as error:
                raise Fault("werkzeug.exceptions.BadRequest", f"could not parse the body as json: {error}") from None
            self._execute(model, method, [], kwargs, lambda result: result)
        except Fault as fault:
            self._json(STATUS.get(fault.name, 500), _fault_body(fault))

    def _execute(self, model: str, method: str, args: list[Any], kwargs: dict[str, Any], answer: Any) -> None:
        stub = self.server.stub
        execute = partial(stub.execute, model, method, args, kwargs, json2=self.path != "/jsonrpc")
        match stub.trouble_of(method):
            case Fault() as fault:
                raise fault
            case Trouble.BAD_GATEWAY:
                self._page(502, "<html><h1>502 Bad Gateway</h1></html>")
            case Trouble.TOO_MANY:
                self._page(429, "<html><h1>429 Too Many Requests</h1></html>", retry_after="7")
            case Trouble.LOGIN_PAGE:
                self._page(200, "<html><h1>Please log in</h1></html>")
            case Trouble.GARBAGE:
                self._send(200, b'{"result": [', "application/json")
            case Trouble.LOST_RACE:
                message = "could not serialize access due to concurrent update\n"
                place = {"rows": {"from": 0, "to": 0}, "record": 0, "type": "error", "message": message}
                self._json(200, answer({"ids": False, "messages": [place], "nextrow": 0}))
            case Trouble.SILENCE:
                execute()
                stub.closing.wait()
                self.close_connection = True
            case Trouble.DROP:
                execute()
                self.close_connection = True
            case None:
                self._json(200, answer(execute()))

    def _json(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode(), "application/json; charset=utf-8")

    def _page(self, status: int, text: str, *, retry_after: str | None = None) -> None:
        self._send(status, text.encode(), "text/html; charset=utf-8", retry_after)

    def _send(self, status: int, body: bytes, content_type: str, retry_after: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)


def _fault_body(fault: Fault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "message": fault.message,
        "arguments": [fault.message],
        "context": {},
        "debug": DEBUG + fault.message,
    }
