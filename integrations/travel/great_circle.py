"""Great-circle distances on a sphere of the earth's mean radius."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius R1 = (2a + b) / 3 of GRS 80: H. Moritz, Geodetic Reference System 1980, Journal of Geodesy 74 (2000)."""


def great_circle_km(latitudes: ArrayLike, longitudes: ArrayLike) -> NDArray[np.float64]:
    """Return the (n, n) distances in kilometres between n points given in degrees, by the haversine formula.

    The formula (R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68, 1984) stays exact for near points.
    The sphere differs from the ellipsoid by up to 0.6 %. The result is exactly symmetric with a zero diagonal.

    Raises ValueError for arrays that are not one-dimensional and of one length, for NaN, and for degrees out of range.
    """
    phi = np.radians(_degrees("latitude", latitudes, limit=90.0))
    lam = np.radians(_degrees("longitude", longitudes, limit=180.0))
    if phi.size != lam.size:
        raise ValueError(f"give as many longitudes as latitudes, not {lam.size} for {phi.size}")
    cosines = np.cos(phi)
    half_chord_squared = (
        np.sin(np.subtract.outer(phi, phi) / 2) ** 2
        + np.outer(cosines, cosines) * np.sin(np.subtract.outer(lam, lam) / 2) ** 2
    )
    distance_km: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half_chord_squared, 1.0)))
    return distance_km


def _degrees(name: str, values: ArrayLike, *, limit: float) -> NDArray[np.float64]:
    degrees = np.asarray(values, dtype=np.float64)
    if degrees.ndim != 1:
        raise ValueError(f"give the {name}s as a one-dimensional array, not of shape {degrees.shape}")
    bad = np.flatnonzero(~(np.abs(degrees) <= limit))  # the negation also catches NaN
    if bad.size:
        raise ValueError(f"{name} {degrees[bad[0]]} at index {bad[0]} is not within ±{limit:g} degrees")
    return degrees
