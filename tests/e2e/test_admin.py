"""The pages of administration in Chromium: users, roles, long work, schedules, audit, checks, notifications."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, expect
from sqlalchemy import select

from fieldops.events.relay import relay
from fieldops.identity.schemas import NewUser, UserChange
from fieldops.identity.service import add_user, change_user
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import emit
from tests.conftest import NOW
from tests.e2e.browsing import Site, Witness, come_in, findings, fits, go, visiting

pytestmark = pytest.mark.web

PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
PATHS = (
    "/admin/users",
    "/admin/users/anna",
    "/admin/roles?role=storekeeper",
    "/operations",
    "/admin/schedules",
    "/admin/audit",
    "/admin/audit/verdict",
    "/admin/checks",
    "/admin/checks/findings",
    "/notifications",
)


@pytest.fixture
def anna(site: Site) -> str:
    """A technician without any place."""
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        add_user(session, SYSTEM, NewUser(name="anna", display_name="Anna", roles=frozenset({"technician"})))
    return f"{site.address}/admin/users/anna"


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser whose console may note what the server refuses."""
    with closing(browser.new_context()) as context:
        yield context


def happen(site: Site, kind: str, payload: dict[str, object], audience: str = "SEA") -> None:
    """Let something happen."""
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        emit(session, kind, payload, NOW, audience=audience)
    relay(site.engine)


def operation(site: Site) -> Operation:
    """Long work that runs."""
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        made = Operation(
            kind="plan.day",
            parameters={"region": "SEA"},
            actor="li",
            acting={},
            region="SEA",
            urgency=10,
            state=OperationState.RUNNING,
            submitted_at=NOW,
            started_at=NOW,
            stage="Dispatch",
            done=1,
            total=4,
            attempts=1,
        )
        session.add(made)
        session.flush()
        session.expunge(made)
    return made


@pytest.mark.parametrize(("width", "theme"), [(1400, "light"), (360, "dark"), (1400, "contrast")])
def test_every_page_is_seen_on_every_screen(browser: Browser, site: Site, anna: str, width: int, theme: str) -> None:
    operation(site)
    with visiting(browser, site, viewport={"width": width, "height": 900}) as page:
        come_in(page, site)
        page.goto(f"{site.address}/theme/{theme}")
        for path in PATHS:
            go(page, f"{site.address}{path}")
            assert fits(page, width), path
            assert findings(page) == [], path
        page.goto(f"{site.address}/language/zh_CN")
        go(page, anna)
        expect(page.get_by_role("heading", name="登录方式")).to_be_visible()


def test_a_user_is_added_and_given_rights_by_keyboard(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        page.keyboard.press("g")
        page.keyboard.press("u")
        page.wait_for_url("**/admin/users")
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_text("Add a user").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Login name").focus()
        page.keyboard.type("noi")
        page.keyboard.press("Tab")
        page.keyboard.type("Noi Keo")
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/users/noi")
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_role("checkbox", name="Regional manager").focus()
        page.keyboard.press("Space")
        page.get_by_role("checkbox", name=re.compile("^SEA")).focus()
        page.keyboard.press("Space")
        page.get_by_label("Single places").focus()
        page.keyboard.type("XIY")
        page.keyboard.press("Enter")
        expect(page.get_by_role("log")).to_contain_text("Saved")
        page.reload()
        expect(page.get_by_role("checkbox", name="Regional manager")).to_be_checked()
        expect(page.get_by_role("checkbox", name=re.compile("^SEA"))).to_be_checked()
        expect(page.get_by_label("Single places")).to_have_value("XIY")


def test_access_is_given_shown_once_and_taken_away(browser: Browser, site: Site, anna: str) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        go(page, anna)
        page.get_by_text("Make a token").click()
        page.get_by_label("Name of the program").fill("erp-bridge")
        page.get_by_role("button", name="Make", exact=True).click()
        once = page.get_by_role("dialog", name="New token")
        expect(once.get_by_role("textbox")).to_have_value(re.compile("^fo_"))
        assert findings(page) == []
        once.get_by_role("button", name="I have kept it").click()
        row = page.get_by_role("row").filter(has_text="erp-bridge")
        expect(row).to_contain_text("works")
        assert "fo_" not in page.content()
        row.get_by_role("button", name="Revoke erp-bridge").click()
        expect(row).to_contain_text("revoked")
        page.get_by_role("button", name="Make one up").click()
        expect(page.get_by_label("New password")).to_have_value(re.compile("^.{20}$"))
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.get_by_text("signs in with a password")).to_be_visible()
        expect(page.get_by_label("New password")).to_have_value("")
        page.get_by_role("button", name="Make a one-time link").click()
        once = page.get_by_role("dialog", name="One-time link")
        link = once.get_by_role("textbox").input_value()
        with visiting(browser, site) as other:
            other.goto(link)
            other.get_by_role("button", name=re.compile("^Sign in as")).click()
            expect(other.get_by_role("heading", level=1)).to_have_text("What needs you now")
            once.get_by_role("button", name="I have kept it").click()
            page.reload()
            page.locator("html[data-ready]").wait_for(state="attached")
            page.get_by_role("button", name="Sign out everywhere").click()
            expect(page.get_by_text("In no browser.")).to_be_visible()
            other.reload()
            expect(other).to_have_url(re.compile("/signin"))
        page.get_by_role("checkbox", name="May sign in").uncheck()
        page.get_by_role("button", name="Save").first.click()
        expect(page.locator("#live-state")).to_contain_text("disabled")


def test_a_stale_edit_shows_both_and_keeps_what_was_typed(context: BrowserContext, site: Site, anna: str) -> None:
    page = context.new_page()
    witness = Witness(page, site.address)
    come_in(page, site)
    go(page, anna)
    page.get_by_label("Name", exact=True).fill("Anna Typed")
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        change_user(session, SYSTEM, "anna", UserChange(display_name="Anna Quick"), 1)
    page.get_by_role("button", name="Save").first.click()
    row = page.get_by_role("alert").get_by_role("row").filter(has_text="Anna Quick")
    expect(row).to_contain_text("Anna Typed")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Anna Typed")
    assert findings(page) == []
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("log")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Anna Typed")
    assert not witness.foreign


def test_the_rights_of_a_role_are_ticked(context: BrowserContext, site: Site) -> None:
    mine, other = context.new_page(), context.new_page()
    come_in(mine, site)
    for page in (mine, other):
        go(page, f"{site.address}/admin/roles")
    mine.get_by_role("checkbox", name="Storekeeper: stock.inspect").check()
    expect(mine.get_by_role("status").filter(has_text="+ Storekeeper: stock.inspect")).to_be_visible()
    mine.get_by_role("button", name="Save the changes").click()
    expect(mine.get_by_role("log")).to_contain_text("Saved")
    other.get_by_role("checkbox", name="Storekeeper: stock.sell").check()
    other.get_by_role("button", name="Save the changes").click()
    expect(other.get_by_role("alert")).to_contain_text("stock.inspect")
    expect(other.get_by_role("checkbox", name="Storekeeper: stock.sell")).to_be_checked()
    other.get_by_role("checkbox", name="Storekeeper: stock.inspect").check()
    other.get_by_role("button", name="Save the changes").click()
    expect(other.get_by_role("log")).to_contain_text("Saved")
    other.reload()
    expect(other.get_by_role("checkbox", name="Storekeeper: stock.inspect")).to_be_checked()
    expect(other.get_by_role("checkbox", name="Storekeeper: stock.sell")).to_be_checked()


def test_long_work_is_followed_and_cancelled(browser: Browser, site: Site) -> None:
    made = operation(site)
    with visiting(browser, site) as page, visiting(browser, site) as other:
        come_in(page, site)
        come_in(other, site, "central_planner")
        go(page, f"{site.address}/operations")
        go(other, f"{site.address}/operations/{made.id}")
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
        with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
            session.scalars(select(Operation).where(Operation.id == made.id)).one().done = 3
        happen(site, "operation.changed", {"operation": str(made.id), "kind": "plan.day", "state": "running"})
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "3")
        expect(other.get_by_role("progressbar")).to_have_attribute("value", "3")
        other.get_by_role("button", name="Cancel").click()
        expect(other.locator("#live-operation")).to_contain_text("asked to stop")


def test_a_schedule_is_added_changed_and_run(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page:
        come_in(page, site)
        go(page, f"{site.address}/admin/schedules")
        page.get_by_text("Add a schedule", exact=True).click()
        page.get_by_label("Name", exact=True).fill("mornings")
        page.get_by_label("What it is given, as JSON").fill("not json")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("log")).to_contain_text("no JSON object")
        page.get_by_label("What it is given, as JSON").fill('{"region": "SEA"}')
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_url("**/admin/schedules/mornings")
        page.locator("html[data-ready]").wait_for(state="attached")
        assert findings(page) == []
        page.get_by_label("When: minute hour day month weekday").fill("30 6 * * *")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("log")).to_contain_text("Saved")
        page.get_by_role("button", name="Run now").click()
        page.wait_for_url("**/operations/*")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Day plan")
        go(page, f"{site.address}/admin/schedules")
        expect(page.get_by_role("row").filter(has_text="mornings")).to_contain_text("30 6 * * *")


def test_the_bell_counts_what_comes_and_the_page_tells_it(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as page, visiting(browser, site, viewport={"width": 360, "height": 800}) as other:
        come_in(page, site)
        go(page, f"{site.address}/notifications")
        go(page, f"{site.address}/admin/roles")
        bell = page.get_by_role("link", name="Notifications")
        expect(bell.locator(".many")).to_be_hidden()
        come_in(other, site)
        go(other, f"{site.address}/notifications")
        happen(site, "plan.in_force", {"plan": "P-000001", "region": "SEA"})
        happen(site, "job.added", {"place": "UTH", "what": [PAYLOAD], "count": 1})
        expect(bell).to_contain_text("2")
        expect(other.get_by_role("listitem").first).to_contain_text("<script>alert(1)</script>")
        bell.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/notifications")
        page.get_by_role("link", name="Plan P-000001 is in force in SEA").first.click()
        expect(page).to_have_url(f"{site.address}/plans/P-000001")
        expect(page.get_by_role("link", name="Notifications").locator(".many")).to_be_hidden()


def test_what_somebody_typed_never_runs(context: BrowserContext, site: Site, anna: str) -> None:
    page = context.new_page()
    alerts: list[str] = []

    def note(text: str) -> None:
        alerts.append(text)

    def dismiss(dialog: Dialog) -> None:
        note(dialog.message)
        dialog.dismiss()

    page.expose_function("told", note)
    page.add_init_script("window.alert = text => window.told(String(text))")
    page.on("dialog", dismiss)
    come_in(page, site)
    for path in ("/admin/users", "/admin/users/anna", "/admin/schedules", "/admin/audit"):
        go(page, f"{site.address}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
        for form in page.locator("main form").all():
            typed = form.locator(
                "input:not([type=checkbox], [type=hidden], [type=number], [type=datetime-local], [hidden]), textarea"
            ).all()
            if not typed or not form.is_visible():
                continue
            for field in typed:
                kind = field.get_attribute("type")
                field.evaluate(
                    "field => { field.removeAttribute('pattern'); field.type === 'email' && (field.type = 'text') }"
                )
                field.fill(
                    f'{{"region": {PAYLOAD!r}}}' if kind is None and field.get_attribute("data-json") else PAYLOAD
                )
            form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
            page.wait_for_timeout(150)
            if page.url != f"{site.address}{path}":
                go(page, f"{site.address}{path}")
                page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    with writing(site.engine, SYSTEM, clock=lambda: NOW) as session:
        add_user(session, SYSTEM, NewUser(name="mallory", display_name=PAYLOAD, email=None))
    for path in ("/admin/users", "/admin/users/mallory", f"/admin/users?q={PAYLOAD}", "/admin/audit?document=mallory"):
        go(page, f"{site.address}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
        page.wait_for_timeout(100)
        assert page.locator("img[src=x]").count() == 0, path
    assert alerts == []


def test_checks_and_the_trail_are_read(browser: Browser, site: Site, anna: str) -> None:
    with visiting(browser, site) as page:
        come_in(page, site, "auditor")
        go(page, f"{site.address}/admin/checks")
        page.get_by_role("button", name="Check now").click()
        expect(page.get_by_text("Everything adds up.")).to_be_visible()
        assert findings(page) == []
        go(page, f"{site.address}/admin/audit")
        page.get_by_label("Document: its number, name or key").fill("anna")
        page.keyboard.press("Enter")
        page.wait_for_url("**document=anna**")
        row = page.get_by_role("row").filter(has_text="user_account")
        row.get_by_text(re.compile(r"\d+ fields")).click()
        expect(row).to_contain_text("display_name")
        assert findings(page) == []
        page.get_by_role("link", name="Verify the chain").click()
        expect(page.get_by_role("status").filter(has_text="The audit chain is whole")).to_be_visible()
        with page.expect_download() as download:
            go_back = f"{site.address}/admin/audit"
            go(page, go_back)
            page.get_by_role("link", name="Export as CSV").click()
        assert download.value.suggested_filename == "audit.csv"
