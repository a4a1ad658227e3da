"""Promises about the code as a whole that no other tool keeps."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.kernel import errors
from inventory.kernel.errors import DomainError

ROOT = Path(__file__).parents[1]
PACKAGES = ("fieldops", "inventory", "optimizer", "integrations")
GENERATED = ROOT / "fieldops" / "migrations" / "versions"
LINES_MAX = 500
HEAVY = {
    "alembic",
    "altair",
    "apscheduler",
    "fastapi",
    "httpx",
    "icalendar",
    "numba",
    "numpy",
    "odoolib",
    "ortools",
    "pandas",
    "pydantic",
    "reportlab",
    "scipy",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "vl_convert",
}
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DomainError)}
TRANSLATED_ELSEWHERE = {"str(wrong)"}
"""First arguments of an error that are texts already: those of the integrations, which know no translation."""


def modules(*packages: str) -> list[Path]:
    """Return every module of the packages that is written by hand."""
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if GENERATED not in path.parents]


def calls(path: Path) -> Iterator[ast.Call]:
    """Yield every call in a module."""
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def place(path: Path, node: ast.AST) -> str:
    """Return where a node stands, to be clicked on."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def is_wrapped(node: ast.expr) -> bool:
    """Tell whether an expression is `_("…")`, with or without `.format(…)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="format")):
            return is_wrapped(inner)
        case ast.Call(func=ast.Name(id="_" | "ngettext"), args=[*texts]):
            return isinstance(texts[0], ast.Constant)
    return ast.unparse(node) in TRANSLATED_ELSEWHERE


def test_help_answers_without_loading_what_only_work_needs() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-X", "importtime", "-m", "fieldops", "--help"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert {"fieldops", "typer"} <= loaded
    assert loaded & HEAVY == set()


def test_nobody_commits_but_the_unit_of_work() -> None:
    """To commit money, by the port of the budgets, is no end of a transaction."""
    found = [
        place(path, call)
        for path in modules(*PACKAGES)
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "commit"
        and ast.unparse(call.func) != "spend.commit"
    ]
    assert found == []


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_holds_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) < LINES_MAX


def test_every_refusal_can_be_translated() -> None:
    assert {"Invalid", "Conflict", "NotReady"} <= ERRORS
    bare = [
        place(path, call)
        for path in modules("fieldops", "inventory")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in ERRORS and not (call.args and is_wrapped(call.args[0]))
    ]
    assert bare == []


def test_every_refusal_of_a_schema_can_be_translated() -> None:
    bare = [
        place(path, call)
        for path in modules("fieldops", "inventory")
        if path.name in ("schemas.py", "settings.py")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "ValueError" and not is_wrapped(call.args[0])
    ]
    assert bare == []


def test_a_text_is_translated_before_its_values_are_put_in() -> None:
    """An f-string or a finished text inside `_(…)` would never be found in a catalogue."""
    wrong = [
        place(path, call)
        for path in modules("fieldops", "inventory")
        for call in calls(path)
        if isinstance(call.func, ast.Name)
        and call.func.id in ("_", "ngettext")
        and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert wrong == []


BEYOND_SCOPE = {
    "inventory/availability/fitness.py": "papers of stock that is told as a band",
    "inventory/availability/holdings.py": "others' stock, told as a band",
    "inventory/availability/preemption.py": "a reservation that has passed the scope, and what else keeps its cell",
    "inventory/availability/promise.py": "what everybody may see: parts, places and lanes",
    "inventory/availability/service.py": "what keeps a cell, for a reservation that has passed the scope",
    "fieldops/dispatch/absences.py": "the jobs that one's own people sit on, wherever they are lent to",
    "fieldops/dispatch/binding.py": "that an aircraft is in the fleet, wherever it is based",
    "fieldops/dispatch/cards.py": "the aircraft and the people of a job that the actor sees",
    "fieldops/dispatch/checklists/answers.py": "the names of who answered steps of a job that the actor sees",
    "fieldops/dispatch/credentials.py": "licences of who works on a job that the actor sees",
    "fieldops/dispatch/crew/engagements.py": "who sits on a job that the actor sees, and when at work elsewhere",
    "fieldops/dispatch/crew/queries.py": "who sits on a job that the actor sees, or is lent to it",
    "fieldops/dispatch/crew/ways.py": "the ways and the booked work of who is judged, wherever that was",
    "fieldops/dispatch/execution/books.py": "the aircraft and the person of a job that the actor sees",
    "fieldops/dispatch/execution/expenses.py": "the expense of a booking, which follows from it; work of the same day",
    "fieldops/dispatch/execution/keeping.py": "what a job's tools and money are, whoever tells that it is on its way",
    "fieldops/dispatch/execution/material.py": "a number is known, whoever has it",
    "fieldops/dispatch/execution/pricing.py": "what an hour costs of who sits on a job that the actor sees",
    "fieldops/dispatch/execution/resolving.py": "who sent an event",
    "fieldops/dispatch/execution/service.py": "an event is known, whoever has it; who one is; who is lent here",
    "fieldops/dispatch/execution/unbooking.py": "the expenses and debts that an event booked",
    "fieldops/dispatch/lending.py": "the place of a job that the actor is lent to, for what is done on it",
    "fieldops/dispatch/photos/service.py": "an id is known, whoever has it",
    "fieldops/dispatch/tasks/service.py": "how long a task takes, in whatever region",
    "fieldops/equipment/service.py": "a serial number is taken, whoever has the tool",
    "fieldops/finance/approvals/queries.py": "roles of the colleague whose substitute one is",
    "fieldops/finance/control/authority.py": "that a document is on hold, whoever placed it",
    "fieldops/planning/approving.py": "the told plan of several regions, of which one document is let go",
    "fieldops/planning/desk/applying.py": "the revision of a plan of several regions, of which a part changes",
    "fieldops/planning/desk/asking.py": "who may take the seats of a job, also of those who are lent to its region",
    "fieldops/planning/desk/parts.py": "pieces that jobs of other regions count on",
    "fieldops/planning/desk/queries.py": "who is lent to a job that the actor changes",
    "fieldops/planning/queries.py": "which regions a plan is of, to be put in force in all of them",
    "fieldops/planning/rolling/service.py": "how far the product has read the events of a region",
    "fieldops/planning/telling.py": "whose work a plan changes, also that of people who are lent",
    "fieldops/planning/desk/restating.py": "the told plan of several regions, of which some jobs are otherwise",
    "fieldops/planning/versions/service.py": "a plan of several regions is put in force in all of them, and told so",
    "fieldops/planning/versions/standing.py": "what plans of other regions claim, and people who are lent",
    "inventory/inspection/service.py": "when a piece went to a customer, whoever issued it",
    "inventory/kernel/lookup.py": "a code is taken, whoever has it",
    "inventory/ledger/service.py": "both ends of a move that has passed the scope",
    "inventory/orders/money.py": "the budget of the region that pays, which agreed to the order",
    "inventory/orders/releasing.py": "what else keeps the stock of an order that has passed the scope",
    "inventory/planning/stock_plans/overriding.py": "what is asked for elsewhere of a part, to reckon what waits here",
    "inventory/traceability/paper_service.py": "a document is known, whoever has it",
    "inventory/traceability/service.py": "a number is one of all regions",
    "inventory/valuation/queries.py": "averages and numbers of the whole network; of quantities its own alone",
}
"""The modules that see beyond an actor's scope, and for what; what they read so is never told as it is."""

CORE = {
    "inventory/kernel",
    "inventory/ledger/balances.py",
    "inventory/ledger/costs.py",
    "inventory/ledger/serials.py",
    "fieldops/migrations",
    "fieldops/audit",
    "fieldops/events",
    "fieldops/operations",
}
"""Where statements may carry no scope: the machinery, and what the ledger keeps of moves that have passed it."""

CORE_TABLES = {"models.py", "scope.py"}
"""The rooms where Core tables are named: the rules of the scope themselves."""


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_only_named_modules_see_beyond_the_scope_of_their_actor() -> None:
    users = {
        _named(path)
        for path in modules("fieldops", "inventory")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in ("unscoped", "at_places")
    }
    assert users == set(BEYOND_SCOPE)


def test_core_statements_are_made_where_there_is_no_actor_to_scope() -> None:
    """A Core table or a statement on the connection carries no criterion: neither is for use cases and queries."""
    found = []
    for path in modules("fieldops", "inventory"):
        if any(_named(path).startswith(folder) for folder in CORE):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            table = isinstance(node, ast.Attribute) and node.attr == "__table__" and path.name not in CORE_TABLES
            statement = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                (".connection", ".exec_driver_sql", ".connect")
            )
            written = isinstance(node, ast.Call) and ast.unparse(node.func) in ("text", "sqlalchemy.text", "sa.text")
            if table or statement or (written and path.name != "models.py"):
                found.append(place(path, node))
    assert found == []


def test_an_actor_is_named_wherever_a_session_is_opened() -> None:
    bare = [
        place(path, call)
        for path in modules("fieldops", "inventory")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "Session" and "inventory/kernel" not in _named(path)
    ]
    assert bare == []
