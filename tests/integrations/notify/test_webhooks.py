"""Signatures as receivers check them, and posts against real servers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.notify.webhooks import NotDeliveredError, is_public, post, sign, verify
from tests.integrations.notify.certificates import make_certificate
from tests.integrations.notify.receiver import receiving

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_signature_is_what_the_documentation_says() -> None:
    header = sign("secret", b'{"a":1}', datetime.fromtimestamp(1_700_000_000, UTC))
    # printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
    assert header == "t=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"


@given(secret=st.text(min_size=1), body=st.binary(), other=st.binary())
def test_only_the_same_body_and_secret_verify(secret: str, body: bytes, other: bytes) -> None:
    header = sign(secret, body, NOW)
    assert verify(secret, header, body, NOW)
    assert verify(secret, header, other, NOW) == (body == other)
    assert not verify(secret + "x", header, body, NOW)


@pytest.mark.parametrize(("age", "holds"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_an_old_signature_does_not_hold(age: int, holds: bool) -> None:
    assert verify("s", sign("s", b"x", NOW), b"x", NOW + timedelta(seconds=age)) is holds


@given(header=st.text() | st.from_regex(r"(t=[0-9²]*,?){0,2}(v1=[0-9a-fé]*,?){0,2}"))
def test_whatever_comes_as_a_header_is_judged(header: str) -> None:
    assert not verify("s", header, b"x", NOW)


def test_one_of_two_signatures_is_enough_while_secrets_change() -> None:
    old, new = sign("old", b"x", NOW), sign("new", b"x", NOW)
    assert verify("new", f"{old},{new.partition(',')[2]}", b"x", NOW)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        *(
            (one, False)
            for one in (
                "127.0.0.1",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",  # noqa: S104
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1%eth0",
                "fd00::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "2002:a00:1::",
                "64:ff9b::a00:1",
                "fec0::1",
                "::7f00:1",
            )
        ),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_post_arrives_as_it_was_given() -> None:
    with receiving() as receiver:
        assert post(f"{receiver.url}/hook?x=1", b"\x00body", {"X-One": "1"}, private=True) == 204
        ((headers, body),) = receiver.got
        assert body == b"\x00body"
        assert headers["x-one"] == "1"
        assert headers["host"] == receiver.url.removeprefix("http://")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"])  # noqa: S104
def test_a_private_address_is_refused_before_anything_is_sent(host: str) -> None:
    with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        with pytest.raises(NotDeliveredError, match="private network"):
            post(f"http://{host}:{port}/", b"", {})
        assert receiver.got == []


def test_a_redirect_is_not_followed() -> None:
    with receiving(lambda _before: 302) as receiver:
        assert post(receiver.url, b"", {}, private=True) == 302
        assert len(receiver.got) == 1


@pytest.mark.parametrize("way", [0, 1])
def test_who_hangs_or_drips_is_left_at_the_deadline(way: int) -> None:
    with receiving(lambda _before: way) as receiver:
        with pytest.raises(NotDeliveredError, match=r"no answer within 0\.3 s"):
            post(receiver.url, b"", {}, private=True, timeout_s=0.3)
        assert len(receiver.got) == 1


def test_nobody_there_is_said_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotDeliveredError, match="ConnectError"):
        post(f"http://127.0.0.1:{port}", b"", {}, private=True)
    with pytest.raises(NotDeliveredError, match="cannot be found"):
        post("https://nobody.invalid", b"", {})


@pytest.mark.parametrize("url", [f"https://{'a' * 70}.example", "https://a..b", "https://[v1.x]/", "https://x:99999"])
def test_an_address_that_cannot_be_is_said_too(url: str) -> None:
    with pytest.raises(NotDeliveredError):
        post(url, b"", {})


@contextmanager
def serving_tls(folder: Path, name: str) -> Iterator[int]:
    """Answer one request over TLS with a certificate for a name; yields the port. The certificate is in the folder."""
    pem, private = make_certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            plain, _address = listener.accept()
            with plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        heard = b""
                        while not heard.endswith(b"\r\n\r\nx"):
                            heard += connection.recv(65_536)
                        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                except OSError:
                    return

        thread = Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_the_certificate_must_be_the_hosts_though_the_address_was_looked_up_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with serving_tls(tmp_path, "localhost") as port:
        assert post(f"https://localhost:{port}/", b"x", {}, private=True) == 204
    with (
        serving_tls(tmp_path, "other.example") as port,
        pytest.raises(NotDeliveredError, match="certificate verify failed"),
    ):
        post(f"https://localhost:{port}/", b"x", {}, private=True)
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        serving_tls(tmp_path, "localhost") as port,
        pytest.raises(NotDeliveredError, match="certificate verify failed"),
    ):
        post(f"https://localhost:{port}/", b"x", {}, private=True)
