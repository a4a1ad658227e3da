"""Readings, documents, periods and links: kept as told, refused where they contradict what is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading as reading_in
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from inventory.kernel.outbox import OutboxEvent
from inventory.traceability import paper_queries
from inventory.traceability.kinds import LinkKind, WatchKind
from inventory.traceability.paper_schemas import NewLink, Numbered
from inventory.traceability.paper_service import add_documents, add_links, add_periods, add_readings, attach
from inventory.traceability.rule_schemas import NewEntry
from inventory.traceability.watch import open_entry
from tests.conftest import NOW
from tests.inventory.traceability.pieces import (
    IN_SEA,
    INSPECTOR,
    document,
    load_pieces,
    move,
    numbered,
    period,
    posted,
    reading,
)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """Numbered pieces without papers."""
    load_pieces(any_engine)
    return any_engine


def done(engine: Engine, add: Callable[..., Any], told: Any, actor: Actor = INSPECTOR) -> Any:
    """Do a use case in a transaction of its own."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        return add(session, actor, told, NOW)


def refused(engine: Engine, add: Callable[..., Any], told: Any, actor: Actor = INSPECTOR) -> DomainError:
    """Do a use case that is refused, and changes nothing."""
    before = everything(engine)
    with pytest.raises(DomainError) as refusal:
        done(engine, add, told, actor)
    assert everything(engine) == before
    return refusal.value


def everything(engine: Engine) -> object:
    """Return all papers."""
    with reading_in(engine, SYSTEM) as session:
        return _papers(session)


def _papers(session: Session) -> list[list[Any]]:
    return [
        [document for _lot, document in paper_queries.document_page(session, limit=99)],
        paper_queries.reading_page(session, limit=99),
        paper_queries.period_page(session, limit=99),
        paper_queries.link_page(session, limit=99),
    ]


def test_the_use_since_new_never_falls_over_time(world: Engine) -> None:
    done(world, add_readings, [reading("2025-01-01", 100), reading("2025-03-01", 300, since_overhaul=0)])
    done(world, add_readings, [reading("2025-02-01", 200), reading("2025-02-01", 5, driver="landings")])
    for wrong, named in (
        (reading("2025-04-01", 299), "LOG-2025-03-01 reads 300"),
        (reading("2025-02-15", 301), "LOG-2025-03-01 reads 300"),
        (reading("2025-02-15", 199), "LOG-2025-02-01 reads 200"),
    ):
        refusal = refused(world, add_readings, [wrong])
        assert (type(refusal), refusal.code) == (Conflict, "reading_falls")
        assert named in refusal.message
    assert (
        refused(world, add_readings, [reading("2025-05-01", 400), reading("2025-06-01", 399)]).code == "reading_falls"
    )
    assert refused(world, add_readings, [reading("2025-03-01", 300)]).code == "reading_exists"


def test_wrong_readings_are_refused(world: Engine) -> None:
    assert refused(world, add_readings, [reading("2026-03-02", 1)]).code == "reading_ahead"
    assert refused(world, add_readings, [reading("2025-01-01", 1, number="S7")]).code == "unknown_lot"
    assert refused(world, add_readings, [reading("2025-01-01", 1, part="NONE-1")]).code == "unknown_part"
    lot = reading("2025-01-01", 1, part="SEAL-1", number="L1")
    assert refused(world, add_readings, [lot]).code == "serial_needed"
    for since_new, wrong in ((1, {"driver": "calendar"}), (1, {"since_overhaul": 2}), (-1, {})):
        with pytest.raises(ValidationError):
            reading("2025-01-01", since_new, **wrong)


def test_a_document_is_of_its_numbers_and_is_added_once(world: Engine) -> None:
    (added,) = done(world, add_documents, [document("S1")])
    done(world, lambda session, actor, lots, now: attach(session, actor, added.id, lots, now), _numbers("S1", "S2"))
    with reading_in(world, SYSTEM) as session:
        told = [one.number for _lot, one in paper_queries.document_page(session, limit=9, tracking_number="RX-1")]
        assert told == ["S1", "S2"]
    refusal = refused(world, add_documents, [document("S2", tracking_number="RX-2"), document("S2")])
    assert (type(refusal), refusal.code) == (Conflict, "document_exists")
    assert "DISK-1 S1, DISK-1 S2" in refusal.message
    assert refused(world, add_documents, [document("S1", tracking_number="RX-3")] * 2).code == "document_exists"
    done(world, add_documents, [document("S1", approval="DE.145.2"), document("S1", form="other")])


def _numbers(*lots: str) -> list[Numbered]:
    return [Numbered.model_validate(numbered(lot)) for lot in lots]


def test_wrong_documents_are_refused(world: Engine) -> None:
    assert refused(world, add_documents, [document("S1", dated="2026-03-02")]).code == "document_ahead"
    assert refused(world, add_documents, [document("S7")]).code == "unknown_lot"
    refusal = refused(world, lambda s, a, lots, now: attach(s, a, uuid4(), lots, now), _numbers("S1"))
    assert (type(refusal), refusal.code) == (NotFound, "unknown_document")
    wrongs: tuple[dict[str, Any], ...] = (
        {"file_sha256": "abc"},
        {"lots": []},
        {"form": "form_2"},
        {"status": "as_new"},
    )
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            document("S1", **wrong)


def test_the_same_serial_number_under_two_parts_of_one_maker_is_told(world: Engine) -> None:
    first, second = done(world, add_documents, [document("S1"), document("S2", tracking_number="RX-2")])
    assert len(first.warnings) == 1
    assert "DISK-2" in first.warnings[0]
    assert second.warnings == []
    with reading_in(world, SYSTEM) as session:
        found = paper_queries.suspicion_page(session, limit=9)
        assert [(one.part, one.number, one.other_part) for one in found] == [
            ("DISK-1", "S1", "DISK-2"),
            ("DISK-2", "S1", "DISK-1"),
        ]
        assert paper_queries.suspicion_page(session, after=("DISK-1", "S1", "DISK-2"), limit=9) == found[1:]


def test_a_document_that_is_watched_for_is_told(world: Engine) -> None:
    entry = NewEntry(kind=WatchKind.ORGANISATION, value="shop gmbh", reason="closed in 2019", source="letter")
    done(world, open_entry, entry)
    (added,) = done(world, add_documents, [document("S2")])
    assert "closed in 2019" in added.warnings[0]
    with reading_in(world, SYSTEM) as session:
        (event,) = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "stock.watched"))
        assert event.payload["what"] == ["S2: organisation shop gmbh: closed in 2019"]


def test_periods_may_share_the_day_of_the_hand_over_and_no_other(world: Engine) -> None:
    done(world, add_periods, [period("2020-01-01", "2021-01-01"), period("2021-01-01", None)])
    for wrong in (period("2020-06-01", "2020-07-01"), period("2021-01-01", "2021-02-01")):
        refusal = refused(world, add_periods, [wrong])
        assert (refusal.code, "OP-A had S1" in refusal.message) == ("period_overlaps", True)
    done(world, add_periods, [period("2022-01-01", None)])
    assert refused(world, add_periods, [period("2026-03-02", None)]).code == "period_ahead"
    assert refused(world, add_periods, [period("2026-01-01", "2026-03-02")]).code == "period_ahead"
    lot = period("2020-01-01", None, part="SEAL-1", number="L1")
    assert refused(world, add_periods, [lot]).code == "serial_needed"
    with pytest.raises(ValidationError):
        period("2020-01-02", "2020-01-01")


def link(lot: str, other: str, kind: LinkKind, **told: Any) -> NewLink:
    """A link of two numbers, now."""
    named = numbered(other)
    return NewLink.model_validate(
        numbered(lot)
        | {"other_part": named["part"], "other_number": named["number"], "kind": kind}
        | {"linked_at": NOW, "document": "SB-1"}
        | told
    )


def test_links_join_numbers_of_the_right_kind_once(world: Engine) -> None:
    renumbered = link("S1", "DISK-2/S9", LinkKind.RENUMBERED)
    split = link("SEAL-1/L1", "SEAL-1/L2", LinkKind.SPLIT)
    done(world, add_links, [renumbered, split, link("S1", "S2", LinkKind.INSTALLED)])
    with reading_in(world, SYSTEM) as session:
        assert [(one.number, one.kind, one.other_number) for one in paper_queries.link_page(session, limit=9)] == [
            ("S1", LinkKind.RENUMBERED, "S9"),
            ("L1", LinkKind.SPLIT, "L2"),
            ("S1", LinkKind.INSTALLED, "S2"),
        ]
    for wrong, code in (
        (renumbered, "link_exists"),
        (link("S1", "S1", LinkKind.INSTALLED), "link_to_itself"),
        (link("S1", "SEAL-1/L1", LinkKind.RENUMBERED), "link_kind"),
        (link("S1", "SEAL-1/L1", LinkKind.INSTALLED), "link_kind"),
        (link("S1", "S2", LinkKind.SPLIT), "link_kind"),
        (link("S1", "S2", LinkKind.REMOVED, linked_at=NOW + timedelta(days=1)), "link_ahead"),
    ):
        assert refused(world, add_links, [wrong]).code == code


def test_papers_of_another_region_are_not_seen_and_not_written(world: Engine) -> None:
    posted(world, move("ADJUSTMENT", "TSN"), move("ADJUSTMENT", "UTH", "S2"))
    done(world, add_documents, [document("S1")])
    done(world, add_readings, [reading("2025-01-01", 100)])
    with reading_in(world, IN_SEA) as session:
        assert _papers(session) == [[], [], [], []]
    assert type(refused(world, add_documents, [document("S1", tracking_number="RX-9")], IN_SEA)) is Invalid
    hidden = refused(world, add_documents, [document("S2")], IN_SEA)
    assert (hidden.code, "S1" in hidden.message) == ("document_exists", False)
    done(world, add_documents, [document("S2", tracking_number="RX-9")], IN_SEA)
    with reading_in(world, IN_SEA) as session:
        assert [one.number for _lot, one in paper_queries.document_page(session, limit=9)] == ["S2"]


def test_the_watch_list_is_for_the_whole_network(world: Engine) -> None:
    entry = NewEntry(kind=WatchKind.SERIAL, value="S1", reason="double", source="report")
    assert type(refused(world, open_entry, entry, IN_SEA)) is Forbidden
    done(world, open_entry, entry)
    assert refused(world, open_entry, entry.model_copy(update={"part": "DISK-1"})).code == "watched_already"
