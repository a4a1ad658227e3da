"""A site in a process of its own, a browser, and somebody who is signed in with it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from fieldops.identity.links import login_link
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import writing


@contextmanager
def serving(url: str) -> Iterator[str]:
    """Serve a database in a process of its own."""
    environment = os.environ | {"FIELDOPS_DATABASE_URL": url, "FIELDOPS_WORKER_INSIDE": "false"}
    environment["FIELDOPS_API_PER_MINUTE"] = "1000000"
    command = [sys.executable, "-m", "fieldops", "serve", "--port", "0"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    assert server.stderr is not None  # noqa: S101 - it is a pipe
    try:
        address = next(found[0] for line in server.stderr if (found := re.search(r"http://[\w.]+:\d+", line)))
        drain = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)  # noqa: S607 - whichever is there
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        drain.terminate()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that FIELDOPS_CHROMIUM names."""
    program = os.environ.get("FIELDOPS_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=sandbox)
        yield browser
        browser.close()


def signed_in(browser: Browser, engine: Engine, address: str) -> Page:
    """A page of a browser that keeps nothing from before, signed in; what every page has is not loaded yet."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    with writing(engine, SYSTEM) as session:
        link = login_link(session, address, "administrator", system_clock())
    page.goto(link)
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    page.locator("html[data-ready]").wait_for(state="attached")
    return page
