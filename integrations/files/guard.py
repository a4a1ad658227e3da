"""Keep spreadsheets from taking a text for a formula (OWASP, “CSV injection”), so that it can be undone exactly."""

from __future__ import annotations

import re

# wide forms, too: a spreadsheet set to Chinese or Japanese takes them for the narrow ones
_TEMPTING = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet could execute; one that looks guarded gets another."""
    return f"'{text}" if _TEMPTING.match(text) else text


def unguarded(text: str) -> str:
    """Return what was given to `guarded`."""
    return text[1:] if _GUARDED.match(text) else text
