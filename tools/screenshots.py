"""Take the pictures of the pages that the docs show: python tools/screenshots.py

They are of the small demonstration, which is made anew in a folder of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from io import BytesIO
from os import environ
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.board.site import chromium, serving
from fieldops.identity.links import login_link
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine, writing

OUT = Path(__file__).parents[1] / "docs" / "images"
DESK = {
    "board": ("administrator", "/board"),
    "plan": ("regional_manager", "/plans/P-000001"),
    "stock": ("central_planner", "/stock"),
    "budgets": ("finance", "/budgets"),
}
"""What each picture is of: whose page, and where."""
PHONE = {"phone": ("technician", "/my")}
COLOURS = 64
SETTLED_MS = 2_000
"""So long charts and live news take at most; pages that hear of news are never quiet."""


def _page(browser: Browser, address: str, link: str, path: str, *, phone: bool) -> Page:
    size: ViewportSize = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 800}
    page = browser.new_context(viewport=size, device_scale_factor=2 if phone else 1).new_page()
    page.goto(link)
    page.get_by_role("button").filter(has_text="Sign in as").click()
    page.locator("html[data-ready]").wait_for(state="attached")
    page.goto(address + path)
    page.wait_for_timeout(SETTLED_MS)
    return page


def main() -> None:
    """Make the demonstration, and take every picture."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/demo.db"
        told = environ | {"FIELDOPS_DATABASE_URL": url}
        subprocess.run([sys.executable, "-m", "fieldops", "demo", "--no-serve"], env=told, check=True)
        engine = open_engine(url)
        with serving(url) as address, chromium() as browser:
            for name, (role, path) in (DESK | PHONE).items():
                with writing(engine, SYSTEM) as session:
                    link = login_link(session, address, role, system_clock())
                page = _page(browser, address, link, path, phone=name in PHONE)
                picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
                picture.save(OUT / f"{name}.png", optimize=True)
                page.context.close()
        engine.dispose()


if __name__ == "__main__":
    main()
