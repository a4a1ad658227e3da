"""The second factor: six digits from an authenticator (RFC 6238), each accepted once."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

_STEP_S = 30
_DRIFT = 1
"""Steps that the clock of a telephone may be off."""


def new_totp_secret() -> str:
    """Return a new shared secret in base 32."""
    return pyotp.random_base32()


def totp_address(secret: str, name: str) -> str:
    """Return the address that authenticators read, mostly as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="fieldops")


def accepted_step(secret: str, code: str, after: int | None, now: datetime) -> int | None:
    """Return the time step that a code belongs to, None for a wrong code or one not newer than step `after`."""
    present = int(now.timestamp()) // _STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        fits = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if fits and (after is None or step > after):
            return step
    return None
