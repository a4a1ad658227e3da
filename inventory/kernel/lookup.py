"""From the codes that people use to the keys of the rows, in few queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Bundle, InstrumentedAttribute, Session

from inventory.kernel.errors import DomainError
from inventory.kernel.scope import unscoped

Found = TypeVar("Found")
Key = TypeVar("Key")

_PER_QUERY = 5_000
"""Well below the number of bound values that SQLite and PostgreSQL allow in one statement."""


def keys_by_code(
    session: Session,
    code: InstrumentedAttribute[str],
    key: InstrumentedAttribute[Found] | type[Found] | Bundle[Any],
    wanted: Iterable[str],
    unknown: Callable[[str], DomainError],
) -> dict[str, Found]:
    """Return {code: key, or the record} for every wanted code; raises `unknown(code)` for the first there is not."""
    codes = sorted(set(wanted))
    found: dict[str, Found] = {}
    for some in portions(codes):
        found.update((row[0], row[1]) for row in session.execute(select(code, key).where(code.in_(some))))
    for one in codes:
        if one not in found:
            raise unknown(one)
    return found


def refuse_taken(
    session: Session,
    code: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    new: Iterable[str],
    taken: Callable[[str], DomainError],
) -> None:
    """Raise `taken(code)` for the first new code that stands in the table already, or twice among the new."""
    counts = Counter(new)
    twice = [one for one, count in counts.items() if count > 1]
    with unscoped(session):  # a number of another region is taken, too
        for some in portions(sorted(counts)):
            twice += session.scalars(select(code).where(code.in_(some)))
    if twice:
        raise taken(min(twice))


def portions(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """Yield the keys in portions that one statement can ask for."""
    for start in range(0, len(keys), _PER_QUERY):
        yield keys[start : start + _PER_QUERY]


def named_like(
    text: str, *columns: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """Return the criterion that a text stands in one of some columns, in any case of its letters."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def nearest(text: str, code: InstrumentedAttribute[str]) -> tuple[ColumnElement[Any], ...]:
    """Return the order of what was found for a text: what is called so, what begins so, then the rest by code."""
    exact = func.lower(code) == text.lower()
    return exact.desc(), code.istartswith(text, autoescape=True).desc(), code.asc()
