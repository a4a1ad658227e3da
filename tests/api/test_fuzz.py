"""Whatever anybody sends: an answer that the OpenAPI document foretells, and never an internal error.

FIELDOPS_FUZZ_EXAMPLES is the number of requests made of each operation.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as examples
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection
from schemathesis.openapi import from_dict
from schemathesis.schemas import BaseSchema

from fieldops.app import create_app
from fieldops.settings import Settings, sqlite_url
from fieldops.web.openapi import operations
from inventory.kernel.engine import open_engine
from tests.accounts import issue_token
from tests.conftest import NOW
from tests.serving import serving
from tests.worlds import load_tiny

EXAMPLES = int(os.environ.get("FIELDOPS_FUZZ_EXAMPLES", "4"))
ENDLESS = {"/api/v1/events"}
"""Streams."""
EACH_ON_ITS_OWN = {"POST /api/v1/jobs/events"}
"""What refuses a wrong item in its place of the answer, and takes the others."""
REFUSED = ("400", "401", "403", "404", "409", "412", "422", "428", "429")
"""What is well formed may still be refused: a place that does not exist, a version that has passed."""

DOCUMENT: dict[str, Any] = create_app(open_engine("sqlite://"), Settings(database_url="sqlite://")).openapi()
OPERATIONS = [f"{method.upper()} {path}" for method, path, _told in operations(DOCUMENT) if path not in ENDLESS]

WHO = {
    "administrator": ("administrator", ("network", None)),
    "manager": ("regional_manager", ("region", "SEA")),
}


@pytest.fixture(scope="module", params=WHO)
def schema(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BaseSchema]:
    """The API as an administrator of the whole network meets it, and the manager of one region, with their tokens."""
    file = tmp_path_factory.mktemp("world") / "world.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    load_tiny(engine)
    role, membership = WHO[request.param]
    token = issue_token(engine, f"fuzz-{request.param}", roles=[role], memberships=[membership], now=NOW)
    settings = Settings(database_url=sqlite_url(file), api_per_minute=1_000_000, submissions_per_minute=1_000_000)
    app = create_app(engine, settings, clock=lambda: NOW)
    with serving(app) as address:
        schema = from_dict(DOCUMENT)
        schema.config.update(base_url=address, headers={"Authorization": f"Bearer {token}"})
        schema.config.checks.positive_data_acceptance.expected_statuses += REFUSED
        schema.config.checks.negative_data_rejection.expected_statuses += ["412"]
        yield schema
        # whoever is turned away at the door tests nothing behind it
        known = httpx.get(f"{address}/api/v1/regions", headers={"Authorization": f"Bearer {token}"})
        assert known.status_code == 200
    engine.dispose()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_documented(schema: BaseSchema, label: str, mode: GenerationMode) -> None:
    operation = schema.find_operation_by_label(label)
    assert operation is not None

    @seed(0)
    @examples(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(excluded_checks=[negative_data_rejection] if label in EACH_ON_ITS_OWN else [])

    try:
        answers()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "no request fits the document"
