"""`fieldops user` as a process of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.customers.schemas import NewOperator
from fieldops.customers.service import add_operators
from fieldops.identity.door import Door
from fieldops.identity.passwords import Passwords
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.installation import DEMO_DATE, set_fact
from tests.fieldops.identity.site import PASSWORD, furnish, in_system_session

ROOT = Path(__file__).parents[3]
COMMAND = [
    sys.executable,
    "-c",
    "from fieldops.terminal import one_line_errors\n"
    "from fieldops.commands.user import app\n"
    "with one_line_errors():\n"
    "    app(prog_name='fieldops user')",
]


@pytest.fixture
def environment(engine: Engine) -> dict[str, str]:
    """The environment of commands on the database of the test."""
    furnish(engine)
    url = engine.url.render_as_string(hide_password=False)
    return {**os.environ, "PYTHONPATH": str(ROOT), "FIELDOPS_DATABASE_URL": url}


def run(environment: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, input=typed, capture_output=True, text=True, timeout=120
    )


def told(environment: dict[str, str], *arguments: str, typed: str = "") -> Any:
    """What a command prints with --json."""
    done = run(environment, *arguments, "--json", typed=typed)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def can_sign_in(engine: Engine, name: str) -> bool:
    """Whether the password of the tests lets a user in."""
    return bool(Door(engine, system_clock, Passwords()).sign_in(name, PASSWORD, None, "192.0.2.1"))


def test_a_user_is_added_with_a_password_from_standard_input(engine: Engine, environment: dict[str, str]) -> None:
    in_system_session(
        engine, lambda session: add_operators(session, SYSTEM, [NewOperator(code="OP1", name="One", country="LA")])
    )
    arguments = ("--role", "dispatcher", "--role", "engineer", "--region", "CN", "--region", "SEA", "--operator", "OP1")
    user = told(environment, "add", "Li.Wei", *arguments, "--password-stdin", typed=f"{PASSWORD}\n")
    assert (user["name"], user["roles"]) == ("li.wei", ["dispatcher", "engineer"])
    assert user["memberships"] == [{"kind": "region", "code": "CN"}, {"kind": "region", "code": "SEA"}]
    assert user["operator"] is not None
    assert can_sign_in(engine, "li.wei")
    listed = told(environment, "list")["items"]
    assert [one["name"] for one in listed] == ["admin", "dora", "fin", "li.wei"]
    assert "li.wei\tLi.Wei\tdispatcher, engineer\tregion CN, region SEA" in run(environment, "list").stdout
    assert told(environment, "disable", "li.wei")["enabled"] is False
    assert "disabled" in run(environment, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "typed", "status", "why"),
    [
        (("add", "new"), PASSWORD, 1, "--password-stdin"),
        (("add", "new", "--password-stdin"), "short", 1, "12 to 128 characters"),
        (("add", "new", "--password-stdin"), "", 1, "12 to 128 characters"),
        (("add", "dora", "--password-stdin"), PASSWORD, 1, "dora exists already"),
        (("add", "new", "--role", "boss", "--password-stdin"), PASSWORD, 1, "Role boss does not exist"),
        (("add", "new", "--region", "MARS", "--password-stdin"), PASSWORD, 1, "Region MARS does not exist"),
        (("add", "new", "--operator", "NONE", "--password-stdin"), PASSWORD, 1, "Operator NONE does not exist"),
        (("add", "two words", "--password-stdin"), PASSWORD, 2, "name"),
        (("disable", "nobody"), "", 1, "User nobody does not exist"),
        (("disable", "admin"), "", 1, "last enabled administrator"),
        (("token", "nobody"), "", 1, "User nobody does not exist"),
        (("token", "dora", "--permission", "users.write"), "", 1, "dora has no right"),
        (("token", "dora", "--permission", "fly"), "", 2, "fly"),
        (("token", "dora", "--days", "91"), "", 2, "90"),
        (("link", "dispatcher"), "", 1, "for demonstrations only"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    environment: dict[str, str], arguments: tuple[str, ...], typed: str, status: int, why: str
) -> None:
    done = run(environment, *arguments, typed=typed)
    assert (done.returncode, done.stdout) == (status, "")
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    if status == 1:
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        (("--role", "dispatcher"), "belongs to nothing"),
        (("--role", "administrator", "--region", "CN"), "cannot manage users"),
        (("--role", "administrator", "--network"), ""),
        (("--role", "dispatcher", "--region", "CN"), ""),
    ],
)
def test_whoever_can_do_nothing_is_added_with_a_warning(
    environment: dict[str, str], arguments: tuple[str, ...], warning: str
) -> None:
    done = run(environment, "add", "new", *arguments, "--password-stdin", "--json", typed=PASSWORD)
    assert (done.returncode, json.loads(done.stdout)["name"]) == (0, "new")
    assert warning in done.stderr
    assert len(done.stderr.splitlines()) == bool(warning)


def test_a_token_is_printed_once_and_alone(environment: dict[str, str]) -> None:
    done = run(environment, "token", "dora", "--name", "importer", "--days", "7", "--permission", "stock.read")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("fo_")
    assert len(done.stdout.splitlines()) == 1
    issued = told(environment, "token", "dora")
    assert issued["permissions"] is None


def test_a_link_is_for_a_demonstration_on_this_machine(engine: Engine, environment: dict[str, str]) -> None:
    in_system_session(engine, lambda session: set_fact(session, DEMO_DATE, date(2026, 3, 2).isoformat()))
    link = told(environment, "link", "dispatcher")["link"]
    assert link.startswith("http://127.0.0.1:8080/signin/link/")
    outside = run(environment | {"FIELDOPS_HOST": "192.0.2.1"}, "link", "dispatcher")
    assert outside.returncode == 1
    assert "this machine only" in outside.stderr


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    engine: Engine, environment: dict[str, str]
) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [*COMMAND, "add", "anna"], environment)  # noqa: S606 - in the child
    shown = b""
    for question in (b"Password: ", b"confirmation: "):
        while question.lower() not in shown.lower():
            shown += os.read(terminal, 1024)
        os.write(terminal, f"{PASSWORD}\n".encode())
    try:
        while more := os.read(terminal, 1024):
            shown += more
    except OSError:
        pass  # the terminal is gone with the process
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert PASSWORD.encode() not in shown
    assert can_sign_in(engine, "anna")
