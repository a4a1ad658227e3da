"""What is wrong with a file of travel data, and reading one that is not too long."""

from __future__ import annotations

from pathlib import Path

BYTES_MAX = 8 * 1024 * 1024
"""How long a file may be."""


class FileFault(ValueError):
    """A file that cannot be used; the text says where and why."""


def text_of(path: Path) -> str:
    """Return the text of a file in UTF-8; raises FileFault."""
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as why:
        raise FileFault(f"{path} cannot be read ({why.strerror})") from None
    if len(content) > BYTES_MAX:
        raise FileFault(f"{path} is longer than {BYTES_MAX // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise FileFault(f"line {line}: this is not UTF-8 text") from None
