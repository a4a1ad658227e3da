"""A browser for the tests of the pages, a site for it to visit, and what every page has to keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, expect
from sqlalchemy import Engine

from fieldops.identity.links import login_link
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from tests.conftest import NOW

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Site:
    """A served world: its address, and the database behind."""

    address: str
    engine: Engine

    def link(self, role: str) -> str:
        """A new login link of the demonstration's user of a role."""
        with writing(self.engine, SYSTEM, clock=lambda: NOW) as session:
            return login_link(session, self.address, role, NOW)


@contextmanager
def visiting(browser: Browser, site: Site, **options: Any) -> Iterator[Page]:
    """A page of a browser of its own; in the end it must not have complained, nor asked any other machine."""
    with closing(browser.new_context(**options)) as context:
        page = context.new_page()
        witness = Witness(page, site.address)
        yield page
        assert witness.is_content(), (witness.complaints, witness.foreign)


def come_in(page: Page, site: Site, role: str = "administrator") -> None:
    """Sign in by a login link."""
    page.goto(site.link(role))
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")
    page.locator("html[data-ready]").wait_for(state="attached")


def go(page: Page, address: str) -> None:
    """Go to a page, and wait until its scripts are there."""
    page.goto(address)
    page.locator("html[data-ready]").wait_for(state="attached")


class Witness:
    """Notes what a page complains of, and what it asks of other machines."""

    def __init__(self, page: Page, site: str) -> None:
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._site = site
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.startswith(self._site):
            self.foreign.append(request.url)

    def is_content(self) -> bool:
        """True when there was nothing to note."""
        return not self.complaints and not self.foreign


def fits(page: Page, width: int) -> bool:
    """Whether the page is no wider than the screen, with all its styles."""
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def findings(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA on a page as it is now, with all its styles, each with the elements."""
    page.wait_for_load_state("load")
    assert AXE.is_file(), "axe-core is missing; run: npm ci"
    # through the debugger, which the policy of the page does not bind
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({runOnly: rules})", _RULES)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]
