"""The pages of the field in Chromium, on a telephone: a whole job, off line in the middle, two users of one device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, ViewportSize, expect
from sqlalchemy import Engine, select, update

from fieldops.app import create_app
from fieldops.dispatch.checklists.rules import Step, StepKind
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.execution.models import JobEvent, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.execution.office import dispatch
from fieldops.dispatch.models import Job
from fieldops.dispatch.photos.models import JobPhoto
from fieldops.dispatch.service import add_jobs, job_to_change
from fieldops.settings import Settings
from fieldops.workforce.kinds import Seat
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.e2e.browsing import Site, findings, fits
from tests.fieldops.identity.site import PASSWORD, add_user, region
from tests.hangar import MORNING, brake_job, load_hangar
from tests.serving import serving

pytestmark = pytest.mark.web

WIDTH = 360
CREW = (("MECH", Seat.MECHANIC), ("INSP", Seat.INDEPENDENT_INSPECTOR), ("SIGN", Seat.RELEASE_SIGNATORY))


class Clock:
    """A clock that goes on from 10:30 in Vientiane, for the server and the browsers."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)

    def __call__(self) -> datetime:
        return MORNING + timedelta(hours=1, minutes=30) + (datetime.now(UTC) - self._began)


@pytest.fixture
def clock() -> Clock:
    """The clock of a test."""
    return Clock()


@pytest.fixture
def hangar(engine: Engine, clock: Clock) -> Iterator[Site]:
    """A job at Vientiane, whose crew was sent off at seven; all three of it may sign in."""
    load_hangar(engine)
    now = MORNING - timedelta(hours=2)
    with writing(engine, SYSTEM, clock=lambda: now) as session:
        add_jobs(session, SYSTEM, [brake_job(title_zh="主轮刹车磨损")])
    for person, seat in CREW:
        with writing(engine, SYSTEM, clock=lambda: now) as session:
            span = (MORNING, MORNING + timedelta(hours=2))
            assign(session, SYSTEM, job_to_change(session, "H-1"), seat, person, span, now)
    with writing(engine, SYSTEM, clock=lambda: now) as session:
        version = session.scalars(select(Job.version).where(Job.number == "H-1")).one()
        dispatch(session, SYSTEM, "H-1", now, now.date(), version=version)
    for name in ("mech", "insp", "sign"):
        add_user(engine, name, ["technician"], [region("SEA")])
    with serving(create_app(engine, Settings(database_url=str(engine.url)), clock=clock)) as address:
        yield Site(address, engine)


@contextmanager
def telephone(browser: Browser, clock: Clock) -> Iterator[BrowserContext]:
    """A telephone that stands in Europe, whatever the place of the job."""
    size: ViewportSize = {"width": WIDTH, "height": 740}
    more: dict[str, Any] = {"has_touch": True, "is_mobile": True, "timezone_id": "Europe/Berlin"}
    with closing(browser.new_context(viewport=size, **more)) as context:
        context.clock.install(time=clock())
        yield context


def sign_in(context: BrowserContext, site: Site, name: str, path: str = "/my") -> Page:
    """Sign in and go to a page of the field, which is kept on the device when this returns."""
    page = context.new_page()
    page.goto(f"{site.address}/signin?next={path}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.address}{path}")
    ready(page)
    page.locator("html[data-kept]").wait_for(state="attached")
    return page


def ready(page: Page) -> None:
    """Wait until the scripts of a page are there."""
    page.locator("html[data-ready][data-mine]").wait_for(state="attached")


def tap(page: Page, name: str) -> None:
    """Press one of the buttons of a page or of the sheet that is open."""
    page.get_by_role("button", name=name, exact=True).tap()


def field(page: Page, name: str) -> Locator:
    """A field of the sheet that is open."""
    return page.locator("dialog[open]").get_by_label(name, exact=True)


def state(page: Page) -> Locator:
    """How far the job is."""
    return page.locator("#state")


def outbox(page: Page) -> Locator:
    """What waits to be sent."""
    return page.locator("#outbox")


def told(engine: Engine) -> list[tuple[str, str | None, int | None]]:
    """What the field told of the job, by when it happened: kind, person, number on its device."""
    with reading(engine, SYSTEM) as session:
        query = select(JobEvent.kind, JobEvent.person, JobEvent.sequence).where(JobEvent.person.is_not(None))
        rows = session.execute(query.order_by(JobEvent.happened_at, JobEvent.sequence)).all()
    return [(kind.value, person, sequence) for kind, person, sequence in rows]


def waiting(engine: Engine) -> list[tuple[str, str]]:
    """What waits for a dispatcher."""
    with reading(engine, SYSTEM) as session:
        return [(one.reason, one.detail) for one in session.scalars(select(QuarantinedEvent))]


def test_a_job_is_done_off_line_and_arrives_once_and_in_order(browser: Browser, hangar: Site, clock: Clock) -> None:
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech")
        expect(page.get_by_role("region", name="Today")).to_contain_text("09:00–11:00 Asia/Vientiane")
        assert findings(page) == []
        page.get_by_role("link", name="Main wheel brake worn").tap()
        ready(page)
        expect(state(page)).to_have_text("dispatched")
        assert findings(page) == []
        tap(page, "Accept")
        expect(state(page)).to_have_text("accepted")
        tap(page, "I am on my way")
        expect(state(page)).to_have_text("on the way")

        context.set_offline(True)
        tap(page, "I am there, start work")
        expect(state(page)).to_have_text("at work, not sent yet")
        expect(outbox(page)).to_contain_text("1 report waits to be sent")
        made = []
        for _reload in range(2):  # closed and opened again, without the server
            page.reload()
            ready(page)
            expect(state(page)).to_have_text("at work, not sent yet")
            made.append(page.locator(".made time").get_attribute("datetime"))
        # the second may be the later of two copies that were on their way when the connection broke
        assert None not in made
        assert made == sorted(map(str, made))
        assert findings(page) == []

        tap(page, "Use a part")
        field(page, "Scan or type: part or serial number").fill("sn-b4")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("BRAKE-1 SN-B4: 1 at VTE")
        expect(page.get_by_role("combobox", name="Condition", exact=True)).to_have_value("serviceable")
        assert findings(page) == []
        tap(page, "Use it")
        tap(page, "Unit removed")
        field(page, "Scan or type: serial number").fill("PNR BRAKE-1/SER SN-OLD")
        page.keyboard.press("Enter")
        expect(field(page, "Part number")).to_have_value("BRAKE-1")
        field(page, "Why it was removed").fill("worn")
        page.reload()  # what is typed outlives the page
        ready(page)
        tap(page, "Unit removed")
        expect(field(page, "Why it was removed")).to_have_value("worn")
        expect(field(page, "Scan or type: serial number")).to_have_value("SN-OLD")
        tap(page, "Report")
        tap(page, "Hours worked")
        field(page, "From").fill("2026-03-03T09:00")
        field(page, "To").fill("2026-03-03T10:15")
        tap(page, "Book")
        tap(page, "Work is done")
        assert findings(page) == []
        page.get_by_role("dialog").get_by_role("button", name="Work is done").tap()
        expect(state(page)).to_have_text("work done, not sent yet")
        expect(outbox(page)).to_contain_text("5 reports wait to be sent")
        page.goto(f"{hangar.address}/my")
        ready(page)
        expect(outbox(page)).to_contain_text("5 reports wait to be sent")
        page.get_by_role("link", name="Main wheel brake worn").tap()
        ready(page)
        assert [kind for kind, *_rest in told(hangar.engine)] == ["accept", "depart"]

        context.set_offline(False)
        expect(outbox(page)).to_be_hidden()
        expect(state(page)).to_have_text("work done")
        expect(page.get_by_role("region", name="Hours and expenses")).to_contain_text("09:00–10:15")
        kinds = ["accept", "depart", "arrive", "part_issued", "unit_removed", "labour", "finish"]
        assert told(hangar.engine) == [(kind, "MECH", number) for number, kind in enumerate(kinds, 1)]
        assert waiting(hangar.engine) == []
        page.reload()
        ready(page)
        assert len(told(hangar.engine)) == len(kinds)
        assert fits(page, WIDTH)


def test_a_checklist_and_a_photo_go_off_line_and_are_sent_once(browser: Browser, hangar: Site, clock: Clock) -> None:
    with writing(hangar.engine, SYSTEM, clock=clock) as session:
        steps = (
            {"kind": "tick"},
            {"kind": "measure", "unit": "Nm", "lowest": "210", "highest": "230"},
            {"kind": "photo"},
        )
        named = [Step(number, f"Step {number}", StepKind.TICK).kept() | told for number, told in enumerate(steps, 1)]
        session.execute(update(Job).where(Job.number == "H-1").values(checklist=named))
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        tap(page, "Accept")
        tap(page, "I am there, start work")
        expect(state(page)).to_have_text("at work")
        expect(page.locator("#open-steps")).to_have_text("First answer: 1 Step 1; 2 Step 2; 3 Step 3")
        expect(page.get_by_role("button", name="Work is done")).to_be_disabled()
        assert findings(page) == []
        context.set_offline(True)
        tap(page, "Done: Step 1")
        tap(page, "Answer: Step 2")
        field(page, "Measured, in Nm").fill("250")
        assert findings(page) == []
        page.get_by_role("dialog").get_by_role("button", name="Answer").tap()
        expect(page.locator("#open-steps")).to_have_text("First answer: 2 Step 2; 3 Step 3")
        picture = BytesIO()
        Image.new("RGB", (3_000, 1_500), (200, 30, 30)).save(picture, "JPEG")
        taken: FilePayload = {"name": "disc.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
        page.get_by_label("Take a photo: Step 3").set_input_files(taken)
        field(page, "What it shows").fill("left disc")
        assert findings(page) == []
        tap(page, "Keep")
        expect(outbox(page)).to_contain_text("3 reports wait to be sent")
        tap(page, "Answer: Step 2")
        field(page, "Measured, in Nm").fill("221.5")
        page.get_by_role("dialog").get_by_role("button", name="Answer").tap()
        expect(page.get_by_role("button", name="Work is done")).to_be_enabled()
        page.reload()
        ready(page)
        expect(outbox(page)).to_contain_text("4 reports wait to be sent")

        context.set_offline(False)
        expect(outbox(page)).to_be_hidden()
        expect(page.get_by_role("region", name="Photos")).to_contain_text("left disc")
        expect(page.get_by_role("region", name="Checklist")).to_contain_text("221.5 Nm")
        assert [kind for kind, *_rest in told(hangar.engine)] == ["accept", "arrive", *["step_answered"] * 4]
        with reading(hangar.engine, SYSTEM) as session:
            kept = session.scalars(select(JobPhoto)).one()
            assert (kept.width, kept.height, kept.person, kept.step) == (2_560, 1_280, "MECH", 3)
        tap(page, "Strike out")
        field(page, "Why").fill("another aircraft")
        assert findings(page) == []
        page.get_by_role("dialog").get_by_role("button", name="Strike out").tap()
        expect(page.get_by_role("region", name="Photos")).to_contain_text("Struck out by mech: another aircraft")
        expect(page.locator("#open-steps")).to_have_text("First answer: 3 Step 3")
        assert waiting(hangar.engine) == []
        assert findings(page) == []
        assert fits(page, WIDTH)


def test_two_users_of_one_telephone_neither_see_nor_send_what_the_other_keeps(
    browser: Browser, hangar: Site, clock: Clock
) -> None:
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        context.set_offline(True)
        tap(page, "Accept")
        expect(outbox(page)).to_contain_text("1 report waits")
        page.close()
        context.clear_cookies()  # the session ends, as when the browser is closed
        context.set_offline(False)

        other = sign_in(context, hangar, "insp", "/my/jobs/H-1")
        expect(state(other)).to_have_text("dispatched")
        expect(outbox(other)).to_be_hidden()
        boxes = other.evaluate("caches.keys()")
        assert [name for name in boxes if name.startswith("fieldops-pages")] == ["fieldops-pages insp"]
        tap(other, "Accept")
        expect(state(other)).to_have_text("accepted")
        assert [(kind, person) for kind, person, _number in told(hangar.engine)] == [("accept", "INSP")]
        sign_out(other)
        expect(other).to_have_url(f"{hangar.address}/signin")
        assert other.evaluate("caches.keys()") == ["fieldops-files"]
        other.close()

        again = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        expect(state(again)).to_have_text("accepted")
        expect(outbox(again)).to_be_hidden()
        assert [(kind, person) for kind, person, _number in told(hangar.engine)] == [
            ("accept", "MECH"),
            ("accept", "INSP"),
        ]
        # what was done first counts, and the inspector's own waits
        assert [reason for reason, _detail in waiting(hangar.engine)] == ["not_allowed"]


def sign_out(page: Page) -> None:
    """Sign out by the menu of the visitor."""
    page.locator("details.visitor summary").tap()
    page.get_by_role("button", name="Sign out", exact=True).tap()


def test_signing_out_warns_while_something_waits_and_clears_the_device(
    browser: Browser, hangar: Site, clock: Clock
) -> None:
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        context.route("**/api/v1/jobs/events", lambda route: route.abort())
        tap(page, "Accept")
        expect(outbox(page)).to_contain_text("1 report waits")
        sign_out(page)
        warning = page.get_by_role("dialog")
        expect(warning).to_contain_text("They are lost when you sign out")
        assert findings(page) == []
        warning.get_by_role("button", name="Stay signed in").tap()
        expect(outbox(page)).to_contain_text("1 report waits")
        sign_out(page)
        warning.get_by_role("button", name="Sign out and lose them").tap()
        expect(page).to_have_url(f"{hangar.address}/signin")
        context.unroute("**/api/v1/jobs/events")
        page.close()
        again = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        expect(state(again)).to_have_text("dispatched")
        expect(outbox(again)).to_be_hidden()
        assert told(hangar.engine) == []


def test_what_waits_outlives_the_session_and_is_sent_after_the_next(
    browser: Browser, hangar: Site, clock: Clock
) -> None:
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        context.clear_cookies()
        tap(page, "Accept")
        expect(outbox(page)).to_contain_text("1 report waits to be sent")
        assert findings(page) == []
        outbox(page).get_by_role("link", name="Sign in again to send what waits; nothing is lost").tap()
        page.get_by_label("Name").fill("mech")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{hangar.address}/my/jobs/H-1")
        expect(state(page)).to_have_text("accepted")
        expect(outbox(page)).to_be_hidden()
        assert told(hangar.engine) == [("accept", "MECH", 1)]


def test_what_others_report_is_seen_at_once(browser: Browser, hangar: Site, clock: Clock) -> None:
    with telephone(browser, clock) as one, telephone(browser, clock) as other:
        page, days = sign_in(one, hangar, "mech", "/my/jobs/H-1"), sign_in(other, hangar, "insp")
        card = other.new_page()
        card.goto(f"{hangar.address}/my/jobs/H-1")
        ready(card)
        tap(page, "Accept")
        expect(state(card)).to_have_text("accepted")
        expect(days.locator("[data-state-of='H-1']")).to_have_text("accepted")


def test_what_cannot_be_read_is_corrected_and_what_does_not_fit_is_told(
    browser: Browser, hangar: Site, clock: Clock
) -> None:
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        tap(page, "Journey and expenses")
        field(page, "To").fill("2026-03-03T08:00")
        field(page, "From").fill("2026-03-03T09:00")
        tap(page, "Book")
        expect(page.get_by_role("alert")).to_have_text("The end must come after the start")
        field(page, "From").fill("2026-03-03T07:30")
        field(page, "Kilometres").fill("12.5")
        tap(page, "Add an expense")
        field(page, "What for").fill("taxi")
        field(page, "Amount").fill("8")
        field(page, "Currency").fill("QQQ")
        assert findings(page) == []
        tap(page, "Book")
        expect(outbox(page)).to_contain_text("1 report needs you")
        expect(outbox(page)).to_contain_text("currency")
        assert findings(page) == []
        tap(page, "Correct")
        expect(field(page, "From")).to_have_value("2026-03-03T07:30")
        expect(field(page, "What for")).to_have_value("taxi")
        field(page, "Currency").fill("USD")
        tap(page, "Book")
        expect(outbox(page)).to_be_hidden()
        expect(page.get_by_role("region", name="Hours and expenses")).to_contain_text("taxi 8")

        tap(page, "Hours worked")
        field(page, "From").fill("2026-03-03T15:00")
        field(page, "To").fill("2026-03-03T16:00")
        tap(page, "Book")
        expect(outbox(page)).to_contain_text("a dispatcher decides about it")
        expect(outbox(page)).to_contain_text("is in the future")
        assert [reason for reason, _detail in waiting(hangar.engine)] == ["in_future"]


def test_inspection_and_release_are_signed_in_chinese_by_keyboard_alone(
    browser: Browser, hangar: Site, clock: Clock
) -> None:
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        for name in ("Accept", "I am there, start work", "Work is done"):
            tap(page, name)
        page.get_by_role("dialog").get_by_role("button", name="Work is done").tap()
        expect(state(page)).to_have_text("work done")
        page.close()
    for name, button, sign, after in (
        ("insp", "签署检验", "签署", "已检验"),
        ("sign", "放行", "签署放行", "已放行"),
    ):
        with telephone(browser, clock) as context:
            page = sign_in(context, hangar, name, "/my/jobs/H-1")
            page.goto(f"{hangar.address}/language/zh_CN?next=/my/jobs/H-1")
            ready(page)
            expect(page.get_by_role("heading", level=1)).to_have_text("主轮刹车磨损")
            assert findings(page) == []
            page.get_by_role("button", name=button, exact=True).focus()
            page.keyboard.press("Enter")
            dialog = page.get_by_role("dialog")
            expect(dialog).to_be_visible()
            assert findings(page) == []
            if name == "sign":
                dialog.get_by_role("button", name="添加缺陷").press("Enter")
                for label, text in (("编号", "DDL-0042"), ("最后期限", "2026-03-12"), ("保留内容", "着陆灯不亮")):
                    field(page, label).fill(text)
                assert findings(page) == []
            dialog.get_by_role("button", name=sign, exact=True).focus()
            page.keyboard.press("Enter")
            expect(state(page)).to_have_text(after)
            expect(outbox(page)).to_be_hidden()
    assert [kind for kind, *_rest in told(hangar.engine)][-2:] == ["inspect", "release"]
    assert waiting(hangar.engine) == []
    with reading(hangar.engine, SYSTEM) as session:
        ((deferral,),) = session.scalars(select(ReleaseCertificate.deferrals))
    assert deferral == {"reference": "DDL-0042", "due_on": "2026-03-12", "text": "着陆灯不亮"}


def test_a_photo_of_a_code_names_the_part_where_the_browser_reads_codes(
    browser: Browser, hangar: Site, clock: Clock
) -> None:
    with telephone(browser, clock) as context:
        plain = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        tap(plain, "Use a part")
        expect(plain.locator("dialog[open] .camera")).to_be_hidden()
        plain.close()
        context.add_init_script("window.BarcodeDetector = class { detect() { return [{rawValue: 'LOT-9'}] } }")
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        tap(page, "Use a part")
        assert findings(page) == []
        photo: FilePayload = {"name": "code.png", "mimeType": "image/png", "buffer": page.screenshot()}
        page.locator("dialog[open] [data-camera]").set_input_files(photo)
        expect(field(page, "Part number")).to_have_value("BULB-9")
        expect(field(page, "Serial or lot")).to_have_value("LOT-9")
        expect(page.get_by_role("combobox", name="Condition", exact=True)).to_have_value("new")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_others_typed_is_shown_as_it_is(
    browser: Browser, hangar: Site, clock: Clock, scheme: Literal["light", "dark"]
) -> None:
    payload = "<img src=x onerror=alert(1)></script><b>"
    with writing(hangar.engine, SYSTEM, clock=clock) as session:
        session.execute(update(Job).values(title=payload))
    with telephone(browser, clock) as context:
        page = sign_in(context, hangar, "mech", "/my/jobs/H-1")
        page.emulate_media(color_scheme=scheme)
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        expect(page.get_by_role("heading", level=1)).to_have_text(payload)
        tap(page, "Accept")
        expect(state(page)).to_have_text("accepted")
        assert findings(page) == []
        page.goto(f"{hangar.address}/my")
        ready(page)
        expect(page.get_by_text(payload)).to_be_visible()
        assert findings(page) == []
