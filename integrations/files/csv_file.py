"""CSV: the separator is found in the header; text is UTF-8, or GB18030 as Excel writes it on Chinese systems."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from integrations.files.guard import guarded
from integrations.files.tables import CELL_MAX, Cell, Fault, FileError, Row, Sheet

ROWS_MAX = 1_000_000
"""How many rows a file may have."""

LINE_MAX = 4 * 1024 * 1024
"""How many characters a line may have: a file without line ends would otherwise be read into memory whole."""

_CHUNK = 1024 * 1024
_SEPARATORS = ",;\t"
_ENCODINGS = {"UTF-8": "utf-8-sig", "GB18030": "gb18030"}


def read_csv(path: Path) -> Iterator[Sheet]:
    """Yield the one table of a file; raises FileError, also while its rows are read."""
    encoding, lines_max = _encoding(path)
    with path.open(encoding=_ENCODINGS[encoding], newline="") as file:
        rows = _records(file)
        first = next(rows, None)
        if first is None:
            raise FileError(Fault.EMPTY)
        _number, header = first
        yield Sheet("", header, rows, min(lines_max, ROWS_MAX), encoding)


def write_csv(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a table in UTF-8 and return the number of its rows; texts are guarded, numbers are not."""
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow(header)
    count = 0
    for cells in rows:
        lines.writerow([_spelt(cell) for cell in cells])
        count += 1
    text.detach()
    return count


def _spelt(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
        case bool():
            return str(cell).lower()
        case date() | time():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
    return str(cell)


def _encoding(path: Path) -> tuple[str, int]:
    """Return the first encoding in which all of a file makes sense, and how many lines it has at most."""
    for name, codec in _ENCODINGS.items():
        decoder = codecs.getincrementaldecoder(codec)()
        ends = 0
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    decoder.decode(chunk)
                    ends += chunk.count(b"\n")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        except OSError as why:
            raise FileError(Fault.UNREADABLE, why=why.strerror) from None
        return name, ends + 1
    raise FileError(Fault.ENCODING)


def _records(file: TextIO) -> Iterator[Row]:
    """Yield the records that are not empty, the header first."""
    lines = _lines(file)
    first = next(lines, "")
    separator = max(_SEPARATORS, key=_outside_quotes(first).count)
    records = csv.reader(_again(first, lines), delimiter=separator, strict=True)
    number = count = 0
    while True:
        number += 1
        try:
            texts = next(records)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise FileError(Fault.MALFORMED, row=number, why=str(wrong)) from None
        if any(texts):
            count += 1
            if count > ROWS_MAX + 1:
                raise FileError(Fault.TOO_MANY_ROWS, most=ROWS_MAX)
            if any(len(text) > CELL_MAX for text in texts):
                raise FileError(Fault.LONG_CELL, row=number, most=CELL_MAX)
            yield number, [text or None for text in texts]


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LINE_MAX + 1):
        number += 1
        if len(line) > LINE_MAX:
            raise FileError(Fault.LONG_LINE, row=number, most=LINE_MAX)
        yield line


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
