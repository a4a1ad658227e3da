"""The jobs of the week: which aircraft, where, when, and what they ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sized
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from numpy.random import Generator

from fieldops.demo.catalogue import Catalogue
from fieldops.demo.people import HORIZON_DAYS, airside
from fieldops.demo.rounding import apportion
from fieldops.demo.rows import AircraftRow, JobRow, Kind, PlaceRow, Scale, StockRow, TechnicianRow
from fieldops.demo.tables import DELAY_COST_PER_H, JOBS, MIX, PRIORITY
from fieldops.demo.work import SLOT_MIN, WorkList

AT_CREW_SHARE, AWAY_SHARE = 0.8, 0.3
"""Shares of aircraft looked after where technicians are based, and of defects found at another place."""
MISSING_PART_SHARE, UNSIGNED_SHARE = 0.02, 0.025
"""Shares of jobs whose part nobody has, and which nobody in the area may sign."""
DAY_STARTS, DAY_ENDS = time(6), time(18)
DAY_MIN = 24 * 60
REPORTED_DAYS: dict[Kind, tuple[float, float]] = {"aog": (-1.5, 3.5), "defect": (-1.5, 4.5)}
"""When defects are reported; what was reported before the week is open from its beginning."""
OPEN_H: dict[Kind, int] = {"aog": 48, "defect": 72}
DUE_H: dict[Kind, tuple[int, int]] = {"aog": (8, 24), "defect": (24, 60)}
RARE = ("BASE", "INSPECTOR", "BORESCOPE", "ENGINE_RUN", "FOREIGN_VALIDATION")


@dataclass(frozen=True, slots=True)
class _Window:
    starts: datetime
    ends: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class _Area:
    """What a dispatch area offers; aircraft and crew stand beside their base."""

    places: tuple[PlaceRow, ...]
    aircraft: tuple[tuple[AircraftRow, PlaceRow], ...]
    crew: tuple[tuple[TechnicianRow, PlaceRow], ...]

    def can_sign(self, codes: frozenset[str], window: _Window) -> bool:
        """Return whether one technician holds all codes on each day of the window."""
        first, last = window.starts.date(), window.ends.date()
        return any(
            codes
            <= {held.code for held in person.qualifications if held.valid_from <= first and last <= held.valid_until}
            for person, _ in self.crew
        )


def build_jobs(
    rng: Generator,
    scale: Scale,
    start: date,
    places: tuple[PlaceRow, ...],
    aircraft: tuple[AircraftRow, ...],
    technicians: tuple[TechnicianRow, ...],
    catalogue: Catalogue,
    stock: tuple[StockRow, ...],
) -> tuple[JobRow, ...]:
    """Return the jobs of the week in the order of their windows."""
    areas = _areas(places, aircraft, technicians)
    crews = [len(area.crew) for area in areas]
    shares = [crew / sum(crews) for crew in crews]
    draws = _Draws(rng, datetime.combine(start, time(), UTC), WorkList(rng, catalogue, stock))
    missing = max(1, round(MISSING_PART_SHARE * JOBS[scale]))
    unsigned = max(1, round(UNSIGNED_SHARE * JOBS[scale]))
    orders: list[list[JobRow]] = []
    for kind, wanted in zip(MIX, apportion(JOBS[scale], list(MIX.values())), strict=True):
        open_count = wanted
        while open_count > 0:
            area = areas[int(rng.choice(len(areas), p=shares))]
            defect = wanted - open_count if kind == "defect" else JOBS[scale]
            order = draws.order(kind, area, missing=defect < missing, unsigned=missing <= defect < missing + unsigned)[
                :open_count
            ]
            orders.append(order)
            open_count -= len(order)
    return _numbered(orders)


def _areas(
    places: tuple[PlaceRow, ...], aircraft: tuple[AircraftRow, ...], technicians: tuple[TechnicianRow, ...]
) -> list[_Area]:
    place_of = {place.code: place for place in places}
    here, tails, crew = defaultdict(list), defaultdict(list), defaultdict(list)
    for place in places:
        here[place.area].append(place)
    for tail in aircraft:
        tails[place_of[tail.base].area].append((tail, place_of[tail.base]))
    for person in technicians:
        crew[person.area].append((person, place_of[person.base]))
    return [
        _Area(tuple(here[area]), tuple(tails[area]), tuple(crew[area])) for area in here if tails[area] and crew[area]
    ]


def _numbered(orders: list[list[JobRow]]) -> tuple[JobRow, ...]:
    """Number orders and jobs in the order of their windows; packages are told apart in the title."""
    orders = sorted(orders, key=lambda order: order[0].window_start)
    jobs = []
    for i, order in enumerate(orders):
        for k, job in enumerate(order):
            suffix = f" ({k + 1}/{len(order)})" if len(order) > 1 else ""
            jobs.append(
                replace(job, work_order=f"WO-{i + 1:05d}", title=job.title + suffix, title_zh=job.title_zh + suffix)
            )
    jobs.sort(key=lambda job: job.window_start)
    return tuple(replace(job, number=f"J-{i + 1:05d}") for i, job in enumerate(jobs))


class _Draws:
    """Draws work orders of the week which begins at `start`."""

    def __init__(self, rng: Generator, start: datetime, work_list: WorkList) -> None:
        self._rng = rng
        self._start = start
        self._end = start + timedelta(days=HORIZON_DAYS)
        self._work_list = work_list
        self._stays: dict[str, PlaceRow] = {}

    def order(self, kind: Kind, area: _Area, *, missing: bool, unsigned: bool) -> list[JobRow]:
        """Return the packages of one order that fall into the week, still without numbers."""
        tail, base = area.aircraft[self._index(area.aircraft)]
        work = self._work_list.draw(kind, tail.type, missing=missing)
        place = self._place(kind, area, tail, base)
        codes = work.qualifications if kind == "advisory" else work.qualifications | {airside(place.region)}
        windows = self._windows(kind, ZoneInfo(place.time_zone), work.packages_min)
        signable = _nobody_signs(area, codes, windows[0]) if unsigned else _somebody_signs(area, codes, windows[0])
        return [
            JobRow(
                number="",
                work_order="",
                title=work.title,
                title_zh=work.title_zh,
                place=place.code,
                region=place.region,
                area=place.area,
                aircraft=None if kind == "advisory" else tail.registration,
                priority=PRIORITY[kind],
                kind=kind,
                duration_min=minutes,
                window_start=window.starts,
                window_end=window.ends,
                due_at=window.due,
                delay_cost_per_h=DELAY_COST_PER_H[PRIORITY[kind]],
                qualifications=tuple(sorted(signable)),
                parts=work.parts if package == 0 else (),
            )
            for package, (minutes, window) in enumerate(zip(work.packages_min, windows, strict=False))
        ]

    def _index(self, options: Sized) -> int:
        return int(self._rng.integers(len(options)))

    def _place(self, kind: Kind, area: _Area, tail: AircraftRow, base: PlaceRow) -> PlaceRow:
        """Return where the work is: an aircraft is looked after in one place all week, mostly where a crew is."""
        if kind == "advisory":
            return area.places[self._index(area.places)]
        if kind in REPORTED_DAYS and self._rng.random() < AWAY_SHARE:
            return area.places[self._index(area.places)]
        if tail.registration not in self._stays:
            at_crew = self._rng.random() < AT_CREW_SHARE
            self._stays[tail.registration] = area.crew[self._index(area.crew)][1] if at_crew else base
        return self._stays[tail.registration]

    def _windows(self, kind: Kind, zone: ZoneInfo, packages_min: tuple[int, ...]) -> list[_Window]:
        if kind in REPORTED_DAYS:
            slots = int(max(0.0, self._rng.uniform(*REPORTED_DAYS[kind])) * DAY_MIN) // SLOT_MIN
            reported = self._start + timedelta(minutes=slots * SLOT_MIN)
            ends = min(reported + timedelta(hours=OPEN_H[kind]), self._end)
            return [_Window(reported, ends, reported + timedelta(hours=int(self._rng.integers(*DUE_H[kind]))))]
        if len(packages_min) > 1:
            first = int(self._rng.integers(HORIZON_DAYS - 1))
            return [self._day_window(zone, day, day, packages_min[0]) for day in range(first, HORIZON_DAYS)]
        first = int(self._rng.integers(HORIZON_DAYS))
        last = min(first + int(self._rng.integers(4)), HORIZON_DAYS - 1)
        return [self._day_window(zone, first, last, packages_min[0])]

    def _day_window(self, zone: ZoneInfo, first: int, last: int, duration_min: int) -> _Window:
        """Return a run of local days within the week; due when work begun late in the window would end."""
        morning = datetime.combine(self._start.date() + timedelta(days=first), DAY_STARTS, zone)
        evening = datetime.combine(self._start.date() + timedelta(days=last), DAY_ENDS, zone)
        starts, ends = max(morning.astimezone(UTC), self._start), min(evening.astimezone(UTC), self._end)
        slots = int((ends - starts) * self._rng.uniform(0.7, 1.0) / timedelta(minutes=SLOT_MIN))
        return _Window(starts, ends, starts + timedelta(minutes=slots * SLOT_MIN + duration_min))


def _somebody_signs(area: _Area, codes: frozenset[str], window: _Window) -> frozenset[str]:
    """Leave out the rarest codes until one technician of the area holds all the others, if that is possible."""
    for code in (*RARE, "LINE"):
        if area.can_sign(codes, window):
            break
        codes -= {code}
    return codes


def _nobody_signs(area: _Area, codes: frozenset[str], window: _Window) -> frozenset[str]:
    """Add rare codes until no technician of the area holds them all."""
    for code in RARE:
        if not area.can_sign(codes, window):
            break
        codes |= {code}
    return codes
