from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integrations.odoo.stub import OdooStub
from tests.integrations.odoo.world import fill, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from integrations.odoo import OdooSettings


@pytest.fixture(params=[16, 17, 19])
def stub(request: pytest.FixtureRequest) -> Iterator[OdooStub]:
    """A small Odoo of each version."""
    with OdooStub(request.param) as server:
        fill(server)
        yield server


@pytest.fixture
def stub19() -> Iterator[OdooStub]:
    with OdooStub(19) as server:
        fill(server)
        yield server


@pytest.fixture
def settings(stub: OdooStub) -> OdooSettings:
    return settings_for(stub)
