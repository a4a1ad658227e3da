"""Signed posts to addresses that users give: never to this network's own machines, never longer than a deadline.

A receiver checks the header `X-Fieldops-Signature: t=<seconds>,v1=<hex>` with `verify`, or by its own means: `v1` is
HMAC-SHA256 of `t`, a dot and the body's bytes, with the webhook's secret as the key.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

import httpx

SIGNATURE = "X-Fieldops-Signature"
TIMEOUT_S = 10.0
"""How long one post may take as a whole."""
TOLERANCE = timedelta(minutes=5)
"""How far a signature's instant may be from the receiver's clock."""


class NotDeliveredError(Exception):
    """A post did not arrive; the text says why in one line."""


def sign(secret: str, body: bytes, now: datetime) -> str:
    """Return the value of the signature's header for a body sent at `now`."""
    instant = int(now.timestamp())
    return f"t={instant},v1={_digest(secret, instant, body)}"


def verify(secret: str, header: str, body: bytes, now: datetime, *, tolerance: timedelta = TOLERANCE) -> bool:
    """Tell whether a body was sent by whoever knows the secret, not longer than `tolerance` ago.

    Give the body's bytes as they came, before any parsing. A delivery may come twice: the header
    `X-Fieldops-Delivery` stays the same, so keep it for as long as a repetition matters.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    instants = [value for name, _equals, value in parts if name == "t"]
    if len(instants) != 1 or not (instants[0].isascii() and instants[0].isdigit()) or len(instants[0]) > 12:
        return False
    instant = int(instants[0])
    if abs(now.timestamp() - instant) > tolerance.total_seconds():
        return False
    wanted = _digest(secret, instant, body).encode()
    given = [value.encode() for name, _equals, value in parts if name == "v1"]
    return any(hmac.compare_digest(wanted, one) for one in given)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False, timeout_s: float = TIMEOUT_S
) -> int:
    """Post a body and return the status of the answer, of which nothing else is read; redirects are not followed.

    Unless `private` allows it, an address within a private network, or this machine's, is refused: the host's name is
    looked up once, and the connection goes to what was found. Raises NotDeliveredError without an answer in time.
    """
    try:
        return asyncio.run(_within(timeout_s, url, body, headers, private=private))
    except TimeoutError:
        raise NotDeliveredError(f"no answer within {timeout_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise NotDeliveredError(f"{type(error).__name__}: {error}") from None


async def _within(timeout_s: float, url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> int:
    # one deadline for all: the client's own limits count anew for each byte of an answer that drips
    async with asyncio.timeout(timeout_s):
        target = httpx.URL(url)
        addresses = await _addresses(target, private=private)
        # no proxy, which would look the name up by itself
        tls = httpx.create_ssl_context()
        async with httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False, verify=tls) as client:
            for address in addresses[:-1]:
                with suppress(httpx.ConnectError):
                    return await _post(client, target, address, body, headers)
            return await _post(client, target, addresses[-1], body, headers)


async def _post(
    client: httpx.AsyncClient, target: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]
) -> int:
    async with client.stream(
        "POST",
        target.copy_with(host=address),
        content=body,
        headers={**headers, "Host": target.netloc.decode("ascii")},
        extensions={"sni_hostname": target.raw_host.decode("ascii")},
    ) as answer:
        return answer.status_code


async def _addresses(target: httpx.URL, *, private: bool) -> list[str]:
    port = target.port or {"https": 443}.get(target.scheme, 80)
    host = target.raw_host.decode("ascii")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDeliveredError(f"the host {host} cannot be found: {error.strerror}") from None
    addresses = [str(where[0]) for *_kind, where in found]
    inside = [address for address in addresses if not is_public(address)]
    if inside and not private:
        raise NotDeliveredError(f"the host {host} is in a private network ({inside[0]}), which is not allowed")
    return addresses


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet, also where it wraps an address of the older protocol."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        return ip in _UNICAST and ip.is_global
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")


def _digest(secret: str, instant: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % instant + body, sha256).hexdigest()
