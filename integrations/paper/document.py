"""What a paper consists of: plain texts in any script, in blocks from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a part of the paper."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; line breaks in it are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A paragraph in a frame, that nobody should overlook."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, in columns from left to right, then from top to bottom."""

    pairs: tuple[tuple[str, str], ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `share` of the width, as against the other columns; `blank` ones are filled in by hand."""

    title: str
    share: float = 1.0
    right: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header that every page repeats; the rows whose numbers are `marked` are shaded, the first is 0.

    Raises ValueError for a row that has not a cell for each column.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has not a cell for each column")


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """Where somebody signs: as what, what is known of the person, and what is to be written by hand."""

    title: str
    facts: tuple[tuple[str, str], ...]
    blanks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Boxes side by side; none of them is cut by the end of a page."""

    boxes: tuple[SignatureBox, ...]


Block = Heading | Text | Notice | Facts | Table | Signatures


@dataclass(frozen=True, slots=True)
class Paper:
    """A document.

    `number`, `revision` (the revision of its data, with what it is called) and `banner` stand on every page. `page_of`
    names the fields {page} and {pages}; `language` is a tag such as zh-CN; `subtitle`, `banner` may be empty.
    """

    number: str
    title: str
    subtitle: str
    organisation: str
    revision: str
    banner: str
    page_of: str
    language: str
    blocks: tuple[Block, ...]
