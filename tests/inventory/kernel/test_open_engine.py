"""A database that cannot be opened is refused with a line that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from fieldops.settings import sqlite_url
from inventory.kernel.engine import open_engine
from inventory.kernel.errors import NotReady


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "deep" / "down" / "new.db"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()
    assert (tmp_path / "deep" / "down" / "new.db").is_file()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotReady, match="choose another in FIELDOPS_DATABASE_URL"):
        open_engine(sqlite_url(tmp_path / "file" / "below" / "new.db"))


def test_a_missing_driver_is_refused() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from inventory.kernel.engine import open_engine\n"
        "from inventory.kernel.errors import NotReady\n"
        "try: open_engine('postgresql+psycopg://localhost/x')\n"
        "except NotReady as refusal: print(refusal.code)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "no_driver\n"
