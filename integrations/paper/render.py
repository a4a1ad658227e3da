"""A paper as PDF: the same paper always gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from reportlab.lib.colors import white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Spacer
from reportlab.platypus import Table as Grid

from integrations.paper.document import Block, Facts, Heading, Notice, Paper, Signatures, Table, Text
from integrations.paper.faces import REGULAR, Face
from integrations.paper.flowables import BODY, DARK, GREY, LABEL, LINE, SHADE, SignHere, Words
from integrations.paper.pages import FOOT, HEIGHT, SIDE, WIDTH, Header

_INNER = WIDTH - 2 * SIDE
_PAD = 1.2 * mm
_BY_HAND = 9 * mm
_HEADING = Face(10, bold=True)
_NOTICE = Face(11)
_GAP = 2 * mm
_BELOW_HEADING = 40 * mm
_TALL = HEIGHT / 3
_BOXES_IN_A_ROW = 3
_PADDING: list[Any] = [
    ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
    ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
    ("TOPPADDING", (0, 0), (-1, -1), _PAD / 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), _PAD),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def pdf(paper: Paper) -> bytes:
    """Return a paper as a PDF file on A4, with its fonts inside."""
    header = Header(paper)

    class Numbered(Canvas):
        """Keeps its pages until it knows how many there are."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **{**named, "initialFontName": REGULAR})
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - as reportlab names it
            self._kept.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for number, page in enumerate(self._kept, 1):
                self.__dict__.update(page)
                header.draw(self, number, len(self._kept))
                super().showPage()
            super().save()

    file = BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        title=f"{paper.title} {paper.number}",
        author=paper.organisation,
        subject=paper.revision,
        creator="fieldops",
        lang=paper.language,
        invariant=1,
        pageCompression=1,
    )
    frame = Frame(SIDE, FOOT, _INNER, HEIGHT - FOOT - header.height, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame])])
    document.build(list(_flow(paper.blocks)) or [Words("")], canvasmaker=Numbered)
    return file.getvalue()


def _flow(blocks: tuple[Block, ...]) -> Iterator[Flowable]:
    """Yield what is laid out; a heading never stands alone at the foot of a page."""
    for before, block, after in zip((None, *blocks), blocks, (*blocks[1:], None), strict=False):
        if isinstance(block, Heading):
            heading = _heading(block)
            heading.keepWithNext = isinstance(after, Signatures)
            yield from (CondPageBreak(_BELOW_HEADING), heading)
            continue
        gap = _PAD if isinstance(before, Heading) else _GAP
        for made in _made(block):
            made.spaceBefore, gap = gap, _GAP
            yield made


def _made(block: Text | Notice | Facts | Table | Signatures) -> list[Flowable]:
    match block:
        case Text():
            return [Words(block.text)]
        case Notice():
            return [_notice(block)]
        case Facts():
            return [_facts(block)]
        case Table():
            return [_table(block)]
        case Signatures():
            return _signatures(block)


def _heading(heading: Heading) -> Grid:
    style = [*_PADDING, ("BACKGROUND", (0, 0), (-1, -1), DARK)]
    return Grid([[Words(heading.text, _HEADING, white)]], [_INNER], style=style, spaceBefore=2 * _GAP)


def _notice(notice: Notice) -> Grid:
    style = [*_PADDING, ("BOX", (0, 0), (-1, -1), 1.5, DARK)]
    return _grid([[[Words(notice.text, _NOTICE)]]], [_INNER], style)


def _facts(facts: Facts) -> Grid:
    """One cell for each fact: its label, its value below."""
    cells: list[list[Flowable]] = [[Words(label, LABEL, GREY), Words(value or "–")] for label, value in facts.pairs]
    short = -len(cells) % facts.columns
    cells += [[Spacer(0, 0)] for _ in range(short)]
    rows = [cells[start : start + facts.columns] for start in range(0, len(cells), facts.columns)]
    style = [*_PADDING, ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE)]
    return _grid(rows, [_INNER / facts.columns] * facts.columns, style)


def _table(table: Table) -> Grid:
    shares = sum(column.share for column in table.columns)
    rows: list[list[list[Flowable]]] = [
        [[Words(column.title, LABEL, GREY, right=column.right)] for column in table.columns]
    ]
    rows += [
        [
            [Words(cell, BODY, right=column.right, least=_BY_HAND if column.blank else 0)]
            for column, cell in zip(table.columns, row, strict=True)
        ]
        for row in table.rows
    ]
    shaded = [("BACKGROUND", (0, number + 1), (-1, number + 1), SHADE) for number in sorted(table.marked)]
    blank = [("BOX", (at, 1), (at, -1), 0.4, LINE) for at, column in enumerate(table.columns) if column.blank]
    style = [*_PADDING, ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("LINEBELOW", (0, 0), (-1, 0), 1, DARK)]
    widths = [_INNER * column.share / shares for column in table.columns]
    return _grid(rows, widths, [*style, *shaded, *blank], header=1)


def _grid(rows: list[list[list[Flowable]]], widths: list[float], style: list[Any], header: int = 0) -> Grid:
    """Return a grid whose rows stay whole, unless one of them is so tall that it may have to go on overleaf."""
    tall = any(
        sum(piece.wrap(width - 2 * _PAD, HEIGHT)[1] for piece in cell) > _TALL
        for row in rows
        for width, cell in zip(widths, row, strict=True)
    )
    return Grid(rows, widths, style=style, repeatRows=header, splitInRow=int(tall))


def _signatures(signatures: Signatures) -> list[Flowable]:
    count = max(1, min(_BOXES_IN_A_ROW, len(signatures.boxes)))
    wide = (_INNER - (count - 1) * _GAP) / count
    made: list[Flowable] = []
    for start in range(0, len(signatures.boxes), count):
        boxes = [SignHere(box) for box in signatures.boxes[start : start + count]]
        least = max(box.wrap(wide, HEIGHT)[1] for box in boxes)
        cells: list[Any] = [SignHere(box, least) for box in signatures.boxes[start : start + count]]
        cells += [""] * (count - len(cells))
        style: list[Any] = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-2, -1), _GAP)]
        style += [("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
        made.append(Grid([cells], [*[wide + _GAP] * (count - 1), wide], style=style))
    return made
