"""The budget ledger against a plain dictionary, through random plans that come and go."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.queries import disagreements
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import Override, PlanRef, announce, release_plan, reserve
from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from tests.conftest import NOW
from tests.fieldops.finance.money import Account, line_ids, lines, request, told
from tests.worlds import load_tiny

ACCOUNTS: tuple[Account, ...] = (
    ("CN", Category.LABOUR),
    ("CN", Category.TRAVEL),
    ("SEA", Category.LABOUR),
    ("SEA", Category.FREIGHT),
)

Wish = tuple[int, dict[Account, Decimal]]
"""Rank and amounts of one document."""

# the labour lines hold 50,000, the freight line of SEA 10
amounts = st.integers(1, 30_000).map(Decimal) | st.integers(1, 120_000).map(lambda units: Decimal(units).scaleb(-4))
wishes: st.SearchStrategy[list[Wish]] = st.lists(
    st.tuples(st.integers(0, 2), st.dictionaries(st.sampled_from(ACCOUNTS), amounts, max_size=3)), max_size=5
)


@dataclass
class Told:
    """What a plan holds, as the dictionary remembers it."""

    ref: PlanRef
    reserved: dict[Account, Decimal] = field(default_factory=dict)


@pytest.fixture(scope="module")
def tiny_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the small world, to be copied."""
    file = tmp_path_factory.mktemp("tiny") / "tiny.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    load_tiny(engine)
    engine.dispose()
    return file


class Budgets(RuleBasedStateMachine):
    """Makes plans reserve and release in the database and in dictionaries."""

    def __init__(self, tiny: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        file = Path(self.folder.name) / "tiny.db"
        shutil.copyfile(tiny, file)
        self.engine = open_engine(sqlite_url(file))
        with reading(self.engine, SYSTEM) as session:
            self.accounts: dict[UUID, Account] = {key: account for account, key in line_ids(session).items()}
        self.plans: list[Told] = []

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    @rule(wanted=wishes, override=st.booleans(), cap=st.none() | amounts)
    def put_in_force(self, wanted: Sequence[Wish], override: bool, cap: Decimal | None) -> None:
        plan = Told(PlanRef(uuid7(), f"P-{len(self.plans):06d}"))
        reserved: defaultdict[Account, Decimal] = defaultdict(Decimal)
        with writing(self.engine, SYSTEM) as session:
            decision = reserve(
                session,
                SYSTEM,
                plan.ref.id,
                [request(session, f"J-{number}", wish, rank=rank) for number, (rank, wish) in enumerate(wanted)],
                override=Override("chief", "aircraft waits") if override else None,
                cap=cap,
                now=NOW,
            )
            announce(session, plan.ref, NOW)
        for one in decision.passed:
            for line, amount in one.amounts.items():
                reserved[self.accounts[line]] += amount
        plan.reserved = dict(reserved)
        self.plans.append(plan)

    @precondition(lambda self: self.plans)
    @rule(data=st.data(), region=st.sampled_from(["CN", "SEA"]))
    def release(self, data: st.DataObject, region: str) -> None:
        """Also what was released before, which changes nothing."""
        plan = data.draw(st.sampled_from(self.plans))
        with writing(self.engine, SYSTEM) as session:
            release_plan(session, SYSTEM, plan.ref, region, NOW)
        for account in [account for account in plan.reserved if account[0] == region]:
            del plan.reserved[account]

    @invariant()
    def the_lines_are_the_dictionary(self) -> None:
        reserved: defaultdict[Account, Decimal] = defaultdict(Decimal)
        for plan in self.plans:
            for account, amount in plan.reserved.items():
                reserved[account] += amount
        with reading(self.engine, SYSTEM) as session:
            found = lines(session)
            assert {account: line.reserved for account, line in found.items() if line.reserved} == reserved
            assert told(session) == reserved
            assert disagreements(session) == []
            for line in found.values():
                assert line.available == line.budget - line.reserved
                # an allowance lapses with what it was given for
                assert line.overridden == max(-line.available, Decimal(0))


def test_any_history_of_plans(tiny_file: Path) -> None:
    run_state_machine_as_test(
        lambda: Budgets(tiny_file),  # type: ignore[arg-type]  # it is only called
        settings=settings(max_examples=25, stateful_step_count=15, deadline=None),
    )
