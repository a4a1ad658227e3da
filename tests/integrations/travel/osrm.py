"""A small table service that answers as OSRM does: by a speed of its own, or as badly as it is told to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATH = re.compile(r"/table/v1/driving/([-\d.,;]+)")
Where = tuple[float, float]
"""Latitude and longitude."""


def uphill(origin: Where, destination: Where) -> tuple[float, float] | None:
    """Seconds and metres: a hundred kilometres and an hour a degree, half as long again northwards."""
    degrees = abs(origin[0] - destination[0]) + abs(origin[1] - destination[1])
    return degrees * (5400.25 if destination[0] > origin[0] else 3600.25), degrees * 100_000


@dataclass
class Osrm:
    """A service at `url`; `asked` keeps how many origins and destinations each request had.

    `way` tells seconds and metres, None where there is no road. `spoil` gets the number of requests before and the
    answer, and returns status and body: bytes, or what becomes JSON. With `hangs` it never ends its answer.
    """

    url: str = ""
    way: Callable[[Where, Where], tuple[float, float] | None] = uphill
    spoil: Callable[[int, dict[str, Any]], tuple[int, object]] = lambda _before, told: (200, told)
    points_max: int = 100
    hangs: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    def table(self, path: str) -> tuple[int, object]:
        """Return status and body of an answer."""
        url = urlsplit(path)
        places, query = PATH.fullmatch(url.path), parse_qs(url.query)
        assert places is not None, path
        assert query["annotations"] == ["duration,distance"]
        points = [(float(lat), float(lon)) for lon, lat in (one.split(",") for one in places[1].split(";"))]
        origins, destinations = (
            [points[int(one)] for one in query[name][0].split(";")] for name in ("sources", "destinations")
        )
        before = len(self.asked)
        self.asked.append((len(origins), len(destinations)))
        if len(points) > self.points_max:
            return 400, {"code": "TooBig", "message": "Too many table coordinates"}
        ways = [[self.way(one, other) for other in destinations] for one in origins]
        told = {
            "code": "Ok",
            "durations": [[way and way[0] for way in row] for row in ways],
            "distances": [[way and way[1] for way in row] for row in ways],
        }
        return self.spoil(before, told)


@contextmanager
def serving_tables(**changes: Any) -> Iterator[Osrm]:
    """Serve on a free port of this machine until the end of the block."""
    osrm = Osrm(**changes)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, told = osrm.table(self.path)
            if osrm.hangs:
                self._drip()
                return
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _drip(self) -> None:
            self.close_connection = True
            try:
                while not osrm.released.wait(0.02):
                    self.wfile.write(b"H")
            except OSError:
                return

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    osrm.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield osrm
    finally:
        osrm.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
