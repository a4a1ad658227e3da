"""From the fields of a schema to the columns of a table, and between cells and what the schema takes. Pure.

A list is one cell: its items stand apart by semicolons, the parts of an item, where it has several, by upright bars, in
the order of the schema: `TP60|101|180;TP72`. Parts at the end may be left out. A backslash takes the meaning from the
character after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from integrations.files.guard import unguarded
from integrations.files.tables import Cell
from inventory.kernel.texts import gettext as _

EXACT_BELOW = 10**15
"""Excel keeps 15 digits; whole numbers from here on may have lost some."""

_SPECIAL = re.compile(r"([\\;|])")


class Shape(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    VALUE = "value"
    """A number, a date, a time or a truth value: what Excel has types for."""
    LIST = "list"
    RECORDS = "records"
    """A list of items that have several parts."""
    PAIRS = "pairs"
    """Texts by a key."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `parts` are those of one item of a list."""

    name: str
    required: bool
    shape: Shape
    parts: tuple[str, ...] = ()

    @property
    def notation(self) -> str:
        """How a cell with several values is written; empty for a single one."""
        if self.shape in (Shape.TEXT, Shape.VALUE):
            return ""
        return "|".join(self.parts or (self.name,)) + ";…"


@cache
def columns_of(schema: type[BaseModel]) -> tuple[Column, ...]:
    """Return the columns of a schema, in the order of its fields."""
    return tuple(
        _column(name, field.annotation, required=field.is_required()) for name, field in schema.model_fields.items()
    )


def _column(name: str, annotation: Any, *, required: bool) -> Column:
    kind = _plain(annotation)
    if get_origin(kind) is dict:
        return Column(name, required, Shape.PAIRS, ("key", "value"))
    if get_origin(kind) in (list, tuple):
        item = _plain(get_args(kind)[0])
        if issubclass(item, BaseModel):
            return Column(name, required, Shape.RECORDS, tuple(item.model_fields))
        return Column(name, required, Shape.LIST)
    is_value = issubclass(kind, bool | int | float | Decimal | date | time)
    return Column(name, required, Shape.VALUE if is_value else Shape.TEXT)


def _plain(annotation: Any) -> Any:
    """Return the type itself, without what is said about it and without None."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(kind for kind in get_args(annotation) if kind is not NoneType)
        else:
            return annotation


def text_of(cell: Cell, column: Column) -> str:
    """Return what a cell says as text; raises ValueError for what Excel made of it where something may be lost."""
    match cell:
        case None:
            return ""
        case str():
            return unguarded(cell)
        case bool():
            told = str(cell).lower()
        case int() | float() | Decimal():
            if not -EXACT_BELOW < cell < EXACT_BELOW:
                raise ValueError(
                    _("Excel made it a number and lost digits; format the column as text, and enter it again")
                )
            if cell == int(cell):
                return str(int(cell))
            told = str(cell)
        case date() | time():
            told = cell.isoformat()
        case _:
            raise ValueError(_("a duration is not taken; enter it as text"))
    if column.shape is not Shape.VALUE:
        raise ValueError(
            _("Excel made it a number, a date or a truth value; format the column as text, and enter it again")
        )
    return told


def value_of(text: str, column: Column) -> Any:
    """Return what the schema takes for a text that is not empty; raises ValueError for too many parts."""
    if column.shape in (Shape.TEXT, Shape.VALUE):
        return text
    items = [item.strip() for item in _split(text, ";") if item.strip()]
    if column.shape is Shape.LIST:
        return [_plainly(item) for item in items]
    records = [_record(item, column) for item in items]
    if column.shape is Shape.RECORDS:
        return records
    pairs = {record["key"]: record.get("value", "") for record in records if "key" in record}
    if len(pairs) < len(records):
        raise ValueError(_("a key stands twice, or is missing; give each once"))
    return pairs


def _record(item: str, column: Column) -> dict[str, str]:
    values = [_plainly(part.strip()) for part in _split(item, "|")]
    if len(values) > len(column.parts):
        raise ValueError(_("“{item}” has too many parts; write {notation}").format(item=item, notation=column.notation))
    return {name: value for name, value in zip(column.parts, values, strict=False) if value}


def cell_of(value: Any, column: Column) -> Cell:
    """Return the cell for a value of a field."""
    match column.shape:
        case Shape.LIST:
            return ";".join(map(_escaped, value)) or None
        case Shape.RECORDS:
            return ";".join(_item(getattr(one, name) for name in column.parts) for one in value) or None
        case Shape.PAIRS:
            return ";".join(_item(pair) for pair in value.items()) or None
        case Shape.TEXT:
            return None if value is None or value == "" else str(value)
    if isinstance(value, datetime):
        return value.isoformat()  # Excel knows no time zones
    cell: Cell = value
    return cell


def _item(values: Iterable[Any]) -> str:
    parts = ["" if value is None else _escaped(value) for value in values]
    while parts and not parts[-1]:
        parts.pop()
    return "|".join(parts)


def _escaped(value: object) -> str:
    return _SPECIAL.sub(r"\\\1", f"{value:f}" if isinstance(value, Decimal) else str(value))


def _plainly(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _split(text: str, separator: str) -> list[str]:
    """Split a text at a separator that no backslash stands before."""
    pieces = [""]
    for token in re.findall(r"\\.|.", text, re.DOTALL):
        if token == separator:
            pieces.append("")
        else:
            pieces[-1] += token
    return pieces


def normal(name: str) -> str:
    """Return the name of a column as the schema spells it: “Part number” is part_number."""
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


def values_at(record: BaseModel, path: str) -> list[str]:
    """Return what stands at a path of a record, such as `legs.calendar`; nothing where it is empty."""
    found: list[Any] = [record]
    for name in path.split("."):
        inner = (getattr(one, name) for one in found)
        found = [
            value for one in inner if one is not None for value in (one if isinstance(one, list | tuple) else (one,))
        ]
    return found


def as_row(record: object, columns: Iterable[Column]) -> list[Cell]:
    """Return the cells of a record."""
    return [cell_of(getattr(record, column.name), column) for column in columns]


def as_given(texts: Mapping[str, str], columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return what the schema takes for the cells of a row that are not empty."""
    return {name: value_of(text, columns[name]) for name, text in texts.items() if text}
