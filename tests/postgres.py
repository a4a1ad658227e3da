"""Starts a PostgreSQL server of our own, for tests and benchmarks: own data folder, Unix socket, no TCP port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[str]:
    """Run a server and yield its SQLAlchemy URL, to which `&dbname=…` is added.

    Where it need not be `durable`, it lives in memory if there is room and does not wait for the disk. The socket lies
    in a short path of its own, since a socket's path may not be longer than about 100 characters.
    """
    with tempfile.TemporaryDirectory(prefix="pg-", dir=None if durable else _memory()) as socket:
        data = Path(socket) / "data"
        _run(
            "initdb",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-sync",
            f"--pgdata={data}",
            own=socket,
        )
        options = f"-c listen_addresses= -c unix_socket_directories={socket} -c shared_buffers=64MB"
        if not durable:
            options += " -c fsync=off"
        _run("pg_ctl", "--wait", "--silent", f"--pgdata={data}", f"--log={data}/log", f"--options={options}", "start")
        try:
            yield f"postgresql+psycopg://postgres@/?host={socket}"
        finally:
            _run("pg_ctl", "--wait", "--silent", f"--pgdata={data}", "--mode=immediate", "stop")


def _memory() -> Path | None:
    """Return a folder in memory where there is room for one: a database is copied there in a twentieth of the time."""
    folder = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > 2**30 else None


def _run(program: str, *arguments: str, own: str | None = None) -> None:
    found = shutil.which(program) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if found is None:
        raise RuntimeError(f"{program} is missing; install PostgreSQL (Debian: apt install postgresql)")
    account: dict[str, int | str] = {}
    if os.getuid() == 0:
        # PostgreSQL refuses to run as root
        someone = pwd.getpwnam("nobody")
        account = {"user": someone.pw_uid, "group": someone.pw_gid}
        if own is not None:
            os.chown(own, someone.pw_uid, someone.pw_gid)
    subprocess.run([found, *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/", **account)  # type: ignore[call-overload]
