"""Which seats a job has, and what each asks of who takes it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from fieldops.dispatch.execution.lifecycle import Ending, Terms
from fieldops.workforce.facts import SeatDemand
from fieldops.workforce.kinds import SIGNING, Seat


@dataclass(frozen=True, slots=True)
class SeatsWanted:
    """So many seats that ask for the same."""

    demand: SeatDemand
    count: int = 1

    @property
    def seat(self) -> Seat:
        """What one sits there for."""
        return self.demand.seat


def seats_of(typed: Sequence[SeatsWanted], usual: SeatDemand, terms: Terms) -> dict[Seat, SeatsWanted]:
    """Return the seats of a job: those that it names, or one as usual; and who must sign for it, whether named or not.

    `usual` is what the job asks of who does it alone. What it asks for is asked of everybody who works on it or signs,
    beside what a seat itself asks for.
    """
    found = {one.seat: one for one in typed} or {usual.seat: SeatsWanted(usual)}
    if terms.ending is Ending.RELEASE:
        found.setdefault(Seat.RELEASE_SIGNATORY, SeatsWanted(SeatDemand(Seat.RELEASE_SIGNATORY)))
    if terms.inspection:
        found.setdefault(Seat.INDEPENDENT_INSPECTOR, SeatsWanted(SeatDemand(Seat.INDEPENDENT_INSPECTOR)))
    return {seat: _asked_too(one, usual.qualifications) for seat, one in found.items()}


def _asked_too(wanted: SeatsWanted, qualifications: frozenset[str]) -> SeatsWanted:
    return replace(wanted, demand=replace(wanted.demand, qualifications=wanted.demand.qualifications | qualifications))


def working_seat(seats: Collection[Seat]) -> Seat | None:
    """Return the seat whose holder does the work of a job with these; without a mechanic who releases it or advises.

    >>> working_seat({Seat.RELEASE_SIGNATORY, Seat.TRAINEE})
    <Seat.RELEASE_SIGNATORY: 'release_signatory'>
    """
    works = (Seat.MECHANIC, Seat.RELEASE_SIGNATORY, Seat.ADVISORY_ENGINEER)
    return next((seat for seat in works if seat in seats), None)


def empty_seats(seats: dict[Seat, SeatsWanted], taken: Iterable[Seat]) -> list[Seat]:
    """Return the seats without which a job is not begun and that nobody has taken; who signs may come later."""
    counted = Counter(taken)
    hands = {seat: one for seat, one in seats.items() if seat not in SIGNING} or seats
    return sorted(seat for seat, one in hands.items() for _empty in range(one.count - counted[seat]))
