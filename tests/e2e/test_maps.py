"""Maps in Chromium: beside the board only when it is opened, of a part and of a place, each with a table."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Site, come_in, findings, fits, go, visiting
from tests.e2e.test_board import WAIT_MS, bar, board

pytestmark = pytest.mark.web


def test_the_map_of_the_board_comes_when_it_is_opened(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        assert page.locator("#board-map svg").count() == 0
        page.get_by_role("button", name="Map").focus()
        page.keyboard.press("Enter")
        shown = page.get_by_role("region", name="Map")
        expect(shown.get_by_role("group", name="Jobs of the day at their places")).to_be_visible(timeout=WAIT_MS)
        assert [one for one in asked if "/board/map?" in one]
        bar(page, "J-2").first.click()
        expect(shown.get_by_role("heading", name="Ways of")).to_be_visible(timeout=WAIT_MS)
        shown.get_by_text("The map as a table").click()
        expect(shown.get_by_role("table")).to_be_visible()
        assert findings(page) == []
        page.get_by_role("button", name="Map").click()
        expect(shown).to_be_hidden()


@pytest.mark.parametrize(("width", "language"), [(360, "zh_CN"), (1400, "en")])
def test_a_part_and_a_place_have_a_map_with_a_table(browser: Browser, site: Site, width: int, language: str) -> None:
    names = {
        "en": ("Where it is, and how it moves", "Lanes from and to UTH"),
        "zh_CN": ("它在哪里，如何移动", "UTH 的往来运输线路"),
    }
    with visiting(browser, site, viewport={"width": width, "height": 800}) as page:
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        page.goto(f"{site.address}/language/{language}")
        for path, name in zip(("/parts/LAMP-1", "/places/UTH"), names[language], strict=True):
            go(page, f"{site.address}{path}")
            expect(page.get_by_role("group", name=name)).to_be_visible()
            assert fits(page, width)
            assert findings(page) == []
