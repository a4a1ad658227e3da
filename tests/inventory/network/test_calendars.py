"""Calendars, legs of lanes and replenishment sources in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid, NotFound, Stale
from inventory.network.arrival import Leg
from inventory.network.calendar_queries import calendar_page, links
from inventory.network.calendar_schemas import NewCalendar, Sources
from inventory.network.models import DangerousGoods, LegKind, Tier
from inventory.network.queries import lane_page, lanes, place_by_code, replenishment, sources_of
from inventory.network.routing import Link, Route, Router
from inventory.network.schemas import NewLane, NewLeg, NewPlace, NewRegion
from inventory.network.service import add_calendars, add_lanes, add_places, add_regions, set_sources
from tests.inventory.network.calendars import OFFICE
from tests.statements import statements

OFFICE_HOURS = [
    {"weekday": weekday, "opens": opens, "closes": closes}
    for weekday in range(1, 6)
    for opens, closes in [("09:00", "12:00"), ("13:00", "18:00")]
]
OFFICE_CALENDAR: dict[str, Any] = {
    "code": "OFFICE",
    "name": "Office",
    "hours": OFFICE_HOURS,
    "closures": [{"day": "2026-05-04", "name": "Youth Day, moved"}],
}
LANE: dict[str, Any] = {
    "origin": "XIY",
    "destination": "VTE",
    "mode": "air",
    "cost_per_kg": "9.5",
    "currency": "USD",
    "legs": [
        {"kind": "pick", "median_h": 2, "p90_h": 3.5, "cut_off": "17:00"},
        {"kind": "transport", "median_h": 6},
        {"kind": "import_clearance", "median_h": 8, "p90_h": 30, "calendar": "NIGHT"},
        {"kind": "delivery", "median_h": 1, "zone": "destination"},
    ],
    "dg_allowed": "cargo",
    "max_weight_kg": "500",
}


def shelf(code: str, zone: str, **more: Any) -> NewPlace:
    """A place with a shelf."""
    return NewPlace(
        code=code,
        name=code,
        tier=Tier.OUTLET,
        region="R",
        area="R",
        latitude=1,
        longitude=1,
        time_zone=zone,
        **more,
    )


@pytest.fixture
def network(any_engine: Engine) -> Engine:
    """XIY with office hours, VTE below it and always open, two below that; a lane with legs and one without."""
    with writing(any_engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code="R", name="Region")])
        night = [{"weekday": weekday, "opens": "20:00", "closes": "24:00"} for weekday in range(1, 8)]
        calendars = [OFFICE_CALENDAR, {"code": "NIGHT", "name": "Night", "hours": night}]
        add_calendars(session, SYSTEM, [NewCalendar(**one) for one in calendars])
        places = [
            shelf("XIY", "Asia/Shanghai", calendar="OFFICE"),
            shelf("VTE", "Asia/Vientiane", parent="XIY"),
            shelf("PKZ", "Asia/Vientiane", parent="VTE"),
            shelf("LPQ", "Asia/Vientiane", parent="VTE"),
        ]
        add_places(session, SYSTEM, places)
        road = NewLane(origin="VTE", destination="PKZ", mode="road", lead_h=10, cost_per_kg=Decimal(1), currency="USD")
        add_lanes(session, SYSTEM, [NewLane(**LANE), road])
    return any_engine


def test_calendars_are_read_as_they_were_added(network: Engine) -> None:
    with reading(network, SYSTEM) as session, statements(network) as seen:
        night, office = calendar_page(session, after="", limit=9)
        assert len([one for one in seen if one.startswith("SELECT")]) == 3
        assert calendar_page(session, after="NIGHT", limit=9) == [office]
        assert [one.calendar for one in [place_by_code(session, code) for code in ("XIY", "VTE")]] == ["OFFICE", None]
    assert office.model_dump(mode="json") == OFFICE_CALENDAR
    assert {(one.opens, one.closes) for one in night.hours} == {("20:00", "24:00")}


def test_lanes_are_listed_with_their_legs_in_two_statements(network: Engine) -> None:
    with reading(network, SYSTEM) as session, statements(network) as seen:
        road, air = lane_page(session, after=("", "", ""), limit=9)
    assert len([one for one in seen if one.startswith("SELECT")]) == 2
    assert (road.legs, road.lead_h, road.dg_allowed, road.max_weight_kg, road.active) == (
        [],
        10.0,
        DangerousGoods.NONE,
        None,
        True,
    )
    assert (air.lead_h, air.dg_allowed, air.max_weight_kg, air.active) == (
        17.0,
        DangerousGoods.CARGO,
        Decimal(500),
        True,
    )
    assert [(leg.kind, leg.median_h, leg.p90_h, leg.calendar, leg.cut_off, leg.zone) for leg in air.legs] == [
        ("pick", 2, 3.5, None, "17:00", "origin"),
        ("transport", 6, 6, None, None, "origin"),
        ("import_clearance", 8, 30, "NIGHT", None, "destination"),
        ("delivery", 1, 1, None, None, "destination"),
    ]


def test_links_carry_the_hours_of_legs_and_places(network: Engine) -> None:
    with reading(network, SYSTEM) as session, statements(network) as seen:
        road, air = links(session)
    assert len([one for one in seen if one.startswith("SELECT")]) == 4
    hour = 3600
    assert road == Link("VTE", "PKZ", "road", (Leg("transport", 10 * hour, 10 * hour),), Decimal(1), Decimal(0), "USD")
    pick, transport, clearance, delivery = air.legs
    assert pick == Leg("pick", 2 * hour, 12_600, OFFICE, 17 * 60, "Asia/Shanghai")
    assert (transport.calendar, transport.zone) == (None, "Asia/Shanghai")
    assert clearance.calendar is not None
    assert clearance.calendar.week == (((1200, 1440),),) * 7
    assert delivery == Leg("delivery", hour, hour, None, None, "Asia/Vientiane")
    assert (air.dg_allowed, air.max_weight_kg) == (DangerousGoods.CARGO, Decimal(500))
    # Friday 17:30 in Xi'an, after the cut-off and before a holiday: picked on Tuesday from 09:00 to 11:00, cleared in
    # Vientiane on that night and the next, delivered at 01:00 and on the road until Thursday 11:00
    ready = {"XIY": datetime(2026, 5, 1, 9, 30, tzinfo=UTC)}
    route = Router([road, air]).earliest(ready, "PKZ", Decimal(2))["XIY"]
    assert route == Route(datetime(2026, 5, 7, 4, tzinfo=UTC), Decimal(21), (air, road))


def test_a_lane_out_of_use_is_listed_but_not_used(network: Engine) -> None:
    with writing(network, SYSTEM) as session:
        add_lanes(session, SYSTEM, [NewLane(**LANE | {"mode": "sea", "active": False})])
    with reading(network, SYSTEM) as session:
        assert [one.mode for one in lane_page(session, after=("", "", ""), limit=9)] == ["road", "air", "sea"]
        assert [one.mode for one in lanes(session)] == ["road", "air"]
        assert [one.mode for one in links(session)] == ["road", "air"]


@pytest.mark.parametrize(
    "change",
    [
        lambda session: add_lanes(
            session,
            SYSTEM,
            [NewLane(**LANE | {"mode": "sea", "legs": [NewLeg(kind=LegKind.PICK, median_h=1, calendar="X")]})],
        ),
        lambda session: add_places(session, SYSTEM, [shelf("KOE", "Asia/Makassar", calendar="X")]),
    ],
)
def test_an_unknown_calendar_is_refused(network: Engine, change: Any) -> None:
    with writing(network, SYSTEM) as session, pytest.raises(Invalid, match="Calendar X does not exist") as refusal:
        change(session)
    assert refusal.value.code == "unknown_calendar"


def test_a_calendar_is_added_once(network: Engine) -> None:
    with writing(network, SYSTEM) as session, pytest.raises(Conflict, match="OFFICE exists already"):
        add_calendars(session, SYSTEM, [NewCalendar(**OFFICE_CALENDAR)])


def test_sources_replace_the_parent_and_give_way_to_it(network: Engine) -> None:
    with writing(network, SYSTEM) as session:
        assert sources_of(session, "PKZ").model_dump() == {
            "place": "PKZ",
            "sources": ["VTE"],
            "default": True,
            "version": 1,
        }
        set_sources(session, SYSTEM, "PKZ", ["LPQ", "XIY"], 1)
        assert sources_of(session, "PKZ").model_dump() == {
            "place": "PKZ",
            "sources": ["LPQ", "XIY"],
            "default": False,
            "version": 2,
        }
        set_sources(session, SYSTEM, "PKZ", ["XIY", "LPQ"], 2)
        assert replenishment(session) == {"VTE": ["XIY"], "PKZ": ["XIY", "LPQ"], "LPQ": ["VTE"]}
        set_sources(session, SYSTEM, "PKZ", [], 3)
        assert sources_of(session, "PKZ").sources == ["VTE"]
        assert sources_of(session, "XIY").sources == []


@pytest.mark.parametrize(
    ("place", "sources", "version", "kind", "code"),
    [
        ("XIY", ["PKZ"], 1, Invalid, "place_cycle"),
        ("VTE", ["XIY", "LPQ"], 1, Invalid, "place_cycle"),
        ("VTE", ["VTE"], 1, Invalid, "place_cycle"),
        ("VTE", ["NOWHERE"], 1, Invalid, "unknown_place"),
        ("NOWHERE", ["VTE"], 1, NotFound, "unknown_place"),
        ("PKZ", ["XIY"], 2, Stale, "stale"),
    ],
)
def test_wrong_sources_are_refused(
    network: Engine, place: str, sources: list[str], version: int, kind: type[DomainError], code: str
) -> None:
    with writing(network, SYSTEM) as session, pytest.raises(kind) as refusal:
        set_sources(session, SYSTEM, place, sources, version)
    assert refusal.value.code == code
    with reading(network, SYSTEM) as session:
        assert replenishment(session) == {"VTE": ["XIY"], "PKZ": ["VTE"], "LPQ": ["VTE"]}


def test_going_back_to_the_parent_may_close_no_circle_either(network: Engine) -> None:
    with writing(network, SYSTEM) as session:
        set_sources(session, SYSTEM, "PKZ", ["XIY"], 1)
        set_sources(session, SYSTEM, "VTE", ["PKZ"], 1)
        with pytest.raises(Invalid, match="Place VTE is itself replenished from PKZ"):
            set_sources(session, SYSTEM, "PKZ", [], 2)


@pytest.mark.parametrize(
    ("schema", "wrong", "why"),
    [
        (NewCalendar, {"hours": []}, "hours"),
        (NewCalendar, {"hours": [{"weekday": 0, "opens": "09:00", "closes": "10:00"}]}, "weekday"),
        (NewCalendar, {"hours": [{"weekday": 1, "opens": "9:00", "closes": "10:00"}]}, "opens"),
        (NewCalendar, {"hours": [{"weekday": 1, "opens": "09:00", "closes": "24:01"}]}, "closes"),
        (NewCalendar, {"hours": [{"weekday": 1, "opens": "22:00", "closes": "06:00"}]}, "22:00 is not before 06:00"),
        (NewCalendar, {"hours": [*OFFICE_HOURS, {"weekday": 2, "opens": "11:59", "closes": "12:30"}]}, "overlap"),
        (NewCalendar, {"closures": OFFICE_CALENDAR["closures"] * 2}, "2026-05-04 is closed twice"),
        (NewLane, {"legs": []}, "lead_h is missing"),
        (NewLane, {"lead_h": 18}, "lead_h is not the sum of the legs"),
        (NewLane, {"legs": [{"kind": "pick", "median_h": 2, "p90_h": 1}]}, "below its median"),
        (NewLane, {"legs": [{"kind": "fly", "median_h": 2}]}, "kind"),
        (NewLane, {"legs": [{"kind": "pick", "median_h": 2, "cut_off": "25:00"}]}, "cut_off"),
        (NewLane, {"dg_allowed": "some"}, "dg_allowed"),
        (NewLane, {"max_weight_kg": 0}, "max_weight_kg"),
        (Sources, {"sources": ["A", "A"]}, "A stands twice"),
    ],
)
def test_wrong_input_is_refused(schema: Any, wrong: dict[str, Any], why: str) -> None:
    right: dict[str, Any] = {NewCalendar: OFFICE_CALENDAR, NewLane: LANE, Sources: {"sources": ["A", "B"]}}[schema]
    schema(**right)
    with pytest.raises(ValidationError, match=why):
        schema(**right | wrong)


def test_hours_that_touch_are_no_overlap() -> None:
    touching = [
        {"weekday": 1, "opens": "06:00", "closes": "12:00"},
        {"weekday": 1, "opens": "12:00", "closes": "14:00"},
    ]
    assert NewCalendar.model_validate({"code": "C", "name": "C", "hours": touching}).closures == []


def test_a_lane_may_tell_the_sum_of_its_legs() -> None:
    assert NewLane(**LANE | {"lead_h": 17}).lead_s == NewLane(**LANE).lead_s == 17 * 3600
