"""Histories and problems to be forecast."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from optimizer.forecast.exposure import Driver, Exposure, Prior
from optimizer.forecast.history import History, Series
from optimizer.forecast.model import Problem, Scheduled
from optimizer.forecast.succession import Succession

PIECES = st.one_of(st.none(), st.just(0), st.just(0), st.integers(0, 5), st.integers(0, 400))


def table(pieces: np.ndarray) -> History:
    """Return a table of pieces as a history of one place, NaN for what nobody recorded."""
    parts = tuple(f"P{row}" for row in range(len(pieces)))
    return History(parts, ("X",) * len(parts), pieces, ~np.isnan(pieces), np.zeros(pieces.shape, np.bool_))


def one(*pieces: int | None, short: tuple[int, ...] = ()) -> Problem:
    """Return a problem of one part at one place."""
    return Problem(History.of([Series("PUMP", "OSL", pieces, short)]))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Draw histories with gaps and stock-outs, some parts with usage, dates and successors."""
    periods, rows = draw(st.integers(1, 14)), draw(st.integers(1, 5))
    series = []
    for row in range(rows):
        pieces = draw(st.lists(PIECES, min_size=periods - 1, max_size=periods - 1))
        pieces.append(draw(st.integers(0, 9)))
        short = draw(st.sets(st.integers(0, periods - 2), max_size=3)) if periods > 1 else set()
        series.append(Series(f"N{row}", draw(st.sampled_from(["OSL", "BGO"])), tuple(pieces), tuple(sorted(short))))
    successions = [Succession(f"N{row}", f"N{row + 1}") for row in range(rows - 1) if draw(st.booleans())]
    old = {succession.old for succession in successions}
    exposures = [
        Exposure(
            f"N{row}",
            "OSL",
            draw(st.sampled_from(list(Driver))),
            tuple(draw(st.one_of(st.none(), st.floats(0, 900))) for _ in range(periods)),
            tuple(draw(st.lists(st.floats(0, 900), min_size=1, max_size=4))),
            draw(st.integers(1, 4)),
            draw(st.sampled_from([0.0, 0.3])),
            Prior(draw(st.floats(1e-5, 0.1)), draw(st.floats(1, 1e5))),
        )
        for row in range(rows)
        if f"N{row}" not in old and draw(st.booleans())
    ]
    scheduled = draw(
        st.lists(
            st.builds(
                Scheduled,
                st.sampled_from([f"N{row}" for row in range(rows)]),
                st.sampled_from(["OSL", "TOS"]),
                st.floats(0, 20),
                st.integers(1, 9),
            ),
            max_size=3,
        )
    )
    return Problem(History.of(series), tuple(exposures), tuple(scheduled), tuple(successions))
