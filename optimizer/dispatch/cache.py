"""The name under which what is compiled of the kernel is kept; needs neither the kernel nor its compiler loaded.

The compiler keeps machine code by the file of each function and does not notice a change of what that calls in other
files. So whoever starts a program keeps it in a folder of this name, which is another after any change.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

KERNEL = Path(__file__).with_name("kernel")


def cache_name(kernel: Path = KERNEL) -> str:
    """Return a name that changes with any source of the kernel and with the compiler. O(size of the sources)."""
    digest = sha256(version("numba").encode())
    for source in sorted(kernel.glob("*.py")):
        digest.update(b"\0".join((source.name.encode(), source.read_bytes(), b"")))
    return f"kernel-{digest.hexdigest()[:16]}"
