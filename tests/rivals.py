"""Threads that want the same thing at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Outcome = TypeVar("Outcome")


def at_once(count: int, work: Callable[[int], Outcome]) -> list[Outcome]:
    """Run `work(0)` … `work(count - 1)` in threads that start together; return what each returned, or raise."""
    start = Barrier(count)

    def one(number: int) -> Outcome:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
