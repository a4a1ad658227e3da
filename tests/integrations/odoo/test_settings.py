from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.odoo import OdooSettings

SETTINGS = OdooSettings(
    url="https://odoo.example.com", database="erp", user="bridge", api_key=SecretStr("s3cret-key"), site="hq"
)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8069", "https://odoo.example.com/", "https://[::1]:8069", "http://odoo_1:443"]
)
def test_good_addresses(url: str) -> None:
    assert replace(SETTINGS, url=url).url == url


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": "odoo.example.com"}, "scheme, host and port only"),
        ({"url": "ftp://odoo.example.com"}, "scheme, host and port only"),
        ({"url": "https://bridge:s3cret-key@odoo.example.com"}, "scheme, host and port only"),
        ({"url": "https://odoo.example.com/odoo"}, "scheme, host and port only"),
        ({"url": "https://odoo.example.com\n"}, "scheme, host and port only"),
        ({"url": "https://odoo.example.com:70000"}, "scheme, host and port only"),
        ({"url": "https://"}, "scheme, host and port only"),
        ({"database": ""}, "database name"),
        ({"database": "erp\r\nX-Evil: 1"}, "database name"),
        ({"user": " "}, "user must not be empty"),
        ({"api_key": SecretStr("")}, "API key"),
        ({"api_key": SecretStr("s3cret-key\n")}, "API key"),
        ({"api_key": SecretStr("s3cret-k€y")}, "API key"),
        ({"site": "HQ"}, "site must be"),
        ({"site": "a.b"}, "site must be"),
        ({"site": "_a"}, "site must be"),
        ({"protocol": "xmlrpc"}, "one of auto, json2, jsonrpc"),
        ({"timeout_s": 0.0}, "positive number of seconds"),
        ({"timeout_s": math.inf}, "positive number of seconds"),
    ],
)
def test_settings_that_cannot_work_are_refused_without_naming_the_key(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        replace(SETTINGS, **change)
    assert "s3cret" not in str(caught.value)


def test_the_key_is_not_shown() -> None:
    assert "s3cret" not in repr(SETTINGS)
