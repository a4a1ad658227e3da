"""Cells say what the schema says: whatever a field holds comes back from its cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from fieldops.exchange.columns import Column, Shape, as_given, as_row, columns_of, text_of, values_at
from fieldops.exchange.tables import KINDS
from integrations.files.guard import guarded


class Colour(StrEnum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    """One item of a list."""

    name: str
    count: int | None = None
    note: str | None = None


class Thing(BaseModel):
    """Every shape that a field can have."""

    name: str
    colour: Colour | None = None
    size: Decimal | None = None
    far: float = 0
    since: date | None = None
    true: bool = False
    words: tuple[str, ...] = ()
    parts: list[Part] = []
    texts: dict[str, str] = {}


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8).filter(
    lambda text: text == text.strip()
)
THINGS = st.builds(
    Thing,
    name=WORDS,
    colour=st.none() | st.sampled_from(Colour),
    size=st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    far=st.floats(allow_nan=False, allow_infinity=False),
    since=st.none() | st.dates(),
    true=st.booleans(),
    words=st.lists(WORDS, max_size=3).map(tuple),
    parts=st.lists(st.builds(Part, name=WORDS, count=st.none() | st.integers(), note=st.none() | WORDS), max_size=3),
    texts=st.dictionaries(WORDS, WORDS, max_size=3),
)
COLUMNS = {column.name: column for column in columns_of(Thing)}


@given(THINGS)
@example(Thing(name="|", words=(";", "\\"), parts=[Part(name="a|"), Part(name=";\\")], texts={"|": "\\;"}))
def test_what_a_record_holds_comes_back_from_its_cells(thing: Thing) -> None:
    spelt = {}
    for column, cell in zip(COLUMNS.values(), as_row(thing, COLUMNS.values()), strict=True):
        as_file = None if cell is None else guarded(cell) if isinstance(cell, str) else str(cell)
        spelt[column.name] = text_of(as_file, column)
    assert Thing.model_validate(as_given(spelt, COLUMNS)) == thing


def test_columns_are_what_the_schema_says() -> None:
    assert COLUMNS["name"] == Column("name", required=True, shape=Shape.TEXT)
    assert COLUMNS["colour"] == Column("colour", required=False, shape=Shape.TEXT)
    assert {COLUMNS[name].shape for name in ("size", "far", "since", "true")} == {Shape.VALUE}
    assert [COLUMNS[name].notation for name in ("words", "parts", "texts")] == [
        "words;…",
        "name|count|note;…",
        "key|value;…",
    ]


@pytest.mark.parametrize(
    ("cell", "column"),
    [(1e15, "size"), (1e15, "name"), (0.5, "name"), (True, "name"), (date(2026, 3, 2), "words"), (0.5, "parts")],
)
def test_what_excel_made_of_a_text_is_refused(cell: float | date, column: str) -> None:
    with pytest.raises(ValueError, match="Excel made it a number"):
        text_of(cell, COLUMNS[column])


@pytest.mark.parametrize("text", ["a|1|b|c", "x|y|z|z;a"])
def test_too_many_parts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too many parts"):
        as_given({"parts": text}, COLUMNS)
    with pytest.raises(ValueError, match="twice"):
        as_given({"texts": "a|1;a|2"}, COLUMNS)


def test_paths_lead_through_lists() -> None:
    thing = Thing(name="a", parts=[Part(name="x", note="1"), Part(name="y")])
    assert values_at(thing, "parts.note") == ["1"]
    assert values_at(thing, "colour") == []


def test_every_kind_has_its_key_and_references_among_its_columns() -> None:
    for kind in KINDS.values():
        names = {column.name for column in kind.columns}
        assert set(kind.key) <= names
        assert {path.partition(".")[0] for path in kind.refers} <= names
