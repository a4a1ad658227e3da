"""The page of reports from the field that wait for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Engine

from tests.served_hangar import Hangar, event, served_hangar


@pytest.fixture
def hangar(engine: Engine) -> Iterator[Hangar]:
    """A job that is planned, and nobody on it."""
    with served_hangar(engine) as made:
        yield made


def shown(hangar: Hangar, who: str, state: str = "open") -> str:
    """The page as somebody sees it."""
    address = str(hangar.client.base_url).removesuffix("/api/v1/")
    headers = {"accept": "text/html", "Authorization": f"Bearer {hangar.tokens[who]}"}
    answer = httpx.get(f"{address}/field-reports", params={"state": state}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_report_that_does_not_fit_waits_with_its_reason_until_somebody_decides(hangar: Hangar) -> None:
    assert "No report is in this state" in shown(hangar, "office")
    accept = event("accept", 1)
    (told,) = hangar.tell("learn", accept)
    assert told["standing"] == "quarantined"

    page = shown(hangar, "office")
    assert told["detail"] in re.sub(r"&#39;", "'", page)
    assert f'data-ask="/job-events/quarantine/{accept["id"]}/decision" data-version="1"' in page
    assert "No report is in this state" in shown(hangar, "china")
    assert "data-ask" not in shown(hangar, "learn")

    path = f"/job-events/quarantine/{accept['id']}"
    hangar.send("office", "POST", f"{path}/decision", version=1, json={"apply": False, "note": "was not there"})
    assert "No report is in this state" in shown(hangar, "office")
    assert "was not there" in shown(hangar, "office", "discarded")
