"""Lists as flat arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optimizer.dispatch.building.flat import begins, ints, members


@given(lists=st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6), data=st.data())
def test_members_of_rows_are_the_lists_one_behind_the_other(lists: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=8))
    at, owner = members(begins(lists), np.array(rows, dtype=np.int64))

    assert ints(lists)[at].tolist() == [value for row in rows for value in lists[row]]
    assert owner.tolist() == [index for index, row in enumerate(rows) for _ in lists[row]]
