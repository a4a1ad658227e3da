"""The proof that every projection is the sum of its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine

from fieldops.finance import queries as finance
from inventory.kernel.engine import reading
from inventory.kernel.texts import gettext as _
from inventory.ledger import queries as ledger


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not add up; both lists are empty when all is sound."""

    stock: list[ledger.Disagreement]
    budget: list[finance.Disagreement]

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return not self.stock and not self.budget

    def as_json(self) -> dict[str, Any]:
        """Return the findings for `--json`; amounts and quantities as text."""
        return {"sound": self.sound, "stock": _as_text(self.stock), "budget": _as_text(self.budget)}

    def as_text(self) -> str:
        """Return the findings for a person, the first wrong lines named."""
        if self.sound:
            return _("Stock and budget ledgers add up.")
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
        return "\n".join(lines)


def _as_text(found: Iterable[ledger.Disagreement | finance.Disagreement]) -> list[dict[str, str]]:
    return [{key: str(value) for key, value in asdict(one).items()} for one in found]


def check_ledgers(engine: Engine) -> Findings:
    """Compare every balance with its moves and every budget line with its entries, on one snapshot."""
    with reading(engine) as session:
        return Findings(stock=ledger.disagreements(session), budget=finance.disagreements(session))
