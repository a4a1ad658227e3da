"""Random values that open something: made here, shown once, kept as their hash."""

from __future__ import annotations

import hmac
from hashlib import sha256
from secrets import token_urlsafe

TOKEN_PREFIX = "fo_"  # noqa: S105 - what the tokens of the API begin with, so that scanners for secrets find them


def new_secret() -> str:
    """Return 256 random bits as text that fits into an address or a cookie."""
    return token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the hash under which a secret is kept; it is random, so that a fast hash without salt is safe."""
    return sha256(secret.encode(errors="surrogateescape")).hexdigest()


def csrf_of(secret: str) -> str:
    """Return a token that pages send beside the cookie which holds `secret`; other sites can neither read the cookie
    nor make the token. It is another one each time: in a compressed page it cannot be guessed letter by letter.
    """
    return _csrf(secret, token_urlsafe(12))


def is_csrf_of(secret: str, given: str | None) -> bool:
    """Tell whether `given` is a token that belongs to a cookie, in a time that tells nothing."""
    if given is None:
        return False
    expected = _csrf(secret, given.partition(".")[0])
    return hmac.compare_digest(expected.encode(errors="surrogateescape"), given.encode(errors="surrogateescape"))


def _csrf(secret: str, salt: str) -> str:
    key, message = secret.encode(errors="surrogateescape"), f"csrf.{salt}".encode(errors="surrogateescape")
    return f"{salt}.{hmac.new(key, message, sha256).hexdigest()}"
