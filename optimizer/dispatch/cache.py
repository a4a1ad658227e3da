"""The name under which what is compiled of the kernels is kept; needs neither a kernel nor the compiler loaded.

The compiler keeps machine code by the file of each function and does not notice a change of what that calls in other
files. So whoever starts a program keeps it in a folder of this name, which is another after any change.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

OPTIMIZER = Path(__file__).parents[1]


def cache_name(optimizer: Path = OPTIMIZER) -> str:
    """Return a name that changes with any source of a kernel and with the compiler. O(size of the sources)."""
    digest = sha256(version("numba").encode())
    for source in sorted(optimizer.glob("*/kernel/*.py")):
        name = source.relative_to(optimizer).as_posix()
        digest.update(b"\0".join((name.encode(), source.read_bytes(), b"")))
    return f"kernel-{digest.hexdigest()[:16]}"
