"""What a budget line is for, and which line pays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from fieldops.finance.categories import Category


@dataclass(frozen=True, slots=True)
class Account:
    """What money is spent for and by whom; None is for all of them."""

    region: str
    category: Category
    area: str | None = None
    cost_centre: str | None = None
    programme: str | None = None
    person: str | None = None

    @property
    def key(self) -> str:
        """The account as one text that no other account has; codes have no blank."""
        parts = (self.region, self.area, self.cost_centre, self.category, self.programme, self.person)
        return " ".join(part or "" for part in parts)

    def covering(self) -> list[Account]:
        """Return the accounts that may pay for this one, the most specific first: person, programme, cost centre, area.

        A line that is for somebody or something else never pays.
        """
        found = [Account(self.region, self.category)]
        for name in ("area", "cost_centre", "programme", "person"):
            told = {name: getattr(self, name)}
            if told[name] is not None:
                found = [replace(one, **told) for one in found] + found
        return found


def run_rate(actual: Decimal, start: date, end: date, today: date) -> Decimal:
    """Return what is spent by the end of a period when it goes on as until now: actual × days ÷ days gone, unrounded.

    Before the first day and after the last one it is what was spent.
    """
    gone = (min(today, end) - start).days
    return actual if gone <= 0 else actual * (end - start).days / gone
