"""What a table in a file is, and what can be wrong with one. It knows no translation: faults are told by their kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

Cell = str | int | float | Decimal | bool | date | datetime | time | timedelta | None
"""CSV knows text only; Excel has types. Nothing is None, and so is an empty text of CSV."""

Row = tuple[int, list[Cell]]
"""The number of a row as spreadsheets count it, the header being in the first one that is not empty; and its cells."""

CELL_MAX = 32_767
"""Characters in a cell: as many as Excel takes."""


class Fault(StrEnum):
    """Why a file cannot be read or written; the details that each has stand beside it."""

    NOT_A_FILE = "not_a_file"
    UNREADABLE = "unreadable"  # why
    CANNOT_WRITE = "cannot_write"  # why
    UNKNOWN_FORMAT = "unknown_format"
    EMPTY = "empty"
    ENCODING = "encoding"
    MALFORMED = "malformed"  # row, why
    LONG_LINE = "long_line"  # row, most
    LONG_CELL = "long_cell"  # row, most
    ERROR_CELL = "error_cell"
    MERGED_HEADER = "merged_header"  # cells
    TOO_MANY_ROWS = "too_many_rows"  # most
    NO_WORKBOOK = "no_workbook"
    HAS_MACROS = "has_macros"
    TOO_LARGE = "too_large"  # most


class FileError(Exception):
    """A file that cannot be read or written; nothing of it is to be trusted."""

    def __init__(self, fault: Fault, **details: object) -> None:
        super().__init__(fault, details)
        self.fault = fault
        self.details = details


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its header and its rows, which are read as they are asked for, without the empty ones.

    `name` is empty for CSV. `rows_max` is an upper bound of the number of rows, good enough for a progress bar.
    `encoding` is what the text was kept in.
    """

    name: str
    header: list[Cell]
    rows: Iterator[Row]
    rows_max: int
    encoding: str = "UTF-8"
