"""A job from its plan to its release, through the API: crew, parts, a removed unit, inspection, certificate, cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from tests.hangar import APPROVAL, MORNING, REFERENCE, REVISION
from tests.served_hangar import BULBS, Hangar, event, served_hangar, worked

DEFERRED = {"reference": "DDL-0042", "category": "C", "due_on": "2026-03-13", "text": "Landing light out, MEL 33-10-1"}


@pytest.fixture
def hangar(any_engine: Engine) -> Iterator[Hangar]:
    """A job that is planned, and nobody on it."""
    with served_hangar(any_engine) as made:
        yield made


def test_a_job_goes_from_its_plan_to_its_release(hangar: Hangar) -> None:
    events = worked(hangar)
    feed = hangar.send("mech", "GET", "/me/jobs")["items"]
    assert [(one["job"], one["seat"]) for one in feed] == [("H-1", "mechanic")]
    late = [events[index] for index in (6, 3, 0, 5, 2, 4, 1)]
    assert [one["detail"] for one in hangar.tell("mech", *late) if one["standing"] != "applied"] == []
    assert {one["standing"] for one in hangar.tell("mech", *events)} == {"known"}
    assert hangar.send("office", "GET", "/jobs/H-1")["state"] == "done"

    release = {"approval": APPROVAL, "deferrals": [DEFERRED]}
    early = hangar.tell("sign", event("release", 130, **release))
    assert (early[0]["standing"], early[0]["reason"]) == ("quarantined", "not_allowed")
    own = hangar.tell("mech", event("inspect", 131))
    assert (own[0]["standing"], own[0]["reason"]) == ("quarantined", "not_in_crew")
    assert hangar.tell("insp", event("inspect", 140))[0]["standing"] == "applied"
    wrong = hangar.tell("sign", event("release", 145, **release | {"data_revision": "16"}))
    assert (wrong[0]["reason"], REVISION in wrong[0]["detail"]) == ("no_right", True)
    assert hangar.send("office", "GET", "/release-certificates")["items"] == []
    assert hangar.tell("sign", event("release", 150, **release))[0]["standing"] == "applied"
    job = hangar.send("office", "GET", "/jobs/H-1")
    assert (job["state"], job["status"]) == ("released", "open")

    (certificate,) = hangar.send("office", "GET", "/release-certificates")["items"]
    assert (certificate["signatory"], certificate["data_reference"], certificate["data_revision"]) == (
        "SIGN",
        REFERENCE,
        REVISION,
    )
    sheet = hangar.send("office", "GET", f"/release-certificates/{certificate['number']}")
    assert sheet["deferrals"] == [DEFERRED]
    card = sheet["card"]
    assert [(one["step"], one["technician"]) for one in card["signatures"]] == [
        ("finish", "MECH"),
        ("inspect", "INSP"),
        ("release", "SIGN"),
    ]
    assert [(one["kind"], one["serial"]) for one in card["tools"]] == [("TORQUE", "TW-1")]
    assert ("BRAKE-1", True, "SN-B4") in [(one["part"], one["used"], one["lot"]) for one in card["parts"]]
    assert card["tail"]["operator"] == "OP-A"

    (unit,) = hangar.send("office", "GET", "/removed-units")["items"]
    assert (unit["serial"], unit["owner"], unit["tail"], unit["kind"]) == (
        "SN-OLD",
        "customer:OP-A",
        "RDPL-1",
        "exchange_core",
    )
    assert (unit["state"], Decimal(unit["value"]), unit["due_on"]) == ("open", Decimal(4000), "2026-04-02")
    balance = hangar.send("office", "GET", "/stock/balances", params={"part": "BRAKE-1", "place": "VTE"})["items"]
    assert [(one["lot"], one["condition"], one["owner"]) for one in balance if Decimal(one["quantity"])] == [
        ("SN-OLD", "as_removed", "customer:OP-A")
    ]

    actuals = hangar.send("finance", "GET", "/actuals", params={"document": "H-1"})["items"]
    spent = {(one["category"], one["item"]): Decimal(one["amount"]) for one in actuals}
    assert spent == {("labour", "labour/USD"): Decimal(40), ("parts", "parts/USD"): Decimal(90)}
    hangar.send("office", "POST", "/jobs/H-1/steps", version=hangar.version(), json={"kind": "close"})
    committed = hangar.send("finance", "GET", "/commitments", params={"document": "H-1"})["items"]
    assert sum(Decimal(one["amount"]) for one in committed) == 0
    task = hangar.send("office", "GET", "/tasks/32-41-10")
    assert (task["learned_from"], task["learned_min"]) == (1, 120)

    for paper, more in (("card", ("SN-B4", "TW-1", "Mech Vong")), ("release-certificate", (certificate["number"],))):
        read = {
            language: hangar.fetch("office", "GET", f"/jobs/H-1/{paper}.pdf", params={"language": language}).content
            for language in ("en", "zh_CN")
        }
        for content in read.values():
            text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
            expected = ("H-1", "RDPL-1", "Air A", "Sign Vong", REFERENCE, APPROVAL, "Qinling Aircraft Support", *more)
            assert [one for one in expected if one not in text] == []
        assert read["en"] != read["zh_CN"]


def test_an_event_that_does_not_fit_waits_for_a_person(hangar: Hangar) -> None:
    events = worked(hangar)
    hangar.tell("mech", *events[:2])
    labour = events[5] | {"happened_at": (hangar.clock.now + timedelta(hours=1)).isoformat()}
    (waits,) = hangar.tell("mech", labour)
    assert (waits["standing"], waits["reason"]) == ("quarantined", "in_future")
    (row,) = hangar.send("office", "GET", "/job-events/quarantine")["items"]
    assert (row["id"], row["state"]) == (labour["id"], "open")
    path = f"/job-events/quarantine/{row['id']}"
    decision = {"apply": True, "happened_at": (MORNING + timedelta(hours=2)).isoformat(), "note": "clock was wrong"}
    done = hangar.send("office", "POST", f"{path}/decision", version=row["version"], json=decision)
    assert done["state"] == "applied"
    actuals = hangar.send("finance", "GET", "/actuals", params={"document": "H-1"})["items"]
    assert [Decimal(one["amount"]) for one in actuals] == [Decimal(40)]
    nobody = hangar.tell("mech", event("accept", 5, job="J-404"))
    assert nobody[0]["reason"] == "unknown_job"
    too_many = event("part_issued", 40, issue=BULBS | {"quantity": "99"})
    (refused,) = hangar.tell("mech", too_many)
    assert refused["standing"] == "quarantined"
    row = hangar.send("office", "GET", f"/job-events/quarantine/{too_many['id']}")
    discarded = hangar.send(
        "office",
        "POST",
        f"/job-events/quarantine/{too_many['id']}/decision",
        version=row["version"],
        json={"apply": False, "note": "typed twice"},
    )
    assert discarded["state"] == "discarded"


def test_an_event_that_cannot_be_read_holds_up_no_other(hangar: Hangar) -> None:
    accept, arrive, *_rest = worked(hangar)
    wrong = event("labour", 10, work={"start": MORNING.isoformat(), "end": MORNING.isoformat()})
    batch = [wrong, accept, {"kind": "arrive"}, "no event", arrive]
    told = hangar.send("mech", "POST", "/jobs/events", json=batch)
    assert [(one["id"], one["standing"], one["reason"]) for one in told] == [
        (wrong["id"], "refused", "unreadable"),
        (accept["id"], "applied", None),
        (None, "refused", "unreadable"),
        (None, "refused", "unreadable"),
        (arrive["id"], "applied", None),
    ]
    assert "an interval ends after it begins" in told[0]["detail"]
    assert hangar.send("office", "GET", "/jobs/H-1")["state"] == "on_site"
    (corrected,) = hangar.tell("mech", wrong | {"work": wrong["work"] | {"end": accept["happened_at"]}})
    assert corrected["standing"] == "refused"
    work = {"start": MORNING.isoformat(), "end": (MORNING + timedelta(minutes=10)).isoformat()}
    assert hangar.tell("mech", wrong | {"work": work})[0]["standing"] == "applied"


def test_a_job_reassigned_meanwhile_does_not_take_the_first_mans_work(hangar: Hangar) -> None:
    events = worked(hangar)
    crew = hangar.send("office", "GET", "/jobs/H-1/crew")
    mechanic = next(one for one in crew["assignments"] if one["seat"] == "mechanic")
    hangar.clock.now = MORNING + timedelta(minutes=10)
    recall = {"kind": "recall", "reason": "needed elsewhere"}
    hangar.send("office", "POST", "/jobs/H-1/steps", version=hangar.version(), json=recall)
    hangar.send("office", "DELETE", f"/jobs/H-1/crew/{mechanic['id']}", version=hangar.version())
    hangar.clock.now = MORNING + timedelta(hours=6)
    told = {one["id"]: one for one in hangar.tell("mech", *events)}
    reasons = [told[one["id"]]["reason"] for one in events]
    # the recall stands: nobody is recalled who has arrived, so the arrival waits for a person, and all that follows
    assert reasons == [None, "behind_office", *["not_in_crew"] * 4, "not_allowed"]
    assert hangar.send("office", "GET", "/jobs/H-1")["state"] == "planned"
    assert hangar.send("office", "GET", "/removed-units")["items"] == []
