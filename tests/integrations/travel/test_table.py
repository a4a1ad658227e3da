"""Ways that a table service measures, and what becomes of a service that is down, slow or wrong."""

from __future__ import annotations

import json
import socket
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.travel import (
    Answer,
    Leg,
    Mode,
    Notice,
    Point,
    TableService,
    TravelFault,
    TravelProfile,
    TravelSource,
    ask,
    measured,
    point,
    road_pairs,
    travel_matrix,
)
from integrations.travel import table as tables
from tests.integrations.travel.osrm import serving_tables

PROFILE = TravelProfile()
SOUTH, NORTH, EAST = point(10.0, 20.0), point(11.0, 20.0), point(10.0, 20.5)
PAIRS = [*permutations((SOUTH, NORTH, EAST), 2)]


def test_each_direction_is_measured_by_itself_in_whole_seconds() -> None:
    with serving_tables() as osrm:
        answer = ask(TableService(osrm.url), [PAIRS])
    assert (answer.fault, answer.asked, set(answer.legs)) == (None, 1, set(PAIRS))
    assert answer.legs[SOUTH, NORTH] == Leg(5401, 100_000)
    assert answer.legs[NORTH, SOUTH] == Leg(3601, 100_000)


def test_a_slash_at_the_end_of_the_address_is_nothing() -> None:
    assert TableService("http://osrm:5000/").key == TableService("http://osrm:5000").key
    with serving_tables() as osrm:
        assert len(ask(TableService(f"{osrm.url}/"), [PAIRS]).legs) == len(PAIRS)


@pytest.mark.parametrize("points_max", [2, 3, 4, 7, 100])
def test_no_request_has_more_points_than_the_service_takes(points_max: int) -> None:
    points = [point(float(degree), 0.0) for degree in range(9)]
    pairs = {(a, b) for a, b in product(points, points) if a != b and abs(a[0] - b[0]) < 3}
    with serving_tables(points_max=points_max) as osrm:
        answer = ask(TableService(osrm.url, points_max=points_max), [pairs])
        assert answer.fault is None
        assert pairs <= set(answer.legs)
        assert answer.asked == len(osrm.asked)
        if points_max == 100:
            assert osrm.asked == [(9, 9)]
        if points_max == 2:
            assert len(osrm.asked) == len(pairs)


def test_a_service_that_takes_fewer_points_says_so() -> None:
    with serving_tables(points_max=2) as osrm:
        assert ask(TableService(osrm.url), [PAIRS]) == Answer({}, TravelFault.TOO_MANY_POINTS, 1)


def test_where_there_is_no_road_is_known_as_such() -> None:
    with serving_tables(way=lambda _a, b: None if b == EAST else (60.0, 1000.0)) as osrm:
        answer = ask(TableService(osrm.url), [PAIRS])
    assert {pair for pair, leg in answer.legs.items() if leg is None} == {(SOUTH, EAST), (NORTH, EAST)}
    notice = Notice.of(PAIRS, answer.legs)
    assert (notice.source, notice.measured, notice.no_road) == (TravelSource.MIXED, 4, 2)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = ask(TableService(f"http://127.0.0.1:{port}"), [PAIRS, PAIRS])
    assert answer == Answer({}, TravelFault.NO_CONNECTION, tables.ATTEMPTS)


def test_an_answer_that_drips_ends_at_the_deadline_and_nothing_more_is_asked() -> None:
    with serving_tables(hangs=True) as osrm:
        answer = ask(TableService(osrm.url, timeout_s=0.2), [PAIRS, PAIRS])
        assert answer == Answer({}, TravelFault.TIMEOUT, 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_fault_of_the_server_is_tried_again(status: int) -> None:
    with serving_tables(spoil=lambda before, told: (status, b"busy") if before == 0 else (200, told)) as osrm:
        answer = ask(TableService(osrm.url), [PAIRS])
    assert (answer.fault, answer.asked, len(answer.legs)) == (None, 2, len(PAIRS))
    with serving_tables(spoil=lambda _before, _told: (status, b"busy")) as osrm:
        assert ask(TableService(osrm.url), [PAIRS]) == Answer({}, TravelFault.REFUSED, tables.ATTEMPTS)


def test_a_refused_group_does_not_keep_the_others_from_being_asked() -> None:
    refusal = {"code": "NoSegment", "message": "no street near"}
    with serving_tables(spoil=lambda before, told: (400, refusal) if before == 0 else (200, told)) as osrm:
        answer = ask(TableService(osrm.url), [PAIRS[:2], PAIRS[2:]])
    assert (answer.fault, set(answer.legs)) == (TravelFault.REFUSED, set(PAIRS[2:]))


WRONG: list[Any] = [-1, "far", True, 1e300, float("nan"), float("inf"), []]
GARBAGE: list[Any] = [
    b"<html>",
    b"\xff\xfe",
    b"[" * 100_000,
    b"",
    [],
    {},
    {"durations": [[0]]},
    {"code": "Ok"},
    *({"code": "Ok", "durations": [[value] * 3] * 3, "distances": [[1.0] * 3] * 3} for value in WRONG),
    {"code": "Ok", "durations": [[1.0] * 3] * 3, "distances": [[-5.0] * 3] * 3},
    {"code": "Ok", "durations": [[1.0] * 3] * 3},
    {"code": "Ok", "durations": [[1.0] * 2] * 3, "distances": [[1.0] * 3] * 3},
    {"code": "Ok", "durations": [[1.0] * 3] * 2, "distances": [[1.0] * 3] * 3},
    {"code": "Ok", "durations": {"0": 1}, "distances": [[1.0] * 3] * 3},
]


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: json.dumps(str(body))[:40])
def test_garbage_is_told_as_such_and_nothing_of_it_is_kept(body: object) -> None:
    with serving_tables(spoil=lambda _before, _told: (200, body)) as osrm:
        assert ask(TableService(osrm.url), [PAIRS]) == Answer({}, TravelFault.GARBAGE, 1)


def test_an_answer_without_end_is_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BYTES_MAX", 10)
    with serving_tables() as osrm:
        assert ask(TableService(osrm.url), [PAIRS]).fault is TravelFault.GARBAGE


def test_an_address_that_is_none_is_no_connection() -> None:
    for url in ("http://[::", "http://" + "a" * 300, "http://osrm.invalid"):
        assert ask(TableService(url, timeout_s=5.0), [PAIRS]).fault is TravelFault.NO_CONNECTION


def test_nothing_to_ask_asks_nothing() -> None:
    assert ask(TableService("http://127.0.0.1:9"), [[], []]) == Answer({})


LEG = st.none() | st.builds(Leg, st.integers(0, tables.SECONDS_MAX), st.integers(0, tables.METRES_MAX))
PLACES = st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(lambda one: point(*one)), max_size=6)


@settings(deadline=None)
@given(PLACES, st.data())
def test_what_is_measured_replaces_what_is_estimated_and_nothing_else(places: list[Point], data: st.DataObject) -> None:
    estimated = travel_matrix([one[0] for one in places], [one[1] for one in places], PROFILE)
    pairs = road_pairs(places, estimated)
    legs = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(pairs, LEG)))
    found = measured(places, estimated, legs, PROFILE)
    assert np.issubdtype(found.seconds.dtype, np.integer)
    assert (found.seconds >= 0).all()
    assert (found.cost >= 0).all()
    assert (np.diagonal(found.seconds) == 0).all()
    assert (np.diagonal(found.cost) == 0).all()
    assert (found.mode == estimated.mode).all()
    for row, column in product(range(len(places)), repeat=2):
        leg = legs.get((places[row], places[column]))
        if leg is None or row == column:
            assert found.seconds[row, column] == estimated.seconds[row, column]
            assert found.cost[row, column] == estimated.cost[row, column]
        else:
            assert found.mode[row, column] == Mode.ROAD
            assert found.seconds[row, column] == leg.seconds
            assert found.cost[row, column] == pytest.approx(leg.metres * 0.0006)
    notice = Notice.of(pairs, legs)
    assert notice.measured + notice.no_road == len(legs)
    assert (notice.source is TravelSource.GREAT_CIRCLE) == (notice.measured == 0)
