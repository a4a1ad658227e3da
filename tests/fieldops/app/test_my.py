"""The pages of the field: what they say to whom, and what a telephone needs to keep them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine

from fieldops.dispatch.execution.field import at_work_since, field_steps
from fieldops.dispatch.execution.lifecycle import SEATS_OF, TABLE, Ending, EventKind, Terms, Who
from fieldops.dispatch.execution.schemas import JobEventOut
from fieldops.workforce.kinds import Seat
from tests.hangar import MORNING
from tests.served_hangar import Hangar, served_hangar, worked

HTML = {"accept": "text/html"}


@pytest.fixture
def hangar(engine: Engine) -> Iterator[Hangar]:
    """A job that is planned, and nobody on it."""
    with served_hangar(engine) as made:
        yield made


def page(hangar: Hangar, who: str, path: str, expect: int = 200) -> httpx.Response:
    """Ask for a page as somebody."""
    address = str(hangar.client.base_url).removesuffix("/api/v1/")
    answer = httpx.get(f"{address}{path}", headers=HTML | {"Authorization": f"Bearer {hangar.tokens[who]}"})
    assert answer.status_code == expect, answer.text
    return answer


def told_to_scripts(answer: httpx.Response) -> dict[str, Any]:
    """What the card of a job tells its scripts."""
    found = re.search(r'<script type="application/json" id="job">(.*?)</script>', answer.text, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_somebody_sees_the_own_jobs_and_what_may_be_told_of_them(hangar: Hangar) -> None:
    assert "No job is assigned to you" in page(hangar, "mech", "/my").text
    hangar.tell("mech", *worked(hangar)[:4])
    days = page(hangar, "mech", "/my").text
    assert 'href="/my/jobs/H-1"' in days
    assert "09:00</time>–" in days
    assert "with Insp Vong, Sign Vong" in days
    assert "H-1" not in page(hangar, "learn", "/my").text

    card = told_to_scripts(page(hangar, "mech", "/my/jobs/H-1"))
    assert (card["user"], card["state"], card["zone"]) == ("mech", "on_site", "Asia/Vientiane")
    assert datetime.fromisoformat(card["since"]) == MORNING
    assert {step["kind"] for step in card["steps"]} & {"inspect", "release", "dispatch", "recall"} == set()
    assert [(one["part"], one["lot"], one["place"], one["quantity"]) for one in card["stock"]] == [
        ("BULB-9", "LOT-9", "VTE", "8")
    ]
    inspector = told_to_scripts(page(hangar, "insp", "/my/jobs/H-1"))
    assert {"inspect", "reject"} <= {step["kind"] for step in inspector["steps"]}
    stranger = page(hangar, "learn", "/my/jobs/H-1")
    assert told_to_scripts(stranger)["steps"] == told_to_scripts(stranger)["stock"] == []
    assert "You have no seat on this job" in stranger.text


def test_a_card_is_not_there_for_another_region_nor_for_whoever_reports_nothing(hangar: Hangar) -> None:
    page(hangar, "china", "/my/jobs/H-1", 404)
    page(hangar, "china", "/my")
    page(hangar, "finance", "/my/jobs/H-1", 403)


def test_a_telephone_gets_what_it_needs_to_keep_the_pages(hangar: Hangar) -> None:
    address = str(hangar.client.base_url).removesuffix("/api/v1/")
    worker = httpx.get(f"{address}/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "default-src 'self'" in worker.headers["content-security-policy"]
    manifest = httpx.get(f"{address}/manifest.webmanifest", headers={"accept-language": "zh"})
    assert manifest.headers["content-type"] == "application/manifest+json"
    told = manifest.json()
    assert (told["start_url"], told["display"], told["lang"]) == ("/my", "standalone", "zh-CN")
    assert httpx.get(f"{address}{told['icons'][0]['src']}").status_code == 200


def test_each_seat_is_offered_the_steps_that_the_table_gives_it() -> None:
    for ending in Ending:
        for inspection in (False, True):
            terms = Terms(ending, inspection)
            for seat in Seat:
                offered = {(one.origin, one.kind, one.target) for one in field_steps(terms, [seat])}
                assert offered == {
                    (one.origin, one.kind, one.target)
                    for one in TABLE
                    if one.open_to(terms) and one.who is not Who.OFFICE and seat in SEATS_OF[one.who]
                }
    assert field_steps(Terms(), []) == []


def test_work_that_is_not_booked_yet_lasts_since_it_began_or_was_booked_last() -> None:
    def event(minute: int, kind: EventKind, *, in_force: bool = True, **told: Any) -> JobEventOut:
        at = datetime(2026, 3, 3, 2, tzinfo=UTC) + timedelta(minutes=minute)
        return JobEventOut(
            id=UUID(int=minute),
            job="H-1",
            kind=kind,
            happened_at=at,
            recorded_at=at,
            recorded_by="mech",
            technician="MECH",
            in_force=in_force,
            told=told,
        )

    arrive, resume = event(0, EventKind.ARRIVE), event(90, EventKind.RESUME)
    work = {"start": "2026-03-03T02:00:00Z", "end": "2026-03-03T03:00:00Z"}
    labour, out = event(61, EventKind.LABOUR, work=work), event(99, EventKind.RESUME, in_force=False)
    assert at_work_since([], "MECH") is None
    assert at_work_since([arrive], "MECH") == arrive.happened_at
    assert at_work_since([arrive, labour], "MECH") == datetime(2026, 3, 3, 3, tzinfo=UTC)
    assert at_work_since([arrive, labour], "OTHER") == arrive.happened_at
    assert at_work_since([arrive, labour, resume, out], "MECH") == resume.happened_at
