"""The proof that every projection is the sum of its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine

from fieldops.audit.queries import verify
from fieldops.audit.schemas import Verdict
from fieldops.finance import queries as finance
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.kernel.texts import gettext as _
from inventory.ledger import queries as ledger


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not add up; both lists are empty and the audit trail's chain is whole when all is sound."""

    stock: list[ledger.Disagreement]
    budget: list[finance.Disagreement]
    audit: Verdict

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return not self.stock and not self.budget and self.audit.sound

    def as_json(self) -> dict[str, Any]:
        """Return the findings for `--json`; amounts and quantities as text."""
        return {
            "sound": self.sound,
            "stock": _as_text(self.stock),
            "budget": _as_text(self.budget),
            "audit": self.audit.model_dump(mode="json"),
        }

    def as_text(self) -> str:
        """Return the findings for a person, the first wrong lines named."""
        if self.sound:
            return "\n".join((_("Stock and budget ledgers add up."), self.audit.as_text()))
        lines = [
            _("Stock of {part} at {place} ({condition}): balance {balance}, moves add up to {moves}").format(
                **asdict(one)
            )
            for one in self.stock[:10]
        ]
        lines += [
            _("Budget of {region} for {category}, {kind}: line {line}, entries add up to {entries}").format(
                **asdict(one)
            )
            for one in self.budget[:10]
        ]
        more = len(self.stock[10:]) + len(self.budget[10:])
        if more:
            lines.append(_("and {count} more; --json shows all").format(count=more))
        if not self.audit.sound:
            lines.append(self.audit.as_text())
        return "\n".join(lines)


def _as_text(found: Iterable[ledger.Disagreement | finance.Disagreement]) -> list[dict[str, str]]:
    return [{key: str(value) for key, value in asdict(one).items()} for one in found]


def check_ledgers(engine: Engine) -> Findings:
    """Compare balances with moves, budget lines with entries, the audit trail with its chain, on one snapshot."""
    with reading(engine, SYSTEM) as session:
        return Findings(
            stock=ledger.disagreements(session), budget=finance.disagreements(session), audit=verify(session)
        )
