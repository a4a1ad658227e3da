"""Real receivers of posts: they answer as told, and keep what they get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Receiver:
    """A receiver at `url`; `answer` gets how many posts came before and tells the status of the next."""

    url: str = ""
    answer: Callable[[int], int] = lambda _before: 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    released: Event = field(default_factory=Event)
    """A status of 0 hangs until this is set, 1 sends its answer byte by byte without end."""


@contextmanager
def receiving(answer: Callable[[int], int] = lambda _before: 204) -> Iterator[Receiver]:
    """Receive posts on a free port of this machine until the end of the block."""
    receiver = Receiver(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            before = len(receiver.got)
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = receiver.answer(before)
            if status == 0:
                receiver.released.wait(60)
                self.close_connection = True
                return
            if status == 1:
                self._drip()
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            self.close_connection = True
            try:
                while not receiver.released.wait(0.05):
                    self.wfile.write(b"H")
            except OSError:
                return

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
