"""The page of the day plan in Chromium: seen, without errors, without asking any other machine."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.identity.links import login_link
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from optimizer.run import Limit
from tests.conftest import NOW
from tests.fieldops.identity.site import PASSWORD, add_user, region
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


@dataclass(frozen=True)
class Site:
    """A served world: its address, and the database behind."""

    address: str
    engine: Engine

    def link(self, role: str) -> str:
        """A new login link of the demonstration's user of a role."""
        with writing(self.engine, SYSTEM, clock=lambda: NOW) as session:
            return login_link(session, self.address, role, NOW)


@pytest.fixture
def site(engine: Engine) -> Iterator[Site]:
    """The small world as a demonstration, its day planned."""
    load_tiny(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        set_fact(session, DEMO_DATE, TINY_DATE.isoformat())
    request = PlanRequest(plan_date=TINY_DATE, limit=Limit(iterations=20))
    make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)
    with serving(create_app(engine, Settings(database_url=str(engine.url)), clock=lambda: NOW)) as address:
        yield Site(address, engine)


@contextmanager
def visiting(browser: Browser, site: Site, **options: Any) -> Iterator[Page]:
    """A page of a browser of its own; in the end it must not have complained, nor asked any other machine."""
    with closing(browser.new_context(**options)) as context:
        page = context.new_page()
        witness = Witness(page, site.address)
        yield page
        assert witness.is_content(), (witness.complaints, witness.foreign)


def come_in(page: Page, site: Site, role: str = "administrator") -> None:
    """Sign in by a login link."""
    page.goto(site.link(role))
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Monday, March 2, 2026")


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
def test_the_plan_is_seen_and_fits_the_screen(browser: Browser, site: Site, scheme: str, width: int) -> None:
    backgrounds = {"light": "rgb(251, 251, 249)", "dark": "rgb(18, 23, 30)"}
    with visiting(browser, site, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(f"{site.address}/signin")
        expect(page.locator("body")).to_have_css("background-color", backgrounds[scheme])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        come_in(page, site)
        for table in ("Jobs by technician", "Jobs without a technician", "Held for approval", "Budget"):
            expect(page.get_by_role("region", name=table, exact=True).get_by_role("table")).to_be_visible()
        expect(page.get_by_role("cell", name="Brake seized after landing")).to_be_visible()
        expect(page.get_by_text("AOG", exact=True).first).to_be_visible()
        expect(page.get_by_role("meter", name="Used of SEA Labour")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.locator("body")).to_have_css("background-color", backgrounds[scheme])


@pytest.mark.parametrize("width", [1280, 400])
def test_the_seat_of_each_row_is_seen(browser: Browser, site: Site, width: int) -> None:
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site)
        row = page.get_by_role("region", name="Jobs by technician").get_by_role("row").filter(has_text="A check")
        expect(row.get_by_role("cell").last).to_have_text("Mechanic")
        expect(row.get_by_role("cell").last).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_user_signs_in_where_the_way_led_and_out_again(browser: Browser, site: Site) -> None:
    add_user(site.engine, "noi", ["regional_manager"], [region("SEA")])
    with visiting(browser, site) as page:
        page.goto(f"{site.address}/plans/P-000001?region=SEA")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.get_by_label("Name").fill("noi")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{site.address}/plans/P-000001?region=SEA")
        expect(page.get_by_role("banner")).to_contain_text("noi")
        expect(page.get_by_text("Brake seized after landing")).to_be_visible()
        expect(page.get_by_text("A check, package 1")).to_have_count(0)
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(f"{site.address}/signin")
        page.goto(site.address)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert [one["name"] for one in page.context.cookies()].count("fieldops_session") == 0


def test_a_wrong_password_is_said_without_losing_the_name(browser: Browser, site: Site) -> None:
    add_user(site.engine, "noi", ["regional_manager"], [region("SEA")])
    with closing(browser.new_context()) as context:  # the browser itself notes the 401 on its console
        page = context.new_page()
        page.goto(f"{site.address}/signin")
        page.get_by_label("Name").fill("noi")
        page.get_by_label("Password").fill("something else entirely")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")
        expect(page.get_by_label("Name")).to_have_value("noi")
        expect(page.get_by_label("Password")).to_have_value("")


def test_the_reader_chooses_the_language(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.get_by_role("link", name="中文").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("2026年3月2日星期一")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Monday, March 2, 2026")


def test_the_keyboard_skips_to_the_content_and_goes_to_a_region(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
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


def test_the_reference_of_the_api_needs_no_other_machine(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        page.goto(f"{site.address}/api/v1/docs")
        expect(page.get_by_text("/api/v1/plans/day")).to_be_visible()
        record = page.locator("details:has(table)").first
        record.locator("summary").click()
        expect(record.get_by_role("table")).to_be_visible()
