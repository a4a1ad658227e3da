"""The page about imports names every kind with its columns as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fieldops.exchange.columns import Column
from fieldops.exchange.tables import KINDS

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "import.md"


def told(column: Column) -> str:
    """A column with how it is written; one that is needed is bold."""
    name = f"**{column.name}**" if column.required else column.name
    notation = column.notation.replace("|", r"\|")
    return f"{name} (`{notation}`)" if notation else name


def lines() -> Iterator[str]:
    """The lines of the table."""
    for kind in KINDS.values():
        yield f"| `{kind.name}` | {', '.join(map(told, kind.columns))} | {', '.join(kind.key)} |"


def test_the_page_names_every_kind_and_column() -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in page if line.startswith("| `")] == list(lines())
