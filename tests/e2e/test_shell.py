"""The frame of every page in Chromium: home, search, palette, regions, colours, languages, the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Site, come_in, findings, go, visiting

pytestmark = pytest.mark.web


def choose(page: Page, name: str) -> None:
    """Choose in the menu of the visitor."""
    page.locator("details.visitor summary").click()
    page.get_by_role("link", name=name, exact=True).click()


@pytest.mark.parametrize("width", [1280, 360])
def test_home_says_what_needs_the_visitor(browser: Browser, site: Site, width: int) -> None:
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site)
        urgent = page.get_by_role("region", name=re.compile("^Aircraft on ground"))
        expect(urgent.get_by_text("Brake seized after landing")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        due = urgent.locator("time").first
        due.hover()
        expect(due).to_have_attribute("title", re.compile("^Your time: "))
        assert findings(page) == []


def test_a_job_is_found_by_a_word_of_its_title(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.get_by_role("searchbox", name="Search by number or name").fill("brake")
        page.keyboard.press("Enter")
        expect(page.get_by_role("main").get_by_text("Brake seized after landing")).to_be_visible()
        assert findings(page) == []
        page.goto(f"{site.address}/search?q=nothing-like-it")
        expect(page.get_by_text("Nothing is called like")).to_be_visible()


def test_the_palette_leads_to_a_plan_by_keyboard_alone(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.keyboard.press("/")
        field = page.get_by_role("combobox", name="Search by number or name")
        expect(field).to_be_focused()
        page.keyboard.type("P-0000")
        option = page.get_by_role("option").filter(has_text="P-000001")
        expect(option).to_have_attribute("aria-selected", "true")
        assert findings(page) == []
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site.address}/plans/P-000001")
        page.locator("html[data-ready]").wait_for(state="attached")
        page.keyboard.press("g")
        page.keyboard.press("h")
        expect(page).to_have_url(f"{site.address}/")
        page.locator("html[data-ready]").wait_for(state="attached")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        assert findings(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_region_that_is_chosen_stays(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.get_by_role("combobox", name="Region").select_option("CN")
        expect(page.get_by_role("main").get_by_text("Brake seized after landing")).to_have_count(0)
        go(page, f"{site.address}/plans/P-000001")
        expect(page.get_by_text("A check, package 1")).to_be_visible()
        expect(page.get_by_text("Brake seized after landing")).to_have_count(0)
        page.get_by_role("combobox", name="Region").select_option("")
        expect(page.get_by_text("Brake seized after landing")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "background"),
    [("Light", "rgb(246, 247, 249)"), ("Dark", "rgb(18, 23, 30)"), ("High contrast", "rgb(255, 255, 255)")],
)
def test_the_colours_are_chosen_whatever_the_device_wants(
    browser: Browser, site: Site, theme: str, background: str
) -> None:
    with visiting(browser, site, color_scheme="light") as page:
        come_in(page, site)
        choose(page, theme)
        expect(page.locator("body")).to_have_css("background-color", background)
        assert findings(page) == []


def test_the_reader_chooses_the_language_and_stays_on_the_page(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        go(page, f"{site.address}/plans/P-000001")
        choose(page, "中文")
        expect(page.get_by_role("heading", level=1)).to_have_text("2026年3月2日星期一")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        assert findings(page) == []
        choose(page, "English")
        expect(page.get_by_role("heading", level=1)).to_have_text("Monday, March 2, 2026")


def test_the_keyboard_skips_to_the_content(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
