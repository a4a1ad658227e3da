"""The pages of stock in Chromium: the table, parts, places, offers between regions, stocktakes."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.ledger.queries import balance_page
from inventory.network.schemas import NewLane
from inventory.network.service import add_lanes
from tests.conftest import NOW
from tests.e2e.browsing import Site, come_in, findings, fits, go, visiting
from tests.fieldops.identity.site import PASSWORD, add_user, region

pytestmark = pytest.mark.web


def sign_in(page: Page, site: Site, name: str) -> None:
    """Sign in by name and password."""
    page.goto(f"{site.address}/signin")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("html[data-ready]").wait_for(state="attached")


def figure(page: Page, name: str) -> str:
    """A figure of the chosen cell."""
    return page.locator(f"[data-figure={name}]").inner_text()


@pytest.mark.parametrize("width", [1400, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_table_is_walked_through_by_keyboard(browser: Browser, site: Site, width: int, scheme: str) -> None:
    with visiting(browser, site, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        come_in(page, site)
        go(page, f"{site.address}/stock")
        grid = page.get_by_role("grid")
        grid.focus()
        expect(grid.get_by_role("gridcell", selected=True)).to_have_text("3")  # the central depot's brakes
        while "VTE" not in page.locator("aside [data-row]").inner_text():
            page.keyboard.press("ArrowDown")
        expect(page.locator("aside [data-column]")).to_have_text("BRAKE-1")
        assert [figure(page, one) for one in ("on_hand", "target", "shortage")] == ["1", "2", "1"]
        page.keyboard.press("6")
        expect(grid.get_by_role("gridcell", selected=True)).to_have_text("1")
        expect(page).to_have_url(re.compile("measure=shortage"))
        expect(page.get_by_role("combobox", name="Figure")).to_have_value("shortage")
        assert fits(page, width)
        assert findings(page) == []
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="The part in the network")).to_be_focused()
        page.keyboard.press("Escape")
        expect(grid).to_be_focused()
        page.keyboard.press("End")
        expect(page.locator("aside [data-column]")).to_have_text("PUMP-1")


def test_filters_stand_in_the_address_and_groups_lead_into_themselves(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        go(page, f"{site.address}/stock")
        page.get_by_role("combobox", name="ATA chapter").select_option("33")
        expect(page).to_have_url(re.compile("ata=33"))
        expect(page.get_by_role("columnheader")).to_have_count(2)
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_role("combobox", name="Rows").select_option("region")
        expect(page).to_have_url(re.compile("by=region"))
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_role("grid").get_by_role("gridcell").first.click()
        expect(page.locator("aside [data-row]")).to_have_text("CN")
        page.get_by_role("link", name="Look into it").click()
        expect(page).to_have_url(re.compile("by=place.*region=CN|region=CN.*by=place"))
        page.goto(f"{site.address}/stock?q=nothing-like-it")
        expect(page.get_by_text("No part is like that.")).to_be_visible()
        assert findings(page) == []


@pytest.mark.parametrize("width", [1400, 360])
def test_a_part_says_where_it_is_and_whence_it_could_come(browser: Browser, site: Site, width: int) -> None:
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site)
        go(page, f"{site.address}/parts/BRAKE-1")
        pieces = page.get_by_role("region", name="Pieces and papers")
        expect(pieces.get_by_text("SN-B4")).to_be_visible()
        page.get_by_role("combobox", name="Needed at").select_option("UTH")
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_text("It can be there")).to_be_visible()
        source = page.get_by_role("region", name="Where could it come from?").get_by_role("row").nth(1)
        expect(source).to_contain_text("VTE")
        assert fits(page, width)
        assert findings(page) == []
        page.get_by_role("link", name="VTE").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Vientiane")
        expect(page.get_by_role("region", name="Lanes").get_by_role("cell").get_by_text("UTH").first).to_be_visible()
        assert fits(page, width)
        assert findings(page) == []


def test_another_regions_shelf_is_told_only_as_an_offer(browser: Browser, site: Site) -> None:
    add_user(site.engine, "noi", ["regional_manager"], [region("SEA")])
    with visiting(browser, site) as page:
        sign_in(page, site, "noi")
        go(page, f"{site.address}/places/TSN")
        expect(page.get_by_text("What lies here is told to those of its region.")).to_be_visible()
        go(page, f"{site.address}/stock")
        expect(page.get_by_role("rowheader").filter(has_text="VTE")).to_be_visible()
        expect(page.get_by_role("rowheader").filter(has_text="TSN")).to_have_count(0)


def lend_from_tianjin(engine: Engine) -> None:
    """Add the lane that lets other regions have what lies at TSN."""
    lane = NewLane(origin="TSN", destination="XIY", mode="aog", lead_h=8, cost_per_kg=Decimal(9), currency="USD")
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_lanes(session, SYSTEM, [lane])


def test_one_region_asks_and_the_other_refuses_with_a_reason(browser: Browser, site: Site) -> None:
    lend_from_tianjin(site.engine)
    add_user(site.engine, "noi", ["regional_manager"], [region("SEA")])
    add_user(site.engine, "wei", ["regional_manager"], [region("CN")])
    with visiting(browser, site) as asking, visiting(browser, site, viewport={"width": 360, "height": 800}) as asked:
        sign_in(asked, site, "wei")
        go(asked, f"{site.address}/offers")
        expect(asked.get_by_text("Nobody asks your regions for help.")).to_be_visible()
        sign_in(asking, site, "noi")
        go(asking, f"{site.address}/offers")
        assert findings(asking) == []
        asking.get_by_label("Part number").fill("LAMP-1")
        asking.get_by_label("Needed at").select_option("UTH")
        asking.keyboard.press("Enter")
        asking.get_by_role("button", name="Search").click()
        asking.get_by_text("Request a grant of CN").click()
        asking.get_by_label("What it is for").first.fill("<script>document.title = 'owned'</script>")
        assert findings(asking) == []
        asking.get_by_role("button", name="Ask CN").click()
        waiting = asking.get_by_role("list", name="Waiting for others")
        expect(waiting.get_by_text("SEA asks CN")).to_be_visible()
        expect(asked.get_by_text("SEA asks CN")).to_be_visible()  # nobody loaded it again
        expect(asked).not_to_have_title("owned")
        assert fits(asked, 360)
        assert findings(asked) == []
        asked.get_by_label("Note; a refusal says why").fill("We need both on Monday")
        asked.get_by_role("button", name="Refuse").click()
        decided = asking.get_by_role("list", name="Decided")
        expect(decided.get_by_text("wei: We need both on Monday")).to_be_visible()
        expect(decided.get_by_text("refused", exact=True)).to_be_visible()


def held(engine: Engine, place: str, part: str) -> Decimal:
    """What the ledger holds of a part at a place."""
    with reading(engine, SYSTEM) as session:
        return sum((one.quantity for _key, one in balance_page(session, limit=50, place=place, part=part)), Decimal(0))


def test_a_shelf_is_counted_by_scanner_and_approved_by_another(browser: Browser, site: Site) -> None:
    add_user(site.engine, "keeper", ["storekeeper"], [region("SEA")])
    add_user(site.engine, "noi", ["regional_manager"], [region("SEA")])
    with visiting(browser, site) as page:
        sign_in(page, site, "keeper")
        go(page, f"{site.address}/stocktakes")
        expect(page.get_by_text("There is no such stocktake.")).to_be_visible()
        page.get_by_text("Open a stocktake").click()
        opening = page.locator("details.opening")
        opening.get_by_label("Place").select_option("VTE")
        assert findings(page) == []
        opening.get_by_role("button", name="Open").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("ST-000001")
        page.locator("html[data-ready]").wait_for(state="attached")
        scan = page.get_by_label("Scan a part or serial number")
        expect(scan).to_be_focused()
        page.keyboard.type("sn-b4")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="BRAKE-1 SN-B4: 1 counted")).to_be_visible()
        expect(scan).to_be_focused()
        page.keyboard.type("nothing")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="Nothing here is called nothing")).to_be_visible()
        assert findings(page) == []
        page.keyboard.type("LAMP-1")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Counted of LAMP-1")).to_be_focused()
        page.keyboard.type("4")
        page.keyboard.press("Enter")
        expect(page.get_by_text("2 of 2 counted")).to_be_visible()
        expect(scan).to_be_focused()
        page.get_by_role("button", name="Submit the count").click()
        expect(page.get_by_text("to approve", exact=True)).to_be_visible()
        assert held(site.engine, "VTE", "LAMP-1") == 5
    with visiting(browser, site, viewport={"width": 360, "height": 800}) as page:
        sign_in(page, site, "noi")
        go(page, f"{site.address}/stocktakes/ST-000001")
        assert fits(page, 360)
        assert findings(page) == []
        page.get_by_role("button", name="Approve and post the differences").click()
        expect(page.get_by_text("posted", exact=True)).to_be_visible()
    assert held(site.engine, "VTE", "LAMP-1") == 4


def test_the_pages_speak_chinese(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.goto(f"{site.address}/language/zh_CN")
        for path, heading in (("/stock", "库存"), ("/offers", "可供与许可"), ("/stocktakes", "盘点")):
            go(page, f"{site.address}{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            assert findings(page) == []
