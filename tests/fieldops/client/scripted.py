"""A server that answers as a test tells it, since a real one does not fail on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = tuple[int, dict[str, str], str] | None
"""Status, headers and body; None cuts the connection instead."""


@dataclass
class Script:
    """What is answered, in order, and what was asked."""

    answers: list[Answer]
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    address: str = ""


@contextmanager
def scripted(*answers: Answer) -> Iterator[Script]:
    """Serve the answers on a free port of this machine."""
    script = Script(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append(
                (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            )
            told = script.answers.pop(0)
            self.close_connection = True
            if told is None:
                return
            status, headers, body = told
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - names of the library

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        script.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
