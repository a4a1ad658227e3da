"""What a job asks for: its seats, what each asks of who takes it, the level of its release. Pure; the only place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from fieldops.dispatch.execution.lifecycle import Ending, Terms
from fieldops.workforce.facts import SeatDemand
from fieldops.workforce.kinds import SIGNING, Seat

LINE, BASE, INSPECTION = "line", "base", "inspection"
_WORKING = (
    Seat.MECHANIC,
    Seat.RELEASE_SIGNATORY,
    Seat.ADVISORY_ENGINEER,
    Seat.INDEPENDENT_INSPECTOR,
    Seat.TRAINEE,
)


@dataclass(frozen=True, slots=True)
class SeatsWanted:
    """So many seats that ask for the same."""

    demand: SeatDemand
    count: int = 1

    @property
    def seat(self) -> Seat:
        """What one sits there for."""
        return self.demand.seat


Seats = Mapping[Seat, SeatsWanted]


def seats_of(
    typed: Collection[SeatsWanted], qualifications: frozenset[str], scopes: Collection[str], terms: Terms
) -> Seats:
    """Return the seats of a job: those that it names, or one; and who must sign for it, whether named or not.

    What the job itself asks for, `qualifications`, is asked of every seat beside what the seat asks; `scopes` are the
    words that the authorisations among them cover, which tell what the one seat of a job that names none is.
    """
    found = {one.seat: one for one in typed}
    if not found:
        only = _only_seat(scopes, terms)
        found[only] = SeatsWanted(SeatDemand(only))
    if terms.ending is Ending.RELEASE:
        found.setdefault(Seat.RELEASE_SIGNATORY, SeatsWanted(SeatDemand(Seat.RELEASE_SIGNATORY)))
    if terms.inspection:
        found.setdefault(Seat.INDEPENDENT_INSPECTOR, SeatsWanted(SeatDemand(Seat.INDEPENDENT_INSPECTOR)))
    return {seat: _asked_too(one, qualifications) for seat, one in found.items()}


def _only_seat(scopes: Collection[str], terms: Terms) -> Seat:
    if terms.ending is Ending.ADVISORY:
        return Seat.ADVISORY_ENGINEER
    if LINE in scopes or BASE in scopes:
        return Seat.RELEASE_SIGNATORY
    return Seat.INDEPENDENT_INSPECTOR if INSPECTION in scopes else Seat.MECHANIC


def _asked_too(wanted: SeatsWanted, qualifications: frozenset[str]) -> SeatsWanted:
    return replace(wanted, demand=replace(wanted.demand, qualifications=wanted.demand.qualifications | qualifications))


def level_of(scopes: Collection[str]) -> str:
    """Return the level of the release of a job that does not name it."""
    return BASE if BASE in scopes else LINE


def working_seat(seats: Collection[Seat]) -> Seat:
    """Return the seat, of at least one, whose holder does the work; without a mechanic who releases it or advises.

    >>> working_seat({Seat.RELEASE_SIGNATORY, Seat.TRAINEE})
    <Seat.RELEASE_SIGNATORY: 'release_signatory'>
    """
    return min(seats, key=_WORKING.index)


def empty_seats(seats: Seats, taken: Iterable[Seat]) -> list[Seat]:
    """Return the seats without which a job is not begun and that nobody has taken; who signs may come later."""
    counted = Counter(taken)
    hands = {seat: one for seat, one in seats.items() if seat not in SIGNING} or seats
    return sorted(seat for seat, one in hands.items() for _empty in range(one.count - counted[seat]))


def every_seat(seats: Seats) -> list[Seat]:
    """Return all seats of a job: of who does the work first, of who only signs last.

    The place of a seat in this order is its position in the plans.
    """
    working = working_seat(seats)
    order = sorted(seats, key=lambda seat: (seat is not working, seat in SIGNING, _WORKING.index(seat)))
    return [seat for seat in order for _one in range(seats[seat].count)]
