"""Which seats a job has, which of them a plan fills and which it leaves."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.dispatch.execution.lifecycle import Ending, Terms
from fieldops.dispatch.rules import SeatsWanted, empty_seats, every_seat, seats_of, working_seat
from fieldops.workforce.facts import SeatDemand
from fieldops.workforce.kinds import SIGNING, Seat

RELEASED, ADVISED, PLAIN = Terms(), Terms(Ending.ADVISORY), Terms(Ending.PLAIN)


def test_what_a_job_asks_for_is_asked_of_every_seat_also_of_those_that_it_names() -> None:
    typed = [SeatsWanted(SeatDemand(Seat.MECHANIC, frozenset({"B1"}), 2), 3)]
    found = seats_of(typed, frozenset({"BORE"}), (), Terms(inspection=True))
    assert {seat: one.demand.qualifications for seat, one in found.items()} == {
        Seat.MECHANIC: {"B1", "BORE"},
        Seat.RELEASE_SIGNATORY: {"BORE"},
        Seat.INDEPENDENT_INSPECTOR: {"BORE"},
    }
    assert (found[Seat.MECHANIC].count, found[Seat.MECHANIC].demand.security_level) == (3, 2)


@pytest.mark.parametrize(
    ("scopes", "terms", "seats"),
    [
        ((), PLAIN, {Seat.MECHANIC}),
        ((), RELEASED, {Seat.MECHANIC, Seat.RELEASE_SIGNATORY}),
        (("line",), RELEASED, {Seat.RELEASE_SIGNATORY}),
        (("base", "inspection"), RELEASED, {Seat.RELEASE_SIGNATORY}),
        (("inspection",), PLAIN, {Seat.INDEPENDENT_INSPECTOR}),
        (("line",), ADVISED, {Seat.ADVISORY_ENGINEER}),
    ],
)
def test_a_job_that_names_no_seat_has_one_and_those_who_sign(
    scopes: tuple[str, ...], terms: Terms, seats: set[Seat]
) -> None:
    assert seats_of((), frozenset(), scopes, terms).keys() == seats


@given(st.dictionaries(st.sampled_from(Seat), st.integers(1, 3), min_size=1), st.lists(st.sampled_from(Seat)))
def test_every_seat_is_told_who_works_first_and_who_only_signs_last(counts: dict[Seat, int], taken: list[Seat]) -> None:
    seats = {seat: SeatsWanted(SeatDemand(seat), count) for seat, count in counts.items()}
    told = every_seat(seats)
    assert Counter(told) == Counter(counts)
    assert told[0] is working_seat(seats)
    signing = [seat in SIGNING and seat is not told[0] for seat in told]
    assert signing == sorted(signing)
    assert Counter(empty_seats(seats, taken)) <= Counter(told)
