"""Aircraft as targets are judged by them: which fleets there are, and which lines serve them."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import numpy as np

from inventory.catalogue.models import Essentiality
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.stated import Note, Stated, Why
from optimizer.stocking.goals import Fleet, Fleets


@dataclass(frozen=True, slots=True)
class Based:
    """The fleets of a plan, (aircraft type, index of the place that it is based at), and their lines."""

    keys: tuple[tuple[str, int], ...]
    fleets: Fleets


def based(picture: Picture, stated: Stated) -> Based | None:
    """Return the aircraft of each type at each place that is planned, where any line serves them; None without any.

    A line serves those of the place whose type the part is on, unless they fly without it (GO); of several, each by its
    share of the pieces on all of them.
    """
    aircraft = _aircraft(picture, stated)
    on: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    into = {one.item.id: stated.items[one.into].id for one in stated.sharing}
    for part, kind, pieces in picture.fits:
        # parts that stand in for each other sit in the same positions
        mine = on[into.get(part, part)]
        mine[kind] = max(mine.get(kind, 0), pieces)
    lines = stated.scenario.lines
    found: list[tuple[int, tuple[str, int], int, float]] = []
    for line, (part, place) in enumerate(zip(lines.part.tolist(), lines.place.tolist(), strict=True)):
        item = stated.items[part]
        if item.essentiality is Essentiality.GO or item.id not in on or not stated.open[place]:
            continue
        here = [((kind, place), pieces) for kind, pieces in on[item.id].items() if (kind, place) in aircraft]
        seats = sum(aircraft[key] * pieces for key, pieces in here)
        found += [(line, key, pieces, aircraft[key] * pieces / seats) for key, pieces in here]
    if not found:
        return None
    keys = tuple(sorted({key for _line, key, _pieces, _share in found}))
    at = {key: number for number, key in enumerate(keys)}
    return Based(
        keys,
        Fleets(
            tuple(Fleet(f"{kind} {stated.sites[place].code}", aircraft[kind, place]) for kind, place in keys),
            np.array([line for line, _key, _pieces, _share in found], np.int64),
            np.array([at[key] for _line, key, _pieces, _share in found], np.int64),
            np.array([pieces for _line, _key, pieces, _share in found], np.float64),
            np.array([share for _line, _key, _pieces, share in found], np.float64),
        ),
    )


def _aircraft(picture: Picture, stated: Stated) -> Mapping[tuple[str, int], float]:
    """Return the aircraft by type and place, of the newest month that is told of each."""
    places = {site.code: number for number, site in enumerate(stated.sites)}
    newest: dict[tuple[str, int], tuple[date, float]] = {}
    for one in picture.usage:
        key = (one.aircraft_type, places.get(one.place, -1))
        if key[1] >= 0 and (key not in newest or one.month >= newest[key][0]):
            days = monthrange(one.month.year, one.month.month)[1]
            newest[key] = (one.month, float(one.aircraft_days) / days)
    return {key: count for key, (_month, count) in newest.items() if count > 0}


def only_of_fleets(stated: Stated, fleets: Fleets) -> Stated:
    """Return what is asked for where availability is the goal: parts that no fleet needs stay as they are, noted.

    Of these the goal says nothing, so that any target were as good as another.
    """
    lines = stated.scenario.lines
    needed = np.zeros(len(stated.items), np.bool_)
    needed[lines.part[fleets.line]] = True
    stays = ~needed[lines.part]
    frozen = replace(
        lines,
        least=np.where(stays, stated.before, lines.least),
        most=np.where(stays, stated.before, lines.most),
        owned=np.where(stays, stated.before, lines.owned),
    )
    counts = np.bincount(lines.part[stays & stated.open[lines.place]], minlength=needed.size)
    notes = [
        Note(Why.NO_FLEET, stated.items[part].id, None, int(counts[part])) for part in np.flatnonzero(counts).tolist()
    ]
    return replace(
        stated,
        scenario=replace(stated.scenario, lines=frozen),
        notes=(*stated.notes, *notes),
        planned=stated.planned - int(counts.sum()),
    )
