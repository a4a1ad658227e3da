"""The OpenAPI document, and the API served to an actor of a test's choice."""

from __future__ import annotations

from typing import Any

import pytest

from fieldops.app import create_app
from fieldops.settings import Settings
from inventory.kernel.engine import open_engine


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document of the product."""
    return create_app(open_engine("sqlite://"), Settings(database_url="sqlite://")).openapi()
