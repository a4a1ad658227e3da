"""Requests that meet a failing server or line."""

from __future__ import annotations

import json
from itertools import islice

import httpx
import pytest

from fieldops.client import ApiError, Client, Conflict, TooMany, Unavailable
from fieldops.client.transport import parsed, pause
from tests.fieldops.client.scripted import Answer, scripted

PROBLEM = {"Content-Type": "application/problem+json"}
BUSY: Answer = (503, PROBLEM | {"Retry-After": "5"}, '{"code": "database_busy", "detail": "Try again"}')
IN_FLIGHT: Answer = (409, PROBLEM, '{"code": "request_in_flight", "detail": "Wait"}')
DONE: Answer = (201, {}, '[{"code": "SEA"}]')


def test_a_change_is_sent_again_as_the_same_change() -> None:
    waited: list[float] = []
    with scripted(BUSY, None, IN_FLIGHT, DONE) as server, Client(server.address, "secret", sleep=waited.append) as api:
        assert api.add_regions([{"code": "SEA", "name": "South-East Asia"}]) == [{"code": "SEA"}]
    assert len(server.asked) == 4
    assert len({headers["idempotency-key"] for _m, _p, headers in server.asked}) == 1
    assert {headers["authorization"] for _m, _p, headers in server.asked} == {"Bearer secret"}
    assert waited[0] == 5
    assert len(waited) == 3


def test_two_changes_have_two_keys() -> None:
    with scripted(DONE, DONE) as server, Client(server.address) as api:
        for _time in range(2):
            api.add_regions([])
    assert len({headers["idempotency-key"] for _m, _p, headers in server.asked}) == 2
    assert all("authorization" not in headers for _m, _p, headers in server.asked)


@pytest.mark.parametrize(
    ("answer", "error", "requests"),
    [
        (BUSY, Unavailable, 3),
        ((429, PROBLEM | {"Retry-After": "900"}, "{}"), TooMany, 1),
        ((409, PROBLEM, '{"code": "code_exists", "detail": "No"}'), Conflict, 1),
        ((500, {}, "<html>"), Unavailable, 1),
        ((418, {}, "teapot"), ApiError, 1),
        (None, httpx.TransportError, 3),
    ],
)
def test_what_does_not_pass_is_raised(answer: Answer, error: type[Exception], requests: int) -> None:
    with (
        scripted(*[answer] * requests) as server,
        Client(server.address, attempts=3, sleep=lambda _s: None) as api,
        pytest.raises(error),
    ):
        api.add_regions([])
    assert len(server.asked) == requests


def test_a_refusal_tells_what_the_server_told() -> None:
    body = {"code": "invalid_request", "detail": "Correct it", "errors": [{"field": "body.0", "detail": "bad"}]}
    with (
        scripted((422, PROBLEM, json.dumps(body))) as server,
        Client(server.address) as api,
        pytest.raises(ApiError) as refused,
    ):
        api.add_regions([])
    told = refused.value
    assert (told.status, told.code, told.detail) == (422, "invalid_request", "Correct it")
    assert told.errors == [{"field": "body.0", "detail": "bad"}]
    assert str(told) == "422 invalid_request: Correct it"


def test_a_lost_stream_is_resumed_behind_the_last_event() -> None:
    stream = {"Content-Type": "text/event-stream"}
    first: Answer = (
        200,
        stream,
        'id: 6\n\nid: 7\nevent: job\ndata: {"number": 7}\n\n: still here\n\nid: 8\ndata: {"nu',
    )
    second: Answer = (200, stream, 'id: 7\n\nid: 8\ndata: {"number": 8}\n\n')
    with (
        scripted(first, BUSY, None, second) as server,
        Client(server.address, sleep=lambda _s: None) as api,
    ):
        events = api.events("job", after=5)
        assert [event["number"] for event in islice(events, 2)] == [7, 8]
    assert [headers["last-event-id"] for _m, _p, headers in server.asked] == ["5", "7", "7", "7"]
    assert {path for _m, path, _h in server.asked} == {"/api/v1/events?kind=job"}


def test_a_stream_that_is_refused_ends() -> None:
    no: Answer = (403, PROBLEM, '{"code": "not_permitted", "detail": "No"}')
    with scripted(no) as server, Client(server.address) as api, pytest.raises(ApiError, match="not_permitted"):
        next(api.events())


def test_data_of_several_lines_is_one() -> None:
    assert list(parsed(iter(["data: a", "data:b", "", "", ": ping", "", "id: 3", "", "data: cut"]))) == [
        ("", "a\nb"),
        ("3", ""),
    ]


def test_pauses_grow_and_end() -> None:
    assert [pause(attempt) <= 30 for attempt in (1, 5, 100)] == [True] * 3
    assert pause(1) <= 0.5 < pause(5)
    assert pause(1, "7") == 7
    assert pause(1, "Wed, 21 Oct 2026 07:28:00 GMT") <= 0.5
