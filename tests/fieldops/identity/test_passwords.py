"""Hashes of passwords."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from fieldops.identity.passwords import HASHES_AT_ONCE, Passwords
from tests.fieldops.identity.site import CHEAP


def test_only_the_password_itself_matches() -> None:
    passwords = Passwords(CHEAP)
    kept = passwords.hash("correct horse battery")
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "correct horse batterz")
    assert not passwords.matches(None, "correct horse battery")
    assert not passwords.matches("no hash", "correct horse battery")
    assert kept != passwords.hash("correct horse battery"), "salted"


def test_keyboards_that_compose_characters_differently_type_the_same_password() -> None:
    passwords = Passwords(CHEAP)
    assert passwords.matches(passwords.hash("Zu\u0308rich und Gen\u00e8ve"), "Z\u00fcrich und Gene\u0300ve")


class Watching(PasswordHasher):
    """Holds every hash until as many are made as may be, and says how many there were at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.full = Barrier(HASHES_AT_ONCE)
        self.inside = 0
        self.most = 0
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        self.verified.append(str(hash))
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.full.wait(timeout=30)
        self.inside -= 1
        raise VerifyMismatchError


def test_few_hashes_are_made_at_once() -> None:
    hasher = Watching()
    passwords = Passwords(hasher)
    threads = [Thread(target=passwords.matches, args=(None, "x")) for _one in range(3 * HASHES_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(hasher.verified) == 3 * HASHES_AT_ONCE
    assert hasher.most == HASHES_AT_ONCE


@pytest.mark.parametrize("hasher", [PasswordHasher(), CHEAP], ids=["ours", "cheap"])
def test_the_check_for_nobody_does_the_work_of_a_real_one(hasher: PasswordHasher) -> None:
    class Noting(PasswordHasher):
        seen = ""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            Noting.seen = str(hash)
            return super().verify(hash, password)

    noting = Noting(hasher.time_cost, hasher.memory_cost, hasher.parallelism)
    assert not Passwords(noting).matches(None, "correct horse battery")
    assert extract_parameters(Noting.seen) == extract_parameters(noting.hash("correct horse battery"))
