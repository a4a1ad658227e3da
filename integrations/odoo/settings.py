"""Where Odoo is and who we are there."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from pydantic import SecretStr

ProtocolName = Literal["auto", "json2", "jsonrpc"]

_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?/?")
_SITE = re.compile(r"[a-z0-9](?:[a-z0-9_]{0,30}[a-z0-9])?")
_HEADER_VALUE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class OdooSettings:
    """How to reach one Odoo database.

    `url` is scheme, host and port only (`https://odoo.example.com`); `user` is a login name; `site` names this
    installation in the external ids it writes, so that two installations never overwrite each other's records;
    `protocol` `auto` asks the server for its version; `timeout_s` is the longest silence of the server that is borne.

    Raises ValueError for anything that cannot work, before it fails elsewhere with the key in its message.
    """

    url: str
    database: str
    user: str
    api_key: SecretStr
    site: str
    protocol: ProtocolName = "auto"
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        address = _ADDRESS.fullmatch(self.url)
        if not address or int(address["port"] or 0) > 65535:
            raise ValueError("the Odoo address must be scheme, host and port only, like https://odoo.example.com")
        if not _HEADER_VALUE.fullmatch(self.database):
            raise ValueError("the Odoo database name must be plain ASCII without spaces")
        if not self.user.strip():
            raise ValueError("the Odoo user must not be empty: give the login name of the integration user")
        if not _HEADER_VALUE.fullmatch(self.api_key.get_secret_value()):
            raise ValueError("the Odoo API key must be plain ASCII without spaces or line ends: copy it again")
        if not _SITE.fullmatch(self.site):
            raise ValueError("the Odoo site must be 1 to 32 of a-z, 0-9 and _, starting and ending with no _")
        if self.protocol not in get_args(ProtocolName):
            raise ValueError(f"the Odoo protocol must be one of {', '.join(get_args(ProtocolName))}")
        if not (math.isfinite(self.timeout_s) and self.timeout_s > 0):
            raise ValueError(f"the Odoo timeout must be a positive number of seconds, not {self.timeout_s}")
