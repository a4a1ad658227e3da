"""Target plans in Chromium: a region is planned, a line decided otherwise, the plan accepted and taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldops.settings import Settings
from fieldops.work import all_kinds
from tests.e2e.browsing import Site, come_in, findings, fits, go, visiting
from tests.faults.working import working
from tests.planned import add_planned

pytestmark = pytest.mark.web

WAIT_MS = 90_000


def reloaded(page: Page) -> None:
    """Wait until a step is done and the page shows what came of it."""
    expect(page.get_by_role("dialog")).to_be_hidden(timeout=WAIT_MS)
    page.locator("html[data-ready]").wait_for(state="attached")


@pytest.mark.parametrize("width", [1400, 360])
def test_a_plan_is_made_changed_accepted_and_taken_back(browser: Browser, site: Site, width: int) -> None:
    add_planned(site.engine)
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site, "regional_manager")
        go(page, f"{site.address}/target-plans")
        assert findings(page) == []
        page.get_by_label("Money for more pieces").fill("30000")
        with working(site.engine, all_kinds(Settings(database_url=str(site.engine.url)))):
            page.get_by_role("button", name="Start").click()
            expect(page).to_have_url(re.compile(r"/target-plans/T-\d+$"), timeout=WAIT_MS)
        page.locator("html[data-ready]").wait_for(state="attached")
        expect(page.locator("figure svg")).to_be_visible(timeout=WAIT_MS)
        assert findings(page) == []
        assert fits(page, width)
        page.get_by_role("button", name="Decide otherwise…").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Target").fill("5")
        dialog.get_by_label("Why").fill("own spare")
        dialog.get_by_role("button", name="What would that do?").click()
        expect(dialog.get_by_role("status")).to_contain_text("more than planned cost", timeout=WAIT_MS)
        assert findings(page) == []
        dialog.get_by_role("button", name="Do it").click()
        reloaded(page)
        expect(page.get_by_text("own spare").first).to_be_visible()
        page.get_by_role("button", name="Accept all open lines…").click()
        expect(dialog.get_by_role("status")).to_contain_text("targets would change", timeout=WAIT_MS)
        dialog.get_by_role("button", name="Do it").click()
        reloaded(page)
        expect(page.get_by_text("Accepted", exact=True).first).to_be_visible()
        page.get_by_role("button", name="Take back…").click()
        dialog.get_by_label("Why").fill("a mistake")
        dialog.get_by_role("button", name="Do it").click()
        reloaded(page)
        expect(page.get_by_text("a mistake")).to_be_visible()
