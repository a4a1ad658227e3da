"""The pages of plans in Chromium: a step looked at before it is taken, two plans beside each other, why, a new one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from fieldops.app import create_app
from fieldops.dispatch.models import Job
from fieldops.planning.service import PlanRequest
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from optimizer.run import Limit
from tests.conftest import NOW
from tests.e2e.browsing import Site, come_in, findings, fits, go, visiting
from tests.faults.working import working
from tests.worlds import TINY_DATE

pytestmark = pytest.mark.web

WAIT_MS = 90_000


def proposed(site: Site) -> str:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    return make_dispatch_plan(site.engine, SYSTEM, request, clock=lambda: NOW).plan


def dialog(page: Page) -> None:
    """Wait until the dialog of a step says something."""
    expect(page.get_by_role("dialog").get_by_role("status")).not_to_contain_text("Looking", timeout=WAIT_MS)


def test_a_plan_is_compared_published_and_undone_by_mouse(browser: Browser, site: Site) -> None:
    number = proposed(site)
    with visiting(browser, site, viewport={"width": 1400, "height": 900}) as page:
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        go(page, f"{site.address}/plans")
        page.get_by_label("Compare plan").select_option(number)
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{number} beside P-000001")
        expect(page.get_by_role("img", name=f"What plan {number} costs")).to_be_visible(timeout=WAIT_MS)
        assert findings(page) == []
        page.get_by_role("button", name="Publish…").click()
        dialog(page)
        expect(page.get_by_role("dialog")).to_contain_text(f"SEA {number}")
        assert findings(page) == []
        page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
        expect(page.locator("#toasts")).to_contain_text(f"Plan {number} is in force", timeout=WAIT_MS)
        page.get_by_role("button", name="Undo…").click()
        dialog(page)
        expect(page.get_by_role("dialog")).to_contain_text("SEA P-000001")
        page.get_by_role("dialog").get_by_role("button", name="Undo", exact=True).click()
        expect(page.locator("#toasts")).to_contain_text(f"Plan {number} is undone", timeout=WAIT_MS)
        expect(page.locator(".who").get_by_text("withdrawn").first).to_be_visible()


def test_each_thing_that_stands_against_a_plan_is_named_by_keyboard_alone(browser: Browser, site: Site) -> None:
    number = proposed(site)
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Job).where(Job.number == "J-2").values(version=Job.version + 1))
    with visiting(browser, site) as page:
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        go(page, f"{site.address}/plans/{number}")
        page.get_by_role("button", name="Publish…").focus()
        page.keyboard.press("Enter")
        dialog(page)
        shown = page.get_by_role("dialog")
        expect(shown).to_contain_text("job J-2 was changed, dispatched or closed")
        expect(shown.get_by_role("link", name="J-2")).to_have_attribute("href", "/board?job=J-2")
        expect(shown.get_by_role("button", name="Publish", exact=True)).to_be_hidden()
        assert findings(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Withdraw…").focus()
        page.keyboard.press("Enter")
        expect(shown.get_by_role("button", name="Withdraw", exact=True)).to_be_focused(timeout=WAIT_MS)
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text(f"Plan {number} is withdrawn", timeout=WAIT_MS)


def test_a_new_plan_is_followed_to_what_it_does_otherwise(browser: Browser, site: Site) -> None:
    kinds = create_app(site.engine, Settings(database_url=str(site.engine.url)), clock=lambda: NOW).state.kinds
    with visiting(browser, site) as page, working(site.engine, kinds):
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        go(page, f"{site.address}/plans")
        page.get_by_role("button", name="New plan…").click()
        assert findings(page) == []
        page.get_by_label("Seconds to search").fill("2")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("A plan in the making")
        expect(page).to_have_url(re.compile(r"/plans/compare\?plan=P-000002"), timeout=WAIT_MS)


def test_a_plan_in_the_making_is_stopped(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:  # nobody works, so it waits
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        go(page, f"{site.address}/plans")
        page.get_by_role("button", name="New plan…").click()
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("progressbar", name="Progress of the plan")).to_be_visible()
        assert findings(page) == []
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_role("progressbar")).to_be_hidden(timeout=WAIT_MS)
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()


@pytest.mark.parametrize(("width", "language"), [(360, "zh_CN"), (1400, "en")])
def test_the_pages_of_plans_fit_every_screen(browser: Browser, site: Site, width: int, language: str) -> None:
    number = proposed(site)
    with visiting(browser, site, viewport={"width": width, "height": 800}) as page:
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        page.goto(f"{site.address}/language/{language}")
        paths = ("", "/P-000001", f"/compare?plan={number}", "/P-000001/why?about=J-1", "/P-000001/why?part=LAMP-1")
        for path in paths:
            go(page, f"{site.address}/plans{path}")
            assert fits(page, width), path
            assert findings(page) == [], path
        if language == "zh_CN":
            expect(page.get_by_text("如何移动，为何从该处")).to_be_visible()


def test_why_a_job_is_where_it_is_leads_to_its_parts(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        go(page, f"{site.address}/plans/P-000001")
        page.get_by_label("Why is it planned so?").fill("j-1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Brake seized after landing")
        expect(page.get_by_role("table").first).to_be_visible()
        page.get_by_role("region", name="Its parts").get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="What moves, and why from there")).to_be_visible()
