"""What the tests of identity share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.fieldops.identity.site import Site, served_site


@pytest.fixture
def site(engine: Engine) -> Iterator[Site]:
    """A site of the test's own."""
    with served_site(engine) as site:
        yield site
