"""The world of the matrix, built once by each process that runs tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fieldops.authorisation.world import World, served_world


@pytest.fixture(scope="session")
def world(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The served world; whoever changes it restores it."""
    with served_world(migrated_file, tmp_path_factory.mktemp("authorisation")) as world:
        yield world
