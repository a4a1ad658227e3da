"""A document before the control: what it wants of which lines, what it holds there, and what comes of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from fieldops.finance.budgets.models import BudgetLine, Earmark, Stage
from fieldops.finance.budgets.service import told_account
from fieldops.finance.categories import Category, nature_of
from fieldops.finance.control.authority import Envelope
from fieldops.finance.control.rules import Outcome, free, judge, limits
from fieldops.finance.control.schemas import HoldItem, LineVerdict, NewHold
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import bands_of, within_personal
from fieldops.finance.rates.rules import Rates
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _

ZERO = Decimal(0)

Name = tuple[str, UUID]
"""An item of a document and the line that pays for it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an item is to hold of its line: amounts in the currency of the line, `total` in the reporting one."""

    item: HoldItem
    line: UUID
    day: date
    amount: Decimal
    recovery: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """What is told of a line, what comes of it, and whether the document takes more of it than was let pass before."""

    told: LineVerdict
    outcome: Outcome
    grows: bool


@dataclass(slots=True)
class Case:
    """A document with all that its judgement needs, the lines locked where it is to be held.

    `within` tells whether it is within what its actor may commit alone. `enveloped` is what it takes of an envelope.
    """

    wanted: NewHold
    targets: list[Target]
    standing: list[Earmark]
    lines: Mapping[UUID, BudgetLine]
    terms: Terms
    rates: Rates
    within: bool | None = None
    envelope: Envelope | None = None
    enveloped: Decimal = ZERO
    verdicts: list[Judged] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The money of the whole document in the reporting currency."""
        return sum((one.total for one in self.targets), ZERO)

    @property
    def outcome(self) -> Outcome:
        """What the control says of the document."""
        worst = max((one.outcome for one in self.verdicts), default=Outcome.PASS)
        grows = any(one.grows for one in self.verdicts)
        return max(worst, Outcome.APPROVE) if self.within is False and grows else worst


def judge_case(case: Case, actor: Actor) -> None:
    """Judge a document line by line; one for an aircraft on ground that does not pass takes an envelope, if it can."""
    case.within = within_personal(case.terms, actor, _by_category(case))
    case.verdicts = _judged(case)
    if case.envelope is not None and case.outcome >= Outcome.APPROVE:
        _take_envelope(case, case.envelope)


def replaced(case: Case) -> list[Earmark]:
    """Return what the document's new holding takes the place of; what came from an earlier period stays with it."""
    items = {one.item.item for one in case.targets}
    targets = {(one.item.item, one.line) for one in case.targets}
    mine = [
        one for one in case.standing if not (one.came and one.item in items and (one.item, one.line_id) not in targets)
    ]
    if case.wanted.stage is Stage.COMMITMENT:
        return mine
    if any(one.stage is Stage.COMMITMENT and one.amount for one in case.standing):
        raise Conflict(
            _("{document} is committed already; change its commitment, or release it first").format(
                document=case.wanted.document
            ),
            code="committed_already",
        )
    return [one for one in mine if one.stage is Stage.RESERVATION and not one.holder]


def open_amounts(case: Case) -> dict[Name, tuple[Decimal, Decimal]]:
    """Return {(item, line): (amount, recovery)} that the document holds then.

    What was spent of an item is not held, nor what was moved to the line of a later period.
    """
    gone: defaultdict[Name, Decimal] = defaultdict(Decimal)
    back: defaultdict[Name, Decimal] = defaultdict(Decimal)
    for one in case.standing:
        if one.stage is case.wanted.stage and not one.holder:
            gone[one.item, one.line_id] += one.consumed + one.moved
            back[one.item, one.line_id] += one.recovered
    days: dict[Name, date] = {}
    asked: dict[Name, tuple[Decimal, Decimal]] = {}
    for target in case.targets:
        name = (target.item.item, target.line)
        amount, recovery = asked.get(name, (ZERO, ZERO))
        asked[name] = (amount + target.amount, recovery + target.recovery)
        days[name] = target.day
    for one in case.standing:
        for item, line in asked:
            if one.came and one.item == item and one.line_id != line:
                own, paying = case.lines[one.line_id].currency, case.lines[line].currency
                back[item, line] += case.rates.convert(one.recovery + one.recovered, own, paying, days[item, line])
    held = {}
    for name, (amount, recovery) in asked.items():
        left = max(amount - gone[name], ZERO)
        held[name] = (left, min(max(recovery - back[name], ZERO), left))
    return held


def _by_category(case: Case) -> dict[Category, Decimal]:
    """Return what the document costs in all, also what was spent of items that it names no more, by category."""
    amounts: defaultdict[Category, Decimal] = defaultdict(Decimal)
    named = {(one.item.item, one.line) for one in case.targets}
    for target in case.targets:
        amounts[target.item.category] += target.total
    day = min(one.day for one in case.targets)
    for one in case.standing:
        if one.consumed and (one.item, one.line_id) not in named:
            line = case.lines[one.line_id]
            amounts[line.category] += case.rates.convert(one.consumed, line.currency, case.rates.reporting, day)
    return amounts


def _judged(case: Case) -> list[Judged]:
    own: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    let_pass: defaultdict[Name, Decimal] = defaultdict(Decimal)
    planned: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for one in replaced(case):
        own[one.line_id] += one.amount
        if one.holder:
            planned[one.line_id] += one.amount
        else:
            let_pass[one.item, one.line_id] += one.amount
    change: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    more: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for (item, key), (amount, _recovery) in open_amounts(case).items():
        change[key] += amount
        more[key] += max(amount - let_pass[item, key], ZERO)
    keys = sorted(change.keys() | {line for line, amount in own.items() if amount})
    return [_of_line(case, key, own[key], change[key], grows=more[key] > planned[key]) for key in keys]


def _of_line(case: Case, key: UUID, own: Decimal, change: Decimal, *, grows: bool) -> Judged:
    line = case.lines[key]
    told = limits(line.budget, bands_of(case.terms), line.category, case.wanted.document_kind)
    taken = line.taken - own
    outcome = judge(taken + change, told) if grows else Outcome.PASS
    if outcome is Outcome.APPROVE and case.within and taken + change <= line.budget:
        outcome = Outcome.WARN
    room = max(free(line.budget, taken, told), ZERO)
    verdict = LineVerdict(
        line=key,
        account=told_account(line),
        currency=line.currency,
        outcome=outcome.name.lower(),
        amount=change,
        available=line.budget - taken,
        free=room,
        shortfall=max(change - room, ZERO) if outcome >= Outcome.APPROVE else ZERO,
    )
    return Judged(verdict, outcome, grows)


def _take_envelope(case: Case, envelope: Envelope) -> None:
    """Charge the envelope with what does not pass, where its authority and its money suffice.

    That is what does not fit its line, and the whole document where it is beyond what its actor may commit alone.
    """
    line = case.lines[envelope.line]
    short = {one.told.line for one in case.verdicts if one.outcome >= Outcome.APPROVE}
    moved = []
    for one in case.targets:
        if case.within is not False and one.line not in short:
            moved.append(one)
            continue
        if nature_of(one.item.category) is not nature_of(line.category):
            return
        moved.append(_moved(case, one, line))
    taken = sum((one.amount for one in moved if one.line == line.id), ZERO)
    own = sum((one.amount + one.consumed for one in case.standing if one.line_id == line.id), ZERO)
    if line.frozen or taken > envelope.most or taken - own > line.available:
        return
    before = (case.targets, case.verdicts, case.within)
    case.targets, case.within = moved, None
    case.verdicts = _judged(case)
    if any(one.outcome >= Outcome.APPROVE for one in case.verdicts if one.told.line != line.id):
        case.targets, case.verdicts, case.within = before
        return
    # the envelope is there to be used to its end: its own bands do not ask for an approval
    case.verdicts = [
        replace(one, outcome=Outcome.WARN, told=one.told.model_copy(update={"outcome": "warn"}))
        if one.told.line == line.id and one.outcome >= Outcome.APPROVE
        else one
        for one in case.verdicts
    ]
    case.enveloped = max(taken - own, ZERO)


def _moved(case: Case, one: Target, line: BudgetLine) -> Target:
    currency = case.lines[one.line].currency
    amount, recovery = (
        case.rates.convert(value, currency, line.currency, one.day) for value in (one.amount, one.recovery)
    )
    return replace(one, line=line.id, amount=amount, recovery=recovery)


def lines_of(case: Case, outcome: Outcome) -> Sequence[LineVerdict]:
    """Return what is told of the lines of at least an outcome."""
    return [one.told for one in case.verdicts if one.outcome >= outcome]
