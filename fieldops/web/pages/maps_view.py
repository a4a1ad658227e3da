"""What the maps of the pages show: a part's places and ways, a place with its lanes, and a day of the board."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.orm import Session

from fieldops.planning.board.jobs import BoardJob, board_jobs
from fieldops.planning.board.people import BoardPerson, board_people
from fieldops.planning.stock_picture import Due, Standing
from fieldops.web.maps import Spot, Way, draw
from fieldops.web.pages.stock_view import spelt
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _
from inventory.network.queries import LaneRow, Shelf, lanes, places_told
from inventory.network.schemas import PlaceOut

_SIDE_PX = (420, 300)
_RANKS = list(Priority)


@dataclass(frozen=True, slots=True)
class AtPlace:
    """What the board has at a place on a day: jobs by priority, the most urgent, and people who are based there."""

    place: PlaceOut
    jobs: list[BoardJob]
    people: int

    @property
    def priority(self) -> Priority | None:
        """Return the priority of the most urgent job, None without jobs."""
        return min((one.priority for one in self.jobs), key=_RANKS.index, default=None)


@dataclass(frozen=True, slots=True)
class Leg:
    """A way of somebody to a job that begins then."""

    origin: str
    destination: str
    job: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class DayMap:
    """A day of the board as a map with its table; `legs` are the ways of the chosen person."""

    svg: str
    places: list[AtPlace]
    legs: list[Leg]
    person: BoardPerson | None


def day_map(session: Session, since: datetime, until: datetime, region: str | None, person: str) -> DayMap:
    """Return a day of the board: bases, jobs at their places, and the ways of somebody."""
    people = board_people(session, since, until, region)
    jobs = [one for one in board_jobs(session, since, until, region) if _is_on(one, since, until)]
    chosen = next((one for one in people if one.code == person), None)
    at: defaultdict[str, list[BoardJob]] = defaultdict(list)
    for job in jobs:
        at[job.place].append(job)
    based = Counter(one.base for one in people)
    told = places_told(session, {*at, *based})
    places = [AtPlace(told[code], at.get(code, []), based[code]) for code in sorted(told)]
    places.sort(key=lambda one: (_RANKS.index(one.priority) if one.priority else len(_RANKS), one.place.code))
    legs = _legs(chosen, jobs, since, until) if chosen else []
    spots = [
        Spot(
            code=one.place.code,
            latitude=one.place.latitude,
            longitude=one.place.longitude,
            kind=(one.priority or "base").lower() + (" base" if one.people and one.priority else ""),
            label=f"{one.place.code} {len(one.jobs)}" if one.jobs else one.place.code,
            note=one.place.name,
            path=f"/places/{quote(one.place.code, safe='')}",
            size=max(1, len(one.jobs)),
        )
        for one in places
        if one.place.latitude is not None and one.place.longitude is not None
    ]
    ways = [Way(one.origin, one.destination, "tour", one.job) for one in legs]
    svg = draw(_("Jobs of the day at their places"), spots, ways, width=_SIDE_PX[0], height=_SIDE_PX[1])
    return DayMap(svg, places, legs, chosen)


def _is_on(job: BoardJob, since: datetime, until: datetime) -> bool:
    """Tell whether a job is done on a day, or waits for somebody and could be done then."""
    if job.bars:
        return any(bar.starts_at < until and bar.ends_at > since for bar in job.bars)
    return job.is_open and job.window_start < until and job.window_end > since


def _legs(person: BoardPerson, jobs: Iterable[BoardJob], since: datetime, until: datetime) -> list[Leg]:
    stops = sorted(
        {
            (min(bar.starts_at for bar in job.bars if bar.person == person.key), job.number, job.place)
            for job in jobs
            if any(bar.person == person.key and bar.starts_at < until and bar.ends_at > since for bar in job.bars)
        }
    )
    legs, at = [], person.base
    for starts_at, number, place in stops:
        legs.append(Leg(at, place, number, starts_at))
        at = place
    return legs


@dataclass(frozen=True, slots=True)
class LaneMap:
    """A map of lanes, and the lanes on it for the table beside."""

    svg: str
    lanes: list[LaneRow]


def part_map(session: Session, places: Sequence[tuple[Shelf, Standing]], due: Sequence[Due]) -> LaneMap:
    """Return where a part is and should be, the lanes between these places, and what is on its way by the plans."""
    moving = [one for one in due if one.origin is not None]
    codes = {shelf.code for shelf, _standing in places}
    told = places_told(session, codes | {one.destination for one in moving} | {one.origin or "" for one in moving})
    stand = {shelf.code: one for shelf, one in places}
    between = [one for one in lanes(session) if one.origin in codes and one.destination in codes]
    supply = list({(one.origin, one.destination): one for one in between}.values())
    spots = [_stock_spot(place, stand.get(code)) for code, place in sorted(told.items())]
    drawn = [spot for spot in spots if spot is not None]
    drawn.sort(key=lambda spot: (spot.kind, -spot.size))
    flows = [Way(one.origin or "", one.destination, "flow", f"{one.number}: {one.quantity:g}") for one in moving]
    ways = [*(Way(one.origin, one.destination, "lane") for one in supply), *flows]
    return LaneMap(draw(_("Where it is, and how it moves"), drawn, ways), supply)


def _stock_spot(place: PlaceOut, stand: Standing | None) -> Spot | None:
    if place.latitude is None or place.longitude is None:
        return None
    kind = "far" if stand is None else "short" if stand.shortage else "stocked" if stand.available else "empty"
    free = "" if stand is None else f"{spelt(stand.available):g}"
    return Spot(
        code=place.code,
        latitude=place.latitude,
        longitude=place.longitude,
        kind=kind,
        label=f"{place.code} {free}".strip(),
        note=place.name,
        path=f"/places/{quote(place.code, safe='')}",
        size=1 if stand is None else max(1, int(spelt(stand.available))),
    )


def place_map(session: Session, place: PlaceOut, rows: Sequence[LaneRow], due: Sequence[Due]) -> str:
    """Return a place with its lanes, and what is on its way from and to it; the page has both as tables."""
    moving = [one for one in due if one.origin is not None]
    codes = {place.code, *(one.origin for one in rows), *(one.destination for one in rows)}
    codes |= {one.destination for one in moving} | {one.origin or "" for one in moving}
    spots = [
        Spot(
            code=one.code,
            latitude=one.latitude,
            longitude=one.longitude,
            kind="here" if one.code == place.code else "far",
            label=one.code,
            note=one.name,
            path="" if one.code == place.code else f"/places/{quote(one.code, safe='')}",
            size=4 if one.code == place.code else 1,
        )
        for _code, one in sorted(places_told(session, codes).items(), key=lambda both: both[0] != place.code)
        if one.latitude is not None and one.longitude is not None
    ]
    ends = {(one.origin, one.destination) for one in rows}
    ways = [Way(origin, destination, "lane") for origin, destination in sorted(ends)]
    ways += [Way(one.origin or "", one.destination, "flow", one.number) for one in moving]
    return draw(_("Lanes from and to {place}").format(place=place.code), spots, ways)
