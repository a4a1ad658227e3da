"""The pages of orders in Chromium: an order goes its way by buttons, on a wide and on a narrow screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace
from inventory.network.service import add_places
from inventory.orders.service import draft
from tests.conftest import NOW
from tests.e2e.browsing import Site, come_in, findings, go, visiting
from tests.inventory.orders.world import wanted

pytestmark = pytest.mark.web


@pytest.mark.parametrize("width", [1400, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_order_goes_its_way(browser: Browser, site: Site, width: int, scheme: str) -> None:
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        add_places(session, SYSTEM, [NewPlace(code="TRANSIT", name="On its way", tier=Tier.IN_TRANSIT)])
        draft(session, SYSTEM, wanted("VTE", "UTH"), NOW)
    with visiting(browser, site, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        come_in(page, site)
        go(page, f"{site.address}/orders?kind=purchase")
        expect(page.get_by_text("There is no such order")).to_be_visible()
        assert findings(page) == []
        go(page, f"{site.address}/orders")
        assert findings(page) == []
        page.get_by_role("link", name="TO-000001").click()
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_role("button", name="Release", exact=True).click()
        page.get_by_label("Carrier").fill("Lao Airlines")
        assert findings(page) == []
        page.get_by_role("button", name="Ship", exact=True).click()
        page.get_by_label("Came of LAMP-1").fill("1")
        page.get_by_role("button", name="Receive", exact=True).click()
        expect(page.get_by_label("Came of LAMP-1")).to_have_attribute("placeholder", "1")
        assert findings(page) == []
        page.get_by_role("button", name="Receive", exact=True).click()
        expect(page.get_by_role("button", name="Receive", exact=True)).to_have_count(0)
        expect(page.locator("#live-order .badge.current")).to_have_text("received")
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert findings(page) == []
