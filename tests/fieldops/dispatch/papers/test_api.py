"""Papers of jobs, through the API."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from fieldops.dispatch.papers.statements import STATEMENTS, UNCHECKED, statement_of
from tests.hangar import APPROVAL, REFERENCE, REVISION, brake_job
from tests.served_hangar import Hangar, event, served_hangar, worked

DEFERRED = {"reference": "DDL-0042", "category": "C", "due_on": "2026-03-13", "text": "Landing light out, MEL 33-10-1"}


@pytest.fixture
def hangar(engine: Engine) -> Iterator[Hangar]:
    """A job that is planned, and nobody on it."""
    with served_hangar(engine) as made:
        yield made


def read(hangar: Hangar, path: str, language: str = "en") -> str:
    """Return the text of a paper, in one line."""
    answer = hangar.fetch("office", "GET", path, params={"language": language})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert 'inline; filename="' in answer.headers["Content-Disposition"]
    return " ".join("\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).split())


def released(hangar: Hangar) -> None:
    """Have the brake changed, inspected and released."""
    hangar.tell("mech", *worked(hangar))
    hangar.tell("insp", event("inspect", 140))
    told = hangar.tell("sign", event("release", 150, approval=APPROVAL, deferrals=[DEFERRED]))
    assert told[0]["standing"] == "applied"


def advised(hangar: Hangar) -> None:
    """Have an adviser close a job by the operator's own release."""
    told = brake_job("A-1", kind="advisory", task=None, duration_min=60, seats=(), parts=(), tools=())
    wanted = told.model_dump(mode="json", exclude_unset=True) | {
        "data_reference": REFERENCE,
        "data_revision": REVISION,
        "seats": [{"seat": "advisory_engineer"}],
    }
    hangar.send("office", "POST", "/jobs", 201, json=wanted)
    hangar.seat("ADVISE", "advisory_engineer", job="A-1")
    hangar.send("office", "POST", "/jobs/A-1/dispatch", version=hangar.version("A-1"))
    hangar.clock.now = hangar.clock.now.replace(hour=8)
    steps = [event("accept", -50, job="A-1"), event("arrive", 0, job="A-1"), event("finish", 60, job="A-1")]
    end = event("close_advisory", 70, job="A-1", operator_release="LXA-TLB-88120")
    assert [one["detail"] for one in hangar.tell("advise", *steps, end) if one["standing"] != "applied"] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Job card", "not assigned", "critical task")), ("zh_CN", ("工作单", "维修人员"))],
)
def test_a_card_names_tail_people_and_revision(hangar: Hangar, language: str, words: tuple[str, ...]) -> None:
    hangar.seat("MECH", "mechanic")
    text = read(hangar, "/jobs/H-1/card.pdf", language)
    expected = ("H-1", "RDPL-1", "MA60", "Mech Vong", "Air A", REFERENCE, REVISION, "BRAKE-1", "Asia/Vientiane")
    assert [one for one in (*expected, *words, APPROVAL, "Qinling Aircraft Support") if one not in text] == []
    assert "Open deferrals" not in text


def test_the_card_of_finished_work_has_numbers_papers_licences_and_hours(hangar: Hangar) -> None:
    hangar.tell("mech", *worked(hangar))
    text = read(hangar, "/jobs/H-1/card.pdf")
    expected = ("SN-B4", "D-SN-B4", "LOT-9", "TW-1", "Torque wrench", "CCAR-66", "CRS-LINE", "CRS-INSP", "2 h 0 min")
    assert [one for one in expected if one not in text] == []
    # on the day of the work: one that runs out before is not there
    assert "HUMAN_FACTORS" not in text


def test_the_card_tells_who_signed_and_when_and_leaves_the_rest_to_the_hand(hangar: Hangar) -> None:
    hangar.tell("mech", *worked(hangar))
    hangar.tell("insp", event("inspect", 140))
    text = read(hangar, "/jobs/H-1/card.pdf")
    assert text.count("Signed with the own login") == 2  # the mechanic and the inspector
    assert text.count("Signature, stamp") == 1  # the signatory has not yet
    assert "11:20 UTC+07:00" in text


@pytest.mark.parametrize(("language", "title"), [("en", "Certificate of release to service"), ("zh_CN", "放行")])
def test_a_released_job_has_its_certificate(hangar: Hangar, language: str, title: str) -> None:
    released(hangar)
    text = read(hangar, "/jobs/H-1/release-certificate.pdf", language)
    expected = (title, "CRS-000001", "RDPL-1", "Sign Vong", "CCAR-66", "CRS-LINE", APPROVAL)
    assert [
        one for one in (*expected, f"rev. {REVISION}" if language == "en" else REVISION, UNCHECKED) if one not in text
    ] == []
    assert "approved for return to service" in text
    due = "Mar 13, 2026" if language == "en" else "2026年3月13日"
    assert f"DDL-0042 Landing light out, MEL 33-10-1 C {due}" in text


def test_a_job_that_is_opened_again_has_no_certificate(hangar: Hangar) -> None:
    released(hangar)
    hangar.send("office", "POST", "/jobs/H-1/steps", version=hangar.version(), json={"kind": "close"})
    assert "CRS-000001" in read(hangar, "/jobs/H-1/release-certificate.pdf")
    again = {"kind": "reopen", "reason": "leaks"}
    hangar.send("office", "POST", "/jobs/H-1/steps", version=hangar.version(), json=again)
    refused = hangar.send("office", "GET", "/jobs/H-1/release-certificate.pdf", 409)
    assert refused["code"] == "job_not_released"


def test_advice_is_no_release(hangar: Hangar) -> None:
    advised(hangar)
    text = read(hangar, "/jobs/A-1/release-certificate.pdf")
    expected = ("NOT A RELEASE", "Record of advice", "LXA-TLB-88120", "Advise Vong", "Air A", "RDPL-1", REFERENCE)
    assert [one for one in expected if one not in text] == []
    assert "approved for return to service" not in text


def test_a_job_that_is_not_released_has_no_certificate(hangar: Hangar) -> None:
    refused = hangar.send("office", "GET", "/jobs/H-1/release-certificate.pdf", 409)
    assert (refused["code"], "H-1 is planned" in refused["detail"]) == ("job_not_released", True)


def test_the_papers_of_other_regions_are_not_there(hangar: Hangar) -> None:
    for paper in ("card", "release-certificate"):
        assert hangar.send("china", "GET", f"/jobs/H-1/{paper}.pdf", 404)["code"] == "unknown_job"
        assert hangar.send("office", "GET", f"/jobs/J-404/{paper}.pdf", 404)["code"] == "unknown_job"


def test_a_language_that_there_is_not_is_refused(hangar: Hangar) -> None:
    hangar.send("office", "GET", "/jobs/H-1/card.pdf", 422, params={"language": "fr"})
    spoken = hangar.fetch("office", "GET", "/jobs/H-1/card.pdf", headers={"Accept-Language": "zh"})
    assert "工作单" in PdfReader(BytesIO(spoken.content)).pages[0].extract_text()


def test_a_job_with_a_name_of_any_letters_has_a_file_name(hangar: Hangar) -> None:
    told = brake_job("工-7").model_dump(mode="json", exclude_unset=True)
    hangar.send("office", "POST", "/jobs", 201, json=told)
    answer = hangar.fetch("office", "GET", "/jobs/工-7/card.pdf")
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''%E5%B7%A5-7-card.pdf")


def test_every_statement_says_that_it_is_to_be_checked() -> None:
    assert {"CAAC", "EASA", "FAA"} <= STATEMENTS.keys()
    assert {one.edition for one in (*STATEMENTS.values(), statement_of("DAC"))} == {UNCHECKED}
    assert statement_of("DAC").authority == "DAC"
