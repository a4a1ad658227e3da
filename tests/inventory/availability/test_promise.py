"""From where a part comes: over all shelves, lanes and reservations, and what is told to whom."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, update

from inventory.availability.promise import Wanted, promise, promises
from inventory.availability.schemas import LeftOutReason, PromiseOut, SourceKind
from inventory.catalogue.link_schemas import NewInterchange
from inventory.catalogue.link_service import add_interchanges
from inventory.catalogue.models import DgLimit, InterchangeKind, Part
from inventory.catalogue.rules import Aircraft
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Lane, LaneLeg
from inventory.network.schemas import NewLane
from inventory.network.service import add_lanes
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.models import LotKind
from inventory.traceability.paper_schemas import NewDocument
from inventory.traceability.paper_service import add_documents
from inventory.traceability.rule_schemas import NewEntry
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from inventory.traceability.watch import open_entry
from tests.conftest import NOW
from tests.inventory.availability.keeping import CN, SEA, kept, wish
from tests.statements import statements
from tests.worlds import load_tiny

HOUR = timedelta(hours=1)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def told(engine: Engine, actor: Actor, part: str, destination: str, quantity: int = 1) -> PromiseOut:
    """Ask as an actor."""
    with reading(engine, actor) as session:
        return promise(session, part, destination, NOW, Decimal(quantity))


def brought(engine: Engine, part: str, place: str, quantity: int = 1, **more: object) -> None:
    """Put stock on a shelf."""
    move = {"part": part, "origin": "ADJUSTMENT", "destination": place, "quantity": quantity, "document": "D"}
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        post(session, SYSTEM, [NewMove.model_validate(move | more)], NOW)


def test_own_shelves_and_the_central_depot_are_told_with_stages_and_cost(world: Engine) -> None:
    answer = told(world, SEA, "BRAKE-1", "UTH", 2)
    own, central = answer.sources
    assert (own.kind, own.place, own.free, own.arrives) == (SourceKind.OWN, "VTE", Decimal(1), NOW + 4 * HOUR)
    assert own.freight == 2 * (Decimal("28.5") * 9 + 5)
    assert (central.kind, central.place, central.free, central.needs_grant_of) == (
        SourceKind.CENTRAL,
        "XIY",
        Decimal(3),
        None,
    )
    assert [(lane.origin, lane.destination, lane.mode) for lane in central.lanes] == [
        ("XIY", "VTE", "aog"),
        ("VTE", "UTH", "aog"),
    ]
    assert [(stage.kind, stage.ends - stage.starts) for stage in central.stages] == [
        ("transport", 32 * HOUR),
        ("transport", 4 * HOUR),
    ]
    assert all(before.ends == after.starts for before, after in pairwise(central.stages))
    assert central.stages[-1].ends == central.arrives == central.arrives_p90 == NOW + 36 * HOUR
    assert (answer.arrives, answer.short) == (central.arrives, Decimal(0))


def test_what_lacks_is_said(world: Engine) -> None:
    answer = told(world, SEA, "BRAKE-1", "UTH", 6)
    assert (answer.arrives, answer.short) == (None, Decimal(2))


def test_reserved_stock_is_no_source_and_others_demands_are_not_named(world: Engine) -> None:
    kept(world, wish("LAMP-1", "XIY", 38, destination="TSN", demand="J-CN"), CN)
    kept(world, wish("LAMP-1", "XIY", 2, destination="VTE", demand="J-SEA", kind="soft"), SEA)
    answer = told(world, SEA, "LAMP-1", "UTH")
    assert [source.place for source in answer.sources] == ["VTE"]
    (left,) = answer.left_out
    assert (left.place, left.quantity, left.reason) == ("XIY", Decimal(40), LeftOutReason.RESERVED)
    assert left.detail == "2 for J-SEA (ROUTINE), 38 for others"
    (left,) = told(world, CN, "LAMP-1", "TSN").left_out
    assert "J-CN" in left.detail
    assert "J-SEA" in left.detail  # it is of the shelf of CN


def test_another_region_is_a_band_without_shelf_route_or_reservation(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        back = {"mode": "aog", "lead_h": 32, "cost_per_kg": 9, "cost_per_piece": 5, "currency": "USD"}
        add_lanes(session, SYSTEM, [NewLane.model_validate({"origin": "VTE", "destination": "XIY", **back})])
    kept(world, wish("LAMP-1", "VTE", 2, demand="SECRET-1"), SEA)
    brought(world, "LAMP-1", "VTE", 7, to_hold=Hold.QUARANTINE)
    answer = told(world, CN, "LAMP-1", "TSN")
    (sea,) = (source for source in answer.sources if source.region == "SEA")
    assert (sea.kind, sea.place, sea.free, sea.at_least, sea.at_most) == (SourceKind.REGION, None, None, 2, 4)
    assert (sea.needs_grant_of, sea.lanes, sea.stages) == ("SEA", [], [])
    assert sea.arrives == NOW + 40 * HOUR
    assert answer.left_out == []
    assert "SECRET-1" not in answer.model_dump_json()
    assert "VTE" not in answer.model_dump_json()
    (sea,) = (source for source in told(world, SYSTEM, "LAMP-1", "TSN").sources if source.region == "SEA")
    assert (sea.place, sea.free, sea.needs_grant_of) == ("VTE", Decimal(3), None)
    reader = Actor("reader", scope=Scope(regions=frozenset({"CN"}), granted=frozenset({"SEA"})))
    (sea,) = (source for source in told(world, reader, "LAMP-1", "TSN").sources if source.region == "SEA")
    assert (sea.place, sea.free, sea.needs_grant_of) == ("VTE", Decimal(3), "SEA")


def test_what_is_held_unusable_anothers_or_expired_is_left_out_with_its_reason(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        old = NewLot(part="FILTER-1", number="OLD", kind=LotKind.LOT, expires_on=date(2026, 3, 1))
        add_lots(session, SYSTEM, [old])
    brought(world, "FILTER-1", "VTE", 1, to_hold=Hold.CUSTOMS)
    brought(world, "FILTER-1", "VTE", 2, to_condition=Condition.UNSERVICEABLE)
    brought(world, "FILTER-1", "VTE", 3, owner="customer:LAO", to_owner="customer:LAO")
    brought(world, "FILTER-1", "XIY", 4, lot="OLD")
    answer = told(world, SEA, "FILTER-1", "UTH")
    assert [(source.place, source.free) for source in answer.sources] == [("XIY", Decimal(10))]
    assert {(int(left.quantity), left.reason.value) for left in answer.left_out} == {
        (1, "on_hold"),
        (2, "not_usable"),
        (3, "other_owner"),
        (4, "expired"),
    }
    brought(world, "FILTER-1", "UTH", 5, lot="OLD")  # there is no way to go: it is still good today
    assert told(world, SEA, "FILTER-1", "UTH").sources[0].free == 5


@pytest.mark.parametrize("limit", [DgLimit.UNKNOWN, DgLimit.FORBIDDEN, DgLimit.CARGO])
def test_dangerous_goods_wait_for_a_lane_that_takes_them(world: Engine, limit: DgLimit) -> None:
    with writing(world, SYSTEM) as session:
        session.execute(update(Part).where(Part.part_number == "BRAKE-1").values(dg_limit=limit, un_number="UN2795"))
    answer = told(world, SEA, "BRAKE-1", "VTE")
    assert [source.place for source in answer.sources] == ["VTE"]
    assert sum(left.quantity for left in answer.left_out) == 3
    assert {(left.place, left.reason) for left in answer.left_out} == {("XIY", LeftOutReason.NO_LANE)}
    assert all("UN2795" in left.detail for left in answer.left_out)
    with writing(world, SYSTEM) as session:
        road = {"origin": "XIY", "destination": "VTE", "mode": "road", "lead_h": 96, "dg_allowed": "all"}
        road |= {"cost_per_kg": 1, "cost_per_piece": 1, "currency": "USD"}
        add_lanes(session, SYSTEM, [NewLane.model_validate(road)])
    assert told(world, SEA, "BRAKE-1", "VTE").sources[1].arrives == NOW + 96 * HOUR


def test_what_may_stand_in_for_it_counts_too(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        link = NewInterchange(part="PUMP-1", alternative="BRAKE-1", kind=InterchangeKind.ONE_WAY, source="IPC")
        add_interchanges(session, SYSTEM, [link])
    answer = told(world, SEA, "PUMP-1", "VTE")
    assert [(source.part, source.place) for source in answer.sources] == [
        ("BRAKE-1", "VTE"),
        ("PUMP-1", "XIY"),
        ("BRAKE-1", "XIY"),
    ]
    assert {source.part for source in told(world, SEA, "BRAKE-1", "VTE").sources} == {"BRAKE-1"}


def test_unknown_parts_and_places_are_refused(world: Engine) -> None:
    with pytest.raises(Invalid, match="NONE-1"):
        told(world, SEA, "NONE-1", "VTE")
    with pytest.raises(Invalid, match="NOWHERE"):
        told(world, SEA, "BRAKE-1", "NOWHERE")


def test_it_takes_few_statements_and_knows_new_lanes_at_once(world: Engine) -> None:
    told(world, SEA, "BRAKE-1", "UTH")
    with statements(world) as sent:
        told(world, SEA, "BRAKE-1", "UTH")
    assert len(sent) <= 14
    before = told(world, SEA, "BRAKE-1", "UTH").sources[1].arrives
    with writing(world, SYSTEM) as session:
        quick = {"origin": "XIY", "destination": "UTH", "mode": "aog", "lead_h": 9}
        quick |= {"cost_per_kg": 1, "cost_per_piece": 1, "currency": "USD"}
        add_lanes(session, SYSTEM, [NewLane.model_validate(quick)])
    assert told(world, SEA, "BRAKE-1", "UTH").sources[1].arrives == NOW + 9 * HOUR < before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_arrivals_are_those_of_every_chain_of_lanes(world: Engine, data: st.DataObject) -> None:
    places = ["XIY", "TSN", "VTE", "UTH"]
    ends = [(origin, end) for origin in places for end in places if origin != end]
    hours = data.draw(st.dictionaries(st.sampled_from(ends), st.integers(1, 50), min_size=1, max_size=10))
    common = {"mode": "air", "cost_per_kg": 1, "cost_per_piece": 1, "currency": "USD"}
    with writing(world, SYSTEM) as session:
        session.execute(delete(LaneLeg))
        session.execute(delete(Lane))
        lanes = [{"origin": ends[0], "destination": ends[1], "lead_h": lead} for ends, lead in hours.items()]
        add_lanes(session, SYSTEM, [NewLane.model_validate(lane | common) for lane in lanes])
    least = {(origin, end): float("inf") for origin in places for end in places} | dict(hours)
    least |= {(place, place): 0 for place in places}
    for middle in places:
        for origin in places:
            for end in places:
                least[origin, end] = min(least[origin, end], least[origin, middle] + least[middle, end])
    destination = data.draw(st.sampled_from(places[:3]))
    answer = told(world, SYSTEM, "LAMP-1", destination)
    assert {(source.place, source.arrives) for source in answer.sources} == {
        (place, NOW + least[place, destination] * HOUR)
        for place in ("XIY", "VTE", "TSN")
        if least[place, destination] < float("inf")
    }
    assert {left.place for left in answer.left_out} == {
        place for place in ("XIY", "VTE", "TSN") if least[place, destination] == float("inf")
    }


def test_what_the_registry_of_the_aircraft_does_not_accept_is_no_source_and_not_reserved(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        numbered = [NewLot(part="PUMP-1", number=one, kind=LotKind.SERIAL, made_on=date(2020, 1, 1)) for one in "AB"]
        add_lots(session, SYSTEM, numbered)
        released = {"form": "easa_form_1", "tracking_number": "F-1", "dated": "2026-01-05", "authority": "EASA"}
        released |= {"organisation": "Shop", "approval": "DE.145", "signatory": "S", "status": "overhauled"}
        add_documents(
            session, SYSTEM, [NewDocument.model_validate(released | {"lots": [{"part": "PUMP-1", "number": "A"}]})], NOW
        )
    for one in "AB":
        brought(world, "PUMP-1", "VTE", lot=one, condition="overhauled")
    for authority, refused in (("EASA", ["PUMP-1 B"]), ("FAA", ["PUMP-1 A", "PUMP-1 B"]), (None, [])):
        aircraft = Aircraft("MA60", registry_authority=authority)
        with reading(world, SEA) as session:
            answer = promise(session, "PUMP-1", "VTE", NOW, aircraft=aircraft)
        left = [one.detail for one in answer.left_out if one.place == "VTE" and one.reason == "not_acceptable"]
        assert sorted(detail.split(" may not")[0] for detail in left if "PUMP-1 " in detail[:8]) == refused
        assert all("rule: " in detail for detail in left)
    easa = {"type": "MA60", "registry_authority": "EASA"}
    with pytest.raises(Conflict, match="PUMP-1 B may not be issued"):
        kept(world, wish("PUMP-1", "VTE", 1, lot="B", aircraft=easa), SEA)
    kept(world, wish("PUMP-1", "VTE", 1, aircraft=easa), SEA)


def test_what_a_rule_forbids_is_no_offer_of_another_region_and_nothing_is_told_of_it(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        back = {"mode": "aog", "lead_h": 32, "cost_per_kg": 9, "cost_per_piece": 5, "currency": "USD"}
        add_lanes(session, SYSTEM, [NewLane.model_validate({"origin": "VTE", "destination": "XIY", **back})])
        add_lots(session, SYSTEM, [NewLot(part="FILTER-1", number="SECRET-7", kind=LotKind.LOT)])
    brought(world, "FILTER-1", "VTE", 3, lot="SECRET-7", condition="new")
    (sea,) = (source for source in told(world, CN, "FILTER-1", "TSN").sources if source.region == "SEA")
    assert sea.at_least
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        entry = {"kind": "batch", "value": "SECRET-7", "reason": "recall", "source": "letter"}
        open_entry(session, SYSTEM, NewEntry.model_validate(entry), NOW)
    answer = told(world, CN, "FILTER-1", "TSN")
    assert [source.region for source in answer.sources] == ["CN"]
    assert "SECRET-7" not in answer.model_dump_json()


def test_several_questions_are_answered_as_one_by_one_in_as_many_statements(world: Engine) -> None:
    aircraft = Aircraft(type="TP60", serial="103", registry_authority="CAAC", operator="OP-A")
    wanted = [
        Wanted("BRAKE-1", "UTH", Decimal(2)),
        Wanted("LAMP-1", "VTE", Decimal(1), aircraft),
        Wanted("PUMP-1", "VTE", Decimal(1), aircraft),
        Wanted("FILTER-1", "VTE", Decimal(3), aircraft),
        Wanted("BRAKE-1", "TSN"),
    ]
    with reading(world, SEA) as session:
        alone = [
            promise(session, one.part, one.destination, NOW, one.quantity, aircraft=one.aircraft) for one in wanted
        ]
        assert promises(session, wanted, NOW) == alone
        with statements(world) as few:
            promises(session, wanted[1:2], NOW)
        with statements(world) as many:
            promises(session, wanted[1:4], NOW)
        with pytest.raises(Invalid, match="NOWHERE"):
            promises(session, [Wanted("LAMP-1", "NOWHERE")], NOW)
    assert len(many) == len(few)
