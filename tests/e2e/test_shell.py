"""The frame of every page in Chromium: home, search, palette, regions, colours, languages, the keyboard."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.outbox import emit
from tests.conftest import NOW
from tests.e2e.browsing import Site, come_in, findings, fits, go, visiting

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
        assert fits(page, width)
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


def test_the_second_key_goes_nowhere_else_and_single_keys_are_turned_off(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site, "dispatcher")
        page.evaluate(
            "window.heard = []; document.addEventListener('keydown', (event) => window.heard.push(event.key))"
        )
        page.keyboard.press("g")
        page.keyboard.press("u")  # the menu of a dispatcher has no such entry
        page.keyboard.press("u")
        assert page.evaluate("heard") == ["g", "u"]
        page.keyboard.press("?")
        page.get_by_role("checkbox", name=re.compile("^Single keys act")).uncheck()
        assert findings(page) == []
        page.keyboard.press("Escape")
        page.reload()
        page.locator("html[data-ready]").wait_for(state="attached")
        page.keyboard.press("/")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox", name="Search by number or name")).to_be_focused()


def test_the_stream_comes_back_after_an_answer_that_is_none_and_a_login_that_ended_is_told(
    browser: Browser, site: Site
) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        come_in(page, site)
        broken = context.new_page()
        broken.route(re.compile("/api/v1/events"), lambda route: route.fulfill(status=502, body="<html>"), times=3)
        go(broken, f"{site.address}/plans")
        expect(broken.locator("#connection")).to_contain_text("The connection is lost")
        expect(broken.locator("#connection")).to_have_text("Connected again", timeout=60_000)
        context.clear_cookies()
        broken.route(re.compile(r"/api/v1/events(\?|$)"), lambda route: route.fulfill(status=401, body="{}"))
        broken.evaluate(HIDE, True)
        broken.evaluate(HIDE, False)
        again = broken.get_by_role("link", name="Sign in again")
        expect(again).to_have_attribute("href", "/signin?next=%2Fplans")


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_eight_pages_are_open_and_one_comes_back_with_what_it_missed(browser: Browser, site: Site) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        come_in(page, site)
        page.evaluate(HIDE, True)
        for _ in range(7):
            other = context.new_page()
            other.goto(site.address, timeout=10_000)
            other.locator("html[data-ready]").wait_for(state="attached")
            other.evaluate(HIDE, True)
        before = page.locator("a.bell").get_attribute("data-count")
        with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
            emit(session, "approval.changed", {"number": "AR-9"}, NOW)
        page.wait_for_timeout(300)
        expect(page.locator("a.bell")).to_have_attribute("data-count", before or "")
        page.evaluate(HIDE, False)
        expect(page.locator("a.bell")).to_have_attribute("data-count", str(int(before or 0) + 1))


def test_what_is_between_is_told_when_it_answers_in_place_of_the_server(browser: Browser, site: Site) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        come_in(page, site)
        page.route("**/api/v1/jobs", lambda route: route.fulfill(status=502, body="<html>Bad Gateway</html>"))
        told = page.evaluate(
            "import('/static/js/api.js').then(api => api.ask('GET', '/jobs')).catch(one => one.message)"
        )
        assert told == "Not the server answered, but something between (502); try again in a moment"
