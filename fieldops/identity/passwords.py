"""Passwords: argon2id, at most a few hashes at once, and the same work whether there is an account or not."""

from __future__ import annotations

import os
import unicodedata
from base64 import b64encode
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from inventory.kernel.errors import TooMany
from inventory.kernel.texts import gettext as _

PASSWORD_MIN, PASSWORD_MAX = 12, 128
"""Characters of a password."""
HASHES_AT_ONCE = 4
"""Each takes 64 MiB for a tenth of a second."""
_PATIENCE_S = 10


class Passwords:
    """Makes and checks hashes of passwords. Raises TooMany where too many wait for theirs."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = BoundedSemaphore(HASHES_AT_ONCE)
        self._nobodys = self._hash_of_nothing()

    def hash(self, password: str) -> str:
        """Return the hash to keep."""
        self._enter()
        try:
            return self._hasher.hash(_normal(password))
        finally:
            self._room.release()

    def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one that was kept; with None the answer is no, after the same work."""
        self._enter()
        try:
            return self._hasher.verify(kept or self._nobodys, _normal(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False
        finally:
            self._room.release()

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than are in force."""
        return self._hasher.check_needs_rehash(kept)

    def _enter(self) -> None:
        if not self._room.acquire(timeout=_PATIENCE_S):
            raise TooMany(
                _("Too many people sign in at once; try again in a few seconds"), code="sign_in_busy", retry_after_s=5
            )

    def _hash_of_nothing(self) -> str:
        """Return a hash that no password has, with the parameters in force."""
        our = self._hasher
        salt, value = (b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (our.salt_len, our.hash_len))
        return f"$argon2id$v=19$m={our.memory_cost},t={our.time_cost},p={our.parallelism}${salt}${value}"


def _normal(password: str) -> str:
    """The same password from keyboards that compose characters differently."""
    return unicodedata.normalize("NFKC", password)
