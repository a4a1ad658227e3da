"""The dispatch board in Chromium: moves by mouse, by keyboard and by choice, what is refused, what others see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.models import Job
from fieldops.workforce.models import Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from tests.e2e.browsing import Site, come_in, findings, fits, visiting
from tests.e2e.test_shell import choose
from tests.fieldops.identity.site import add_user, region

pytestmark = pytest.mark.web

WAIT_MS = 60_000
"""A desk takes the plan up when it is first asked, which takes its time on a busy machine."""


@contextmanager
def board(browser: Browser, site: Site, role: str = "administrator", **options: Any) -> Iterator[Page]:
    """The board of a browser of its own, drawn."""
    with visiting(browser, site, **{"viewport": {"width": 1280, "height": 800}} | options) as page:
        page.set_default_timeout(WAIT_MS)
        come_in(page, site, role)
        open_board(page, site)
        yield page


def open_board(page: Page, site: Site, query: str = "") -> None:
    """Go to the board, and wait until it is drawn."""
    page.goto(f"{site.address}/board{query}")
    page.locator("html[data-board]").wait_for(state="attached")
    page.locator("html[data-ready]").wait_for(state="attached")


def bar(page: Page, job: str, person: str | None = None) -> Locator:
    """The bar of a job, whoever has it or somebody."""
    whose = "" if person is None else f'[data-person="{person}"]'
    return page.locator(f'button.bar[data-job="{job}"]{whose}')


def drag(page: Page, source: Locator, person: str, by_px: int = 0) -> None:
    """Drag something to the row of somebody, and along the time, without letting go."""
    source.scroll_into_view_if_needed()
    box = source.bounding_box()
    assert box is not None
    x, y = box["x"] + min(12, box["width"] / 2), box["y"] + box["height"] / 2
    lane = page.locator(f'.person[data-person="{person}"]').bounding_box()
    assert lane is not None
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y + 2, steps=2)
    page.mouse.move(x + by_px, lane["y"] + lane["height"] / 2, steps=6)


def hours(page: Page, count: float) -> int:
    """How far some hours are on the axis: J-3 takes one."""
    box = bar(page, "J-3").bounding_box()
    assert box is not None
    return round(count * box["width"])


def reach(page: Page, job: str) -> None:
    """Go to a bar by Tab and arrows alone."""
    at = "document.activeElement.dataset?.job"
    for _step in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('bar')"):
            break
    for key in ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown", "Home", "ArrowRight", "ArrowRight"]:
        if page.evaluate(at) == job:
            return
        page.keyboard.press(key)
    assert page.evaluate(at) == job


def crew(site: Site, job: str) -> list[str]:
    """Who has the seats of a job, as the database knows it."""
    with reading(site.engine, SYSTEM) as session:
        query = select(Technician.code).join(Assignment, Assignment.technician_id == Technician.id)
        query = query.join(Job, Job.id == Assignment.job_id).where(Job.number == job, Assignment.ended_at.is_(None))
        return sorted(session.scalars(query))


def told(page: Page, text: str | re.Pattern[str]) -> None:
    """Expect a note."""
    expect(page.locator("#toasts .toast", has_text=text).last).to_be_visible(timeout=WAIT_MS)


def test_a_job_is_dragged_to_another_time_and_back_by_one_key(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        owner = bar(page, "J-3").get_attribute("data-person")
        assert owner is not None
        before = bar(page, "J-3").evaluate("bar => bar.style.getPropertyValue('--at')")
        drag(page, bar(page, "J-3"), owner, by_px=hours(page, 8))
        expect(page.locator(".verdict")).to_contain_text("Cost of the plan", timeout=WAIT_MS)
        page.mouse.up()
        told(page, "J-3 moved to")
        assert crew(site, "J-3") == [owner]
        moved = bar(page, "J-3").evaluate("bar => bar.style.getPropertyValue('--at')")
        assert float(moved) > float(before)
        assert findings(page) == []
        page.keyboard.press("z")
        told(page, "Undone: J-3")
        expect(bar(page, "J-3")).to_be_visible()
        assert bar(page, "J-3").evaluate("bar => bar.style.getPropertyValue('--at')") == before
        assert crew(site, "J-3") == []


def test_without_a_connection_nothing_moves_and_the_days_stay(browser: Browser, site: Site) -> None:
    with closing(browser.new_context(viewport={"width": 1280, "height": 800})) as context:
        page = context.new_page()
        uncaught: list[str] = []
        page.on("pageerror", lambda error: uncaught.append(str(error)))
        page.set_default_timeout(WAIT_MS)
        come_in(page, site)
        open_board(page, site)
        at = "bar => bar.style.getPropertyValue('--at')"
        before = bar(page, "J-3").evaluate(at)
        bar(page, "J-3").click()
        page.keyboard.press("Alt+Shift+ArrowRight")
        page.keyboard.press("Enter")
        told(page, "J-3 moved to")
        moved = bar(page, "J-3").evaluate(at)
        assert moved != before
        context.set_offline(True)
        page.keyboard.press("z")
        expect(page.locator(".toast.failed")).to_have_count(1, timeout=WAIT_MS)
        page.get_by_role("button", name="A week later").click()
        expect(page.locator(".toast.failed")).to_have_count(2, timeout=WAIT_MS)
        assert bar(page, "J-3").evaluate(at) == moved
        bar(page, "J-3").focus()
        page.keyboard.press("d")
        dialog = page.get_by_role("dialog", name=re.compile("Move J-3"))
        expect(dialog.get_by_label("Takes, in minutes")).to_be_focused()
        start = dialog.get_by_label(re.compile("Begins at"))
        start.fill(f"{start.input_value()[:10]}T16:00:06")
        dialog.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator(".toast.failed")).to_have_count(4, timeout=WAIT_MS)  # who may not was not read either
        assert bar(page, "J-3").evaluate(at) == moved
        assert uncaught == []


def test_jobs_that_are_chosen_together_are_dragged_together(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        owner = bar(page, "J-3").get_attribute("data-person")
        assert owner is not None
        for job in ("J-3", "J-1"):
            bar(page, job).click(modifiers=["Control"])
        at = "bar => Number(bar.style.getPropertyValue('--at'))"
        places = {job: bar(page, job).evaluate(at) for job in ("J-1", "J-3")}
        drag(page, bar(page, "J-3"), owner, by_px=hours(page, 1))
        expect(page.locator(".ghost")).to_have_text("J-3 +1")
        page.mouse.up()
        told(page, "J-3 moved to")  # the later one goes first
        for job, before in places.items():
            assert crew(site, job) == [owner]
            assert bar(page, job).evaluate(at) > before
        for job in ("J-3", "J-1"):
            page.keyboard.press("z")
            told(page, f"Undone: {job}")
            assert crew(site, job) == []


def test_a_row_that_may_not_take_a_job_says_why_and_refuses_the_drop(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        owner = bar(page, "J-3").get_attribute("data-person")
        drag(page, bar(page, "J-3"), "T-1")
        expect(page.locator('.person.barred[data-person="T-1"] .why')).to_have_text("is of another area")
        expect(page.locator(".ghost.refused")).to_be_visible()
        assert findings(page) == []
        page.mouse.up()
        told(page, "J-3 cannot go there")
        assert bar(page, "J-3").get_attribute("data-person") == owner
        assert crew(site, "J-3") == []
        page.locator("#board-zoom").select_option("168")
        drag(page, page.locator('button.job[data-job="J-4"]'), "T-1")
        expect(page.locator('.person.barred[data-person="T-1"] .why')).to_contain_text("BORE")
        page.keyboard.press("Escape")
        page.mouse.up()
        expect(page.locator(".ghost")).to_have_count(0)
        assert crew(site, "J-4") == []


def test_by_keyboard_alone_a_job_is_moved_locked_and_taken_out(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        page.locator("#board-zoom").select_option("168")
        reach(page, "J-3")
        page.keyboard.press("Alt+Shift+ArrowRight")
        expect(page.locator(".verdict")).to_contain_text(re.compile("Possible"), timeout=WAIT_MS)
        assert findings(page) == []
        page.keyboard.press("Enter")
        told(page, "J-3 moved to")
        expect(bar(page, "J-3")).to_be_focused()
        page.keyboard.press("l")
        told(page, "J-3 is locked")
        expect(bar(page, "J-3").locator("svg.lock")).to_be_attached()
        page.keyboard.press("z")
        told(page, "J-3 is unlocked")  # the lock was the last change
        page.keyboard.press("u")
        told(page, "J-3 is without a technician")
        expect(page.locator('button.job[data-job="J-3"]')).to_be_visible()
        assert crew(site, "J-3") == []


def test_by_click_a_job_is_moved_in_a_dialog(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        page.locator("#board-zoom").select_option("168")
        bar(page, "J-3").click()
        card = page.get_by_role("region", name=re.compile("J-3"))
        expect(card).to_contain_text("Landing light is out")
        assert findings(page) == []
        card.get_by_role("button", name="Move to…").click()
        dialog = page.get_by_role("dialog", name=re.compile("Move J-3"))
        expect(dialog).to_contain_text("Cost of the plan", timeout=WAIT_MS)
        start = dialog.get_by_label(re.compile("Begins at"))
        day = start.input_value()[:10]
        start.fill(f"{day}T23:30")
        expect(dialog).to_contain_text("Not possible", timeout=WAIT_MS)
        assert findings(page) == []
        start.fill(f"{day}T16:00")
        expect(dialog).to_contain_text("Possible", timeout=WAIT_MS)
        dialog.get_by_role("button", name="Move", exact=True).click()
        told(page, "J-3 moved to")
        assert len(crew(site, "J-3")) == 1


def test_what_one_does_the_other_sees_with_the_name(browser: Browser, site: Site) -> None:
    add_user(site.engine, "noi", ["dispatcher"], [region("SEA")])
    with board(browser, site) as page, board(browser, site, "noi") as other:
        theirs = bar(other, "J-3")
        before = theirs.evaluate("bar => bar.style.getPropertyValue('--at')")
        owner = theirs.get_attribute("data-person")
        assert owner is not None
        drag(page, bar(page, "J-3"), owner, by_px=hours(page, 8))
        page.mouse.up()
        told(page, "J-3 moved to")
        expect(theirs.locator(".by")).to_have_text("demo.administrator")
        assert float(theirs.evaluate("bar => bar.style.getPropertyValue('--at')")) > float(before)
        expect(bar(other, "J-2")).to_have_count(0)  # it is of another region


def test_a_job_is_made_longer_at_its_end_and_as_long_as_before_by_one_key(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        one = bar(page, "J-3")
        one.scroll_into_view_if_needed()
        box = one.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] - 3, box["y"] + box["height"] / 2
        hour = box["width"]  # it takes one
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + hour, y, steps=6)
        page.mouse.up()
        told(page, "J-3 takes 2 h 0 min now")
        with reading(site.engine, SYSTEM) as session:
            assert session.scalars(select(Job.duration_s).where(Job.number == "J-3")).one() == 2 * 3600
        page.keyboard.press("z")
        told(page, "J-3 takes 1 h 0 min now")
        with reading(site.engine, SYSTEM) as session:
            assert session.scalars(select(Job.duration_s).where(Job.number == "J-3")).one() == 3600


def test_a_technician_is_recommended_and_taken(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        page.locator("#board-zoom").select_option("168")
        bar(page, "J-3").click()
        page.keyboard.press("r")
        dialog = page.get_by_role("dialog", name=re.compile("Who could do J-3"))
        expect(dialog.get_by_role("button", name=re.compile("^Take")).first).to_be_visible(timeout=WAIT_MS)
        assert findings(page) == []
        dialog.get_by_role("button", name=re.compile("^Take")).first.click()
        told(page, "J-3 assigned to")
        assert len(crew(site, "J-3")) == 1


def test_on_a_phone_the_board_is_a_list(browser: Browser, site: Site) -> None:
    with board(browser, site, viewport={"width": 360, "height": 800}, has_touch=True) as page:
        assert fits(page, 360)
        expect(page.locator(".axis")).to_be_hidden()
        expect(bar(page, "J-3")).to_contain_text(re.compile(r"\d\d:\d\d–\d\d:\d\d"))
        expect(page.locator('button.job[data-job="J-4"]')).to_be_visible()
        assert findings(page) == []
        bar(page, "J-3").tap()
        expect(page.get_by_role("button", name="Move to…")).to_be_visible()
        assert fits(page, 360)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_speaks_chinese_in_every_colour(browser: Browser, site: Site, scheme: str) -> None:
    with board(browser, site, color_scheme=scheme) as page:
        choose(page, "中文")
        page.locator("html[data-board]").wait_for(state="attached")
        expect(page.get_by_role("heading", level=1)).to_have_text("派工看板")
        expect(page.get_by_role("heading", name=re.compile("^无技术员"))).to_be_visible()
        assert findings(page) == []


def test_filters_and_views_are_kept(browser: Browser, site: Site) -> None:
    with board(browser, site) as page:
        page.locator("#board-text").fill("J-3")
        expect(bar(page, "J-3")).to_be_attached()
        expect(bar(page, "J-2")).to_have_count(0)
        page.get_by_text("Keep view").click()
        page.get_by_label("Name of the view").fill("Lights")
        page.get_by_role("button", name="Keep", exact=True).click()
        open_board(page, site)
        expect(bar(page, "J-2")).to_be_attached()
        page.locator("#board-views").select_option("Lights")
        expect(bar(page, "J-2")).to_have_count(0)


def test_nobody_changes_the_board_without_the_right(browser: Browser, site: Site) -> None:
    with board(browser, site, "auditor") as page:
        bar(page, "J-3").click()
        expect(page.get_by_role("region", name=re.compile("J-3"))).to_be_visible()
        expect(page.get_by_role("button", name="Move to…")).to_have_count(0)
        page.keyboard.press("m")
        expect(page.get_by_role("dialog")).to_have_count(0)
