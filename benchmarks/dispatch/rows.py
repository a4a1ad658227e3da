"""Rows of numbers in text files; what cannot be read is refused with the number of its line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

Row = tuple[int, list[float]]
"""The number of a line, and what it holds."""


def lines_after(text: str, heading: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines behind a heading (a pattern), empty ones left out. Raises ValueError."""
    lines = enumerate(text.splitlines(), start=1)
    for _, line in lines:
        if re.search(heading, line, re.IGNORECASE):
            break
    else:
        raise ValueError("it breaks off before its rows")
    yield from ((number, line) for number, line in lines if line.strip())


def row(line: int, words: Sequence[str], width: int) -> list[float]:
    """Return so many words as numbers. Raises ValueError."""
    if len(words) != width:
        raise ValueError(f"line {line}: it must hold {width} numbers, and has {len(words)} words")
    return [_number(line, word) for word in words]


def whole_numbers(line: int, listed: str) -> list[int]:
    """Return numbers between commas. Raises ValueError."""
    found = [_number(line, word.strip()) for word in listed.split(",")] if listed.strip() else []
    return [_whole(line, one) for one in found]


def counts(line: int, words: Sequence[str], width: int) -> list[int]:
    """Return so many words as whole numbers. Raises ValueError."""
    return [_whole(line, one) for one in row(line, words, width)]


def table(text: str, heading: str, width: int) -> list[Row]:
    """Return all rows behind a heading, whose first numbers count on by one. Raises ValueError."""
    return counted_on([(number, row(number, line.split(), width)) for number, line in lines_after(text, heading)])


def counted_on(rows: list[Row]) -> list[Row]:
    """Return the rows if their first numbers count on by one. Raises ValueError for gaps, and for none at all."""
    if not rows:
        raise ValueError("it breaks off before its rows")
    first = rows[0][1][0]
    for index, (line, held) in enumerate(rows):
        if held[0] != first + index:
            raise ValueError(f"line {line}: the id {first + index:.0f} is due, not {held[0]:g}")
    return rows


def _number(line: int, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"line {line}: {word!r} is no number")
    return value


def _whole(line: int, value: float) -> int:
    if value != int(value):
        raise ValueError(f"line {line}: {value:g} is no whole number")
    return int(value)
