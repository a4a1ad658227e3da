"""What the table of stock shows: places or groups of them by parts or groups of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fieldops.planning.stock_picture import MICRO, By, Of, Standing, standings
from fieldops.web.pages.stock_words import network_words
from inventory.catalogue.models import Essentiality, PartClass
from inventory.catalogue.queries import Chosen, chapters, chosen_parts, part_heads, part_names
from inventory.kernel.texts import local
from inventory.network.models import Tier
from inventory.network.queries import Shelf, shelves

COLUMNS_MAX = 200
"""How many parts stand beside each other; the rest is a page further."""
BAND = 36
"""Of so many places the cells come with the page, which fills a screen; scripts ask for those of the rest."""
LATER = 160
"""Of so many they are told at a time then."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the stock is looked at."""

    region: str | None
    tiers: Sequence[Tier]
    parts: Chosen
    by: By = By.PLACE
    of: Of = Of.PART
    after: str = ""
    targets: bool = True


@dataclass(frozen=True, slots=True)
class Heat:
    """The table: `rows` and `columns` as (key, name, what it belongs to), of each row its cells.

    The cells of a row are one list: the number of the column, then a figure for each measure, and so on. Those of the
    first rows are there; the rest is to be asked for. `older` is the part that the next page begins after.
    """

    rows: list[tuple[str, str, str]]
    columns: list[tuple[str, str, str]]
    cells: list[list[float]] = field(repr=False)
    older: str | None
    chapters: list[str]

    def told(self) -> dict[str, Any]:
        """Return it as the script reads it."""
        return {"rows": self.rows, "columns": self.columns, "cells": self.cells}


def called(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """Return {number: what it is called} of parts, in the reader's language."""
    return {number: local(*names) for number, names in part_names(session, numbers).items()}


def heat(session: Session, asked: Asked, now: datetime) -> Heat:
    """Return the table of stock, as far as the visitor may see it, with the cells of its first rows."""
    found = shelves(session, region=asked.region, tiers=asked.tiers)
    rows = _rows(found, asked.by)
    columns, older = _columns(session, asked)
    return Heat(rows, columns, _cells(session, asked, found, now, columns, 0, BAND), older, chapters(session))


def more_cells(session: Session, asked: Asked, now: datetime, start: int) -> list[list[float]]:
    """Return the cells of the next rows from one on, which is none at the end."""
    found = shelves(session, region=asked.region, tiers=asked.tiers)
    return _cells(session, asked, found, now, _columns(session, asked)[0], start, start + LATER)


def _cells(
    session: Session,
    asked: Asked,
    found: Sequence[Shelf],
    now: datetime,
    columns: Sequence[tuple[str, str, str]],
    start: int,
    stop: int,
) -> list[list[float]]:
    if asked.by is By.PLACE:
        found = found[start:stop]
    column_at = {key: number for number, (key, _name, _group) in enumerate(columns)}
    cells: dict[str, list[float]] = {key: [] for key, _name, _group in _rows(found, asked.by)}
    for one in figures(session, asked, found, now, list(column_at) if asked.of is Of.PART else None):
        cells[one.row] += (
            column_at[one.column],
            spelt(one.on_hand),
            spelt(one.reserved),
            spelt(one.available),
            spelt(one.due_in),
            spelt(one.target),
            spelt(one.shortage),
        )
    return list(cells.values())


def figures(
    session: Session, asked: Asked, found: Sequence[Shelf], now: datetime, numbers: Sequence[str] | None = None
) -> list[Standing]:
    """Return the figures of the places found, of all parts that are asked for or those of some numbers."""
    parts = chosen_parts(asked.parts, numbers)
    return list(
        standings(session, [one.id for one in found], parts, now, by=asked.by, of=asked.of, targets=asked.targets)
    )


def spelt(quantity: int) -> float:
    """Return millionths of a unit in units: whole where they are."""
    whole, rest = divmod(quantity, MICRO)
    return quantity / MICRO if rest else whole


def _rows(found: Sequence[Shelf], by: By) -> list[tuple[str, str, str]]:
    words = network_words()
    if by is By.PLACE:
        return [(one.code, local(one.name, one.name_local), one.region) for one in found]
    if by is By.REGION:
        return [(code, "", "") for code in dict.fromkeys(one.region for one in found)]
    there = {one.tier for one in found}
    return [(tier, words.get(tier, tier), "") for tier in Tier if tier in there]


def _columns(session: Session, asked: Asked) -> tuple[list[tuple[str, str, str]], str | None]:
    if asked.of is Of.PART:
        heads = part_heads(session, asked.parts, after=asked.after, limit=COLUMNS_MAX + 1)
        shown = heads[:COLUMNS_MAX]
        older = shown[-1].number if len(heads) > COLUMNS_MAX else None
        return [(one.number, local(one.description, one.description_zh), one.ata) for one in shown], older
    words = network_words()
    return [(key, words.get(key, ""), "") for key in _groups(session, asked)], None


def _groups(session: Session, asked: Asked) -> list[str]:
    if asked.of is Of.ATA:
        return [one for one in chapters(session) if asked.parts.ata in ("", one)]
    if asked.of is Of.ESSENTIALITY:
        return [one for one in Essentiality if asked.parts.essentiality in ("", one)]
    return [one for one in PartClass if asked.parts.part_class in ("", one)]
