"""The pages of the money in Chromium: the tree and its chart, approvals by mouse and keyboard, live in two browsers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fieldops.finance.approvals.service import approve, spend
from fieldops.finance.control.schemas import NewHold
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import set_terms, terms_version
from inventory.kernel.actor import ALL_PERMISSIONS, NETWORK, SYSTEM, Actor
from inventory.kernel.engine import writing
from tests.conftest import NOW
from tests.e2e.browsing import Site, Witness, come_in, findings, fits, go, visiting
from tests.worlds import TINY_DATE

pytestmark = pytest.mark.web

LI = Actor("li.na", roles=frozenset({"dispatcher"}), permissions=ALL_PERMISSIONS, scope=NETWORK)


def ask(site: Site, document: str, amount: str = "60000", **more: Any) -> str:
    """Ask for the money of an order of SEA; return the number of the request."""
    item = {"item": "charter", "category": "expedite", "amount": amount, "currency": "USD"}
    told = {"document_kind": "order", "document": document, "region": "SEA", "items": [item], "reason": "brake"}
    with writing(site.engine, LI, clock=lambda: NOW) as session:
        verdict = spend(session, LI, NewHold.model_validate(told | more), NOW, TINY_DATE)
    return verdict.approval or ""


def request(page: Page, number: str) -> Locator:
    """A request of the inbox."""
    return page.locator(f"#{number}")


@pytest.mark.parametrize(("width", "theme"), [(1400, "light"), (360, "dark"), (1400, "contrast")])
def test_the_money_is_seen_on_every_screen(browser: Browser, site: Site, width: int, theme: str) -> None:
    ask(site, "R-1", priority="AOG")
    ask(site, "R-2", priority="AOG", override=True)
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site, "finance")
        page.goto(f"{site.address}/theme/{theme}")
        for path in ("/budgets", "/budgets?region=SEA", "/approvals", "/budgets/held", "/overrides"):
            go(page, f"{site.address}{path}")
            if path.startswith("/budgets?") or path == "/budgets":
                expect(page.get_by_role("img", name="How the budget is used up, in USD")).to_be_visible(timeout=60_000)
            assert fits(page, width), path
            assert findings(page) == [], path
        page.get_by_role("link", name="R-2").first.click()
        expect(page.get_by_role("heading", name="Who pays")).to_be_visible()
        assert findings(page) == []


def test_a_chart_tells_its_amounts_to_who_points_at_it(browser: Browser, site: Site) -> None:
    with visiting(browser, site, viewport={"width": 1280, "height": 900}) as page:
        come_in(page, site, "finance")
        go(page, f"{site.address}/budgets")
        chart = page.locator("figure.burning").first
        chart.locator("svg[role=img]").hover(timeout=60_000)
        chart.locator(".live svg").wait_for(timeout=60_000)
        for point in chart.locator(".live .mark-symbol.role-mark path").all()[:3]:
            point.hover(force=True)
        expect(chart.locator(".tip")).to_contain_text(re.compile(r"USD\s*[\d,]+\.\d\d"))
        assert findings(page) == []


def test_the_tree_opens_by_keyboard_and_leads_to_the_line(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site, "finance")
        page.keyboard.press("g")
        page.keyboard.press("f")
        page.wait_for_url("**/budgets")
        page.locator("html[data-ready]").wait_for(state="attached")
        freight = page.get_by_role("row").filter(has=page.get_by_role("link", name="Freight"))
        expect(freight.first).to_be_hidden()
        page.get_by_role("button", name="What SEA consists of").focus()
        page.keyboard.press("ArrowRight")
        expect(freight.last).to_be_visible()
        freight.last.get_by_role("link", name="Freight").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/budgets?region=SEA*")
        line = page.get_by_role("row").filter(has=page.get_by_role("link", name=re.compile("Jan 1")))
        expect(line).to_have_count(1)
        line.get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("SEA Freight")
        expect(page.get_by_role("cell", name="Opening of the books").first).to_be_visible()
        expect(page.get_by_role("img", name="How the budget is used up, in USD")).to_be_visible(timeout=60_000)
        assert findings(page) == []


def test_the_period_is_chosen(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site, "finance")
        go(page, f"{site.address}/budgets")
        page.get_by_label("Period").select_option("Jan 1\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}Mar 31, 2026")
        page.wait_for_url("**period=2026-01-01_2026-04-01")
        expect(page.get_by_role("row").filter(has_text="Until").first).to_be_visible()
        expect(page.get_by_role("cell", name="Apr 30, 2026")).to_have_count(0)


def test_a_line_is_frozen_and_freed(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site, "finance")
        go(page, f"{site.address}/budgets?region=SEA#labour")
        page.get_by_role("row").filter(has_text="Jan 1").locator("visible=true").get_by_role("link").click()
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_label("Reason").fill("Until the forecast is in")
        page.get_by_role("button", name="Freeze").click()
        expect(page.get_by_text("frozen: takes nothing new")).to_be_visible()
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_label("Reason").fill("The forecast is in")
        page.get_by_role("button", name="Free").click()
        expect(page.get_by_role("button", name="Freeze")).to_be_visible()


def test_what_one_decides_every_open_inbox_shows(browser: Browser, site: Site) -> None:
    number = ask(site, "R-1", priority="AOG")
    with visiting(browser, site) as mine, visiting(browser, site) as other:
        come_in(mine, site, "finance")
        come_in(other, site, "administrator")
        for page in (mine, other):
            go(page, f"{site.address}/approvals")
        first = mine.get_by_role("region", name="Waits for you").get_by_role("listitem").first
        expect(first).to_contain_text("AOG")
        request(other, number).get_by_label("Note").fill("half written")
        ask(site, "R-9")  # the list is renewed under the hands of whoever writes
        expect(other.get_by_text("R-9")).to_be_visible()
        expect(request(other, number).get_by_label("Note")).to_have_value("half written")
        request(mine, number).get_by_label("Note").fill("Cheaper than a night more")
        request(mine, number).get_by_role("button", name="Approve").click()
        for page in (mine, other):
            decided = page.get_by_role("row").filter(has_text=number)
            expect(decided).to_contain_text("approved")
            expect(decided).to_contain_text("Cheaper than a night more")
            expect(request(page, number)).to_have_count(0)


def test_several_are_decided_at_once_by_keyboard_alone(browser: Browser, site: Site) -> None:
    numbers = [ask(site, f"R-{at}", priority="AOG") for at in (1, 2)]
    with visiting(browser, site) as page:
        come_in(page, site, "finance")
        page.keyboard.press("g")
        page.keyboard.press("a")
        page.wait_for_url("**/approvals")
        page.locator("html[data-ready]").wait_for(state="attached")
        for number in numbers:
            page.keyboard.press("j")
            expect(request(page, number)).to_be_focused()
            page.keyboard.press("x")
        expect(page.get_by_text("2 chosen")).to_be_visible()
        page.get_by_label("Note for all chosen").focus()
        page.keyboard.type("Next quarter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Reject chosen")).to_be_focused()
        page.keyboard.press("Enter")
        for number in numbers:
            expect(page.get_by_role("row").filter(has_text=number)).to_contain_text("rejected")
        expect(page.get_by_text("2 of 2 are decided")).to_be_visible()
        assert findings(page) == []


def test_a_second_signature_is_somebody_elses(browser: Browser, site: Site) -> None:
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        set_terms(session, Terms.model_validate({"four_eyes_above": "1000"}), version=terms_version(session))
    number = ask(site, "R-1")
    with visiting(browser, site) as mine, visiting(browser, site) as other:
        come_in(mine, site, "finance")
        go(mine, f"{site.address}/approvals")
        expect(request(mine, number)).to_contain_text("two signatures needed")
        request(mine, number).get_by_label("Note").fill("first")
        request(mine, number).get_by_role("button", name="Sign first").click()
        expect(request(mine, number)).to_contain_text("second signature after demo.finance")
        expect(request(mine, number).get_by_role("button")).to_have_count(0)
        come_in(other, site, "administrator")
        go(other, f"{site.address}/approvals")
        request(other, number).get_by_label("Note").fill("second")
        request(other, number).get_by_role("button", name="Approve").click()
        expect(mine.get_by_role("row").filter(has_text=number)).to_contain_text("approved")


def test_whoever_was_quicker_is_told_with_both_states(browser: Browser, site: Site) -> None:
    number = ask(site, "R-1")
    context = browser.new_context()  # the browser itself notes the 412 on its console
    page = context.new_page()
    witness = Witness(page, site.address)
    come_in(page, site, "finance")
    go(page, f"{site.address}/approvals")
    request(page, number).get_by_label("Note").fill("late")
    # news come in between as slowly as they may
    page.route(
        "**/approvals", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        approve(session, SYSTEM, number, "quick", NOW, TINY_DATE, version=1)
    request(page, number).get_by_role("button", name="Reject").click()
    expect(page.get_by_role("log")).to_contain_text(f"{number} was waiting when you read it; system was quicker")
    expect(page.get_by_role("log")).to_contain_text("now it is approved")
    expect(request(page, number).get_by_label("Note")).to_have_value("late")
    assert not witness.foreign
    context.close()


def test_what_cannot_be_is_refused_with_a_reason(browser: Browser, site: Site) -> None:
    number = ask(site, "R-1")
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        set_terms(
            session,
            Terms.model_validate({"bands": [{"action": "block", "percent": "100"}]}),
            version=terms_version(session),
        )
    context = browser.new_context()  # the browser itself notes the 409 on its console
    page = context.new_page()
    come_in(page, site, "finance")
    go(page, f"{site.address}/approvals")
    expect(request(page, number)).to_contain_text("Cannot be approved now: A line is blocked")
    request(page, number).get_by_label("Note").fill("please")
    request(page, number).get_by_role("button", name="Approve").click()
    expect(page.get_by_role("log")).to_contain_text("above the limit that blocks")
    expect(request(page, number).get_by_label("Note")).to_have_value("please")
    context.close()


def test_a_finding_is_written_down(browser: Browser, site: Site) -> None:
    ask(site, "R-1", priority="AOG", override=True)
    with visiting(browser, site, viewport={"width": 360, "height": 800}) as page:
        come_in(page, site, "finance")
        page.get_by_role("region", name=re.compile("^Overrides to review")).get_by_role("link", name="R-1").click()
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_label("Finding").fill("Right: the aircraft flew the same night")
        page.get_by_role("button", name="Write down").click()
        done = page.get_by_role("region", name="Reviewed, or without review")
        expect(done).to_contain_text("Right: the aircraft flew the same night")
        assert findings(page) == []


def test_a_substitute_is_named_and_taken_back(browser: Browser, site: Site) -> None:
    site.link("administrator")
    with visiting(browser, site) as page:
        come_in(page, site, "finance")
        go(page, f"{site.address}/approvals/substitutions")
        page.get_by_label("Name of the user").fill("demo.administrator")
        page.get_by_label("Last day").fill("2027-03-09")
        page.get_by_role("button", name="Name", exact=True).click()
        row = page.get_by_role("row").filter(has_text="demo.administrator")
        expect(row).to_be_visible()
        assert findings(page) == []
        row.get_by_role("button", name="End").click()
        expect(page.get_by_role("region", name="Before")).to_contain_text("demo.administrator")


def test_the_pages_speak_chinese(browser: Browser, site: Site) -> None:
    ask(site, "R-1", priority="AOG")
    with visiting(browser, site) as page:
        come_in(page, site, "finance")
        page.goto(f"{site.address}/language/zh_CN")
        for path, heading in (("/budgets", "预算"), ("/approvals", "审批"), ("/overrides", "超限放行")):
            go(page, f"{site.address}{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            assert findings(page) == []
