"""Adding regions, places and lanes."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid
from inventory.network.models import Lane, Place, Region, Tier
from inventory.network.queries import LaneRow, lanes, place_page, region_codes, sites
from inventory.network.schemas import NewLane, NewPlace, NewRegion
from inventory.network.service import add_lanes, add_places, add_regions, place_ids, region_ids, site_ids


def shelf(code: str, **changes: Any) -> NewPlace:
    """A place with a shelf in the region R."""
    usual: dict[str, Any] = {
        "code": code,
        "name": f"Depot {code}",
        "tier": Tier.OUTLET,
        "region": "R",
        "area": "R",
        "latitude": 10,
        "longitude": 20,
        "time_zone": "Asia/Kathmandu",
    }
    return NewPlace(**usual | changes)


def lane(origin: str, destination: str, mode: str = "aog") -> NewLane:
    """A lane of a day and a half."""
    return NewLane(
        origin=origin, destination=destination, mode=mode, lead_h=36.5, cost_per_kg=Decimal("9.5"), currency="USD"
    )


@pytest.fixture
def network(engine: Engine) -> Engine:
    """A database with one region and the places A and B."""
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code="R", name="Region")])
        add_places(session, SYSTEM, [shelf("A", tier=Tier.CENTRAL), shelf("B", parent="A")])
    return engine


class Undo(Exception):
    """Ends a unit of work that is to leave nothing."""


def parents(session: Session) -> dict[str, str | None]:
    """Return {place: parent}."""
    return {place.code: place.parent for place in place_page(session, after="", limit=100)}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parents_may_come_in_any_order(network: Engine, data: st.DataObject) -> None:
    codes = [f"P{number}" for number in range(data.draw(st.integers(1, 7)))]
    wanted = {
        code: data.draw(st.sampled_from([None, "A", *codes[:number]]), label=f"parent of {code}")
        for number, code in enumerate(codes)
    }
    places = data.draw(st.permutations([shelf(code, parent=parent) for code, parent in wanted.items()]))
    with suppress(Undo), writing(network, SYSTEM) as session:
        add_places(session, SYSTEM, places)
        assert parents(session) == {"A": None, "B": "A"} | wanted
        raise Undo


@pytest.mark.parametrize("ring", [["C"], ["C", "D"], ["E", "C", "F", "D"]])
def test_a_place_that_is_its_own_source_is_refused(network: Engine, ring: list[str]) -> None:
    places = [shelf(code, parent=source) for code, source in zip(ring, [*ring[1:], ring[0]], strict=True)]
    places.append(shelf("Z", parent=ring[0]))
    with writing(network, SYSTEM) as session, pytest.raises(Invalid, match="its own replenishment source") as refusal:
        add_places(session, SYSTEM, places)
    assert refusal.value.code == "place_cycle"


@pytest.mark.parametrize(
    ("places", "kind", "code"),
    [
        ([shelf("C"), shelf("D", parent="NOWHERE")], Invalid, "unknown_place"),
        ([shelf("C"), shelf("D", region="NOWHERE")], Invalid, "unknown_region"),
        ([shelf("C"), shelf("A")], Conflict, "code_exists"),
        ([shelf("C"), shelf("C")], Conflict, "code_exists"),
    ],
)
def test_a_wrong_place_stops_all(network: Engine, places: list[NewPlace], kind: type[DomainError], code: str) -> None:
    with writing(network, SYSTEM) as session, pytest.raises(kind) as refusal:
        add_places(session, SYSTEM, places)
    assert refusal.value.code == code
    with reading(network, SYSTEM) as session:
        assert set(parents(session)) == {"A", "B"}


def test_a_region_is_added_once(network: Engine) -> None:
    with writing(network, SYSTEM) as session, pytest.raises(Conflict, match="R exists already"):
        add_regions(session, SYSTEM, [NewRegion(code="S", name="South"), NewRegion(code="R", name="Again")])
    with reading(network, SYSTEM) as session:
        assert list(region_codes(session).values()) == ["R"]


def test_places_are_read_as_they_were_added(network: Engine) -> None:
    with writing(network, SYSTEM) as session:
        add_places(
            session,
            SYSTEM,
            [
                shelf("KTM", name="Kathmandu", name_local="काठमाडौँ", country="NP", parent="B", area="HILLS"),
                shelf("KIT-1", tier=Tier.KIT),
                NewPlace(code="SUPPLIER", name="Suppliers", tier=Tier.SUPPLIER),
            ],
        )
    with reading(network, SYSTEM) as session:
        assert [site.code for site in sites(session)] == ["A", "B", "KTM"]
        ktm = sites(session)[2]
        assert (ktm.tier, ktm.region, ktm.area, ktm.time_zone) == (Tier.OUTLET, "R", "HILLS", "Asia/Kathmandu")
        pages = [place_page(session, after=after, limit=2) for after in ("", "B", "KTM")]
        assert [[place.code for place in page] for page in pages] == [["A", "B"], ["KIT-1", "KTM"], ["SUPPLIER"]]
        assert pages[1][1].name_local == "काठमाडौँ"
        assert [place.code for place in place_page(session, after="", limit=9, region="R")] == [
            "A",
            "B",
            "KIT-1",
            "KTM",
        ]
        assert place_page(session, after="", limit=9, region="S") == []


def test_lanes_are_read_in_seconds(network: Engine) -> None:
    with writing(network, SYSTEM) as session:
        add_lanes(session, SYSTEM, [lane("B", "A"), lane("A", "B", "routine"), lane("A", "B")])
    with reading(network, SYSTEM) as session:
        found = lanes(session)
    assert [(one.origin, one.destination, one.mode) for one in found] == [
        ("A", "B", "aog"),
        ("A", "B", "routine"),
        ("B", "A", "aog"),
    ]
    assert found[0] == LaneRow("A", "B", "aog", 131_400, Decimal("9.5"), Decimal(0), "USD")


@pytest.mark.parametrize(
    ("new", "kind", "code"),
    [
        ([lane("B", "A"), lane("A", "NOWHERE")], Invalid, "unknown_place"),
        ([lane("B", "A"), lane("A", "B")], Conflict, "lane_exists"),
        ([lane("B", "A"), lane("B", "A")], Conflict, "lane_exists"),
    ],
)
def test_a_wrong_lane_stops_all(network: Engine, new: list[NewLane], kind: type[DomainError], code: str) -> None:
    with writing(network, SYSTEM) as session:
        add_lanes(session, SYSTEM, [lane("A", "B")])
    with writing(network, SYSTEM) as session, pytest.raises(kind) as refusal:
        add_lanes(session, SYSTEM, new)
    assert refusal.value.code == code
    with reading(network, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(Lane)) == 1


def test_keys_are_found_by_code(network: Engine) -> None:
    with reading(network, SYSTEM) as session:
        assert place_ids(session, ["B"]) == {"B": session.scalar(select(Place.id).where(Place.code == "B"))}
        assert region_ids(session, ["R"]) == {"R": session.scalar(select(Region.id))}
        with pytest.raises(Invalid, match="Place C does not exist"):
            place_ids(session, ["A", "C"])
        with pytest.raises(Invalid, match="Region S does not exist"):
            region_ids(session, ["S"])


def test_people_work_at_sites_only(network: Engine) -> None:
    with writing(network, SYSTEM) as session:
        virtual = NewPlace(code="SCRAP", name="Scrap", tier=Tier.SCRAP)
        add_places(session, SYSTEM, [shelf("KIT-1", tier=Tier.KIT), shelf("CTR", tier=Tier.CENTRE), virtual])
        assert set(site_ids(session, ["A", "B", "CTR"])) == {"A", "B", "CTR"}
        for code in ("KIT-1", "SCRAP"):
            with pytest.raises(Invalid, match=f"Nobody can work at place {code}; name a depot"):
                site_ids(session, ["A", code])
        with pytest.raises(Invalid, match="Place C does not exist"):
            site_ids(session, ["A", "C", "SCRAP"])


def test_nothing_to_add_adds_nothing(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [])
        add_places(session, SYSTEM, [])
        add_lanes(session, SYSTEM, [])
        assert sites(session) == []
        assert lanes(session) == []
