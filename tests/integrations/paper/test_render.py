from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from integrations.paper.document import (
    Column,
    Facts,
    Heading,
    Notice,
    Paper,
    SignatureBox,
    Signatures,
    Table,
    Text,
)
from integrations.paper.render import pdf

PAPER = Paper("P-1", "Card", "Sub", "Org", "Data rev. 3", "", "Page {page} of {pages}", "en", (Text("Hello"),))


def read(file: bytes) -> PdfReader:
    return PdfReader(BytesIO(file), strict=True)


def pages(*blocks: Heading | Text | Notice | Facts | Table | Signatures) -> list[str]:
    return [page.extract_text() for page in read(pdf(replace(PAPER, blocks=blocks))).pages]


def test_a_long_table_goes_on_under_its_header_on_pages_that_are_counted() -> None:
    rows = tuple((f"step-{number}", "Text of it") for number in range(150))
    found = pages(Heading("Steps"), Table((Column("Number"), Column("Work")), rows))
    assert len(found) > 3
    for number, page in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in page
        assert page.count("P-1") == 2
        assert page.count("Data rev. 3") == 2
        assert "Number" in page
        assert "Work" in page
    assert re.findall(r"step-\d+", "".join(found)) == [row[0] for row in rows]


def test_a_row_stays_on_one_page_where_it_fits_into_one() -> None:
    rows = tuple((f"<{number}>", "line\n" * 11 + f"</{number}>") for number in range(20))
    for page in pages(Table((Column("Number"), Column("Work")), rows)):
        assert re.findall(r"<(\d+)>", page) == re.findall(r"</(\d+)>", page)


def test_a_cell_longer_than_a_page_goes_on_on_the_next() -> None:
    words = [f"w{number}" for number in range(3_000)]
    for block in (
        Table((Column("A"), Column("B")), (("x", " ".join(words)),)),
        Text(" ".join(words)),
        Notice(" ".join(words)),
        Facts((("Label", " ".join(words)),)),
    ):
        found = pages(Heading("Long"), block)
        assert len(found) > 1
        assert re.findall(r"w\d+", " ".join(found)) == words


@pytest.mark.parametrize("above", range(0, 60, 3))
def test_a_heading_is_never_the_last_of_a_page(above: int) -> None:
    boxes = Signatures((SignatureBox("Mechanic", (("Name", "A"),), ("Signature",)),))
    table = Table((Column("Column"),), (("cell",),))
    for block, below in ((boxes, "Mechanic"), (table, "cell")):
        for page in pages(Text("line\n" * above), Heading("Heading"), block):
            assert ("Heading" in page) == (below in page)


def test_what_looks_like_markup_is_text() -> None:
    assert "<b>&amp; {page} %s</b>" in pages(Text("<b>&amp; {page} %s</b>"))[0]


def test_a_paper_of_nothing_and_a_head_too_long_for_it() -> None:
    assert len(read(pdf(replace(PAPER, blocks=()))).pages) == 1
    long = "very long " * 500
    (page,) = read(pdf(replace(PAPER, title=long, subtitle=long, revision=long, banner=long))).pages
    assert "Hello" in page.extract_text()
    assert "…" in page.extract_text()


def test_signature_boxes_stand_three_in_a_row() -> None:
    (page,) = pages(Signatures(tuple(SignatureBox(f"box{n}", (("Name", "欧阳"),), ("Sign", "Date")) for n in range(7))))
    assert [f"box{n}" in page for n in range(7)] == [True] * 7
    assert pages(Signatures(()))


def test_the_file_tells_what_it_is_and_brings_its_fonts() -> None:
    file = pdf(replace(PAPER, blocks=(Heading("Bold"), Text("Nguyễn 欧阳 Юлія"))))
    assert file == pdf(replace(PAPER, blocks=(Heading("Bold"), Text("Nguyễn 欧阳 Юлія"))))
    reader = read(file)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author, reader.metadata.subject) == (
        "Card P-1",
        "Org",
        "Data rev. 3",
    )
    assert reader.pages[0].mediabox.width == pytest.approx(595.28, abs=0.1)
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    used = [font for font in fonts if font["/Subtype"] == "/TrueType"]
    assert len(used) >= 3
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used)


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="each column"):
        Table((Column("A"),), (("a", "b"),))


def test_a_number_in_any_script_is_in_the_code() -> None:
    (page,) = read(pdf(replace(PAPER, number="工单-42"))).pages
    assert page.extract_text().count("工单-42") == 2


def test_papers_may_be_made_at_the_same_time() -> None:
    papers = [replace(PAPER, number=f"P-{number % 4}", blocks=(Text("Nguyễn 欧阳 " * 40),)) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(pdf, papers)) == [pdf(paper) for paper in papers]
