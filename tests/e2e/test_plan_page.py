"""The page of the day plan in Chromium: seen, without errors, without asking any other machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from optimizer.run import Limit
from tests.conftest import NOW
from tests.serving import serving
from tests.worlds import TINY_DATE, load_tiny

pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
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
def site(engine: Engine) -> Iterator[str]:
    """The address of the small world, its day planned."""
    load_tiny(engine)
    request = PlanRequest(plan_date=TINY_DATE, limit=Limit(iterations=20))
    make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)
    with serving(create_app(engine, Settings(database_url=str(engine.url)), clock=lambda: NOW)) as address:
        yield address


class Witness:
    """Notes what a page complains of, and what it asks of other machines."""

    def __init__(self, page: Page, site: str) -> None:
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._site = site
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.startswith(self._site):
            self.foreign.append(request.url)

    def is_content(self) -> bool:
        """True when there was nothing to note."""
        return not self.complaints and not self.foreign


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_plan_is_seen_and_fits_the_screen(browser: Browser, site: str, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    witness = Witness(page, site)
    page.goto(site)
    expect(page.get_by_role("heading", name="Monday, March 2, 2026")).to_be_visible()
    for table in ("Jobs by technician", "Jobs without a technician", "Held for approval", "Budget"):
        expect(page.get_by_role("region", name=table, exact=True).get_by_role("table")).to_be_visible()
    expect(page.get_by_role("cell", name="Brake seized after landing")).to_be_visible()
    expect(page.get_by_text("AOG", exact=True).first).to_be_visible()
    expect(page.get_by_role("meter", name="Used of SEA Labour")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    backgrounds = {"light": "rgb(251, 251, 249)", "dark": "rgb(18, 23, 30)"}
    expect(page.locator("body")).to_have_css("background-color", backgrounds[scheme])
    assert witness.is_content(), (witness.complaints, witness.foreign)
    context.close()


def test_the_keyboard_skips_to_the_content_and_goes_to_a_region(browser: Browser, site: str) -> None:
    page = browser.new_page()
    witness = Witness(page, site)
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="CN", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("A check, package 1")).to_be_visible()
    expect(page.get_by_text("Brake seized after landing")).to_have_count(0)
    assert witness.is_content(), (witness.complaints, witness.foreign)
    page.close()


def test_the_reference_of_the_api_needs_no_other_machine(browser: Browser, site: str) -> None:
    page = browser.new_page()
    witness = Witness(page, site)
    page.goto(f"{site}/api/v1/docs")
    expect(page.get_by_text("/api/v1/plans/day")).to_be_visible()
    page.locator("summary").first.click()
    expect(page.locator("details").first.get_by_role("table")).to_be_visible()
    assert witness.is_content(), (witness.complaints, witness.foreign)
    page.close()
