"""How much time the board shows: a quarter of an hour to four weeks, with lines where one looks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Site
from tests.e2e.test_board import bar, board

pytestmark = pytest.mark.web

LINES_MAX = 100


def times(page: Page) -> list[str]:
    """The labels of the axis that are in sight."""
    shown: list[str] = page.locator("#board-ticks .time").evaluate_all(
        """(all) => all.filter((one) => {
            const box = one.getBoundingClientRect();
            return box.left >= 220 && box.right <= document.getElementById("board-grid").getBoundingClientRect().right;
        }).map((one) => one.textContent)"""
    )
    return shown


def test_the_closest_look_shows_a_quarter_of_an_hour_by_the_minute(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        bar(page, "J-3").click()
        page.locator("#board-zoom").select_option("0.25")
        expect(page.locator("#board-ticks .time").first).to_be_attached()
        shown = times(page)
        assert 10 <= len(shown) <= 15
        minutes = [int(one[3:]) for one in shown if one]
        assert all((later - sooner) % 60 == 1 for sooner, later in pairwise(minutes))
        page.keyboard.press("-")
        expect(page.locator("#board-zoom")).to_have_value("0.5")
        page.keyboard.press("+")
        page.keyboard.press("+")
        expect(page.locator("#board-zoom")).to_have_value("0.25")


def test_lines_are_drawn_where_one_looks_and_nowhere_else(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        page.locator("#board-zoom").select_option("0.25")
        expect(page.locator("#board-ticks .time").first).to_be_attached()
        for hours in (5, 100, 0):
            page.locator("#board-grid").evaluate(
                "(grid, hours) => { grid.scrollLeft = hours * 4 * grid.clientWidth; }", hours
            )
            page.wait_for_function(
                "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))"
            )
            assert len(times(page)) >= 10
            assert page.locator("#board-ticks .time").count() <= LINES_MAX
