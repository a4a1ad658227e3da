"""The compiler: numba, with its results kept between runs where there is a folder that it can write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of the kernel on its first call."""
    # numba types nothing: to mypy a compiled function stays what it was, which both lines silence
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)  # type: ignore
    except RuntimeError:  # no folder that can be written
        return njit(nogil=True, error_model="numpy")(function)  # type: ignore
