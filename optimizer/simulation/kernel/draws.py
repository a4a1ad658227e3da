"""Random times and batch sizes, by hand: a stream is the two numbers of its generator."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from optimizer.dispatch.kernel.chance import uniform
from optimizer.dispatch.kernel.compiled import compiled

Ints = NDArray[np.int64]


@compiled
def exponential(stream: Ints, mean: float) -> float:
    """Return an exponential time of that mean."""
    return -mean * math.log(uniform(stream))


@compiled
def normal(stream: Ints) -> float:
    """Return a standard normal number (Box and Muller)."""
    radius = math.sqrt(-2.0 * math.log(uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@compiled
def duration(stream: Ints, mean: float, shape: float) -> float:
    """Return a Gamma time of that mean and shape; shape 0 stands for one that is always the mean.

    G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000.
    """
    if shape <= 0.0:
        return mean
    if shape == 1.0:
        return exponential(stream, mean)
    smaller = shape < 1.0
    d = (shape + 1.0 if smaller else shape) - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(stream)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        if math.log(uniform(stream)) < 0.5 * x * x + d - d * v + d * math.log(v):
            break
    drawn = d * v
    if smaller:
        drawn *= uniform(stream) ** (1.0 / shape)
    return mean * drawn / shape


@compiled
def batch_size(stream: Ints, tail: float, geometric: bool) -> int:
    """Return how many pieces are asked for at once; `tail` 0 stands for single pieces.

    Logarithmic by A. W. Kemp, "Efficient generation of logarithmically distributed pseudo-random variables", Applied
    Statistics 30, 1981.
    """
    if tail <= 0.0:
        return 1
    if geometric:
        return 1 + int(math.log(uniform(stream)) / math.log(tail))
    v = uniform(stream)
    if v >= tail:
        return 1
    q = -math.expm1(uniform(stream) * math.log1p(-tail))
    return 1 + int(math.log(v) / math.log(q))
