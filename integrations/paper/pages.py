"""What stands on every page: organisation, title, number with its code, revision of the data, page x of y."""

from __future__ import annotations

from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from integrations.paper.document import Paper
from integrations.paper.faces import Face, lines, printable, width
from integrations.paper.flowables import DARK, GREY, LABEL, LINE, draw_line

WIDTH, HEIGHT = A4
SIDE = 15 * mm
FOOT = 18 * mm
_TOP = HEIGHT - 10 * mm
_CODE = 20 * mm
_TITLE, _SUBTITLE, _NUMBER, _BANNER = Face(15, bold=True), Face(10), Face(11, bold=True), Face(12, bold=True)
_LINES_MAX = 6
"""How many lines a text may take of the head of every page; what it says in full stands in the blocks."""
_INNER = WIDTH - 2 * SIDE
_TITLE_WIDTH = 0.6 * _INNER - _CODE
_RIGHT = WIDTH - SIDE - _CODE - 2 * mm


class Header:
    """The head and foot of a paper's pages; `height` is what the head takes of each."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        left = [(paper.organisation, LABEL, GREY), (paper.title, _TITLE, black), (paper.subtitle, _SUBTITLE, black)]
        right = [(paper.number, _NUMBER, black), (paper.revision, LABEL, black)]
        self._left = [
            (line, face, ink) for text, face, ink in left if text for line in _first_lines(text, face, _TITLE_WIDTH)
        ]
        room = _RIGHT - SIDE - _TITLE_WIDTH - 4 * mm
        self._right = [(line, face, ink) for text, face, ink in right for line in _first_lines(text, face, room)]
        self._banner = _first_lines(paper.banner, _BANNER, _INNER - 6 * mm) if paper.banner else []
        columns = (sum(face.leading for _line, face, _ink in column) for column in (self._left, self._right))
        self._rule = _TOP - max(*columns, _CODE) - 2 * mm
        self._under = self._rule - (len(self._banner) * _BANNER.leading + 4 * mm if self._banner else 0)
        self.height = HEIGHT - self._under + 3 * mm
        self._code = _code(paper.number)

    def draw(self, canvas: Canvas, page: int, pages: int) -> None:
        """Draw the head and the foot of a page."""
        y = _TOP
        for line, face, ink in self._left:
            y -= face.leading
            draw_line(canvas, SIDE, y + face.leading * 0.28, line, face, ink)
        y = _TOP
        for line, face, ink in self._right:
            y -= face.leading
            draw_line(canvas, _RIGHT - width(line, face), y + face.leading * 0.28, line, face, ink)
        renderPDF.draw(self._code, canvas, WIDTH - SIDE - _CODE, _TOP - _CODE)
        canvas.setStrokeColor(DARK)
        canvas.setLineWidth(1.2)
        canvas.line(SIDE, self._rule, WIDTH - SIDE, self._rule)
        self._draw_banner(canvas)
        self._draw_foot(canvas, page, pages)

    def _draw_banner(self, canvas: Canvas) -> None:
        if not self._banner:
            return
        top = self._rule - 2 * mm
        canvas.setFillColor(black)
        height = len(self._banner) * _BANNER.leading + 2 * mm
        canvas.rect(SIDE, top - height, _INNER, height, stroke=0, fill=1)
        y = top - mm
        for line in self._banner:
            y -= _BANNER.leading
            draw_line(canvas, (WIDTH - width(line, _BANNER)) / 2, y + _BANNER.leading * 0.28, line, _BANNER, white)

    def _draw_foot(self, canvas: Canvas, page: int, pages: int) -> None:
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, FOOT - 4 * mm, WIDTH - SIDE, FOOT - 4 * mm)
        counted = printable(self._paper.page_of.format(page=page, pages=pages))
        room = _INNER - width(counted, LABEL) - 6 * mm
        y = FOOT - 4 * mm
        for line in _first_lines(f"{self._paper.number} · {self._paper.revision}", LABEL, room, 2):
            y -= LABEL.leading
            draw_line(canvas, SIDE, y, line, LABEL, GREY)
        x = WIDTH - SIDE - width(counted, LABEL)
        draw_line(canvas, x, FOOT - 4 * mm - LABEL.leading, counted, LABEL, GREY)


def _first_lines(text: str, face: Face, room: float, most: int = _LINES_MAX) -> list[str]:
    """Return the lines of a text, or its first ones with a mark that there are more."""
    found = lines(text, face, room)
    return found if len(found) <= most else [*found[: most - 1], f"{found[most - 1][:-1]}…"]


def _code(number: str) -> Drawing:
    widget: Any = QrCodeWidget(number, barLevel="M", barWidth=_CODE, barHeight=_CODE, barBorder=0)
    drawing = Drawing(_CODE, _CODE)
    drawing.add(widget)
    return drawing
