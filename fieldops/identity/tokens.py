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
    """Return the token that pages send beside the cookie which holds `secret`; other sites can neither read the
    cookie nor make the token.
    """
    return hmac.new(secret.encode(errors="surrogateescape"), b"csrf", sha256).hexdigest()


def is_csrf_of(secret: str, given: str | None) -> bool:
    """Tell whether `given` is the token that belongs to a cookie, in a time that tells nothing."""
    return given is not None and hmac.compare_digest(csrf_of(secret).encode(), given.encode(errors="surrogateescape"))
