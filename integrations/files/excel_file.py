"""Excel workbooks: what is inside is measured before anything unpacks it, since a small file can hold a huge one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from integrations.files.guard import guarded
from integrations.files.tables import CELL_MAX, Cell, Fault, FileError, Row, Sheet

ROWS_MAX = 100_000
"""How many rows a sheet may have; CSV takes more."""

CELLS_MAX = 5_000_000
"""Rows by columns that all sheets may span: the reader keeps a cell for each, whether it holds anything."""

UNPACKED_MAX = 512 * 1024 * 1024
"""Bytes that a workbook may hold unpacked."""

_RATIO_MAX = 100
_SURELY_FINE = 16 * 1024 * 1024
"""Bytes unpacked, up to which it does not matter how well they are packed."""
_CHUNK = 1024 * 1024
_DIGITS_MAX = 15
"""How many digits of a number Excel keeps."""
_NO_DIGIT = re.compile(r"\D")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*["']e["']""")
_CELL_AT = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7})["']""")


def read_excel(path: Path) -> Iterator[Sheet]:
    """Yield each table of a workbook that is not empty; raises FileError, also while rows are read."""
    _refuse_dangerous(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        tables = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
    except (CalamineError, OSError):
        raise FileError(Fault.NO_WORKBOOK) from None
    filled = [table for table in tables if table.height]
    if not filled:
        raise FileError(Fault.EMPTY)
    for table in filled:
        if table.height > ROWS_MAX + 1:
            raise FileError(Fault.TOO_MANY_ROWS, most=ROWS_MAX)
        rows = _rows(table)
        first = next(rows, None)
        if first is not None:
            _refuse_merged_header(table, first[0])
            yield Sheet(table.name, first[1], rows, table.height - 1)


def write_excel(file: BinaryIO, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a workbook of one sheet and return the number of its rows; raises FileError for more than Excel takes.

    Texts are guarded and stay texts; a number with more digits than Excel keeps is written as text.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    sheet.append(list(header))
    count = 0
    try:
        for count, cells in enumerate(rows, 1):
            if count > ROWS_MAX:
                raise FileError(Fault.TOO_MANY_ROWS, most=ROWS_MAX)
            sheet.append([_written(sheet, cell, count + 1) for cell in cells])
    except BaseException:
        sheet.close()
        raise
    workbook.save(file)
    return count


def _written(sheet: object, cell: Cell, row: int) -> object:
    """Return a cell as openpyxl takes it, which cuts a long text and takes some texts for something else."""
    if isinstance(cell, Decimal | int | float) and len(_NO_DIGIT.sub("", str(cell))) > _DIGITS_MAX:
        cell = str(cell)
    if not isinstance(cell, str):
        return cell
    if len(cell) >= CELL_MAX:
        raise FileError(Fault.LONG_CELL, row=row, most=CELL_MAX)
    text = WriteOnlyCell(sheet, _LOOKS_ESCAPED.sub("_x005F_", guarded(cell)).replace("\r", "_x000D_"))  # type: ignore[arg-type]  # a sheet of a write-only workbook
    text.data_type = "s"
    return text


def _rows(table: CalamineSheet) -> Iterator[Row]:
    for number, cells in enumerate(table.iter_rows(), 1):
        if any(isinstance(cell, str) and len(cell) > CELL_MAX for cell in cells):
            raise FileError(Fault.LONG_CELL, row=number, most=CELL_MAX)
        if any(cell != "" for cell in cells):
            yield number, [None if cell == "" else cell for cell in cells]


def _refuse_merged_header(table: CalamineSheet, row: int) -> None:
    """Refuse a header of which some cells are one: only the first of them would name its column."""
    for (top, left), (bottom, right) in table.merged_cell_ranges or ():
        if top <= row - 1 <= bottom:
            raise FileError(Fault.MERGED_HEADER, cells=f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}")


def _letters(column: int) -> str:
    """Return the letters of a column, counted from 0."""
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters = chr(ord("A") + letter) + letters
        column -= 1
    return letters


def _refuse_dangerous(path: Path) -> None:
    """Refuse what would not fit into memory, unpacking portion by portion: what an entry says of itself may be a lie.

    An entry that is longer than it says fails its checksum, since no more of it is read than it says.
    """
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                raise FileError(Fault.HAS_MACROS)
            unpacked, packed = (sum(getattr(one, size) for one in entries) for size in ("file_size", "compress_size"))
            if unpacked > UNPACKED_MAX or (unpacked > _SURELY_FINE and unpacked > _RATIO_MAX * packed):
                raise FileError(Fault.TOO_LARGE, most=UNPACKED_MAX // 1024**2)
            if sum(_measured(archive, entry) for entry in entries) > CELLS_MAX:
                raise FileError(Fault.TOO_LARGE, most=UNPACKED_MAX // 1024**2)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise FileError(Fault.NO_WORKBOOK) from None
    except OSError as why:
        raise FileError(Fault.UNREADABLE, why=why.strerror) from None


def _measured(archive: ZipFile, entry: ZipInfo) -> int:
    """Unpack an entry to the end, and return how many cells its rows and columns span."""
    rest = b""
    rows = columns = 0
    with archive.open(entry) as content:
        while chunk := content.read(_CHUNK):
            seen = rest + chunk
            if _ERROR.search(seen):
                raise FileError(Fault.ERROR_CELL)
            for letters, row in _CELL_AT.findall(seen):
                rows, columns = max(rows, int(row)), max(columns, _column(letters))
            rest = seen[max(seen.rfind(b"<"), len(seen) - 1_000) :]
    if rows > ROWS_MAX + 1:
        raise FileError(Fault.TOO_MANY_ROWS, most=ROWS_MAX)
    return rows * columns


@cache
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
