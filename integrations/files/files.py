"""Files by the ending of their name, `.csv` or `.xlsx`. What is written is there whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from integrations.files.csv_file import read_csv, write_csv
from integrations.files.excel_file import read_excel, write_excel
from integrations.files.tables import Cell, Fault, FileError, Sheet


def read_tables(path: Path) -> Iterator[Sheet]:
    """Yield the tables of a file one after the other; raises FileError, also while rows are read."""
    is_excel = _is_excel(path)
    if not path.is_file():
        raise FileError(Fault.NOT_A_FILE)
    try:
        yield from read_excel(path) if is_excel else read_csv(path)
    except OSError as why:
        raise FileError(Fault.UNREADABLE, why=why.strerror) from None


def write_table(path: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a table to a file, which is replaced once all is written; returns the number of rows. Raises FileError."""
    is_excel = _is_excel(path)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            count = write_excel(file, title, header, rows) if is_excel else write_csv(file, header, rows)
        unfinished.replace(path)
    except OSError as why:
        raise FileError(Fault.CANNOT_WRITE, why=why.strerror) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _is_excel(path: Path) -> bool:
    match path.suffix.lower():
        case ".csv":
            return False
        case ".xlsx":
            return True
        case ".xlsm" | ".xltm" | ".xlsb" | ".xlam":
            raise FileError(Fault.HAS_MACROS)
    raise FileError(Fault.UNKNOWN_FORMAT)
