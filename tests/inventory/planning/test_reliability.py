"""What is known of the removals of parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select

from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Forbidden, Invalid
from inventory.kernel.outbox import OutboxEvent
from inventory.network.models import Tier
from inventory.planning.benches.queries import bench_page
from inventory.planning.benches.schemas import NewBenches
from inventory.planning.benches.service import set_benches
from inventory.planning.reliability.queries import reliability_page
from inventory.planning.reliability.schemas import NewReliability
from inventory.planning.reliability.service import set_reliability
from tests.planned import CN, SEA
from tests.worlds import load_tiny


def brake(**changes: Any) -> NewReliability:
    """What is known of the brake."""
    usual = {"part": "BRAKE-1", "fits": [{"aircraft_type": "MA60", "quantity": 4}], "source": "tests"}
    return NewReliability.model_validate(usual | changes)


def test_what_is_told_again_replaces_what_was_told(any_engine: Engine) -> None:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        set_reliability(session, SYSTEM, [brake(repair_tier="regional"), brake(part="PUMP-1", fits=[])])
        set_reliability(session, SYSTEM, [brake(condemned_share="0.04", fits=[{"aircraft_type": "B", "quantity": 2}])])
    with reading(any_engine, SYSTEM) as session:
        first, second = reliability_page(session, limit=9)
        assert reliability_page(session, after="BRAKE-1", limit=9) == [second]
    assert [(one.aircraft_type, one.quantity) for one in first.fits] == [("B", 2)]
    assert (first.condemned_share, first.repair_tier, second.fits) == (Decimal("0.04"), None, [])


def test_a_shop_is_a_place_that_there_may_be() -> None:
    assert brake(repair_tier="centre").repair_tier is Tier.CENTRE
    for wrong in ({"repair_tier": "scrap"}, {"condemned_share": "1.1"}, {"fits": [{"aircraft_type": "B"}]}):
        with pytest.raises(ValidationError):
            brake(**wrong)
    twice = [{"aircraft_type": "B", "quantity": 2}, {"aircraft_type": "B", "quantity": 3}]
    with pytest.raises(ValidationError, match="twice"):
        brake(fits=twice)


def test_an_unknown_part_is_refused(engine: Engine) -> None:
    load_tiny(engine)
    with writing(engine, SYSTEM) as session, pytest.raises(Invalid, match="NONE"):
        set_reliability(session, SYSTEM, [brake(), brake(part="NONE")])


def test_what_is_told_again_as_it_stands_is_not_written(any_engine: Engine) -> None:
    load_tiny(any_engine)
    told = [brake(bench_days="1.5", needs=[{"part": "PUMP-1", "share": "0.3"}]), brake(part="PUMP-1", fits=[])]
    counts = []
    written = []
    for rows in (told, told, [told[0], brake(part="PUMP-1")], [told[0].model_copy(update={"needs": ()})]):
        with writing(any_engine, SYSTEM) as session:
            counts.append(dict(set_reliability(session, SYSTEM, rows)))
        with reading(any_engine, SYSTEM) as session:
            written.append(
                tuple(session.scalar(select(func.count()).select_from(one)) for one in (AuditRow, OutboxEvent))
            )
    assert counts == [
        {"added": 2, "changed": 0, "unchanged": 0},
        {"added": 0, "changed": 0, "unchanged": 2},
        {"added": 0, "changed": 1, "unchanged": 1},
        {"added": 0, "changed": 1, "unchanged": 0},
    ]
    assert written[0] == written[1]
    assert written[1] < written[2] < written[3]
    with reading(any_engine, SYSTEM) as session:
        first, _second = reliability_page(session, limit=9)
    assert (first.bench_days, first.needs) == (Decimal("1.5"), [])


def test_repairs_do_not_need_each_other_in_a_circle(any_engine: Engine) -> None:
    load_tiny(any_engine)
    rows = [
        brake(needs=[{"part": "PUMP-1", "share": "0.3"}]),
        brake(part="PUMP-1", needs=[{"part": "BRAKE-1", "share": "0.1"}]),
    ]
    with writing(any_engine, SYSTEM) as session, pytest.raises(Invalid) as refused:
        set_reliability(session, SYSTEM, rows)
    assert refused.value.code == "needs_circle"
    for wrong in (
        [{"part": "BRAKE-1", "share": "1"}],
        [{"part": "PUMP-1", "share": "1"}] * 2,
        [{"part": "X", "share": 0}],
    ):
        with pytest.raises(ValidationError):
            brake(needs=wrong)


def test_benches_are_told_changed_and_taken_out_by_who_owns_the_place(any_engine: Engine) -> None:
    load_tiny(any_engine)

    def told(place: str, benches: int, chapter: str | None = None) -> NewBenches:
        return NewBenches(place=place, benches=benches, chapter=chapter, source="workshop plan")

    with writing(any_engine, SYSTEM) as session:
        rows = [told("VTE", 2), told("VTE", 1, "32"), told("XIY", 4)]
        assert set_benches(session, SYSTEM, rows) == {"added": 3, "unchanged": 0}
        assert set_benches(session, SYSTEM, [told("VTE", 2), told("XIY", 5)]) == {"changed": 1, "unchanged": 1}
    with writing(any_engine, SEA) as session:
        set_benches(session, SEA, [told("VTE", 0, "32")])
    with writing(any_engine, CN) as session, pytest.raises(Forbidden):
        set_benches(session, CN, [told("VTE", 9)])
    for actor, seen in ((SYSTEM, [("VTE", None, 2), ("XIY", None, 5)]), (SEA, [("VTE", None, 2)])):
        with reading(any_engine, actor) as session:
            assert [(one.place, one.chapter, one.benches) for one in bench_page(session, limit=9)] == seen
    with pytest.raises(ValidationError):
        told("VTE", 1, "32-41")
