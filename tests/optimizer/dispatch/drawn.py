"""Tiny dispatch problems drawn with any mix of rules, for `hypothesis`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from optimizer.dispatch.jobs import Job, PartNeed, Pin, PinKind, Removed, Running, Seat
from optimizer.dispatch.model import ChangeCost, Depot, Flight, Precedence, Problem, Together, Travel
from optimizer.dispatch.technicians import Appointment, Band, Break, Pay, Shift, Technician, Validity, Window
from tests.optimizer.dispatch.worlds import A_SECOND


@st.composite
def problems(draw: st.DrawFn, jobs_max: int = 5) -> Problem:
    """Draw a problem with up to three technicians, up to two shifts each, a few jobs, and any mix of rules.

    Ways obey the triangle inequality; nobody is away; all times and rates are whole for `brute`. Money that grows with
    time is not under a budget. Pins and appointments may contradict each other: then there is no plan.
    """
    size = draw(st.integers(2, 4))
    budgeted = draw(st.integers(0, 3)) == 0
    people = [draw(_people(code, size, budgeted)) for code in "ABC"[: draw(st.integers(1, 3))]]
    codes = [person.code for person in people]
    jobs = [draw(_jobs(f"J{number}", size, codes)) for number in range(draw(st.integers(1, jobs_max)))]
    pairs = [(before.number, after.number) for before, after in pairwise(jobs)]
    return Problem(
        tuple("WXYZ"[:size]),
        {"road": Travel(draw(_closed(size, 6)), draw(_closed(size, 9)))},
        tuple(people),
        tuple(jobs),
        depots=tuple(draw(st.lists(_depots(size), max_size=2, unique_by=lambda one: one.code))),
        flights=tuple(draw(st.lists(_flights(size), max_size=2))),
        precedence=tuple(draw(_ties(*pair)) for pair in pairs if _rarely(draw)),
        together=tuple(Together(*pair, draw(st.booleans())) for pair in pairs if _rarely(draw)),
        shared_tools={"s": draw(st.integers(0, 2))},
        budgets={"R": float(draw(st.integers(0, 30)))} if budgeted else {},
        change=ChangeCost(*draw(st.tuples(_money, _rates, st.sampled_from((0, 8)), st.none() | st.integers(0, 2)))),
        worst_lateness_per_h=draw(_rates),
        now_s=draw(st.sampled_from((0, 4))),
    )


@st.composite
def wide_problems(draw: st.DrawFn) -> Problem:
    """Draw a problem with what `brute` does not know as well: people away, two modes and regions, crews of three.

    Half of them have fractions of seconds everywhere; and a third have hard windows only, so that the engine reckons
    them by segments.
    """
    problem = draw(problems(jobs_max=9))
    size = len(problem.places)
    people = tuple(_widened(draw, person) for person in problem.technicians)
    budgets = dict(problem.budgets)
    if budgets:
        regions = {person.region for person in people}
        budgets = {one: float(draw(st.integers(0, 30))) for one in "RS" if one in regions}
    jobs = tuple(
        replace(job, pausable=draw(st.booleans()), seats=(*job.seats, Seat("third", after_max_s=4)), running=None)
        if len(people) > 2 and job.pin is None and _rarely(draw, 8)
        else replace(job, pausable=draw(st.booleans()))
        for job in problem.jobs
    )
    modes = {**problem.travel, "van": Travel(draw(_closed(size, 6)), draw(_closed(size, 9)))}
    problem = replace(problem, technicians=people, jobs=jobs, travel=modes, budgets=budgets)
    if _rarely(draw, 3):
        problem = tightened(problem)
    if draw(st.booleans()):
        try:
            problem = stretched(problem, 1.0 / 0.7)
        except ValueError:  # a rest that is rounded up no longer fits between its shifts
            reject()
    return problem


def _widened(draw: st.DrawFn, person: Technician) -> Technician:
    """Return a technician who may travel by van, belong to another region, stay away, and have a second break."""
    shifts = tuple(
        replace(one, breaks=(*one.breaks, Break(one.start_s + 18, one.start_s + 20, 1))) if _rarely(draw, 4) else one
        for one in person.shifts
    )
    mode, region = draw(st.sampled_from(("road", "van"))), draw(st.sampled_from("RS"))
    return replace(person, shifts=shifts, mode=mode, region=region, away=_rarely(draw))


def tightened(problem: Problem) -> Problem:
    """Return a problem without what makes the time within a window matter: late, far, by air, at night, in company."""
    people = [
        replace(
            person,
            shifts=tuple(replace(shift, breaks=()) for shift in person.shifts),
            pay=replace(person.pay, night_per_h=0.0),
            flies=False,
            away=False,
        )
        for person in problem.technicians
    ]
    jobs = [
        replace(job, seats=job.seats[:1], windows=job.windows[:1], lateness=(), running=None, pin=_first_of(job.pin))
        for job in problem.jobs
    ]
    return replace(
        problem, technicians=tuple(people), jobs=tuple(jobs), precedence=(), worst_lateness_per_h=0.0, flights=()
    )


def _first_of(pin: Pin | None) -> Pin | None:
    return None if pin is None else replace(pin, technicians=pin.technicians[:1])


def stretched(given: Any, factor: float) -> Any:
    """Return a problem, or a piece of one, with every time that many times as long; what money an hour costs stays."""
    if isinstance(given, tuple):
        return tuple(stretched(one, factor) for one in given)
    if isinstance(given, Mapping):
        return {name: stretched(one, factor) for name, one in given.items()}
    if isinstance(given, Travel):
        return Travel(given.seconds * factor, given.cost)
    if not is_dataclass(given) or isinstance(given, type):
        return given
    changes = {}
    for field in fields(given):
        value = getattr(given, field.name)
        is_time = field.name.endswith("_s") and value is not None
        changes[field.name] = value * factor if is_time else stretched(value, factor)
    return replace(given, **changes)


_money = st.integers(0, 9)
_rates = st.sampled_from((0.0, A_SECOND, 2 * A_SECOND))


def _rarely(draw: st.DrawFn, one_in: int = 5) -> bool:
    return draw(st.sampled_from(range(one_in))) == one_in - 1


@st.composite
def _closed(draw: st.DrawFn, size: int, most: int) -> Any:
    """Draw an asymmetric table in which no detour is shorter."""
    table = np.array([[draw(st.integers(0, most)) for _ in range(size)] for _ in range(size)], dtype=float)
    np.fill_diagonal(table, 0)
    for via in range(size):
        table = np.minimum(table, table[:, via, None] + table[None, via, :])
    return table


@st.composite
def _people(draw: st.DrawFn, code: str, size: int, budgeted: bool) -> Technician:
    places = st.integers(0, size - 1)
    shifts, since_s = [], draw(st.integers(0, 5))
    for _ in range(draw(st.integers(1, 2))):
        until_s = since_s + draw(st.integers(6, 30))
        breaks = (draw(_breaks(since_s)),) if _rarely(draw) else ()
        shifts.append(Shift(since_s, until_s, draw(places), draw(places), draw(st.integers(0, 6)), breaks))
        since_s = until_s + draw(st.integers(4, 8))
    dates = (Appointment("date", draw(places), draw(st.integers(4, 30)), 2),) if _rarely(draw, 8) else ()
    timely = not budgeted
    return Technician(
        code,
        tuple(shifts),
        qualifications={"q": draw(_validities())},
        pay=Pay(
            draw(_rates),
            (Band(0, draw(_rates)), Band(2, draw(_rates))) if timely else (),
            draw(_rates) if timely else 0.0,
            (Window(draw(st.integers(0, 20)), draw(st.integers(20, 40))),),
            draw(_money),
            draw(_rates),
        ),
        region="R",
        flies=draw(st.booleans()),
        rest_s=draw(st.integers(0, 4)),
        appointments=dates,
        proficiency={"k": draw(st.sampled_from((0.5, 1, 2)))},
        tools=frozenset(draw(st.sampled_from(("", "t")))),
        parts={"p": draw(st.integers(0, 2)), "r": draw(st.integers(0, 1))},
        capacity=draw(st.sampled_from((1, 3, np.inf))),
    )


@st.composite
def _breaks(draw: st.DrawFn, since_s: int) -> Break:
    earliest_s = since_s + draw(st.integers(0, 8))
    return Break(earliest_s, earliest_s + draw(st.integers(0, 6)), draw(st.integers(0, 4)), draw(st.booleans()))


@st.composite
def _validities(draw: st.DrawFn) -> tuple[Validity, ...]:
    """Draw up to two spans, which may meet, have a gap, or overlap."""
    spans, since_s = [], draw(st.sampled_from((0, 0, 0, 6)))
    for _ in range(draw(st.integers(0, 2))):
        until_s = since_s + draw(st.sampled_from((5, 20, 100)))
        spans.append(Validity(since_s, until_s))
        since_s = until_s + draw(st.integers(-2, 2))
    return tuple(spans)


@st.composite
def _jobs(draw: st.DrawFn, number: str, size: int, codes: list[str]) -> Job:
    seats = [Seat(qualifications=frozenset(draw(st.sampled_from(("", "", "q")))))]
    if len(codes) > 1 and _rarely(draw):
        gap_s = draw(st.integers(0, 3))
        seats.append(Seat("second", frozenset(), None, draw(st.none() | st.just(2)), gap_s, gap_s + gap_s))
    if _rarely(draw):
        seats[0] = replace(seats[0], permitted={code: draw(_validities()) for code in codes})
    pin, running = None, None
    crew = tuple(draw(st.permutations(codes))[: len(seats)])
    if _rarely(draw, 15):
        kind = draw(st.sampled_from(PinKind))
        pin = Pin(kind, crew, draw(st.integers(4, 16)))
    if _rarely(draw):
        told_s = draw(st.integers(0, 20))
        running = Running(crew, told_s, 7 * (told_s % 2))
    opens = sorted(draw(st.lists(st.integers(0, 30), min_size=4, max_size=4, unique=True)))
    windows_ = (Window(opens[0], opens[1]), Window(opens[2], opens[3]))
    return Job(
        number,
        draw(st.integers(0, size - 1)),
        2 * draw(st.integers(0, 3)),
        tuple(seats),
        windows=windows_ if _rarely(draw) else (Window(0),),
        release_s=draw(st.sampled_from((0, 0, 5))),
        due_s=draw(st.sampled_from((np.inf, 8, 16))),
        lateness=(Band(0, draw(_rates)), Band(3, draw(_rates))),
        unserved_cost=draw(st.sampled_from((10, 40, 200))),
        deferral_cost=draw(st.none() | st.just(30)),
        outsourcing_cost=draw(st.none() | st.just(50)),
        mandatory=_rarely(draw),
        parts=tuple(draw(st.lists(_needs(), max_size=1 + _rarely(draw)))) if draw(st.booleans()) else (),
        tools=frozenset(draw(st.sampled_from(("", "", "", "t")))),
        shared_tools=frozenset(draw(st.sampled_from(("", "", "", "s")))),
        load=draw(st.integers(0, 2)),
        removed=Removed(draw(st.integers(0, size - 1)), draw(_money)) if _rarely(draw) else None,
        kind=draw(st.sampled_from(("", "k"))),
        preferred=frozenset(draw(st.sampled_from(("", "", codes[0])))),
        unpreferred_cost=draw(_money),
        forbidden=frozenset(draw(st.sampled_from(("", "", codes[-1])))),
        pin=pin,
        running=running,
    )


@st.composite
def _needs(draw: st.DrawFn) -> PartNeed:
    return PartNeed(
        draw(st.sampled_from((("p",), ("r",), ("p", "r")))),
        draw(st.integers(1, 2)),
        draw(st.none() | st.integers(0, 20)),
        draw(st.booleans()),
        draw(_money),
    )


@st.composite
def _depots(draw: st.DrawFn, size: int) -> Depot:
    since_s = draw(st.sampled_from((0, 0, 6)))
    return Depot(
        draw(st.sampled_from("DE")),
        draw(st.integers(0, size - 1)),
        {"p": draw(st.sampled_from((0, 1, 3, np.inf))), "r": draw(st.integers(0, 2))},
        frozenset(draw(st.sampled_from(("", "t")))),
        draw(st.integers(0, 2)),
        Window(since_s, since_s + draw(st.sampled_from((10, np.inf)))),
    )


@st.composite
def _flights(draw: st.DrawFn, size: int) -> Flight:
    origin, destination = draw(st.permutations(range(size)))[:2]
    departs_s = draw(st.integers(0, 20))
    return Flight(origin, destination, departs_s, departs_s + draw(st.integers(1, 3)), draw(_money))


@st.composite
def _ties(draw: st.DrawFn, before: str, after: str) -> Precedence:
    least_s, wait_s = draw(st.integers(0, 3)), draw(st.sampled_from((0, 3, np.inf)))
    return Precedence(before, after, least_s, least_s + wait_s, draw(st.booleans()))
