"""Where each key stood first, for files of any length: kept in a temporary file, not in memory."""

from __future__ import annotations

from sqlite3 import connect


class Seen:
    """Remembers keys and where they stood, until it is closed."""

    def __init__(self) -> None:
        self._file = connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("BEGIN")
        self._file.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")

    def place_of(self, key: str) -> str | None:
        """Return where a key stood first, None for a new one."""
        found = self._file.execute("SELECT place FROM seen WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def add(self, key: str, place: str) -> None:
        """Remember a new key."""
        self._file.execute("INSERT INTO seen VALUES (?, ?)", (key, place))

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
