"""From the codes that people use to the keys of the rows, in few queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from inventory.kernel.errors import DomainError
from inventory.kernel.scope import unscoped

_CODES_PER_QUERY = 5_000
"""Well below the number of bound values that SQLite and PostgreSQL allow in one statement."""


def keys_by_code(
    session: Session,
    code: InstrumentedAttribute[str],
    key: InstrumentedAttribute[UUID],
    wanted: Iterable[str],
    unknown: Callable[[str], DomainError],
) -> dict[str, UUID]:
    """Return {code: key} for every wanted code; raises `unknown(code)` for the first that does not exist."""
    codes = sorted(set(wanted))
    found: dict[str, UUID] = {}
    for chunk in _chunks(codes):
        found.update((row[0], row[1]) for row in session.execute(select(code, key).where(code.in_(chunk))))
    for one in codes:
        if one not in found:
            raise unknown(one)
    return found


def refuse_taken(
    session: Session, code: InstrumentedAttribute[str], new: Iterable[str], taken: Callable[[str], DomainError]
) -> None:
    """Raise `taken(code)` for the first new code that stands in the table already, or twice among the new."""
    counts = Counter(new)
    twice = [one for one, count in counts.items() if count > 1]
    with unscoped(session):  # a number of another region is taken, too
        for chunk in _chunks(sorted(counts)):
            twice += session.scalars(select(code).where(code.in_(chunk)))
    if twice:
        raise taken(min(twice))


def _chunks(codes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(codes), _CODES_PER_QUERY):
        yield codes[start : start + _CODES_PER_QUERY]
