"""How soon the table of stock of 545 places by 200 parts stands on the screen, every cell of it with stock."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from benchmarks.ledger import BATCH, NOW, network
from benchmarks.report import Result
from fieldops.app import create_app
from fieldops.identity.links import login_link
from fieldops.identity.roles import seed_roles
from fieldops.migrations import upgrade
from fieldops.settings import Settings, sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets
from tests.serving import serving

COLUMNS = 200
LOADS = 5
"""How often the page is loaded, each time by a browser that has never seen it."""

_PAINTED = """
(() => {
  const look = () => {
    if (document.querySelectorAll("[role=gridcell]").length < 20) return requestAnimationFrame(look);
    const note = () => { document.documentElement.dataset.painted = performance.now(); };
    requestAnimationFrame(() => requestAnimationFrame(note));
  };
  requestAnimationFrame(look);
  const wait = () => {
    if (!document.querySelector("[data-complete]")) return setTimeout(wait, 5);
    document.documentElement.dataset.whole = performance.now();
  };
  wait();
})();
"""


def heat_table(*, quick: bool = False) -> list[Result]:
    """Return medians: `heat_table_ms` from the request to two frames after a screen full of cells is there,
    `heat_whole_ms` until also those are there that nobody has scrolled to.
    """
    with stocked() as engine, served(engine) as (address, browser):
        times = [load(engine, browser, address) for _load in range(2 if quick else LOADS)]
    case = "sqlite 545 places x 200 parts"
    return [
        Result(case, "heat_table_ms", median(seen for seen, _whole in times), "ms"),
        Result(case, "heat_whole_ms", median(whole for _seen, whole in times), "ms"),
    ]


@contextmanager
def stocked() -> Iterator[Engine]:
    """Yield a database of its own in which each place holds each of the first parts, and wants more of every third."""
    with TemporaryDirectory() as folder:
        engine = open_engine(sqlite_url(Path(folder) / "heat.db"))
        with closing_engine(engine):
            upgrade(engine)
            parts, places = network(engine)
            cells = [(place, part) for place in places for part in parts[:COLUMNS]]
            for start in range(0, len(cells), BATCH):
                moves = [
                    NewMove(
                        part=part, origin="OPENING", destination=place, quantity=Decimal(1 + at % 7), document="OPENING"
                    )
                    for at, (place, part) in enumerate(cells[start : start + BATCH])
                ]
                with writing(engine, SYSTEM, clock=lambda: NOW) as session:
                    post(session, SYSTEM, moves, NOW)
            wanted = [NewTarget(part=part, place=place, quantity=Decimal(4)) for place, part in cells[::3]]
            with writing(engine, SYSTEM, clock=lambda: NOW) as session:
                set_targets(session, SYSTEM, wanted)
                seed_roles(session)
                set_fact(session, DEMO_DATE, NOW.date().isoformat())
            yield engine


@contextmanager
def closing_engine(engine: Engine) -> Iterator[None]:
    """Give the connections back in the end."""
    try:
        yield
    finally:
        engine.dispose()


@contextmanager
def served(engine: Engine) -> Iterator[tuple[str, Browser]]:
    """Serve a database, and yield its address and a browser."""
    program = os.environ.get("FIELDOPS_CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise RuntimeError("Chromium is missing; install it, or name it in FIELDOPS_CHROMIUM")
    app = create_app(engine, Settings(database_url=engine.url.render_as_string(hide_password=False)), clock=lambda: NOW)
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with ExitStack() as stack:
        address = stack.enter_context(serving(app))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=program, args=["--disable-background-networking", *sandbox]
        )
        stack.callback(browser.close)
        yield address, browser


def load(engine: Engine, browser: Browser, address: str) -> tuple[float, float]:
    """Return the milliseconds of one cold load until it is seen and until it is whole, by somebody who is signed in."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        link = login_link(session, address, "administrator", NOW)
    with closing(browser.new_context(viewport={"width": 1400, "height": 900})) as context:
        page = context.new_page()
        page.goto(link)
        page.get_by_role("button", name=re.compile("^Sign in as")).click()
        page.wait_for_load_state("load")
        page.add_init_script(_PAINTED)
        page.goto(f"{address}/stock")
        times = []
        for name in ("data-painted", "data-whole"):
            page.locator(f"html[{name}]").wait_for(state="attached")
            times.append(float(page.locator("html").get_attribute(name) or "nan"))
        return times[0], times[1]
