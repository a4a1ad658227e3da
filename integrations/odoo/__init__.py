"""The bridge to Odoo: reads partners and products, writes cost postings; JSON-2 from Odoo 19 on, JSON-RPC for 16 to 18.

It reads no environment and keeps no state: settings come from above, and whoever calls it remembers what was sent.
"""

from __future__ import annotations

from integrations.odoo.client import OdooClient, connect
from integrations.odoo.errors import (
    OdooAccessError,
    OdooAccountError,
    OdooBusyError,
    OdooError,
    OdooLoginError,
    OdooPermanentError,
    OdooProtocolError,
    OdooRejectedError,
    OdooTransientError,
    OdooUnknownOutcomeError,
    OdooUnreachableError,
)
from integrations.odoo.messages import CostPosting, Partner, PostedCost, Product, Tracking
from integrations.odoo.settings import OdooSettings, ProtocolName

__all__ = [
    "CostPosting",
    "OdooAccessError",
    "OdooAccountError",
    "OdooBusyError",
    "OdooClient",
    "OdooError",
    "OdooLoginError",
    "OdooPermanentError",
    "OdooProtocolError",
    "OdooRejectedError",
    "OdooSettings",
    "OdooTransientError",
    "OdooUnknownOutcomeError",
    "OdooUnreachableError",
    "Partner",
    "PostedCost",
    "Product",
    "ProtocolName",
    "Tracking",
    "connect",
]
