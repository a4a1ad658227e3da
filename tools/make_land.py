"""Make the outline of the land that maps are drawn on: python tools/make_land.py land-110m.json

The file is the TopoJSON of the land at 1:110 million of Natural Earth (public domain), as the npm package world-atlas
has it. There are no borders in it. What comes out is a path of whole numbers, 10,000 around the equator.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "fieldops" / "web" / "data" / "land.json"
AROUND = 10_000
NORTH, SOUTH = 84.0, -60.0
SMALLEST = 12
"""Islands that are smaller each way are left out."""

Point = tuple[float, float]
SIDES: tuple[Callable[[Point], float], ...] = (
    lambda at: at[0] + 180,
    lambda at: 180 - at[0],
    lambda at: at[1] - SOUTH,
    lambda at: NORTH - at[1],
)
"""Not negative within each edge of the map."""


def rings(topology: dict[str, Any]) -> Iterator[list[Point]]:
    """Yield the rings of the land, in degrees, those that pass the antimeridian without a jump."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            points = []
            for number in ring:
                points += (arcs[number] if number >= 0 else arcs[~number][::-1])[1 if points else 0 :]
            yield _unwrapped(points)


def _unwrapped(points: Sequence[Point]) -> list[Point]:
    told = [points[0]]
    for x, y in points[1:]:
        before = told[-1][0]
        told.append((x - 360 * round((x - before) / 360), y))
    return told


def within(ring: Sequence[Point], value: Callable[[Point], float]) -> list[Point]:
    """Return the part of a ring where `value` is not negative (Sutherland and Hodgman)."""
    kept: list[Point] = []
    for one, other in zip(ring, (*ring[1:], ring[0]), strict=True):
        at, then = value(one), value(other)
        if at >= 0:
            kept.append(one)
        if (at >= 0) != (then >= 0):
            share = at / (at - then)
            kept.append((one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])))
    return kept


def pieces(ring: Sequence[Point]) -> Iterator[list[Point]]:
    """Yield what of a ring lies on the map, cut at the antimeridian."""
    for turn in (-360, 0, 360):
        piece = [(x + turn, y) for x, y in ring]
        for side in (
            lambda at: at[0] + 180,
            lambda at: 180 - at[0],
            lambda at: at[1] - SOUTH,
            lambda at: NORTH - at[1],
        ):
            piece = within(piece, side) if piece else piece
        if len(piece) > 2:
            yield piece


def path(piece: Sequence[Point]) -> str:
    """Return a ring as steps of whole numbers, "" for one too small to be seen."""
    points = [(round((x + 180) * AROUND / 360), round((NORTH - y) * AROUND / 360)) for x, y in piece]
    points = [one for number, one in enumerate(points) if number == 0 or one != points[number - 1]]
    xs, ys = zip(*points, strict=True)
    if max(xs) - min(xs) < SMALLEST and max(ys) - min(ys) < SMALLEST:
        return ""
    steps = [(x - px, y - py) for (px, py), (x, y) in pairwise(points)]
    return f"M{points[0][0]},{points[0][1]}l" + " ".join(f"{x},{y}" for x, y in steps) + "z"


def main() -> None:
    """Write the outline."""
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    drawn = [path(piece) for ring in rings(topology) for piece in pieces(ring)]
    told = {
        "source": "Natural Earth, land 1:110m, public domain",
        "around": AROUND,
        "north": NORTH,
        "south": SOUTH,
        "path": "".join(drawn),
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told) + "\n", encoding="utf-8")
    sys.stdout.write(f"{OUT.relative_to(Path.cwd())}: {OUT.stat().st_size:,} bytes, {len(drawn)} rings\n")


if __name__ == "__main__":
    main()
