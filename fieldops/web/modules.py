"""What a page loads for a script: all modules of its imports at once, not one round of requests after another."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path, PurePosixPath

from markupsafe import Markup

_SCRIPTS = Path(__file__).parent / "static" / "js"
_IMPORTED = re.compile(r'^(?:import|export)\s(?:[^;"]*\sfrom\s)?"(\.[^"]+)";', re.MULTILINE)


@lru_cache
def module(name: str) -> Markup:
    """Return what the head of a page says to run a script, such as `board/main`."""
    first, *needed = modules_of(name)
    lines = [f'<link rel="modulepreload" href="/static/js/{one}">' for one in needed]
    return Markup("\n  ").join(map(Markup, [*lines, f'<script type="module" src="/static/js/{first}"></script>']))


@lru_cache
def modules_of(name: str) -> tuple[str, ...]:
    """Return the files of a script, itself first, that its imports and theirs name; not those that it loads later."""
    found = [f"{name}.js"]
    for one in found:
        text = (_SCRIPTS / one).read_text("utf-8")
        paths = [PurePosixPath(one).parent / path for path in _IMPORTED.findall(text)]
        wanted = [(_SCRIPTS / path).resolve().relative_to(_SCRIPTS.resolve()).as_posix() for path in paths]
        found += [path for path in dict.fromkeys(wanted) if path not in found]
    return tuple(found)
