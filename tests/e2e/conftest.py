"""The browser and the site of the tests of the pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from optimizer.run import Limit
from tests.conftest import NOW
from tests.e2e.browsing import Site
from tests.serving import serving
from tests.worlds import TINY_DATE, load_tiny


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that FIELDOPS_CHROMIUM names."""
    program = os.environ.get("FIELDOPS_CHROMIUM") or shutil.which("chromium")
    assert program, "Chromium is missing; install it (Debian: apt install chromium) or name it in FIELDOPS_CHROMIUM"
    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*quiet, *sandbox])
        yield browser
        browser.close()


@pytest.fixture
def site(engine: Engine) -> Iterator[Site]:
    """The small world as a demonstration, the next day planned."""
    load_tiny(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        set_fact(session, DEMO_DATE, NOW.date().isoformat())
    request = PlanRequest(plan_date=TINY_DATE, limit=Limit(iterations=20))
    make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)
    with serving(create_app(engine, Settings(database_url=str(engine.url)), clock=lambda: NOW)) as address:
        yield Site(address, engine)
