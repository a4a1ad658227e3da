"""The proof that every projection is the sum of its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from fieldops.audit.queries import verify
from fieldops.audit.schemas import Verdict
from fieldops.finance.budgets import queries as finance
from fieldops.finance.control import proof as money
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import record
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.ledger import proof as ledger
from inventory.ledger.balances import rebuild


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not add up; the lists are empty and the audit trail's chain is whole when all is sound.

    `changed_line` is the first line of the stock ledger that somebody changed after it was posted.
    """

    changed_line: ledger.ChangedLine | None
    stock: list[ledger.Disagreement]
    reservations: list[ledger.WrongReservation]
    budget: list[finance.Disagreement]
    money: list[money.WrongRecord]
    audit: Verdict

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return (
            not (self.changed_line or self.stock or self.reservations or self.budget or self.money) and self.audit.sound
        )

    def as_json(self) -> dict[str, Any]:
        """Return the findings for `--json`; amounts and quantities as text."""
        return {
            "sound": self.sound,
            "changed_line": asdict(self.changed_line) if self.changed_line else None,
            "stock": _as_text(self.stock),
            "reservations": _as_text(self.reservations),
            "budget": _as_text(self.budget),
            "money": _as_text(self.money),
            "audit": self.audit.model_dump(mode="json"),
        }

    def as_text(self) -> str:
        """Return the findings for a person, the first wrong lines named."""
        if self.sound:
            return "\n".join((_("Stock and budget ledgers add up."), self.audit.as_text()))
        told = self.told().values()
        lines = [text for texts in told for text in texts[:10]]
        if more := sum(len(texts[10:]) for texts in told):
            lines.append(_("and {count} more; --json shows all").format(count=more))
        if not self.audit.sound:
            lines.append(self.audit.as_text())
        return "\n".join(lines)

    def told(self) -> dict[str, list[str]]:
        """Return {what was compared: a sentence for each fault}, but for those of the audit trail."""
        changed = [] if self.changed_line is None else [self.changed_line]
        line = _("Line {line} of the stock ledger was changed after it was posted (document {document})")
        kept = _("Stock of {part} at {place}: {reserved} are kept, reservations add up to {reservations}")
        budget = _("Budget of {region} for {category}, {kind}: line {line}, entries add up to {entries}")
        record = _("Budget records, {what} of {key}: {told} are told, {found} are found")
        return {
            "lines": [line.format(**asdict(one)) for one in changed],
            "stock": [_stock_as_text(one) for one in self.stock],
            "reservations": [kept.format(**asdict(one)) for one in self.reservations],
            "budget": [budget.format(**asdict(one)) for one in self.budget],
            "money": [record.format(**asdict(one)) for one in self.money],
        }


def _stock_as_text(one: ledger.Disagreement) -> str:
    if one.balance == one.moves:
        text = _("Stock of {part} at {place} ({condition}): its lines are not those that were posted; one is missing")
    else:
        text = _("Stock of {part} at {place} ({condition}): balance {balance}, moves add up to {moves}")
    return text.format(**asdict(one))


def _as_text(
    found: Iterable[ledger.Disagreement | ledger.WrongReservation | finance.Disagreement | money.WrongRecord],
) -> list[dict[str, str]]:
    return [{key: str(value) for key, value in asdict(one).items()} for one in found]


def rebuild_stock(engine: Engine, now: datetime) -> int:
    """Make the balances of stock anew from its moves; returns how many cells there are.

    Raises Conflict where the moves themselves are not those that were posted: what they add up to would be wrong.
    """
    with writing(engine, SYSTEM, clock=lambda: now) as session:
        wrong = ledger.disagreements(session)
        if ledger.first_changed_line(session) or any(one.lines_differ for one in wrong):
            raise Conflict(
                _("The moves are not those that were posted, as fieldops check shows; restore them from a backup"),
                code="moves_changed",
            )
        cells = rebuild(session)
        record(session, "rebuilt", "stock", "balances", before={"wrong": len(wrong)}, after={"cells": cells})
        return cells


def check_ledgers(engine: Engine) -> Findings:
    """Compare balances with moves, budget lines with entries, the audit trail with its chain, on one snapshot."""
    with reading(engine, SYSTEM) as session:
        return Findings(
            changed_line=ledger.first_changed_line(session),
            stock=ledger.disagreements(session),
            reservations=ledger.wrong_reservations(session),
            budget=finance.disagreements(session),
            money=money.wrong_records(session),
            audit=verify(session),
        )
