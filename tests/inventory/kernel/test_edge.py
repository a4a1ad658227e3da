"""Pages of a list: a cursor says where the next one begins, whatever the keys are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.kernel.edge import Paging
from inventory.kernel.errors import Invalid

Key = tuple[str, int, date]

FIRST: Key = ("", -1, date.min)
KEYS = st.tuples(st.text(min_size=1), st.integers(0, 2**63), st.dates())


@given(keys=st.sets(KEYS, max_size=12), limit=st.integers(1, 5))
def test_pages_together_hold_every_item_once_in_order(keys: set[Key], limit: int) -> None:
    rows = sorted(keys)
    found: list[Key] = []
    cursor = None
    while True:
        paging = Paging(limit, cursor)
        after = paging.after(FIRST)
        page = paging.page([row for row in rows if row > after][: paging.rows], lambda row: row)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
        assert len(page.items) == limit
    assert found == rows


@given(cursor=st.text())
def test_a_cursor_that_nobody_gave_is_refused_and_never_an_error(cursor: str) -> None:
    with pytest.raises(Invalid):
        Paging(1, cursor).after(FIRST)
