"""Part numbers that others replace: what was asked for as the old one is demand for the newest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.forecast.history import History


@dataclass(frozen=True, slots=True)
class Succession:
    """A part that another replaces, piece for piece."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rolled:
    """A history whose rows are of the newest parts, and by row the parts that were added up, oldest name first.

    `pieces` are 0 where a period is not known. A period is known where it is of any of the parts, and short where any
    ran out.
    """

    keys: tuple[tuple[str, str], ...]
    of: tuple[tuple[str, ...], ...]
    pieces: NDArray[np.float64]
    known: NDArray[np.bool_]
    short: NDArray[np.bool_]


def last_of(successions: Iterable[Succession]) -> dict[str, str]:
    """Return for each part that is replaced the one at the end of its chain.

    Raises ValueError for a circle, naming it, and for a part with two successors.
    """
    next_of: dict[str, str] = {}
    for one in successions:
        if next_of.setdefault(one.old, one.new) != one.new:
            raise ValueError(
                f"part {one.old} is replaced by {next_of[one.old]} and by {one.new}: name one, and the other as "
                "successor of that"
            )
    last: dict[str, str] = {}
    for part in next_of:
        chain = [part]
        while chain[-1] in next_of and chain[-1] not in last:
            chain.append(next_of[chain[-1]])
            if chain[-1] in chain[:-1]:
                circle = chain[chain.index(chain[-1]) :]
                raise ValueError(f"parts replace each other in a circle: {', '.join(circle)}; take one out")
        end = last.get(chain[-1], chain[-1])
        last.update(dict.fromkeys(chain[:-1], end))
    return last


def rolled_up(history: History, last: Mapping[str, str], more: Sequence[tuple[str, str]]) -> Rolled:
    """Return a history by newest part and place; `more` are keys to have a row even where nothing was recorded.

    O(rows × periods). Every piece of a known period is in the result once.
    """
    given = [(last.get(part, part), place) for part, place in zip(history.parts, history.places, strict=True)]
    at: dict[tuple[str, str], int] = {}
    for key in (*given, *more):
        at.setdefault(key, len(at))
    rows = np.array([at[key] for key in given], np.int64)
    shape = (len(at), history.periods)
    pieces, known, short = np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    np.add.at(pieces, rows, np.where(history.known, history.pieces, 0.0))
    np.logical_or.at(known, rows, history.known)
    np.logical_or.at(short, rows, history.short & history.known)
    of: list[list[str]] = [[] for _ in at]
    for row, part in zip(rows.tolist(), history.parts, strict=True):
        of[row].append(part)
    return Rolled(tuple(at), tuple(tuple(sorted(parts)) for parts in of), pieces, known, short)
