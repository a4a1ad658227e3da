"""The page of a plan in Chromium: seen, without errors, without asking any other machine."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Site, come_in, findings, fits, visiting
from tests.fieldops.identity.site import PASSWORD, add_user, region

pytestmark = pytest.mark.web


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_plan_is_seen_and_fits_the_screen(browser: Browser, site: Site, scheme: str, width: int) -> None:
    backgrounds = {"light": "rgb(246, 247, 249)", "dark": "rgb(18, 23, 30)"}
    with visiting(browser, site, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(f"{site.address}/signin")
        expect(page.locator("body")).to_have_css("background-color", backgrounds[scheme])
        assert fits(page, width)
        come_in(page, site)
        page.goto(f"{site.address}/plans/P-000001")
        for table in ("Jobs by technician", "Jobs without a technician", "Held for approval", "Budget"):
            expect(page.get_by_role("region", name=table, exact=True).get_by_role("table")).to_be_visible()
        expect(page.get_by_role("cell", name="Brake seized after landing")).to_be_visible()
        expect(page.get_by_text("AOG", exact=True).first).to_be_visible()
        expect(page.get_by_role("meter", name="Used of SEA Labour")).to_be_visible()
        assert fits(page, width)
        expect(page.locator("body")).to_have_css("background-color", backgrounds[scheme])
        assert findings(page) == []


@pytest.mark.parametrize("width", [900, 400])
def test_the_seat_of_each_row_is_seen(browser: Browser, site: Site, width: int) -> None:
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site)
        page.goto(f"{site.address}/plans/P-000001")
        row = page.get_by_role("region", name="Jobs by technician").get_by_role("row").filter(has_text="A check")
        expect(row.get_by_role("cell").last).to_have_text("Mechanic")
        expect(row.get_by_role("cell").last).to_be_visible()
        assert fits(page, width)


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
        page.get_by_text("noi", exact=True).click()
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


def test_the_keyboard_goes_to_a_region(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.goto(f"{site.address}/plans/P-000001")
        page.get_by_role("navigation", name="Regions").get_by_role("link", name="CN").focus()
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
