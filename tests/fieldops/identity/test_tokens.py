"""What pages send beside the cookie of a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.identity.tokens import csrf_of, is_csrf_of, new_secret


def test_each_page_gets_another_token_and_every_one_is_good() -> None:
    secret = new_secret()
    made = {csrf_of(secret) for _ in range(5)}
    assert len(made) == 5
    assert all(is_csrf_of(secret, one) for one in made)
    assert not any(is_csrf_of(new_secret(), one) for one in made)


@pytest.mark.parametrize("planted", [None, "", ".", "a.b", "\udce9.\udce9"])
def test_what_was_not_made_with_the_cookie_is_refused(planted: str | None) -> None:
    assert not is_csrf_of(new_secret(), planted)


@given(st.integers(0, 80), st.characters(exclude_categories=["Cs"]))
def test_a_token_with_one_letter_otherwise_is_refused(at: int, letter: str) -> None:
    secret, token = "the cookie", csrf_of("the cookie")
    at = min(at, len(token) - 1)
    changed = token[:at] + letter + token[at + 1 :]
    assert is_csrf_of(secret, changed) == (changed == token)
