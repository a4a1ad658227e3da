"""What is found about a unit: what fails, and what is left of its life."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from inventory.catalogue.models import UsageDriver


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a unit may not be issued: a stable code, the rule that says so, and what to do."""

    code: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """How much of a life limit is used and left; both None while the use is not known."""

    driver: UsageDriver
    most: Decimal
    used: Decimal | None

    @property
    def left(self) -> Decimal | None:
        """What may still be used; below zero what was used too much."""
        return None if self.used is None else self.most - self.used


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a unit may be issued: it may where nothing fails."""

    failures: tuple[Failure, ...]
    remaining: tuple[Remaining, ...] = ()

    @property
    def acceptable(self) -> bool:
        """True where no rule fails."""
        return not self.failures


def plain(quantity: Decimal) -> str:
    """Return a quantity as people write it: without zeros at its end."""
    return f"{quantity.normalize():f}"
