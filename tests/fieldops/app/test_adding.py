"""What the API adds, and that many may add at once."""

from __future__ import annotations

from uuid import uuid4

from fieldops.checking import check_ledgers
from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import Api
from tests.rivals import at_once


def test_moves_change_the_balances(api: Api) -> None:
    moves = [bodies.move(), bodies.move(move_id=str(uuid4()), part="FILTER-1", quantity="1")]
    answer = api.post("/stock/moves", moves)
    assert answer.status_code == 201
    assert [one["move_id"] for one in answer.json()] == [one["move_id"] for one in moves]
    held = {one["part"]: one["quantity"] for one in api.get("/stock/balances", place="VTE")["items"]}
    assert held == {"BRAKE-1": "1.000000", "FILTER-1": "1.000000", "LAMP-1": "7.000000"}
    assert check_ledgers(api.engine).sound


def test_a_move_without_id_is_given_one(api: Api) -> None:
    answer = api.post("/stock/moves", [bodies.without(bodies.move(), "move_id")])
    assert answer.status_code == 201
    assert answer.json()[0]["move_id"]


def test_an_added_job_comes_back_as_it_will_be_read(api: Api) -> None:
    answer = api.post("/jobs", bodies.job())
    assert answer.status_code == 201
    added = answer.json()
    assert (added["region"], added["status"], added["window_start"]) == ("SEA", "open", "2026-03-03T01:00:00Z")
    assert added in api.get("/jobs", priority="CRITICAL")["items"]


def test_an_added_technician_comes_back_as_it_will_be_read(api: Api) -> None:
    answer = api.post("/technicians", bodies.technician())
    assert answer.status_code == 201
    assert answer.json()["cost_per_h"] == "21.5000"
    assert answer.json() in api.get("/technicians", region="SEA")["items"]


def test_more_writers_than_connections_and_threads_all_come_through(api: Api) -> None:
    api.post("/stock/moves", [bodies.move(move_id=str(uuid4()), origin="ADJUSTMENT", destination="XIY", quantity="60")])

    def post(number: int) -> int:
        return api.post("/stock/moves", [bodies.move(move_id=str(uuid4()), quantity="1")]).status_code

    assert at_once(60, post) == [201] * 60
    held = {one["part"]: one["quantity"] for one in api.get("/stock/balances", place="VTE")["items"]}
    assert held["LAMP-1"] == "65.000000"
    assert check_ledgers(api.engine).sound
