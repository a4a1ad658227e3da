"""`fieldops …` as a user types it: separate processes on one database."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fieldops.settings import sqlite_url
from tests.faults.working import until

Keys = dict[str, Any]


class Terminal:
    """Runs `fieldops …` on one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = sqlite_url(folder / "demo.db")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FIELDOPS_")},
            "FIELDOPS_DATABASE_URL": self.url,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Begin a command, whose streams can be read unless they are said to go elsewhere."""
        return subprocess.Popen(
            [sys.executable, "-m", "fieldops", *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | streams,
        )

    def run(self, *arguments: str, status: int = 0, typed: str = "") -> str:
        """Run a command with a text on its standard input; returns what it said, on standard error where it failed."""
        process = self.start(*arguments)
        out, err = process.communicate(typed, timeout=300)
        assert process.returncode == status, err
        return out if status == 0 else err

    def json(self, *arguments: str) -> Keys:
        """Run a command and return the object that it prints."""
        told = json.loads(self.run(*arguments, "--json"))
        assert isinstance(told, dict)
        return told

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a free port and yield the address; in the end it is told to stop, as by Ctrl-C."""
        log = self.folder / "serve.log"
        with log.open("w") as said, self.start("serve", "--port", "0", stdout=said, stderr=said) as process:
            try:
                yield until(lambda: found[0] if (found := re.search(r"http://[\w.:]+", log.read_text())) else None)
            finally:
                process.send_signal(signal.SIGINT)
        assert process.returncode == 0, log.read_text()
