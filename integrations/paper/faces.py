"""Fonts that travel with the product, so that a paper prints alike everywhere: Latin, Greek, Cyrillic, Chinese."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, _BOLD, _CHINESE = "NotoSans", "NotoSans-Bold", "NotoSansSC"
_FONTS = Path(__file__).parent / "fonts"
_FILES = {
    REGULAR: "NotoSans-Regular.ttf",
    _BOLD: "NotoSans-Bold.ttf",
    _CHINESE: "NotoSansSC-Regular.ttf",
}
_IDEOGRAPHS = 0x2E80
"""From here on a line may be broken before and after a character."""
_BEGINS_NO_LINE = frozenset("、。，．：；！？）」』】〕〉》｝”’…—·％℃%)]},.:;!?")
_ENDS_NO_LINE = frozenset("（「『【〔〈《｛“‘([{")


@dataclass(frozen=True, slots=True)
class Face:
    """A size in points, and whether letters of alphabets are bold."""

    size: float
    bold: bool = False

    @property
    def leading(self) -> float:
        """Points from one base line to the next."""
        return self.size * 1.4


@lru_cache
def _glyphs() -> dict[str, frozenset[int]]:
    """Register the fonts; return the code points that each of them can show."""
    found = {}
    for name, file in _FILES.items():
        font = TTFont(name, str(_FONTS / file))
        registerFont(font)
        found[name] = frozenset(font.face.charToGlyph)
    return found


@lru_cache(4_096)
def _font(character: str, bold: bool) -> str | None:
    names = (_BOLD if bold else REGULAR, _CHINESE)
    return next((name for name in names if ord(character) in _glyphs()[name]), None)


def printable(text: str) -> str:
    """Return a text as it is printed: a character that no font shows becomes its number, such as [U+0E01].

    Nothing is left out but what is invisible: control characters, and the marks that turn the direction of writing.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(_shown(character) for character in composed)


def _shown(character: str) -> str:
    if character == "\n":
        return character
    if unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    return character if _font(character, False) else f"[U+{ord(character):04X}]"


def runs(line: str, face: Face) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a printable line, each after the name of its font."""
    for font, piece in groupby(line, lambda character: _font(character, face.bold)):
        yield font or _CHINESE, "".join(piece)


def width(line: str, face: Face) -> float:
    """Return the width of a printable line in points."""
    return sum(stringWidth(piece, font, face.size) for font, piece in runs(line, face))


def lines(text: str, face: Face, width_max: float) -> list[str]:
    """Break a text into printable lines: at spaces and between Chinese characters; within a word only if it must be."""
    return list(_lines(text, face, width_max))


@lru_cache(2_048)
def _lines(text: str, face: Face, width_max: float) -> tuple[str, ...]:
    # the layout of a table asks for the same lines several times
    return tuple(line for paragraph in printable(text).split("\n") for line in _broken(paragraph, face, width_max))


def _broken(paragraph: str, face: Face, width_max: float) -> Iterator[str]:
    line, used = "", 0.0
    for piece in _pieces(paragraph):
        needed = width(piece.rstrip(" "), face)
        if line and used + needed > width_max:
            yield line.rstrip(" ")
            line, used = "", 0.0
        if needed > width_max:
            *full, piece = _cut(piece, face, width_max)
            yield from full
        line += piece
        used += width(piece, face)
    yield line.rstrip(" ")


def _pieces(paragraph: str) -> Iterator[str]:
    """Yield what stays together: a word with the spaces after it, a Chinese character with its punctuation."""
    piece = ""
    for before, character in zip(f" {paragraph}", paragraph, strict=False):
        if piece and _may_break(before, character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _BEGINS_NO_LINE or before in _ENDS_NO_LINE:
        return False
    return before == " " or ord(before) >= _IDEOGRAPHS or ord(after) >= _IDEOGRAPHS


def _cut(word: str, face: Face, width_max: float) -> list[str]:
    """Cut a word that is longer than a line; each part has at least one character."""
    parts, part = [], ""
    for character in word:
        if part and width(part + character, face) > width_max:
            parts.append(part)
            part = ""
        part += character
    return [*parts, part]
