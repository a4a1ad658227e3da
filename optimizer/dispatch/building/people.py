"""Technicians and their shifts as tours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.dispatch.building.flat import begins, flags, floats, ints
from optimizer.dispatch.model import Problem
from optimizer.dispatch.technicians import Appointment, Break, Shift, Technician


@dataclass(frozen=True, slots=True)
class Tour:
    """One route that a technician can have: a shift, or all shifts of one who stays away; `end_s` with overtime."""

    person: int
    shift: int
    shifts: tuple[Shift, ...]
    end_s: float

    @property
    def start_s(self) -> float:
        """When it may begin."""
        return self.shifts[0].start_s

    @property
    def from_place(self) -> int:
        """Where it begins."""
        return self.shifts[0].start_place

    @property
    def to_place(self) -> int:
        """Where it ends."""
        return self.shifts[-1].end_place

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breaks of its shifts as they fall due: one may be due after another of a later shift."""
        return tuple(sorted((pause for shift in self.shifts for pause in shift.breaks), key=lambda one: one.latest_s))


def tours_of(problem: Problem) -> list[Tour]:
    """Return all tours, in the order of technicians and shifts."""
    found = []
    for number, person in enumerate(problem.technicians):
        if person.away and person.shifts:
            found.append(Tour(number, 0, person.shifts, person.shifts[-1].end_s))
            continue
        for index, shift in enumerate(person.shifts):
            found.append(Tour(number, index, (shift,), shift.end_s + overtime_s(person, index)))
    return found


def overtime_s(person: Technician, index: int) -> float:
    """Return how long a shift may last beyond its end: no longer than the rest before the next allows."""
    shift = person.shifts[index]
    if index + 1 == len(person.shifts):
        return shift.overtime_s
    return max(0.0, min(shift.overtime_s, person.shifts[index + 1].start_s - person.rest_s - shift.end_s))


def binds(person: Technician, date: Appointment) -> bool:
    """Say whether an appointment lies in a shift, overtime included, or in part of one."""
    return any(_meets(person, index, date) for index in range(len(person.shifts)))


def _meets(person: Technician, index: int, date: Appointment) -> bool:
    shift = person.shifts[index]
    begins_s = max(shift.start_s, date.start_s)
    over_s = 0.0 if person.away else overtime_s(person, index)
    ends_s = min(shift.end_s + over_s, date.start_s + date.duration_s)
    return begins_s < ends_s or (begins_s == ends_s and not date.duration_s)


def tour_arrays(problem: Problem, tours: Sequence[Tour]) -> dict[str, object]:
    """Return the arrays of `kernel.arrays.Data` that tell of tours, but for what ops ask of them."""
    people = [problem.technicians[tour.person] for tour in tours]
    modes = sorted(problem.travel)
    regions = sorted({person.region for person in problem.technicians})
    pays = [person.pay for person in people]
    moments = sorted({tour.start_s for tour in tours}) if problem.shared_tools else []
    held = [
        [index for index, moment in enumerate(moments) if tour.start_s <= moment < tour.shifts[-1].end_s]
        for tour in tours
    ]
    nights = [[span for span in pay.nights if pay.night_per_h] for pay in pays]
    breaks = [tour.breaks for tour in tours]
    away = [tour.shifts if person.away else () for tour, person in zip(tours, people, strict=True)]
    flies = [person.flies and bool(problem.flights) for person in people]
    rates = [(pay.per_h + pay.fairness_per_h) / 3600 for pay in pays]
    return {
        "travel_s": np.array([problem.travel[mode].seconds for mode in modes]).reshape(
            len(modes), *(2 * [len(problem.places)])
        ),
        "travel_cost": np.array([problem.travel[mode].cost for mode in modes]).reshape(
            len(modes), *(2 * [len(problem.places)])
        ),
        "tour_mode": ints([[modes.index(person.mode)] for person in people]),
        "tour_person": ints([[tour.person] for tour in tours]),
        "tour_region": ints([[regions.index(person.region)] for person in people]),
        "tour_from": ints([[tour.from_place] for tour in tours]),
        "tour_to": ints([[tour.to_place] for tour in tours]),
        "tour_start_s": floats([[tour.start_s] for tour in tours]),
        "tour_end_s": floats([[tour.end_s] for tour in tours]),
        "tour_over_s": floats([[tour.shifts[-1].end_s] for tour in tours]),
        "tour_rate": floats([rates]),
        "tour_call": floats([[pay.call_out] for pay in pays]),
        "tour_capacity": floats([[person.capacity] for person in people]),
        "tour_timed": flags(
            [[rate > 0 or bool(pay.overtime) for rate, pay in zip(rates, pays, strict=True)]],
        ),
        "over_at": begins([pay.overtime for pay in pays]),
        "over_after_s": floats([[band.after_s for band in pay.overtime] for pay in pays]),
        "over_rate": floats([[band.per_h / 3600 for band in pay.overtime] for pay in pays]),
        "night_at": begins(nights),
        "night_from_s": floats([[span.from_s for span in spans] for spans in nights]),
        "night_until_s": floats([[span.until_s for span in spans] for spans in nights]),
        "night_rate": floats([[pay.night_per_h / 3600 if pay.nights else 0.0] for pay in pays]),
        "moments_at": begins(held),
        "moments": ints(held),
        "moment_count": len(moments),
        "budget": floats([[problem.budgets.get(region, math.inf) for region in regions]]),
        "breaks_at": begins(breaks),
        "break_from_s": floats([[pause.earliest_s for pause in pauses] for pauses in breaks]),
        "break_until_s": floats([[pause.latest_s for pause in pauses] for pauses in breaks]),
        "break_length_s": floats([[pause.duration_s for pause in pauses] for pauses in breaks]),
        "break_paid": flags([[pause.paid for pause in pauses] for pauses in breaks]),
        "shifts_at": begins(away),
        "shift_start_s": floats([[shift.start_s for shift in shifts] for shifts in away]),
        "shift_end_s": floats([[shift.end_s for shift in shifts] for shifts in away]),
        "tour_flies": flags([flies]),
        **_flights(problem),
    }


def _flights(problem: Problem) -> dict[str, object]:
    pairs = sorted({(flight.origin, flight.destination) for flight in problem.flights})
    size = len(problem.places) if pairs else 1
    table = np.full((size, size), -1, dtype=np.int64)
    grouped = []
    for index, (origin, destination) in enumerate(pairs):
        table[origin, destination] = index
        grouped.append(
            sorted(
                (flight for flight in problem.flights if (flight.origin, flight.destination) == (origin, destination)),
                key=lambda flight: (flight.departs_s, flight.arrives_s, flight.cost),
            )
        )
    return {
        "flight_pair": table,
        "flights_at": begins(grouped),
        "flight_departs_s": floats([[flight.departs_s for flight in group] for group in grouped]),
        "flight_arrives_s": floats([[flight.arrives_s for flight in group] for group in grouped]),
        "flight_cost": floats([[flight.cost for flight in group] for group in grouped]),
    }
