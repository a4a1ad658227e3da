from __future__ import annotations

import logging
import socket
import traceback
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from integrations.odoo import (
    OdooAccessError,
    OdooBusyError,
    OdooError,
    OdooLoginError,
    OdooPermanentError,
    OdooProtocolError,
    OdooRejectedError,
    OdooUnknownOutcomeError,
    OdooUnreachableError,
    connect,
)
from tests.integrations.odoo.records import Fault
from tests.integrations.odoo.stub import API_KEY, OdooStub, Trouble
from tests.integrations.odoo.world import posting, settings_for

if TYPE_CHECKING:
    from integrations.odoo import OdooSettings

WRONG_KEY = "f" * 40


def patience_s(trouble: object) -> float:
    """Short only where it will be waited for, so that a busy machine fails no other test."""
    return 0.3 if trouble is Trouble.SILENCE else 5.0


def failure(settings: OdooSettings) -> OdooError:
    """The error of reading the partners."""
    with pytest.raises(OdooError) as caught, connect(settings) as odoo:
        list(odoo.read_partners())
    return caught.value


@pytest.mark.parametrize(
    ("trouble", "kind", "retryable", "unknown_outcome"),
    [
        (Trouble.BAD_GATEWAY, OdooUnknownOutcomeError, True, True),
        (Trouble.SILENCE, OdooUnknownOutcomeError, True, True),
        (Trouble.DROP, OdooUnknownOutcomeError, True, True),
        (Trouble.TOO_MANY, OdooBusyError, True, False),
        (Trouble.LOGIN_PAGE, OdooProtocolError, False, False),
        (Trouble.GARBAGE, OdooProtocolError, False, False),
        (Fault("psycopg2.errors.SerializationFailure", "nothing to match"), OdooBusyError, True, False),
        (Fault("builtins.Exception", "could not serialize access due to read/write"), OdooBusyError, True, False),
        (Fault("psycopg2.OperationalError", "server closed the connection"), OdooUnknownOutcomeError, True, True),
        (Fault("odoo.exceptions.AccessError", "Nein"), OdooAccessError, False, False),
        (Fault("odoo.exceptions.UserError", "Access Denied"), OdooRejectedError, False, False),
        (Fault("odoo.exceptions.ValidationError", "x"), OdooRejectedError, False, False),
        (Fault("odoo.exceptions.MissingError", "x"), OdooRejectedError, False, False),
        (Fault("builtins.ValueError", "Invalid field"), OdooRejectedError, False, False),
        (Fault("builtins.TypeError", "x"), OdooRejectedError, False, False),
        (Fault("some.module.NewError", "x"), OdooRejectedError, False, False),
    ],
    ids=str,
)
def test_each_trouble_has_its_error(
    stub: OdooStub, trouble: Trouble | Fault, kind: type[OdooError], retryable: bool, unknown_outcome: bool
) -> None:
    stub.next("search_read", trouble)
    error = failure(settings_for(stub, timeout_s=patience_s(trouble)))
    assert type(error) is kind
    assert (error.retryable, error.unknown_outcome) == (retryable, unknown_outcome)
    assert error.server_error == (trouble.name if isinstance(trouble, Fault) else None)


def test_a_page_of_a_broken_gateway_may_be_asked_again(stub: OdooStub) -> None:
    stub.next("search_read", Trouble.BAD_GATEWAY)
    with connect(settings_for(stub)) as odoo:
        with pytest.raises(OdooUnknownOutcomeError, match="the proxy in front of Odoo answered 502"):
            list(odoo.read_partners())
        assert len(list(odoo.read_partners())) == 3


def test_a_limit_of_calls_tells_when_to_come_back(stub: OdooStub) -> None:
    stub.next("search_read", Trouble.TOO_MANY)
    error = failure(settings_for(stub))
    assert isinstance(error, OdooBusyError)
    assert error.retry_after_s == 7


def test_a_wrong_key_is_permanent_and_says_what_to_do(stub: OdooStub) -> None:
    error = failure(settings_for(stub, api_key=SecretStr(WRONG_KEY)))
    assert isinstance(error, OdooLoginError)
    assert not error.retryable
    assert "make a new API key" in str(error)


def test_a_key_revoked_while_connected_is_a_wrong_key(stub: OdooStub, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(settings_for(stub)) as odoo:
        list(odoo.read_partners())
        monkeypatch.setattr("tests.integrations.odoo.stub.API_KEY", WRONG_KEY)
        with pytest.raises(OdooLoginError):
            list(odoo.read_partners())


def test_an_unknown_database_is_named_as_the_thing_to_check(stub: OdooStub) -> None:
    assert "check the" in str(error := failure(settings_for(stub, database="nowhere")))
    assert "database name" in str(error)


def test_a_user_without_rights(stub: OdooStub) -> None:
    stub.records.denied.add("res.partner")
    assert isinstance(failure(settings_for(stub)), OdooAccessError)


def test_no_server_at_all(stub19: OdooStub) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        error = failure(settings_for(stub19, url=f"http://127.0.0.1:{unused.getsockname()[1]}"))
    assert isinstance(error, OdooUnreachableError)
    assert (error.retryable, error.unknown_outcome) == (True, False)


def test_something_else_than_odoo(stub19: OdooStub) -> None:
    stub19.version = 15  # JSON-2 paths and the version page are gone
    assert isinstance(failure(settings_for(stub19, protocol="json2")), OdooProtocolError)


def test_a_login_page_in_front_of_odoo(stub: OdooStub) -> None:
    stub.next("load", Trouble.LOGIN_PAGE)
    with connect(settings_for(stub)) as odoo, pytest.raises(OdooProtocolError, match="any proxy or login page"):
        odoo.post_cost(posting())


def test_an_odoo_without_jsonrpc(stub19: OdooStub) -> None:
    stub19.version = 20
    with connect(settings_for(stub19)) as odoo:
        assert len(list(odoo.read_products())) == 2


def test_an_odoo_too_old_is_refused(stub19: OdooStub) -> None:
    stub19.version = 15
    error = failure(settings_for(stub19))
    assert isinstance(error, OdooPermanentError)
    assert "this is Odoo 15: the bridge needs Odoo 16 or newer" in str(error)


@pytest.mark.parametrize(("protocol", "version"), [("jsonrpc", 19), ("jsonrpc", 16), ("json2", 19)])
def test_a_named_protocol_is_used_unasked(stub19: OdooStub, protocol: str, version: int) -> None:
    stub19.version = stub19.records.version = version
    with connect(settings_for(stub19, protocol=protocol)) as odoo:
        assert len(list(odoo.read_products())) == 2


@pytest.mark.parametrize(
    "trouble", [*(t for t in Trouble if t is not Trouble.LOST_RACE), "refused", "wrong key"], ids=str
)
def test_no_error_shows_a_secret_the_request_or_a_traceback_of_the_server(
    stub: OdooStub, trouble: Trouble | str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = WRONG_KEY if trouble == "wrong key" else API_KEY
    if trouble == "refused":
        stub.next("load", Fault("odoo.exceptions.UserError", f"Cannot post Freight AOG 空运 with {API_KEY}"))
    elif isinstance(trouble, Trouble):
        stub.next("load", trouble)
    with (
        pytest.raises(OdooError) as caught,
        connect(settings_for(stub, api_key=SecretStr(key), timeout_s=patience_s(trouble))) as odoo,
    ):
        odoo.post_cost(posting())
    shown = [str(caught.value), repr(caught.value), *traceback.format_exception(caught.value), caplog.text]
    for text in shown:
        assert key not in text
        assert "Freight" not in text
        assert "/srv/odoo" not in text
