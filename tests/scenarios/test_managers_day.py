"""A day of two regional managers: a plan as long work, what they hear of it, help asked and granted, the trail."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.faults.working import PATIENCE_S
from tests.scenarios.terminal import Terminal

PASSWORD = "a long sentence of my own"  # noqa: S105 - of this test only
API = "/api/v1"


@contextmanager
def _signed_in(address: str, name: str) -> Iterator[httpx.Client]:
    """A browser's session: the cookie, and the token that every change must carry."""
    with httpx.Client(base_url=f"{address}{API}", timeout=60) as browser:
        answer = browser.post("/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        refused = browser.post("/plans/day", json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
        browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield browser


def _get(browser: httpx.Client, path: str, **query: Any) -> Any:
    answer = browser.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def _listening(browser: httpx.Client, kind: str) -> Iterator[Iterator[dict[str, Any]]]:
    """What happens from the beginning on, as it comes, of the kinds that begin so."""
    with browser.stream("GET", "/events", params={"kind": kind, "after": 0}) as answer:
        yield _told(answer.iter_lines())


def _told(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    end = time.monotonic() + PATIENCE_S
    for line in lines:  # the stream of one who waits holds a line every few seconds
        assert time.monotonic() < end, "it never came"
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def _offer(browser: httpx.Client, place: str, region: str) -> dict[str, Any]:
    """The first part that a region could lend."""
    for part in _get(browser, "/parts", limit=200)["items"]:
        for offer in _get(browser, "/stock/offers", part=part["part_number"], place=place):
            if offer["needs_grant_of"] == region:
                return dict(offer)
    raise AssertionError(f"{region} has nothing to lend")


def test_a_manager_plans_asks_for_help_and_is_granted_it(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("demo", "--no-serve")
    for name, region in (("noi", "SEA"), ("wei", "CN")):
        terminal.run(
            "user", "add", name, "--role", "regional_manager", "--region", region, "--password-stdin",
            typed=f"{PASSWORD}\n",
        )  # fmt: skip
    assert "exists" in terminal.run("user", "add", "noi", "--password-stdin", typed=f"{PASSWORD}\n", status=1)
    assert PASSWORD.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("demo.db*"))

    with terminal.serving() as address, _signed_in(address, "noi") as noi, _signed_in(address, "wei") as wei:
        key = {"Idempotency-Key": "the plan of this morning"}
        asked, again = (noi.post("/plans/day", json={"iterations": 50}, headers=key) for _time in range(2))
        assert (asked.status_code, asked.json()["region"]) == (202, "SEA")
        assert again.json() == asked.json()
        with _listening(noi, "plan.in_force") as news:
            before, made = next(news), next(news)
        operation = _get(noi, f"/operations/{asked.json()['id']}")
        assert (operation["state"], operation["result"]["plan"]) == ("done", made["payload"]["plan"])
        plan = _get(noi, f"/plans/{made['payload']['plan']}")
        assert (plan["regions"], made["audience"]) == (["SEA"], "SEA")
        assert before["payload"]["plan"] != plan["plan"]
        assert wei.get(f"/plans/{plan['plan']}").status_code == 404

        offer = _offer(noi, "VTE", "CN")
        wish = {
            "kind": "stock",
            "asking_region": "SEA",
            "granting_region": "CN",
            "part": offer["part"],
            "quantity": "1",
            "destination": "VTE",
            "purpose": "nothing left at the hub",
            "ends_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        }
        grant = noi.post("/grants", json=wish)
        assert grant.status_code == 201, grant.text
        with _listening(wei, "grant.") as news:
            number = next(news)["payload"]["grant"]
        assert number == grant.json()["number"]
        decided = wei.post(
            f"/grants/{number}/decision", json={"granted": True}, headers={"If-Match": grant.headers["etag"]}
        )
        assert decided.status_code == 200, decided.text
        with _listening(noi, "grant.") as news:
            assert [next(news)["payload"]["state"] for _event in range(2)] == ["requested", "granted"]
        assert noi.delete("/session").status_code == 204
        assert noi.get("/jobs").status_code == 401

    verdict = terminal.json("audit", "verify")
    assert verdict["sound"] is True
    export = tmp_path / "audit.jsonl"
    terminal.run("audit", "export", str(export))
    rows = [json.loads(line) for line in export.read_text().splitlines()]
    done = {(row["actor"], row["action"], row["subject"]) for row in rows if "actor" in row}
    assert {("noi", "created", "region_grant"), ("wei", "changed", "region_grant")} <= done
    assert PASSWORD not in export.read_text()
    assert terminal.json("check")["sound"] is True
