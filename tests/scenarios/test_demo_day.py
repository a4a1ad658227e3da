"""A newcomer's first hour on the command line, as separate processes on a database of their own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading
from inventory.kernel.outbox import OutboxEvent
from tests.scenarios.terminal import Keys, Terminal
from tests.worlds import load_tiny


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, Keys]:
    """A loaded small demonstration and the plan that it told."""
    terminal = Terminal(tmp_path_factory.mktemp("demo"))
    return terminal, terminal.json("demo", "--no-serve")


def test_the_plan_keeps_the_json_contract(demo: tuple[Terminal, Keys]) -> None:
    _, plan = demo
    assert plan["network"] == {"places": 26, "regions": 3, "parts": 200, "technicians": 20, "jobs": 60}
    solved = {"status", "objective", "bound", "gap", "seconds", "cost"}
    assert solved | {"assigned", "unassigned", "late"} <= set(plan["dispatch"])
    assert solved | {"orders", "unmet"} <= set(plan["replenishment"])
    assert set(plan["budget"]) == {"lines", "held", "overrides"}
    assert {"seed", "version", "deterministic", "plan_hash"} <= set(plan)
    for part in (plan["dispatch"], plan["replenishment"]):
        assert set(part["cost"]) == {"currency", "total", "by_term"}
        assert part["status"] in ("optimal", "feasible")
    for line in plan["budget"]["lines"]:
        amounts = {"budget", "reserved", "committed", "actual", "available"}
        assert set(line) == {"region", "category", "currency"} | amounts
        assert all(isinstance(line[name], str) for name in amounts)
    for held in plan["budget"]["held"]:
        assert set(held) == {
            "document", "kind", "region", "category", "currency", "amount", "available", "shortfall", "priority",
            "approver_role",
        }  # fmt: skip
    for job in plan["dispatch"]["unassigned"]:
        assert set(job) == {"job", "reasons"}
        assert all({"code", "text", "misses_by"} <= set(reason) for reason in job["reasons"])
    for unmet in plan["replenishment"]["unmet"]:
        assert {"part", "place", "quantity", "reasons"} <= set(unmet)


def test_most_of_the_work_is_planned_and_some_of_it_waits_for_money(demo: tuple[Terminal, Keys]) -> None:
    _, plan = demo
    assert plan["dispatch"]["assigned"] >= 40
    assert plan["dispatch"]["assigned"] + len(plan["dispatch"]["unassigned"]) == 60
    assert plan["replenishment"]["orders"] > 50
    assert plan["budget"]["held"]


def test_planning_again_replaces_the_plan_and_gives_the_same(demo: tuple[Terminal, Keys]) -> None:
    terminal, first = demo
    again = terminal.json("plan", "day")
    assert (again["plan_hash"], again["deterministic"]) == (first["plan_hash"], True)
    assert again["plan"] != first["plan"]
    assert again["budget"]["lines"] == first["budget"]["lines"]
    assert terminal.json("plan", "day", "--date", "2026-03-03")["plan_hash"] != first["plan_hash"]


def test_one_region_alone_leaves_the_other_regions_as_they_are(demo: tuple[Terminal, Keys]) -> None:
    terminal, _ = demo
    before = terminal.json("plan", "day")
    sea = terminal.json("plan", "day", "--region", "SEA")
    assert sea["regions"] == ["SEA"]
    assert {line["region"] for line in sea["budget"]["lines"]} == {"SEA"}
    after = {line["region"] for line in terminal.json("plan", "day")["budget"]["lines"]}
    assert after == {line["region"] for line in before["budget"]["lines"]}
    assert "Region XX does not exist" in terminal.run("plan", "day", "--region", "XX", status=1)


def test_a_version_is_made_compared_published_and_undone(demo: tuple[Terminal, Keys]) -> None:
    terminal, _ = demo
    day = terminal.json("plan", "day", "--region", "SEA")
    made = terminal.json("plan", "dispatch", "--region", "SEA", "--iterations", "50")
    assert (made["kind"], made["regions"], made["budget"]["held"]) == ("dispatch", ["SEA"], [])
    told = terminal.json("plan", "compare", made["plan"])
    assert (told["before"], told["regions"]) == ([day["plan"]], ["SEA"])
    assert told["unchanged"] + len(told["jobs"]) >= day["dispatch"]["assigned"]
    assert f"Plan {made['plan']} beside {day['plan']}" in terminal.run("plan", "compare", made["plan"], day["plan"])
    assert f"{made['plan']} SEA: in force" in terminal.run("plan", "publish", made["plan"])
    assert "is not proposed any more" in terminal.run("plan", "publish", made["plan"], status=1)
    (state,) = terminal.json("plan", "undo", made["plan"])["states"]
    assert (state["status"], state["supersedes"]) == ("withdrawn", day["plan"])
    assert terminal.json("check")["sound"]


def test_an_override_lets_aog_pass_and_is_recorded(demo: tuple[Terminal, Keys]) -> None:
    terminal, _ = demo
    free = terminal.json("plan", "day", "--budget", "0")
    held = [one for one in free["budget"]["held"] if one["priority"] == "AOG"]
    assert held
    assert all(line["reserved"] == "0.0000" for line in free["budget"]["lines"])
    passed = terminal.json("plan", "day", "--budget", "0", "--aog-override", "duty.manager", "--reason", "AOG at VTE")
    assert not [one for one in passed["budget"]["held"] if one["priority"] == "AOG"]
    assert any(line["reserved"] != "0.0000" for line in passed["budget"]["lines"])


def test_every_decision_can_be_explained(demo: tuple[Terminal, Keys]) -> None:
    terminal, _ = demo
    plan = terminal.json("plan", "day")
    assigned = plan["dispatch"]["assignments"][0]
    why = terminal.json("explain", plan["plan"], "--job", assigned["job"])
    assert why["technician"] == assigned["technician"]
    assert not why["data_changed"]
    assert why["alternatives"]
    left_out = plan["dispatch"]["unassigned"][0]
    assert terminal.json("explain", plan["plan"], "--job", left_out["job"])["reasons"] == left_out["reasons"]
    move = next(move for move in plan["replenishment"]["moves"] if move["origin"])
    told = terminal.json("explain", plan["plan"], "--part", move["part"])
    assert len(told["moves"]) == sum(one["part"] == move["part"] for one in plan["replenishment"]["moves"])
    assert move["part"] in terminal.run("explain", plan["plan"], "--part", move["part"])
    assert "P-999999" in terminal.run("explain", "P-999999", "--job", assigned["job"], status=1)
    assert "J-99999" in terminal.run("explain", plan["plan"], "--job", "J-99999", status=1)


def test_what_would_go_to_the_erp_adds_up_to_what_is_reserved(demo: tuple[Terminal, Keys]) -> None:
    terminal, _ = demo
    plan = terminal.json("plan", "day")
    pending = terminal.json("erp", "sync", "--dry-run")
    assert (pending["dry_run"], pending["configured"]) == (True, False)
    sums: dict[str, float] = {}
    for posting in pending["pending"]:
        sums[posting["account"]] = sums.get(posting["account"], 0.0) + float(posting["amount"])
    for line in plan["budget"]["lines"]:
        assert sums.get(f"{line['region']}-{line['category']}", 0.0) == pytest.approx(float(line["reserved"]))
    assert "not configured" in terminal.run("erp", "status")
    assert "not configured" in terminal.run("erp", "sync", status=1)
    assert terminal.json("check")["sound"] is True


def test_ctrl_c_during_a_plan_leaves_the_database_as_it_was(demo: tuple[Terminal, Keys]) -> None:
    terminal, _ = demo
    engine = open_engine(terminal.url)

    def events() -> int:
        with reading(engine, SYSTEM) as session:
            return session.query(OutboxEvent).count()

    before = events()
    process = terminal.start("plan", "day", "--time-limit", "120")
    assert process.stderr is not None
    while "Scheduling technicians" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "nothing of it is kept" in err
    assert events() == before
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan", "day", "--time-limit", "3", "--iterations", "3"), "not both"),
        (("plan", "day", "--aog-override", "x"), "belong together"),
        (("plan", "day", "--budget", "much"), "--budget takes an amount"),
        (("plan", "day", "--date", "tomorrow"), "tomorrow"),
        (("explain", "P-000001"), "--job or --part"),
        (("nonsense",), "nonsense"),
    ],
)
def test_wrong_usage_is_told_with_status_2(demo: tuple[Terminal, Keys], arguments: tuple[str, ...], told: str) -> None:
    assert told in demo[0].run(*arguments, status=2)


def test_a_demonstration_does_not_overwrite_data_of_ones_own(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("migrate")
    engine = open_engine(terminal.url)
    load_tiny(engine)
    engine.dispose()
    assert "holds data already" in terminal.run("demo", "--no-serve", status=1)
    assert terminal.json("check")["sound"] is True
    assert "made anew" in terminal.run("rebuild")


def test_an_empty_or_unreachable_database_is_one_clear_line(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    told = terminal.run("plan", "day", status=1)
    assert "fieldops migrate" in told
    assert len(told.splitlines()) == 1
    terminal.environment["FIELDOPS_DATABASE_URL"] = "mysql://somewhere"
    assert "FIELDOPS_DATABASE_URL" in terminal.run("check", status=1)
