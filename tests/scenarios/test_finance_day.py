"""A budget from its spreadsheet to the end of the month, over HTTP: approved, spent within, asked for, posted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from fieldops.app import create_app
from fieldops.checking import check_ledgers
from fieldops.settings import Settings
from integrations.files.files import write_table
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.serving import serving
from tests.worlds import load_tiny

HEADER = ["region", "category", "period_start", "period_end", "currency", "budget"]
QUARTER = ["2026-01-01", "2026-04-01", "USD"]


class Person:
    """Somebody who uses the API."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        answer = self.http.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def decide(self, path: str, body: Any, status: int = 200) -> Any:
        """Change the record at a path as it is now by one of its actions."""
        record = self.http.get(f"/api/v1{path.rpartition('/')[0]}")
        return self.post(path, body, status, **{"If-Match": record.headers["ETag"]})


@pytest.fixture
def people(engine: Engine) -> Iterator[dict[str, Person]]:
    """Those who have to do with the money of SEA, by role."""
    load_tiny(engine)
    url = engine.url.render_as_string(hide_password=False)
    app = create_app(engine, Settings(database_url=url), clock=lambda: NOW)
    network, region = (("network", None),), (("region", "SEA"),)
    roles = {
        "planner": ("finance", network),
        "finance": ("finance", network),
        "manager": ("regional_manager", region),
        "dispatcher": ("dispatcher", region),
        "compliance": ("trade_compliance", network),
    }
    with serving(app) as address:
        known = {}
        for name, (role, memberships) in roles.items():
            token = issue_token(engine, name, roles=[role], memberships=memberships, now=NOW)
            known[name] = Person(
                httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)
            )
        yield known
        for person in known.values():
            person.http.close()


def sea(person: Person, category: str) -> dict[str, Any]:
    """Return the general line of SEA for a category."""
    (line,) = person.get("/budgets", region="SEA", category=category)["items"]
    return dict(line)


def test_a_quarter_of_money(people: dict[str, Person], engine: Engine, tmp_path: Path) -> None:
    planner, finance, manager, dispatcher = (people[name] for name in ("planner", "finance", "manager", "dispatcher"))

    # finance brings a revised budget as a spreadsheet, and a colleague approves it
    file = tmp_path / "budget.xlsx"
    rows: list[list[Any]] = [
        ["SEA", "freight", *QUARTER, 900],
        ["SEA", "labour", *QUARTER, 40000],
        ["SEA", "training", *QUARTER, "x"],
    ]
    write_table(file, "budget", HEADER, rows)
    told = imported(planner, file)
    assert [(one["row"], one["column"]) for one in told["bad"]] == [(4, "budget")]
    rows[-1][-1] = 500
    file.unlink()
    write_table(file, "budget", HEADER, rows)
    assert imported(planner, file)["applied"]
    (draft,) = planner.get("/budget-versions")["items"]
    shown = planner.get(f"/budget-versions/{draft['number']}/lines")["items"]
    assert [(one["category"], one["budget"], one["now"]) for one in shown[:2]] == [
        ("freight", "900.0000", "10.0000"),
        ("labour", "40000.0000", "50000.0000"),
    ]
    yes = {"approved": True, "reason": "Board of 1 March"}
    assert planner.decide(f"/budget-versions/{draft['number']}/decide", yes, 403)["code"] == "own_request"
    finance.decide(f"/budget-versions/{draft['number']}/decide", yes)
    assert sea(manager, "freight")["available"] == "900.0000"

    # a dispatcher costs an order, and commits it at once
    asked = {
        "spending": {
            "kind": "freight",
            "tariff": {"currency": "USD", "per_kg": "12", "minimum": "150", "source": "Tariff 2026"},
            "weight_kg": "20.5",
            "priority": "CRITICAL",
            "customs": {"value": "1000", "currency": "USD", "duty_percent": "5"},
        },
        "shares": [{"payer": "customer", "percent": "25"}, {"payer": "own", "percent": "75"}],
    }
    estimate = dispatcher.post("/cost-estimates", asked, 200)
    # 20.5 kg x 12 = 246; duty is 5% of the value with the freight: 62.30
    assert estimate["totals"] == [{"currency": "USD", "gross": "308.30", "recovery": "77.08", "net": "231.22"}]
    items = [
        {name: one[name] for name in ("item", "category", "amount", "currency", "recovery")}
        for one in estimate["items"]
    ]
    order = {"document_kind": "order", "document": "R-1", "region": "SEA", "items": items}
    assert dispatcher.post("/commitments", order)["held"]

    # a second one does not fit; its asker cannot approve it, the manager can, and sees why
    second = order | {"document": "R-2", "items": [one | {"amount": "400", "recovery": "0"} for one in items]}
    waiting = dispatcher.post("/commitments", second | {"reason": "Brake for Friday"})
    assert (waiting["held"], waiting["outcome"], waiting["lines"][0]["shortfall"]) == (False, "approve", "208.3000")
    number = waiting["approval"]
    assert dispatcher.http.get("/api/v1/approvals/inbox").status_code == 403
    (mine,) = manager.get("/approvals/inbox")
    assert (mine["number"], mine["reason"], mine["amount"]) == (number, "Brake for Friday", "800.0000")

    # trade compliance stops it first; lifting the hold lets it go on
    held = {"region": "SEA", "document_kind": "order", "document": "R-2", "reason": "Statement is missing"}
    hold = people["compliance"].post("/compliance-holds", held)
    ok = {"note": "Cheaper than a night more on ground"}
    assert manager.decide(f"/approvals/{number}/approve", ok, 409)["code"] == "compliance_hold"
    people["compliance"].decide(f"/compliance-holds/{hold['id']}/lift", {"reason": "Received"})
    assert manager.decide(f"/approvals/{number}/approve", ok)["state"] == "approved"
    freight = sea(manager, "freight")
    assert (freight["committed"], freight["overridden"], freight["available"]) == (
        "1108.3000",
        "208.3000",
        "-208.3000",
    )

    # the invoice is posted once, against its commitment
    invoice: dict[str, Any] = {
        "document_kind": "order",
        "document": "R-1",
        "region": "SEA",
        "category": "freight",
        "currency": "USD",
    }
    invoice |= {"day": "2026-03-02", "final": True}
    posted = [
        invoice | {"source": "INV-7/1", "item": "freight", "amount": "240.00", "recovered": "60.00"},
        invoice | {"source": "INV-7/2", "item": "duty", "amount": "62.30", "recovered": "15.58"},
    ]
    for _time in range(2):
        finance.post("/actuals", posted)
    # what is not delivered by the end of the month counts as an accrual, and is taken back on the next day
    accrual = {"day": "2026-03-30", "reverse_on": "2026-03-31"}
    documents = [{"document_kind": "order", "document": "R-2", "item": item} for item in ("freight", "duty")]
    finance.post("/actuals/accruals", accrual | {"items": documents})
    freight = sea(manager, "freight")
    assert [freight[name] for name in ("committed", "actual", "recovered", "overridden", "available")] == [
        "800.0000",
        "302.3000",
        "75.5800",
        "202.3000",
        "-202.3000",
    ]
    (row,) = manager.get("/budgets/overview", by="category", category="freight")
    assert (row["budget"], row["net"]) == ("900.0000", "1026.7200")
    entries = manager.get(f"/budgets/lines/{freight['id']}/entries", kind="actual")["items"]
    assert [(one["document"], one["amount"]) for one in entries][-6:] == [
        ("R-1", "240.0000"),
        ("R-1", "62.3000"),
        ("R-2", "400.0000"),
        ("R-2", "-400.0000"),
        ("R-2", "400.0000"),
        ("R-2", "-400.0000"),
    ]
    assert check_ledgers(engine).sound


def imported(person: Person, file: Path) -> Any:
    """Import drafts of budgets from a workbook."""
    with file.open("rb") as content:
        answer = person.http.post("/api/v1/imports/budget-drafts", files={"file": (file.name, content)})
    return answer.json()
