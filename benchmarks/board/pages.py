"""How soon the server answers each page of the product, on a demonstration.

The pages are those that the application has: each that needs no argument, and one of each that is about something, as
another page or its own data links to it. What no page leads to is named on standard error.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from fastapi.routing import APIRoute
from sqlalchemy import Engine

from benchmarks.board.site import serving
from benchmarks.report import Result
from fieldops.demo.crew import LOGINS
from fieldops.identity.accounts import issue_token as issue
from fieldops.identity.queries import user_row
from fieldops.identity.schemas import NewToken
from fieldops.settings import sqlite_url
from fieldops.web.pages.routes import ROUTERS
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine, writing
from tests.accounts import issue_token

TIMES = 3
TRIED_MAX = 4
"""So many links to a page are tried: some lead to what is not there yet."""
SLOW_MS = 400.0
"""Pages above that are named on standard error."""
_LINK = re.compile(r"""["'](/[^"'<>\\\s]*)["']""")
_ACTS = re.compile(r"^/(language|theme|region)\b")
"""What these answer is where to go next."""


def slowest_page(*, quick: bool = False) -> list[Result]:
    """Return the slowest page, the median of three answers of each, at scale `region`, in short at scale `small`."""
    scale = "small" if quick else "region"
    with demonstration(scale) as url, serving(url) as address:
        engine = open_engine(url)
        found = dict(times(engine, address))
        engine.dispose()
    for path, milliseconds in sorted(found.items(), key=lambda one: -one[1]):
        if milliseconds > SLOW_MS:
            sys.stderr.write(f"{milliseconds:8.0f} ms {path}\n")
    case = f"sqlite {scale}, {len(found)} pages"
    return [
        Result(case, "slowest_page_ms", max(found.values()), "ms"),
        Result(case, "page_ms_p50", median(found.values()), "ms"),
    ]


@contextmanager
def demonstration(scale: str) -> Iterator[str]:
    """Yield the address of a database with a demonstration, a plan of its targets and one of its dispatch."""
    with TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder, "pages.db"))
        environment = os.environ | {"FIELDOPS_DATABASE_URL": url}
        for command in (
            ["demo", "--scale", scale, "--no-serve"],
            ["plan", "stock-targets", "--budget", "3000000"],
            ["plan", "dispatch", "--iterations", "100"],
        ):
            told = [sys.executable, "-m", "fieldops", *command]
            subprocess.run(told, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own program
        yield url


def times(engine: Engine, address: str) -> Iterator[tuple[str, float]]:
    """Yield each page and the milliseconds until it is answered, to an administrator or to somebody in the field."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    routes = [route for route in routes if "GET" in (route.methods or ()) and not _ACTS.match(route.path)]
    seen: set[str] = set()
    for token in _tokens(engine):
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
            asked = {route.path: [route.path] for route in routes if "{" not in route.path}
            while asked:
                links: list[str] = []
                for path, known in asked.items():
                    answer, link = _first(client, known)
                    links += _links(answer)
                    if answer and path not in seen:
                        yield path, median(_time(client, link) for _again in range(TIMES))
                    seen |= {path} if answer else set()
                asked = {path: known for path, known in _leading_to(routes, links).items() if path not in seen}
    for path in sorted({route.path for route in routes} - seen):
        sys.stderr.write(f"not visited: {path}\n")


def _first(client: httpx.Client, links: Sequence[str]) -> tuple[str, str]:
    """Return what is answered to the first link that is, and the link; nothing where none is."""
    for link in links[:TRIED_MAX]:
        answer = client.get(link)
        if answer.status_code == httpx.codes.OK:
            return answer.text, link
    return "", ""


def _time(client: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - begun) * 1000


def _links(text: str) -> list[str]:
    links = _LINK.findall(unescape(text.replace("\\u0026", "&")))
    return [link.split("#")[0] for link in links]


def _leading_to(routes: Sequence[APIRoute], links: Iterable[str]) -> dict[str, list[str]]:
    """Return {path of a route: links that lead there}; a link leads to the first route that takes it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for link in dict.fromkeys(links):
        owner = next((route.path for route in routes if route.path_regex.match(link.split("?")[0])), None)
        if owner is not None:
            found[owner].append(link)
    return dict(found)


def _tokens(engine: Engine) -> Iterator[str]:
    now = system_clock()
    yield issue_token(engine, "bench", roles=["administrator"], now=now)
    with writing(engine, SYSTEM) as session:
        token = issue(session, SYSTEM, user_row(session, LOGINS[0]), NewToken(name="bench", days=1), now)
    yield token.token
