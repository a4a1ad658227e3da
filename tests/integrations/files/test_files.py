"""Tables survive being written and read again, and files that are no tables are refused before they do harm."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from integrations.files import csv_file, excel_file
from integrations.files.files import read_tables, write_table
from integrations.files.guard import guarded, unguarded
from integrations.files.tables import CELL_MAX, Cell, Fault, FileError

TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\t\n\r"), min_size=1, max_size=20
)
FORMULAS = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "'", "'=", "''+", "\t", "\r", "＝"]), TEXTS)
WALL_CLOCK = datetime(2026, 3, 2, 4, 5)  # noqa: DTZ001 - Excel knows no time zone
SHEET = "xl/worksheets/sheet1.xml"


def read(file: Path) -> list[list[Cell]]:
    """The rows of the one table of a file, and its header."""
    (sheet,) = ([sheet.header, *(cells for _number, cells in sheet.rows)] for sheet in read_tables(file))
    return sheet


def fault_of(file: Path) -> Fault:
    """Why a file is refused."""
    with pytest.raises(FileError) as refusal:
        read(file)
    return refusal.value.fault


def workbook(file: Path, *rows: list[object]) -> Path:
    """A workbook as Excel makes it."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file


def merged(file: Path, cells: str) -> Path:
    """A workbook with a wide header and two rows, some cells of which are one."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["region", "category", "budget", *["x"] * 26], ["SEA", None, 9], ["CN", "labour", 8]):
        sheet.append(row)
    sheet.merge_cells(cells)
    book.save(file)
    return file


def changed(file: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """A workbook with its entries changed."""
    with ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, change(name, content))
    return file


@given(st.one_of(TEXTS, FORMULAS))
def test_guard_is_undone_exactly_and_leaves_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[0] not in "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@settings(max_examples=60)
@given(rows=st.lists(st.lists(st.one_of(TEXTS, FORMULAS), min_size=2, max_size=2), min_size=1, max_size=4))
@example(rows=[["_x0041_", "a\r\nb"], ["00123", "=cmd|' /C calc'!A0"], ["a;b,c\td", 'say "hi"']])
def test_texts_in_any_script_come_back(ending: str, rows: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, f"table.{ending}")
        assert write_table(file, "t", ["one", "two"], rows) == len(rows)
        told = read(file)
    assert [[unguarded(str(cell)) for cell in cells] for cells in told] == [["one", "two"], *rows]


@settings(max_examples=60)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_come_back_from_excel_to_the_last_digit(numbers: list[float]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "table.xlsx")
        write_table(file, "t", ["n"], [[number] for number in numbers])
        told = read(file)[1:]
    assert [float(unguarded(str(cells[0]))) for cells in told] == numbers


def test_excel_keeps_types(tmp_path: Path) -> None:
    row: list[Cell] = [Decimal("-1.25"), True, date(2026, 3, 2), WALL_CLOCK, time(6, 7), None, 3]
    write_table(tmp_path / "t.xlsx", "t", list("abcdefg"), [row])
    assert read(tmp_path / "t.xlsx")[1] == [
        -1.25,
        True,
        date(2026, 3, 2),
        WALL_CLOCK,
        time(6, 7),
        None,
        3,
    ]
    exact = Decimal("123456789012.345678")
    write_table(tmp_path / "t.xlsx", "t", ["a"], [[exact]])
    assert read(tmp_path / "t.xlsx")[1] == [str(exact)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_found_in_the_header_alone(tmp_path: Path, separator: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        separator.join(['"a,;\t,;\t"', "b", "c"]) + "\n" + separator.join(["1", '"2,5;6\t7"', "3"]) + "\n\n"
    )
    assert read(file) == [["a,;\t,;\t", "b", "c"], ["1", "2,5;6\t7", "3"]]


@pytest.mark.parametrize(("encoding", "told"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")])
def test_encoding_is_found_and_told(tmp_path: Path, encoding: str, told: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text("code\n主电瓶\n", encoding=encoding)
    (sheet,) = read_tables(file)
    assert (sheet.encoding, sheet.header) == (told, ["code"])
    assert read(file)[1] == ["主电瓶"]


def test_rows_are_numbered_as_spreadsheets_do(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text('a\n\n"two\nlines"\n\nx\n')
    (numbers,) = ([number for number, _cells in sheet.rows] for sheet in read_tables(file))
    assert numbers == [3, 5]
    book = workbook(tmp_path / "t.xlsx", [], ["a"], [], ["x"])
    (numbers,) = ([number for number, _cells in sheet.rows] for sheet in read_tables(book))
    assert numbers == [4]


def test_a_csv_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    """The broken row far behind is met when its turn comes, not before."""
    file = tmp_path / "t.csv"
    file.write_text("a\n" + "x\n" * 300_000 + '"open\n')
    for sheet in read_tables(file):
        for number, cells in sheet.rows:
            assert cells == ["x"]
            if number == 300_001:
                break
        with pytest.raises(FileError):
            next(sheet.rows)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("missing.csv", None, Fault.NOT_A_FILE),
        ("t.txt", b"a\n1\n", Fault.UNKNOWN_FORMAT),
        ("t.xlsm", b"", Fault.HAS_MACROS),
        ("t.csv", b"", Fault.EMPTY),
        ("t.csv", b"\n\n", Fault.EMPTY),
        ("t.csv", b"a\n\xff\xfe\n", Fault.ENCODING),
        ("t.csv", "a\nx\n".encode("utf-16"), Fault.ENCODING),
        ("t.csv", b'a\n"open\n', Fault.MALFORMED),
        ("t.csv", b"a\n" + b"x" * (CELL_MAX + 1) + b"\n", Fault.LONG_CELL),
        ("t.csv", b"a\n" + b"x," * (csv_file.LINE_MAX // 2 + 1), Fault.LONG_LINE),
        ("t.xlsx", b"no zip", Fault.NO_WORKBOOK),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes | None, fault: Fault) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    assert fault_of(file) is fault


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    assert fault_of(tmp_path / "t.csv") is Fault.NOT_A_FILE


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n" + "x\n" * (csv_file.ROWS_MAX + 1))
    assert fault_of(file) is Fault.TOO_MANY_ROWS
    book = Workbook(write_only=True)
    sheet = book.create_sheet("t")
    for _row in range(excel_file.ROWS_MAX + 2):
        sheet.append([1])
    book.save(tmp_path / "t.xlsx")
    assert fault_of(tmp_path / "t.xlsx") is Fault.TOO_MANY_ROWS
    with pytest.raises(FileError):
        write_table(tmp_path / "out.xlsx", "t", ["a"], ([1] for _row in range(excel_file.ROWS_MAX + 1)))
    assert not list(tmp_path.glob("out*"))


def test_a_workbook_that_unpacks_to_a_multitude_is_refused(tmp_path: Path) -> None:
    bomb = workbook(tmp_path / "t.xlsx", ["a"])
    with ZipFile(bomb, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", bytes(32 * 1024 * 1024))
    assert bomb.stat().st_size < 64 * 1024
    assert fault_of(bomb) is Fault.TOO_LARGE


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    bomb = workbook(tmp_path / "t.xlsx", ["a"])
    with ZipFile(bomb, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", bytes(32 * 1024 * 1024))
    content = bomb.read_bytes().replace(struct.pack("<I", 32 * 1024 * 1024), struct.pack("<I", 100))
    bomb.write_bytes(content)
    assert fault_of(bomb) is Fault.NO_WORKBOOK


@pytest.mark.parametrize(
    ("reference", "fault"), [(b'r="XFD10000"', Fault.TOO_LARGE), (b"r = 'A1048576'", Fault.TOO_MANY_ROWS)]
)
def test_a_cell_far_out_is_refused_before_everything_up_to_it_is_made(
    tmp_path: Path, reference: bytes, fault: Fault
) -> None:
    book = workbook(tmp_path / "t.xlsx", ["a"], ["b"])
    changed(book, lambda name, content: content.replace(b'r="A2"', reference) if name == SHEET else content)
    assert fault_of(book) is fault


def test_macros_and_errors_are_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", ["a"], ["#N/A"])
    assert fault_of(book) is Fault.ERROR_CELL
    book = workbook(tmp_path / "t.xlsx", ["a"])
    with ZipFile(book, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"")
    assert fault_of(book) is Fault.HAS_MACROS


@pytest.mark.parametrize("cells", ["B1:C1", "A1:A2", "AA1:AB1"])
def test_a_header_with_merged_cells_is_refused_by_their_name(tmp_path: Path, cells: str) -> None:
    with pytest.raises(FileError) as refused:
        read(merged(tmp_path / "t.xlsx", cells))
    assert (refused.value.fault, refused.value.details) == (Fault.MERGED_HEADER, {"cells": cells})


def test_merged_cells_below_the_header_are_no_fault(tmp_path: Path) -> None:
    assert len(read(merged(tmp_path / "t.xlsx", "A2:B2"))) == 3


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path) -> None:
    def broken() -> object:
        yield ["x"]
        raise RuntimeError

    for name in ("t.csv", "t.xlsx"):
        file = tmp_path / name
        file.write_bytes(b"before")
        with pytest.raises(RuntimeError):
            write_table(file, "t", ["a"], broken())  # type: ignore[arg-type]
        assert file.read_bytes() == b"before"
    with pytest.raises(FileError):
        write_table(tmp_path / "nowhere" / "t.csv", "t", ["a"], [])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.csv", "t.xlsx"]


def test_a_cell_that_excel_would_cut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        write_table(tmp_path / "t.xlsx", "t", ["a"], [["x" * CELL_MAX]])
