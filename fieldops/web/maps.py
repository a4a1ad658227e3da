"""Maps: places, lanes and flows over a light outline of the land, drawn as SVG with no borders; a table goes beside it.

Looks come from the style sheet: what is drawn has classes and presentation attributes, and no style of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from math import atan2, cos, degrees, hypot, log2, sin

from markupsafe import Markup

WIDTH, HEIGHT = 760, 440
_MARGIN_PX = 56
_DEGREES_MIN = 4.0
"""Places that lie close are not magnified beyond so many degrees across."""
_LETTER_PX, _WIDE_LETTER_PX, _LINE_PX = 6.4, 12.0, 13.0
_WIDE_FROM = "\u2e80"
"""Letters from here on, Chinese among them, are as wide as high."""
_BEND = 0.16

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a map, degrees; `kind` is its class, `path` where it leads, `note` what is said of it.

    What is labelled before others comes first; `size` is how many things it stands for.
    """

    code: str
    latitude: float
    longitude: float
    kind: str
    label: str
    note: str = ""
    path: str = ""
    size: int = 1


@dataclass(frozen=True, slots=True)
class Way:
    """A line from a place to another; `kind` is its class: lane, flow or tour."""

    origin: str
    destination: str
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _View:
    """What part of the land is seen, in its units, and how many units a pixel is."""

    left: float
    top: float
    per_px: float
    height: int

    def at(self, spot: Spot) -> tuple[float, float]:
        """Return where a place lies, in pixels."""
        x, y = _on_land(spot.longitude, spot.latitude)
        return (x - self.left) / self.per_px, (y - self.top) / self.per_px


def draw(title: str, spots: Sequence[Spot], ways: Iterable[Way], *, width: int = WIDTH, height: int = HEIGHT) -> Markup:
    """Return a map as SVG, "" where there is no place to be seen on it. Ways from or to places not on it are left out.

    >>> draw("Nothing", [], [])
    Markup('')
    """
    if not spots:
        return Markup("")
    view = _view(spots, width, height)
    where = {spot.code: view.at(spot) for spot in spots}
    lines = [_line(way, where) for way in ways if way.origin in where and way.destination in where]
    radius = {spot.code: _radius(spot) for spot in spots}
    labels = _labels(spots, where, radius, width, height)
    points = "".join(_point(spot, *where[spot.code], radius[spot.code], labels.get(spot.code)) for spot in spots)
    scale = 1 / view.per_px
    land = f"translate({-view.left * scale:.1f} {-view.top * scale:.1f}) scale({scale:.5f})"
    return Markup(  # noqa: S704 - texts are escaped where they are put in
        f'<svg class="map" viewBox="0 0 {width} {height}" role="group" aria-label="{escape(title)}">'
        f'<rect class="sea" width="{width}" height="{height}"/>'
        f'<path class="land" transform="{land}" d="{_land_in(view, width)}"/>'
        f'<g class="ways">{"".join(lines)}</g><g class="spots">{points}</g></svg>'
    )


@lru_cache(maxsize=1)
def _land() -> tuple[float, float, tuple[tuple[Box, str], ...]]:
    """Return units around the equator, the latitude of the upper edge, and the rings with what they span."""
    told = json.loads(files("fieldops.web").joinpath("data/land.json").read_text(encoding="utf-8"))
    rings = []
    for ring in re.findall(r"M[^z]*z", told["path"]):
        numbers = [int(one) for one in re.findall(r"-?\d+", ring)]
        x, y = numbers[0], numbers[1]
        xs, ys = [x], [y]
        for step_x, step_y in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + step_x, y + step_y
            xs.append(x)
            ys.append(y)
        rings.append(((min(xs), min(ys), max(xs), max(ys)), ring))
    return told["around"], told["north"], tuple(rings)


def _on_land(longitude: float, latitude: float) -> tuple[float, float]:
    around, north, _rings = _land()
    return (longitude + 180) * around / 360, (north - latitude) * around / 360


def _land_in(view: _View, width: int) -> str:
    right, bottom = view.left + width * view.per_px, view.top + view.height * view.per_px
    return "".join(
        ring for (x1, y1, x2, y2), ring in _land()[2] if x1 < right and x2 > view.left and y1 < bottom and y2 > view.top
    )


def _view(spots: Sequence[Spot], width: int, height: int) -> _View:
    """Return the view that holds all places, with room for their labels."""
    xs, ys = zip(*(_on_land(spot.longitude, spot.latitude) for spot in spots), strict=True)
    least = _DEGREES_MIN * _land()[0] / 360
    per_px = max(
        (max(xs) - min(xs)) / (width - 2 * _MARGIN_PX),
        (max(ys) - min(ys)) / (height - 2 * _MARGIN_PX),
        least / width,
    )
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return _View(middle_x - per_px * width / 2, middle_y - per_px * height / 2, per_px, height)


def _radius(spot: Spot) -> float:
    return 4.0 + 1.6 * log2(max(spot.size, 1))


def _point(spot: Spot, x: float, y: float, radius: float, label: tuple[float, float, str] | None) -> str:
    said = escape(": ".join(filter(None, (spot.label, spot.note))))
    if spot.kind.startswith("base"):
        shape = f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    else:
        shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
    text = ""
    if label is not None:
        text = f'<text x="{label[0]:.1f}" y="{label[1]:.1f}" text-anchor="{label[2]}">{escape(spot.label)}</text>'
    inside = f"<title>{said}</title>{shape}{text}"
    kind = escape(spot.kind)
    if not spot.path:
        return f'<g class="spot {kind}">{inside}</g>'
    return f'<a class="spot {kind}" href="{escape(spot.path)}" aria-label="{said}">{inside}</a>'


def _line(way: Way, where: dict[str, tuple[float, float]]) -> str:
    """Return a bent line with its head in the middle, so that there and back are two."""
    (x1, y1), (x2, y2) = where[way.origin], where[way.destination]
    away = hypot(x2 - x1, y2 - y1)
    if away < 1:
        return ""
    bend_x, bend_y = (x1 + x2) / 2 + (y1 - y2) * _BEND, (y1 + y2) / 2 + (x2 - x1) * _BEND
    middle_x, middle_y = (x1 + 2 * bend_x + x2) / 4, (y1 + 2 * bend_y + y2) / 4
    turned = atan2(y2 - y1, x2 - x1)
    tip_x, tip_y = middle_x + 5 * cos(turned), middle_y + 5 * sin(turned)
    title = f"<title>{escape(way.note)}</title>" if way.note else ""
    return (
        f'<g class="way {escape(way.kind)}">{title}'
        f'<path d="M{x1:.1f},{y1:.1f}Q{bend_x:.1f},{bend_y:.1f} {x2:.1f},{y2:.1f}"/>'
        f'<path class="head" d="M0,0l-8,-4 0,8z" '
        f'transform="translate({tip_x:.1f} {tip_y:.1f}) rotate({degrees(turned):.0f})"/></g>'
    )


def _labels(
    spots: Sequence[Spot],
    where: dict[str, tuple[float, float]],
    radius: dict[str, float],
    width: int,
    height: int,
) -> dict[str, tuple[float, float, str]]:
    """Return where labels stand, {code: (x, y, anchor)}; one that finds no free room is left out."""
    taken: list[Box] = [_around(*where[one.code], radius[one.code]) for one in spots]
    placed = {}
    for spot in spots:
        x, y = where[spot.code]
        for at_x, at_y, anchor, box in _rooms(spot, x, y, radius[spot.code]):
            inside = box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height
            if inside and not any(_meet(box, other) for other in taken):
                placed[spot.code] = (at_x, at_y, anchor)
                taken.append(box)
                break
    return placed


def _rooms(spot: Spot, x: float, y: float, radius: float) -> Iterator[tuple[float, float, str, Box]]:
    """Yield where a label may stand: to the right, to the left, above, below."""
    wide = sum(_WIDE_LETTER_PX if letter >= _WIDE_FROM else _LETTER_PX for letter in spot.label)
    gap, half = radius + 3, _LINE_PX / 2
    yield x + gap, y + 4, "start", (x + gap, y - half, x + gap + wide, y + half)
    yield x - gap, y + 4, "end", (x - gap - wide, y - half, x - gap, y + half)
    yield x, y - gap, "middle", (x - wide / 2, y - gap - _LINE_PX, x + wide / 2, y - gap)
    yield x, y + gap + 9, "middle", (x - wide / 2, y + gap - 2, x + wide / 2, y + gap + _LINE_PX - 2)


def _around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
