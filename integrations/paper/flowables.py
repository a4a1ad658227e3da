"""The pieces that reportlab lays out: text in our fonts, and a box to sign in."""

from __future__ import annotations

from reportlab.lib.colors import Color, black
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from integrations.paper.document import SignatureBox
from integrations.paper.faces import Face, lines, runs, width

GREY = Color(0.38, 0.38, 0.38)
LINE = Color(0.6, 0.6, 0.6)
SHADE = Color(0.93, 0.93, 0.93)
DARK = Color(0.16, 0.22, 0.3)

BODY = Face(9)
LABEL = Face(7)
STRONG = Face(9, bold=True)


def draw_line(canvas: Canvas, x: float, y: float, line: str, face: Face, colour: Color = black) -> None:
    """Write a printable line from its left end at a base line."""
    canvas.setFillColor(colour)
    text = canvas.beginText(x, y)
    for font, piece in runs(line, face):
        text.setFont(font, face.size)
        text.textOut(piece)
    canvas.drawText(text)


class Words(Flowable):
    """A text that is broken into lines, and between its lines into pages."""

    def __init__(self, text: str, face: Face = BODY, colour: Color = black, *, right: bool = False, least: float = 0):
        super().__init__()
        self._text, self._face, self._colour = text, face, colour
        self._right, self._least = right, least
        self._lines: list[str] = []

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - as reportlab names them
        """Break the text for a width; returns the size that it takes."""
        self._lines = lines(self._text, self._face, aW)
        self.width, self.height = aW, max(self._least, len(self._lines) * self._face.leading)
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - as reportlab names them
        """Return the part that fits and the rest; nothing where no line fits."""
        self.wrap(aW, aH)
        count = int(aH / self._face.leading)
        if not 0 < count < len(self._lines):
            return []
        halves = ("\n".join(self._lines[:count]), "\n".join(self._lines[count:]))
        return [Words(half, self._face, self._colour, right=self._right) for half in halves]

    def draw(self) -> None:
        """Write the lines, the first one at the top."""
        for number, line in enumerate(self._lines, 1):
            x = self.width - width(line, self._face) if self._right else 0.0
            y = self.height - number * self._face.leading + self._face.leading * 0.28
            draw_line(self.canv, x, y, line, self._face, self._colour)


class SignHere(Flowable):
    """A box with what is known of who signs, and lines for what is written by hand."""

    _PAD = 2 * mm
    _BLANK = 9 * mm

    def __init__(self, box: SignatureBox, least: float = 0) -> None:
        super().__init__()
        self._box, self._least = box, least
        self._title: list[str] = []
        self._facts: list[tuple[list[str], list[str]]] = []

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - as reportlab names them
        """Return the size of the box."""
        inner = aW - 2 * self._PAD
        self._title = lines(self._box.title, STRONG, inner)
        self._facts = [(lines(label, LABEL, inner), lines(value, BODY, inner)) for label, value in self._box.facts]
        known = sum(len(label) * LABEL.leading + len(value) * BODY.leading for label, value in self._facts)
        self.width = aW
        by_hand = self._BLANK * len(self._box.blanks)
        self.height = max(self._least, 2 * self._PAD + len(self._title) * STRONG.leading + known + by_hand)
        return self.width, self.height

    def draw(self) -> None:
        """Draw the box, then its texts from the top."""
        self.canv.setStrokeColor(LINE)
        self.canv.rect(0, 0, self.width, self.height)
        y = self._write(self._title, STRONG, black, self.height - self._PAD)
        for label, value in self._facts:
            y = self._write(label, LABEL, GREY, y)
            y = self._write(value, BODY, black, y)
        y = self._PAD + self._BLANK * len(self._box.blanks)
        for blank in self._box.blanks:
            y -= self._BLANK
            self.canv.line(self._PAD, y + LABEL.leading, self.width - self._PAD, y + LABEL.leading)
            self._write(lines(blank, LABEL, self.width - 2 * self._PAD), LABEL, GREY, y + LABEL.leading)

    def _write(self, texts: list[str], face: Face, colour: Color, top: float) -> float:
        for line in texts:
            top -= face.leading
            draw_line(self.canv, self._PAD, top + face.leading * 0.28, line, face, colour)
        return top
