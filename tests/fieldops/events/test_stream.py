"""Streams as a client meets them: over HTTP, from a real server, on both databases."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import Engine, text

from fieldops.events import stream
from fieldops.events.relay import relay
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import open_engine, writing
from inventory.kernel.outbox import emit
from tests.conftest import NOW
from tests.fieldops.events.serving import (
    BOTH,
    CENTRAL,
    EAST,
    NOBODY,
    WEST,
    Served,
    happen,
    happen_elsewhere,
    name_of,
    names,
    parsed,
    served,
    until,
)


@pytest.fixture
def api(any_engine: Engine) -> Iterator[Served]:
    with served(any_engine) as api:
        yield api


def test_an_event_is_told_with_its_number_kind_and_data(api: Served) -> None:
    with api.stream() as events:
        happen(api.engine, "中文\r\nsecond line")
        event = next(events)
        assert (event["id"], event["event"]) == ("1", "job.moved")
        assert json.loads(event["data"]) == {
            "number": 1,
            "kind": "job.moved",
            "audience": "E",
            "area": None,
            "place": None,
            "happened_at": "2026-03-01T09:00:00Z",
            "payload": {"name": "中文\r\nsecond line"},
        }


def test_another_process_is_heard(api: Served) -> None:
    with api.stream() as events:
        happen_elsewhere(api.engine, "afar")
        assert names(events, 1) == ["afar"]


@pytest.mark.parametrize("how", ["after", "last_event_id"])
def test_a_reader_resumes_after_a_number_and_goes_on_live(api: Served, how: str) -> None:
    happen(api.engine, *"abcde")
    with api.stream(after=0) as events:
        assert names(events, 5) == list("abcde")
    with api.stream(CENTRAL, **{how: 2}) as events:
        assert names(events, 3) == list("cde")
        happen(api.engine, "f", "g")
        assert names(events, 2) == ["f", "g"]


def test_the_header_of_a_browser_that_resumes_goes_before_the_address(api: Served) -> None:
    happen(api.engine, *"abc")
    relay(api.engine)
    with api.stream(after=0, last_event_id=2) as events:
        assert names(events, 1) == ["c"]


def test_a_reader_that_leaves_before_its_first_event_misses_nothing(api: Served) -> None:
    with api.stream() as events:  # without a number it is the hub that tells: what it has told is where others begin
        happen(api.engine, "a", "b")
        names(events, 2)
    with api.http.stream("GET", "/events", headers={"x-actor": "east"}) as answer:
        first = next(parsed(answer))
    happen(api.engine, "c")
    assert first == {"id": "2"}
    with api.stream(last_event_id=first["id"]) as events:
        assert names(events, 1) == ["c"]


def test_a_long_absence_is_caught_up_while_more_happens(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_PAGE", 3)
    wanted = [f"{count:03}" for count in range(60)]
    happen(api.engine, *wanted[:30])
    with ThreadPoolExecutor(1) as threads:
        more = threads.submit(happen, api.engine, *wanted[30:])
        for start in (0, 7):
            with api.stream(after=start) as events:
                assert names(events, 60 - start) == wanted[start:]
        more.result()


def test_a_number_from_beyond_the_end_does_not_hide_what_comes(api: Served) -> None:
    happen(api.engine, "a")
    with api.stream(after=0) as events:
        assert names(events, 1) == ["a"]
    with api.stream(after=10_000) as events:
        happen(api.engine, "b")
        assert names(events, 1) == ["b"]


def test_two_regions_never_hear_each_other(api: Served) -> None:
    happen(api.engine, "east 1", audience="E")
    happen(api.engine, "west 1", audience="W")
    with api.stream(EAST, after=0) as east, api.stream(WEST, after=0) as west, api.stream(BOTH, after=0) as both:
        happen(api.engine, "network", audience="-")
        happen(api.engine, "east 2", audience="E")
        happen(api.engine, "west 2", audience="W")
        happen(api.engine, "end", audience="*")
        assert names(east, 3) == ["east 1", "east 2", "end"]
        assert names(west, 3) == ["west 1", "west 2", "end"]
        assert names(both, 5) == ["east 1", "west 1", "east 2", "west 2", "end"]


def test_a_reader_chooses_kinds(api: Served) -> None:
    happen(api.engine, "old stock", kind="stock.moved")
    happen(api.engine, "old plan", kind="plan.made")
    with api.stream(after=0, kind=["stock.", "job.late"]) as events:
        happen(api.engine, "job", kind="job.moved")
        happen(api.engine, "late", kind="job.late")
        happen(api.engine, "stock", kind="stock.moved")
        assert names(events, 3) == ["old stock", "late", "stock"]


def test_many_streams_hold_neither_connection_nor_thread(api: Served) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(api.stream([EAST, WEST, CENTRAL][count % 3])) for count in range(20)]
        happen(api.engine, "hello", audience="*")
        assert [names(events, 1) for events in streams] == [["hello"]] * 20
        assert len(api.hub._subscriptions) == 20
        assert api.ask("GET", "/events/log", EAST).json()["items"][0]["number"] == 1
        assert api.engine.pool.checkedout() <= 1  # type: ignore[attr-defined]
    happen(api.engine, "bye", audience="*")
    with api.stream(after=1) as events:
        assert names(events, 1) == ["bye"]


def test_a_slow_reader_is_dropped_and_resumes_without_loss(any_engine: Engine) -> None:
    small = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    wanted = [f"{count:03}" for count in range(400)]
    with served(any_engine, queue_max=8, http=small) as api:
        heard: list[str] = []
        connections = 0
        with api.stream() as events:
            happen(any_engine, *wanted, ballast="x" * 30_000)
            happen(any_engine, "end")
            relay(any_engine)
            with api.stream(after=400) as quick:
                assert names(quick, 1) == ["end"]
            heard += [name_of(event) for event in events if event]
        while heard[-1:] != ["end"]:
            connections += 1
            with api.stream(after=len(heard)) as events:
                for event in events:
                    heard.append(name_of(event))
                    if heard[-1] == "end":
                        break
        assert heard == [*wanted, "end"]
        assert connections > 0


def test_a_reader_that_takes_nothing_is_cut_off(any_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_STUCK_S", 0.3)
    with served(any_engine) as api:
        where = api.http.base_url
        with socket.create_connection((where.host, where.port or 80), timeout=30) as stuck:
            stuck.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-Actor: central\r\n\r\n")
            heard = b""
            while b"id: 0" not in heard:
                heard += stuck.recv(4_096)
            happen(any_engine, *"abcdefgh", ballast="x" * 2_000_000)
            until(lambda: not api.hub._subscriptions)
        # The reader may be cut off before the last of them has its number.
        until(lambda: api.ask("GET", "/events/log?after=7", CENTRAL).json()["items"])
        assert api.ask("GET", "/events/log?after=7", CENTRAL).json()["items"][0]["payload"]["name"] == "h"


@pytest.mark.postgres
def test_streams_outlive_the_connections_to_the_database(postgres_engine: Engine) -> None:
    with served(postgres_engine) as api, api.stream() as events:
        happen(postgres_engine, "a")
        assert names(events, 1) == ["a"]
        url = postgres_engine.url.render_as_string(hide_password=False)
        name = postgres_engine.url.query["dbname"]
        admin = open_engine(url.replace(str(name), "postgres")).execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            kill = text("SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            killed = {pid for pid, _told in connection.execute(kill, {"name": name})}
            assert killed
            alive = text("SELECT pid FROM pg_stat_activity")
            until(lambda: killed.isdisjoint(connection.execute(alive).scalars()))
        admin.dispose()
        happen(postgres_engine, "b")
        assert names(events, 1) == ["b"]


def test_a_burst_drops_nobody_who_keeps_reading(any_engine: Engine) -> None:
    wanted = [f"{count:04}" for count in range(1_500)]
    with served(any_engine) as api, api.stream() as events:
        with writing(any_engine, SYSTEM) as session:
            for name in wanted:
                emit(session, "job.moved", {"name": name}, NOW)
        assert names(events, len(wanted)) == wanted


def test_a_stream_ends_when_the_server_stops(any_engine: Engine) -> None:
    with served(any_engine) as api, api.stream() as events:
        happen(api.engine, "a")
        assert names(events, 1) == ["a"]
        api.edge.stopping.set()
        assert list(events) == []


@pytest.mark.parametrize("becomes", [None, replace(EAST, permissions=frozenset({"events.read"}))])
def test_a_stream_ends_with_the_login_or_its_rights(
    engine: Engine, becomes: Actor | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RECHECK_S", 0.05)
    with served(engine) as api, api.stream(WEST) as west, api.stream(EAST) as events:
        happen(engine, "a", audience="*")
        assert names(events, 1) == ["a"]
        if becomes is None:
            del api.actors["east"]
        else:
            api.actors["east"] = becomes
        assert list(events) == []
        happen(engine, "b", audience="*")
        assert names(west, 2) == ["a", "b"]


def test_a_heartbeat_keeps_the_connection(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    with served(engine) as api, api.stream() as events:
        assert next(events) == {"": "still here"}


def test_who_may_not_read_events_gets_none(api: Served) -> None:
    assert api.ask("GET", "/events", NOBODY).status_code == 403
    assert api.ask("GET", "/events/log", NOBODY).status_code == 403
    assert api.http.get("/events", headers={"x-actor": "stranger"}).status_code == 401
    assert api.ask("GET", "/events?after=-1", EAST).status_code == 422
    assert api.ask("GET", "/events", EAST, None, **{"Last-Event-ID": "x"}).status_code == 422
    assert api.ask("GET", "/events?kind=Job%25", EAST).status_code == 422


def test_the_log_lists_by_number_in_pages_what_is_in_scope(api: Served) -> None:
    happen(api.engine, *"abc")
    happen(api.engine, "d", audience="W")
    happen(api.engine, "e", kind="stock.moved")
    with api.stream(after=0) as events:
        names(events, 5)
    first = api.ask("GET", "/events/log?limit=2", EAST).json()
    assert [(one["number"], one["payload"]["name"]) for one in first["items"]] == [(1, "a"), (2, "b")]
    second = api.ask("GET", f"/events/log?limit=2&cursor={first['next']}", EAST).json()
    assert [one["number"] for one in second["items"]] == [3, 5]
    assert second["next"] is None
    assert [one["number"] for one in api.ask("GET", "/events/log?after=2&kind=job", EAST).json()["items"]] == [3]
    assert api.ask("GET", "/events/log?cursor=x", EAST).json()["code"] == "wrong_cursor"
