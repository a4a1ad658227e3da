"""What a kind of table is that files can hold, and how records that stand already take what a file says of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fieldops.exchange.columns import Column, columns_of
from inventory.kernel.actor import Actor
from inventory.kernel.routes import Access, Elsewhere

Apply = Callable[[Session, Actor, Sequence[Any], datetime], object]


@dataclass(frozen=True, slots=True)
class Update:
    """How records that are there take what a file says of them.

    `standing` returns {key: record} of those among some keys. The fields of `change` may change, the others stay.
    `apply` changes records by {key: what changes}. `whole` completes a row by what is usual.
    """

    standing: Callable[[Session, Collection[str]], Mapping[str, BaseModel]]
    change: type[BaseModel]
    apply: Callable[[Session, Actor, Mapping[str, Any]], None]
    whole: Callable[[Any], BaseModel] = lambda row: row

    def differing(self, row: BaseModel, current: BaseModel) -> set[str]:
        """Return the columns in which a row differs from the record that is there."""
        whole = self.whole(row)
        return {name for name in type(row).model_fields if _plain(whole, name) != _plain(current, name)}

    def changing(self, row: BaseModel, names: set[str]) -> BaseModel:
        """Return the change to what a row says, of which `names` are set."""
        whole = self.whole(row)  # checked as a whole, so no field of it is checked again
        values = {name: getattr(whole, name) for name in self.change.model_fields}
        return self.change.model_construct(_fields_set=names, **values)


def _plain(record: BaseModel, name: str) -> object:
    value = getattr(record, name)
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Kind:
    """A table that files can hold: the columns are the fields of its schema.

    `key` are the columns that no two rows share. `refers` tells which codes stand at a path of a record. `standing`
    selects the keys that there are, where a row must be new; without it, a row takes the place of what was there, and
    `apply` may tell how many it added, changed and left. `replace` is what applies rows over records that differ, where
    `apply` refuses those. `check` refuses what contradicts itself.
    """

    name: str
    schema: type[BaseModel]
    key: tuple[str, ...]
    apply: Apply
    read: Callable[[Session], Iterator[Any]]
    reading: Access
    writing: Access
    refers: Mapping[str, InstrumentedAttribute[str]] = field(default_factory=dict)
    standing: Select[*tuple[Any, ...]] | None = None
    check: Callable[[Any], object] | None = None
    update: Update | None = None
    replace: Apply | None = None
    portion: int = 5_000
    """How many rows are applied at once."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, those of the key first."""
        return tuple(sorted(columns_of(self.schema), key=lambda column: column.name not in self.key))

    @property
    def key_column(self) -> str:
        """The column that is the key; empty where it takes several, and so the row as a whole."""
        return self.key[0] if len(self.key) == 1 else ""

    @property
    def own_code(self) -> Any:
        """The column of the codes that these rows add, to which others of them may refer."""
        if self.standing is None or len(self.key) > 1:
            return None
        return self.standing.column_descriptions[0]["expr"]

    @property
    def own_paths(self) -> list[str]:
        """Where a row refers to others of its kind, which may stand in the same file."""
        return [path for path, code in self.refers.items() if code is self.own_code]

    def column_of(self, field: str) -> str:
        """Return the column that a field of a refusal stands in, alone or as a part of items; empty for none."""
        name = field.partition(".")[0]
        return next((column.name for column in self.columns if name == column.name or name in column.parts), "")


def replacing(put: Callable[..., object]) -> Apply:
    """Return what applies rows by a use case that may replace what differs."""
    return lambda session, actor, rows, _now: put(session, actor, rows, replace=True)


def undated(add: Callable[[Session, Actor, Sequence[Any]], object]) -> Apply:
    """Return what applies rows by a use case that asks for no instant."""
    return lambda session, actor, rows, _now: add(session, actor, rows)


def by_code(one: Any) -> str:
    """Return the code of a record."""
    return cast(str, one.code)


def shared(capability: str) -> tuple[Access, Access]:
    """Return who reads and writes what is the same for every region."""
    return Access(f"{capability}.read", Elsewhere.SHARED), Access(f"{capability}.write", Elsewhere.NETWORK)


def regional(reading: str, writing: str) -> tuple[Access, Access]:
    """Return who reads and writes what belongs to regions."""
    return Access(reading, Elsewhere.HIDDEN), Access(writing, Elsewhere.REFUSED)
