"""How soon the table of stock of 545 places by 200 parts stands on the screen, every cell of it with stock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser
from sqlalchemy import Engine

from benchmarks.board.site import chromium, serving, signed_in
from benchmarks.ledger import BATCH, NOW, PLACES, network
from benchmarks.report import Result
from fieldops.identity.roles import seed_roles
from fieldops.migrations import upgrade
from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets

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
    `heat_whole_ms` until also those are there that nobody has scrolled to. In short, a tenth of the places has stock.
    """
    with stocked(PLACES // 10 if quick else PLACES) as (url, engine), serving(url) as address, chromium() as browser:
        times = [load(engine, browser, address) for _load in range(2 if quick else LOADS)]
    case = "sqlite 545 places x 200 parts"
    return [
        Result(case, "heat_table_ms", median(seen for seen, _whole in times), "ms"),
        Result(case, "heat_whole_ms", median(whole for _seen, whole in times), "ms"),
    ]


@contextmanager
def stocked(most: int) -> Iterator[tuple[str, Engine]]:
    """Yield a database of its own in which some places hold each of the first parts, and want more of every third."""
    with TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder, "heat.db"))
        engine = open_engine(url)
        upgrade(engine)
        parts, places = network(engine)
        cells = [(place, part) for place in places[:most] for part in parts[:COLUMNS]]
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
        yield url, engine
        engine.dispose()


def load(engine: Engine, browser: Browser, address: str) -> tuple[float, float]:
    """Return the milliseconds of one cold load until it is seen and until it is whole."""
    page = signed_in(browser, engine, address)
    network_of_page = page.context.new_cdp_session(page)
    network_of_page.send("Network.enable")
    network_of_page.send("Network.clearBrowserCache")
    page.add_init_script(_PAINTED)
    page.goto(f"{address}/stock")
    times = []
    for name in ("data-painted", "data-whole"):
        page.locator(f"html[{name}]").wait_for(state="attached")
        times.append(float(page.locator("html").get_attribute(name) or "nan"))
    page.context.close()
    return times[0], times[1]
