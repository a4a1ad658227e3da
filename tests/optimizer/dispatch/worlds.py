"""Tiny dispatch problems built by hand from defaults, one in which each rule decides.

Places on a line, a second and a money apart per unit; labour costs one a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.dispatch.jobs import Job, PartNeed, Pin, PinKind, Removed, Running, Seat
from optimizer.dispatch.model import ChangeCost, Depot, Flight, Precedence, Problem, Together, Travel
from optimizer.dispatch.technicians import Appointment, Band, Break, Pay, Shift, Technician, Validity, Window

HOME, NEAR, STORE, FAR = range(4)
LINE = np.array([0.0, 2.0, 3.0, 5.0])
A_SECOND = 3600.0
"""A rate per hour that makes one a second."""

PAY = Pay(per_h=A_SECOND)
SECOND = (Band(0.0, A_SECOND),)
Pair = tuple[Problem, Problem]
"""A problem in which a rule decides, and the same without the rule."""


def shift(start_s: float = 0, end_s: float = 100, place: int = HOME, **changes: Any) -> Shift:
    """A shift that begins and ends at one place."""
    return Shift(start_s, end_s, place, place, **changes)


def technician(code: str = "A", *shifts: Shift, **changes: Any) -> Technician:
    """A technician at HOME in a long shift."""
    return Technician(code, shifts or (shift(),), **{"pay": PAY, **changes})


def job(number: str = "J1", place: int = NEAR, duration_s: float = 4, **changes: Any) -> Job:
    """A job that costs 1,000 if nobody does it. At NEAR from HOME it takes 2 + 4 + 2 s and costs 8 + 4."""
    return Job(number, place, duration_s, **{"unserved_cost": 1000.0, **changes})


def world(*jobs: Job, people: Sequence[Technician] = (), **changes: Any) -> Problem:
    """The line of HOME, NEAR, STORE and FAR."""
    apart = np.abs(LINE[:, None] - LINE[None, :])
    return Problem(
        ("HOME", "NEAR", "STORE", "FAR"),
        {"road": Travel(apart, apart)},
        tuple(people) or (technician(),),
        jobs or (job(),),
        **changes,
    )


def of_job(told: dict[str, Any], without: dict[str, Any], person: Technician | None = None, **world_: Any) -> Pair:
    """A pair that differs in one job."""
    people = [person or technician()]
    return world(job(**told), people=people, **world_), world(job(**without), people=people, **world_)


def of_person(told: Technician, without: Technician, *jobs: Job, **world_: Any) -> Pair:
    """A pair that differs in one technician."""
    return world(*jobs, people=[told], **world_), world(*jobs, people=[without], **world_)


def short(end_s: float, **changes: Any) -> Technician:
    """A technician whose shift ends soon."""
    return technician("A", shift(0, end_s), **changes)


def windows() -> Pair:
    """Neither window can be kept: the first is over on arrival, the second too late to be back."""
    return of_job({"windows": (Window(0, 1), Window(15, 20))}, {}, short(20))


def release() -> Pair:
    """Released too late to be back."""
    return of_job({"release_s": 15}, {}, short(20))


def lateness() -> Pair:
    """A second late on the first possible day."""
    return of_job({"due_s": 5, "lateness": SECOND}, {"lateness": SECOND})


def worst_lateness() -> Pair:
    """The same second, priced as the worst."""
    return of_job({"due_s": 5}, {}, worst_lateness_per_h=A_SECOND)


def overtime() -> Pair:
    """A second beyond the shift costs two more."""
    paid = replace(PAY, overtime=(Band(0.0, 2 * A_SECOND),))
    long = shift(0, 7, overtime_s=5)
    return of_person(technician("A", long, pay=paid), technician("A", long))


def overtime_limit() -> Pair:
    """A second beyond the shift is not allowed."""
    return of_person(short(7), technician("A", shift(0, 7, overtime_s=5)))


def rest() -> Pair:
    """The rest before the next shift leaves no overtime."""
    shifts = (shift(0, 7, overtime_s=5), shift(10, 12))
    return of_person(technician("A", *shifts, rest_s=3), technician("A", *shifts))


def breaks() -> Pair:
    """Whoever leaves in time for the job owes a break that takes the time for it."""
    return of_person(technician("A", shift(0, 11, breaks=(Break(3, 4, 5),))), short(11))


def nights() -> Pair:
    """Five of the eight seconds fall in the night."""
    return of_person(short(9, pay=replace(PAY, night_per_h=A_SECOND, nights=(Window(0, 6),))), short(9))


def call_out() -> Pair:
    """Being called costs 50."""
    return of_person(technician(pay=replace(PAY, call_out=50)), technician())


def fairness() -> Pair:
    """Each of the eight seconds weighs once more."""
    return of_person(technician(pay=replace(PAY, fairness_per_h=A_SECOND)), technician())


def capacity() -> Pair:
    """Two jobs, and room for one."""
    jobs = job(load=1), job("J2", load=1)
    return of_person(technician(capacity=1), technician(capacity=2), *jobs)


def kit() -> Pair:
    """The part is not in the kit, and nowhere else."""
    return of_person(technician(), technician(parts={"p": 1}), job(parts=(PartNeed(("p",)),)))


def depot_stop() -> Pair:
    """The part is at the STORE, a detour of two."""
    asks, store = job(parts=(PartNeed(("p",)),)), (Depot("D", STORE, {"p": 1}),)
    return of_person(technician(), technician(parts={"p": 1}), asks, depots=store)


def depot_stock() -> Pair:
    """Two jobs, and one part at the STORE."""
    jobs = [job(number, parts=(PartNeed(("p",)),)) for number in ("J1", "J2")]
    return world(*jobs, depots=(Depot("D", STORE, {"p": 1}),)), world(*jobs, depots=(Depot("D", STORE, {"p": 2}),))


def depot_window() -> Pair:
    """The STORE closes before anybody can be there."""
    asks, open_, closed = job(parts=(PartNeed(("p",)),)), Depot("D", STORE, {"p": 1}), Window(0, 2)
    return world(asks, depots=(replace(open_, window=closed),)), world(asks, depots=(open_,))


def tools() -> Pair:
    """A tool that nobody has."""
    return of_person(technician(), technician(tools=frozenset("t")), job(tools=frozenset("t")))


def alternates() -> Pair:
    """Only the alternate is in the kit."""
    needs = [(PartNeed(("p", "q"), alternate_cost=cost),) for cost in (7, 0)]
    return of_job({"parts": needs[0]}, {"parts": needs[1]}, technician(parts={"q": 1}))


def delivery() -> Pair:
    """The part is delivered too late to be back."""
    needs = [(PartNeed(("p",), ready_s=ready_s, carried=False),) for ready_s in (15, 5)]
    return of_job({"parts": needs[0]}, {"parts": needs[1]}, short(20))


def shared_tools() -> Pair:
    """Two technicians in one shift, each with time for one job, and one tool for both."""
    jobs = [job(number, shared_tools=frozenset("t")) for number in ("J1", "J2")]
    people = [technician(code, shift(0, 9)) for code in "AB"]
    return world(*jobs, people=people, shared_tools={"t": 1}), world(*jobs, people=people, shared_tools={"t": 2})


def crew() -> Pair:
    """Two seats, and one technician."""
    return of_job({"seats": (Seat("first"), Seat("second"))}, {})


def crew_at_once() -> Pair:
    """Two seats at once, and two technicians whose shifts do not meet."""
    people = [technician("A", shift(0, 10)), technician("B", shift(10, 20))]
    seats = [(Seat("first"), Seat("second", after_max_s=most_s)) for most_s in (0, 40)]
    return world(job(seats=seats[0]), people=people), world(job(seats=seats[1]), people=people)


def crew_in_turn() -> Pair:
    """The second seat begins ten after the first: too late to be back."""
    people = [technician(code, shift(0, 12)) for code in "AB"]
    seats = [(Seat("first"), Seat("second", after_min_s=gap_s, after_max_s=10)) for gap_s in (10, 0)]
    return world(job(seats=seats[0]), people=people), world(job(seats=seats[1]), people=people)


def precedence(**told: Any) -> Pair:
    """The second job may begin ten after the first: too late to be back."""
    people, jobs = [short(14)], (job(), job("J2"))
    ties = (Precedence("J1", "J2", **(told or {"gap_min_s": 10})),)
    return world(*jobs, people=people, precedence=ties), world(*jobs, people=people)


def precedence_at_once() -> Pair:
    """Two jobs that begin together, and one technician."""
    return precedence(gap_max_s=0, from_start=True)


def same() -> Pair:
    """Two jobs by one person, and nobody with time for both."""
    return _together(True, [technician(code, shift(0, 9)) for code in "AB"])


def different() -> Pair:
    """Two jobs by two people, and one technician."""
    return _together(False, [technician()])


def _together(is_same: bool, people: list[Technician]) -> Pair:
    jobs = job(), job("J2")
    return world(*jobs, people=people, together=(Together("J1", "J2", is_same),)), world(*jobs, people=people)


def near_and_far() -> list[Technician]:
    """A at HOME, two from NEAR, and B at FAR, three from there."""
    return [technician("A"), technician("B", shift(place=FAR))]


def pinned() -> Pair:
    """Pinned to the one from FAR."""
    pin, people = Pin(PinKind.ASSIGNED, ("B",)), near_and_far()
    return world(job(pin=pin), people=people), world(job(), people=people)


def sequenced() -> Pair:
    """The far job is pinned to the head, so the near one is late."""
    late, pin = job(due_s=6, lateness=SECOND), Pin(PinKind.SEQUENCED, ("A",), 9.0)
    return world(late, job("J2", FAR, pin=pin)), world(late, job("J2", FAR))


def started() -> Pair:
    """Begun at a second that makes it late."""
    late = {"due_s": 6, "lateness": SECOND}
    return of_job({**late, "pin": Pin(PinKind.STARTED, ("A",), 10.0)}, late)


def plan_change() -> Pair:
    """The one from FAR was told to do it; to change that costs three."""
    told, people = job(running=Running(("B",), 2.0)), near_and_far()
    return world(told, people=people, change=ChangeCost(technician=3)), world(told, people=people)


def plan_moved() -> Pair:
    """Told to begin before anybody can be there: a second later, doubled as it is near."""
    told = {"running": Running(("A",), 1.0)}
    return of_job(told, {}, change=ChangeCost(per_h=A_SECOND, near_s=10), now_s=1)


def changes_max() -> Pair:
    """The one from FAR was told to do it, and nobody may change."""
    told, people = job(running=Running(("B",), 2.0)), near_and_far()
    return world(told, people=people, change=ChangeCost(changes_max=0)), world(told, people=people)


def budget() -> Pair:
    """Money for three of the four of travel."""
    return world(people=[technician(region="R")], budgets={"R": 3}), world(people=[technician(region="R")])


def preferred() -> Pair:
    """The one from FAR is preferred; the other costs three more."""
    asks, people = job(preferred=frozenset("B"), unpreferred_cost=3), near_and_far()
    return world(asks, people=people), world(job(), people=people)


def forbidden() -> Pair:
    """The one from HOME may not."""
    people = near_and_far()
    return world(job(forbidden=frozenset("A")), people=people), world(job(), people=people)


def flights() -> Pair:
    """Too far by road, in time by air."""
    there_and_back = Flight(HOME, FAR, 0, 1, 0.0), Flight(FAR, HOME, 6, 7, 0.0)
    return of_person(short(8), short(8, flies=True), job(place=FAR), flights=there_and_back)


def proficiency() -> Pair:
    """Takes twice as long."""
    return of_person(technician(proficiency={"k": 2}), technician(), job(kind="k"))


def removed() -> Pair:
    """The removed unit's place is not where the tour ends."""
    return of_job({"removed": Removed(FAR, 5)}, {"removed": Removed(HOME, 5)})


def appointment() -> Pair:
    """A date in the middle leaves no time for the job."""
    return of_person(short(12, appointments=(Appointment("school", HOME, 5, 3),)), short(12))


def qualification() -> Pair:
    """What the seat asks for runs out before the end of the job."""
    held = [short(20, qualifications={"q": (Validity(0, until_s),)}) for until_s in (5, 10)]
    return of_person(held[0], held[1], job(seats=(Seat(qualifications=frozenset("q")),)))


def permission() -> Pair:
    """The permission runs out before the end of the job."""
    seats = [(Seat(permitted={"A": (Validity(0, until_s),)}),) for until_s in (5, 10)]
    return of_job({"seats": seats[0]}, {"seats": seats[1]}, short(20))


def outsourcing() -> Pair:
    """Nobody else can do it for ten."""
    return of_job({}, {"outsourcing_cost": 10})


def deferral() -> Pair:
    """It cannot wait for ten."""
    return of_job({}, {"deferral_cost": 10})


def mandatory() -> Pair:
    """Dearer to do than to leave out, and done."""
    return of_job({"unserved_cost": 5, "mandatory": True}, {"unserved_cost": 5})


def away() -> Problem:
    """Two shifts of one who stays out: an hour of work at FAR that pauses over night. Not for brute force."""
    shifts = tuple(shift(start_s, start_s + 8) for start_s in (0, 20))
    return world(job(place=FAR, duration_s=4, pausable=True), people=[technician("A", *shifts, away=True)])


DECIDING: dict[Callable[[], Pair], tuple[float, float]] = {
    windows: (1000, 12),
    release: (1000, 12),
    lateness: (13, 12),
    worst_lateness: (13, 12),
    overtime: (14, 12),
    overtime_limit: (1000, 12),
    rest: (1000, 12),
    breaks: (1000, 12),
    nights: (17, 12),
    call_out: (62, 12),
    fairness: (20, 12),
    capacity: (1012, 16),
    kit: (1000, 12),
    depot_stop: (16, 12),
    depot_stock: (1016, 20),
    depot_window: (1000, 16),
    tools: (1000, 12),
    alternates: (19, 12),
    delivery: (1000, 12),
    shared_tools: (1012, 24),
    crew: (1000, 12),
    crew_at_once: (1000, 24),
    crew_in_turn: (1000, 24),
    precedence: (1012, 16),
    precedence_at_once: (1012, 16),
    same: (1012, 24),
    different: (1012, 16),
    pinned: (16, 12),
    sequenced: (38, 28),
    started: (20, 12),
    plan_change: (15, 12),
    plan_moved: (14, 12),
    changes_max: (16, 12),
    budget: (1000, 12),
    preferred: (15, 12),
    forbidden: (16, 12),
    flights: (1000, 7),
    proficiency: (16, 12),
    removed: (12, 7),
    appointment: (1003, 12),
    qualification: (1000, 12),
    permission: (1000, 12),
    outsourcing: (12, 10),
    deferral: (12, 10),
    mandatory: (12, 5),
}
"""The least cost of each pair, with the rule and without."""
