"""Ways of a plan: measured once and kept, estimated where the service fails, flown where a timetable says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from fieldops.cli import app
from fieldops.dispatch.changing import change_job
from fieldops.dispatch.crew.ways import ways_between
from fieldops.dispatch.models import PlanAssignment
from fieldops.dispatch.schemas import JobChange
from fieldops.dispatch.travel.models import TravelTime
from fieldops.dispatch.travel.service import FRESH, KEPT
from fieldops.dispatch.travel.sources import configured
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from fieldops.locale import catalogue
from fieldops.planning.explaining import explain_job
from fieldops.planning.models import DayPlan
from fieldops.planning.problems import HORIZON_S, area_problem
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.snapshot import Snapshot, take_snapshot
from fieldops.planning.travel_check import TravelCheck, check_travel
from fieldops.planning.travelling import ways_asked
from integrations.travel import TravelFault, TravelSource
from integrations.travel.matrix import Leg
from integrations.travel.profile import SHIPPED
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import speaking
from inventory.network.queries import sites
from optimizer.run import Limit
from tests.conftest import NOW
from tests.integrations.travel.osrm import Osrm, serving_tables
from tests.worlds import LOADED_AT, TINY_DATE, load_tiny

Set = Callable[..., None]


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """Set travel settings: the names without their prefix."""

    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"FIELDOPS_TRAVEL_{name.upper()}", str(value))
        configured.cache_clear()

    configured.cache_clear()
    yield put
    configured.cache_clear()


@pytest.fixture
def osrm(setting: Set) -> Iterator[Osrm]:
    """A table service, in use."""
    with serving_tables() as service:
        setting(url=service.url, timeout_s=5)
        yield service


def snapshot_of(engine: Engine) -> Snapshot:
    """The data of a plan."""
    with reading(engine, SYSTEM) as session:
        return take_snapshot(session, TINY_DATE, None)


def asked(engine: Engine, later: timedelta = timedelta()) -> Any:
    """The ways of a plan, once the service was asked."""
    return ways_asked(engine, snapshot_of(engine).ways, lambda: NOW + later, lambda: False)


def plan_of(engine: Engine) -> DayPlanOut:
    """A plan of the small world."""
    return make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)


def test_each_way_is_asked_for_once_and_counts_for_crews_as_well(any_engine: Engine, osrm: Osrm) -> None:
    load_tiny(any_engine)
    before = snapshot_of(any_engine)
    assert before.ways.notice.source is TravelSource.GREAT_CIRCLE
    ways = asked(any_engine)
    # Xi'an and Tianjin are too far apart to drive; the service is asked for the others alone
    assert osrm.asked == [(2, 2)]
    assert (ways.notice.source, ways.notice.road_pairs, ways.notice.measured) == (TravelSource.TABLE_SERVICE, 2, 2)
    again = snapshot_of(any_engine)
    assert again.ways.fingerprint() == ways.fingerprint() != before.ways.fingerprint()
    assert again.fingerprint() != before.fingerprint()
    assert asked(any_engine).fingerprint() == ways.fingerprint()
    assert len(osrm.asked) == 1
    seconds = ways.areas["SEA"].matrix.seconds
    assert seconds[0, 1] != seconds[1, 0]  # uphill takes longer
    with reading(any_engine, SYSTEM) as session:
        times = ways_between(session, ["VTE", "UTH"], {}).times
    assert sorted(time.total_seconds() for time in times.values() if time) == sorted(seconds[seconds > 0].tolist())
    travel = area_problem(again, "SEA", {}).problem.travel["travel"]
    assert travel.seconds.tolist() == seconds.tolist()
    assert travel.cost[0, 1] == pytest.approx(osrm.way((17.386, 102.788), (17.988, 102.563))[1] * 0.0006)  # type: ignore[index]


def test_ways_are_asked_for_again_after_a_while_and_forgotten_after_a_year(engine: Engine, osrm: Osrm) -> None:
    load_tiny(engine)
    asked(engine)
    asked(engine, FRESH - timedelta(seconds=1))
    assert len(osrm.asked) == 1
    osrm.way = lambda _one, _other: (60.0, 1000.0)
    assert asked(engine, FRESH + timedelta(seconds=1)).areas["SEA"].matrix.seconds.max() == 60
    assert len(osrm.asked) == 2
    configured.cache_clear()
    osrm.url += "/"  # the same service
    asked(engine, FRESH + timedelta(days=1))
    assert len(osrm.asked) == 2
    osrm.way = lambda _one, _other: None
    ways = asked(engine, 2 * KEPT)
    assert (ways.notice.measured, ways.notice.no_road) == (0, 2)
    with reading(engine, SYSTEM) as session:
        assert session.scalars(select(TravelTime.seconds)).all() == [None, None]


def test_what_was_told_before_stands_while_the_service_is_down(engine: Engine, osrm: Osrm) -> None:
    load_tiny(engine)
    first = asked(engine)
    osrm.spoil = lambda _before, _told: (200, b"<html>")
    ways = asked(engine, 2 * FRESH)
    assert ways.fingerprint() == first.fingerprint()
    assert (ways.notice.source, ways.notice.fault) == (TravelSource.TABLE_SERVICE, TravelFault.GARBAGE)


def test_a_plan_without_the_service_is_made_all_the_same_and_says_so(engine: Engine, setting: Set) -> None:
    load_tiny(engine)
    plain = plan_of(engine)
    setting(url="http://127.0.0.1:9", timeout_s=2)
    plan = plan_of(engine)
    assert plan.plan_hash == plain.plan_hash
    assert plain.travel is not None
    assert plan.travel is not None
    assert (plain.travel.fault, plain.travel.text) == (None, "Ways by road are estimated by great circle.")
    assert (plan.travel.source, plan.travel.fault, plan.travel.measured) == (
        TravelSource.GREAT_CIRCLE,
        TravelFault.NO_CONNECTION,
        0,
    )
    assert "cannot be reached" in plan.travel.text
    with reading(engine, SYSTEM) as session:
        document = session.scalars(select(DayPlan.document).where(DayPlan.number == plan.plan)).one()
    with speaking(catalogue("zh_CN")):
        read = DayPlanOut.model_validate(document)
    assert read.travel is not None
    assert "FIELDOPS_TRAVEL_URL" in read.travel.text
    assert "行程表服务" in read.travel.text
    del document["travel"]
    assert DayPlanOut.model_validate(document).travel is None


def test_a_plan_counts_with_measured_ways_and_is_explained_by_them(engine: Engine, osrm: Osrm) -> None:
    load_tiny(engine)
    plan = plan_of(engine)
    assert plan.travel is not None
    assert (plan.travel.source, plan.travel.text) == (
        TravelSource.TABLE_SERVICE,
        "All 2 ways by road were measured by the table service.",
    )
    assert not explain_job(engine, SYSTEM, plan.plan, plan.dispatch.assignments[0].job).data_changed
    assert len(osrm.asked) == 1


def test_flights_of_a_timetable_take_the_place_of_the_estimated_ones(
    engine: Engine, setting: Set, tmp_path: Path
) -> None:
    load_tiny(engine)
    path = tmp_path / "flights.csv"
    lines = ("XIY,TSN,1234567,09:00,11:00,150", "TSN,XIY,1234567,15:30,17:30,140", "XIY,VTE,1234567,08:00,10:00,99")
    path.write_text("\n".join(["origin,destination,days,departure,arrival,fare", *lines]))
    setting(flights=path)
    with writing(engine, SYSTEM, clock=lambda: LOADED_AT) as session:
        change_job(session, SYSTEM, "J-2", JobChange(place="TSN"), 1)
    snapshot = snapshot_of(engine)
    problem = area_problem(snapshot, "CN", {}).problem
    xiy, tsn = (problem.places.index(code) for code in ("XIY", "TSN"))
    there, back = (
        [one for one in problem.flights if (one.origin, one.destination) == ends] for ends in ((xiy, tsn), (tsn, xiy))
    )
    assert len(there) == len(back) == HORIZON_S / 86_400 + 2
    assert [(one.departs_s, one.arrives_s, one.cost) for one in there[:1]] == [(9 * 3600, 11 * 3600, 150.0)]
    assert all(one.flies for one in problem.technicians)
    assert problem.travel["travel"].seconds[xiy, tsn] > 12 * 3600  # else one drives
    assert area_problem(snapshot, "SEA", {}).problem.flights == ()
    assert not any(one.flies for one in area_problem(snapshot, "SEA", {}).problem.technicians)
    plan = plan_of(engine)
    assert plan.travel is not None
    assert plan.travel.flights == len(problem.flights)
    (sent,) = [one for one in plan.dispatch.assignments if one.place == "TSN"]
    assert (sent.start.hour, sent.end.hour) == (3, 7)  # there at eleven in China
    with reading(engine, SYSTEM) as session:
        fares = session.scalars(select(PlanAssignment.travel_cost).where(PlanAssignment.travel_cost == 290)).all()
    assert len(fares) == 1
    assert not explain_job(engine, SYSTEM, plan.plan, sent.job).data_changed


def check(engine: Engine) -> TravelCheck:
    """What the command finds."""
    with reading(engine, SYSTEM) as session:
        places = sites(session)
    return check_travel(configured(), places)


def test_what_ways_cost_is_in_the_currency_of_the_plan(engine: Engine, setting: Set, tmp_path: Path) -> None:
    load_tiny(engine)
    dollars = snapshot_of(engine).ways.areas["SEA"].matrix.cost
    path = tmp_path / "travel.toml"
    path.write_text(SHIPPED.read_text().replace('"USD"', '"EUR"'))
    setting(profile=path)
    with pytest.raises(Invalid, match="EUR has no rate to USD"):
        snapshot_of(engine)
    with writing(engine, SYSTEM) as session:
        add_rates(session, SYSTEM, [NewRate(currency="EUR", valid_from=TINY_DATE, rate=Decimal(2), source="Finance")])
    ways = snapshot_of(engine).ways
    assert ways.areas["SEA"].matrix.cost == pytest.approx(2 * dollars)
    measured = ways.with_legs({pair: Leg(600, 5_000) for pair in ways.areas["SEA"].pairs})
    assert measured.areas["SEA"].matrix.cost.max() == pytest.approx(2 * 0.6 * 5)


def test_the_check_names_a_way_and_how_long_it_took(engine: Engine, osrm: Osrm) -> None:
    assert check(engine).as_text() == f"{osrm.url} was not asked: there are no two places near each other."
    load_tiny(engine)
    told = check(engine)
    assert {told.origin, told.destination} == {"VTE", "UTH"}
    assert (told.fault, told.seconds is None, told.answered_in_s is None) == (None, False, False)
    assert "km by road; estimated, " in told.as_text()
    osrm.way = lambda _one, _other: None
    assert "the service knows no road" in check(engine).as_text()
    osrm.spoil = lambda _before, _told: (400, {"code": "InvalidUrl"})
    told = check(engine)
    assert (told.fault, told.answered_in_s) == (TravelFault.REFUSED, None)
    assert "refused to answer" in told.as_text()
    assert json.loads(told.model_dump_json())["fault"] == "refused"
    with reading(engine, SYSTEM) as session:
        assert session.scalars(select(TravelTime)).all() == []


def test_the_command_ends_with_status_1_where_the_service_fails(
    engine: Engine, osrm: Osrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_tiny(engine)
    monkeypatch.setenv("FIELDOPS_DATABASE_URL", str(engine.url))
    done = CliRunner().invoke(app, ["travel", "check", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["url"]) == (0, osrm.url)
    osrm.spoil = lambda _before, _told: (200, b"<html>")
    done = CliRunner().invoke(app, ["travel", "check"])
    assert done.exit_code == 1
    assert "no table service as OSRM is one" in done.stdout


def test_the_check_without_a_service(engine: Engine, setting: Set, tmp_path: Path) -> None:
    load_tiny(engine)
    path = tmp_path / "flights.csv"
    path.write_text(
        "origin,destination,days,departure,arrival,fare\nXIY,VTE,1,08:00,10:00,1\nLHR,JFK,1,08:00,10:00,1\n"
    )
    setting(flights=path)
    told = check(engine).as_text()
    assert told.startswith("Ways by road are estimated by great circle; FIELDOPS_TRAVEL_URL names")
    assert told.endswith("The timetable has 2 departures, 1 of them between two places.")
