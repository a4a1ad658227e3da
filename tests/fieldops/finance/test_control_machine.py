"""Money that is held, spent, accrued, reversed, moved and given back in any order, against a plain dictionary."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.finance.approvals.models import Approval, ApprovalState
from fieldops.finance.approvals.service import approve, reject, spend
from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, EntryKind
from fieldops.finance.budgets.queries import amounts_of, budget_lines, disagreements
from fieldops.finance.budgets.schemas import NewTransfer
from fieldops.finance.budgets.service import transfer
from fieldops.finance.categories import Category
from fieldops.finance.control.accruals import accrue
from fieldops.finance.control.actual_schemas import NewAccrual, NewActual, Reversal
from fieldops.finance.control.actuals import post_actuals, reverse_actual
from fieldops.finance.control.holding import release
from fieldops.finance.control.models import BudgetActual, BudgetOverride
from fieldops.finance.control.proof import wrong_records
from fieldops.finance.control.schemas import Release
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import set_terms
from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import DomainError
from tests.conftest import NOW
from tests.fieldops.finance.spending import BOSS, DAY, LI, wanted
from tests.worlds import load_tiny

BLOCK = Decimal(500)
"""How far beyond its budget an approval can take a line."""
DOCUMENTS = [f"O-{number}" for number in range(4)]
CATEGORIES = (Category.FREIGHT, Category.LABOUR)
amounts = st.integers(1, 60_000_00).map(lambda cents: Decimal(cents).scaleb(-2)) | st.integers(1, 700).map(Decimal)


@pytest.fixture(scope="module")
def controlled_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the small world and a block 500 beyond each budget, to be copied."""
    file = tmp_path_factory.mktemp("controlled") / "tiny.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    load_tiny(engine)
    bands = [{"action": "approve", "percent": "100"}, {"action": "block", "excess": str(BLOCK)}]
    with writing(engine, SYSTEM) as session:
        set_terms(session, Terms.model_validate({"bands": bands}), version=0)
    engine.dispose()
    return file


class Control(RuleBasedStateMachine):
    """Spends in the database, and keeps in dictionaries what each source spent and what was moved."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        own = Path(self.folder.name) / "tiny.db"
        shutil.copyfile(file, own)
        self.engine = open_engine(sqlite_url(own))
        with reading(self.engine, SYSTEM) as session:
            lines = {one.category: one for one in budget_lines(session, regions=["SEA"])}
        self.lines = {category: lines[category].id for category in CATEGORIES}
        self.budgets = {category: lines[category].budget for category in CATEGORIES}
        self.spent: dict[str, tuple[Category, Decimal]] = {}
        self.number = 0

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def doing(self, act: Callable[[Session], object]) -> bool:
        """Do something as staff of SEA; False where it is refused, after which nothing may have changed."""
        with suppress(DomainError):
            with writing(self.engine, BOSS, clock=lambda: NOW) as session:
                act(session)
            return True
        return False

    @rule(
        document=st.sampled_from(DOCUMENTS),
        amount=amounts,
        category=st.sampled_from(CATEGORIES),
        stage=st.sampled_from(["reservation", "commitment"]),
        override=st.booleans(),
        share=st.integers(0, 100),
    )
    def hold(self, document: str, amount: Decimal, category: Category, stage: str, override: bool, share: int) -> None:
        more = {"priority": "AOG", "override": True, "reason": "aircraft waits"} if override else {}
        recovery = (amount * share / 100).quantize(Decimal("0.01"))
        asked = wanted(document, str(amount), category=category, stage=stage, recovery=str(recovery), **more)
        self.doing(lambda session: spend(session, BOSS if override else LI, asked, NOW, DAY))

    @rule(document=st.sampled_from(DOCUMENTS))
    def give_back(self, document: str) -> None:
        asked = Release(document_kind="order", document=document, reason="off")
        self.doing(lambda session: release(session, LI, asked, NOW, DAY))

    @rule(yes=st.booleans())
    def decide(self, yes: bool) -> None:
        with reading(self.engine, SYSTEM) as session:
            waiting = session.scalars(select(Approval).where(Approval.state == ApprovalState.PENDING)).first()
        if waiting is not None:
            number, version = waiting.number, waiting.version
            decided = approve if yes else reject
            self.doing(lambda session: decided(session, BOSS, number, "ok", NOW, DAY, version=version))

    @rule(
        document=st.sampled_from(DOCUMENTS), amount=amounts, category=st.sampled_from(CATEGORIES), final=st.booleans()
    )
    def spend_it(self, document: str, amount: Decimal, category: Category, final: bool) -> None:
        self.number += 1
        source = f"s/{self.number}"
        told = {"source": source, "document_kind": "order", "document": document, "region": "SEA", "final": final}
        told |= {"category": category, "day": DAY, "amount": amount, "currency": "USD"}
        actual = NewActual.model_validate(told)
        assert self.doing(lambda session: post_actuals(session, BOSS, [actual], NOW))
        # the same once more changes nothing
        assert self.doing(lambda session: post_actuals(session, BOSS, [actual], NOW))
        self.spent[source] = (category, amount)

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        source = data.draw(st.sampled_from(sorted(self.spent)))
        asked = Reversal(source=source, day=DAY, reason="wrong")
        if self.doing(lambda session: reverse_actual(session, BOSS, asked, NOW)):
            del self.spent[source]

    @rule(document=st.sampled_from(DOCUMENTS), day=st.integers(0, 20))
    def accrue_it(self, document: str, day: int) -> None:
        first = DAY + timedelta(days=day)
        item = {"document_kind": "order", "document": document}
        asked = NewAccrual.model_validate({"day": first, "reverse_on": first + timedelta(days=1), "items": [item]})
        self.doing(lambda session: accrue(session, BOSS, asked, NOW))

    @rule(ends=st.permutations([*CATEGORIES, None]), amount=amounts)
    def move(self, ends: list[Category | None], amount: Decimal) -> None:
        source, target = ends[:2]
        asked = NewTransfer(
            from_line=None if source is None else self.lines[source],
            to_line=None if target is None else self.lines[target],
            amount=amount,
            reason="plan",
        )
        if self.doing(lambda session: transfer(session, BOSS, asked, NOW, DAY)):
            if source is not None:
                self.budgets[source] -= amount
            if target is not None:
                self.budgets[target] += amount

    @invariant()
    def the_ledger_adds_up(self) -> None:
        with reading(self.engine, SYSTEM) as session:
            assert disagreements(session) == []
            assert wrong_records(session) == []
            lines = {one.category: one for one in session.scalars(select(BudgetLine)) if one.id in self.lines.values()}
            actual: defaultdict[Category, Decimal] = defaultdict(Decimal)
            for one in session.scalars(select(BudgetActual)):
                actual[next(name for name, key in self.lines.items() if key == one.line_id)] += one.amount
            assert sum(actual.values()) == sum(amount for _category, amount in self.spent.values())
            for category, line in lines.items():
                assert line.budget == self.budgets[category]
                assert line.actual == actual[category]
                assert line.available == line.budget - line.reserved - line.committed - line.actual
                assert line.overridden == max(-line.available, Decimal(0))
                assert line.recovery <= line.reserved + line.committed
                told = select(BudgetEntry.kind, func.sum(BudgetEntry.amount)).where(BudgetEntry.line_id == line.id)
                replayed = dict(session.execute(told.group_by(BudgetEntry.kind)).all())
                assert amounts_of(line) == {kind: replayed.get(kind, Decimal(0)) for kind in EntryKind}
                if -line.available > BLOCK:
                    passed = select(BudgetOverride.kind).where(BudgetOverride.line_id == line.id)
                    assert {"named", "overrun"} & set(session.scalars(passed))


def test_any_history_of_spending(controlled_file: Path) -> None:
    run_state_machine_as_test(
        lambda: Control(controlled_file),  # type: ignore[arg-type]  # it is only called
        settings=settings(max_examples=40, stateful_step_count=25, deadline=None),
    )
