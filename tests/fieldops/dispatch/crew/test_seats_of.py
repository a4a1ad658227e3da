"""Which seats a job has."""

from __future__ import annotations

from fieldops.dispatch.crew.seats import SeatsWanted, seats_of
from fieldops.dispatch.execution.lifecycle import Terms
from fieldops.workforce.facts import SeatDemand
from fieldops.workforce.kinds import Seat


def test_what_a_job_asks_for_is_asked_of_every_seat_also_of_those_that_it_names() -> None:
    usual = SeatDemand(Seat.MECHANIC, frozenset({"BORE"}))
    typed = [SeatsWanted(SeatDemand(Seat.MECHANIC, frozenset({"B1"}), 2), 3)]
    found = seats_of(typed, usual, Terms(inspection=True))
    assert {seat: one.demand.qualifications for seat, one in found.items()} == {
        Seat.MECHANIC: {"B1", "BORE"},
        Seat.RELEASE_SIGNATORY: {"BORE"},
        Seat.INDEPENDENT_INSPECTOR: {"BORE"},
    }
    assert (found[Seat.MECHANIC].count, found[Seat.MECHANIC].demand.security_level) == (3, 2)
