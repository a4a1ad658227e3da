"""Document numbers have no gaps, whoever else takes them at the same time and whatever fails."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.numbering import next_number
from tests.rivals import at_once


def _take_and_fail(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        next_number(session, "plan")
        raise ZeroDivisionError


def test_every_series_counts_for_itself(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        assert [next_number(session, series) for series in ("plan", "order", "plan", "order", "plan")] == [
            1,
            1,
            2,
            2,
            3,
        ]


@pytest.mark.parametrize("taken_before", [0, 5])
def test_rivals_and_failures_leave_no_gap(any_engine: Engine, taken_before: int) -> None:
    with writing(any_engine, SYSTEM) as session:
        for _ in range(taken_before):
            next_number(session, "plan")

    def take(rival: int) -> list[int]:
        mine = []
        for turn in range(6):
            if (rival + turn) % 3 == 0:
                with pytest.raises(ZeroDivisionError):
                    _take_and_fail(any_engine)
            else:
                with writing(any_engine, SYSTEM) as session:
                    number = next_number(session, "plan")
                mine.append(number)
        return mine

    numbers = sorted(number for mine in at_once(8, take) for number in mine)
    assert numbers == list(range(taken_before + 1, taken_before + 1 + 8 * 4))
