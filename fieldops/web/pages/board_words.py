"""What the scripts of the board say, in the reader's language."""

from __future__ import annotations

from fieldops.dispatch.papers.words import seat
from fieldops.locale.words import words
from fieldops.workforce.kinds import AbsenceKind, Seat
from inventory.kernel.texts import gettext as _


def board_words() -> dict[str, str]:
    """Return {key: text}; `{…}` are filled in by the scripts."""
    return {}
