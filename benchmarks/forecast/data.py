"""Files of demand: a row for each part, columns m01, m02 … for the periods, and perhaps lead time and price."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.forecast.history import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Demands(NamedTuple):
    """Pieces by part and period (NaN: nobody recorded it); lead times in periods and prices, where they are told."""

    name: str
    pieces: Floats
    lead: Floats | None
    price: Floats | None


def read(path: Path) -> Demands:
    """Return a file's demand. Raises ValueError for a file that is none of demand."""
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    months = sorted(key for key in (rows[0] if rows else {}) if key[:1] == "m" and key[1:].isdigit())
    if len(months) < 8:
        raise ValueError(f"{path}: no file of demand (rows with columns m01, m02 … are wanted, 8 at least)")

    def columns(names: Sequence[str]) -> Floats:
        try:
            return np.array([[float(row[name] or math.nan) for name in names] for row in rows])
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: no file of demand ({error})") from None

    pieces = columns(months)
    if not {"lead_time_months", "price_gbp"} <= rows[0].keys():
        return Demands(path.stem, pieces, None, None)
    return Demands(path.stem, pieces, columns(["lead_time_months"])[:, 0], columns(["price_gbp"])[:, 0])


def found(folder: Path) -> list[Path]:
    """Return the files of a folder that hold demand."""
    return [path for path in sorted(folder.glob("*.csv")) if ",m01" in path.open(encoding="utf-8").readline()]


def generated(parts: int, periods: int, seed: int) -> Demands:
    """Return demand that comes by chance in lots, at rates of which some change and some end."""
    rng = np.random.default_rng(seed)
    rate = rng.lognormal(-2.0, 1.0, (parts, 1)) * np.ones(periods)
    rate *= np.exp(np.cumsum(rng.normal(0.0, 0.05, (parts, periods)), axis=1))
    rate[np.arange(periods) >= rng.geometric(0.004, (parts, 1)) + periods // 3] = 0.0
    size = rng.lognormal(0.5, 0.8, (parts, 1))
    pieces = np.where(rng.random((parts, periods)) < np.minimum(rate, 0.9), 1 + rng.poisson(size, (parts, periods)), 0)
    return Demands(f"generated, seed {seed}", pieces.astype(np.float64), None, None)


def history(pieces: Floats) -> History:
    """Return demand as a history of one place."""
    parts = tuple(f"P{row}" for row in range(len(pieces)))
    return History(parts, ("X",) * len(parts), pieces, ~np.isnan(pieces), np.zeros(pieces.shape, np.bool_))
