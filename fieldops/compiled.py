"""Where the compiled kernels of the optimizer are kept: told to the compiler before it is loaded."""

from __future__ import annotations

import os
import tempfile
from logging import getLogger
from pathlib import Path

from platformdirs import user_cache_path

from optimizer.dispatch.cache import cache_name

VARIABLE = "NUMBA_CACHE_DIR"


def keep_compiled(base: Path | None = None) -> Path | None:
    """Name a folder in the user's cache to the compiler, unless one is named; return it, None if it cannot be written.

    Each state of the kernels' sources has a folder of its own. Those of former ones stay: a program that still runs
    may use them, and they can be deleted at any time.
    """
    if told := os.environ.get(VARIABLE):
        return Path(told)
    folder = (base or user_cache_path("fieldops", appauthor=False)) / cache_name()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.environ[VARIABLE] = str(folder)
    except OSError as error:
        getLogger(__name__).warning(
            "%s cannot be written (%s): the dispatch engine compiles anew in each process, about a minute; "
            "name a folder that can be with %s",
            folder,
            error.strerror,
            VARIABLE,
        )
        return None
    return folder
